"""Is this basis special? A statistic of PPP points against its values in random bases.

If no direction is special for a network's representations, the measured basis is exchangeable with
Haar-random rotations of it, so a statistic of the measured basis ranks uniformly among its values in random
bases. That holds exactly, whatever the representations' radial law and however strongly one sample enters
many planes (App. A), which a Poisson or uniform formula does not allow for.
"""

import warnings
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases, ppp
from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.common.choices import choose
from isoaux.statistics import preparation
from isoaux.statistics.nulls import MOST_DRAWS, BasisTest, test_from_null
from isoaux.statistics.tally import STATISTICS, Meter, asked

RECORDED = {"count": "points", "c4": "c4", "s2": "s2"}
"""The statistics that network records hold at every checkpoint, and what the heads of tables call them."""

COLUMNS = 2**14
"""Samples times bases that are measured at once: enough that calls cost nothing, and still in a core's cache."""

Nulls = dict[str, NDArray[np.float64]]


@arrays.numpy_defaults
def null_draws(
    activations: ArrayLike,
    draws: int,
    seed: int,
    epsilon: float = 0.75,
    variant: str = "combination",
    basis: ArrayLike | None = None,
) -> Nulls:
    """Count, c4 and s2 of the PPP points in Haar-random bases, arrays of shape (draws,) by name.

    Draw i measures the rows of B Q_i^T with Q_i Haar-random in O(n); it depends on (seed, i) alone, so 99
    draws are the first 99 of 999. Parameters: ``activations`` (N, n), array or tensor; ``basis`` (m, n), the
    B that is rotated, by default the standard basis, which stands for every complete orthonormal one.
    ``epsilon`` and ``variant`` as in :func:`isoaux.ppp.project`. Raises ValueError as that does, for a seed
    that :func:`isoaux.common.arrays.seed` refuses, and for fewer than one draw or more than ten million.
    """
    rows = arrays.rows(activations, "activations")
    n = rows.shape[1]
    directions = bases.standard(n) if basis is None else bases.check(basis, n)
    measure = Meter(rows, directions, epsilon, variant, tuple(RECORDED))
    return _in_random_bases(measure, directions, arrays.whole(draws, "draws", most=MOST_DRAWS), seed, at_once=1)


@arrays.numpy_defaults
def basis_test(
    activations: ArrayLike,
    basis: ArrayLike,
    statistic: str = "count",
    draws: int = 999,
    seed: int = 0,
    epsilon: float = 0.75,
    variant: str = "combination",
) -> BasisTest:
    """Whether a basis is special: its statistic against those of ``draws`` random rotations of it.

    p = (1 + #{at least as extreme}) / (1 + draws), two-sided: twice the smaller tail, at most 1, ties
    extreme; effect = (value - median null) / (1.4826 MAD null). If the law of the representations is
    O(n)-invariant, p is uniform (up to its steps) for every basis. Parameters: ``activations`` (N, n), array
    or tensor; ``basis`` (m, n) unit rows; ``statistic`` a key of :data:`STATISTICS`; ``seed`` of the random
    rotations, those of :func:`null_draws`; ``epsilon`` and ``variant`` as in :func:`isoaux.ppp.project`.
    Every complete orthonormal basis has the same null.

    Raises ValueError, and warns, as :func:`basis_tests` does, and for an unknown statistic.
    """
    choose("statistic", statistic, STATISTICS)
    tests, warning = tests_and_warning(activations, basis, (statistic,), draws, seed, epsilon, variant)
    if warning:
        warnings.warn(warning, RuntimeWarning, stacklevel=3)
    return tests[statistic]


@arrays.numpy_defaults
def basis_tests(
    activations: ArrayLike,
    basis: ArrayLike,
    names: str | Iterable[str] = tuple(STATISTICS),
    draws: int = 999,
    seed: int = 0,
    epsilon: float = 0.75,
    variant: str = "combination",
) -> dict[str, BasisTest]:
    """Several statistics of one basis in the same random bases, by name; each as :func:`basis_test` has it.

    ``names`` are keys of :data:`STATISTICS`, by default all of them; the other parameters are those of that function.
    Their p values belong together: they are dependent, and several of them need :func:`isoaux.statistics.adjust`.
    Warns (RuntimeWarning) if no representation is near a plane in any of the bases: all statistics are then 0, with
    p = 1, whatever the representations are. In wide layers epsilon has to be lower than 0.75; the warning names the
    value that :func:`isoaux.statistics.report` would choose.

    Raises ValueError as :func:`isoaux.ppp.project` does, for fewer than two samples, for representations that are all
    the same, for no statistic or an unknown one, for fewer than one draw, and for a basis whose rows are not orthogonal
    where a statistic measures angles to both of a plane's directions (``axis_share`` and ``diagonal_share``).
    """
    tests, warning = tests_and_warning(activations, basis, names, draws, seed, epsilon, variant)
    if warning:
        warnings.warn(warning, RuntimeWarning, stacklevel=3)
    return tests


def tests_and_warning(
    activations: ArrayLike,
    basis: ArrayLike,
    names: str | Iterable[str],
    draws: int,
    seed: int,
    epsilon: float,
    variant: str,
) -> tuple[dict[str, BasisTest], str]:
    """What :func:`basis_tests` returns, and what it warns of, "" as a rule."""
    rows = samples(activations)
    n = rows.shape[1]
    directions = bases.check(basis, n)
    measure = Meter(rows, directions, epsilon, variant, asked(names, "names"))
    skew = np.abs(directions @ directions.T - np.eye(len(directions))).max(initial=0)
    for name, statistic in measure.asked.items():
        if statistic.square and skew > bases.UNIT_TOLERANCE:
            raise ValueError(
                f"basis has rows that are not orthogonal, by up to {skew:.2g}; accepted: orthonormal rows for {name}."
            )
    value = measure(directions[None])
    complete = measure.frame.orthonormal and len(directions) == n
    rotated = bases.standard(n) if complete else directions
    at_once = max(1, COLUMNS // len(rows))
    null = _in_random_bases(measure, rotated, arrays.whole(draws, "draws", most=MOST_DRAWS), seed, at_once)
    tests = {name: test_from_null(float(value[name][0]), null[name]) for name in measure.asked}
    return tests, "" if measure.seen else _nothing(measure, draws)


def _nothing(measure: Meter, draws: int) -> str:
    """That there were no points in any basis, and at which epsilon there would be some."""
    (samples, n), planes = measure.cloud.rows.shape, measure.widths["planes"]
    if not planes:
        return "basis has no two rows that span a plane, so that there are no points and the test says nothing."
    lower = preparation.threshold(samples, n, planes)
    points = ppp.expected_isotropic_count(samples, n, planes, lower) if n > 1 else 0
    advice = f"; at epsilon = {lower:g} isotropic representations would leave about {points:,.0f} points"
    return (
        f"no representation is near a plane at epsilon = {measure.epsilon:g}, in this basis or in {draws} random ones, "
        f"so that the test says nothing{advice if lower < measure.epsilon and points else ''}."
    )


def samples(activations: ArrayLike) -> Floats:
    """Representations that can be tested, (N, n).

    Raises ValueError for what is no matrix of finite numbers, fewer than two samples, and samples all the same.
    """
    rows = arrays.rows(activations, "activations")
    if len(rows) < 2:
        raise ValueError(
            f"activations has {len(rows)} sample{'s' * (len(rows) != 1)}; accepted: at least 2, one per row."
        )
    if (rows == rows[0]).all():
        raise ValueError(f"activations holds {len(rows)} equal samples; accepted: representations that differ.")
    return rows


def _in_random_bases(measure: Meter, basis: NDArray[np.float64], draws: int, seed: int, at_once: int) -> Nulls:
    """What is measured in the first random bases of a seed, by name; the last bits depend on ``at_once``."""
    found = [measure(turned) for turned in _turned(basis, draws, arrays.seed(seed), at_once)]
    return {name: np.concatenate([part[name] for part in found]) for name in measure.asked}


def _turned(basis: NDArray[np.float64], draws: int, seed: int, at_once: int) -> Iterator[NDArray[np.float64]]:
    n = basis.shape[1]
    for start in range(0, draws, at_once):
        some = range(start, min(start + at_once, draws))
        streams = (np.random.SeedSequence(seed, spawn_key=(draw,)) for draw in some)
        yield np.stack([basis @ bases.random_orthogonal(n, stream).T for stream in streams])
