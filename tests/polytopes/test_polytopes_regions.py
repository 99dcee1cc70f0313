"""Clusters and directions on clouds of which the answer is known, and the flow of isometries."""

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from isoaux.polytopes import flow, regions

RNG = np.random.default_rng(0)
LABELS = np.repeat(np.arange(4), 60)
CENTRES = 12 * np.eye(4, 6)
BLOBS = CENTRES[LABELS] + RNG.standard_normal((240, 6))


def test_separated_blobs_are_clusters_of_one_class_each() -> None:
    of = regions.cluster(BLOBS)
    made = regions.purity(of, LABELS)
    assert (made.clusters, made.purity, made.monosemantic) == (4, 1.0, 1.0)
    assert made.clustered == (of >= 0).mean() > 0.8 and made.ami > 0.8
    assert regions.purity(regions.k_means(BLOBS, 4), LABELS).ami == pytest.approx(1)


def test_codes_cluster_by_the_number_of_differing_bits() -> None:
    words = np.random.default_rng(1).random((4, 40)) < 0.5
    bits = words[LABELS] ^ (np.random.default_rng(2).random((240, 40)) < 0.03)
    assert regions.purity(regions.cluster(bits, "cityblock"), LABELS).purity == 1


def test_permuted_classes_are_as_pure_as_the_largest_class() -> None:
    drawn = regions.permuted(LABELS, LABELS, 50, 3)
    assert np.mean([p.purity for p in drawn]) == pytest.approx(0.25, abs=0.08)
    assert abs(np.mean([p.ami for p in drawn])) < 0.02 and all(p.monosemantic == 0 for p in drawn)


def test_purity_counts_by_hand() -> None:
    made = regions.purity([0, 0, 0, 0, 1, 1, -1, -1], ["a", "a", "a", "b", "c", "c", "a", "b"])
    assert (made.purity, made.clustered, made.clusters, made.monosemantic) == (5 / 6, 0.75, 2, 0.5)
    none = regions.purity([-1, -1, -1], [0, 1, 1])
    assert np.isnan(none.purity) and np.isnan(none.monosemantic) and (none.clustered, none.clusters) == (0, 0)


@pytest.mark.parametrize("kind", regions.DIRECTIONS)
def test_directions_are_units(kind: str) -> None:
    axes = regions.directions(np.abs(BLOBS), kind, 4)
    assert axes.shape == ((6 if kind == "neurons" else 4), 6)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, rtol=1e-12)
    if kind in ("nmf", "random"):
        assert axes.min() >= 0
    if kind in ("pca", "turned"):
        np.testing.assert_allclose(axes @ axes.T, np.eye(4), atol=1e-12)


def test_turned_axes_span_what_principal_axes_do() -> None:
    pca, turned = (regions.directions(BLOBS, kind, 3) for kind in ("pca", "turned"))
    np.testing.assert_allclose(turned.T @ turned, pca.T @ pca, atol=1e-10)
    assert not np.allclose(turned, pca)


def test_neurons_of_one_class_are_monosemantic_and_their_sum_is_not() -> None:
    both = np.zeros(6)
    both[:2] = np.sqrt(0.5)
    made = regions.judged(BLOBS, np.vstack([np.eye(6), both]), LABELS, 50)
    assert made.top.shape == (7, 50) and made.monosemantic.tolist() == [True] * 4 + [False] * 3
    assert made.polysemantic[6] and not made.polysemantic[:4].any()
    angle = regions.cosines(BLOBS, both[None])[:, 0]
    assert (np.diff(angle[made.top[6]]) <= 0).all() and angle[made.top[6]].min() >= np.sort(angle)[-50]
    assert (regions.cosines(np.zeros((2, 6)), both[None]) == 0).all()


def test_splitting_by_cluster_lowers_entropy_by_the_mutual_information() -> None:
    of = np.where(RNG.random(240) < 0.3, -1, LABELS)
    drop = regions.entropy_drop(of, LABELS, 50, 1)
    assert drop[0] == pytest.approx(mutual_info_score(of, LABELS)) and drop[0] > drop[1:].max() >= 0
    assert regions.entropy_drop(LABELS, LABELS)[0] == pytest.approx(np.log(4))


def test_neighbours_of_a_blob_agree() -> None:
    assert regions.neighbour_agreement(BLOBS, LABELS) == 1
    assert regions.neighbour_agreement(BLOBS, RNG.permutation(LABELS)) == pytest.approx(59 / 239, abs=0.05)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="x has 29 points; accepted: at least 30, twice the smallest cluster"):
        regions.cluster(BLOBS[:29])
    with pytest.raises(ValueError, match="x holds -.*; accepted for 'nmf'"):
        regions.directions(BLOBS, "nmf")
    with pytest.raises(ValueError, match="kind is 'pcs' .did you mean 'pca'"):
        regions.directions(BLOBS, "pcs")
    with pytest.raises(ValueError, match="metric is 'hamming'"):
        regions.cluster(BLOBS, "hamming")
    with pytest.raises(ValueError, match=r"clusters has shape \(3,\) and labels \(4,\)"):
        regions.purity([0, 0, 0], [0, 0, 1, 1])


# --- flow


def test_an_isometry_has_no_flow_and_neither_has_a_scale() -> None:
    q, _ = np.linalg.qr(RNG.standard_normal((9, 6)))
    made = flow.flow([BLOBS, BLOBS @ q.T + 3, 7 * BLOBS @ q.T], LABELS)
    for part in (made.within, made.between, made.by_class):
        np.testing.assert_allclose(part, 0, atol=1e-12)
    assert made.by_class.shape == (2, 4) and made.classes.tolist() == [0, 1, 2, 3]


def test_classes_that_contract_converge() -> None:
    closer = CENTRES[LABELS] + 0.1 * (BLOBS - CENTRES[LABELS])
    made = flow.flow([BLOBS, closer], LABELS)
    middle = np.log(np.median(flow.distances(BLOBS)) / np.median(flow.distances(closer)))
    np.testing.assert_allclose(made.by_class, np.log(0.1) + middle, atol=1e-12)
    assert made.within[0] == pytest.approx(np.log(0.1) + middle) and made.between[0] > made.within[0]


def test_permuted_classes_flow_as_all_pairs_do() -> None:
    closer = CENTRES[LABELS] + 0.1 * (BLOBS - CENTRES[LABELS])
    moved = flow.steps([BLOBS, closer])
    drawn = flow.permuted(moved, LABELS, 30, 2)
    for part in ("within", "between"):
        assert np.mean([getattr(f, part) for f in drawn]) == pytest.approx(moved.mean(), abs=0.03)
    assert flow.by_class(moved, LABELS).within[0] < min(f.within[0] for f in drawn)


def test_the_nearest_pairs_of_two_classes() -> None:
    chosen = flow.nearest_apart(BLOBS, LABELS, 0.01)
    d, same = flow.distances(BLOBS), flow.same_class(LABELS)
    assert not (chosen & same).any() and d[chosen].max() < d[~same & ~chosen].min()
    assert chosen.sum() == pytest.approx(0.01 * (~same).sum(), rel=0.01)


def test_bad_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="layers has length 1"):
        flow.flow([BLOBS], LABELS)
    with pytest.raises(ValueError, match=r"layers\[1\] has another number of points"):
        flow.flow([BLOBS, BLOBS[1:]], LABELS)
    with pytest.raises(ValueError, match="labels holds 239 points"):
        flow.flow([BLOBS, BLOBS], LABELS[1:])
    with pytest.raises(ValueError, match=r"layers\[1\] has at least half of all pairs at one place"):
        flow.flow([BLOBS, 0 * BLOBS], LABELS)
