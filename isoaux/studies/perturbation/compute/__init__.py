"""How much a reconstruction changes when its image is perturbed, at random and as badly as possible (App. C.3).

Sizes are shares of the spread of the images as the network gets them, ``unit`` = sqrt(sum of the pixels' variances):
0.1 is a tenth of a standard deviation per pixel, for raw and for standardised pixels alike.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.paper import Figure
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import steps
from isoaux.studies.perturbation.compute import worst_case
from isoaux.studies.perturbation.compute.worst_case import Reduced, at_random, most, straight
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
    lengths = sizes(figure)
    rows = steps.rows(figure, settings, partial(_measure, sizes=lengths, most=IMAGES[settings.profile]), **options)
    count, known = min(IMAGES[settings.profile], len(rows.images.test)), min(KNOWN, len(rows.images.train))
    about = {"images": count, "random": DRAWS, "known": known, "pixels": rows.images.d}
    return steps.result(rows, {"size": np.array(lengths)}, about)


def spread(images: Images, normalised: bool) -> float:
    """The images' ``unit``: root of the sum of the pixels' variances over the training set, as the network has them."""
    varying = images.std[images.std < 1]  # a constant pixel is said to have 1, which none in [0, 1] can reach
    return float(np.sqrt(len(varying) if normalised else (varying**2).sum()))


def _measure(entry: Entry, images: Images, sizes: Sequence[float], most: int) -> Arrays:
    """One network at every size; cached beside its snapshots."""
    configuration, count = entry.network.configuration, min(most, len(images.test))
    about = {"sizes": list(sizes), "images": count, "draws": DRAWS, "known": KNOWN}
    about |= {"steps": worst_case.STEPS, "broadened": worst_case.BROADENED}

    def make() -> Arrays:
        scale, offset = images.affine(configuration.normalised)
        test, known = (
            part[_some(len(part), some)] * scale + (0 if offset is None else offset)
            for part, some in ((images.test, count), (images.train, KNOWN))
        )
        parameters = entry.read(entry.network.recipe.epochs)
        return perturbed(
            parameters, configuration.activation, test, known, sizes, spread(images, configuration.normalised)
        )

    return measurement.cached(entry, "perturbation", about, make)


def _some(available: int, wanted: int) -> NDArray[np.int64]:
    return np.sort(np.random.default_rng(0).permutation(available)[:wanted])


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
        z, places = network.encode(x), network.encode(seen)
        offset, error = network.residual(x)
        nearest = torch.cdist(z, places).amin(1)
        found: dict[str, list[Any]] = {}

        def note(**values: Any) -> None:
            for name, value in values.items():
                found.setdefault(name, []).append(np.asarray(value, np.float64))

        def where(c: Any) -> tuple[Any, Any]:
            there = network.moved(z, c)
            cosine = torch.cosine_similarity(z, there, dim=1).clamp(-1, 1)
            return cosine.arccos().rad2deg().median(), (torch.cdist(there, places).amin(1) / nearest).median()

        def growth(change: Any) -> Any:
            own = offset.square().sum(1)
            return ((offset[:, None] + change).square().sum(-1) - own[:, None]).mean() / unit**2

        for i, share in enumerate(sizes):
            size, still = share * unit, torch.zeros_like(z)
            blind, worst = at_random(network, len(x), draws, size, i), most(network, z, still, size)
            change = network.changes(z[:, None], blind)
            gains = network.changes(z, worst).norm(dim=1) / size
            note(random=change.norm(dim=-1).mean() / size, worst=gains.mean())
            note(straight=network.changes(z, straight(network, z, still, size)).norm(dim=1).mean() / size)
            note(worst_quantiles=gains.quantile(torch.tensor(QUANTILES, dtype=gains.dtype)).numpy())
            note(random_error=growth(change))
            for name, search in (("straight", straight), ("worst", most)):
                note(**{f"{name}_error": growth(network.changes(z, search(network, z, offset, size))[:, None])})
            for name, c in (("random", blind[:, 0]), ("worst", worst)):
                turn, away = where(c)
                note(**{f"{name}_turn": turn, f"{name}_distance": away})
        limit = torch.linalg.svdvals(network.jacobian(z))[:, 0].mean()
    arrays = {name: np.array(values) for name, values in found.items()}
    return arrays | {"limit": np.array(float(limit)), "error": np.array(float(error.mean()) / unit**2)}
