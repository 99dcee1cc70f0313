"""The files that a path stands for: one, all of a folder, or those that a pattern fits."""

import re
from pathlib import Path

from isoaux.common.choices import shown
from isoaux.sources.files import KINDS


def files(path: Path) -> list[Path]:
    """The files of a path in the order of their names, in which numbers count as numbers.

    Of a folder these are all that :mod:`isoaux.sources.files` opens, but for hidden ones; a pattern has ``*`` or ``?``.

    Raises ValueError for a folder without such files or with several kinds of them, and FileNotFoundError where no file
    fits a pattern.
    """
    path = path.expanduser()
    if path.is_dir():
        held = sorted((each for each in path.iterdir() if _is_shard(each)), key=_in_order)
        kinds = sorted({each.suffix.lower() for each in held})
        if len(kinds) > 1:
            example = path / f"*{kinds[0]}"
            raise ValueError(
                f"source is {shown(str(path))}, a folder with files {', '.join(kinds)}; accepted: files of one kind, "
                f"such as {shown(str(example))} chooses."
            )
        if not held:
            raise ValueError(f"source is {shown(str(path))}, a folder without files {', '.join(KINDS)}.")
        return held
    if re.search(r"[*?]", path.name) and not path.exists():
        held = sorted((each for each in path.parent.glob(path.name) if each.is_file()), key=_in_order)
        if not held:
            raise FileNotFoundError(f"source is {shown(str(path))}, which no file fits; accepted: a pattern of files.")
        return held
    return [path]


def _is_shard(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and path.suffix.lower() in KINDS


def _in_order(path: Path) -> list[tuple[int, str]]:
    """Text and numbers of a name, one after the other: ``part-10`` comes after ``part-9``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]
