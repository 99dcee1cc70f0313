"""Sources of images: what they hold, how they are standardised, how a folder is read or refused (spec. section 5)."""

import gzip
import hashlib
import io
import json
import os
import shutil
import struct
import warnings
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from isoaux.common import disk
from isoaux.paper import sources
from isoaux.training import data
from isoaux.training.data import Images


@pytest.fixture(scope="module")
def digits() -> Images:
    return data.load("digits")


def seen(images: Images, part: np.ndarray, normalised: bool) -> np.ndarray:
    """What a network sees of bytes."""
    scale, offset = images.affine(normalised)
    return part * scale + (0 if offset is None else offset)


def images_of(train: np.ndarray, test: np.ndarray) -> Images:
    return Images("made", "made", train, test, (1, 1, train.shape[1]), "0")


bytes_of = st.integers(1, 40).flatmap(
    lambda rows: arrays(np.uint8, (rows, 6), elements=st.one_of(st.integers(0, 255), st.sampled_from([0, 7, 255])))
)


# --- raw and standardised


@settings(max_examples=50)
@given(bytes_of, bytes_of)
def test_raw_pixels_are_bytes_over_255(train: np.ndarray, test: np.ndarray):
    images = images_of(train, test)
    for part in (train, test):
        np.testing.assert_allclose(seen(images, part, False), part.astype(float) / 255, rtol=1e-15)


@settings(max_examples=50)
@given(bytes_of, bytes_of)
def test_standardising_uses_the_training_sets_own_mean_and_population_deviation(train: np.ndarray, test: np.ndarray):
    """Also for the test set; a pixel that never changes in training keeps its scale, and becomes 0 there."""
    train = np.concatenate([train, train])  # two images at least
    train[:, 2] = 7
    images = images_of(train, test)
    values = train.astype(float) / 255
    np.testing.assert_allclose(images.mean, values.mean(0), rtol=1e-12, atol=1e-15)
    still = np.ptp(train, axis=0) == 0
    assert still[2]
    wanted = np.where(still, 1.0, values.std(0))
    np.testing.assert_allclose(images.std, wanted, rtol=1e-9)
    standard = seen(images, train, True)
    np.testing.assert_allclose(standard[:, ~still].mean(0), 0, atol=1e-11)
    np.testing.assert_allclose(standard[:, ~still].std(0), 1, rtol=1e-9)
    np.testing.assert_allclose(standard[:, still], 0, atol=1e-15)
    np.testing.assert_allclose(seen(images, test, True), (test / 255 - values.mean(0)) / wanted, rtol=1e-9, atol=1e-11)


def test_standardising_holds_on_real_images(digits: Images):
    standard, still = seen(digits, digits.train, True), np.ptp(digits.train, axis=0) == 0
    assert still.any() and not still.all()
    np.testing.assert_allclose(standard.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(standard.std(0), np.where(still, 0, 1), atol=1e-12)
    other = seen(digits, digits.test, True)
    assert np.abs(other.mean(0)).max() > 0.01  # its own statistics were not used


def test_the_variance_is_exact_where_many_values_are_equal():
    """One odd byte among 60,000: a variance from floating-point sums would be lost in their rounding."""
    train = np.full((60_000, 1), 254, np.uint8)
    train[0] = 255
    share = 1 / len(train)
    np.testing.assert_allclose(images_of(train, train).std, np.sqrt(share * (1 - share)) / 255, rtol=1e-12)


# --- the embedded sources


def test_digits(digits: Images):
    assert digits.train.dtype == digits.test.dtype == np.uint8
    assert digits.shape == (8, 8, 1) and digits.d == 64 == digits.train.shape[1] == digits.test.shape[1]
    assert len(digits.train) + len(digits.test) == 1797 and len(digits.test) == 1797 // 6
    assert digits.train.min() == 0 and digits.train.max() == 255 and "CC BY" in digits.licence
    from sklearn.datasets import load_digits

    whole = np.concatenate([digits.train, digits.test]) / 255 * 16
    order = [np.lexsort(rows.T) for rows in (np.rint(whole), load_digits().data)]
    np.testing.assert_allclose(whole[order[0]], load_digits().data[order[1]], atol=0.05)


def test_a_source_is_the_same_every_time(digits: Images):
    again = data.load("digits")
    assert again.checksum == digits.checksum and np.array_equal(again.train, digits.train)
    assert not np.array_equal(digits.train[:20], np.sort(digits.train, axis=0)[:20])


def test_no_test_patch_shares_a_pixel_with_a_training_patch(monkeypatch: pytest.MonkeyPatch):
    """Photographs whose colours spell row and column: a patch says where it is from."""

    rows, columns = np.mgrid[:427, :640]
    high = 2 * (rows >> 8) + (columns >> 8 << 4)
    spelt = [np.stack([columns & 255, rows & 255, high + 4 * p], -1).astype(np.uint8) for p in range(2)]
    monkeypatch.setattr("sklearn.datasets.load_sample_images", lambda: SimpleNamespace(images=spelt))
    patches = data.load("patches")
    assert (
        patches.shape == (32, 32, 3) and patches.train.shape == (12_000, 3072) and patches.test.shape == (2_000, 3072)
    )
    touched = {}
    for name, part in (("train", patches.train), ("test", patches.test)):
        red, green, blue = np.moveaxis(part.reshape(-1, 32, 32, 3).astype(int), -1, 0)
        column, row, photograph = red + (blue >> 4 << 8), green + ((blue >> 1 & 1) << 8), blue >> 2 & 3
        for axis, place in ((1, row), (2, column)):  # each is one window of one photograph, upright
            assert (place - place.take([0], axis) == np.indices((32, 32))[axis - 1]).all()
        assert (photograph == photograph[:, :1, :1]).all() and set(np.unique(photograph)) == {0, 1}
        touched[name] = np.zeros((2, 427, 640), bool)
        touched[name][photograph, row, column] = True
        corners = set(zip(photograph[:, 0, 0], row[:, 0, 0], column[:, 0, 0], strict=True))
        assert len(corners) == len(part)  # none twice
    assert not (touched["train"] & touched["test"]).any()
    assert all(touched[name].mean() > share for name, share in (("train", 0.8), ("test", 0.1)))


def test_patches_are_of_the_photographs():
    from sklearn.datasets import load_sample_images

    patches = data.load("patches")
    assert "CC BY" in patches.licence and "scikit-learn" in patches.name
    first = patches.train[0].reshape(32, 32, 3)
    windows = np.lib.stride_tricks.sliding_window_view(load_sample_images().images[0], (32, 32), axis=(0, 1))
    candidates = np.argwhere((windows[..., 0, 0] == first[0, 0]).all(-1))
    assert any(np.array_equal(windows[r, c].transpose(1, 2, 0), first) for r, c in candidates)


# --- torchvision's sources


def idx(folder: Path, name: str, values: np.ndarray) -> None:
    """A file in MNIST's format."""
    header = bytes([0, 0, 8, values.ndim]) + b"".join(size.to_bytes(4, "big") for size in values.shape)
    (folder / name).write_bytes(header + values.tobytes())


def test_mnist_is_read_through_torchvision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(0)
    wanted = {part: rng.integers(0, 256, (count, 28, 28), np.uint8) for part, count in (("train", 7), ("t10k", 3))}
    for part, pixels in wanted.items():
        idx(raw, f"{part}-images-idx3-ubyte", pixels)
        idx(raw, f"{part}-labels-idx1-ubyte", np.arange(len(pixels), dtype=np.uint8) + 2)
    monkeypatch.setenv("ISOAUX_DATA", str(tmp_path))
    images = data.load("mnist")
    assert images.name == "MNIST" and images.source == "mnist" and images.shape == (28, 28, 1)
    assert np.array_equal(images.train, wanted["train"].reshape(7, 784))
    assert np.array_equal(images.test, wanted["t10k"].reshape(3, 784))
    assert labels(images) == ([2, 3, 4, 5, 6, 7, 8], [2, 3, 4])
    assert len(images.classes) == 10 and images.classes[7].startswith("7")


def test_cifar_is_read_through_torchvision(monkeypatch: pytest.MonkeyPatch):
    """Channels last, as torchvision decodes them; what is not there yet is asked for, once."""
    asked = []

    class Cifar:
        def __init__(self, root: Path, train: bool, download: bool) -> None:
            asked.append((Path(root), train, download))
            if train and not download:
                raise RuntimeError("Dataset not found or corrupted.")
            self.data = np.arange(2 * 3072).reshape(2, 32, 32, 3).astype(np.uint8) + (0 if train else 1)
            self.targets, self.classes = [1, 0] if train else [1, 1], ["airplane", "bird"]

    monkeypatch.setattr("torchvision.datasets.CIFAR10", Cifar)
    images = data.load("cifar10")
    assert images.name == "CIFAR-10" and images.shape == (32, 32, 3) and images.d == 3072
    assert np.array_equal(images.train, np.arange(6144).reshape(2, 3072).astype(np.uint8))
    assert [(train, download) for _, train, download in asked] == [(True, False), (True, True), (False, False)]
    assert {root for root, *_ in asked} == {data.downloads()}
    assert labels(images) == ([1, 0], [1, 1]) and images.classes == ("airplane", "bird")


# --- labels


def labels(images: Images) -> tuple[list[int] | None, list[int] | None]:
    parts = (images.labels_train, images.labels_test)
    first, second = (None if part is None else part.tolist() for part in parts)
    return first, second


def test_every_digit_keeps_its_label(digits: Images):
    from sklearn.datasets import load_digits

    known = load_digits()
    by_pixels = {
        np.rint(row * 255 / 16).astype(np.uint8).tobytes(): label
        for row, label in zip(known.data, known.target, strict=True)
    }
    assert digits.classes == tuple("0123456789") and len(by_pixels) == 1797
    for pixels, found in zip((digits.train, digits.test), labels(digits), strict=True):
        assert found == [by_pixels[row.tobytes()] for row in pixels]


def by_class(folder: Path, count: int, deeper: str = "") -> None:
    """Images of three classes: what the red of all pixels is says which class and which image."""
    for i in range(count):
        name = ["cat", "Ant", "bee"][i % 3]
        save(folder / name / deeper / f"{i:03d}.png", np.full((3, 3, 3), [50 * (i % 3) + i, i, 7], np.uint8))


@pytest.mark.parametrize("deeper", ["", "one/two"])
def test_sub_folders_are_classes_in_the_order_of_their_names(deeper: str, tmp_path: Path, own_cache: Path):
    by_class(tmp_path / "mine" / "Train", 14, deeper)
    by_class(tmp_path / "mine" / "val", 4, deeper)
    for _ in range(2):  # the second time from what was decoded before
        images, _ = loaded(tmp_path / "mine")
        assert images.classes == ("Ant", "bee", "cat")
        for pixels, found in zip((images.train, images.test), labels(images), strict=True):
            red, place = pixels[:, 0].astype(int), pixels[:, 1].astype(int)
            assert found == [{0: 2, 1: 0, 2: 1}[which] for which in (red - place) // 50]


def test_images_that_are_split_keep_their_labels(tmp_path: Path, own_cache: Path):
    by_class(tmp_path / "mine", 30)
    images = data.load(f"folder:{tmp_path / 'mine'}")
    assert (len(images.train), len(images.test)) == (25, 5)
    for pixels, found in zip((images.train, images.test), labels(images), strict=True):
        assert found == [{0: 2, 1: 0, 2: 1}[i % 3] for i in pixels[:, 1].tolist()]


@pytest.mark.parametrize("where", ["loose", "one of many", "one class", "parts alone"])
def test_a_folder_may_have_no_labels(where: str, tmp_path: Path, own_cache: Path):
    folders = {"loose": [""] * 8, "one of many": ["a", ""] * 4, "one class": ["a"] * 8}
    places = folders.get(where, ["train"] * 4 + ["test"] * 4)
    for i, place in enumerate(places):
        save(tmp_path / "mine" / place / f"{i}.png", colour(i, 3, 3))
    images = data.load(f"folder:{tmp_path / 'mine'}")
    assert labels(images) == (None, None) and images.classes == ()
    assert labels(data.load("patches"))[0] is None


def test_labels_are_no_part_of_the_content(tmp_path: Path, own_cache: Path):
    """What identifies digits is what it was before they had labels: shapes and pixels."""
    digits = data.load("digits")
    content = [repr((digits.train.shape, digits.test.shape, digits.shape)).encode(), digits.train, digits.test]
    assert digits.checksum == disk.checksum([content[0], *(part.data for part in content[1:])])


# --- folders of images


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def colour(seed: int, *size: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


def plain(folder: Path, count: int = 12, size: tuple[int, int] = (5, 4)) -> list[np.ndarray]:
    """A folder of so many colour images, in folders of classes; the images in the order of their names."""
    made = [colour(i, *size) for i in range(count)]
    for i, pixels in enumerate(made):
        save(folder / f"class-{i % 2}" / f"{i:03d}.png", pixels)
    return made[::2] + made[1::2]


def test_a_folder_with_train_and_test_keeps_them_apart(tmp_path: Path, own_cache: Path):
    parts = {part: plain(tmp_path / "mine" / part, count) for part, count in (("train", 4), ("test", 2))}
    images, words = loaded(tmp_path / "mine")
    assert (
        "2 of 2 test images are files of the training images too (test/class-0/000.png, test/class-1/001.png)" in words
    )
    assert images.shape == (5, 4, 3) and images.d == 60
    for part in ("train", "test"):
        assert np.array_equal(getattr(images, part), [a.ravel() for a in parts[part]])
    assert images.source == f"folder:{tmp_path / 'mine'}" and images.name == "mine" and images.licence == "unknown"


def test_a_plain_folder_is_split_five_to_one_and_always_alike(tmp_path: Path, own_cache: Path):
    made = plain(tmp_path / "mine", 26)
    images = data.load(f"folder:{tmp_path / 'mine'}")
    assert len(images.train) == 22 and len(images.test) == 4
    whole = np.concatenate([images.train, images.test])
    assert {row.tobytes() for row in whole} == {a.tobytes() for a in made}
    assert not np.array_equal(images.test, [a.ravel() for a in made[-4:]])  # drawn, not the last
    shutil.rmtree(own_cache)
    again = data.load(f"folder:{tmp_path / 'mine'}")
    assert np.array_equal(again.test, images.test) and np.array_equal(again.train, images.train)


def test_a_folder_says_its_name_and_licence(tmp_path: Path, own_cache: Path):
    plain(tmp_path / "mine")
    about = tmp_path / "mine" / "dataset.yaml"
    plainly = data.load(f"folder:{tmp_path / 'mine'}")
    about.write_text("name: CIFAR-10 (JPEG mirror)\nlicence: see there\n")
    images = data.load(f"folder:{tmp_path / 'mine'}")
    assert (images.name, images.licence) == ("CIFAR-10 (JPEG mirror)", "see there")
    assert images.checksum == plainly.checksum  # what it is called does not change what it is
    about.write_text("# nothing yet")
    assert data.load(f"folder:{tmp_path / 'mine'}").name == "mine"


@pytest.mark.parametrize("content", [b"name: [", b"name: \xff\xfe"], ids=["no YAML", "no text"])
def test_an_unreadable_description_is_refused(content: bytes, tmp_path: Path, own_cache: Path, refused):
    plain(tmp_path / "mine")
    (tmp_path / "mine" / "dataset.yaml").write_bytes(content)
    refused(["dataset", "dataset.yaml", "accepted"], data.load, f"folder:{tmp_path / 'mine'}")
    assert not own_cache.exists()


def test_a_folder_is_grey_only_if_every_image_is(tmp_path: Path, own_cache: Path):
    grey = [colour(i, 6, 6)[..., 0] for i in range(6)]
    for i, pixels in enumerate(grey):
        save(tmp_path / "grey" / f"{i}.png", pixels)
    images = data.load(f"folder:{tmp_path / 'grey'}")
    assert images.shape == (6, 6, 1)
    assert {row.tobytes() for row in np.concatenate([images.train, images.test])} == {a.tobytes() for a in grey}
    save(tmp_path / "grey" / "z.png", colour(9, 6, 6))
    mixed = data.load(f"folder:{tmp_path / 'grey'}")
    assert mixed.shape == (6, 6, 3)
    rows = {row.tobytes() for row in np.concatenate([mixed.train, mixed.test])}
    assert rows == {np.repeat(a[..., None], 3, 2).tobytes() for a in grey} | {colour(9, 6, 6).tobytes()}


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".bmp", ".gif", ".webp", ".tif", ".png", ".ppm"])
def test_a_folder_reads_the_usual_formats_and_passes_over_other_files(suffix: str, tmp_path: Path, own_cache: Path):
    for i in range(6):
        save(tmp_path / "mine" / f"{i}{suffix}", np.full((4, 4, 3), 40 * i, np.uint8))
    (tmp_path / "mine" / "notes.txt").write_text("no image")
    images = data.load(f"folder:{tmp_path / 'mine'}")
    assert images.train.shape == (5, 48) and images.test.shape == (1, 48)
    found = np.sort(np.concatenate([images.train, images.test]).astype(int).mean(1))
    np.testing.assert_allclose(found, 40 * np.arange(6), atol=2)


def test_the_checksum_changes_with_one_byte_and_with_a_files_place(tmp_path: Path, own_cache: Path):
    folder = tmp_path / "mine"
    plain(folder)
    found = [data.load(f"folder:{folder}").checksum]
    assert data.load(f"folder:{folder}").checksum == found[0]
    one = folder / "class-0" / "000.png"
    pixels = np.asarray(Image.open(one)).copy()
    pixels[0, 0, 0] ^= 1
    save(one, pixels)
    found.append(data.load(f"folder:{folder}").checksum)
    one.rename(folder / "class-1" / "000.png")
    found.append(data.load(f"folder:{folder}").checksum)
    (folder / "class-1" / "001.png").unlink()
    found.append(data.load(f"folder:{folder}").checksum)
    assert len(set(found)) == 4


def test_the_checksum_changes_when_an_image_moves_from_training_to_test(tmp_path: Path, own_cache: Path):
    """The same files in the same order, and yet other data."""
    for part in ("test", "train"):
        plain(tmp_path / "mine" / part, 4)
    before, _ = loaded(tmp_path / "mine")
    (tmp_path / "mine" / "train" / "class-1").rename(tmp_path / "mine" / "test" / "a")  # the last become the first
    after, _ = loaded(tmp_path / "mine")
    assert after.checksum != before.checksum and (len(after.train), len(after.test)) == (2, 6)


def test_the_checksum_of_an_embedded_source_is_of_its_pixels():
    rng = np.random.default_rng(0)
    train, test = rng.integers(0, 256, (6, 12), np.uint8), rng.integers(0, 256, (2, 12), np.uint8)

    def kept(a: np.ndarray, b: np.ndarray, shape: tuple[int, int, int] = (2, 2, 3), name: str = "a") -> str:
        return data._keep("s", name, a, b, shape, "free").checksum

    changed = train.copy()
    changed[3, 3] ^= 1
    assert kept(train, test) == kept(train.copy(), test.copy(), name="b")
    moved = kept(np.concatenate([train, test[:1]]), test[1:])
    assert len({kept(train, test), kept(changed, test), kept(test, train), kept(train, test, (2, 6, 1)), moved}) == 5


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_is_decoded_once(tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch):
    plain(tmp_path / "mine")
    first = data.load(f"folder:{tmp_path / 'mine'}")
    kept = files(own_cache)
    monkeypatch.setattr(data, "_decode", lambda *_: pytest.fail("decoded again"))
    again = data.load(f"folder:{tmp_path / 'mine'}")
    assert np.array_equal(first.train, again.train) and files(own_cache) == kept
    again.train[:] = 0  # a loaded array is this process's own
    assert np.array_equal(data.load(f"folder:{tmp_path / 'mine'}").train, first.train)


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: b"",
    ],
    ids=["truncated", "one byte altered", "empty"],
)
@pytest.mark.parametrize("name", ["train.npy", "test.npy", "decoded.json"])
def test_decoded_images_that_were_damaged_are_decoded_again(name: str, harm, tmp_path: Path, own_cache: Path):
    plain(tmp_path / "mine")
    first = data.load(f"folder:{tmp_path / 'mine'}")
    wanted, kept = first.train.copy(), files(own_cache)
    (damaged,) = own_cache.rglob(name)
    damaged.write_bytes(harm(damaged.read_bytes()))
    assert files(own_cache) != kept
    again = data.load(f"folder:{tmp_path / 'mine'}")
    assert np.array_equal(again.train, wanted) and files(own_cache) == kept


def test_what_was_decoded_by_other_rules_is_not_used(tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch):
    """Of ordinary files neither pixels nor checksum follow from the rules; where a rule applies, the checksum does."""
    plain(tmp_path / "mine")
    wide(tmp_path / "wide")
    first = {name: loaded(tmp_path / name) for name in ("mine", "wide")}
    monkeypatch.setattr(data, "_DECODER", data._DECODER + 1)
    monkeypatch.setattr(data, "_NOTED", set())
    decode, decoded = data._decode, []
    monkeypatch.setattr(data, "_decode", lambda *given: [decoded.append(given[0].name), decode(*given)])
    second = {name: loaded(tmp_path / name) for name in ("mine", "wide")}
    assert decoded == ["mine", "wide"]
    assert second["mine"][0].checksum == first["mine"][0].checksum
    assert second["wide"][0].checksum != first["wide"][0].checksum


# --- what is passed over or changed, and said


def loaded(folder: Path) -> tuple[Images, str]:
    """The images of a folder and what was said of them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        images = data.load(f"folder:{folder}")
    assert len(caught) <= 1 and all(one.category is RuntimeWarning for one in caught)
    return images, "".join(str(one.message) for one in caught)


def wide(folder: Path, count: int = 7) -> list[np.ndarray]:
    """A folder of grey images of 16 bits; their highest 8 bits."""
    made = [colour(i, 5, 4)[..., 0] for i in range(count)]
    for i, pixels in enumerate(made):
        save(folder / f"{i}.png", pixels.astype(np.uint16) * 256 + 77)
    return made


def rows_of(images: Images) -> set[bytes]:
    return {row.tobytes() for row in np.concatenate([images.train, images.test])}


def checksum_of_files(folder: Path) -> str:
    """Over names and contents in the order of names."""
    names = sorted(p for p in folder.rglob("*") if p.is_file())
    return hashlib.sha256(b"".join(bytes(p.relative_to(folder)) + p.read_bytes() for p in names)).hexdigest()


def test_ordinary_folders_have_the_checksum_of_their_files_and_nothing_is_said(tmp_path: Path, own_cache: Path):
    plain(tmp_path / "colour")
    for i in range(7):
        save(tmp_path / "grey" / f"{i}.png", colour(i, 5, 4)[..., 0])
        save(tmp_path / "opaque" / f"{i}.png", np.dstack([colour(i, 5, 4), np.full((5, 4), 255, np.uint8)]))
    for name in ("colour", "grey", "opaque"):
        images, words = loaded(tmp_path / name)
        assert images.checksum == checksum_of_files(tmp_path / name) and not words


def test_grey_of_sixteen_bits_is_grey_of_eight_and_other_data_than_its_files(tmp_path: Path, own_cache: Path):
    made = wide(tmp_path / "mine")
    images, words = loaded(tmp_path / "mine")
    assert images.shape == (5, 4, 1) and rows_of(images) == {pixels.tobytes() for pixels in made}
    assert "7 of 7 images have more than 8 bits, of which the highest 8 are taken (0.png, 1.png, 2.png and 4" in words
    assert images.checksum != checksum_of_files(tmp_path / "mine")
    again, _ = loaded(tmp_path / "mine")  # from the copy that is kept
    assert again.checksum == images.checksum and np.array_equal(again.train, images.train)


def test_what_is_said_is_said_once_in_a_process_and_not_by_its_workers(tmp_path: Path, own_cache: Path):
    wide(tmp_path / "mine")
    images, words = loaded(tmp_path / "mine")
    assert words.startswith(f"the data set 'folder:{tmp_path / 'mine'}': 7 of 7 images") and words.endswith(".")
    assert loaded(tmp_path / "mine")[1] == ""
    data._NOTED.clear()  # as another process has it
    assert data.reload(images.source, images.checksum).checksum == images.checksum  # warnings are errors here
    assert loaded(tmp_path / "mine")[1] == words


def test_one_folder_of_everything(tmp_path: Path, own_cache: Path):
    """Hidden copies, a linked class, a turned, a transparent and an animated image, and a name that is no UTF-8."""
    folder, made = tmp_path / "mine", [colour(i, 6, 6) for i in range(9)]
    for i in range(4):
        save(folder / f"{i}.png", made[i])
        save(folder / ".ipynb_checkpoints" / f"{i}.png", made[i])
        save(tmp_path / "elsewhere" / f"{i}.png", made[5 + i])
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    exif = Image.Exif()
    exif[274] = 6
    save(folder / "0.png", np.ascontiguousarray(np.rot90(made[0])), exif=exif)
    opacity = np.full((6, 6), 255, np.uint8)
    opacity[0] = 0
    save(folder / "1.png", np.dstack([made[1], opacity]))
    made[1] = made[1].copy()
    made[1][0] = 255
    Image.fromarray(made[2]).save(folder / "2.png", save_all=True, append_images=[Image.fromarray(made[3])])
    save(folder / "x.png", made[4])
    (folder / "x.png").rename(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png"))
    images, words = loaded(folder)
    assert rows_of(images) == {pixels.tobytes() for pixels in made}
    for part in (
        "passed over: 4 with hidden names or in hidden or system folders (.ipynb_checkpoints/0.png,",
        "1 of 9 images are turned upright, as their orientation (EXIF) says (0.png)",
        "1 of 9 images have transparent pixels and are put on white (1.png)",
        "1 of 9 images have several frames or pages, of which the first is taken (2.png)",
    ):
        assert part in words
    assert words.isprintable()


def test_validation_images_are_the_test_images_where_there_are_no_others(tmp_path: Path, own_cache: Path):
    parts = {part: plain(tmp_path / "mine" / part, count) for part, count in (("Train", 4), ("val", 2))}
    images, words = loaded(tmp_path / "mine")
    assert np.array_equal(images.train, [a.ravel() for a in parts["Train"]])
    assert np.array_equal(images.test, [a.ravel() for a in parts["val"]])
    assert "the test images are those of val/" in words
    assert images.checksum != checksum_of_files(tmp_path / "mine")  # which the same files have when split 5 to 1


@pytest.mark.parametrize("suffix", [".gif", ".png"])
def test_grey_palettes_are_grey_but_not_those_of_one_colour_alone(suffix: str, tmp_path: Path, own_cache: Path):
    for i in range(6):
        save_palette(tmp_path / "flat" / f"{i}{suffix}", np.full((4, 4), 40 * i, np.uint8))
        save_palette(tmp_path / "grey" / f"{i}{suffix}", colour(i, 4, 4)[..., 0] // 40 * 40)
    assert loaded(tmp_path / "flat")[0].shape == (4, 4, 3)  # written of colours, the files would be the same
    save_palette(tmp_path / "grey" / f"black{suffix}", np.zeros((4, 4), np.uint8))
    assert loaded(tmp_path / "grey")[0].shape == (4, 4, 1)
    save(tmp_path / "grey" / "red.png", np.full((4, 4, 3), (255, 0, 0), np.uint8))
    images, words = loaded(tmp_path / "grey")
    assert images.shape == (4, 4, 3) and images.checksum == checksum_of_files(tmp_path / "grey") and not words


def save_palette(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.repeat(pixels[..., None], 3, 2)).quantize(64).save(path)


@pytest.mark.parametrize("kind", ["links to files", "hard links", "copies"])
def test_test_images_that_are_training_images_are_noted(kind: str, tmp_path: Path, own_cache: Path):
    plain(tmp_path / "mine" / "train", 6)
    (tmp_path / "mine" / "test").mkdir()
    put = {"links to files": os.symlink, "hard links": os.link, "copies": shutil.copy}[kind]
    for i in (0, 2, 4):
        put(tmp_path / "mine" / "train" / "class-0" / f"{i:03d}.png", tmp_path / "mine" / "test" / f"{i}.png")
    save(tmp_path / "mine" / "test" / "new.png", colour(77, 5, 4))
    images, words = loaded(tmp_path / "mine")
    assert "3 of 4 test images are files of the training images too (test/0.png, test/2.png, test/4.png)." in words
    total = hashlib.sha256()
    for part in ("train", "test"):
        for path in sorted((tmp_path / "mine" / part).rglob("*.png")):
            total.update(bytes(path.relative_to(tmp_path / "mine")) + path.read_bytes())
    assert images.checksum == total.hexdigest()  # as without a note


def test_one_file_under_many_names_is_noted(tmp_path: Path, own_cache: Path):
    save(tmp_path / "mine" / "00.png", colour(0, 5, 4))
    for i in range(1, 12):
        os.link(tmp_path / "mine" / "00.png", tmp_path / "mine" / f"{i:02d}.png")
    assert "2 of 2 test images are files of the training images too" in loaded(tmp_path / "mine")[1]


@pytest.mark.parametrize("highest", [65535, 4095])
def test_colours_of_sixteen_bits_are_noted_and_have_the_checksum_of_their_files(
    highest: int, tmp_path: Path, own_cache: Path
):
    """As PPM, which is written by hand."""
    for i in range(7):
        values = np.random.default_rng(i).integers(0, highest, (5, 4, 3), np.uint16, endpoint=True)
        values[0, 0] = 0, 0, highest
        (tmp_path / "mine").mkdir(exist_ok=True)
        (tmp_path / "mine" / f"{i}.ppm").write_bytes(b"P6 4 5 65535\n" + values.astype(">u2").tobytes())
    images, words = loaded(tmp_path / "mine")
    assert "7 of 7 images have several channels of more than 8 bits, of which the highest 8 are taken" in words
    assert ("which leaves 17 levels" in words) == (highest == 4095)  # 4095 of 65535 are the nearest of 0 to 255, 16
    assert images.checksum == checksum_of_files(tmp_path / "mine")


def test_what_a_description_leaves_unsaid_is_noted(tmp_path: Path, own_cache: Path):
    plain(tmp_path / "mine")
    (tmp_path / "mine" / "dataset.yaml").write_text("Name: x\n")
    images, words = loaded(tmp_path / "mine")
    assert images.name == "mine" and "the key Name of dataset.yaml is not read" in words


def test_a_folder_of_any_name_can_be_written_down(tmp_path: Path, own_cache: Path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 <b>\n[x](y)"))
    plain(folder)
    images, _ = loaded(folder)
    assert images.name == "caf\\udce9 <b> [x](y)"
    disk.write_json(tmp_path / "facts.json", {"dataset": images.name, "licence": images.licence})
    assert json.loads((tmp_path / "facts.json").read_text("utf-8"))["dataset"] == images.name


# --- what is refused


@pytest.mark.parametrize(
    ("source", "near"),
    [
        ("cifar-10", "cifar10"),
        ("MNIST", None),
        ("patch", "patches"),
        ("digit", "digits"),
        ("folder", "folder:PATH"),
        ("folder:", "folder:PATH"),
        ("", None),
        ("imagenet", None),
    ],
    ids=str,
)
def test_an_unknown_source_names_the_nearest(source: str, near: str | None, refused):
    for function in (data.load, sources.check_name):
        words = ["dataset", repr(source), *sources.SOURCES, "folder:PATH"]
        message = refused([*words, f"did you mean {near!r}?"] if near else words, function, source)
        assert near or "did you mean" not in message


def test_a_known_source_passes_the_check_of_names_without_being_read():
    for source in (*sources.SOURCES, "folder:/nowhere at all"):
        assert sources.check_name(source) == source


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, own_cache: Path, refused):
    refused(["dataset", f"folder:{tmp_path / 'gone'}", "accepted"], data.load, f"folder:{tmp_path / 'gone'}")
    save(tmp_path / "one.png", colour(0, 3, 3))
    refused(["dataset", "one.png"], data.load, f"folder:{tmp_path / 'one.png'}")
    assert not own_cache.exists()


@pytest.mark.parametrize("layout", ["empty", "no images", "five", "empty test", "empty train"])
def test_a_folder_with_too_few_images_is_refused(layout: str, tmp_path: Path, own_cache: Path, refused):
    folder = tmp_path / "mine"
    folder.mkdir()
    if layout == "no images":
        (folder / "notes.txt").write_text("none")
    if layout == "five":
        plain(folder, 5)
    if layout.startswith("empty "):
        for part in ("train", "test"):
            (folder / part).mkdir()
        plain(folder / ("train" if layout == "empty test" else "test"))
    refused(["dataset", f"folder:{folder}", "too few images", "accepted"], data.load, f"folder:{folder}")
    assert not own_cache.exists()


def test_a_folder_of_mixed_sizes_is_refused(tmp_path: Path, own_cache: Path, refused):
    plain(tmp_path / "mine")
    save(tmp_path / "mine" / "odd.png", colour(0, 4, 5))
    refused(["dataset", "4x5", "5x4", "one size"], data.load, f"folder:{tmp_path / 'mine'}")
    assert not own_cache.exists()


def test_unreadable_images_are_named(tmp_path: Path, own_cache: Path, refused):
    folder = tmp_path / "mine"
    plain(folder)
    (folder / "class-0" / "text.png").write_text("no image at all")
    (folder / "empty.jpg").write_bytes(b"")
    message = refused(["dataset", "class-0/text.png", "empty.jpg"], data.load, f"folder:{folder}")
    assert "class-1" not in message and not own_cache.exists()
    for i in range(6):
        (folder / f"broken{i}.png").write_bytes(gzip.compress(b"x"))
    refused(["and 3 more"], data.load, f"folder:{folder}")
    assert not own_cache.exists()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".gif", ".webp", ".tif", ".ppm"])
def test_a_file_that_ends_too_soon_is_named_or_read_as_it_is(suffix: str, tmp_path: Path, own_cache: Path):
    """Every tenth of its length: never another kind of error, never a half-written decoding."""
    folder = tmp_path / "mine"
    for i in range(6):
        one = save(folder / f"{i}{suffix}", colour(i, 16, 16))
    content, named = one.read_bytes(), 0
    for tenth in range(10):
        one.write_bytes(content[: len(content) * tenth // 10])
        try:
            assert loaded(folder)[0].train.shape == (5, 768)
        except ValueError as error:
            assert f"5{suffix} cannot be read" in str(error)
            named += 1
            assert not [p for p in own_cache.rglob(".*")]
    assert named >= 5


def damaged(kind: str) -> bytes:
    """A file of which Pillow raises an error of its own kind."""
    good = io.BytesIO()
    Image.fromarray(colour(0, 5, 4)).save(good, "PNG")
    head, rest = good.getvalue()[:33], good.getvalue()[33:]
    if kind == "huge":
        size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
        return head[:8] + chunk(b"IHDR", size) + rest
    if kind == "long text":
        return head + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(3_000_000))) + rest
    if kind == "bad header":
        return b"P5 5 x4 255\n" + bytes(20)
    return {"empty": b"", "a page": b"<html></html>", "numbers": b"P5 5 4 99999\n" + bytes(40)}[kind]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize("kind", ["huge", "long text", "bad header", "empty", "a page", "numbers"])
def test_whatever_pillow_raises_the_file_is_named(kind: str, tmp_path: Path, own_cache: Path, refused):
    folder = tmp_path / "mine"
    plain(folder)
    (folder / "class-1" / "odd one.png").write_bytes(damaged(kind))
    refused(["dataset", f"folder:{folder}", "class-1/odd one.png cannot be read"], data.load, f"folder:{folder}")
    assert not own_cache.exists()


def test_an_error_of_any_kind_in_one_file_names_it(tmp_path: Path, own_cache: Path, refused, monkeypatch):
    from isoaux.training import pictures

    plain(tmp_path / "mine")
    read = pictures.read
    for error in (RecursionError, KeyError, struct.error, ZeroDivisionError, TypeError):

        def broken(path: Path, error: type[Exception] = error) -> pictures.Picture:
            if path.name == "003.png":
                raise error("no. words\nof ours")
            return read(path)

        monkeypatch.setattr(pictures, "read", broken)
        refused(["class-1/003.png cannot be read"], data.load, f"folder:{tmp_path / 'mine'}")


@pytest.mark.parametrize("name", ["000.png", "003.png"])
def test_memory_that_runs_out_is_said_as_such(name: str, tmp_path: Path, own_cache: Path, refused, monkeypatch):
    from isoaux.training import pictures

    plain(tmp_path / "mine", 12, (9, 7))
    decode = pictures._read

    def full(image: Image.Image) -> pictures.Picture:
        if Path(image.fp.name).name == name:
            raise MemoryError
        return decode(image)

    monkeypatch.setattr(pictures, "_read", full)
    place = {"000.png": "class-0/000.png, image 1", "003.png": "class-1/003.png, image 8"}[name]
    words = [
        "dataset",
        f"memory ran out at {place} of 12 of size 9x7",
        "accepted: images that together fit into memory",
    ]
    refused(words, data.load, f"folder:{tmp_path / 'mine'}")
    assert not own_cache.exists()


def test_more_pixels_than_the_machine_has_memory_for_are_refused_before_it_is_full(
    tmp_path: Path, own_cache: Path, refused, monkeypatch
):
    """Of small files of many pixels, too: a system promises memory that it does not have."""
    for i in range(6):
        Image.new("1", (4000, 4000), i % 2).save(tmp_path / f"{i}.png")
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.__getitem__)
    refused(["memory ran out at 0.png, image 1 of 6 of size 4000x4000"], data.load, f"folder:{tmp_path}")


def test_images_are_held_once_while_they_are_decoded(tmp_path: Path, own_cache: Path):
    import tracemalloc

    for i in range(60):
        save(tmp_path / f"{i:02d}.png", np.full((200, 200), i, np.uint8))
    save(tmp_path / "z.png", np.full((200, 200, 3), 9, np.uint8))
    size = 61 * 200 * 200 * 3
    tracemalloc.start()
    images = data.load(f"folder:{tmp_path}")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert images.train.size + images.test.size == size and peak < 1.7 * size  # at the end, those in grey beside them


def test_pixels_of_an_unknown_range_are_refused_by_name(tmp_path: Path, own_cache: Path, refused):
    plain(tmp_path / "mine")
    for name, values in (("a", np.float32(2)), ("b", np.float32(-1)), ("c", np.float32(np.nan)), ("d", np.int32(1))):
        save(tmp_path / "mine" / f"{name}.tif", np.full((5, 4), values))
    words = ["a.tif, b.tif cannot be used (numbers below 0 or above 1)", "c.tif", "not finite", "d.tif", "signed"]
    refused([*words, "accepted"], data.load, f"folder:{tmp_path / 'mine'}")
    assert not own_cache.exists()


def test_what_was_passed_over_is_said_where_too_little_is_left(tmp_path: Path, own_cache: Path, refused):
    for i in range(9):
        save(tmp_path / "mine" / ".thumbs" / f"{i}.png", colour(i, 5, 4))
    refused(["too few images", "passed over: 9 with hidden names"], data.load, f"folder:{tmp_path / 'mine'}")


@pytest.mark.parametrize("name", [b"caf\xe9", b"\xff\xfe"])
def test_a_path_that_is_no_utf_8_is_refused_where_notebooks_would_have_to_keep_it(name: bytes, refused):
    source = f"folder:/data/{os.fsdecode(name)}"
    message = refused(["dataset", "accepted", "UTF-8"], sources.check_name, source)
    assert message.encode("utf-8")


def test_a_path_in_utf_8_that_the_locale_does_not_decode_is_refused_for_the_locale(refused):
    source = b"folder:/data/caf\xc3\xa9".decode("ascii", "surrogateescape")
    message = refused(["dataset", "a path in UTF-8", "LC_ALL=C.UTF-8"], sources.check_name, source)
    assert "whose path is UTF-8" not in message and message.encode("utf-8")


@pytest.mark.parametrize("what", ["class-0/000.png", "class-0", "."])
def test_what_may_not_be_read_is_named(what: str, tmp_path: Path, own_cache: Path, refused, monkeypatch):
    plain(tmp_path / "mine")
    closed = tmp_path / "mine" / what
    opening, listing, names = Path.open, os.scandir, os.listdir

    def unless_closed(function):
        def call(path, *given, **options):
            if Path(path) == closed:
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *given, **options)

        return call

    monkeypatch.setattr(Path, "open", unless_closed(opening))
    monkeypatch.setattr(os, "scandir", unless_closed(listing))
    monkeypatch.setattr(os, "listdir", unless_closed(names))
    which = "which" if what == "." else f"of which {what}"
    words = [f"dataset is 'folder:{tmp_path / 'mine'}', {which} cannot be read (Permission denied); accepted: "]
    refused(words, data.load, f"folder:{tmp_path / 'mine'}")
    assert not own_cache.exists()


def test_odd_paths_are_refused_in_one_printable_sentence(own_cache: Path, refused):
    for place in ("/no\nwhere", "~nobody-of-this-name/x", "/a\0b", "/" + "x" * 5000, "/caf\udce9"):
        assert refused(["which is no folder"], data.load, f"folder:{place}").isprintable()


def test_a_failed_write_leaves_nothing_that_looks_like_images(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    plain(tmp_path / "mine")
    whole = np.save

    def full(path: Path, arr: np.ndarray, **options: object) -> None:
        whole(path, arr, **options)
        if "test" in Path(path).name:
            raise OSError("no space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="no space left"):
        data.load(f"folder:{tmp_path / 'mine'}")
    assert [p.name for p in own_cache.rglob("*") if p.is_file()] == ["train.npy"]
    monkeypatch.undo()
    monkeypatch.setenv("ISOAUX_CACHE", str(own_cache))
    assert len(data.load(f"folder:{tmp_path / 'mine'}").test) == 2


def test_downloads_go_where_they_are_told(monkeypatch: pytest.MonkeyPatch, own_cache: Path):
    assert data.downloads() == own_cache / "downloads"
    monkeypatch.setenv("ISOAUX_DATA", "/some/where")
    assert data.downloads() == Path("/some/where")
