"""Train networks on Thomson-like bases and project their representations onto the planes of the bases' vectors."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, density, ppp
from isoaux.common import archive
from isoaux.common.archive import Arrays
from isoaux.paper import Figure
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.statistics import test_from_null
from isoaux.studies import steps
from isoaux.studies.vector_planes.data import QUANTILES, check
from isoaux.training import snapshots
from isoaux.training.data import Images
from isoaux.training.store import Entry


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure: points near the planes at every checkpoint, and ``density``, panels of each first network.

    Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`; ValueError also for settings that
    :func:`isoaux.studies.vector_planes.data.check` refuses.
    """
    check(figure, settings)
    epsilon, draws = settings.epsilon_for(figure), settings.size.draws
    rows = steps.rows(figure, settings, partial(_measure, epsilon=epsilon, draws=draws), reads="test", **options)
    first = {network.configuration: part["density"] for network, part in reversed(rows.measured.items())}
    more = {
        "epochs": np.array(next(iter(rows.measured)).recipe.checkpoints),
        "density": np.stack([first[c] for c in rows.figure.configurations if c in first]),
    }
    for network, part in rows.measured.items():
        rows.measured[network] = {name: values for name, values in part.items() if name != "density"}
    return steps.result(rows, more, {"images": len(rows.images.test)})


def _measure(entry: Entry, images: Images, epsilon: float, draws: int) -> Arrays:
    """:func:`projected` for one network; cached beside its snapshots."""

    def make() -> Arrays:
        checkpoints = [layers[0] for layers in snapshots.of_tests(entry, images)]
        return projected(checkpoints, snapshots.vectors(entry), epsilon, draws, entry.network.seed)

    return measurement.cached(entry, "vector-planes", {"epsilon": epsilon, "draws": draws}, make)


def projected(
    checkpoints: Sequence[NDArray[Any]], basis: NDArray[np.float64], epsilon: float, draws: int, seed: int
) -> Arrays:
    """What lies near the planes of a basis (m, n), from representations (N, n) at every checkpoint C.

    ``count`` (C,), points, raw; ``density`` (C, R, R) bytes under one ``window`` and one ``limit``; of the last
    checkpoint, raw and centred, ``counts`` (2,), their ``null`` (2, quantiles) in ``draws`` turned copies and ``p``
    (2,).
    """
    points = [ppp.project(z, basis, epsilon).points for z in checkpoints]
    drawn, window = density.render_all(points, measurement.RESOLUTION)
    limit = density.limits(drawn)[1]
    counts, null, p = [], [], []
    for z in (checkpoints[-1], checkpoints[-1] - checkpoints[-1].mean(axis=0)):
        value = float(len(ppp.project(z, basis, epsilon).points))
        streams = (np.random.SeedSequence(seed, spawn_key=(draw,)) for draw in range(draws))
        copies = [float(len(ppp.project(z, bases.turned(basis, stream), epsilon).points)) for stream in streams]
        counts.append(value)
        null.append(np.quantile(copies, QUANTILES))
        p.append(test_from_null(value, copies, "raw").p)
    return {
        "count": np.array([len(each) for each in points]),
        "density": archive.quantise(drawn, limit),
        "limit": np.array(limit),
        "window": np.array(window),
        "counts": np.array(counts, np.int64),
        "null": np.array(null, np.float32),
        "p": np.array(p),
    }
