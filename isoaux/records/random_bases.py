"""A layer's statistics in its measured basis and in random ones: raw, centred and whitened."""

import numpy as np
from numpy.typing import NDArray

from isoaux import ppp, statistics
from isoaux.common.archive import Arrays
from isoaux.common.arrays import Floats
from isoaux.records.meter import CompiledMeter
from isoaux.records.record import PREPARED_DRAWS
from isoaux.statistics import RECORDED, STATISTICS, moments
from isoaux.statistics.basis import rotations
from isoaux.statistics.preparation import PREPARATIONS, prepared
from isoaux.statistics.tally import MOMENTS, Tally

Values = NDArray[np.float64]

OF_NEURONS = tuple(name for name in MOMENTS if set(STATISTICS[name].needs) <= set(moments.OF_NEURONS))
"""The statistics of single neurons; centring changes none of them."""

OF_DIRECTIONS = tuple(name for name in MOMENTS if name not in OF_NEURONS)
"""The other statistics that need no points."""

KEPT = "quartimax"
"""The statistic of which all values in the random bases of the last checkpoint are kept."""

QUANTILES = (0.025, 0.5, 0.975)
"""Of the values in random bases: the ends of their middle 95%, and their median."""

AT_ONCE = 4
"""Bases whose coordinates are made together where no points are counted."""


def drawn(basis: Values, draws: int, seed: int) -> Values:
    """``draws`` random rotations of a basis (m, n), (draws, m, n): those of :func:`isoaux.statistics.null_draws`."""
    return next(rotations(basis, draws, seed, at_once=draws))


def measured(
    z: Floats, basis: Values, turned: Values, epsilon: float, variant: str, last: bool
) -> tuple[Arrays, dict[str, Values]]:
    """Statistics of representations ``z`` (N, n) with their tests, and values in random bases (D,), both by name.

    The statistics are the keys of :data:`isoaux.statistics.tally.MOMENTS` for raw representations, the same with
    ``_centred`` and ``_whitened`` behind them (those of single neurons not centred), and count, c4 and s2 of centred
    and whitened ones, which are no numbers before the last checkpoint. Of each there is its value in the measured
    basis, and ``NAME_test`` (5,) as :func:`tested` has it. The values in random bases are those of count, c4 and s2 of
    raw representations, and of :data:`KEPT` in every preparation.

    Parameters: ``basis`` (m, n); ``turned`` (D, m, n), the random bases; ``epsilon`` and ``variant`` as in
    :func:`isoaux.ppp.project`; ``last``, whether this is the last checkpoint.
    """
    rows = {name: prepared(z, name) for name in PREPARATIONS}
    neurons = moments.Neurons.of(z, rows["whitened"]) if z.shape[1] <= moments.WIDEST else None
    numbers: Arrays = {}
    kept: dict[str, Values] = {}
    for preparation, each in rows.items():
        raw = preparation == "raw"
        counted = len(turned) if raw else min(PREPARED_DRAWS, len(turned)) if last else 0
        value, null = _of_directions(each, basis, turned, counted, epsilon, variant)
        if preparation != "centred":
            value |= _of_neurons(neurons, each, basis[None], not raw)
            null |= _of_neurons(neurons, each, turned, not raw)
        suffix = "" if raw else f"_{preparation}"
        kept |= {f"{name}{suffix}": null[name] for name in ((*RECORDED, KEPT) if raw else (KEPT,))}
        for name in value:
            if not raw or name not in RECORDED:
                number = float(value[name][0])
                numbers |= {f"{name}{suffix}": np.array(number), f"{name}{suffix}_test": tested(number, null[name])}
        for name in RECORDED if not counted else ():
            numbers |= {f"{name}{suffix}": np.array(np.nan), f"{name}{suffix}_test": np.full(5, np.nan)}
    return numbers, kept


def tested(value: float, null: Values) -> Values:
    """p, effect, and the :data:`QUANTILES` of the values in random bases, of a value among those (draws,)."""
    test = statistics.test_from_null(value, null)
    return np.array([test.p, test.effect, *np.quantile(null, QUANTILES)])


def _of_directions(
    rows: Floats, basis: Values, turned: Values, counted: int, epsilon: float, variant: str
) -> tuple[dict[str, Values], dict[str, Values]]:
    """The statistics of directions, and of points, in the measured basis (1,) and in random ones (D,), by name.

    Those of points are measured in the first ``counted`` random bases.
    """
    alone = CompiledMeter(rows, basis, epsilon, variant, OF_DIRECTIONS)
    both = CompiledMeter(rows, basis, epsilon, variant, (*RECORDED, *OF_DIRECTIONS)) if counted else alone
    parts = [both(turned[draw : draw + 1]) for draw in range(counted)]
    parts += [alone(turned[draw : draw + AT_ONCE]) for draw in range(counted, len(turned), AT_ONCE)]
    value = both(basis[None])
    return value, {name: np.concatenate([part[name] for part in parts if name in part]) for name in value}


def _of_neurons(neurons: moments.Neurons | None, rows: Floats, turned: Values, whitened: bool) -> dict[str, Values]:
    """The statistics of single neurons in the bases ``turned`` (D, m, n), by name, from their moments if given."""
    if neurons is None:
        cloud = ppp.Cloud.of(rows)
        kurtosis = np.concatenate(
            [moments.of_cloud(cloud, each[None], moments.OF_NEURONS)["neurons"] for each in turned]
        )
    else:
        kurtosis = neurons.kurtosis(turned, whitened)
    return {name: STATISTICS[name].of(Tally({"neurons": kurtosis}, len(rows))) for name in OF_NEURONS}
