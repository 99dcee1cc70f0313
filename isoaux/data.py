"""Images as one (N, d) array, raw or standardised (App. E; spec. section 5).

A source is named by a string: ``cifar10``, ``mnist``, ``patches``, ``digits`` or ``folder:PATH``. Whatever the
source, its pixels are decoded once, kept as unsigned bytes, and indexed from then on.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from isoaux import cache
from isoaux.cache import downloads
from isoaux.choices import unknown
from isoaux.progress import bar

Bytes = NDArray[np.uint8]

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}


@dataclass(frozen=True)
class Images:
    """Training and test images of one source, decoded.

    ``train`` (N, d) and ``test`` (M, d) hold bytes; a pixel's value is byte / 255, in [0, 1]. ``shape`` is the
    (height, width, channels) that d is made of; ``checksum`` identifies the content.
    """

    source: str
    name: str
    train: Bytes
    test: Bytes
    shape: tuple[int, int, int]
    checksum: str
    licence: str = "unknown"

    @property
    def d(self) -> int:
        """Pixels per image, channels included."""
        return self.train.shape[1]

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Mean of every pixel over the training set, in [0, 1]; shape (d,)."""
        return self.train.sum(0, dtype=np.int64) / (255 * len(self.train))

    @cached_property
    def std(self) -> NDArray[np.float64]:
        """Population standard deviation of every pixel over the training set, 1 where it is zero; shape (d,)."""
        total = np.zeros(self.d, np.int64)
        for block in np.array_split(self.train, max(1, len(self.train) // 2000)):
            total += (block.astype(np.int32) ** 2).sum(0, dtype=np.int64)
        first = self.train.sum(0, dtype=np.int64)
        variance = (len(self.train) * total - first**2) / (255.0 * len(self.train)) ** 2  # exact integers above
        std = np.sqrt(variance)
        return np.where(std == 0, 1.0, std)

    def affine(self, normalised: bool) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Scale and offset with ``byte * scale + offset`` the network's input: raw (offset None) or standardised."""
        if not normalised:
            return np.array(1 / 255), None
        return 1 / (255 * self.std), -self.mean / self.std


def load(source: str) -> Images:
    """The images that a source names, decoded once and kept.

    Raises ValueError for an unknown source, and for a folder with no images, mixed sizes or unreadable files.
    """
    kind, _, place = source.partition(":")
    if kind == "folder" and place:
        return _folder(Path(place).expanduser())
    if source not in SOURCES:
        raise unknown("dataset", source, [*SOURCES, "folder:PATH"])
    return SOURCES[source]()


def again(source: str, checksum: str) -> Images:
    """The images that another process has loaded. Raises ValueError where they have changed since."""
    images = load(source)
    if images.checksum != checksum:
        raise ValueError(f"dataset {source!r} changed while it was being used.")
    return images


def check_name(source: str) -> str:
    """The source itself if :func:`load` knows its kind; otherwise a ValueError, before anything is read."""
    if source not in SOURCES and not (source.startswith("folder:") and source != "folder:"):
        raise unknown("dataset", source, [*SOURCES, "folder:PATH"])
    return source


def _keep(source: str, name: str, train: Bytes, test: Bytes, shape: tuple[int, int, int], licence: str) -> Images:
    train, test = np.ascontiguousarray(train, np.uint8), np.ascontiguousarray(test, np.uint8)
    total = cache.checksum([repr((train.shape, test.shape, shape)).encode(), train.data, test.data])
    return Images(source, name, train, test, shape, total, licence)


def _torchvision(kind: str) -> Images:
    from torchvision import datasets

    made = getattr(datasets, {"cifar10": "CIFAR10", "mnist": "MNIST"}[kind])
    parts = []
    for train in (True, False):
        try:
            parts.append(made(downloads(), train=train, download=False))
        except RuntimeError:
            try:
                parts.append(made(downloads(), train=train, download=True))
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
    return _keep(kind, name, flat[0], flat[1], (height, width, channels), "see the data set's own page")


def _digits() -> Images:
    from sklearn.datasets import load_digits

    values = np.rint(load_digits().data * (255 / 16)).astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(values))
    cut = len(values) // 6
    train, test = values[order[cut:]], values[order[:cut]]
    return _keep("digits", "8x8 digits (scikit-learn)", train, test, (8, 8, 1), "CC BY 4.0")


def _patches(train: int = 12_000, test: int = 2_000, side: int = 32, strip: int = 96) -> Images:
    """Square colour patches of scikit-learn's photographs; test patches from a strip on the right of each."""
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    parts: tuple[list[Bytes], list[Bytes]] = ([], [])
    photographs = load_sample_images().images
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


SOURCES: dict[str, Callable[[], Images]] = {
    "cifar10": lambda: _torchvision("cifar10"),
    "mnist": lambda: _torchvision("mnist"),
    "patches": _patches,
    "digits": _digits,
}
"""The named sources; ``folder:PATH`` reads any folder of images."""


def _listed(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())


def _folder(folder: Path) -> Images:
    """A folder of images: ``train/`` and ``test/`` inside are used, otherwise a seeded 5:1 split."""
    if not folder.is_dir():
        raise ValueError(f"dataset is 'folder:{folder}', which is no folder; accepted: a folder of images.")
    split = (folder / "train").is_dir() and (folder / "test").is_dir()
    groups = [_listed(folder / "train"), _listed(folder / "test")] if split else [_listed(folder)]
    if not all(groups) or (not split and len(groups[0]) < 6):
        raise ValueError(
            f"dataset is 'folder:{folder}', which holds too few images; accepted: at least one "
            "training and one test image, or six images to split (png, jpeg, bmp, gif, webp, tiff)."
        )
    about = _about(folder)
    files = [path for group in groups for path in group]
    content = (part for p in files for part in (p.relative_to(folder).as_posix().encode(), p.read_bytes()))
    total = cache.checksum(content)
    kept = cache.root() / "data" / total[:20]
    found = _decoded(kept)
    if found is None:
        _decode(folder, groups, kept)
        found = _decoded(kept)
        assert found is not None
    train, test = found
    height, width, channels = train.shape[1:]
    return Images(
        f"folder:{folder}",
        str(about.get("name", folder.resolve().name)),
        train.reshape(len(train), -1),
        test.reshape(len(test), -1),
        (height, width, channels),
        total,
        str(about.get("licence", "unknown")),
    )


def _decoded(kept: Path) -> tuple[Bytes, Bytes] | None:
    """Training and test images as :func:`_decode` left them; None where they are absent, truncated or altered."""
    try:
        train, test = (np.load(kept / f"{part}.npy", mmap_mode="c", allow_pickle=False) for part in ("train", "test"))
        written = json.loads((kept / "decoded.json").read_text("utf-8"))
    except (OSError, ValueError, EOFError):
        return None
    return (train, test) if written == _decoded_checksum(train, test) else None


def _decoded_checksum(*arrays: Bytes) -> str:
    return cache.checksum(part for a in arrays for part in (f"{a.dtype.str}{a.shape}".encode(), a.data))


def _about(folder: Path) -> dict[str, Any]:
    described = folder / "dataset.yaml"
    try:
        about = yaml.safe_load(described.read_text("utf-8")) if described.exists() else {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(
            f"dataset is 'folder:{folder}', whose dataset.yaml cannot be read; accepted: YAML with name and licence."
        ) from error
    return about if isinstance(about, dict) else {}


def _decode(folder: Path, groups: list[list[Path]], kept: Path) -> None:
    """Decode every image once into ``train.npy`` and ``test.npy``; grey only if all are grey."""
    from PIL import Image, UnidentifiedImageError

    def pixels(path: Path) -> Bytes:
        with Image.open(path) as image:
            return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))

    arrays: list[list[Bytes]] = []
    unreadable: list[str] = []
    with bar(sum(map(len, groups)), f"decoding {folder.name}", "image") as progress:
        for group in groups:
            arrays.append([])
            for path in group:
                try:
                    arrays[-1].append(pixels(path))
                except (OSError, UnidentifiedImageError, SyntaxError):
                    unreadable.append(path.relative_to(folder).as_posix())
                progress.update()
    if unreadable:
        more = f" and {len(unreadable) - 5} more" if len(unreadable) > 5 else ""
        raise ValueError(
            f"dataset is 'folder:{folder}', where {', '.join(unreadable[:5])}{more} cannot be read; "
            "accepted: a folder whose images all open."
        )
    sizes = {a.shape[:2] for group in arrays for a in group}
    if len(sizes) > 1:
        some = ", ".join(f"{h}x{w}" for h, w in sorted(sizes)[:4])
        raise ValueError(f"dataset is 'folder:{folder}' with images of sizes {some}; accepted: images of one size.")
    grey = all(a.ndim == 2 for group in arrays for a in group)
    stacks = [np.stack([_channels(a, grey) for a in group]) for group in arrays]
    if len(stacks) == 1:
        order = np.random.default_rng(0).permutation(len(stacks[0]))
        cut = len(order) // 6
        stacks = [stacks[0][order[cut:]], stacks[0][order[:cut]]]
    for part, stack in zip(("train", "test"), stacks, strict=True):
        cache.write(kept / f"{part}.npy", partial(np.save, arr=stack, allow_pickle=False))
    cache.write_json(kept / "decoded.json", _decoded_checksum(*stacks))


def _channels(a: Bytes, grey: bool) -> Bytes:
    if grey:
        return a[..., None]
    return a if a.ndim == 3 else np.repeat(a[..., None], 3, axis=2)
