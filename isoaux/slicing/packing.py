"""A network's weights as text that a page can load, in single precision."""

import base64
from typing import Any

import numpy as np

from isoaux.polytopes import Net


def single(net: Net) -> Net:
    """The network with its weights and biases rounded to float32: the one that the page has."""
    return Net([(weight.astype(np.float32), bias.astype(np.float32)) for weight, bias in net.affine], net.leak)


def packed(net: Net) -> dict[str, Any]:
    """A network as ``netOf`` of ``partition.mjs`` reads it: its ``widths``, ``leak`` and ``packed`` numbers.

    These are the weight by rows and the bias of each layer, one after the other, as little-endian float32 in base 64.
    Raises ValueError for weights that float32 cannot hold.
    """
    with np.errstate(over="ignore"):
        numbers = np.concatenate([np.append(weight.ravel(), bias) for weight, bias in net.affine]).astype("<f4")
    if not np.isfinite(numbers).all():
        raise ValueError("net has weights beyond 3.4e+38; accepted: weights that float32 holds.")
    return {
        "widths": list(net.widths),
        "leak": net.leak,
        "packed": base64.b64encode(numbers.tobytes()).decode("ascii"),
    }
