r"""The test whether directions are discrete, without a basis, so also for networks in which no basis is special.

First the mean and the covariance are removed: representations are centred and whitened by the location and the shape of
their directions (Tyler's shape, 1987, with the spatial median; Hettmansperger and Randles, 2002), so that their
directions u have mean 0 and <u u^T> = 1/n. Their law then does not depend on the mean and covariance of a Gaussian, so
that a Gaussian of the same covariance can be replaced by a standard one that is treated alike. The test is exact
against every Gaussian, and nearly so against every law with ellipsoidal level sets, however heavy its tails. It rejects
any other law, whether its directions are discrete or only not ellipsoidal.

On the sphere, a mean of K(u . v) over pairs of directions, with a kernel K that has no negative Gegenbauer coefficient,
is the statistic of a Sobolev test of uniformity (Gine 1975). ``directions`` is one over that of K(t) = exp 16(t - 1),
the Softmax test of Fernandez-de-Marcos and Garcia-Portugues (2023) with concentration 16; ``lines`` and ``wide_lines``
have t^16 and t^8, the same for lines, which have no sign. What is new here is the whitening before, and null values
that are whitened alike.

Samples that are zero are left out, and so are samples that equal an earlier one, exactly or within rounding
(:func:`radius`), and one of every lone pair (:data:`RARE`): repetitions come from how samples were taken and do not
show that directions are discrete. A Gaussian has no ties, so the test stays exact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.sources import opening
from isoaux.statistics.basis import checked_samples
from isoaux.statistics.nulls import BasisTest, test_from_null

Directions = NDArray[np.float64]

MOST = 1000
"""Samples that are compared with each other by default, in half a million pairs."""

CLOSE, STEPS = 1e-6, 100
"""The iteration for location and shape ends when no element of the shape changes by more than ``CLOSE``. After
``STEPS`` steps ..."""

ROUGH = 0.01
"""... a change of less than this is enough, and a larger one has to be halved by every ``STEPS`` further steps."""

DIVERGES = 0.5
"""The change after ``STEPS`` steps from which on the shape does not exist."""

SHORTEST = 1e-100
"""The distance from the centre, in standard deviations, below which a sample has no direction."""

RARE = 1e-6
"""A pair of samples is close if a Gaussian cloud has one that is so near to a line with at most this probability.

A close pair counts as one sample where neither of the two is close to a third one: a beam has at least three."""

EQUAL = 0.001
"""The distance, in standard deviations of every direction, within which two samples may count as equal."""

LONG = 0.5
"""The quantile of lengths by which the unit of those distances is measured.

It does not depend on the longest samples of heavy tails, nor on padding of any smaller share.
"""

FAR = 1000
"""If directions are lost in rounding, the error names samples of more than so many times the median size."""

KNOWN = 3
"""The distance from the centre, in its standard errors, from which on the direction of a sample is known."""

SPAN = 500
"""All neurons are scaled by one power of two if those of their largest numbers differ by at most this."""

EVEN = 1e-8
"""The ratio of variances down to which the covariance is precise enough for whitening. Below, whitening uses the
singular values of the samples, all neurons at one scale."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class DirectionTest(BasisTest):
    """A :class:`BasisTest` of directions, with the numbers of samples that were compared and left out.

    Its ``preparation`` is always ``whitened``, by the location and the shape of the directions.
    ``given`` is the number of all samples. Left out are ``zeros`` that are zero, ``copies`` that equal an earlier one,
    exactly or, among those that were drawn, within rounding, ``central`` ones so near to the centre that their
    direction is not known, and ``pairs``, the second samples of lone pairs. ``samples`` were compared, in the ``width``
    directions in which they vary.
    """

    given: int
    zeros: int
    copies: int
    central: int
    pairs: int
    samples: int
    width: int

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, samples={self.samples}, width={self.width})"


@dataclass(frozen=True)
class Concentration:
    """A statistic of directions: its description ``words`` and its value ``of`` cosines (N, N) of diagonal 0."""

    words: str
    of: Callable[[NDArray[np.float32]], float]


def _effective_lines(power: int) -> Callable[[NDArray[np.float32]], float]:
    def number(cosines: NDArray[np.float32]) -> float:
        kernel = cosines * cosines
        for _ in range(power.bit_length() - 2):
            kernel *= kernel
        pairs = len(cosines) * (len(cosines) - 1)
        return float(pairs / max(kernel.sum(dtype=np.float64), np.finfo(np.float64).tiny))

    return number


def _effective_directions(cosines: NDArray[np.float32]) -> float:
    kernel = np.exp(16 * (cosines - 1))
    np.fill_diagonal(kernel, 0)
    return float(len(kernel) * (len(kernel) - 1) / kernel.sum(dtype=np.float64))


def _nearest(cosines: NDArray[np.float32]) -> float:
    return float(np.degrees(np.arccos(np.clip(cosines.max(1), -1, 1))).mean())


CONCENTRATIONS: Mapping[str, Concentration] = {
    "lines": Concentration("effective number of lines: 1 / <cos^16> of two samples", _effective_lines(16)),
    "wide_lines": Concentration("the same with a wider kernel: 1 / <cos^8>", _effective_lines(8)),
    "directions": Concentration("effective number of directions: 1 / <exp 16(cos - 1)>", _effective_directions),
    "nearest": Concentration("mean angle to the nearest other sample, in degrees", _nearest),
}
"""The statistics that directions are tested with, by name; each is smaller where directions are more concentrated."""


@arrays.numpy_defaults
def direction_test(
    activations: opening.Source, statistic: str = "lines", draws: int = 199, seed: Any = 0, samples: int = MOST
) -> DirectionTest:
    r"""The test whether directions are more or less concentrated than those of a Gaussian of equal mean and covariance.

    p and effect are those of :func:`basis_test`, two-sided, against ``draws`` Gaussian clouds; an effect below 0 means
    more discrete than Gaussian. Except for ``nearest``, the statistics are those of Sobolev tests of uniformity on the
    sphere, ``directions`` that of the Softmax test, here of whitened directions (``isoaux.statistics.directions``).
    There is no preparation to choose: centring and whitening change no value.

    Parameters: ``activations`` (N, n), array or tensor, or whatever :func:`isoaux.open` takes, in any units;
    ``statistic``, a key of ``CONCENTRATIONS``;
    ``samples``, how many of them are drawn, without replacement, if there are more; ``seed`` of that draw and of the
    Gaussian clouds, a whole number of at least 0, or several. The default statistic ``lines`` is 1 / <(u . v)^16> over
    pairs of samples with whitened directions u and v: K equally frequent lines through the mean, and nothing else, give
    about K or fewer. It is the default because in simulations it detected sparse beams, along axes or in any number of
    directions, most often (``benchmarks/calibration.py``).

    Samples left out are counted in the result. These are zeros (as padding and dead ReLU units) and samples that equal
    an earlier one, exactly or within rounding: nearer to it, after whitening, than any two of a Gaussian cloud of that
    size and than 0.1% of a standard deviation in every direction (``isoaux.statistics.directions.radius``), as copies
    in half or single precision and padding with a little noise. Where units saturate, so that many samples are equal in
    this sense, only their distinct values are compared. Left out, too, are samples nearer to the centre than its
    standard error and than any of a Gaussian cloud (``isoaux.statistics.directions.core``), as rows that are nearly
    zero: they would all point away from the centre alike.

    Two samples alone that are nearer to one line through the centre than any two of a Gaussian cloud of that size
    (``isoaux.statistics.directions.RARE``), as a sample and its mirrored or slightly augmented copy, count as one.
    Such pairs are looked for from about 6 directions on; in fewer a Gaussian cloud has too many of them. Three or more
    near one line all count. Scaled copies cannot be told from beams: one or two change little, but many form many lines
    of two samples if the centre is not on these lines, and make directions more discrete. So scaled and augmented
    copies should be left out before.

    Directions in which nothing varies are left out: those of linear combinations of neurons, each over its standard
    deviation, that vary by no more than the rounding of the numbers, which is 2^-23 of their size if float32 can hold
    all of them, else 2^-52. Within that limit any affine map of the samples gives the same value: up to a condition of
    about 10^12 in double precision, 10^4 in single precision.

    Raises ValueError for an unknown statistic, a bad seed, fewer than one draw, fewer than two samples per varying
    direction, only one varying direction, samples so long that the others are lost in their rounding, so many samples
    in one line, plane or subspace through their centre that no affine map makes the rest even with them (a share of
    more than d/n in d of n directions, where Tyler's shape does not exist), and for bad activations as
    :func:`basis_test`.
    """
    value, counts = _measured(activations, statistic, seed, arrays.whole(samples, "samples"))
    shape = counts["samples"], counts["width"]
    null = null_concentrations(shape, arrays.whole(draws, "draws"), seed, statistic)
    test = test_from_null(value, null, "whitened")
    return DirectionTest(test.value, test.null, test.p, test.effect, test.draws, test.preparation, **counts)


@arrays.numpy_defaults
def concentration(
    activations: opening.Source, statistic: str = "lines", seed: Any = 0, samples: int = MOST
) -> tuple[float, tuple[int, int]]:
    """The value of a statistic and the shape (N, n) of compared directions; parameters of :func:`direction_test`."""
    value, counts = _measured(activations, statistic, seed, arrays.whole(samples, "samples"))
    return value, (counts["samples"], counts["width"])


@arrays.numpy_defaults
def null_concentrations(shape: tuple[int, int], draws: int, seed: Any, statistic: str = "lines") -> Directions:
    """The null values (draws,) of :func:`direction_test` for ``shape`` (N, n): those of Gaussian clouds."""
    measure = choose("statistic", statistic, CONCENTRATIONS).of
    seed = arrays.seed(seed)
    clouds = (np.random.default_rng(_stream(seed, 1, draw)).standard_normal(shape) for draw in range(draws))
    return np.array([measure(_of_gaussian(cloud)) for cloud in clouds])


def _of_gaussian(cloud: Directions) -> NDArray[np.float32]:
    """Cosines (N, N) of the samples of a Gaussian cloud (N', n), which is treated as activations are."""
    equal, central, z, wrong = _without_direction(cloud)
    if (out := equal | central).any():
        cloud = cloud[~out]
        z = _even(cloud)
    elif wrong:
        raise ValueError(wrong)
    return _without_pairs(cloud, z)


def _measured(activations: opening.Source, statistic: str, seed: Any, most: int) -> tuple[float, dict[str, int]]:
    measure = choose("statistic", statistic, CONCENTRATIONS).of
    rows, rounding, counts = _taken(activations, most, arrays.seed(seed))
    z = _even(rows)
    _refuse_rounding(rows, z, rounding)
    cosines = _without_pairs(rows, z)
    size = {"pairs": len(rows) - len(cosines), "samples": len(cosines), "width": rows.shape[1]}
    return measure(cosines), counts | size


def _stream(seed: Any, part: int, *key: int) -> np.random.SeedSequence:
    """The random stream of one part of the test, independent of those of the other parts."""
    several = seed if isinstance(seed, Sequence | np.ndarray) else (seed,)
    return np.random.SeedSequence([*map(int, several), part], spawn_key=key)


def radius(count: int, n: int) -> float:
    """The distance within which two of ``count`` samples in R^n of unit covariance count as equal.

    A Gaussian cloud has such a pair with a probability of at most :data:`RARE`: half the squared distance of two
    samples is chi-squared with n degrees of freedom. The distance is at most :data:`EQUAL` times sqrt(n), so that
    narrow clusters that are wider than rounding are kept.
    """
    pairs = count * (count - 1) / 2
    return float(min(EQUAL * np.sqrt(n), np.sqrt(2 * scipy.stats.chi2.ppf(RARE / pairs, n))))


def core(count: int, n: int) -> float:
    """The distance from the centre, over the median one, up to which the direction of a sample is not known.

    The centre of ``count`` samples in R^n, a spatial median, has a standard error of about the median distance over
    sqrt(count) (1 - 1/n). A Gaussian cloud has a sample so near with a probability of at most :data:`RARE`.
    """
    unknown = KNOWN / (np.sqrt(count) * (1 - 1 / n)) if n > 1 else 0.0
    return float(min(unknown, np.sqrt(scipy.stats.chi2.ppf(RARE / count, n) / scipy.stats.chi2.median(n))))


def _without_direction(rows: Directions) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Directions, str]:
    """Which samples (N, n) equal an earlier one within rounding, and which others have no known direction, (N,) each.

    Also returns the samples evened (:func:`_evened`) and what is wrong with these. Two samples are equal if they are
    near both as whitened by their covariance, which a crowded line does not shrink, and as evened, which heavy tails do
    not shrink.
    """
    z, wrong = _evened(rows)
    count, n = z.shape
    near = radius(count, n)
    white, even = _in_gaussian_units(_whitened(rows)[0]), _in_gaussian_units(z)
    pairs = scipy.spatial.cKDTree(even).query_pairs(near, output_type="ndarray")
    pairs = pairs[np.linalg.norm(np.subtract(*white[pairs.T]), axis=1) < near]
    equal = np.zeros(count, dtype=np.bool_)
    equal[pairs[:, 1]] = True  # the later of the two
    lengths = _lengths(z)[:, 0]
    central = (lengths < core(count, n) * np.median(lengths)) & ~equal
    return equal, central if not wrong else np.zeros_like(central), z, wrong


def _in_gaussian_units(z: Directions) -> Directions:
    """Samples (N, n) scaled so that the quantile :data:`LONG` of their lengths is that of a standard Gaussian."""
    return z * (np.sqrt(scipy.stats.chi2.ppf(LONG, z.shape[1])) / np.quantile(_lengths(z), LONG))


def _without_pairs(rows: Directions, z: Directions) -> NDArray[np.float32]:
    """Cosines (N, N) of samples ``rows`` (N', n), evened ``z``, without the second sample of every lone pair.

    If too few samples would be left, all stay, and the cosines of lone pairs are set to 0 instead.
    """
    cosines = _cosines(z / _lengths(z))
    line = _near(*rows.shape)
    if max(cosines.max(), -cosines.min()) < line:
        return cosines
    close = np.abs(cosines) >= line
    alone = close.sum(1) == 1
    pairs = close & alone & alone[:, None]
    left = rows[~np.tril(pairs).any(1)]
    if len(rows) > len(left) >= 2 * left.shape[1]:
        return _cosines(directions(left))
    cosines[pairs] = 0
    return cosines


@arrays.numpy_defaults
def directions(rows: Directions) -> Directions:
    """Directions u (N, n) of samples ``rows`` (N, m), centred and whitened so that <u> = 0 and <u u^T> = 1/n.

    The samples, of any scale, vary in n directions. Raises ValueError if no centring and whitening achieves that,
    because too many samples lie in a subspace.
    """
    z = _even(rows)
    return z / _lengths(z)


def _even(rows: Directions) -> Directions:
    """Samples (N, n) centred and whitened so that their directions have <u> = 0 and <u u^T> = 1/n; or ValueError."""
    z, wrong = _evened(rows)
    if wrong:
        raise ValueError(wrong)
    return z


def _evened(rows: Directions) -> tuple[Directions, str]:
    """The same as far as the iteration converges, and the reason if it does not, else an empty string."""
    z, _ = _whitened(rows)
    n, step, before = z.shape[1], 0, DIVERGES
    while True:
        inverse = 1 / _lengths(z)
        z = z - (z * inverse).mean(0) / inverse.mean()
        u = z / _lengths(z)
        shape = n * u.T @ u / len(u)
        z = _reshaped(z, shape)
        step, change = step + 1, np.abs(shape - np.eye(n)).max()
        if change < CLOSE or (step >= STEPS and change < ROUGH):
            return z, ""
        if step % STEPS == 0:
            if not change < before:
                return z, _crowded(u, shape)
            before = change / 2


def _reshaped(z: Directions, shape: Directions) -> Directions:
    """Samples ``z`` whitened by their shape, by at most a factor of 10^4 at a time if that is nearly flat."""
    try:
        root = np.linalg.cholesky(shape)
        if np.diag(root).min() ** 2 > EVEN:
            return np.linalg.solve(root, z.T).T
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(shape)
    return z @ (vectors / np.sqrt(np.maximum(values, EVEN)))


def _crowded(u: Directions, shape: Directions) -> str:
    """Why the shape of directions ``u`` (N, n) does not become even: how many of them lie in a subspace."""
    central = int(np.count_nonzero(np.linalg.norm(u, axis=1) < 0.5))
    if central > 1:
        return (
            f"activations has {central:,} of {len(u):,} samples that are compared within rounding of one point, from "
            "which they have no direction; accepted: samples that differ by more than rounding of the largest."
        )
    values, vectors = np.linalg.eigh(shape)
    crowded = values > (1 + values[-1]) / 2
    inside = int(np.count_nonzero(((u @ vectors[:, crowded]) ** 2).sum(1) > 0.5))
    of, n = int(np.count_nonzero(crowded)), u.shape[1]
    return (
        f"activations has {inside:,} of {len(u):,} samples that are compared in {of} of the {n} directions through "
        f"their centre, where no whitening makes directions even; accepted: a share of less than {of}/{n} there, so "
        "leave out samples that say the same, as padding, or neurons that hardly ever fire."
    )


@dataclass(frozen=True, eq=False)
class _Rounding:
    """Rounding errors of whitened samples: ``errors`` (N, m) of the numbers, times ``map`` (m, n)."""

    errors: Directions
    map: Directions


def _whitened(rows: Directions) -> tuple[Directions, _Rounding]:
    """Principal components (N, n) of ``rows``, of unit variance, without those in which nothing varies."""
    centred = rows - rows.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    if values[0] > EVEN * values[-1]:
        root = vectors / np.sqrt(values)
        return centred @ root, _Rounding(_precision(rows) * np.abs(rows), root)
    return _resolved(rows)


def _resolved(rows: Directions) -> tuple[Directions, _Rounding]:
    """The same for very different variances: from the singular values of the samples, all neurons at one scale.

    A combination c of neurons over their standard deviations s varies if its standard deviation is above that of the
    rounding errors of the numbers, eps sqrt(sum (c r / s)^2) with r the neurons' root mean squares, times
    1 + sqrt(n / N) for chance, and above the rounding of the singular values.
    """
    rows = rows[:, np.ptp(rows, axis=0) > 0]
    precision = _precision(rows)
    rows = np.ldexp(rows, -np.frexp(np.abs(rows).max(0))[1])
    centred = rows - rows.mean(0)
    centred = np.ldexp(centred, shift := -np.frexp(np.abs(centred).max(0))[1])
    spread = np.sqrt((centred**2).mean(0))
    errors = precision * np.ldexp(np.abs(rows), shift) / spread
    left, singular, right = np.linalg.svd(centred / spread, full_matrices=False)
    count, n = centred.shape
    noise = np.sqrt((right**2) @ (errors**2).mean(0))
    least = singular[0] * max(count, n) * np.finfo(np.float64).eps
    kept = (singular > noise * (np.sqrt(count) + np.sqrt(n))) & (singular > least)
    return left[:, kept] * np.sqrt(count), _Rounding(errors, right[kept].T / singular[kept] * np.sqrt(count))


def _precision(rows: Directions) -> float:
    """The relative rounding error of numbers: that of single precision if it can hold all of them, else of double."""
    single = np.array_equal(rows, rows.astype(np.float32))
    return float(np.finfo(np.float32 if single else np.float64).eps)


def _refuse_rounding(rows: Directions, z: Directions, rounding: _Rounding) -> None:
    """Raise ValueError if so many directions consist of rounding only that they make a crowded subspace look even.

    ``rows`` (N, n) have mean 0 and unit covariance, ``z`` are the same evened, and ``rounding`` are the errors of
    ``rows``.
    """
    count, n = z.shape
    turn = rows.T @ z / count
    wrong = rounding.errors**2 @ ((rounding.map @ turn) ** 2).sum(1)
    wrong += (np.finfo(np.float64).eps * np.linalg.norm(rows, axis=1) * np.linalg.norm(turn)) ** 2
    lost = int(np.count_nonzero(wrong > _lengths(z)[:, 0] ** 2))
    if lost * n >= count:
        raise ValueError(
            f"activations has {lost:,} of {count:,} samples that are compared whose direction is not known beyond "
            "rounding, because they differ by little of their size or lie in a line, plane or larger subspace through "
            "their centre; accepted: fewer of them, so subtract a large mean before numbers are rounded, or leave out "
            "samples that say the same, as padding, or neurons that hardly ever fire."
        )


def _lengths(z: Directions) -> Directions:
    return np.maximum(np.linalg.norm(z, axis=1, keepdims=True), SHORTEST)


def _cosines(u: Directions) -> NDArray[np.float32]:
    """Cosines (N, N) of directions ``u`` (N, n), with a diagonal of 0."""
    single = u.astype(np.float32)
    cosines = single @ single.T
    np.fill_diagonal(cosines, 0)
    return cosines


def _near(count: int, n: int) -> float:
    """The least |cosine| of a close pair (:data:`RARE`); infinite if single precision cannot tell it from 1.

    |u . v|^2 of two even directions in R^n is Beta(1/2, (n - 1)/2)-distributed. In the few dimensions in which the
    limit is infinite a Gaussian cloud has many close pairs, and one more does not matter.
    """
    if n < 2 or count < 2:
        return np.inf
    line = np.sqrt(1 - scipy.special.betaincinv((n - 1) / 2, 0.5, RARE / (count * (count - 1) / 2)))
    return float(line) if line < 1 - 1e-6 else np.inf


def _taken(activations: opening.Source, most: int, seed: Any) -> tuple[Directions, _Rounding, dict[str, int]]:
    """Comparable samples (N, n), of unit variance, their rounding, and counts of :class:`DirectionTest`."""
    given = checked_samples(activations)
    places = np.flatnonzero(given.any(1))
    zeros = len(given) - len(places)
    places = places[_first_of_equal(given[places])]
    left = len(places)
    if left > most:
        places = places[np.sort(np.random.default_rng(_stream(seed, 0)).choice(left, most, replace=False))]
    rows = _in_one_unit(given[places].astype(np.float64))
    counts = {"given": len(given), "zeros": zeros, "copies": len(given) - zeros - left, "central": 0}
    varying, rounding = _varying(rows, places)
    if _enough(varying):
        equal, central, _, _ = _without_direction(varying)
        kept = ~(equal | central)
        if kept.all():
            return varying, rounding, counts
        counts["copies"] += int(np.count_nonzero(equal))
        counts["central"] = int(np.count_nonzero(central))
        varying, rounding = _varying(rows[kept], places[kept])
        if _enough(varying):
            return varying, rounding, counts
    raise ValueError(_too_few(given, counts, left, most, varying))


def _enough(varying: Directions) -> bool:
    """Whether samples vary in two directions or more, and there are two samples for each direction."""
    return varying.shape[1] > 1 and len(varying) >= 2 * varying.shape[1]


def _in_one_unit(rows: Directions) -> Directions:
    """Samples (N, m) divided by a power of two, by one for each neuron if the neurons' sizes are very different."""
    powers = np.frexp(np.abs(rows).max(0, initial=0))[1]
    used = powers[rows.any(0)]
    apart = used.size and int(used.max()) - int(used.min()) > SPAN
    return np.ldexp(rows, -(powers if apart else max(used, default=0)))


def _varying(rows: Directions, places: NDArray[np.int64]) -> tuple[Directions, _Rounding]:
    """Samples ``rows`` (N, m) with unit variance in the n directions in which they vary, (N, n), and their rounding.

    ``places`` are the rows' places in the activations. Raises ValueError if samples would vary in more directions
    without the longest of them.
    """
    if len(rows) < 2:
        return rows[:, :0], _Rounding(rows, rows)
    varying, rounding = _whitened(rows)
    changing = rows[:, np.ptp(rows, axis=0) > 0]
    if varying.shape[1] == min(changing.shape[1], len(rows) - 1):
        return varying, rounding
    moved = changing - np.median(changing, axis=0)
    sizes = np.ldexp(np.abs(moved), -np.frexp(np.abs(moved).max(0))[1]).max(1)
    middle = float(np.median(sizes))
    far = sizes > FAR * middle
    if middle > 0 and far.any() and (n := _whitened(rows[~far])[0].shape[1]) > varying.shape[1]:
        largest = int(sizes.argmax())
        raise ValueError(
            f"activations has row {places[largest]} of {sizes[largest] / middle:.2g} times the median size of rows "
            f"({np.count_nonzero(far):,} of more than {FAR:,} times), beside which the others are within rounding in "
            f"{n - varying.shape[1]} of the {n} directions in which they vary; accepted: samples of similar size, so "
            "leave out such rows."
        )
    return varying, rounding


def _too_few(given: NDArray[Any], counts: dict[str, int], left: int, most: int, varying: Directions) -> str:
    """Why samples are too few, or vary in too few directions; at most ``most`` of ``left`` that differ were drawn."""
    n, zeros, copies = varying.shape[1], counts["zeros"], counts["copies"]
    ties = f" ({zeros:,} zero, {copies:,} equal to an earlier one)" if zeros or copies else ""
    has = f"activations has {len(given):,} samples{ties}"
    directions = ("no direction", "one direction")[n] if n < 2 else f"{n:,} directions"
    if left > most and (n > 1 or n >= most - 1):
        needed = 2 * (n if n < most - 1 else int(np.count_nonzero((given != given[0]).any(0))))
        more = f"with samples={needed}" if most < needed <= left else f"of {max(needed, 4):,} samples that differ"
        return (
            f"{has}, of which {most:,} were drawn that vary in {directions}; "
            f"accepted: at least two drawn for each direction, {more}."
        )
    if n < 2:
        return (
            f"{has} that vary in {directions} by more than rounding; accepted: samples that differ in at least two "
            "directions."
        )
    return f"{has} that vary in {directions}; accepted: at least two samples that differ for each."


def _first_of_equal(rows: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """The places of the ``rows`` that equal no earlier one, in order; -0 equals 0."""
    return np.sort(np.unique(rows + 0, axis=0, return_index=True)[1])
