"""Numbers of the spotlight's mean curve, their nulls, and what the author's public functions give."""

from pathlib import Path

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from isoaux import bases, ppp, srm
from isoaux.srm import pooled
from isoaux.statistics import uniformity

seeds = st.integers(0, 2**32 - 1)


def oblique(m: int, n: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((m, n))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


BASES = {
    "cross-polytope": bases.turned(bases.cross_polytope(4), 1),
    "simplex": bases.turned(bases.simplex(5), 2),
    "arranged": bases.thomson(13, 4, 3, starts=1),
    "oblique": oblique(9, 4, 4),
    "standard": np.eye(5),
}
every = pytest.mark.parametrize("name", BASES)


def cloud(seed: int, n: int, samples: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((samples, n)) * rng.uniform(0.1, 3, n) + 0.4 * rng.standard_normal(n)
    z[7] = 0
    return z


# --- the curve


@every
@settings(max_examples=4)
@given(seed=seeds, epsilon=st.sampled_from([0.3, 0.6, 0.8, 0.95]))
def test_the_mean_curve_is_the_mean_of_the_spotlights(name: str, seed: int, epsilon: float):
    basis = BASES[name]
    z = cloud(seed, basis.shape[1])
    curve = srm.curve(z, basis, epsilon)
    every_plane = srm.spotlight(z, basis, epsilon, "permutation", curve.angles)
    np.testing.assert_allclose(curve.mean, every_plane.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(
        curve.near, [(z @ b >= epsilon * np.linalg.norm(z, axis=1))[z.any(1)].sum() / 300 for b in basis]
    )
    assert curve.high.max() == pytest.approx(srm.spotlight(z, basis, epsilon, angles=curve.angles).max())
    centred = srm.curve(z, basis, epsilon, centred=True, planes=False)
    np.testing.assert_allclose(centred.mean, srm.curve(z - z.mean(0), basis, epsilon).mean, atol=1e-12)


@pytest.mark.parametrize("name", ["simplex", "arranged", "oblique"])
def test_the_own_curve_is_that_of_the_vectors(name: str):
    """At thresholds that no product of two vectors is near, where rounding decides."""
    own = srm.curve(cloud(0, BASES[name].shape[1]), BASES[name], 0.83).own
    angles = np.arange(360) * np.pi / 180
    np.testing.assert_allclose(own, srm.itself(BASES[name], 0.83, "permutation", angles).mean(axis=0), atol=2e-3)


@every
@settings(max_examples=3)
@given(seed=seeds)
def test_counting_with_and_without_numba_is_the_same(name: str, seed: int):
    basis = BASES[name]
    units = cloud(seed, basis.shape[1])[8:]
    pool = pooled.Pool(basis, [0.4, 0.7, 0.9])
    coordinates = units / np.linalg.norm(units, axis=1, keepdims=True) @ basis.T
    ends = np.zeros((3, 721), np.int64)
    pooled.add(coordinates, np.clip(basis @ basis.T, -1, 1), pool.pairs, pool.epsilons, ends)  # in every plane
    turns = np.cumsum(ends, axis=1)
    np.testing.assert_array_equal(pool.counts(coordinates), turns[:, :360] + turns[:, 360:720])


@every
@settings(max_examples=3)
@given(seed=seeds, epsilon=st.sampled_from([0.55, 0.75, 0.9]))
def test_the_curve_has_the_fourier_coefficients_of_the_points(name: str, seed: int, epsilon: float):
    """SRM is the histogram of PPP's angles, each widened to an arc (errata E85, E86); integrated on a fine grid."""
    basis = BASES[name]
    z = cloud(seed, basis.shape[1], 40)
    points = ppp.project(z / np.linalg.norm(z + (z == 0), axis=1, keepdims=True), basis, epsilon, "permutation")
    orders = np.arange(9)
    coefficients = srm.fourier(points.points, len(z), len(points.planes), epsilon, orders)
    angles = (np.arange(20000) + 0.5) * 2 * np.pi / 20000
    mean = srm.spotlight(z, basis, epsilon, "permutation", angles).mean(axis=0)
    expected = np.exp(-1j * orders[:, None] * angles) @ mean / len(angles)
    np.testing.assert_allclose(coefficients, expected, atol=2e-5)


def test_the_four_fold_part_of_a_wide_cone_is_inverted():
    """sin(4 w) / 4 pi changes sign at w = 45 degrees (erratum E85): a beam along an axis shows as a dip there."""
    z = np.eye(4)[:1].repeat(50, axis=0)
    narrow, wide = (srm.numbers(srm.curve(z, bases.cross_polytope(4), epsilon)).s4 for epsilon in (0.8, 0.6))
    assert narrow > 0 > wide


def test_a_plane_of_orthogonal_vectors_holds_the_shares_of_four_of_them():
    basis, z = bases.cross_polytope(4), cloud(3, 4)
    curve = srm.curve(z, basis, 0.7)
    at = np.pi / 2 * np.arange(4)
    for (a, b), shares in zip(bases.pairs(basis)[0], srm.spotlight(z, basis, 0.7, angles=at), strict=True):
        np.testing.assert_allclose(shares, [curve.near[a], curve.opposite[b], curve.opposite[a], curve.near[b]])
    assert len(np.unique(srm.spotlight(z, basis, 0.7, angles=at).round(12))) <= 8


def test_uniform_directions_have_the_expected_share_at_every_angle():
    z = np.random.default_rng(5).standard_normal((20000, 5))
    mean = srm.curve(z, bases.standard(5), 0.6, planes=False).mean
    assert mean.mean() == pytest.approx(srm.expected(5, 0.6), rel=0.02)


# --- the numbers


@every
@pytest.mark.parametrize("epsilon", [0.5, 0.7])
def test_numbers_do_not_depend_on_lengths_or_on_a_turn_of_everything(name: str, epsilon: float):
    """Also where the arcs of vectors end at whole degrees, as at 0.5."""
    basis = BASES[name]
    z = cloud(6, basis.shape[1])
    M = bases.random_orthogonal(basis.shape[1], 7)
    numbers = [
        srm.numbers(srm.curve(rows, vectors, epsilon))
        for rows, vectors in [(z, basis), (z @ M.T, basis @ M.T), (z * np.linspace(0.1, 9, len(z))[:, None], basis)]
    ]
    for other in numbers[1:]:
        np.testing.assert_allclose(list(vars(other).values()), list(vars(numbers[0]).values()), atol=1e-12)


def test_a_perfect_alignment_and_its_opposite():
    """Vectors as representations, and directions between them, of a cross-polytope."""
    basis = bases.turned(bases.cross_polytope(3), 8)
    own = srm.numbers(srm.curve(basis, basis, 0.9))
    assert own.phase == pytest.approx(1) and own.resonance > 0 and own.contrast == 1 and own.s4 > 0
    assert own.lit == 6 and own.effective == pytest.approx(6) and own.signed == 0
    between = srm.numbers(srm.curve(np.add(*basis[[0, 1]])[None] + 0.01 * basis[2], basis, 0.9))
    assert between.phase < 0 and between.resonance < 0 and between.s4 < 0 and between.lit == between.effective == 0
    lone = srm.numbers(srm.curve(basis[:1], basis, 0.9))
    assert lone.lit == lone.effective == 1 and lone.phase == pytest.approx(1) and lone.reach == 1


def test_signed_shares_tell_a_vector_of_a_simplex_from_its_antipode():
    b = bases.simplex(4)
    ahead, behind = (srm.numbers(srm.curve(rows, b, 0.9)) for rows in (b, -b))
    assert ahead.signed == pytest.approx(1 / 5) and behind.signed == pytest.approx(-1 / 5)


def test_nothing_in_any_cone_is_a_result():
    z = np.array([[1.0, 1, 1, 1, 1, 1, 1, 1]])
    numbers = srm.numbers(srm.curve(z, bases.cross_polytope(8), 0.9))
    assert set(vars(numbers).values()) == {0}
    assert srm.test(z, bases.cross_polytope(8), epsilon=0.99, draws=19).p == 1


def test_cone_and_constant_directions():
    z = np.random.default_rng(9).standard_normal((5000, 3))
    assert srm.cone(z) < 0.05 and srm.cone(np.ones((4, 3))) == pytest.approx(1) and srm.cone(0 * z) == 0
    assert srm.cone(z + [3, 0, 0]) == pytest.approx(3 / 12**0.5, abs=0.02)
    z[:, 1] += 5
    assert srm.constant_directions(z, bases.cross_polytope(3)) == 1
    z[:, 1] *= 0.5
    assert srm.constant_directions(z, np.eye(3)) == 1 and srm.constant_directions(0.7 * z, np.eye(3)) == 0


# --- nulls


def test_the_test_counts_turned_copies():
    """Value and null values are the numbers of the curves themselves, of copies that follow from the seed."""
    basis, z = BASES["arranged"], cloud(10, 4)
    result = srm.copies(z, basis, [0.6, 0.8], draws=5, seed=3)
    for epsilon, these in result.items():
        for draw in range(5):
            copy = bases.turned(basis, np.random.SeedSequence(3, spawn_key=(draw,)))
            numbers = srm.numbers(srm.curve(z, copy, epsilon))
            for name in srm.STATISTICS:
                assert these.null[name][draw] == pytest.approx(getattr(numbers, name), abs=1e-12), name
        assert these.test("swing").value == these.numbers.swing and these.test().draws == 5
    again = srm.test(z, basis, "swing", 0.8, 5, 3)
    np.testing.assert_array_equal(again.null, result[0.8].null["swing"])
    centred = srm.test(z, basis, epsilon=0.8, draws=3, centred=True)
    assert centred.preparation == "centred" and centred.value != result[0.8].test().value


def test_before_training_p_is_uniform_whatever_precedes_the_latent_layer():
    """Theorem T1: inputs with a large mean through a bounded layer, then normal weights; the basis is held fixed."""
    rng = np.random.default_rng(11)
    hidden = np.tanh(rng.standard_normal((60, 6)) * 2 + 1.5)
    basis = bases.thomson(9, 3, 0)
    p = [srm.test(hidden @ rng.standard_normal((6, 3)), basis, epsilon=0.8, draws=19, seed=s).p for s in range(200)]
    assert uniformity(p, 19).p > 0.01


def test_aligned_representations_are_told_from_turned_copies():
    """Also where the alignment is with a simplex, and in opposition to it."""
    rng = np.random.default_rng(12)
    basis = bases.turned(bases.simplex(4), 5)
    for sign in (1, -1):
        z = sign * basis[rng.integers(5, size=400)] * 3 + 0.5 * rng.standard_normal((400, 4))
        raw, signed = (srm.test(z, basis, name, 0.9, 99) for name in ("resonance", "signed"))
        assert signed.p == 0.02 and np.sign(signed.value) == sign
        assert raw.p == 0.02 or sign < 0


def test_the_standard_basis_is_exchangeable_with_random_ones():
    """Theorem T3: aligned representations and their privileged basis are turned by one matrix, the axes are not."""
    basis, p = bases.thomson(8, 3, 1), []
    rng = np.random.default_rng(13)
    z = basis[rng.integers(8, size=80)] + 0.3 * rng.standard_normal((80, 3))
    for seed in range(200):
        M = bases.random_orthogonal(3, [seed, 1])
        p.append(srm.test(z @ M.T, bases.cross_polytope(3), "swing", 0.8, 19, seed).p)
    assert uniformity(p, 19).p > 0.01


# --- the author's public functions

REFERENCE = Path(__file__).parent / "public_functions.npz"


@pytest.mark.parametrize("case", ["standard", "cross", "oblique"])
def test_the_authors_functions_give_the_same_shares_and_points(case: str):
    """What GeorgeBird1/Spotlight-Resonance-Method (commit ac38c1e) gives on inputs of ours, at 0.7 and 0.75.

    Its planes come in another order; the spotlight of the cross-polytope was run on its first five vectors.
    """
    with np.load(REFERENCE, allow_pickle=False) as reference:
        z, basis, angles = (reference[f"{case}_{name}"] for name in ("activations", "basis", "angles"))
        rows = basis[:5] if case == "cross" else basis
        for short, variant in (("COMB", "combination"), ("PERM", "permutation")):
            counts = np.rint(srm.spotlight(z, rows, 0.7, variant, angles) * len(z)).astype(int)
            assert sorted(map(tuple, counts)) == sorted(map(tuple, reference[f"{case}_srm_{short}"]))
        if case != "cross":
            points, theirs = ppp.project(z, basis, 0.75).points, reference[f"{case}_ppp_COMB"]
            assert points.shape == theirs.shape
            assert cKDTree(points).query(theirs)[0].max() < 1e-6 > cKDTree(theirs).query(points)[0].max()


@pytest.mark.parametrize(
    ("words", "change"),
    [
        (["epsilon is 0"], {"epsilon": 0}),
        (["epsilon", "1.5"], {"epsilon": 1.5}),
        (["activations has no rows"], {"activations": np.zeros((0, 3))}),
        (["basis", "length"], {"basis": 2 * np.eye(3)}),
        (["statistic", "'resonanse'", "did you mean"], {"statistic": "resonanse"}),
        (["draws is 0"], {"draws": 0}),
    ],
)
def test_bad_input_is_refused(refused, words: list[str], change: dict):
    refused(words, lambda: srm.test(**({"activations": np.eye(3), "basis": np.eye(3), "draws": 2} | change)))


# --- constant directions


@every
def test_constant_directions_are_projected_out(name: str):
    """What is left is orthogonal to them, and the rest stays as it was."""
    basis = BASES[name]
    n = basis.shape[1]
    z = cloud(1, n) * 0.1 + 9 * basis[0]
    constant = [b for b in basis if (z @ b).mean() > 2 and (z @ b).std() < (z @ b).mean() / 2]
    left = srm.without_constant_directions(z, basis)
    assert len(constant) == srm.constant_directions(z, basis) > 0
    assert np.abs(left @ np.transpose(constant)).max() < 1e-12 * np.abs(z).max()
    orthogonal = scipy.linalg.null_space(np.array(constant))
    np.testing.assert_allclose(left @ orthogonal, z @ orthogonal, atol=1e-12)
    np.testing.assert_array_equal(srm.without_constant_directions(left, basis), left)
    np.testing.assert_array_equal(srm.without_constant_directions(-z, basis[:1]), -z)


def test_nothing_is_left_where_constant_directions_span_the_space():
    z = np.full((50, 3), 5.0) + 0.1 * np.random.default_rng(0).standard_normal((50, 3))
    left = srm.without_constant_directions(z, np.eye(3))
    assert not left.any() and not srm.curve(left, np.eye(3)).mean.any()
    in_the_span = np.outer(np.linspace(5, 6, 50), bases.simplex(4)[0])
    assert not srm.without_constant_directions(in_the_span, bases.simplex(4)).any()
    single = srm.without_constant_directions(in_the_span.astype(np.float32), np.eye(4))
    assert single.dtype == np.float32


def test_bases_that_do_not_fit_are_refused_where_directions_are_projected_out(refused):
    z = np.ones((5, 3))
    for instrument in (srm.without_constant_directions, srm.constant_directions, srm.copies, srm.opposed):
        refused(["basis", "length 2"], instrument, z, 2 * np.eye(3))
        refused(["basis", "width 2"], instrument, z, np.eye(2))
    for epsilon in (-0.1, 0, 1, np.nan):
        refused(["epsilon"], srm.opposed_test, z, np.eye(3), epsilon)
        refused(["epsilon"], srm.copies, z, np.eye(3), [epsilon])


def test_copies_lose_their_own_constant_directions():
    """The null value of copy i is the number of the basis that copy i is."""
    z, basis = cloud(2, 3) + [4, 3, 0], bases.cross_polytope(3)
    (here,) = srm.copies(z, basis, [0.7], 4, seed=3, centred=True, varying=True).values()
    assert here.numbers == srm.numbers(srm.curve(srm.without_constant_directions(z, basis), basis, 0.7, centred=True))
    for draw in range(4):
        copy = bases.turned(basis, np.random.SeedSequence(3, spawn_key=(draw,)))
        left = srm.without_constant_directions(z, copy)
        numbers = srm.numbers(srm.curve(left, copy, 0.7, centred=True))
        assert here.null["resonance"][draw] == pytest.approx(numbers.resonance, abs=1e-12)
        assert here.null["lit"][draw] == numbers.lit
