"""The files of the live slice, each a script that a page can load, and their list."""

import json
from pathlib import Path
from typing import Any

from isoaux.common import disk
from isoaux.slicing.packing import File

LIST = "slicing.json"


def write(folder: Path, file: File) -> Path:
    """Write a file, whole or not at all; its path."""
    return disk.write(folder / f"{file.name}.mjs", lambda temporary: temporary.write_text(file.script, "ascii"))


def write_list(folder: Path, content: dict[str, Any]) -> Path:
    """Write the list of all files, and remove the files that it does not name; its path."""
    path = disk.write_json(folder / LIST, content)
    for old in {file.stem for file in folder.glob("*.mjs")} - named(content):
        (folder / f"{old}.mjs").unlink()
    return path


def named(content: dict[str, Any]) -> set[str]:
    """The names of all files of a list."""
    return {content["pictures"]} | {epoch["part"] for each in content["networks"] for epoch in each["epochs"]}


def read_list(folder: Path) -> dict[str, Any]:
    """The list of the files in a folder. Raises FileNotFoundError where there is none."""
    path = folder / LIST
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; `python -m isoaux explorer --slices --dataset mnist` writes it.")
    return dict(json.loads(path.read_text("utf-8")))


def read(folder: Path, name: str) -> File:
    """A file of the list. Raises FileNotFoundError where it is missing, ValueError where it was altered."""
    path = folder / f"{name}.mjs"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; `python -m isoaux explorer --slices --dataset mnist` writes it.")
    try:
        file = File.of_script(path.read_text("ascii"))
    except ValueError:
        file = File(b"")
    if file.name != name:
        raise ValueError(f"{path} is truncated or was altered: its content is not the one that it is named after.")
    return file
