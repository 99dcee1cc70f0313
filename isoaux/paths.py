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
    """Where the book of another profile is made: ``_build/<profile>``, from a staged copy in ``src``."""
    return home() / "_build" / profile


def root(profile: str = "published") -> Path:
    """The root of the book's sources for a profile: the checkout for ``published``, a staged copy otherwise."""
    return home() if profile == "published" else build(profile) / "src"


def data(profile: str = "published") -> Path:
    """Network records and figure files of a profile's book."""
    return root(profile) / "book" / "data"
