"""A slice of the trained transformer's activations as a small file, for trying what reads activations."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from isoaux.common import disk, paths
from isoaux.studies.transformer import data, text
from isoaux.studies.transformer.compute import activations, model
from isoaux.studies.transformer.data import Place

NAME = "transformer-residual"
"""The name of the file, without its ending."""

PLACE = Place("residual", 3)
"""Where the activations are from."""

SENTENCES, TOKENS = 400, 1_000
"""How many sentences are read, and how many of their words are kept."""


def write(folder: Path) -> list[Path]:
    """Write ``NAME.npy``, half-precision activations (1,000 words x 384 neurons), and ``NAME.json``; their paths.

    The second file says how the first was made and has its checksum. Raises FileNotFoundError where the package with
    the weights is not installed.
    """
    weights = model.packaged()
    vocabulary, sentences = model.vocabulary(weights), text.sentences(SENTENCES)
    encoded = [vocabulary.encode(words) for words in sentences]
    tokens = activations.tokens(encoded, TOKENS)
    rows = activations.captured(model.trained(weights), encoded, tokens, [PLACE])[PLACE].astype(np.float16)
    place = disk.write(folder / f"{NAME}.npy", lambda temporary: np.save(temporary, rows))
    facts: dict[str, Any] = {
        "what": f"{data.NETWORK}, {PLACE.words}: {len(rows):,} words of {len(sentences)} sentences, drawn at random, "
        f"{rows.shape[1]} neurons, [CLS] and [SEP] left out; half precision",
        "made_with": f"python -m isoaux.studies.transformer.compute.samples, with the package {data.PACKAGE}",
        "weights": {"licence": data.LICENCE, "sha256": model.checksum(weights)},
        "sentences": {"source": text.SOURCE, "licence": text.LICENCE, "seed": 0, "count": len(sentences)},
        "layout": ["words", "neurons"],
        "shape": list(rows.shape),
        "dtype": str(rows.dtype),
        "sha256": hashlib.sha256(place.read_bytes()).hexdigest(),
    }
    return [place, disk.write_json(folder / f"{NAME}.json", facts)]


if __name__ == "__main__":
    for written in write(paths.data() / "samples"):
        print(written)
