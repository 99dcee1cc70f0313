"""Data sets: training and test images as arrays of bytes, raw, standardised or in [-1, 1] (App. E).

A source is named by a string: ``cifar10``, ``mnist``, ``patches``, ``digits`` or ``folder:PATH``. Its pixels are
decoded once and kept as unsigned bytes.

A folder's images are its files and those of its sub-folders, links to folders included; hidden files and folders and
those of operating systems are passed over. ``train/`` and ``test/`` in it are the parts, in small or capital letters,
also called ``training`` and ``testing``; without a ``test/``, ``val/`` is. Without two parts, one image of six is for
testing. The images are grey if the file of every one is: one channel, with or without transparency, or a palette of
greys; RGB files are colour. Of more than 8 bits the highest 8 are taken, numbers from 0 to 1 become 0 to 255;
transparent pixels are put on white; images are turned upright as their orientation (EXIF) says; of several frames or
pages the first is taken. A RuntimeWarning says what of this was done, with numbers and names of files, and which test
images are files of the training images. Other numbers and other channels are refused.

Images have labels where their source has some: those of CIFAR-10, MNIST and the digits, and for a folder the
sub-folders that its images lie in, ``train/cat/1.png`` or ``cat/1.png``. Checksums are of the images alone.
"""

import hashlib
import itertools
import json
import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import disk, paths
from isoaux.common.foreign import printable
from isoaux.common.paths import downloads
from isoaux.common.work import bar
from isoaux.paper.sources import check_name
from isoaux.training import descriptions, folders, pictures

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int64]

PARTS = ("train", "test")


@dataclass(frozen=True)
class Images:
    """Training and test images of one source, decoded.

    ``train`` (N, d) and ``test`` (M, d) hold bytes; a pixel's value is byte / 255, in [0, 1]. ``shape`` is (height,
    width, channels), the product of which is d. ``source`` is the name in settings, ``name`` the one on pages;
    ``checksum`` identifies the content.

    ``labels_train`` (N,) and ``labels_test`` (M,) are the places of the images' classes among the names ``classes``;
    None, and no names, where the source has no labels.
    """

    source: str
    name: str
    train: Bytes
    test: Bytes
    shape: tuple[int, int, int]
    checksum: str
    licence: str = "unknown"
    labels_train: Labels | None = None
    labels_test: Labels | None = None
    classes: tuple[str, ...] = ()

    @property
    def d(self) -> int:
        """Numbers per image: height times width times channels."""
        return self.train.shape[1]

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Means (d,) of the pixels over the training set, in [0, 1]."""
        return self.train.sum(0, dtype=np.int64) / (255 * len(self.train))

    @cached_property
    def std(self) -> NDArray[np.float64]:
        """Population standard deviations (d,) of the pixels over the training set, 1 where one is zero."""
        total = np.zeros(self.d, np.int64)
        for block in np.array_split(self.train, max(1, len(self.train) // 2000)):
            total += (block.astype(np.int32) ** 2).sum(0, dtype=np.int64)
        first = self.train.sum(0, dtype=np.int64)
        variance = (len(self.train) * total - first**2) / (255.0 * len(self.train)) ** 2  # exact integers above
        std = np.sqrt(variance)
        return np.where(std == 0, 1.0, std)

    def affine(
        self, normalised: bool, symmetric: bool = False
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Scale and offset that make a network's input of a byte, ``byte * scale + offset``.

        Both have shape (d,) for standardised pixels; for raw ones the scale is one number and the offset None, and for
        ``symmetric`` ones, from -1 to 1, both are one number.
        """
        if symmetric:
            return np.array(2 / 255), np.array(-1.0)
        if not normalised:
            return np.array(1 / 255), None
        return 1 / (255 * self.std), -self.mean / self.std


def load(source: str) -> Images:
    """Images of a source, named as above; a folder is decoded once and then read from the project's cache.

    Raises ValueError for an unknown source, and for a folder with no images, mixed sizes, unreadable files, pixels of
    an unknown range or more of them than memory holds. A RuntimeWarning says what of a folder was passed over or
    changed.
    """
    if source.startswith("folder:") and source != "folder:":
        return _folder(_place(source))
    return LOADERS[check_name(source)]()


def reload(source: str, checksum: str) -> Images:
    """Images of a source that another process has loaded with this ``checksum``, without its warnings.

    Raises ValueError where they have changed since.
    """
    images = _folder(_place(source), warn=False) if source.startswith("folder:") else load(source)
    if images.checksum != checksum:
        raise ValueError(f"dataset {source!r} changed while it was being used.")
    return images


def _place(source: str) -> Path:
    place = source.removeprefix("folder:")
    try:
        return paths.absolute(place, "dataset")
    except ValueError:  # the user has no home: then it is no folder
        return Path(place)


def _keep(source: str, name: str, train: Bytes, test: Bytes, shape: tuple[int, int, int], licence: str) -> Images:
    train, test = np.ascontiguousarray(train, np.uint8), np.ascontiguousarray(test, np.uint8)
    total = disk.checksum([repr((train.shape, test.shape, shape)).encode(), train.data, test.data])
    return Images(source, name, train, test, shape, total, licence)


def _labelled(images: Images, train: ArrayLike, test: ArrayLike, classes: Iterable[str]) -> Images:
    """The same images with labels."""
    labels = [np.asarray(part, np.int64) for part in (train, test)]
    return replace(images, labels_train=labels[0], labels_test=labels[1], classes=tuple(classes))


def _torchvision(kind: str) -> Images:
    from torchvision import datasets  # takes a second, and is needed for these two sources alone

    dataset = getattr(datasets, {"cifar10": "CIFAR10", "mnist": "MNIST"}[kind])
    parts = []
    for train in (True, False):
        try:
            parts.append(dataset(downloads(), train=train, download=False))
        except RuntimeError:
            try:
                parts.append(dataset(downloads(), train=train, download=True))
            except (RuntimeError, OSError) as error:
                raise ValueError(
                    f"dataset is {kind!r}, which is not in {downloads()} and could not be downloaded ({error}); "
                    "accepted: a copy there (ISOAUX_DATA names the folder), or folder:PATH."
                ) from error
    arrays = [np.asarray(part.data) for part in parts]
    height, width = arrays[0].shape[1:3]
    channels = arrays[0].shape[3] if arrays[0].ndim == 4 else 1
    name = {"cifar10": "CIFAR-10", "mnist": "MNIST"}[kind]
    flat = [a.reshape(len(a), -1) for a in arrays]
    images = _keep(kind, name, flat[0], flat[1], (height, width, channels), "see the data set's own page")
    return _labelled(images, parts[0].targets, parts[1].targets, parts[0].classes)


def _scikit_learn() -> Any:
    from sklearn import datasets  # takes a second, and is needed for two sources alone

    return datasets


def _digits() -> Images:
    digits = _scikit_learn().load_digits()
    values = np.rint(digits.data * (255 / 16)).astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(values))
    cut = len(values) // 6
    train, test = order[cut:], order[:cut]
    images = _keep("digits", "8x8 digits (scikit-learn)", values[train], values[test], (8, 8, 1), "CC BY 4.0")
    return _labelled(images, digits.target[train], digits.target[test], map(str, digits.target_names))


def _patches(train: int = 12_000, test: int = 2_000, side: int = 32, strip: int = 96) -> Images:
    """Square colour patches of scikit-learn's two photographs; test patches from a strip on the right of each."""
    rng = np.random.default_rng(0)
    parts: tuple[list[Bytes], list[Bytes]] = ([], [])
    photographs = _scikit_learn().load_sample_images().images
    for photograph in photographs:
        cut = photograph.shape[1] - strip
        for part, region, count in zip(parts, (photograph[:, :cut], photograph[:, cut:]), (train, test), strict=True):
            windows = np.lib.stride_tricks.sliding_window_view(region, (side, side), axis=(0, 1))
            rows, columns = windows.shape[:2]
            places = rng.choice(rows * columns, count // len(photographs), replace=False)
            chosen = windows[places // columns, places % columns]  # (count, channels, side, side)
            part.append(chosen.transpose(0, 2, 3, 1).reshape(len(chosen), -1))
    name = f"{side}x{side} patches of two photographs (scikit-learn)"
    whole = [np.concatenate(part) for part in parts]
    return _keep("patches", name, whole[0], whole[1], (side, side, 3), "CC BY, see scikit-learn")


_DECODER = 2
"""Raised when the same files are decoded to other pixels: then what was decoded before is not used any more."""

_NOTES = 2
"""Raised when other notes are made of the same files: then what was decoded before is not used any more."""

_NOTHING = np.zeros((0, 0), np.uint8)
"""The pixels of an image of which only the notes are still needed."""

_NOTED: set[str] = set()
"""The warnings about folders that this process has given already."""


def _folder(folder: Path, warn: bool = True) -> Images:
    """Images of a folder; what was passed over or changed is a RuntimeWarning, once in a process.

    The checksum is of names and files, and of what :mod:`isoaux.training.pictures` has done to their pixels if
    anything.
    """
    subject = f"dataset is {f'folder:{folder}'!r}"
    if not os.path.isdir(folder):
        raise ValueError(f"{subject}, which is no folder; accepted: a folder of images.")
    with _readable(folder):
        listed = folders.images(folder)
    if not all(listed.groups) or (len(listed.groups) == 1 and len(listed.groups[0]) < 6):
        passed = f" ({'; '.join(listed.notes)})" if listed.notes else ""
        raise ValueError(
            f"{subject}, which holds too few images{passed}; accepted: at least one "
            "training and one test image, or six images to split (png, jpeg, bmp, gif, webp, tiff, ppm)."
        )
    with _readable(folder):
        about = descriptions.read(folder)
        total = disk.checksum(_content(folder, listed))
    kept = paths.cache() / "data" / f"{total[:20]}-{_DECODER}.{_NOTES}"
    decoded = _decoded(kept)
    if decoded is None:
        _decode(folder, listed.groups, kept)
        decoded = _decoded(kept)
        assert decoded is not None
    notes = [*about.notes, *listed.notes, *decoded.notes]
    words = f"the data set {f'folder:{folder}'!r}: {'; '.join(notes)}."
    if notes and warn and words not in _NOTED:
        _NOTED.add(words)
        warnings.warn(words, RuntimeWarning, stacklevel=3)
    changed = [total.encode(), f"decoder {_DECODER}".encode(), *(change.encode() for change in decoded.changes)]
    return Images(
        f"folder:{folder}",
        about.name,
        decoded.train.reshape(len(decoded.train), -1),
        decoded.test.reshape(len(decoded.test), -1),
        decoded.train.shape[1:],
        disk.checksum(changed) if decoded.changes else total,
        about.licence,
        *_labels(folder, listed.groups),
    )


def _labels(folder: Path, groups: list[list[Path]]) -> tuple[Labels | None, Labels | None, tuple[str, ...]]:
    """Labels of the training and of the test images of a folder, in the order of their pixels, and names of classes.

    The class of an image is the sub-folder of its part in which it lies, however deep, or of the folder where there are
    no parts. There are no labels where an image lies in no sub-folder, or all of them in one.
    """
    level = 1 if len(groups) == 2 else 0
    places = [path.relative_to(folder).parts for group in groups for path in group]
    names = [place[level] if len(place) > level + 1 else "" for place in places]
    classes = sorted(set(names))
    if "" in classes or len(classes) < 2:
        return None, None, ()
    number = {name: at for at, name in enumerate(classes)}
    parts = _Parts(groups)
    labels = [np.zeros(count, np.int64) for count in parts.counts]
    for name, (part, row) in zip(names, parts.places, strict=True):
        labels[part][row] = number[name]
    return labels[0], labels[1], tuple(classes)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Context that makes one sentence of an OSError: what cannot be read in the folder, and why."""
    try:
        yield
    except OSError as error:
        place = Path(error.filename or folder)
        name = place.relative_to(folder).as_posix() if place.is_relative_to(folder) else str(place)
        which = "which" if name == "." else f"of which {printable(name)}"
        raise ValueError(
            f"dataset is {f'folder:{folder}'!r}, {which} cannot be read ({error.strerror or type(error).__name__}); "
            "accepted: a folder of which all images and sub-folders can be read."
        ) from error


def _content(folder: Path, listed: folders.Listing) -> Iterator[bytes]:
    """What a folder's checksum is of: how files are parted, if their order does not say, then names and contents."""
    if listed.split:
        yield from (f"{part}: {os.fsencode(name)!r}, ".encode() for part, name in zip(PARTS, listed.split, strict=True))
    for path in (path for group in listed.groups for path in group):
        yield os.fsencode(path.relative_to(folder).as_posix())
        with path.open("rb") as file:
            yield from iter(partial(file.read, 2**20), b"")


@dataclass(frozen=True)
class _Decoded:
    """Images (N, height, width, channels) as :func:`_decode` left them, what was done to their pixels, and notes."""

    train: Bytes
    test: Bytes
    changes: list[str]
    notes: list[str]


def _decoded(kept: Path) -> _Decoded | None:
    """The images that were decoded before; None where they are absent, truncated or altered."""
    try:
        train, test = (np.load(kept / f"{part}.npy", mmap_mode="c", allow_pickle=False) for part in PARTS)
        about = json.loads((kept / "decoded.json").read_text("utf-8"))
        decoded = _Decoded(train, test, about["changes"], about["notes"])
        return decoded if about["checksum"] == _decoded_checksum(decoded) else None
    except (OSError, ValueError, EOFError, KeyError, TypeError):
        return None


def _decoded_checksum(decoded: _Decoded) -> str:
    words = json.dumps([decoded.changes, decoded.notes]).encode()
    arrays = (decoded.train, decoded.test)
    return disk.checksum([words, *(part for a in arrays for part in (f"{a.dtype.str}{a.shape}".encode(), a.data))])


def _decode(folder: Path, groups: list[list[Path]], kept: Path) -> None:
    """Decode every image once into ``train.npy`` and ``test.npy``; grey only if all are grey."""
    files = [path for group in groups for path in group]
    names = [path.relative_to(folder).as_posix() for path in files]
    subject = f"dataset is {f'folder:{folder}'!r}"
    parts = _Parts(groups)
    read: list[pictures.Picture] = []
    sizes: set[tuple[int, ...]] = set()
    refused: dict[str, list[str]] = {}
    place = 0
    try:
        with bar(len(files), f"decoding {printable(folder.name)}", "image") as progress:
            for place, path in enumerate(files):
                try:
                    picture = pictures.read(path)
                except MemoryError:
                    raise
                except pictures.Refused as error:
                    refused.setdefault(f"cannot be used ({error})", []).append(names[place])
                except Exception:  # Pillow has no one kind of error for a file that it cannot read
                    refused.setdefault("cannot be read", []).append(names[place])
                else:
                    sizes.add(picture.pixels.shape[:2])
                    if not refused and len(sizes) == 1:
                        parts.put(place, picture.pixels)
                    read.append(replace(picture, pixels=_NOTHING))
                progress.update()
        if all(picture.flat for picture in read) and not refused and len(sizes) == 1:
            parts.colour()
    except MemoryError as error:
        size = "x".join(map(str, min(sizes))) if sizes else str(error) or "unknown"  # of the first image
        raise ValueError(
            f"{subject}, where memory ran out at {printable(names[place])}, image {place + 1} of {len(files)} of size "
            f"{size}; accepted: images that together fit into memory."
        ) from error
    if refused:
        why = " and ".join(f"{folders.some(these, 5)} {words}" for words, these in refused.items())
        raise ValueError(
            f"{subject}, where {why}; accepted: images that open, of grey or colour, with or without transparency, "
            "in whole numbers of at most 16 bits, or grey in numbers from 0 to 1 of 32 bits (float32)."
        )
    if len(sizes) > 1:
        some = ", ".join(f"{h}x{w}" for h, w in sorted(sizes)[:4])
        raise ValueError(f"{subject} with images of sizes {some}; accepted: images of one size.")
    train, test = parts.arrays
    changes = sorted(set().union(*(picture.changes for picture in read)) - pictures.ONLY_NOTED)
    if train.shape[-1] == 3 and pictures.GREY in changes:
        changes.remove(pictures.GREY)  # their three channels are what they always were
    notes = [*pictures.notes(read, names), *_shared(files, names, parts.places)]
    decoded = _Decoded(train, test, changes, notes)
    for part in PARTS:
        disk.write(kept / f"{part}.npy", partial(np.save, arr=getattr(decoded, part), allow_pickle=False))
    about = {"checksum": _decoded_checksum(decoded), "changes": changes, "notes": decoded.notes}
    disk.write_json(kept / "decoded.json", about)


class _Parts:
    """Training and test images, each put at its place when it is decoded, so that each is held once.

    ``arrays`` (N, height, width, channels) are grey until the first image in colour is put; ``places`` holds for every
    file, in their order, its part and its row there. Of images that are not parted, one of six is for testing. Raises
    MemoryError for images that memory does not hold.
    """

    def __init__(self, groups: list[list[Path]]) -> None:
        self.counts = [len(group) for group in groups]
        order = np.arange(sum(self.counts))
        if len(groups) == 1:
            order, tests = np.random.default_rng(0).permutation(len(order)), len(order) // 6
            order = np.concatenate([order[tests:], order[:tests]])
            self.counts = [len(order) - tests, tests]
        train, rows = self.counts[0], np.argsort(order).tolist()  # this inverts a permutation
        self.places = [(0, row) if row < train else (1, row - train) for row in rows]
        self.arrays: list[Bytes] = []

    def put(self, place: int, pixels: Bytes) -> None:
        """The pixels (height, width) or (height, width, 3) of a file, by its place among the files."""
        if not self.arrays:
            shape = (*pixels.shape[:2], 1 if pixels.ndim == 2 else 3)
            self._check(shape)
            self.arrays = [np.zeros((count, *shape), np.uint8) for count in self.counts]
        if pixels.ndim == 3:
            self.colour()
        part, row = self.places[place]
        self.arrays[part][row] = pixels if pixels.ndim == 3 else pixels[..., None]

    def colour(self) -> None:
        """Make three equal channels of one."""
        shape = self.arrays[0].shape[1:]
        if shape[-1] == 1:
            self._check((*shape[:2], 4))  # both are held for a moment
            self.arrays = [np.repeat(array, 3, axis=-1) for array in self.arrays]

    def _check(self, shape: tuple[int, ...]) -> None:
        """Systems promise more memory than they have, and end processes that use it."""
        known = {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= getattr(os, "sysconf_names", {}).keys()
        if known and sum(self.counts) * math.prod(shape) > os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
            raise MemoryError


def _shared(files: list[Path], names: list[str], places: list[tuple[int, int]]) -> list[str]:
    """A note on how many test images are, by their bytes, files of the training images; nothing where none is."""
    sizes = [path.stat().st_size for path in files]
    tests = [part == 1 for part, _ in places]
    both = set(itertools.compress(sizes, tests)).intersection(itertools.compress(sizes, (not test for test in tests)))
    content = {i: _file_checksum(files[i]) for i, size in enumerate(sizes) if size in both}
    trained = {total for i, total in content.items() if not tests[i]}
    shared = [names[i] for i, total in content.items() if tests[i] and total in trained]
    if not shared:
        return []
    return [f"{len(shared)} of {sum(tests)} test images are files of the training images too ({folders.some(shared)})"]


def _file_checksum(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


LOADERS: dict[str, Callable[[], Images]] = {
    "cifar10": lambda: _torchvision("cifar10"),
    "mnist": lambda: _torchvision("mnist"),
    "patches": _patches,
    "digits": _digits,
}
"""Functions that load the named sources; ``folder:PATH`` is any folder of images."""
