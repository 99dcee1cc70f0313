"""The synthetic clouds of Appendix A against their laws."""

import numpy as np
import pytest

from isoaux import bases, ppp
from isoaux.statistics import clouds

SAMPLES, N = 6000, 24


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return {name: clouds.named(name, 5, SAMPLES, N) for name in clouds.CLOUDS}


def test_every_cloud_follows_from_its_seed(drawn: dict[str, np.ndarray]) -> None:
    for name, cloud in drawn.items():
        assert cloud.shape == (SAMPLES, N)
        if name == "normal":
            assert np.array_equal(cloud, clouds.named(name, 5, SAMPLES, N))
        assert not np.allclose(cloud[:100], clouds.named(name, 6, 100, N))


def test_uniform_images_share_one_direction() -> None:
    """|mean|^2 : mean |z|^2 = (1/4) : (1/4 + 1/12) = 3 : 4, as every element has mean 1/2 and variance 1/12.

    Over the weights: one map's share has a standard deviation of about 0.05.
    """
    drawn = [clouds.named("uniform", seed, 400, N) for seed in range(20)]
    mean, total = (sum(f(z) for z in drawn) for f in (lambda z: (z.mean(0) ** 2).sum(), lambda z: (z**2).sum(1).mean()))
    assert mean / total == pytest.approx(0.75, abs=0.045)


@pytest.mark.parametrize("name", ["standardised", "embedded"])
def test_projections_without_a_mean_have_the_covariance_of_their_weights(
    drawn: dict[str, np.ndarray], name: str
) -> None:
    """Cov(z) = W W^T: eigenvalues within the Wishart spread 3072 (1 +- sqrt(24 / 3072))^2, widened by sampling."""
    z = drawn[name]
    eigenvalues = np.linalg.eigvalsh(np.cov(z.T)) / clouds.PIXELS
    assert np.linalg.norm(z.mean(0)) < 4 * np.sqrt(N * clouds.PIXELS / SAMPLES)
    assert 0.70 < eigenvalues.min() < 0.95 and 1.05 < eigenvalues.max() < 1.35


def test_standardised_images_have_no_mean_at_all(drawn: dict[str, np.ndarray]) -> None:
    assert np.abs(drawn["standardised"].mean(0)).max() < 1e-9 * np.sqrt(clouds.PIXELS)
    assert np.abs(drawn["embedded"].mean(0)).max() > 1e-3


def test_counts_return_to_the_isotropic_expectation(drawn: dict[str, np.ndarray]) -> None:
    expected = ppp.expected_isotropic_count(SAMPLES, N, N * (N - 1) // 2)
    basis = bases.random_orthogonal(N, 3)
    for name in ("normal", "standardised", "embedded"):
        assert 0.5 < len(ppp.project(drawn[name], basis).points) / expected < 2


def test_blocks_do_not_change_a_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = clouds.named("standardised", 1, 300, 8)
    monkeypatch.setattr(clouds, "BLOCK", 70)
    assert np.allclose(whole, clouds.named("standardised", 1, 300, 8), rtol=1e-9, atol=1e-9)


def test_an_unknown_cloud_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="cloud is 'unifrom' .*'uniform'.*accepted: normal"):
        clouds.named("unifrom", 0)


@pytest.mark.parametrize("seed", range(3))
def test_two_samples_are_standardised_and_one_cannot_be(seed, refused) -> None:
    """Two numbers have the standard scores 1 and -1, so the two vectors are opposite."""
    first, second = clouds.named("standardised", seed, 2, 4)
    assert np.isfinite(first).all() and np.allclose(first, -second)
    refused(["samples is 1", "'standardised'", "at least 2"], clouds.named, "standardised", seed, 1, 4)


@pytest.mark.parametrize("seed", [-1, 1.5, True, None, "0", (1, -1)])
def test_seeds_are_whole_numbers(seed, refused) -> None:
    refused(["seed is ", "at least 0"], clouds.named, "normal", seed, 3, 4)


def test_a_cloud_that_no_memory_holds_is_refused(refused):
    refused(["samples is 1099511627776 and n is 24", "1,073,741,824 numbers"], clouds.named, "normal", 0, 2**40)
    refused(["samples is 1 and n is 1000000", "1,073,741,824 numbers"], clouds.named, "embedded", 0, 1, 10**6)
