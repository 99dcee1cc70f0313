"""What the file ``dataset.yaml`` in a folder of images says of them: what they are called, and their licence."""

import os
from pathlib import Path

import yaml

from isoaux.foreign import LONGEST, printable, short

FILE = "dataset.yaml"
LARGEST = 64 * 1024
"""Bytes that such a file may have."""

DEEPEST = 20
"""Levels that it may have."""

ACCEPTED = f"a mapping of YAML in UTF-8 with texts name and licence, each up to {LONGEST} characters"


def read(folder: Path) -> tuple[str, str]:
    """Name and licence of the images in a folder, each a printable line; the folder's name and ``unknown`` by default.

    Other keys are passed over. Raises ValueError for a file that is no such description; aliases are none, because
    a few of them can stand for any amount of text.
    """
    about = _described(folder)
    return about.get("name") or short(folder.resolve().name or "/"), about.get("licence") or "unknown"


def _described(folder: Path) -> dict[str, str]:
    place = folder / FILE
    if not os.path.lexists(place):
        return {}
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
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise _refusal(folder, "is no mapping")
    entries = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    named = {"name": entries.get("name"), "licence": entries.get("licence", entries.get("license"))}
    return {key: _text(folder, key, value) for key, value in named.items() if value is not None}


def _check_form(folder: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal(folder, "has anchors or aliases")
        if depth > DEEPEST:
            raise _refusal(folder, f"has more than {DEEPEST} levels")


def _text(folder: Path, key: str, node: yaml.Node) -> str:
    text = printable(node.value) if node.tag == "tag:yaml.org,2002:str" else ""
    if not text or len(text) > LONGEST:
        raise _refusal(folder, f"has no text as {key}, or an empty or a long one")
    return text


def _refusal(folder: Path, why: str) -> ValueError:
    return ValueError(f"dataset is {f'folder:{folder}'!r}, whose {FILE} {why}; accepted: {ACCEPTED}.")
