"""Where the checkout is, for tests that read what is committed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

DATA = ROOT / "book" / "data"
"""What is published."""
