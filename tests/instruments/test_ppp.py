"""The projective method against the paper's own steps, and its closed forms."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux import bases, ppp

seeds = st.integers(0, 2**32 - 1)
variants = st.sampled_from(sorted(bases.VARIANTS))
epsilons = st.sampled_from([0.0, 0.3, 0.6, 0.75, 0.9])
examples = settings(max_examples=40)


def transcription(activations, basis, epsilon, ordered):
    """Sec. 3 step by step: Eqn 5, the pseudo-inverse, the rejection of what is too far from the plane."""
    points, samples, pairs = [], [], []
    for i, first in enumerate(basis):
        for j, second in enumerate(basis):
            if i == j or (j < i and not ordered) or 1 - abs(first @ second) < 1e-9:
                continue
            rest = second - (second @ first) * first
            plane = np.stack([first, rest / np.linalg.norm(rest)])
            for index, vector in enumerate(activations):
                coefficients = np.linalg.pinv(plane.T) @ vector
                parallel = plane.T @ coefficients
                if np.linalg.norm(vector) > 0 and np.linalg.norm(parallel) / np.linalg.norm(vector) > epsilon:
                    points.append(coefficients)
                    samples.append(index)
                    pairs.append((i, j))
    return np.reshape(points, (-1, 2)), np.array(samples, dtype=int), np.reshape(pairs, (-1, 2)).astype(int)


def unit_rows(rng, m, n):
    rows = rng.standard_normal((m, n))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_basis(kind, rng, n):
    return {
        "standard": lambda: np.eye(n),
        "rotated": lambda: bases.random_orthogonal(n, int(rng.integers(1000))),
        "few orthonormal": lambda: bases.random_orthogonal(n, int(rng.integers(1000)))[: max(2, n // 2)],
        "oblique": lambda: unit_rows(rng, n, n),
        "overcomplete": lambda: unit_rows(rng, 2 * n, n),
        "few oblique": lambda: unit_rows(rng, max(2, n // 2), n),
        "simplex": lambda: bases.simplex(n),
        "antipodal": lambda: np.vstack([np.eye(n), -np.eye(n)]),
        "nearly parallel": lambda: _renormalised(np.eye(n)[0] + 1e-3 * unit_rows(rng, 4, n)),
    }[kind]()


def _renormalised(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_cloud(kind, rng, n):
    gaussian = rng.standard_normal((25, n))
    return {
        "gaussian": gaussian,
        "heavy": gaussian**5,
        "quantised": np.sign(np.trunc(gaussian)),
        "shifted": gaussian + 3,
    }[kind]


KINDS = [
    "standard",
    "rotated",
    "few orthonormal",
    "oblique",
    "overcomplete",
    "few oblique",
    "simplex",
    "antipodal",
    "nearly parallel",
]


def check_against_transcription(cloud, basis, epsilon, variant):
    projection = ppp.project(cloud, basis, epsilon, variant)
    points, samples, pairs = transcription(cloud, basis, epsilon, bases.VARIANTS[variant])
    assert projection.sample.tolist() == samples.tolist()
    assert projection.planes[projection.plane].tolist() == pairs.tolist()
    np.testing.assert_allclose(projection.points, points, rtol=1e-9, atol=1e-10 * np.abs(cloud).max())
    assert projection.counts.sum() == len(points)
    assert np.array_equal(np.bincount(projection.plane, minlength=len(projection.planes)), projection.counts)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(
    seed=seeds,
    n=st.integers(2, 6),
    epsilon=epsilons,
    variant=variants,
    shape=st.sampled_from(["gaussian", "heavy", "shifted"]),
)
def test_equals_the_papers_steps(kind, seed, n, epsilon, variant, shape):
    rng = np.random.default_rng(seed)
    check_against_transcription(make_cloud(shape, rng, n), make_basis(kind, rng, n), epsilon, variant)


@pytest.mark.parametrize("variant", sorted(bases.VARIANTS))
@pytest.mark.parametrize("epsilon", [0.0, 0.75])
def test_equals_the_papers_steps_where_squares_tie(variant, epsilon):
    cloud = make_cloud("quantised", np.random.default_rng(0), 5)
    check_against_transcription(cloud, np.eye(5), epsilon, variant)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(3)
    cloud = rng.standard_normal((100, 5))
    for basis in (np.eye(5), unit_rows(rng, 7, 5)):
        whole = ppp.project(cloud, basis, 0.5)
        with monkeypatch.context() as patch:
            patch.setattr(ppp, "BLOCK", 7)
            blocks = ppp.project(cloud, basis, 0.5)
        assert np.array_equal(whole.points, blocks.points)
        assert np.array_equal(whole.sample, blocks.sample)


@pytest.mark.parametrize(("make", "n"), [(bases.standard, 12), (bases.standard, 18), (bases.simplex, 18)])
def test_isotropic_counts_have_the_closed_form_mean(make, n):
    rng = np.random.default_rng(n)
    projections = [ppp.project(rng.standard_normal((2000, n)), make(n)) for _ in range(40)]
    counts = np.array([len(projection.points) for projection in projections])
    expected = ppp.expected_isotropic_count(2000, n, len(projections[0].planes))
    assert abs(counts.mean() - expected) < 3.5 * counts.std(ddof=1) / np.sqrt(counts.size)


@pytest.mark.parametrize(("n", "planes", "per_sample"), [(12, 66, 1.0579), (18, 153, 0.20536), (32, 496, 0.0020425)])
def test_expected_count_of_one_sample(n, planes, per_sample):
    assert ppp.expected_isotropic_count(1, n, planes) == pytest.approx(per_sample, rel=1e-4)


def test_expected_count_in_the_plane_is_everything():
    assert ppp.expected_isotropic_count(10, 2, 1, 0.9) == 10
    with pytest.raises(ValueError, match=r"^width is 1; accepted: a whole number of at least 2\.$"):
        ppp.expected_isotropic_count(10, 1, 0)


@pytest.mark.parametrize("variant", sorted(bases.VARIANTS))
def test_a_dominant_component_reaches_the_hard_maximum(variant):
    rng = np.random.default_rng(0)
    cloud = 0.1 * rng.standard_normal((200, 6))
    cloud[np.arange(200), rng.integers(0, 6, 200)] += 5
    assert len(ppp.project(cloud, np.eye(6), variant=variant).points) == 200 * 5 * (1 + bases.VARIANTS[variant])


@examples
@given(seeds, st.integers(4, 9), st.sampled_from([1, 3, 7]))
def test_no_sample_exceeds_the_hard_maximum(seed, n, power):
    cloud = np.random.default_rng(seed).standard_normal((60, n)) ** power
    projection = ppp.project(cloud, np.eye(n))
    assert np.bincount(projection.sample, minlength=60).max() <= n - 1


@examples
@given(seeds, st.sampled_from(KINDS), variants, epsilons)
def test_rotating_space_changes_nothing(seed, kind, variant, epsilon):
    rng = np.random.default_rng(seed)
    cloud, basis, turn = rng.standard_normal((30, 5)), make_basis(kind, rng, 5), bases.random_orthogonal(5, seed)
    here = ppp.project(cloud, basis, epsilon, variant)
    there = ppp.project(cloud @ turn.T, basis @ turn.T, epsilon, variant)
    assert np.array_equal(here.sample, there.sample)
    assert np.array_equal(here.plane, there.plane)
    np.testing.assert_allclose(here.points, there.points, atol=1e-9)


@pytest.mark.parametrize("kind", ["standard", "rotated", "oblique"])
@pytest.mark.parametrize(
    ("dtype", "scales"),
    [(np.float64, [1e-300, 1e-200, 1e-150, 1e150, 1e300]), (np.float32, [1e-30, 1e-20, 1e18, 1e36])],
)
def test_the_scale_changes_points_but_not_who_passes(kind, dtype, scales):
    rng = np.random.default_rng(5)
    cloud = rng.standard_normal((60, 5)).astype(dtype)
    basis = make_basis(kind, rng, 5)
    plain, tolerance = ppp.project(cloud, basis, 0.6), 20 * np.finfo(dtype).eps
    for scale in scales:
        scaled = ppp.project(cloud * dtype(scale), basis, 0.6)
        assert np.array_equal(scaled.sample, plain.sample)
        assert np.array_equal(scaled.plane, plain.plane)
        np.testing.assert_allclose(scaled.points / dtype(scale), plain.points, rtol=0, atol=tolerance)


def test_samples_of_very_different_size_are_measured_each_at_its_own_scale():
    rng = np.random.default_rng(6)
    cloud = rng.standard_normal((60, 5))
    scales = 10.0 ** rng.integers(-250, 250, (60, 1))
    for basis in (np.eye(5), unit_rows(rng, 5, 5)):
        assert np.array_equal(ppp.project(cloud * scales, basis, 0.6).sample, ppp.project(cloud, basis, 0.6).sample)


def test_the_input_is_left_alone():
    cloud = np.full((3, 4), 1e-200)
    ppp.project(cloud, np.eye(4))
    assert np.array_equal(cloud, np.full((3, 4), 1e-200))


def test_the_orientation_is_kept():
    """b_j lies in the upper half of plane (i, j), at its angle to b_i."""
    basis = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1]])
    projection = ppp.project(basis, basis, 0.9)
    seen = {
        (int(s), *map(int, projection.planes[p])): w
        for s, p, w in zip(projection.sample, projection.plane, projection.points, strict=True)
    }
    np.testing.assert_allclose(seen[1, 0, 1], [0.6, 0.8], atol=1e-15)
    np.testing.assert_allclose(seen[0, 0, 1], [1, 0], atol=1e-15)


def test_a_sample_exactly_on_the_threshold_is_dropped():
    assert len(ppp.project([[3.0, 0, 2, 1, 1, 1]], np.eye(6)[[0, 1]]).points) == 0
    assert len(ppp.project([[3.0, 1e-7, 2, 1, 1, 1]], np.eye(6)[[0, 1]]).points) == 1


@pytest.mark.parametrize("epsilon", [0.0, 0.75])
@pytest.mark.parametrize("basis", [np.eye(3), bases.simplex(3)])
def test_zero_vectors_are_dropped_and_counted(basis, epsilon):
    projection = ppp.project([[0, 0, 0], [1, 0, 0], [0, 0, 0]], basis, epsilon)
    assert projection.zeros == 2
    assert set(projection.sample.tolist()) == {1}


@pytest.mark.parametrize("epsilon", [0.0, 0.75])
def test_parallel_pairs_are_skipped_and_counted(epsilon):
    basis = np.vstack([np.eye(3), np.eye(3)[:1], -np.eye(3)[1:2]])
    projection = ppp.project(np.random.default_rng(0).standard_normal((50, 3)), basis, epsilon)
    assert projection.skipped == 2
    assert len(projection.planes) == 8
    assert projection.counts.shape == (8,)
    assert [0, 3] not in projection.planes.tolist()
    assert [1, 4] not in projection.planes.tolist()


@pytest.mark.parametrize(
    ("cloud", "basis"),
    [
        (np.ones((3, 18)), np.eye(18)),
        (np.empty((0, 4)), np.eye(4)),
        (np.empty((0, 4)), bases.simplex(4)),
        (np.ones((3, 4)), np.eye(4)[:1]),
        (np.ones((3, 4)), np.empty((0, 4))),
        (np.ones((3, 1)), bases.simplex(1)),
        (np.zeros((3, 4)), bases.simplex(4)),
    ],
)
def test_no_points_is_a_result(cloud, basis):
    projection = ppp.project(cloud, basis)
    assert projection.points.shape == (0, 2)
    assert projection.sample.shape == projection.plane.shape == (0,)
    assert projection.counts.tolist() == [0] * len(projection.planes)
    assert projection.planes.shape[1] == 2


@pytest.mark.parametrize("basis", [np.eye(5), bases.simplex(5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(basis, dtype):
    cloud = np.random.default_rng(0).standard_normal((40, 5))
    projection = ppp.project(cloud.astype(dtype), basis)
    assert projection.points.dtype == dtype
    assert projection.sample.dtype == projection.plane.dtype == projection.counts.dtype == np.int64
    np.testing.assert_allclose(projection.points, ppp.project(cloud, basis).points, rtol=1e-5, atol=1e-5)


def test_whole_numbers_are_measured_in_double_precision():
    assert ppp.project(np.arange(12).reshape(3, 4), np.eye(4), 0.5).points.dtype == np.float64


@pytest.mark.parametrize("basis", [np.eye(5), bases.simplex(5)])
def test_tensors_come_back_as_tensors(basis):
    torch = pytest.importorskip("torch")
    cloud = np.random.default_rng(0).standard_normal((40, 5)).astype(np.float32)
    there = ppp.project(torch.from_numpy(cloud), torch.from_numpy(basis))
    here = ppp.project(cloud, basis)
    for name in ("points", "sample", "plane", "planes", "counts"):
        field = getattr(there, name)
        assert isinstance(field, torch.Tensor)
        assert np.array_equal(field.numpy(), getattr(here, name))
    assert there.points.dtype == torch.float32


@pytest.mark.parametrize("epsilon", [1, 1.0, -0.1, np.nan, "0.75"])
def test_epsilon_outside_its_range_is_refused(epsilon):
    with pytest.raises(ValueError, match=r"^epsilon is .*; accepted: a number in \[0, 1\)\.$"):
        ppp.project(np.ones((2, 3)), np.eye(3), epsilon)


def test_unknown_variant_names_the_nearest():
    with pytest.raises(ValueError, match=r"^variant is 'permutations' \(did you mean 'permutation'\?\); accepted: "):
        ppp.project(np.ones((2, 3)), np.eye(3), variant="permutations")


def test_bad_input_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^activations holds nan at row 0, column 1; accepted: finite numbers\.$"):
        ppp.project([[1.0, np.nan]], np.eye(2))
    with pytest.raises(ValueError, match=r"^basis has width 3; accepted: width 2\.$"):
        ppp.project(np.ones((4, 2)), np.eye(3))
    with pytest.raises(ValueError, match=r"^basis has row 0 of length 2; accepted: length 1 within 1e-06, "):
        ppp.project(np.ones((4, 2)), 2 * np.eye(2))


def test_half_precision_comes_out_in_single_precision():
    """Its points can be larger than the largest half."""
    torch = pytest.importorskip("torch")
    cloud, basis = np.full((2, 4), 60000, np.float16), bases.random_orthogonal(4, 0)
    points = ppp.project(cloud, basis, 0.1).points
    assert points.dtype == np.float32 and np.abs(points).max() > np.finfo(np.float16).max
    for dtype in (torch.float16, torch.bfloat16):
        tensor = ppp.project(torch.from_numpy(cloud).to(dtype), basis, 0.1).points
        assert tensor.dtype == torch.float32
        np.testing.assert_allclose(tensor.numpy(), points, rtol=1e-2)


@pytest.mark.parametrize("make", [lambda n: bases.random_orthogonal(n, 0), bases.simplex])
@pytest.mark.parametrize(("dtype", "advice"), [(np.float32, "double precision"), (np.float64, "smaller numbers")])
def test_points_that_overflow_are_refused(make, dtype, advice, refused):
    cloud = np.vstack([np.ones(9), np.full(9, 0.9 * float(np.finfo(dtype).max))]).astype(dtype)
    refused(["activations has row 1 with a point beyond", advice], ppp.project, cloud, make(9), 0.1)


@pytest.mark.parametrize("spread", [1e-4, 1e-3, 0.03, 0.3, 1, 10])
def test_the_sine_of_two_rows_is_exact_however_close_they_are(spread):
    """Against the length of b_j - g b_i in extended precision."""
    rng = np.random.default_rng(0)
    basis = bases.check(_renormalised(np.eye(30)[0] + spread * unit_rows(rng, 12, 30)), 30)
    frame = ppp.Frame.of(basis, np.float32)
    long = _renormalised(basis.astype(np.longdouble))
    first, second = np.nonzero(~np.eye(12, dtype=bool))
    rest = long[second] - (long[first] * long[second]).sum(1, keepdims=True) * long[first]
    error = np.abs(frame.sine[first, second] / np.sqrt((rest**2).sum(1)) - 1)
    assert error.max() < 1e-14 / min(spread, 1)


def test_the_frame_of_an_orthonormal_basis_costs_no_more_than_its_products():
    """In time of the processor, against the one matrix product that says that it is orthonormal."""
    basis = bases.random_orthogonal(512, 0)

    def cost(work):
        times = []
        for _ in range(3):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        return min(times)

    assert cost(lambda: ppp.Frame.of(basis, np.float64)) < 12 * cost(lambda: basis @ basis.T)
