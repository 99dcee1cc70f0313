"""The file ``dataset.yaml`` in a folder of images: their name and licence."""

import os
from pathlib import Path
from typing import NamedTuple

import yaml

from isoaux.common.foreign import LONGEST, printable, short

FILE = "dataset.yaml"
LARGEST = 64 * 1024
"""The most bytes that the file may have."""

DEEPEST = 20
"""The most levels of nesting that it may have."""

KEYS = ("name", "licence", "license")
"""The keys that are read; the last two mean the same."""

ACCEPTED = f"a mapping of YAML in UTF-8 with texts name and licence, each once and of up to {LONGEST} characters"


class Description(NamedTuple):
    """Name and licence of the images in a folder, each a printable line, and notes on what was not read."""

    name: str
    licence: str
    notes: tuple[str, ...] = ()


def read(folder: Path) -> Description:
    """The description of the images in a folder; by default the folder's name and the licence ``unknown``.

    Other keys are passed over. Notes name keys that differ from those read in small and capital letters alone, and
    files whose names are nearly ``dataset.yaml``. Raises ValueError for a file that is no such description, or that has
    YAML aliases, a few of which can stand for any amount of text.
    """
    about, keys = _described(folder)
    names = [name for name in sorted(os.listdir(folder)) if name != FILE and name.lower() in (FILE, "dataset.yml")]
    notes = [f"the file {printable(name)} is not read, only one called {FILE} is" for name in names]
    near = [key for key in keys if key not in KEYS and key.strip().lower() in KEYS]
    notes += [f"the key {printable(key)} of {FILE} is not read, only {key.strip().lower()} is" for key in near]
    licence = about.get("licence") or about.get("license") or "unknown"
    return Description(about.get("name") or short(folder.resolve().name or "/"), licence, tuple(notes))


def _described(folder: Path) -> tuple[dict[str, str], list[str]]:
    """The texts under the keys that are read, and the names of all keys."""
    place = folder / FILE
    if not os.path.lexists(place):
        return {}, []
    if not place.is_file():
        raise _refusal(folder, "is no file")
    try:
        with place.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _refusal(folder, "cannot be read") from error
    if len(content) > LARGEST:
        raise _refusal(folder, f"has more than {LARGEST:,} bytes")
    try:
        text = content.decode("utf-8-sig")
        _check_form(folder, text)
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(folder, "cannot be read") from error
    if root is None:
        return {}, []
    if not isinstance(root, yaml.MappingNode):
        raise _refusal(folder, "is no mapping")
    entries = [(key.value, value) for key, value in root.value if isinstance(key, yaml.ScalarNode)]
    keys = [key for key, _ in entries]
    for same in (KEYS[:1], KEYS[1:]):
        given = [key for key in keys if key in same]
        if len(given) > 1:
            raise _refusal(folder, f"has {' and '.join(given)}, of which one would be passed over")
    return {key: _text(folder, key, value) for key, value in entries if key in KEYS}, keys


def _check_form(folder: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal(folder, "has anchors or aliases")
        if depth > DEEPEST:
            raise _refusal(folder, f"has more than {DEEPEST} levels")


def _text(folder: Path, key: str, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _refusal(folder, f"has no text as {key} but several values")
    text = printable(node.value)
    if node.tag != "tag:yaml.org,2002:str" and text:
        raise _refusal(folder, f"has no text as {key} but {short(text)}, which is a text only in quotes")
    if not text or len(text) > LONGEST:
        raise _refusal(folder, f"has no text as {key}, or an empty or a long one")
    return text


def _refusal(folder: Path, why: str) -> ValueError:
    return ValueError(f"dataset is {f'folder:{folder}'!r}, whose {FILE} {why}; accepted: {ACCEPTED}.")
