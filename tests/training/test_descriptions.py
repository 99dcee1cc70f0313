"""What ``dataset.yaml`` says of a folder, and what of it is refused."""

import os
from pathlib import Path

import pytest

from isoaux.training import descriptions


def described(folder: Path, content: str | bytes) -> Path:
    (folder / "dataset.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
"""Nine levels of nine aliases each: 400 bytes that stand for gigabytes."""


@pytest.mark.parametrize(
    ("content", "name", "licence"),
    [
        ("name: CIFAR-10 (JPEG mirror)\nlicence: see there\n", "CIFAR-10 (JPEG mirror)", "see there"),
        ("name: Blätter\nlicense: CC BY\n", "Blätter", "CC BY"),
        ("\ufeffname: x\n", "x", "unknown"),
        ("name: |\n  two\n  lines\n", "two lines", "unknown"),
        ('name: "a\\x1b[31m \\ud800 b"\n', "a\\x1b[31m \\ud800 b", "unknown"),
        ("name: <b>&amp;</b>\n", "<b>&amp;</b>", "unknown"),
        ("nc: 80\nnames: {0: person, 1: bicycle}\ntrain: images/train\nwhen: 2020-99-99\n", None, "unknown"),
        ("", None, "unknown"),
        ("# nothing yet\n", None, "unknown"),
    ],
)
def test_name_and_licence_are_lines_of_text(content: str, name: str | None, licence: str, tmp_path: Path):
    assert descriptions.read(described(tmp_path, content)) == (name or tmp_path.name, licence, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Name: x\n", "the key Name of dataset.yaml is not read, only name is"),
        ("LICENSE: x\n", "the key LICENSE of dataset.yaml is not read, only license is"),
    ],
)
def test_keys_that_are_nearly_right_are_noted(content: str, words: str, tmp_path: Path):
    assert descriptions.read(described(tmp_path, content)) == (tmp_path.name, "unknown", (words,))


@pytest.mark.parametrize("name", ["dataset.yml", "Dataset.yaml", "DATASET.YML"])
def test_files_that_are_nearly_called_right_are_noted(name: str, tmp_path: Path):
    (tmp_path / name).write_text("name: x\n")
    words = f"the file {name} is not read, only one called dataset.yaml is"
    assert descriptions.read(tmp_path) == (tmp_path.name, "unknown", (words,))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("name: [", "cannot be read"),
        (b"name: \xff\xfe", "cannot be read"),
        ("name: a\n---\nname: b\n", "cannot be read"),
        ("just words", "no mapping"),
        ("- name: x\n", "no mapping"),
        ("name:\n", "no text as name"),
        ("name: 2020\n", "no text as name but 2020, which is a text only in quotes"),
        ("name: yes\n", "no text as name but yes, which is a text only in quotes"),
        ("licence: 2.0\n", "no text as licence but 2.0, which is a text only in quotes"),
        ("license: [mit]\n", "no text as license but several values"),
        ("name: a\nname: b\n", "name and name, of which one"),
        ("licence: a\nlicense: b\n", "licence and license, of which one"),
        ("name: ''\n", "no text as name"),
        ("name: [a, b]\n", "no text as name"),
        ("name: x\nlicence: {a: b}\n", "no text as licence"),
        (f"name: {'x' * 201}\n", "no text as name"),
        (BOMB + "\nname: *i\n", "aliases"),
        ("name: &a x\nlicence: *a\n", "aliases"),
        ("name: " + "[" * 30_000, "levels"),
        ("name: x\nmore: " + "{a: " * 10_000, "levels"),
        ("".join(f"{' ' * i}a:\n" for i in range(300)), "levels"),
        ("name: x\n#" + "x" * 70_000, "65,536 bytes"),
    ],
    ids=str,
)
def test_anything_else_is_refused_at_once(content: str | bytes, why: str, tmp_path: Path, refused):
    words = ["dataset", f"folder:{tmp_path}", "dataset.yaml", why, "accepted"]
    refused(words, descriptions.read, described(tmp_path, content))


@pytest.mark.parametrize("kind", ["folder", "pipe", "broken link"])
def test_a_description_that_is_no_file_is_refused(kind: str, tmp_path: Path, refused):
    place = tmp_path / "dataset.yaml"
    {"folder": place.mkdir, "pipe": lambda: os.mkfifo(place), "broken link": lambda: place.symlink_to("gone")}[kind]()
    refused(["dataset.yaml is no file"], descriptions.read, tmp_path)


def test_a_description_that_may_not_be_read_is_refused(tmp_path: Path, refused, monkeypatch):
    def closed(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    described(tmp_path, "name: x\n")
    monkeypatch.setattr(Path, "open", closed)
    refused(["dataset.yaml cannot be read"], descriptions.read, tmp_path)


def test_only_the_beginning_of_a_large_file_is_read(tmp_path: Path, refused):
    with (tmp_path / "dataset.yaml").open("wb") as file:
        file.truncate(2**40)  # a terabyte of nothing
    refused(["65,536 bytes"], descriptions.read, tmp_path)


def test_a_folders_own_name_is_one_printable_line(tmp_path: Path):
    place = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n<b>\x1b[0m"))
    place.mkdir()
    assert descriptions.read(place) == ("caf\\udce9 <b>\\x1b[0m", "unknown", ())
    assert descriptions.read(Path("/"))[0] == "/"
