"""Every claim of the papers with a verdict on it, computed from published files."""
