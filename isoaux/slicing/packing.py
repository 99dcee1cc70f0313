"""Networks, and points of their spaces, as text that a page can load."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.polytopes import Net

SIDE = 28
"""Rows and columns of a small picture."""


def single(net: Net) -> Net:
    """The network with its weights and biases rounded to float32: the one that the page has."""
    return Net([(weight.astype(np.float32), bias.astype(np.float32)) for weight, bias in net.affine], net.leak)


def packed(net: Net) -> dict[str, Any]:
    """A network as ``netOf`` of ``partition.mjs`` reads it: its ``widths``, ``leak`` and ``packed`` numbers.

    These are the weight by rows and the bias of each layer, one after the other, as little-endian float32 in base 64.
    Raises ValueError for weights that float32 cannot hold.
    """
    return {
        "widths": list(net.widths),
        "leak": net.leak,
        "packed": base64.b64encode(_numbers(net, 0)).decode("ascii"),
    }


def _numbers(net: Net, first: int) -> bytes:
    """The weights and biases of the layers from ``first`` on, counted from 0, in float32."""
    with np.errstate(over="ignore"):
        numbers = np.concatenate([np.append(weight.ravel(), bias) for weight, bias in net.affine[first:]]).astype("<f4")
    if not np.isfinite(numbers).all():
        raise ValueError("net has weights beyond 3.4e+38; accepted: weights that float32 holds.")
    return numbers.tobytes()


@dataclass(frozen=True)
class File:
    """A file of a page: its bytes, and the ``name`` that follows from them, 20 hexadecimal digits."""

    content: bytes

    @property
    def name(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:20]

    @property
    def text(self) -> str:
        """The bytes in base 64."""
        return base64.b64encode(self.content).decode("ascii")

    @property
    def script(self) -> str:
        """A script that leaves the text behind under the file's name."""
        return f'(globalThis.isoauxFiles ??= {{}})["{self.name}"] = "{self.text}";\n'

    @classmethod
    def of_script(cls, text: str) -> "File":
        """The file of such a script. Raises ValueError for text that is none."""
        try:
            return cls(base64.b64decode(text.split('"')[3], validate=True))
        except IndexError:
            raise ValueError("text is no script of a file; accepted: one that was written as such.") from None


def network(net: Net, images: NDArray[np.float64]) -> File:
    """A network behind its first layer, with what that layer makes of images (N, d), before its activation.

    All that a slice through images depends on, but for their distances: for an image the pre-activations of the first
    layer, in float64, then the weight by rows and the bias of every further layer, in float32. The first layer's
    weights are not needed, nor are the images. Raises ValueError as :func:`packed`.
    """
    before = net.pre_activations(net.points(images, 0))[0]
    return File(before.astype("<f8").tobytes() + _numbers(net, 1))


def pictures(images: NDArray[np.float64], small: NDArray[np.uint8]) -> File:
    """The distances of images (N, d) of each other, and a small picture (N, ``SIDE`` squared) of each.

    The distances are float64, in the order of the pairs (0, 1), (0, 2), ..., (N - 2, N - 1).
    """
    i, j = np.triu_indices(len(images), 1)
    between = np.array([np.linalg.norm(images[a] - images[b]) for a, b in zip(i, j, strict=True)])
    return File(between.astype("<f8").tobytes() + np.ascontiguousarray(small, np.uint8).tobytes())
