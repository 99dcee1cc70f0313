"""Several files of one folder replaced together: all of them or none, even if the process is killed.

New files are written into ``.publishing/new`` of the folder. Renaming that to ``.publishing/ready`` commits them; then
each is moved to its place. The next process that takes the folder's lock finishes the moves if ``ready`` exists and
removes ``new``. What is in the way, like a folder where a file has to go, is refused with its path before anything is
renamed or moved. Readers need no lock: :func:`current` returns where the content of a file is.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from isoaux.common import disk

FOLDER = ".publishing"
"""Folder of a transaction within the folder whose files are replaced."""

LOCK = ".publishing.lock"
"""Lock file in the folder whose files are replaced."""


def current(file: Path) -> Path:
    """The path at which the content of ``file`` is: itself, or its new version that is committed but not yet moved.

    The transaction's folder may be the file's own or the one above.
    """
    for folder in (file.parent, file.parent.parent):
        ready = folder / FOLDER / "ready" / file.relative_to(folder)
        if ready.is_file():
            return ready
    return file


def prepare(folder: Path) -> None:
    """Make ``folder``, in which files are to be replaced.

    Raises OSError if it cannot be made, or if :data:`LOCK` is no file or :data:`FOLDER` no folder in it.
    """
    lock, staged = folder / LOCK, folder / FOLDER
    with _in_words(folder):
        if os.path.lexists(folder) and not folder.is_dir():
            _refuse([f"{str(folder)!r} is {_kind(folder)}, where a folder belongs"])
        folder.mkdir(parents=True, exist_ok=True)
        _refuse(
            [f"{str(lock)!r} is {_kind(lock)}, where a lock file belongs"] * (_kind(lock) not in ("", "a file"))
            + [f"{str(staged)!r} is {_kind(staged)}, where a folder belongs"] * (_kind(staged) not in ("", "a folder"))
        )


@contextmanager
def together(folder: Path) -> Iterator[Callable[[Path], Path]]:
    """Context with a function from the path of a file in ``folder`` to the path to write its new content to.

    At the end of the ``with`` block all new files replace the old ones; an exception leaves the old ones as they were.
    What a killed process left is finished or undone first. Other processes wait meanwhile. Subfolders are made as
    needed. Raises OSError that names what is in the way of the folder, of a file or of the transaction's own files.
    """
    prepare(folder)
    new = folder / FOLDER / "new"
    with ExitStack() as locks:
        with _in_words(folder):
            locks.enter_context(disk.alone(folder / LOCK))
            _finish(folder)
            new.mkdir(parents=True)
        try:
            yield lambda place: new / place.relative_to(folder)
            with _in_words(folder):
                _refuse_obstacles(folder, new)
                new.rename(new.with_name("ready"))
        finally:
            with _in_words(folder):
                _finish(folder)


def _finish(folder: Path) -> None:
    """Move committed files to their places and remove everything else of a transaction."""
    ready = folder / FOLDER / "ready"
    _refuse_obstacles(folder, ready)
    for file in _files(ready):
        place = folder / file.relative_to(ready)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / FOLDER)


def _files(staged: Path) -> list[Path]:
    """The files below a folder of the transaction; none if it does not exist."""
    return sorted(path for path in staged.rglob("*") if path.is_file()) if _kind(staged) == "a folder" else []


def _refuse_obstacles(folder: Path, staged: Path) -> None:
    """Raise OSError if any file below ``staged`` cannot be moved to its place in ``folder``."""
    places = [folder / file.relative_to(staged) for file in _files(staged)]
    parents = {parent for place in places for parent in place.parents if parent.is_relative_to(folder)}
    _refuse(
        [words for parent in sorted(parents) if (words := _obstacle(parent, folder))]
        + [
            f"{str(place)!r} is {kind}, where a file belongs"
            for place in places
            if (kind := _kind(place)) in ("a folder", "no regular file")
        ]
    )


def _obstacle(parent: Path, folder: Path) -> str:
    """In words, why no file can be moved into ``parent``, the folder or one below it; empty if files can."""
    if not os.path.lexists(parent):
        return ""
    if not parent.is_dir():
        return f"{str(parent)!r} is {_kind(parent)}, where a folder belongs"
    if parent.stat().st_dev != folder.stat().st_dev:
        return f"{str(parent)!r} is on another file system than {str(folder)!r}"
    return "" if os.access(parent, os.W_OK) else f"{str(parent)!r} cannot be written"


def _refuse(obstacles: list[str]) -> None:
    if obstacles:
        raise OSError(f"{', and '.join(obstacles)}; move what is in the way, or name another folder with --to.")


def _kind(path: Path) -> str:
    """The kind of file at ``path`` in words, links not followed; empty if there is nothing."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISREG, "a file"))
    return next((words for is_kind, words in kinds if is_kind(mode)), "no regular file")


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    """Context in which an OSError of the system becomes a sentence that names the folder and the file."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # a sentence already
            raise
        where = error.filename or folder
        raise OSError(
            f"{str(folder)!r} cannot hold what is published ({error.strerror}: {str(where)!r}); accepted: a folder "
            "that can be written, or a place where one can be made, which --to names."
        ) from error
