"""The papers' claims, each with a verdict that is computed from published files."""
