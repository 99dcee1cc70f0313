"""Every folder that the project reads or writes, named once."""

import os
from pathlib import Path


def home() -> Path:
    """The checkout: ``ISOAUX_HOME``, the folder above this package, or the one the command is run from."""
    named = os.environ.get("ISOAUX_HOME")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[1], Path.cwd(), *Path.cwd().parents]
    for folder in candidates:
        if (folder / "book").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise FileNotFoundError(f"no checkout of isoaux with book/ and notebooks/ at {candidates[0]}; set ISOAUX_HOME.")


def notebooks() -> Path:
    """The parameterised sources."""
    return home() / "notebooks"


def build(profile: str) -> Path:
    """Where a book of another profile is built: ``_build/<profile>``; the committed one is ``book/``."""
    return home() / "_build" / profile


def book(profile: str = "published") -> Path:
    """The book's folder for a profile; ``published`` and ``paper`` are the committed ``book/``."""
    return home() / "book" if profile in ("published", "paper") else build(profile) / "src" / "book"


def published(profile: str = "published") -> Path:
    """Network records and figure files of a profile."""
    return home() / "book" / "data" if profile in ("published", "paper") else build(profile) / "data"
