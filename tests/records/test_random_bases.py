"""A layer's statistics raw, centred and whitened: a slow transcription, invariances, and the test that is published."""

import numpy as np
import pytest
from scipy import linalg, stats

from isoaux import bases, ppp, statistics
from isoaux.records import random_bases
from isoaux.records.random_bases import OF_DIRECTIONS, OF_NEURONS, drawn, measured
from isoaux.records.record import PREPARED_DRAWS
from isoaux.statistics.tally import MOMENTS

WIDTH, SEED = 5, 3


def cloud(dtype: type = np.float64) -> np.ndarray:
    rng = np.random.default_rng(8)
    return (rng.laplace(0, 1, (600, WIDTH)) * np.linspace(0.5, 2, WIDTH) + rng.normal(0, 1, WIDTH)).astype(dtype)


def of(
    z: np.ndarray, basis: np.ndarray | None = None, draws: int = 9, last: bool = True
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    basis = bases.standard(WIDTH) if basis is None else basis
    return measured(z, basis, drawn(basis, draws, SEED), 0.7, "combination", last)


def whitened(z: np.ndarray) -> np.ndarray:
    return (z - z.mean(0)) @ linalg.inv(linalg.sqrtm(np.cov(z.T, bias=True)))


PREPARED = {"": lambda z: z, "_centred": lambda z: z - z.mean(0), "_whitened": whitened}


def slow(z: np.ndarray, basis: np.ndarray) -> dict[str, float]:
    """Every statistic from its definition."""
    y = z @ basis.T
    u = y / np.linalg.norm(z, axis=1)[:, None]
    across = stats.kurtosis(y, axis=1, fisher=False)
    neurons = stats.kurtosis(y, axis=0, fisher=False)
    points = [np.arctan2(y[s, j], y[s, i])
              for i in range(WIDTH) for j in range(i + 1, WIDTH) for s in range(len(z))
              if np.hypot(u[s, i], u[s, j]) > 0.7]  # fmt: skip
    return {
        "quartimax": (u**4).sum(1).mean(),
        "sixth": (u**6).sum(1).mean(),
        "kurtosis": across.mean(),
        "kurtosis_largest": across.max(),
        "neuron_kurtosis": neurons.mean(),
        "neuron_kurtosis_largest": neurons.max(),
        "count": len(points),
        "c4": np.cos(4 * np.array(points)).mean(),
        "s2": np.sin(2 * np.array(points)).mean(),
    }


def test_every_statistic_is_that_of_its_definition_in_every_preparation():
    z = cloud()
    numbers, null = of(z)
    for suffix, prepare in PREPARED.items():
        turned = [slow(prepare(z), basis) for basis in drawn(bases.standard(WIDTH), 9, SEED)]
        for name, value in slow(prepare(z), np.eye(WIDTH)).items():
            in_random = np.array([each[name] for each in turned])
            if suffix == "" and name in statistics.RECORDED:
                np.testing.assert_allclose(null[name], in_random, rtol=1e-9)
            elif suffix == "_centred" and name in OF_NEURONS:
                assert f"{name}{suffix}" not in numbers, "centring does not change it"
            else:
                assert numbers[f"{name}{suffix}"] == pytest.approx(value, rel=1e-9), name
                test = statistics.test_from_null(value, in_random)
                expected = [test.p, test.effect, *np.quantile(in_random, (0.025, 0.5, 0.975))]
                np.testing.assert_allclose(numbers[f"{name}{suffix}_test"], expected, rtol=1e-6, err_msg=name)
        np.testing.assert_allclose(null[f"quartimax{suffix}"], [each["quartimax"] for each in turned], rtol=1e-9)
    assert set(null) == {*statistics.RECORDED, "quartimax", "quartimax_centred", "quartimax_whitened"}


def test_single_precision_gives_the_same_to_its_rounding():
    (double, _), (single, _) = of(cloud()), of(cloud(np.float32))
    assert double.keys() == single.keys()
    for name in double:
        if name.startswith(("count", "c4", "s2")) or name.endswith("_test"):
            continue  # a point may fall on either side of the threshold
        assert single[name] == pytest.approx(double[name], rel=2e-5), name


@pytest.mark.parametrize("statistic", MOMENTS)
def test_p_is_that_of_the_basis_test_in_the_same_random_bases(statistic):
    z = cloud()
    numbers, _ = of(z, draws=30)
    for suffix, prepare in PREPARED.items():
        if f"{statistic}{suffix}" in numbers:
            test = statistics.basis_test(prepare(z), bases.standard(WIDTH), statistic, 30, SEED, 0.7)
            p, effect = numbers[f"{statistic}{suffix}_test"][:2]
            assert p == test.p and effect == pytest.approx(test.effect, rel=1e-6)


def test_the_random_bases_are_those_of_the_null_draws():
    for basis in (bases.standard(WIDTH), bases.simplex(WIDTH)):
        z = cloud(np.float32)
        turned, expected = drawn(basis, 6, SEED), statistics.null_draws(z, 6, SEED, 0.7, basis=basis)
        assert turned.shape == (6, len(basis), WIDTH)
        _, null = measured(z, basis, turned, 0.7, "combination", False)
        np.testing.assert_array_equal(null["count"], expected["count"])
        for name in statistics.RECORDED:
            np.testing.assert_allclose(null[name], expected[name], rtol=1e-12)
    np.testing.assert_array_equal(drawn(basis, 9, SEED)[:6], turned)


def test_points_of_prepared_representations_are_counted_at_the_last_checkpoint_alone(monkeypatch):
    z = cloud()
    before, _ = of(z, last=False)
    last, _ = of(z)
    assert before.keys() == last.keys()
    prepared = {f"{name}_{how}" for name in statistics.RECORDED for how in ("centred", "whitened")}
    for name, value in before.items():
        assert np.isnan(value).all() if name.removesuffix("_test") in prepared else np.isfinite(value).all(), name
    assert all(np.isfinite(value).all() for value in last.values())
    monkeypatch.setattr(random_bases, "PREPARED_DRAWS", 4)
    fewer, _ = of(z)
    assert fewer["count_whitened"] == last["count_whitened"]
    assert fewer["count_whitened_test"][0] in [2 * k / 5 for k in (1, 2)] + [1], "four random bases"
    assert fewer["quartimax_whitened_test"][0] == last["quartimax_whitened_test"][0], "nine"
    assert PREPARED_DRAWS == 199


@pytest.mark.parametrize("seed", [0, 1])
def test_a_permutation_of_the_neurons_changes_nothing_and_their_signs_little(seed):
    rng = np.random.default_rng(seed)
    signed = np.eye(WIDTH)[rng.permutation(WIDTH)] * rng.choice([-1, 1], WIDTH)
    one, permuted, other = (of(cloud() @ rows.T)[0] for rows in (np.eye(WIDTH), np.abs(signed), signed))
    for name in one:
        if not name.endswith("_test"):
            assert permuted[name] == pytest.approx(one[name], rel=1e-9), name
            if not name.startswith(("s2", "kurtosis")):  # these depend on the signs of neurons
                assert other[name] == pytest.approx(one[name], rel=1e-9), name


def test_a_shift_leaves_centred_and_whitened_statistics_and_a_scale_all():
    one, shifted, scaled = (of(z)[0] for z in (cloud(), cloud() + 3, cloud() * 1e6))
    for name in one:
        own = "centred" in name or "whitened" in name or name.removesuffix("_test") in OF_NEURONS
        if own:
            np.testing.assert_allclose(shifted[name], one[name], rtol=1e-7, err_msg=name)
        np.testing.assert_allclose(scaled[name], one[name], rtol=1e-7, err_msg=name)
    assert abs(one["quartimax"] - shifted["quartimax"]) > 0.01


def test_an_affine_map_turns_whitened_representations_and_nothing_else():
    """Whitening A z + b gives R w, R = (A C A^T)^(-1/2) A C^(1/2) orthogonal: what B is for w, B R^T is for that."""
    rng = np.random.default_rng(2)
    z, a = cloud(), rng.normal(0, 1, (WIDTH, WIDTH))
    c = np.cov(z.T, bias=True)
    turn = linalg.inv(linalg.sqrtm(a @ c @ a.T)) @ a @ linalg.sqrtm(c)
    np.testing.assert_allclose(turn @ turn.T, np.eye(WIDTH), atol=1e-9)
    mapped, _ = of(z @ a.T + rng.normal(0, 5, WIDTH))
    own, _ = of(z, basis=turn)
    for statistic in MOMENTS:
        name = f"{statistic}_whitened"
        assert mapped[name] == pytest.approx(own[name], rel=1e-8), name


@pytest.mark.parametrize("width", [4, 34])
def test_wide_layers_are_measured_from_their_coordinates(width):
    z = np.random.default_rng(0).laplace(0, 1, (300, width))
    turned = drawn(bases.standard(width), 3, SEED)
    numbers, _ = measured(z, bases.standard(width), turned, 0.5, "combination", False)
    neurons = stats.kurtosis(z, axis=0, fisher=False)
    assert numbers["neuron_kurtosis"] == pytest.approx(neurons.mean(), rel=1e-9)
    assert numbers["neuron_kurtosis_largest"] == pytest.approx(neurons.max(), rel=1e-9)


def test_isotropic_representations_have_the_moments_of_the_sphere():
    """E sum u_i^4 = 3 / (n + 2) and E sum u_i^6 = 15 / ((n + 2) (n + 4)); quartimax has standard error s / sqrt(N)."""
    z = np.random.default_rng(0).normal(0, 1, (20_000, WIDTH))
    numbers, _ = of(z, draws=5, last=False)
    u = z / np.linalg.norm(z, axis=1)[:, None]
    for name, power, expected in (("quartimax", 4, 3 / 7), ("sixth", 6, 15 / 63)):
        error = (u**power).sum(1).std() / np.sqrt(len(u))
        for suffix in PREPARED:
            assert abs(numbers[f"{name}{suffix}"] - expected) < 5 * error


def test_no_points_and_no_spread_are_results():
    far = np.ones((40, WIDTH)) * np.arange(1, 41)[:, None]
    numbers, null = of(far)
    assert all(np.isfinite(value[..., [0]]).all() for value in numbers.values() if value.ndim)
    assert null["count"].shape == (9,)
    equal, _ = of(np.ones((40, WIDTH)))
    for name in (*OF_DIRECTIONS, *statistics.RECORDED):
        assert equal[f"{name}_whitened"] == 0 and equal[f"{name}_whitened_test"][0] == 1


def test_directions_of_prepared_rows_are_those_that_ppp_measures():
    z = cloud()
    found = ppp.project(whitened(z), bases.standard(WIDTH), 0.7)
    assert of(z)[0]["count_whitened"] == len(found.points)
