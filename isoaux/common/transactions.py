"""Several files of one folder replaced together: all of them or none, whenever a process ends.

New files are written into ``.publishing/new`` of the folder. Renaming that to ``.publishing/ready`` is the one step by
which they count; then each is moved to its place, and nothing else stays. Whoever comes next, under the folder's lock,
finishes the moves where ``ready`` is there and removes ``new``. What is in the way, like a folder where a file has to
go, is refused with its path before anything is renamed or moved. :func:`current` tells a reader, who needs no lock,
where a file's content is.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from isoaux.common import disk

FOLDER = ".publishing"

LOCK = ".publishing.lock"


def current(file: Path) -> Path:
    """Where the content of a file is: in its place, or ready to be moved there by a process that was ended.

    The folder of the transaction may be the file's own or the one above.
    """
    for folder in (file.parent, file.parent.parent):
        ready = folder / FOLDER / "ready" / file.relative_to(folder)
        if ready.is_file():
            return ready
    return file


def prepare(folder: Path) -> None:
    """Make the folder of a transaction, and refuse what cannot be one.

    Raises OSError where no folder can be made, or where something else has the names of the lock and of the
    transaction's own folder.
    """
    lock, own = folder / LOCK, folder / FOLDER
    with _in_words(folder):
        if os.path.lexists(folder) and not folder.is_dir():
            _refuse([f"{str(folder)!r} is {_kind(folder)}, where a folder belongs"])
        folder.mkdir(parents=True, exist_ok=True)
        _refuse(
            [f"{str(lock)!r} is {_kind(lock)}, where a lock file belongs"] * (_kind(lock) not in ("", "a file"))
            + [f"{str(own)!r} is {_kind(own)}, where a folder belongs"] * (_kind(own) not in ("", "a folder"))
        )


@contextmanager
def together(folder: Path) -> Iterator[Callable[[Path], Path]]:
    """A function from the place of a file in the folder to where its new content has to be written.

    At the end of the ``with`` block all of them replace the old ones; an exception leaves these as they were. What an
    ended process left is finished or taken back first. Other processes wait meanwhile. Subfolders are made as needed.
    Raises OSError that names what is in the way of the folder, of a file or of the transaction's own files.
    """
    prepare(folder)
    new = folder / FOLDER / "new"
    with ExitStack() as held:
        with _in_words(folder):
            held.enter_context(disk.alone(folder / LOCK))
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
    """Move what is ready to its place and remove everything else of a transaction."""
    ready = folder / FOLDER / "ready"
    _refuse_obstacles(folder, ready)
    for file in _files(ready):
        place = folder / file.relative_to(ready)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / FOLDER)


def _files(staged: Path) -> list[Path]:
    """The files below a folder of the transaction; none where that is not there."""
    return sorted(path for path in staged.rglob("*") if path.is_file()) if _kind(staged) == "a folder" else []


def _refuse_obstacles(folder: Path, staged: Path) -> None:
    """Raise OSError where a file below ``staged`` cannot be moved to its place in the folder, before any is."""
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
    """In words, why no file can be moved into a folder of the transaction; empty where it can, or is not there yet."""
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
    """What is at a place, links not followed; empty where nothing is."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISREG, "a file"))
    return next((words for is_kind, words in kinds if is_kind(mode)), "no regular file")


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    """What the system refuses to do to a folder, as one sentence that names the folder and where that was."""
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
