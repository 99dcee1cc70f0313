"""Every folder that the project reads or writes, named once."""

import os
from contextlib import suppress
from pathlib import Path

VARIABLES = ("ISOAUX_CACHE", "ISOAUX_DATA", "ISOAUX_HOME")
"""The variables of the environment that name a folder: of the store, of downloaded images, of the checkout."""


def absolute(place: str | Path, name: str) -> Path:
    """The absolute path of a folder that was given as ``name``: ``~`` is expanded, a relative path starts here.

    Raises ValueError where there is no such home folder, or where the current folder was deleted.
    """
    try:
        return Path(place).expanduser().absolute()
    except (RuntimeError, FileNotFoundError) as error:
        start = "of a user without a home folder" if str(place).startswith("~") else "below a folder that was deleted"
        raise ValueError(f"{name} is {str(place)!r}, {start}; accepted: the absolute path of a folder.") from error


def variables() -> dict[str, str]:
    """The folders that the environment names, as absolute paths by their variables, for another process."""
    places = {}
    for variable in VARIABLES:
        if place := os.environ.get(variable):
            with suppress(ValueError):  # said where the folder is used
                places[variable] = str(absolute(place, variable))
    return places


def can_be_written(folder: Path) -> bool:
    """Whether this process may write into a folder, or make it where it is not there yet."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.exists(place))
    return os.path.isdir(there) and os.access(there, os.W_OK)


def home() -> Path:
    """The checkout: ``ISOAUX_HOME``, the folder above this package, or the one the command is run from."""
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


os.environ.update(variables())  # a folder that is changed later, here or in a child process, changes none of them


def cache() -> Path:
    """The folder of everything that can be computed again: ``ISOAUX_CACHE`` or ``~/.cache/isoaux``, absolute.

    Raises ValueError where that is a file, or where no home folder is known.
    """
    return _folder("ISOAUX_CACHE", os.environ.get("ISOAUX_CACHE") or "~/.cache/isoaux")


def downloads() -> Path:
    """Where torchvision's data sets are, or are put: ``ISOAUX_DATA`` or a folder of the cache; as :func:`cache`."""
    named = os.environ.get("ISOAUX_DATA")
    return _folder("ISOAUX_DATA", named) if named else cache() / "downloads"


def _folder(variable: str, place: str) -> Path:
    folder = absolute(place, variable)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ValueError(f"{variable} is {str(folder)!r}, which is a file; accepted: the path of a folder.")
    return folder
