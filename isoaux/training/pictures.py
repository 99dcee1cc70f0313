"""One image file as bytes, grey or colour, and what was done to its pixels.

Pixels that are no bytes are scaled where their range is known, and refused otherwise: nothing is clipped.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from isoaux.training.folders import some

Bytes = NDArray[np.uint8]

FORMATS = ("BMP", "DIB", "GIF", "JPEG", "MPO", "PNG", "PPM", "TIFF", "WEBP")
"""Formats that are read, whatever a file's name; Pillow knows others, for some of which it starts a program."""

WHITE = 255
"""The value of the background of transparent pixels."""

SIXTEEN, FLOAT, ALPHA, UPRIGHT, GREY = (
    *("more than 8 bits", "numbers from 0 to 1", "transparent pixels", "turned upright", "grey"),
)
"""Changes that give other pixels than plain decoding."""

DEEP, CLEAR, FRAMES, WARNED = "channels of more than 8 bits", "transparent all over", "several frames", "warned of"
"""Facts that a note names."""

ONLY_NOTED = {DEEP, CLEAR, FRAMES, WARNED}
"""Those that say nothing of the pixels: they are noted, but part of no checksum."""

BITS_PER_SAMPLE, PHOTOMETRIC, ORIENTATION, SAMPLES_PER_PIXEL, SAMPLE_FORMAT = 258, 262, 274, 277, 339
"""Tags of TIFF, the orientation also of EXIF."""

INVERTED = 0
"""The photometric interpretation of TIFF in which 0 is white."""

SIGNED, FLOATING = 2, 3
"""The formats of signed and of floating-point numbers in TIFF."""

DONE = {
    SIXTEEN: "have more than 8 bits, of which the highest 8 are taken",
    DEEP: "have several channels of more than 8 bits, of which the highest 8 are taken",
    FLOAT: "have numbers from 0 to 1, which become 0 to 255",
    ALPHA: "have transparent pixels and are put on white",
    CLEAR: "are transparent in all pixels, which become white",
    UPRIGHT: "are turned upright, as their orientation (EXIF) says",
    FRAMES: "have several frames or pages, of which the first is taken",
    WARNED: "are read although Pillow warns of them",
}
"""Each of these in the words of a note."""

NARROW = 1 / 8
"""The share of their range that values of more than 8 bits span at least; others probably have another range."""

KINDS = {1: "whole numbers", SIGNED: "signed numbers", FLOATING: "floating-point numbers"}
"""Formats of numbers in TIFF, in words."""

TURNED = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}
"""Stored rows and columns to those of the upright image, by the orientation of EXIF and TIFF."""


class Refused(ValueError):
    """An image whose pixels cannot be taken for bytes; the message says what it holds."""


@dataclass(frozen=True)
class Picture:
    """An image: ``pixels`` are (height, width) if it is grey, else (height, width, 3).

    ``changes``: which of the above is true of the file, and ``GREY`` for grey that is stored as a palette or with
    transparency. ``flat``: whether it has one grey alone, in a palette, which may stand for grey or for colour.
    ``lowest`` and ``highest``: the range of values that are no bytes, as shares of white.
    """

    pixels: Bytes
    changes: frozenset[str] = frozenset()
    flat: bool = False
    lowest: float = 0.0
    highest: float = 1.0


def read(path: Path) -> Picture:
    """The picture of an image file, upright and on white.

    Grey are files of one channel, with or without transparency, and palettes of greys; RGB files are colour whatever
    their pixels are. Of more than 8 bits the highest 8 are taken; numbers from 0 to 1 become the nearest of 0/255 to
    255/255. Raises Refused for pixels that are other numbers, and for channels that are neither colours nor
    transparency; MemoryError, with the size, for an image that memory does not hold; and whatever Pillow raises for a
    file that it cannot read, also one that is too large for it.
    """
    Image.init()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        formats = [name for name in FORMATS if name in Image.OPEN]
        # Of a path, Pillow maps a TIFF into memory, and takes the rows of one that is to be turned for columns.
        with path.open("rb") as file:
            try:
                image = Image.open(file, formats=formats)
            except UnidentifiedImageError:
                _refuse_numbers(file)
                raise
            with image:
                try:
                    picture = _read(image)
                except (MemoryError, OSError) as error:
                    if isinstance(error, OSError) and "out of memory" not in str(error):  # as Pillow's decoders say it
                        raise
                    raise MemoryError(f"{image.height}x{image.width}") from error
    warned = any(issubclass(warning.category, UserWarning) for warning in caught)
    return replace(picture, changes=picture.changes | {WARNED}) if warned else picture


def notes(pictures: Sequence[Picture], names: Sequence[str]) -> list[str]:
    """Sentences on how many of some pictures were changed in which way; ``names`` are those of their files."""
    words = []
    for change, done in DONE.items():
        if these := [name for picture, name in zip(pictures, names, strict=True) if change in picture.changes]:
            words.append(f"{len(these)} of {len(pictures)} images {done} ({some(these)})")
    for kinds, those in (({SIXTEEN, DEEP}, "those with more than 8 bits"), ({FLOAT}, "the numbers from 0 to 1")):
        if wide := [picture for picture in pictures if kinds & picture.changes]:
            lowest, highest = min(picture.lowest for picture in wide), max(picture.highest for picture in wide)
            first, last = (round(255 * v) if FLOAT in kinds else min(int(256 * v), WHITE) for v in (lowest, highest))
            if highest - lowest < NARROW:
                place = f"above {highest:.2%}" if first == 0 else f"outside {lowest:.2%} to {highest:.2%}"
                levels = "1 level" if first == last else f"{last - first + 1} levels"
                words.append(f"no value of {those} is {place} of white, which leaves {levels}")
    return words


def _read(image: Image.Image) -> Picture:
    tags = getattr(image, "tag_v2", {})
    _check_channels(image, tags)
    packed = [tile[3] for tile in getattr(image, "tile", ())]  # how a PNG's samples are packed; loading forgets it
    turned = tags.get(ORIENTATION) in TURNED  # and that a TIFF was turned
    image.load()
    if image.mode.startswith("I") or image.mode == "F":
        picture, alpha = _wide(image, tags)
    elif image.mode in ("1", "L"):
        pixels = np.asarray(image.convert("L"))
        key, step = image.info.get("transparency"), 85 if packed == ["L;2"] else 17 if packed == ["L;4"] else 1
        key = 255 * bool(key) if image.mode == "1" and key is not None else key
        picture, alpha = Picture(pixels), _keyed(pixels[..., None], key, step)
    else:
        picture, alpha = _several(image, packed == ["LA;16B"])
        if _is_deep(image, tags, packed):
            lowest, highest = (int(bound) for bound in (picture.pixels.min(), picture.pixels.max()))
            picture = replace(
                picture,
                changes=picture.changes | {DEEP},
                lowest=256 * lowest / 65535,  # bounds, because Pillow has dropped the low byte
                highest=(256 * highest + 255) / 65535,
            )
    changes = picture.changes | ({UPRIGHT} if turned else set())
    return _finished(replace(picture, changes=changes), alpha, image)


def _is_deep(image: Image.Image, tags: Mapping[int, Any], packed: Sequence[Any]) -> bool:
    """Whether the samples of several channels have more than 8 bits; ``packed`` are the arguments of Pillow's tiles."""
    if image.format == "PNG":
        return any(";16" in str(mode) for mode in packed)
    if image.format == "PPM":  # the highest value, where it is not 255
        return any(isinstance(mode, tuple) and mode[-1] > WHITE for mode in packed)
    return bool(np.max(tags.get(BITS_PER_SAMPLE, 8)) > 8)


def _refuse_numbers(file: BinaryIO) -> None:
    """Refuse a TIFF of floating-point numbers, or of wider ones, that Pillow does not identify; else do nothing."""
    try:
        file.seek(0)
        head = file.read(8)
        tags = ImageFileDirectory_v2(head + file.read(8) if head[2:3] == b"+" else head)
        file.seek(tags.next)
        tags.load(file)
        bits, form, channels = (
            int(np.max(tags.get(tag, 1))) for tag in (BITS_PER_SAMPLE, SAMPLE_FORMAT, SAMPLES_PER_PIXEL)
        )
    except Exception:  # no TIFF, or one that is damaged
        return
    if form == FLOATING or bits > 16:
        several = f" in {channels} channels" if channels > 1 else ""
        raise Refused(f"{KINDS.get(form, 'numbers')} of {bits} bits{several}")


def _check_channels(image: Image.Image, tags: Mapping[int, Any]) -> None:
    """Refuse a TIFF whose channels Pillow would reinterpret or drop."""
    if SIGNED in np.atleast_1d(tags.get(SAMPLE_FORMAT, 1)):
        raise Refused("signed numbers")
    channels = int(tags.get(SAMPLES_PER_PIXEL, 1))
    if channels > len(image.getbands()):
        raise Refused(f"{channels} channels")


def _wide(image: Image.Image, tags: Mapping[int, Any]) -> tuple[Picture, Bytes | None]:
    """One channel of numbers that are no bytes."""
    values, key = np.asarray(image), image.info.get("transparency")
    inverted = tags.get(PHOTOMETRIC) == INVERTED
    if image.mode == "F":
        if not np.isfinite(values).all():
            raise Refused("numbers that are not finite")
        if values.min() < 0 or values.max() > 1:
            raise Refused("numbers below 0 or above 1")
        shares = 1 - values if inverted else values
        lowest, highest = float(shares.min()), float(shares.max())
        return Picture(np.rint(255 * shares).astype(np.uint8), frozenset({FLOAT}), False, lowest, highest), None
    if image.mode == "I" and image.format not in ("PNG", "PPM"):  # in these they are of 16 bits
        raise Refused("whole numbers of more than 16 bits")
    bits = int(np.atleast_1d(tags.get(BITS_PER_SAMPLE, 16))[0])
    whole = values.astype(np.int64)
    alpha = _keyed(whole[..., None], key, 1)
    whole = 2**bits - 1 - whole if inverted else whole
    pixels = (whole >> (bits - 8)).astype(np.uint8)
    lowest, highest = (float(bound) / (2**bits - 1) for bound in (whole.min(), whole.max()))
    return Picture(pixels, frozenset({SIXTEEN}), False, lowest, highest), alpha


def _several(image: Image.Image, from_grey: bool) -> tuple[Picture, Bytes | None]:
    """Several channels, or a palette; ``from_grey`` where Pillow has made colours of grey and transparency."""
    if image.mode in ("LA", "La") or from_grey:
        pixels = np.asarray(image.convert("LA"))
        return Picture(pixels[..., 0], frozenset({GREY})), pixels[..., 1]
    if image.mode in ("P", "PA"):
        pixels = np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))
        alpha = pixels[..., 3] if pixels.shape[2] == 4 else None
        if (pixels[..., :3] == pixels[..., :1]).all():
            grey = pixels[..., 0]
            return Picture(grey, frozenset({GREY}), flat=bool(grey.min() == grey.max())), alpha
        return Picture(pixels[..., :3]), alpha
    if image.mode in ("RGBA", "RGBa"):
        pixels = np.asarray(image.convert("RGBA"))
        return Picture(pixels[..., :3]), pixels[..., 3]
    if image.mode in ("RGB", "CMYK", "YCbCr", "HSV", "LAB"):
        pixels = np.asarray(image.convert("RGB"))
        return Picture(pixels), _keyed(pixels, image.info.get("transparency"), 1)
    raise Refused(f"channels {', '.join(image.getbands())}")


def _keyed(values: NDArray[Any], key: Any, step: int) -> Bytes | None:
    """Opacity (h, w) of values (h, w, c) of which one is transparent: ``key``, in units of ``step``; None without."""
    if key is None:
        return None
    transparent = np.atleast_1d(key) * step
    if transparent.shape != values.shape[2:] or (values.dtype == np.uint8 and transparent.max() > WHITE):
        raise Refused("a transparent colour of more than 8 bits")
    return np.where((values == transparent).all(-1), np.uint8(0), np.uint8(255))


def _finished(picture: Picture, alpha: Bytes | None, image: Image.Image) -> Picture:
    """The picture on white and upright, with what is true of its file."""
    pixels, changes = picture.pixels, set(picture.changes)
    if alpha is not None and (alpha < 255).any():
        share = alpha.astype(np.uint32).reshape(alpha.shape + (1,) * (pixels.ndim - 2))
        pixels = ((pixels * share + WHITE * (255 - share) + 127) // 255).astype(np.uint8)
        changes |= {ALPHA} if alpha.any() else {ALPHA, CLEAR}
    if turn := TURNED.get(_orientation(image)):
        pixels = turn(pixels)
        changes.add(UPRIGHT)
    if _has_several_frames(image):
        changes.add(FRAMES)
    flat = picture.flat and ALPHA not in changes
    return replace(picture, pixels=np.ascontiguousarray(pixels), changes=frozenset(changes), flat=flat)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # what is not legible says nothing, and the pixels are read
        return 1


def _has_several_frames(image: Image.Image) -> bool:
    try:
        return getattr(image, "n_frames", 1) > 1
    except Exception:  # a later frame is damaged; the first one is read
        return True
