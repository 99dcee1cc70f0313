"""Files of activations that readers of the explorer may try; as scripts, which a page opened from disk may load."""

import base64
import json
from dataclasses import asdict, dataclass
from pathlib import Path

EXAMPLES = {
    "relu-layer": "a ReLU layer",
    "isotropic-adam": "an isotropic layer trained with Adam",
    "transformer-residual": "a slice of a transformer",
}
"""What the files are called in the page, in its order; those that are published are offered."""


@dataclass(frozen=True)
class Example:
    """A file to try: its name ``file``, the ``words`` for it, and what is in it (``about``)."""

    file: str
    words: str
    about: str

    @property
    def entry(self) -> dict[str, str]:
        """What the page is told of it."""
        return asdict(self)


def published(folder: Path) -> list[Example]:
    """The examples in a folder, each a file ``.npy`` with a ``.json`` beside it, which says what it is."""
    return [
        Example(f"{name}.npy", words, json.loads((folder / f"{name}.json").read_text("utf-8"))["what"])
        for name, words in EXAMPLES.items()
        if (folder / f"{name}.npy").is_file()
    ]


def script(path: Path) -> str:
    """A script that leaves the bytes of a file behind, in base 64, under the file's name."""
    text = base64.b64encode(path.read_bytes()).decode("ascii")
    return f'(globalThis.isoauxFiles ??= {{}})["{path.name}"] = "{text}";\n'
