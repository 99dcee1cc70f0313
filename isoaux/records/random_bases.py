"""A layer's statistics in its measured basis and in random ones: raw, centred and whitened."""

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.archive import Arrays
from isoaux.common.arrays import Floats
from isoaux.records.record import PREPARED_DRAWS
from isoaux.statistics import RECORDED, STATISTICS, moments
from isoaux.statistics.basis import rotations
from isoaux.statistics.compiled_meter import CompiledMeter
from isoaux.statistics.preparation import PREPARATIONS, every_prepared
from isoaux.statistics.tally import MOMENTS

Values = NDArray[np.float64]

OF_NEURONS = tuple(name for name in MOMENTS if set(STATISTICS[name].needs) <= set(moments.OF_NEURONS))
"""The statistics of single neurons; centring changes none of them."""

OF_DIRECTIONS = tuple(name for name in MOMENTS if name not in OF_NEURONS)
"""The other statistics that need no points."""

KEPT = "quartimax"
"""The statistic of which all values in the random bases of the last checkpoint are kept."""

QUANTILES = (0.025, 0.5, 0.975)
"""Of the values in random bases: the ends of their middle 95%, and their median."""


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
    rows = every_prepared(z)
    counted = min(PREPARED_DRAWS, len(turned)) if last else 0
    meter = CompiledMeter(z, basis, epsilon, variant, (*RECORDED, *MOMENTS), rows["centred"])
    every = {"whitened": _values(rows["whitened"], basis, turned, counted, MOMENTS, epsilon, variant)}
    if meter.shares:
        parts = [meter.with_centred(some) for some in (basis[None], *_some(turned, meter))]
        every["raw"], every["centred"] = (_joined([part[place] for part in parts]) for place in (0, 1))
        value, null = _values(rows["centred"], basis, turned[:counted], counted, (), epsilon, variant)
        every["centred"] = every["centred"][0] | value, every["centred"][1] | null
    else:
        every["raw"] = _joined([meter(some) for some in (basis[None], *_some(turned, meter))])
        every["centred"] = _values(rows["centred"], basis, turned, counted, OF_DIRECTIONS, epsilon, variant)
    numbers: Arrays = {}
    kept: dict[str, Values] = {}
    for preparation in PREPARATIONS:
        value, null = every[preparation]
        raw = preparation == "raw"
        suffix = "" if raw else f"_{preparation}"
        kept |= {f"{name}{suffix}": null[name] for name in ((*RECORDED, KEPT) if raw else (KEPT,))}
        for name in value:
            if not raw or name not in RECORDED:
                number = float(value[name][0])
                numbers |= {f"{name}{suffix}": np.array(number), f"{name}{suffix}_test": tested(number, null[name])}
        for name in RECORDED if not raw and not counted else ():
            numbers |= {f"{name}{suffix}": np.array(np.nan), f"{name}{suffix}_test": np.full(5, np.nan)}
    return numbers, kept


def tested(value: float, null: Values) -> Values:
    """p, effect, and the :data:`QUANTILES` of the values in random bases, of a value among those (draws,)."""
    test = statistics.test_from_null(value, null)
    return np.array([test.p, test.effect, *np.quantile(null, QUANTILES)])


def _values(
    rows: Floats, basis: Values, turned: Values, counted: int, names: tuple[str, ...], epsilon: float, variant: str
) -> tuple[dict[str, Values], dict[str, Values]]:
    """Statistics, and those of points, in the measured basis (1,) and in random ones (D,), by name.

    Those of points are measured in the first ``counted`` random bases, and not at all for 0.
    """
    alone = CompiledMeter(rows, basis, epsilon, variant, names)
    both = CompiledMeter(rows, basis, epsilon, variant, (*RECORDED, *names)) if counted else alone
    parts = [both(some) for some in (basis[None], *_some(turned[:counted], both))]
    return _joined(parts + [alone(some) for some in _some(turned[counted:], alone)])


def _some(turned: Values, meter: CompiledMeter) -> list[Values]:
    """The random bases in as many parts as the meter measures at once."""
    return [turned[start : start + meter.at_once] for start in range(0, len(turned), meter.at_once)]


def _joined(parts: list[dict[str, Values]]) -> tuple[dict[str, Values], dict[str, Values]]:
    """What was measured in the basis, the first part, and in the random ones, all others joined."""
    value, *others = parts
    return value, {name: np.concatenate([part[name] for part in others if name in part]) for name in value}
