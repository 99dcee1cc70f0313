"""The test whether a basis is special: a statistic against its values in random bases.

If no direction is special for a network's representations, the measured basis is exchangeable with Haar-random
rotations of it, so a statistic of the measured basis ranks uniformly among its values in random bases. That holds
exactly, whatever the radial law of the representations and however many planes one sample enters (App. A), for which a
Poisson or uniform formula does not allow. It also holds for representations that were centred or whitened before
(:mod:`isoaux.statistics.preparation`), which turn with every rotation. A small p of raw representations may come from
their mean or covariance alone; one of whitened representations cannot.
"""

import warnings
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases, ppp
from isoaux.common import arrays, progress
from isoaux.common.arrays import Floats
from isoaux.common.choices import choose
from isoaux.sources import opening
from isoaux.statistics import preparation, turns
from isoaux.statistics.meters import meter
from isoaux.statistics.nulls import MOST_DRAWS, BasisTest, test_from_null
from isoaux.statistics.tally import DEFAULT_STATISTICS, MOMENTS, STATISTICS, Meter, statistic_names

RECORDED = {"count": "points", "c4": "c4", "s2": "s2"}
"""The statistics of points that network records hold at every checkpoint, with their names in the heads of tables."""

TIED = 8
"""Values of moments that differ by at most so many units of rounding of their dtype are equal."""

Nulls = dict[str, NDArray[np.float64]]


@arrays.numpy_defaults
def null_draws(
    activations: opening.Source,
    draws: int,
    seed: int,
    epsilon: float = ppp.EPSILON,
    variant: str = "combination",
    basis: ArrayLike | None = None,
    prepare: str = "raw",
) -> Nulls:
    """The statistics :data:`RECORDED` in ``draws`` Haar-random bases, arrays (draws,) by name.

    Draw i measures the rows of B Q_i^T with Q_i Haar-random in O(n); it depends on (seed, i) alone, so 99 draws are the
    first 99 of 999. Parameters: ``activations`` (N, n), array or tensor; ``basis`` (m, n), the B that is rotated, by
    default the standard basis, which has the same null as every complete orthonormal one; ``epsilon`` and ``variant``
    as in :func:`isoaux.ppp.project`; ``prepare`` as in :func:`basis_test`. Raises ValueError as these do, for a bad
    seed, and for fewer than one draw or more than :data:`isoaux.statistics.nulls.MOST_DRAWS`.
    """
    rows = opening.matrix(activations)
    n = rows.shape[1]
    rows = preparation.prepared(rows, prepare)
    directions = bases.standard(n) if basis is None else bases.check(basis, n)
    draws = arrays.whole(draws, "draws", most=MOST_DRAWS)
    return _in_random_bases(meter(rows, directions, epsilon, variant, tuple(RECORDED), draws), directions, draws, seed)


@arrays.numpy_defaults
def basis_test(
    activations: opening.Source,
    basis: ArrayLike,
    statistic: str = "quartimax",
    draws: int = 999,
    seed: int = 0,
    epsilon: float = ppp.EPSILON,
    variant: str = "combination",
    prepare: str = "raw",
) -> BasisTest:
    """The test whether a basis is special: a statistic in it against those in ``draws`` random rotations of it.

    p = (1 + number of null values at least as extreme) / (1 + draws), two-sided: twice the smaller tail, at most 1,
    ties counted as extreme; effect = (value - median null) / (1.4826 MAD null). If the law of the representations is
    O(n)-invariant, p is uniform (up to its steps) for every basis.

    Up to 128 neurons (``isoaux.statistics.turns.WIDE``) the random bases are Haar-random, those of :func:`null_draws`,
    and all complete orthonormal bases have the same null; above, they are those of :mod:`isoaux.statistics.turns`, with
    which p is uniform as well and which take a tenth of the time.

    Parameters: ``activations`` (N, n), array or tensor, or whatever :func:`isoaux.open` takes; ``basis`` (m, n), unit
    rows; ``statistic``, a key of :data:`STATISTICS`, by default ``quartimax``, the mean of sum u_i^4 over the
    directions u of the representations, which needs no threshold, suits every width, and in simulations found all kinds
    of special axes; of few, sharp directions ``sixth`` finds more (``benchmarks/calibration.py``); ``seed`` of the
    random bases; ``epsilon`` and ``variant`` as in :func:`isoaux.ppp.project`, of statistics of points; ``prepare``,
    what is done before, with mean and covariance of all samples: ``raw`` nothing, ``centred`` the mean is subtracted,
    ``whitened`` x to C^(-1/2) (x - m) with the symmetric root. The result names it. Raises ValueError, and warns, as
    :func:`basis_tests` does.
    """
    choose("statistic", statistic, STATISTICS)
    rows = _prepared(activations, prepare)
    tests, warning = tests_and_warning(rows, basis, (statistic,), draws, seed, epsilon, variant, prepare)
    if warning:
        warnings.warn(warning, RuntimeWarning, stacklevel=3)
    return tests[statistic]


@arrays.numpy_defaults
def basis_tests(
    activations: opening.Source,
    basis: ArrayLike,
    names: str | Iterable[str] = DEFAULT_STATISTICS,
    draws: int = 999,
    seed: int = 0,
    epsilon: float = ppp.EPSILON,
    variant: str = "combination",
    prepare: str = "raw",
) -> dict[str, BasisTest]:
    """The tests of several statistics of one basis in the same random bases, by name, each as :func:`basis_test`.

    ``names`` are keys of :data:`STATISTICS`, by default :data:`DEFAULT_STATISTICS`; the other parameters are those of
    :func:`basis_test`. The p values are dependent; :func:`isoaux.statistics.adjust` adjusts them for their number.
    Warns (RuntimeWarning) if no representation is near a plane in any of the bases: all statistics of points are then 0
    and their p 1, whatever the representations are. Wide layers need an epsilon below 0.75 for these; the warning names
    the value that :func:`isoaux.statistics.report` would choose.

    Raises ValueError as :func:`isoaux.ppp.project` does, for fewer than two samples, for representations that are all
    the same, for no statistic or an unknown one, for an unknown preparation, for fewer than one draw, and for a basis
    whose rows are not orthogonal where a statistic measures angles to both of a plane's directions (``axis_share`` and
    ``diagonal_share``).
    """
    rows = _prepared(activations, prepare)
    tests, warning = tests_and_warning(rows, basis, names, draws, seed, epsilon, variant, prepare)
    if warning:
        warnings.warn(warning, RuntimeWarning, stacklevel=3)
    return tests


def tests_and_warning(
    rows: Floats,
    basis: ArrayLike,
    names: str | Iterable[str],
    draws: int,
    seed: int,
    epsilon: float,
    variant: str,
    prepared: str,
    leading: int = 0,
) -> tuple[dict[str, BasisTest], str]:
    """The tests of :func:`basis_tests`, of rows that were prepared as ``prepared`` says, and the text of its warning.

    The text is empty if there is nothing to warn of. ``leading`` as in :class:`isoaux.statistics.tally.Meter`.
    """
    n = rows.shape[1]
    directions = bases.check(basis, n)
    draws, seed = arrays.whole(draws, "draws", most=MOST_DRAWS), arrays.seed(seed)
    names = statistic_names(names, "names")
    if n > turns.WIDE or leading:
        measure = Meter(rows, directions, epsilon, variant, names, leading)
    else:
        measure = meter(rows, directions, epsilon, variant, names, draws)
    for name, statistic in measure.statistics.items():
        if statistic.square and (skew := bases.skew(directions)) > bases.UNIT_TOLERANCE:
            raise ValueError(
                f"basis has rows that are not orthogonal, by up to {skew:.2g}; accepted: orthonormal rows for {name}."
            )
    if n > turns.WIDE:
        each = progress.tracked(in_bases(measure, directions, draws, seed), 1 + draws, f"bases of {n:,} neurons")
        value, *others = map(measure.at, each)
        null = {name: np.concatenate([other[name] for other in others]) for name in measure.statistics}
    else:
        value = measure(directions[None])
        complete = measure.frame.orthonormal and len(directions) == n
        null = _in_random_bases(measure, bases.standard(n) if complete else directions, draws, seed)
    rounding = TIED * float(np.finfo(measure.frame.dtype).eps)
    tests = {}
    for name in measure.statistics:
        values = _with_ties(float(value[name][0]), null[name], rounding) if name in MOMENTS else null[name]
        tests[name] = test_from_null(float(value[name][0]), values, prepared)
    return tests, "" if measure.seen or "points" not in measure.needs else _nothing(measure, draws)


def _with_ties(value: float, null: NDArray[np.float64], rounding: float) -> NDArray[np.float64]:
    """Null values, those that equal the value within rounding set to it.

    Some moments are the same in all bases, as the kurtosis of two numbers, 1: rounding must not decide their p.
    """
    return np.where(np.abs(null - value) <= rounding * abs(value), value, null)


def _nothing(measure: Meter, draws: int) -> str:
    """The warning that there are no points in any basis, with an epsilon at which there would be some."""
    (samples, n), planes = measure.cloud.rows.shape, measure.widths["planes"]
    if not planes:
        return "basis has no two rows that span a plane, so that there are no points and tests of points say nothing."
    lower = preparation.threshold(samples, n, planes)
    points = ppp.expected_isotropic_count(samples, n, planes, lower) if n > 1 else 0
    advice = f"; at epsilon = {lower:g} isotropic representations would leave about {points:,.0f} points"
    return (
        f"no representation is near a plane at epsilon = {measure.epsilon:g}, in this basis or in {draws} random ones, "
        f"so that tests of points say nothing{advice if lower < measure.epsilon and points else ''}."
    )


def _prepared(activations: opening.Source, prepare: str) -> Floats:
    """``activations`` as a matrix (N, n) of samples that differ, prepared."""
    rows = preparation.prepared(checked_samples(activations), prepare)
    if not rows.any():
        raise ValueError(
            "activations has samples that differ by less than 1e-154 of their size, which double precision cannot "
            "square; accepted: samples that differ by more, or another preparation."
        )
    return rows


def checked_samples(activations: opening.Source) -> Floats:
    """``activations`` as a matrix (N, n), one sample per row.

    Raises ValueError for what is no matrix of finite numbers, for fewer than two samples, and for equal samples only.
    """
    rows = opening.matrix(activations)
    if len(rows) < 2:
        raise ValueError(
            f"activations has {len(rows)} sample{'s' * (len(rows) != 1)}; accepted: at least 2, one per row."
        )
    if (rows == rows[0]).all():
        raise ValueError(f"activations holds {len(rows)} equal samples; accepted: representations that differ.")
    return rows


def in_bases(measure: Meter, directions: NDArray[np.float64], draws: int, seed: int) -> Iterator[Floats]:
    """The coordinates (m, N) of a meter's representations in ``directions`` (m, n), then in ``draws`` random bases.

    The random bases are the first ones that :func:`basis_test` takes with the same ``seed``. All coordinates may be in
    the same memory.
    """
    n, cloud = directions.shape[1], measure.cloud
    complete = measure.frame.orthonormal and len(directions) == n
    here = cloud.coordinates(directions)
    yield here
    if n <= turns.WIDE:
        rotated = bases.standard(n) if complete else directions
        yield from (cloud.coordinates(turned) for (turned,) in rotations(rotated, draws, seed, 1))
        return
    centre = turns.hub(here if complete else cloud.rows.T, seed)
    matrix = directions.astype(centre.dtype, copy=False)
    for turned in turns.turns(centre, draws, seed):
        yield turned if complete else matrix @ turned


def _in_random_bases(measure: Meter, basis: NDArray[np.float64], draws: int, seed: int) -> Nulls:
    """The statistics in ``draws`` random rotations of a basis, by name, (draws,)."""
    parts = [measure(turned) for turned in rotations(basis, draws, arrays.seed(seed), measure.at_once)]
    return {name: np.concatenate([part[name] for part in parts]) for name in measure.statistics}


def rotations(basis: NDArray[np.float64], draws: int, seed: int, at_once: int) -> Iterator[NDArray[np.float64]]:
    """Random rotations of a basis, at most ``at_once`` of them together, (D, m, n)."""
    for start in range(0, draws, at_once):
        block = range(start, min(start + at_once, draws))
        streams = [np.random.SeedSequence(seed, spawn_key=(draw,)) for draw in block]
        yield basis @ bases.random_orthogonals(basis.shape[1], streams).transpose(0, 2, 1)
