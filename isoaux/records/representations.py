"""Representations that are published: some of every network at its last checkpoint, as whole numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isoaux import ppp
from isoaux.common.archive import Arrays, Published
from isoaux.common.arrays import Floats
from isoaux.common.choices import shown

SAMPLES = 2000
"""Representations that are published of every network."""

STEPS = 4095
"""The largest whole number: with its sign, 13 bits."""


def sampled(layers: list[Floats], basis: NDArray[np.float64], epsilon: float, variant: str) -> Arrays:
    """The published representations of one network, from those (N, n) of its K layers at the last checkpoint.

    ``values`` (K, S, n), whole numbers of at most :data:`STEPS`, and ``scale`` (K,), what one of them stands for, half
    of which is the largest error; ``sample`` (S,), the places of the training images; ``planes_entered`` (K, S), near
    how many planes of the basis (m, n) each is, counted before they were rounded.
    """
    count = len(layers[0])
    sample = np.sort(np.random.default_rng(0).permutation(count)[:SAMPLES])
    values = np.stack([z[sample] for z in layers])
    largest = np.abs(values).max(axis=(1, 2), initial=0).astype(np.float64)
    scale = np.where(largest > 0, largest / STEPS, 1.0)
    kept = [ppp.project(z, basis, epsilon, variant).sample for z in values]
    return {
        "values": np.rint(values / scale[:, None, None]).astype(np.int16),
        "scale": scale,
        "sample": sample.astype(np.int32),
        "planes_entered": np.stack([np.bincount(k, minlength=len(sample)) for k in kept]).astype(np.int16),
    }


@dataclass(frozen=True, eq=False)
class Representations:
    """The published representations of one configuration: the same images of every seed, at the last checkpoint.

    In its methods ``layer`` is the place of a latent layer (k, negative: from the end), and ``seed`` one of ``seeds``,
    None for the first of them. Files of measure version 2 have one seed, and one scale for all layers.
    """

    published: Published

    @property
    def seeds(self) -> list[int]:
        """The seeds of the networks, in the order of the arrays."""
        facts = self.published.facts
        return list(facts["seeds"]) if "seeds" in facts else [facts["seed"]]

    @property
    def sample(self) -> NDArray[np.int32]:
        """The places of the images among the training images, (S,)."""
        return self.published["sample"]

    @property
    def count(self) -> int:
        """The number S of images."""
        return len(self.sample)

    @property
    def layers(self) -> int:
        """The number of latent layers."""
        return int(self.published["planes_entered"].shape[-2])

    def values(self, layer: int, seed: int | None = None) -> NDArray[np.float64]:
        """The representations (S, n) of a layer, in their own units. Raises ValueError for a seed that is not there."""
        return self.steps(layer, seed).astype(np.float64) * self.scale(layer, seed)

    def steps(self, layer: int, seed: int | None = None) -> NDArray[np.int16]:
        """The whole numbers (S, n) that the representations of a layer are multiples of, as they are published."""
        steps: NDArray[np.int16] = self._of_seed("values", seed)[layer]
        return steps

    def scale(self, layer: int, seed: int | None = None) -> float:
        """What a step of a layer stands for, in the units of the representations."""
        scale = self._of_seed("scale", seed)
        return float(scale[layer] if scale.ndim else scale)

    def planes_entered(self, layer: int, seed: int | None = None) -> NDArray[np.int16]:
        """Near how many planes of two neurons each representation is, (S,)."""
        planes: NDArray[np.int16] = self._of_seed("planes_entered", seed)[layer]
        return planes

    def _of_seed(self, name: str, seed: int | None) -> NDArray[np.generic]:
        place = 0 if seed is None else self._place(seed)
        array = self.published[name]
        return array[place] if "seeds" in self.published.facts else array

    def _place(self, seed: int) -> int:
        if seed not in self.seeds:
            accepted = ", ".join(map(str, self.seeds))
            raise ValueError(
                f"seed is {shown(seed)}, of which no representations of {self.published.facts['configuration']} are "
                f"published; accepted: {accepted}."
            )
        return self.seeds.index(seed)
