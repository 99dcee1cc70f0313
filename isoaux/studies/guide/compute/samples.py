"""Two of the guide's hidden layers as small files, for trying what reads activations."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from isoaux.common import disk, paths
from isoaux.studies.guide.compute import classifier
from isoaux.studies.guide.data import EPOCHS, NETWORKS

FILES = {"relu-layer": ("relu", "sgd"), "isotropic-adam": ("isotanh", "adam")}
"""Activation and optimiser of the network whose layer is in the file of this name."""

PLACE, SEED = "second", 0
"""Which hidden layer it is, and of which network."""


def write(folder: Path) -> list[Path]:
    """Write ``.npy`` and ``.json`` for each of ``FILES``: activations (1797 digits, 32 neurons), how they were made.

    They are in half precision; the second file has the checksum of the first.
    """
    written = []
    for name, (activation, optimiser) in FILES.items():
        network = classifier.trained(activation, SEED, optimiser)
        rows = network.hidden()[PLACE].astype(np.float16)
        place = disk.write(folder / f"{name}.npy", partial(np.save, arr=rows))
        facts: dict[str, Any] = {
            "what": f"{NETWORKS[activation, optimiser]}: the second of two hidden layers of a classifier of digits, "
            f"{len(rows):,} digits, {rows.shape[1]} neurons; half precision",
            "made_with": "python -m isoaux.studies.guide.compute.samples",
            "training": {
                "images": "8x8 digits (scikit-learn)",
                "licence": "CC BY 4.0",
                "optimiser": optimiser,
                "epochs": EPOCHS,
                "seed": SEED,
                "accuracy": round(network.accuracy, 4),
            },
            "layout": ["digits", "neurons"],
            "shape": list(rows.shape),
            "dtype": str(rows.dtype),
            "sha256": hashlib.sha256(place.read_bytes()).hexdigest(),
        }
        written += [place, disk.write_json(folder / f"{name}.json", facts)]
    return written


if __name__ == "__main__":
    for each in write(paths.data() / "samples"):
        print(each)
