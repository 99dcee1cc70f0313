"""How much a reconstruction changes when its image is perturbed, at random and as badly as possible (App. C.3).

Sizes are shares of the spread of the images as the network gets them, ``unit`` = sqrt(sum of the pixels' variances):
0.1 is a tenth of a standard deviation per pixel, for raw and for standardised pixels alike.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from isoaux.common.archive import Arrays
from isoaux.paper import Figure
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import steps
from isoaux.studies.perturbation.compute.worst_case import BROADENED, STEPS, Reduced, at_random, most, straight
from isoaux.studies.perturbation.data import check, sizes
from isoaux.training.data import Images
from isoaux.training.store import Entry

IMAGES = {"smoke": 20, "quick": 200, "paper": 200}
"""Test images that are perturbed, the same for all networks, by profile."""

DRAWS = 16
"""Random perturbations of every image and size."""

QUANTILES = (0.1, 0.5, 0.9)
"""Of the worst gain over the images."""

KNOWN = 10_000
"""Training images whose representations are what a network is said to know."""


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure whose networks are given perturbed images.

    Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`; ValueError also where a threshold, basis or
    variant is asked for, which have no meaning here.
    """
    check(figure, settings)
    lengths, images = sizes(figure), IMAGES[settings.profile]
    rows = steps.rows(figure, settings, partial(_measure, sizes=lengths, count=images), **options)
    about = {"images": min(images, len(rows.images.test)), "random": DRAWS}
    about |= {"known": min(KNOWN, len(rows.images.train)), "pixels": rows.images.d}
    return steps.result(rows, {"size": np.array(lengths)}, about)


def spread(images: Images, normalised: bool) -> float:
    """The ``unit``: root of the sum of the pixels' variances over the training set, as the network gets them."""
    varying = images.std[images.std < 1]  # a constant pixel is said to have 1, which none in [0, 1] can reach
    return float(np.sqrt(len(varying) if normalised else (varying**2).sum()))


def _measure(entry: Entry, images: Images, sizes: Sequence[float], count: int) -> Arrays:
    """:func:`perturbed` for one network and ``count`` test images; cached beside its snapshots."""
    configuration, count = entry.network.configuration, min(count, len(images.test))
    about = {"sizes": list(sizes), "images": count, "draws": DRAWS, "known": KNOWN}
    about |= {"steps": STEPS, "broadened": BROADENED}

    def make() -> Arrays:
        scale, offset = images.affine(configuration.normalised)
        test, known = (
            part[np.sort(np.random.default_rng(0).permutation(len(part))[:some])] * scale
            + (0 if offset is None else offset)
            for part, some in ((images.test, count), (images.train, KNOWN))
        )
        unit = spread(images, configuration.normalised)
        return perturbed(entry.read(entry.network.recipe.epochs), configuration.activation, test, known, sizes, unit)

    return measurement.cached(entry, "perturbation", about, make)


def perturbed(
    parameters: Any, activation: str, test: Any, known: Any, sizes: Sequence[float], unit: float, draws: int = DRAWS
) -> Arrays:
    """What perturbations of images ``test`` (M, d) do to a network that knows the images ``known`` (K, d).

    ``sizes`` (S,) in units of ``unit``. Changes are gains |f(x + d) - f(x)| / |d|, means over the images; errors are
    means of |f(x + d) - x|^2 / unit^2, so that 1 is the error of the mean image.

    ``limit``: the largest gain of a vanishing perturbation, the largest singular value of the Jacobian. Over sizes:
    ``random``, ``straight`` and ``worst``, the gains of random perturbations, of those that are worst to first order,
    and of the worst that were found; ``worst_quantiles`` (S, 3), the last over the images (``QUANTILES``);
    ``random_error``, ``straight_error`` and ``worst_error``, by how much the ``error`` grows, the last two looked for
    anew; ``random_turn`` and ``worst_turn``, the median angle in degrees by which the representation turns;
    ``random_distance`` and ``worst_distance``, how many times as far as before its nearest known representation is,
    the median.
    """
    with torch.no_grad():
        network = Reduced(parameters, activation)
        x, seen = (torch.as_tensor(np.asarray(part, dtype=np.float64)) for part in (test, known))
        z, known_z = network.encode(x), network.encode(seen)
        (offset, error), still = network.residual(x), torch.zeros_like(z)
        nearest = torch.cdist(z, known_z).amin(1)

        def turn_and_distance(c: Tensor) -> tuple[Tensor, Tensor]:
            moved = network.moved(z, c)
            cosine = torch.cosine_similarity(z, moved, dim=1).clamp(-1, 1)
            return cosine.arccos().rad2deg().median(), (torch.cdist(moved, known_z).amin(1) / nearest).median()

        def growth(change: Tensor) -> Tensor:
            before = offset.square().sum(1)
            return ((offset[:, None] + change).square().sum(-1) - before[:, None]).mean() / unit**2

        def at_size(size: float, seed: int) -> dict[str, Tensor]:
            random, worst = at_random(network, len(x), draws, size, seed), most(network, z, still, size)
            change, gains = network.changes(z[:, None], random), network.changes(z, worst).norm(dim=1) / size
            measured = {
                "random": change.norm(dim=-1).mean() / size,
                "straight": network.changes(z, straight(network, z, still, size)).norm(dim=1).mean() / size,
                "worst": gains.mean(),
                "worst_quantiles": gains.quantile(torch.tensor(QUANTILES, dtype=gains.dtype)),
                "random_error": growth(change),
            }
            for kind, search in (("straight", straight), ("worst", most)):
                measured[f"{kind}_error"] = growth(network.changes(z, search(network, z, offset, size))[:, None])
            for kind, c in (("random", random[:, 0]), ("worst", worst)):
                measured[f"{kind}_turn"], measured[f"{kind}_distance"] = turn_and_distance(c)
            return measured

        measured = [at_size(share * unit, i) for i, share in enumerate(sizes)]
        limit = torch.linalg.svdvals(network.jacobian(z))[:, 0].mean()
    arrays = {name: torch.stack([of_size[name] for of_size in measured]).numpy() for name in measured[0]}
    return arrays | {"limit": limit.numpy(), "error": (error.mean() / unit**2).numpy()}
