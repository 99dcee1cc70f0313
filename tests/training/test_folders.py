"""Which files of a folder are its images: links, hidden and foreign files, parts for training and testing."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from isoaux.training import folders


def fill(folder: Path, names: Sequence[str]) -> Path:
    """Files of these names; what is in them does not matter here."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def names(folder: Path) -> list[list[str]]:
    """The images of every group, from the folder."""
    return [[p.relative_to(folder).as_posix() for p in group] for group in folders.images(folder).groups]


def note(folder: Path) -> str:
    return "; ".join(folders.images(folder).notes)


def test_images_are_listed_by_name_whatever_their_depth_and_letters(tmp_path: Path):
    fill(tmp_path, ["b.png", "a/2.JPG", "a/1.TifF", "a.png/3.png", "c.txt", "labels.csv", "README.md", "png"])
    assert names(tmp_path) == [["a/1.TifF", "a/2.JPG", "a.png/3.png", "b.png"]]
    assert folders.images(tmp_path).notes == []


@pytest.mark.parametrize(
    "hidden", [".ipynb_checkpoints/a.png", "__MACOSX/a.png", "x/@eaDir/1/a.png", ".git/a.png", "._a.png", "x/.a.png"]
)
def test_hidden_files_and_folders_are_passed_over_and_named(hidden: str, tmp_path: Path):
    fill(tmp_path, ["x/1.png", hidden])
    assert names(tmp_path) == [["x/1.png"]]
    assert note(tmp_path) == f"passed over: 1 with hidden names or in hidden or system folders ({hidden})"


def test_a_folder_in_a_hidden_place_is_read(tmp_path: Path):
    place = fill(tmp_path / ".data" / "__MACOSX", ["1.png"])
    assert names(place) == [["1.png"]] and not note(place)
    fill(place, [".DS_Store", ".git/config"])  # no images: nothing to say
    assert not note(place)


def test_linked_folders_are_read(tmp_path: Path):
    """One class of several, or all of them, elsewhere; and the folder itself may be a link."""
    fill(tmp_path / "elsewhere", ["1.png", "deep/2.png"])
    mine = fill(tmp_path / "mine", ["a/0.png"])
    (mine / "b").symlink_to(tmp_path / "elsewhere")
    assert names(mine) == [["a/0.png", "b/1.png", "b/deep/2.png"]] and not note(mine)
    (tmp_path / "link").symlink_to(mine)
    assert names(tmp_path / "link") == names(mine)


def test_links_that_lead_back_or_twice_to_a_folder_end(tmp_path: Path):
    fill(tmp_path / "elsewhere", ["1.png"])
    mine = fill(tmp_path / "mine", ["b/0.png", "b/c/2.png"])
    for place, target in (
        ("a", "b"),  # is read by its own name
        ("up", ".."),
        ("here", "."),
        ("b/c/round", "../../b"),
        ("m", tmp_path / "elsewhere"),
        ("n", tmp_path / "elsewhere"),
        ("self", "self"),
    ):
        (mine / place).symlink_to(target)
    (tmp_path / "elsewhere" / "back").symlink_to(mine)
    assert names(mine) == [["b/0.png", "b/c/2.png", "m/1.png"]]
    passed = ["a", "b/c/round", "here", "m/back", "n", "up"]
    assert f"6 linked to a folder that is read already or holds the link ({', '.join(passed[:3])} and 3 more)" in note(
        mine
    )


def test_what_is_no_file_is_passed_over_and_named(tmp_path: Path):
    fill(tmp_path, ["1.png", "photo.heic", "scan.JP2", "._scan.jp2"])
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "link.png").symlink_to("1.png")
    assert names(tmp_path) == [["1.png", "link.png"]]
    parts = (
        "2 in formats that are not read (photo.heic, scan.JP2)",
        "2 that are no files or lead nowhere (gone.png, pipe.png)",
    )
    assert all(part in note(tmp_path) for part in parts) and "._" not in note(tmp_path)


@pytest.mark.parametrize("name", ["1.jpe", "1.apng", "1.MPO", "1.dib", "1.png.gz", "scan.jp2.zip"])
def test_images_by_their_names_are_noted_where_they_are_not_read(name: str, tmp_path: Path):
    fill(tmp_path, ["1.png", name, "labels.csv.gz", "1.png.txt"])
    assert names(tmp_path) == [["1.png"]]
    assert note(tmp_path) == f"passed over: 1 in formats that are not read ({name})"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM"])
@pytest.mark.parametrize("name", ["image", "image.png~", "image.0001"])
def test_images_by_their_content_are_noted_where_they_are_not_read(name: str, kind: str, tmp_path: Path):
    fill(tmp_path, ["1.png", "README", "BMP"])
    (tmp_path / "notes").write_text("BM is P1 of II")
    Image.new("RGB", (4, 3)).save(tmp_path / name, kind)
    assert note(tmp_path) == f"passed over: 1 in formats that are not read ({name})"


def test_names_that_are_no_utf_8_are_read_and_can_be_printed(tmp_path: Path):
    fill(tmp_path, ["1.png"])
    for name in (b"caf\xe9.png", b".caf\xe9.png", b"new\nline.heic"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"")
    assert [os.fsencode(name) for name in names(tmp_path)[0]] == [b"1.png", b"caf\xe9.png"]
    assert "(.caf\\udce9.png)" in note(tmp_path) and "(new line.heic)" in note(tmp_path)
    assert note(tmp_path).encode("utf-8")


@pytest.mark.parametrize(
    ("parts", "used", "words"),
    [
        (("train", "test"), ("train", "test"), ""),
        (("Train", "Test"), ("Train", "Test"), ""),
        (("TRAINING", "testing"), ("TRAINING", "testing"), ""),
        (("train", "val"), ("train", "val"), "the test images are those of val/"),
        (("Train", "Validation"), ("Train", "Validation"), "the test images are those of Validation/"),
        (("train", "valid", "test"), ("train", "test"), "1 outside train/ and test/ (valid/1.png)"),
        (("train", "test", "other"), ("train", "test"), "1 outside train/ and test/ (other/1.png)"),
        (("train", "Train", "test"), ("train", "test"), "1 outside train/ and test/ (Train/1.png)"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_folders_called_like_train_and_test_are_the_parts(parts, used, words, tmp_path: Path):
    fill(tmp_path, [f"{part}/1.png" for part in parts])
    assert names(tmp_path) == [[f"{part}/1.png"] for part in used]
    assert (words in note(tmp_path)) if words else not note(tmp_path)
    assert folders.images(tmp_path).split == (None if used == ("train", "test") else used)


@pytest.mark.parametrize(
    "parts",
    [
        *(("train",), ("x/train", "x/test"), ("Training", "more"), ("train_set", "test_set"), ("trainA", "testA")),
        *(("train ", "test "), ("TRAINING-DATA", "test"), ("my_train", "my_test"), ("catsTrain", "catsTest")),
    ],
    ids="-".join,
)
def test_parts_that_are_not_used_are_said(parts, tmp_path: Path):
    fill(tmp_path, [f"{part.replace('/', os.sep)}/1.png" for part in parts])
    assert len(names(tmp_path)) == 1 and "all images are split" in note(tmp_path)
    assert note(tmp_path).startswith(f"{parts[0]}/ is no part")


def test_classes_are_no_parts(tmp_path: Path):
    fill(
        tmp_path, ["test/1.png", "val/1.png", "car/1.png", "restrain/1.png"]
    )  # classes of these names, and nothing to train on
    assert len(names(tmp_path)) == 1 and not note(tmp_path)


def test_linked_parts_are_parts_and_one_folder_is_never_both(tmp_path: Path):
    fill(tmp_path / "a", ["1.png"]), fill(tmp_path / "b", ["2.png"])
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "train").symlink_to(tmp_path / "a")
    (mine / "test").symlink_to(tmp_path / "b")
    assert names(mine) == [["train/1.png"], ["test/2.png"]] and not note(mine)
    (mine / "test").unlink()
    (mine / "test").symlink_to(tmp_path / "a")
    assert sorted(map(len, names(mine))) == [0, 1]  # which is too few, and refused


def test_a_sub_folder_that_cannot_be_read_is_no_reason_to_leave_images_out(tmp_path: Path, monkeypatch):
    fill(tmp_path, ["a/1.png", "b/1.png"])
    listing = os.scandir

    def closed(path):
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(PermissionError):
        folders.images(tmp_path)
