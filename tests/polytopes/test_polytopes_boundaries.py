"""Effects against slow transcriptions, and clouds whose density depends on distance alone."""

import numpy as np
import pytest
from random_nets import random_net
from scipy import stats

from isoaux.polytopes import boundaries, codes, local_map, segments
from isoaux.polytopes.codes import distances, hamming, local_maps

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, 60)
SAME = boundaries.same_class(LABELS)
DISTANCE = RNG.uniform(1, 2, len(SAME)) + 0.3 * ~SAME
VALUES = np.round(RNG.standard_normal(len(SAME)) + 0.5 * ~SAME + DISTANCE, 1)


def slow(values: np.ndarray, same: np.ndarray, distance: np.ndarray, bins: int = 20) -> tuple[float, float, float]:
    """The three numbers, pair by pair of values and bin by bin."""
    w, b = values[same], values[~same]
    auc = np.mean([(b > x).mean() + (b == x).mean() / 2 for x in w])
    sd = np.sqrt(((w - w.mean()) @ (w - w.mean()) + (b - b.mean()) @ (b - b.mean())) / (len(values) - 2))
    place = (distance[:, None] >= np.quantile(distance, np.arange(1, bins) / bins)).sum(axis=1)
    parts = [(values[same & (place == k)], values[~same & (place == k)]) for k in range(bins)]
    weights = np.array([len(x) * len(y) / (len(x) + len(y)) for x, y in parts if len(x) and len(y)])
    gaps = np.array([y.mean() - x.mean() for x, y in parts if len(x) and len(y)])
    return auc, (b.mean() - w.mean()) / sd, weights @ gaps / weights.sum() / sd


def test_the_effect_is_that_of_its_definition() -> None:
    made = boundaries.effect(VALUES, SAME, DISTANCE)
    np.testing.assert_allclose((made.auc, made.d, made.matched), slow(VALUES, SAME, DISTANCE), rtol=1e-12)
    u = stats.mannwhitneyu(VALUES[~SAME], VALUES[SAME]).statistic
    assert made.auc == pytest.approx(u / SAME.sum() / (~SAME).sum())


def test_matching_takes_out_what_depends_on_distance_alone() -> None:
    step = np.searchsorted(np.quantile(DISTANCE, np.linspace(0, 1, 21)[1:-1]), DISTANCE, side="right")
    made = boundaries.effect(-step, SAME, DISTANCE)
    assert abs(made.matched) < 1e-12 and made.d < -0.5 and made.auc < 0.4
    smooth = boundaries.effect(1 / DISTANCE, SAME, DISTANCE)
    assert abs(smooth.matched) < 0.03 < 0.5 < -smooth.d


def test_permuted_labels_have_no_effect() -> None:
    drawn = boundaries.permuted(VALUES, LABELS, DISTANCE, 200, 1)
    assert drawn.auc.mean() == pytest.approx(0.5, abs=0.01) and abs(drawn.matched.mean()) < 0.03
    assert boundaries.effect(VALUES, SAME, DISTANCE).auc > drawn.auc.max()


def test_points_drawn_again_are_points_repeated() -> None:
    drawn = boundaries.bootstrap(VALUES, LABELS, DISTANCE, draws=3, seed=7)
    rng = np.random.default_rng(7)
    square = np.zeros((60, 60), dtype=int)
    first, second = boundaries.pairs(60)
    square[first, second] = square[second, first] = np.arange(len(first))
    edges = np.quantile(DISTANCE, np.linspace(0, 1, 21)[1:-1])
    for i in range(3):
        index = rng.integers(60, size=60)
        a, b = np.triu_indices(60, 1)
        apart = index[a] != index[b]
        pair = square[index[a][apart], index[b][apart]]
        auc, d, _ = slow(VALUES[pair], SAME[pair], DISTANCE[pair])
        np.testing.assert_allclose((drawn.auc[i], drawn.d[i]), (auc, d), rtol=1e-10)
    low, high = boundaries.bootstrap(VALUES, LABELS, DISTANCE, 200).interval()
    made = boundaries.effect(VALUES, SAME, DISTANCE)
    assert low.auc < made.auc < high.auc and low.matched < made.matched < high.matched and len(edges) == 19


def test_densities_of_codes_crossings_and_maps() -> None:
    net = random_net((8, 40, 40, 3), 1)
    x = np.random.default_rng(2).standard_normal((12, 8))
    first, second = boundaries.pairs(12)
    d = distances(x)
    np.testing.assert_allclose(d, np.linalg.norm(x[first] - x[second], axis=1), rtol=1e-12)
    bits, crossed = hamming(codes(net, x)), segments.crossings(net, x[first], x[second])
    assert (boundaries.density(crossed, d) >= boundaries.density(bits, d)).all() and (crossed > bits).any()
    maps = boundaries.map_distances(local_maps(net, x)[0])
    first_map, second_map = local_map(net, x[3])[0], local_map(net, x[7])[0]
    pair = np.flatnonzero((first == 3) & (second == 7))[0]
    assert maps[pair] == pytest.approx(np.linalg.norm(first_map - second_map))
    assert (segments.variation(net, x[first], x[second]) >= maps - 1e-12).all(), "a path is no shorter than its chord"


def test_profiles_of_segments_add_up() -> None:
    net = random_net((8, 40, 40, 3), 1)
    p, q = np.random.default_rng(3).standard_normal((2, 30, 8))
    crossed, length = segments.crossing_points(net, p, q), np.linalg.norm(q - p, axis=1)
    profile = boundaries.profile(crossed, length)
    np.testing.assert_allclose(profile.sum(axis=1) * length / 20, segments.crossings(net, p, q), rtol=1e-12)
    counts = boundaries.thirds(crossed, 30)
    assert (counts.sum(axis=1) == segments.crossings(net, p, q)).all()
    assert counts[:, 0].sum() == ((crossed.t >= 1 / 3) & (crossed.t <= 2 / 3)).sum()
    assert boundaries.middle_over_outer([[3, 4], [5, 4]]) == 2.0
    assert np.isnan(boundaries.middle_over_outer([[3, 0]]))


def test_partial_correlation_is_that_of_residuals_of_ranks() -> None:
    rng = np.random.default_rng(4)
    given = rng.standard_normal(300)
    a, b = given + rng.standard_normal(300), given**3 + rng.standard_normal(300)
    ranks = [stats.rankdata(v) for v in (a, b, given)]
    rest = [r - np.polyval(np.polyfit(ranks[2], r, 1), ranks[2]) for r in ranks[:2]]
    assert boundaries.partial_spearman(a, b, given) == pytest.approx(np.corrcoef(*rest)[0, 1], rel=1e-10)
    assert boundaries.partial_spearman(a, np.exp(a), given) == pytest.approx(1)
    assert np.isnan(boundaries.partial_spearman(a, b, a))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: boundaries.density([3.0, 1.0], [1.0, 0.0]), "distance is 0 at pair 1, where density is undefined"),
        (lambda: boundaries.density([3.0], [1.0, 2.0]), r"boundaries has shape \(1,\) and distance \(2,\)"),
        (lambda: boundaries.same_class([1, 1, 1]), "labels holds 1 classes of 3 points"),
        (lambda: boundaries.same_class([1, 2, 3]), "labels holds 3 classes of 3 points"),
        (lambda: boundaries.effect([1.0, 2.0], [True, True], [1.0, 2.0]), "same has 2 of 2 pairs within classes"),
        (lambda: boundaries.effect([1.0, 2.0], [True], [1.0, 2.0]), "same has 1 of 1 pairs"),
        (lambda: boundaries.effect([1.0, np.nan], [True, False], [1.0, 2.0]), "values holds nan"),
        (lambda: boundaries.map_distances(np.zeros((3, 4))), r"maps has shape \(3, 4\)"),
    ],
)
def test_bad_arguments_are_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
