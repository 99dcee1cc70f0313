"""Every folder that the project reads or writes."""

import os
from contextlib import suppress
from pathlib import Path

VARIABLES = ("ISOAUX_CACHE", "ISOAUX_DATA", "ISOAUX_HOME")
"""Environment variables that name the folders of the store, of downloaded images and of the checkout."""


def absolute(place: str | Path, name: str) -> Path:
    """The absolute path of ``place``: ``~`` is expanded, a relative path starts at the current folder.

    Raises ValueError, which calls it ``name``, if there is no such home folder or the current folder was deleted.
    """
    try:
        return Path(place).expanduser().absolute()
    except (RuntimeError, FileNotFoundError) as error:
        start = "of a user without a home folder" if str(place).startswith("~") else "below a folder that was deleted"
        raise ValueError(f"{name} is {str(place)!r}, {start}; accepted: the absolute path of a folder.") from error


def variables() -> dict[str, str]:
    """The absolute paths of the folders that environment variables name, by variable (:data:`VARIABLES`)."""
    places = {}
    for variable in VARIABLES:
        if place := os.environ.get(variable):
            with suppress(ValueError):  # refused where the folder is used
                places[variable] = str(absolute(place, variable))
    return places


def can_be_written(folder: Path) -> bool:
    """Whether this process may write into a folder, or may make it if it does not exist."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.exists(place))
    return os.path.isdir(there) and os.access(there, os.W_OK)


def home() -> Path:
    """The checkout: ``ISOAUX_HOME``, else the folder above this package, else the current folder or one above it.

    Raises FileNotFoundError if none of these holds ``book`` and ``notebooks``.
    """
    if named := os.environ.get("ISOAUX_HOME"):
        candidates = [absolute(named, "ISOAUX_HOME")]
    else:
        candidates = [Path(__file__).resolve().parents[2]]
        with suppress(FileNotFoundError):  # the current folder was deleted
            candidates += [Path.cwd(), *Path.cwd().parents]
    for folder in candidates:
        if (folder / "book").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise FileNotFoundError(f"no checkout of isoaux with book/ and notebooks/ at {candidates[0]}; set ISOAUX_HOME.")


def notebooks() -> Path:
    """The folder of the parameterised notebooks."""
    return home() / "notebooks"


def build(profile: str) -> Path:
    """The folder in which the book of a profile other than ``published`` is built, from a staged copy in ``src``."""
    return home() / "_build" / profile


def root(profile: str = "published") -> Path:
    """The folder of the book's sources for a profile: the checkout for ``published``, else a staged copy."""
    return home() if profile == "published" else build(profile) / "src"


def data(profile: str = "published") -> Path:
    """The folder of the network records and figure files of a profile's book."""
    return root(profile) / "book" / "data"


os.environ.update(variables())  # a folder that is changed later, here or in a child process, changes none of them


def cache() -> Path:
    """The folder of everything that can be computed again: ``ISOAUX_CACHE``, else ``~/.cache/isoaux``; absolute.

    Raises ValueError if that is a file, or if no home folder is known.
    """
    return _folder("ISOAUX_CACHE", os.environ.get("ISOAUX_CACHE") or "~/.cache/isoaux")


def downloads() -> Path:
    """The folder of torchvision's data sets: ``ISOAUX_DATA``, else a folder of the cache; errors as :func:`cache`."""
    named = os.environ.get("ISOAUX_DATA")
    return _folder("ISOAUX_DATA", named) if named else cache() / "downloads"


def _folder(variable: str, place: str) -> Path:
    folder = absolute(place, variable)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ValueError(f"{variable} is {str(folder)!r}, which is a file; accepted: the path of a folder.")
    return folder
