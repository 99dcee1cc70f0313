"""Pictures of representations and their neighbours, against direct counts; UMAP itself once, where it is installed."""

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux.srm import embedding


def clouds(seed: int, samples: int = 60, n: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(samples) % 3)
    return 4 * rng.standard_normal((3, n))[labels] + rng.standard_normal((samples, n)), labels


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_principal_components_are_kept_to_a_step(seed: int):
    """Distances in the picture are those along the first two right singular vectors; a turn changes none."""
    z, _ = clouds(seed)
    picture = embedding.embed(z, "PCA")
    assert picture.places.dtype == np.int16 and picture.method == "PCA"
    assert np.abs(picture.places).max() == 32767 and np.abs(picture.places).max(axis=0).min() > 300
    _, _, directions = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
    exact = z @ directions[:2].T
    distances = [np.linalg.norm(p[:, None] - p, axis=2) for p in (exact, picture.points)]
    np.testing.assert_allclose(*distances, atol=2 * picture.step)
    turned = embedding.embed(z @ np.linalg.qr(np.random.default_rng(seed).standard_normal((5, 5)))[0], "PCA")
    agreement = [np.abs(turned.places.astype(int) - sign * picture.places).max(axis=0) for sign in (1, -1)]
    assert np.minimum(*agreement).max() <= 1


def test_pictures_of_few_dimensions():
    line = embedding.embed(np.arange(16.0)[:, None], "PCA")
    assert not line.places[:, 1].any() and (np.diff(line.places[:, 0].astype(int)) > 0).all()
    point = embedding.embed(np.ones((20, 3)), "PCA")
    assert not point.places.any() and point.step == 0 and not point.points.any()


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_neighbours_of_the_same_class_are_counted(seed: int):
    z, labels = clouds(seed, 40)
    z[:13] = z[0]  # more at one place than are counted
    picture = embedding.embed(z, "PCA")
    shares = embedding.neighbours(z, picture, labels, draws=30, seed=1)
    for name, points in (("representations", z), ("picture", picture.places.astype(float))):
        distances = np.linalg.norm(points[:, None] - points, axis=2)
        np.fill_diagonal(distances, np.inf)
        near = embedding.nearest(points)
        assert all(i not in row and len(set(row)) == 10 for i, row in enumerate(near.tolist()))
        np.testing.assert_allclose(
            np.sort(np.take_along_axis(distances, near, axis=1)), np.sort(distances)[:, :10], atol=1e-9
        )
        assert shares[name].value == pytest.approx(
            np.mean([labels[i] == labels[j] for i in range(40) for j in near[i]])
        )
    assert shares["representations"].null.mean() == pytest.approx(
        (labels == labels[:, None]).sum() / 40 / 39 - 1 / 39, abs=0.05
    )


def test_a_picture_keeps_separate_classes_and_permuted_labels_say_so():
    rng = np.random.default_rng(2)
    labels = np.arange(90) % 3
    z = np.eye(6)[labels] * 20 + rng.standard_normal((90, 6))
    shares = embedding.neighbours(z, embedding.embed(z, "PCA"), labels, draws=99)
    assert [test.value for test in shares.values()] == [1, 1, 1] and {test.p for test in shares.values()} == {0.02}
    assert set(shares) == set(embedding.SPACES)
    mixed = embedding.neighbours(z, embedding.embed(z, "PCA"), rng.permutation(labels), draws=99)
    assert all(test.value < 0.5 for test in mixed.values())


def test_pictures_that_cannot_be_made_are_refused(refused, monkeypatch: pytest.MonkeyPatch):
    z, labels = clouds(0)
    refused(["activations", "15 rows", "16"], embedding.embed, z[:15])
    refused(["method", "t-SNE", "UMAP", "PCA"], embedding.embed, z, "t-SNE")
    refused(["seed", "-1"], embedding.embed, z, "PCA", -1)
    picture = embedding.embed(z, "PCA")
    refused(["labels", "(59,)", "60"], embedding.neighbours, z, picture, labels[:59])
    refused(["labels", "class 1"], embedding.neighbours, z, picture, np.where(labels == 1, 4, labels))
    refused(["picture", "60 places", "50 rows"], embedding.neighbours, z[:50], picture, labels[:50])
    refused(["draws", "0"], embedding.neighbours, z, picture, labels, 0)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "umap" else find(name))
    refused(["method", "UMAP", "umap-learn"], embedding.embed, z, "UMAP")
    assert embedding.embed(z).method == "PCA"


@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="umap-learn is not installed (extra train)")
def test_umap_keeps_separate_classes_and_gives_the_same_picture_again():
    rng = np.random.default_rng(2)
    labels = np.arange(90) % 3
    z = np.eye(6)[labels] * 20 + rng.standard_normal((90, 6))
    first, again = embedding.embed(z), embedding.embed(z)
    assert first.method == "UMAP" and np.array_equal(first.places, again.places) and first.step == again.step
    assert not np.array_equal(first.places, embedding.embed(z, seed=1).places)
    assert embedding.neighbours(z, first, labels, draws=9)["picture"].value > 0.95
