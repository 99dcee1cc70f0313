"""Which files of a folder are its images, which of them are for training, and what is passed over."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from isoaux.common.foreign import printable

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
"""Endings of the names of images, in small or capital letters."""

OTHER_SUFFIXES = {
    *(".apng", ".arw", ".avif", ".cr2", ".cr3", ".dcm", ".dds", ".dib", ".dng", ".exr", ".fits", ".hdr", ".heic"),
    *(".heics", ".heif", ".hif", ".ico", ".j2c", ".j2k", ".jfi", ".jfif", ".jif", ".jp2", ".jpe", ".jpf", ".jpx"),
    *(".jxl", ".jxr", ".mpo", ".nef", ".npy", ".npz", ".orf", ".pam", ".pbm", ".pcx", ".pfm", ".pjpeg", ".pnm"),
    *(".psd", ".qoi", ".ras", ".raw", ".rw2", ".sgi", ".svg", ".svgz", ".tga", ".wdp", ".xbm", ".xcf", ".xpm"),
}
"""Endings of the names of images in formats that are not read."""

PACKED = {".7z", ".bz2", ".gz", ".lz4", ".xz", ".z", ".zip", ".zst"}
"""Endings of the names of compressed files."""

SIGNATURES = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|II[*+]\0|MM\0[*+]|BM....\0\0\0\0|P[1-7]\s+[#\d]", re.DOTALL
)
"""First bytes of an image, whatever its name: PNG, JPEG, GIF, WebP, TIFF, BMP, PNM."""

TRAINING = re.compile(r"(?:^|[\W\d_])(?i:train)|[a-z]Train")
"""Part of the name of a folder that is likely to hold training images."""

SYSTEM = {"#recycle", "#snapshot", "$recycle.bin", "__macosx", "@eadir", "@recycle", "lost+found"}
"""Folders that operating systems and network drives leave, beside those whose names begin with a dot."""

TRAIN = ("train", "training")
TEST = ("test", "testing")
VALIDATION = ("val", "valid", "validation")
"""Names of the folders of the parts, in small or capital letters."""

NAMED = 3
"""The most files that a note names."""

HIDDEN = "with hidden names or in hidden or system folders"
LOOSE = "that are no files or lead nowhere"
OTHER = "in formats that are not read"
DOUBLE = "linked to a folder that is read already or holds the link"


@dataclass
class Listing:
    """The images of a folder in the order of their names.

    ``groups``: the paths of training and of test images, or one list of all where the folder does not tell them
    apart. ``split``: the names of the two folders of the parts, where they are not ``train`` and ``test``. ``notes``:
    sentences on what was passed over.
    """

    groups: list[list[Path]]
    split: tuple[str, str] | None = None
    notes: list[str] = field(default_factory=list)


def images(folder: Path) -> Listing:
    """The listing of the images in a folder and its sub-folders; links are followed, each folder is read once.

    Passed over: names that begin with a dot, folders of operating systems, and links to folders that hold the link
    or are read already. A folder like ``train`` beside one like ``test`` are the parts; without the latter, one like
    ``val``. Raises OSError for a sub-folder that cannot be read.
    """
    walk = _Walk(folder)
    files = sorted(walk.files)
    passed = {why: sorted(names) for why, names in walk.passed.items()}
    tops = [name for name in sorted(os.listdir(folder)) if not is_hidden(name) and os.path.isdir(folder / name)]
    train, test, validation = (_called(tops, names) for names in (TRAIN, TEST, VALIDATION))
    second = test or validation
    if train is None or second is None:
        notes = _passed_over(passed)
        if likely := _likely_parts(path.relative_to(folder) for path in files):
            notes.append(
                f"{some(likely)} {'is no part' if len(likely) == 1 else 'are no parts'} (a folder called like "
                f"{TRAIN[0]}/ or {TRAIN[1]}/ is one only in the folder itself and beside one like {TEST[0]}/, "
                f"{TEST[1]}/ or {VALIDATION[0]}/), and all images are split 5 to 1"
            )
        return Listing([files], None, notes)
    inside: dict[str, list[Path]] = {train: [], second: []}
    outside = f"outside {train}/ and {second}/"
    for path in files:
        place = path.relative_to(folder)
        if place.parts[0] in inside:
            inside[place.parts[0]].append(path)
        else:
            passed.setdefault(outside, []).append(place.as_posix())
    notes = _passed_over(passed)
    if second == validation:
        notes.append(f"the test images are those of {second}/, because there is no {TEST[0]}/")
    plainly = (train, second) == (TRAIN[0], TEST[0])
    return Listing(list(inside.values()), None if plainly else (train, second), notes)


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is passed over, with all that is in it."""
    return name.startswith(".") or name.lower() in SYSTEM


class _Walk:
    """All images below a folder, and what was passed over, by the reason."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder.resolve()
        self.files: list[Path] = []
        self.passed: dict[str, list[str]] = {}
        self.links: list[Path] = []
        self.read: set[tuple[int, int]] = set()
        self._below(folder)
        while self.links:  # after all folders proper, so that these keep their own names
            link, *self.links = sorted(self.links)
            target = link.resolve()
            if self.home.is_relative_to(target) or link.parent.resolve().is_relative_to(target):
                self._pass([link], DOUBLE)
            else:
                self._below(link)

    def _below(self, top: Path) -> None:
        for place, folders, names in os.walk(top, onerror=_fail):
            status = os.stat(place)
            if (identity := (status.st_dev, status.st_ino)) in self.read:
                self._pass([Path(place)], DOUBLE)
                folders.clear()
                continue
            self.read.add(identity)
            inside = [Path(place, name) for name in folders]
            for path in inside:
                if is_hidden(path.name):
                    self._pass([path] if path.is_symlink() else _images_in(path), HIDDEN)
                elif path.is_symlink():
                    self.links.append(path)
            folders[:] = [path.name for path in inside if not is_hidden(path.name) and not path.is_symlink()]
            for path in (Path(place, name) for name in names):
                self._take(path)

    def _take(self, path: Path) -> None:
        named_image, hidden = path.suffix.lower() in SUFFIXES, is_hidden(path.name)
        if named_image and hidden:
            self._pass([path], HIDDEN)
        elif named_image and not path.is_file():
            self._pass([path], LOOSE)
        elif named_image:
            self.files.append(path)
        elif not hidden and _is_other_image(path):
            self._pass([path], OTHER)

    def _pass(self, paths: Iterable[Path], why: str) -> None:
        for path in paths:
            self.passed.setdefault(why, []).append(path.relative_to(self.folder).as_posix())


def _images_in(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (path for name in names if (path := Path(place, name)).suffix.lower() in SUFFIXES)


def _is_other_image(path: Path) -> bool:
    """Whether a file that is not read is an image by its name or its first bytes."""
    *_, inner, outer = ["", "", *(suffix.lower() for suffix in path.suffixes)]
    if outer in OTHER_SUFFIXES or (outer in PACKED and inner in SUFFIXES | OTHER_SUFFIXES):
        return True
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return SIGNATURES.match(file.read(16)) is not None
    except OSError:  # nothing is known of it, and it is not needed
        return False


def _likely_parts(places: Iterable[Path]) -> list[str]:
    """The folders above these files whose names look like those of training images."""
    folders = {folder for place in places for folder in place.parents if TRAINING.search(folder.name)}
    return sorted(f"{folder.as_posix()}/" for folder in folders)


def _fail(error: OSError) -> NoReturn:
    raise error


def _called(tops: list[str], names: tuple[str, ...]) -> str | None:
    """The first folder of ``tops`` that has one of these names, in their order, in small letters before others."""
    ranked = ((names.index(top.lower()), top != top.lower(), top) for top in tops if top.lower() in names)
    return min(ranked, default=(0, False, None))[2]


def _passed_over(passed: dict[str, list[str]]) -> list[str]:
    parts = [f"{len(names)} {why} ({some(names)})" for why, names in passed.items()]
    return [f"passed over: {', '.join(parts)}"] if parts else []


def some(names: list[str], most: int = NAMED) -> str:
    """The first ``most`` of some names, made printable, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(printable(name) for name in names[:most]) + more
