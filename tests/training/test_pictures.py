"""Every kind of image file: right bytes, or a refusal; nothing is clipped, reinterpreted or hidden."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from isoaux.training import pictures
from isoaux.training.pictures import ALPHA, CLEAR, DEEP, FLOAT, FRAMES, GREY, SIXTEEN, UPRIGHT, WARNED, Refused

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (6, 5, 3), np.uint8)
LEVELS = COLOUR[..., 0].copy()
LEVELS[0, :2] = 0, 255
OPACITY = RNG.integers(0, 256, (6, 5), np.uint8)
OPACITY[0, :2] = 0, 255
WIDE = (LEVELS.astype(np.uint16) << 8) | RNG.integers(0, 256, (6, 5), np.uint16)


def saved(folder: Path, pixels: np.ndarray | Image.Image, suffix: str, **options: Any) -> pictures.Picture:
    path = folder / f"image{suffix}"
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(path, **options)
    return pictures.read(path)


def written(folder: Path, content: bytes, suffix: str) -> pictures.Picture:
    (folder / f"image{suffix}").write_bytes(content)
    return pictures.read(folder / f"image{suffix}")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(rows: np.ndarray, bits: int, colour: int, key: tuple[int, ...] = (), size: tuple[int, int] = (0, 0)) -> bytes:
    """A PNG of rows of packed bytes; ``size`` is (width, height), ``key`` the transparent colour."""
    head = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    transparent = chunk(b"tRNS", struct.pack(f">{len(key)}H", *key)) if key else b""
    body = chunk(b"IDAT", zlib.compress(lines))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + transparent + body + chunk(b"IEND", b"")


def tiff(content: bytes, bits: int, photometric: int = 1, channels: int = 1, form: int = 1, extra: int = 0) -> bytes:
    """A TIFF of 6 rows and 5 columns in one strip, little-endian."""
    tags = {256: 5, 257: 6, 258: bits, 259: 1, 262: photometric, 277: channels, 278: 6, 279: len(content), 339: form}
    lists = {258: [bits] * channels, 339: [form] * channels} | ({338: [0] * extra} if extra else {})
    numbers = sorted(tags | {273: 0} | dict.fromkeys(lists, 0))
    start = 8 + 2 + 12 * len(numbers) + 4
    place, behind, entries = start, b"", b""
    for number in numbers:
        values = lists.get(number, [tags.get(number, 0)])
        packed = struct.pack(f"<{len(values)}H", *values) if number not in (273, 279) else b""
        if len(packed) > 4:
            entries += struct.pack("<HHII", number, 3, len(values), place)
            behind += packed
            place += len(packed)
        elif packed:
            entries += struct.pack("<HHI", number, 3, len(values)) + packed.ljust(4, b"\0")
        else:
            entries += struct.pack("<HHI", number, 4, 1) + (
                b"HERE" if number == 273 else struct.pack("<I", len(content))
            )
    entries = entries.replace(b"HERE", struct.pack("<I", place))
    return b"II*\0" + struct.pack("<IH", 8, len(numbers)) + entries + struct.pack("<I", 0) + behind + content


def twelve(values: np.ndarray) -> bytes:
    """Rows of numbers of 12 bits, two in three bytes, each row filled up to whole bytes."""
    rows = [f"{''.join(f'{value:012b}' for value in row)}0000" for row in values.tolist()]
    return bytes(int(row[i : i + 8], 2) for row in rows for i in range(0, len(row), 8))


# --- one channel


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".pgm"])
def test_grey_of_eight_bits_is_taken_as_it_is(suffix: str, tmp_path: Path):
    picture = saved(tmp_path, LEVELS, suffix)
    assert np.array_equal(picture.pixels, LEVELS) and not picture.changes


def test_black_and_white_is_0_and_255(tmp_path: Path):
    picture = saved(tmp_path, LEVELS > 100, ".png")
    assert np.array_equal(picture.pixels, 255 * (LEVELS > 100)) and not picture.changes


@pytest.mark.parametrize(
    "content",
    [
        lambda: (png(WIDE.astype(">u2"), 16, 0, size=(5, 6)), ".png"),
        lambda: (tiff(WIDE.astype("<u2").tobytes(), 16), ".tif"),
        lambda: (tiff((65535 - WIDE).astype("<u2").tobytes(), 16, photometric=0), ".tif"),
        lambda: (tiff(twelve(WIDE >> 4), 12), ".tiff"),
        lambda: (b"P5 5 6 65535\n" + WIDE.astype(">u2").tobytes(), ".pgm"),
    ],
    ids=["PNG", "TIFF", "TIFF in which 0 is white", "TIFF of 12 bits", "PGM"],
)
def test_of_more_than_eight_bits_the_highest_eight_are_taken(content: Callable[[], tuple[bytes, str]], tmp_path: Path):
    picture = written(tmp_path, *content())
    assert picture.pixels.dtype == np.uint8 and np.array_equal(picture.pixels, WIDE >> 8)
    assert picture.changes == {SIXTEEN} and picture.highest == pytest.approx(WIDE.max() / 65535, rel=1e-3)


def test_sixteen_bits_in_either_order_of_bytes(tmp_path: Path):
    for order in ("<u2", ">u2"):
        assert np.array_equal(saved(tmp_path, WIDE.astype(order), ".tif").pixels, WIDE >> 8)


def test_a_pgm_of_any_highest_value_is_scaled_by_it(tmp_path: Path):
    values = np.linspace(0, 1000, 30).astype(np.uint16).reshape(6, 5)
    picture = written(tmp_path, b"P5 5 6 1000\n" + values.astype(">u2").tobytes(), ".pgm")
    np.testing.assert_allclose(picture.pixels, values / 1000 * 255.996, atol=1)


def test_numbers_from_0_to_1_become_0_to_255(tmp_path: Path):
    shares = np.linspace(0, 1, 30, dtype=np.float32).reshape(6, 5)
    picture = saved(tmp_path, shares, ".tif")
    assert np.array_equal(picture.pixels, np.rint(255 * shares.astype(float))) and picture.changes == {FLOAT}
    inverted = written(tmp_path, tiff((1 - shares).tobytes(), 32, photometric=0, form=3), ".tif")
    np.testing.assert_allclose(inverted.pixels.astype(int), picture.pixels, atol=1)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.float32(-0.01), "below 0 or above 1"),
        (np.float32(1.5), "below 0 or above 1"),
        (np.float32(255), "below 0 or above 1"),
        (np.float32(np.nan), "not finite"),
        (np.float32(np.inf), "not finite"),
        (np.int32(3), "signed"),
        (np.int32(-3), "signed"),
        (np.uint32(70000), "more than 16 bits"),
        (np.int16(3), "signed"),
        (np.int8(3), "signed"),
    ],
    ids=lambda value: f"{type(value).__name__} {value}",
)
def test_numbers_of_another_range_are_refused(values: Any, why: str, tmp_path: Path):
    grid = np.zeros((6, 5), values.dtype)
    grid[2, 3] = values
    form = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    with pytest.raises(Refused, match=why):
        written(tmp_path, tiff(grid.tobytes(), 8 * values.dtype.itemsize, form=form), ".tif")


# --- several channels


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".ppm"])
def test_colour_is_taken_as_it_is_even_where_it_is_grey(suffix: str, tmp_path: Path):
    for pixels in (COLOUR, np.repeat(LEVELS[..., None], 3, 2)):
        picture = saved(tmp_path, pixels, suffix)
        assert np.array_equal(picture.pixels, pixels) and not picture.changes


def test_colour_of_sixteen_bits(tmp_path: Path):
    wide = (COLOUR.astype(np.uint16) * 257).astype(">u2")
    for content, suffix in deep(wide):
        picture = written(tmp_path, content, suffix)
        assert np.array_equal(picture.pixels, COLOUR) and picture.changes == {DEEP}
    content = b"P6 5 6 255\n" + COLOUR.tobytes()
    assert not written(tmp_path, content, ".ppm").changes


def deep(wide: np.ndarray) -> list[tuple[bytes, str]]:
    """Files of colours of 16 bits: PNG, PNG with transparency, PPM, TIFF."""
    opaque = np.dstack([wide, np.full((6, 5), 65535, np.uint16)]).astype(">u2")
    return [
        (png(wide, 16, 2, size=(5, 6)), ".png"),
        (png(opaque, 16, 6, size=(5, 6)), ".png"),
        (b"P6 5 6 65535\n" + wide.tobytes(), ".ppm"),
        (tiff(wide.astype("<u2").tobytes(), 16, 2, channels=3), ".tif"),
    ]


@pytest.mark.parametrize("kind", range(4), ids=["PNG", "PNG with transparency", "PPM", "TIFF"])
def test_colours_in_a_sixteenth_of_their_range_are_noted(kind: int, tmp_path: Path):
    wide = (COLOUR.astype(np.uint16) * 16).astype(">u2")
    wide[0, 0] = 0, 4080, 4095
    picture = written(tmp_path, *deep(wide)[kind])
    first, second = pictures.notes([picture], ["a.png"])
    done = "have several channels of more than 8 bits, of which the highest 8 are taken"
    assert first == f"1 of 1 images {done} (a.png)"
    top = 16 if kind == 2 else 15  # of a PPM the nearest byte is taken
    assert picture.pixels.max() == top
    wanted = f"above {(256 * top + 255) / 65535:.2%} of white, which leaves {top + 1} levels"
    assert second == f"no value of those with more than 8 bits is {wanted}"


@pytest.mark.parametrize(("highest", "levels"), [(0.001, "1 level"), (0.0021, "2 levels"), (0.1, "27 levels")])
def test_numbers_in_a_small_part_of_0_to_1_are_noted(highest: float, levels: str, tmp_path: Path):
    picture = saved(tmp_path, np.linspace(0, highest, 30, dtype=np.float32).reshape(6, 5), ".tif")
    assert len(np.unique(picture.pixels)) == int(levels.split()[0])
    wanted = f"no value of the numbers from 0 to 1 is above {highest:.2%} of white, which leaves {levels}"
    assert pictures.notes([picture], ["a.tif"])[1:] == [wanted]


def test_wide_values_in_a_small_part_of_the_range_are_noted_wherever_it_is(tmp_path: Path):
    """Also those of a file in which 0 is white, which are near white."""
    values = np.linspace(0, 1023, 30).astype("<u2").reshape(6, 5)
    picture = written(tmp_path, tiff(values.tobytes(), 16, photometric=0), ".tif")
    assert set(np.unique(picture.pixels)) == {252, 253, 254, 255}
    (words,) = pictures.notes([picture], ["a.tif"])[1:]
    assert words.startswith("no value of those with more than 8 bits is outside 98.44% to 100.00% of white")
    assert words.endswith("which leaves 4 levels")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.zeros((6, 5), "<f8"), "floating-point numbers of 64 bits"),
        (np.zeros((6, 5), "<f2"), "floating-point numbers of 16 bits"),
        (np.zeros((6, 5, 3), "<f4"), "floating-point numbers of 32 bits in 3 channels"),
        (np.zeros((6, 5), "<u8"), "whole numbers of 64 bits"),
    ],
    ids=["float64", "float16", "colours of float32", "uint64"],
)
def test_numbers_that_pillow_does_not_know_are_refused_as_such(values: np.ndarray, why: str, tmp_path: Path):
    channels = values.shape[2] if values.ndim == 3 else 1
    form = 3 if values.dtype.kind == "f" else 1
    content = tiff(values.tobytes(), 8 * values.dtype.itemsize, 2 if channels > 1 else 1, channels, form)
    with pytest.raises(Refused, match=f"^{why}$"):
        written(tmp_path, content, ".tif")


@pytest.mark.parametrize("error", [MemoryError(), OSError("out of memory error when reading image file")], ids=repr)
def test_memory_that_runs_out_is_no_fault_of_the_file(error: Exception, tmp_path: Path, monkeypatch):
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(pictures, "_read", full)
    with pytest.raises(MemoryError, match="^6x5$"):
        saved(tmp_path, COLOUR, ".png")


def test_an_image_that_is_transparent_everywhere_is_noted(tmp_path: Path):
    picture = saved(tmp_path, np.dstack([COLOUR, np.zeros_like(OPACITY)]), ".png")
    assert (picture.pixels == 255).all() and picture.changes == {ALPHA, CLEAR}
    assert "1 of 2 images are transparent in all pixels, which become white (a.bmp)" in pictures.notes(
        [picture, pictures.Picture(LEVELS)], ["a.bmp", "b.bmp"]
    )


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB"])
def test_other_colours_are_converted(mode: str, tmp_path: Path):
    from PIL import ImageCms

    if mode == "LAB":
        flat = Image.new("RGB", (5, 6), (200, 40, 90))
        spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(flat, *spaces, outputMode="LAB")
        wanted = np.asarray(flat).astype(int)
    else:
        image, wanted = Image.fromarray(COLOUR).convert(mode), COLOUR.astype(int)
    assert image is not None
    picture = saved(tmp_path, image, ".tif")
    assert np.abs(picture.pixels.astype(int) - wanted).max() <= 4 and not picture.changes


@pytest.mark.parametrize(("channels", "photometric"), [(5, 2), (4, 2), (2, 1)])
def test_channels_that_are_no_colours_are_refused(channels: int, photometric: int, tmp_path: Path):
    values = RNG.integers(0, 256, (6, 5, channels), np.uint8)
    extra = channels - (3 if photometric == 2 else 1)
    with pytest.raises(Refused, match=f"{channels} channels"):
        written(tmp_path, tiff(values.tobytes(), 8, photometric, channels, extra=extra), ".tif")


def on_white(pixels: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    share = opacity.astype(float).reshape(opacity.shape + (1,) * (pixels.ndim - 2)) / 255
    return np.rint(pixels * share + 255 * (1 - share))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_transparent_colours_are_put_on_white(suffix: str, tmp_path: Path):
    options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
    picture = saved(tmp_path, np.dstack([COLOUR, OPACITY]), suffix, **options)
    assert np.array_equal(picture.pixels, on_white(COLOUR, OPACITY)) and picture.changes == {ALPHA}
    assert (picture.pixels[0, 0] == 255).all() and np.array_equal(picture.pixels[0, 1], COLOUR[0, 1])


def test_opaque_colours_are_taken_as_they_are(tmp_path: Path):
    picture = saved(tmp_path, np.dstack([COLOUR, np.full_like(OPACITY, 255)]), ".png")
    assert np.array_equal(picture.pixels, COLOUR) and not picture.changes


def test_grey_stays_grey_beside_transparency(tmp_path: Path):
    for opacity, changes in ((OPACITY, {ALPHA, GREY}), (np.full_like(OPACITY, 255), {GREY})):
        picture = saved(tmp_path, Image.fromarray(np.dstack([LEVELS, opacity]), "LA"), ".png")
        assert np.array_equal(picture.pixels, on_white(LEVELS, opacity)) and picture.changes == changes
        wide = (np.dstack([LEVELS, opacity]).astype(np.uint16) * 257).astype(">u2")
        deeper = written(tmp_path, png(wide, 16, 4, size=(5, 6)), ".png")
        assert np.array_equal(deeper.pixels, picture.pixels) and deeper.changes == changes | {DEEP}


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_transparent_grey_is_white(bits: int, tmp_path: Path):
    """The key is in units of the file's own bits, which the decoded pixels are not."""
    highest = 2**bits - 1
    values = RNG.integers(0, highest + 1, (6, 5), np.uint16)
    values[0, 0] = 0
    if bits == 16:
        rows = values.astype(">u2")
    else:
        lines = [
            "".join(f"{v:0{bits}b}" for v in row).ljust(40, "0")[: -(-5 * bits // 8) * 8] for row in values.tolist()
        ]
        rows = np.array([[int(line[i : i + 8], 2) for i in range(0, len(line), 8)] for line in lines], np.uint8)
    for key in (0, int(values[3, 3])):
        picture = written(tmp_path, png(rows, bits, 0, (key,), (5, 6)), ".png")
        levels = values >> 8 if bits == 16 else values * (255 // highest)
        assert np.array_equal(picture.pixels, np.where(values == key, 255, levels)) and ALPHA in picture.changes
    assert not written(tmp_path, png(rows, bits, 0, (), (5, 6)), ".png").changes - {SIXTEEN}


def test_a_transparent_colour_is_white(tmp_path: Path):
    key = tuple(int(v) for v in COLOUR[2, 2])
    picture = saved(tmp_path, COLOUR, ".png", transparency=key)
    wanted = np.where((COLOUR == COLOUR[2, 2]).all(-1)[..., None], 255, COLOUR)
    assert np.array_equal(picture.pixels, wanted) and picture.changes == {ALPHA}
    wide = (COLOUR.astype(np.uint16) * 257).astype(">u2")
    with pytest.raises(Refused, match="transparent colour of more than 8 bits"):
        written(tmp_path, png(wide, 16, 2, (300, 4000, 50000), (5, 6)), ".png")


@pytest.mark.parametrize("suffix", [".png", ".gif", ".tif"])
def test_palettes_are_colour_or_grey_by_their_colours(suffix: str, tmp_path: Path):
    colours = Image.fromarray(COLOUR).quantize(8)
    picture = saved(tmp_path, colours, suffix)
    assert np.array_equal(picture.pixels, np.asarray(colours.convert("RGB"))) and not picture.changes
    greys = Image.fromarray(LEVELS // 64 * 80).convert("P")
    picture = saved(tmp_path, greys, suffix)
    assert np.array_equal(picture.pixels, LEVELS // 64 * 80) and picture.changes <= {GREY} and not picture.flat
    assert saved(tmp_path, Image.new("RGB", (5, 6), (9, 9, 9)).quantize(), suffix).flat


def test_transparent_places_of_a_palette_are_white(tmp_path: Path):
    image = Image.fromarray(COLOUR).quantize(8)
    places, colours = np.asarray(image), np.asarray(image.convert("RGB"))
    for suffix in (".png", ".gif"):
        picture = saved(tmp_path, image, suffix, transparency=2)
        assert np.array_equal(picture.pixels, np.where((places == 2)[..., None], 255, colours))
        assert picture.changes == {ALPHA}
    half = bytes([255, 128] + [255] * 6)
    picture = saved(tmp_path, image, ".png", transparency=half)
    assert np.array_equal(picture.pixels, on_white(colours, np.where(places == 1, 128, 255)))


# --- upright, first frames, and files that cannot be read


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_upright(orientation: int, suffix: str, tmp_path: Path):
    """Row and column of the stored pixels per EXIF 2.3: 0th row is at the top, bottom, left or right."""
    upright = np.zeros((24, 16, 3), np.uint8)
    upright[:8, :8], upright[:8, 8:] = 250, 100  # which corner is where can be told
    stored = {
        1: upright,
        2: np.fliplr(upright),
        3: np.rot90(upright, 2),
        4: np.flipud(upright),
        5: np.swapaxes(upright, 0, 1),
        6: np.rot90(upright, 1),  # turned clockwise, it is upright
        7: np.swapaxes(np.rot90(upright, 2), 0, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    options = {".webp": {"lossless": True}, ".jpg": {"quality": 100}}.get(suffix, {})
    picture = saved(tmp_path, np.ascontiguousarray(stored), suffix, exif=exif, **options)
    np.testing.assert_allclose(picture.pixels.astype(int), upright, atol=3)
    assert picture.changes == ({UPRIGHT} if orientation > 1 else set())


@pytest.mark.parametrize(
    ("kind", "suffix", "compression"),
    [
        *((kind, ".png", None) for kind in ("L", "I;16", "1", "P")),
        *((kind, ".tif", how) for kind in ("L", "I;16", "F", "1", "P") for how in ("raw", "tiff_lzw")),
    ],
)
def test_grey_images_are_upright_too(kind: str, suffix: str, compression: str | None, tmp_path: Path):
    """As they are stored row by row: as many rows as an upright image has columns."""
    exif = Image.Exif()
    exif[274] = 6
    upright = {"I;16": WIDE, "F": LEVELS / np.float32(255), "1": LEVELS > 99}.get(kind, LEVELS)
    image = Image.fromarray(np.ascontiguousarray(np.rot90(upright)))
    if kind == "P":
        image.putpalette([255 - value // 3 for value in range(768)])
    picture = saved(tmp_path, image, suffix, exif=exif, **({"compression": compression} if compression else {}))
    wanted = {"I;16": WIDE >> 8, "1": 255 * (LEVELS > 99), "P": 255 - LEVELS.astype(int)}.get(kind, LEVELS)
    assert np.array_equal(picture.pixels, wanted) and UPRIGHT in picture.changes


def test_an_orientation_that_is_not_legible_says_nothing(tmp_path: Path):
    picture = saved(tmp_path, COLOUR, ".png", exif=b"Exif\0\0nonsense")
    assert np.array_equal(picture.pixels, COLOUR) and UPRIGHT not in picture.changes


@pytest.mark.parametrize("suffix", [".gif", ".png", ".tif", ".webp"])
def test_of_several_frames_the_first_is_taken(suffix: str, tmp_path: Path):
    first, second = (Image.fromarray(pixels).quantize(8).convert("RGB") for pixels in (COLOUR, 255 - COLOUR))
    options = {"lossless": True} if suffix == ".webp" else {}
    picture = saved(tmp_path, first, suffix, save_all=True, append_images=[second], **options)
    assert np.array_equal(picture.pixels, np.asarray(first)) and picture.changes == {FRAMES}


@pytest.mark.parametrize("side", [20_000, 10_000])
def test_a_file_that_claims_to_be_huge_is_not_decoded(side: int, tmp_path: Path):
    """Beyond Pillow's limit, and where Pillow only warns: both are no image of a data set."""
    with pytest.raises((Image.DecompressionBombError, Image.DecompressionBombWarning)):
        written(tmp_path, png(np.zeros((1, 9), np.uint8), 8, 0, size=(side, side)), ".png")


def test_a_file_starts_no_other_program(tmp_path: Path):
    """An EPS, which Pillow gives to Ghostscript, under the name of a PNG."""
    with pytest.raises(Image.UnidentifiedImageError):
        written(tmp_path, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 6 6\n%%EndComments\nshowpage\n", ".png")


def test_what_pillow_warns_of_is_a_change_and_no_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import warnings

    import PIL.PngImagePlugin

    load = PIL.PngImagePlugin.PngImageFile.load_prepare

    def warning(image: Any) -> None:
        warnings.warn("Corrupt EXIF data", stacklevel=2)
        load(image)

    monkeypatch.setattr(PIL.PngImagePlugin.PngImageFile, "load_prepare", warning)
    picture = saved(tmp_path, COLOUR, ".png")
    assert picture.changes == {WARNED} and np.array_equal(picture.pixels, COLOUR)


def test_what_was_done_is_said_with_numbers_and_names():
    wide = pictures.Picture(LEVELS, frozenset({SIXTEEN, ALPHA}), highest=0.03)
    plainly = pictures.Picture(LEVELS)
    notes = pictures.notes([wide, plainly, wide], ["a.png", "b.png", "caf\udce9.png"])
    assert len(notes) == 3 and all(note.isprintable() for note in notes)
    assert notes[0].startswith("2 of 3 images have more than 8 bits") and notes[0].endswith("(a.png, caf\\udce9.png)")
    assert notes[1].startswith("2 of 3 images have transparent pixels")
    assert "above 3.00% of white, which leaves 8 levels" in notes[2]
    assert pictures.notes([plainly], ["b.png"]) == []
