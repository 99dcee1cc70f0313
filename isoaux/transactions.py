"""Several files of one folder replaced together: all of them or none, whenever a process ends.

New files are written into ``.publishing/new`` of the folder. Renaming that to ``.publishing/ready`` is the one step by
which they count; then each is moved to its place, and nothing else stays. Whoever comes next, under the folder's lock,
finishes the moves where ``ready`` is there and removes ``new``. :func:`current` tells a reader, who needs no lock,
where a file's content is.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from isoaux import cache

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


@contextmanager
def together(folder: Path) -> Iterator[Callable[[Path], Path]]:
    """A function from the place of a file in the folder to where its new content has to be written.

    At the end of the ``with`` block all of them replace the old ones; an exception leaves these as they were. What an
    ended process left is finished or taken back first. Other processes wait meanwhile. Subfolders are made as needed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with cache.alone(folder / LOCK):
        _finish(folder)
        new = folder / FOLDER / "new"
        new.mkdir(parents=True)
        try:
            yield lambda place: new / place.relative_to(folder)
            new.rename(new.with_name("ready"))
        finally:
            _finish(folder)


def _finish(folder: Path) -> None:
    """Move what is ready to its place and remove everything else of a transaction."""
    ready = folder / FOLDER / "ready"
    for file in sorted(path for path in ready.rglob("*") if path.is_file()):
        place = folder / file.relative_to(ready)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / FOLDER)
