"""The toy model of superposition: gradients, closed forms, known figures, and what turning the hidden space changes."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from isoaux import activations, bases
from isoaux.representations import superposition
from isoaux.representations.superposition import Adam, Momentum, Sparse

RANDOM = np.random.default_rng(1)


@pytest.mark.parametrize("output", superposition.OUTPUTS)
@pytest.mark.parametrize("activation", superposition.HIDDEN)
def test_the_gradient_is_that_of_autograd(activation: str, output: str):
    instances = Sparse(6, 3, [0.5, 0.2], RANDOM.uniform(0, 2, (2, 6)), activation, output)
    W, b, x = RANDOM.standard_normal((2, 3, 6)), RANDOM.standard_normal((2, 6)), RANDOM.random((2, 11, 6))
    loss, dW, db = superposition.gradient(W, b, x, instances)
    for k in range(2):
        w, c, rows = (torch.tensor(each[k]) for each in (W, b, x))
        w.requires_grad_(), c.requires_grad_()
        hidden = rows @ w.T
        if activation != "none":
            hidden = activations.ACTIVATIONS[activation]()(hidden)
        z = hidden @ w + c
        out = torch.relu(z) if output == "relu" else z
        expected = (torch.tensor(instances.importance[k]) * (rows - out) ** 2).mean()
        expected.backward()
        assert_allclose(loss[k], expected.item(), rtol=1e-12)
        assert_allclose(dW[k], w.grad, atol=1e-14)
        assert_allclose(db[k], c.grad, atol=1e-14)


def columns(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors by rows as the columns of W."""
    return np.asarray(vectors).T


def polygon(k: int) -> np.ndarray:
    angles = 2 * np.pi * np.arange(k) / k
    return np.stack([np.cos(angles), np.sin(angles)])


@pytest.mark.parametrize(
    "W, size",
    [
        (np.eye(4), 1.0),
        (np.array([[1.0, -1.0]]), 1 / 2),
        (polygon(3), 2 / 3),
        (polygon(5), 2 / 5),
        (columns(bases.simplex(3)), 3 / 4),
        (columns(bases.cross_polytope(3)), 1 / 2),
    ],
    ids=["orthogonal", "antipodal pair", "triangle", "pentagon", "tetrahedron", "octahedron"],
)
def test_dimensionalities_of_known_figures(W: np.ndarray, size: float):
    sizes = superposition.dimensionality(0.9 * W)
    assert_allclose(sizes, size, atol=1e-12)
    assert sizes.sum() == pytest.approx(len(W)), "equal norms and W W^T = c I"
    assert_allclose(superposition.interference(W), 1 / size - 1, atol=1e-12)
    assert superposition.on_axes(W) == pytest.approx((W**4).sum(0).mean())


def test_a_feature_that_is_not_represented_has_no_dimension_and_its_own_phase():
    W = np.array([[1.0, 0.9, 0.0], [0.0, 0.0, 0.2]])
    assert superposition.dimensionality(W)[2] == 1 and superposition.represented(W) == 2
    assert superposition.phase(W).tolist() == [superposition.SUPERPOSED, superposition.SUPERPOSED, superposition.NOT]
    assert superposition.phase(np.eye(2)).tolist() == [superposition.DEDICATED] * 2
    assert superposition.dimensionality(np.zeros((2, 1))) == 0


def test_without_relu_the_most_important_features_are_kept():
    importance = np.array([1.0, 0.7, 0.5, 0.3, 0.2])
    trained = superposition.train(Sparse(5, 2, 0.3, importance, output="linear"), 3000, 1, optimiser="adam", decay=0.5)
    assert_allclose(trained.W[0].T @ trained.W[0], np.diag([1, 1, 0, 0, 0]), atol=0.02)
    assert_allclose(trained.b[0, 2:], 0.35, atol=0.01)  # the mean (1 - S) / 2
    assert trained.loss[0] == pytest.approx(float(superposition.linear_loss(5, 2, 0.3, importance)), rel=0.02)


def test_an_antipodal_pair_has_the_loss_in_closed_form():
    W, b, instances = np.array([[[1.0, -1.0]]]), np.zeros((1, 2)), Sparse(2, 1, 0.6)
    x = next(superposition.samples(2, [0.6], [3], 1, 200_000))
    loss, *_ = superposition.gradient(W, b, x, instances)
    assert loss[0] == pytest.approx(float(superposition.antipodal_loss(0.6)), rel=0.03)
    assert (x > 0).mean() == pytest.approx(0.4, abs=0.005) and x[x > 0].mean() == pytest.approx(0.5, abs=0.005)
    assert np.var(x) == pytest.approx(float(superposition.ignoring(0.6)), rel=0.01)


def turned(activation: str, optimiser: superposition.Optimiser) -> float:
    """How far a network that began turned is from the turned network after 200 steps, relative to its size."""
    Q, instances = bases.random_orthogonal(4, 3), Sparse(9, 4, 0.7, 1.0, activation)
    start = superposition.start(9, 4, [5])
    first = superposition.train(instances, 200, 5, optimiser=optimiser, weights=start)
    second = superposition.train(instances, 200, 5, optimiser=optimiser, weights=Q @ start)
    return float(np.abs(Q @ first.W - second.W).max() / np.abs(first.W).max())


@pytest.mark.parametrize("activation", ["none", "isotanh"])
def test_a_turned_network_trains_alike_under_sgd_and_not_under_adam(activation: str):
    assert turned(activation, Momentum(1.0)) < 1e-11
    assert turned(activation, Adam()) > 1e-2


def test_with_tanh_the_hidden_space_may_not_be_turned():
    assert turned("tanh", Momentum(1.0)) > 1e-2


def test_an_instance_is_the_same_alone_and_in_company():
    together = superposition.train(Sparse(5, 2, [0.2, 0.9, 0.5]), 50, [7, 8, 7])
    alone = superposition.train(Sparse(5, 2, 0.9), 50, 8)
    assert_allclose(together.W[1], alone.W[0], rtol=1e-12)
    assert together.losses.shape == (3, 50) and not np.allclose(together.W[0], together.W[2])


def test_fewer_features_than_neurons_are_all_represented_with_a_dimension_each():
    trained = superposition.train(Sparse(2, 4, 0.5), 3000, 1, optimiser="adam", decay=0.5)
    assert_allclose(superposition.dimensionality(trained.W), 1, atol=1e-3)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: Sparse(0, 1, 0.5), "n is 0; accepted: a whole number of at least 1."),
        (lambda: Sparse(3, 0, 0.5), "m is 0; accepted: a whole number of at least 1."),
        (lambda: Sparse(3, 2, 1.0), "sparsity is 1.0; accepted: numbers in [0, 1)"),
        (lambda: Sparse(3, 2, -0.1), "sparsity is -0.1"),
        (lambda: Sparse(3, 2, 0.5, [1, 1, -1]), "importance is [1, 1, -1]"),
        (lambda: Sparse(3, 2, 0.5, [1, 1]), "importance has shape (2,); accepted: one number for each of 3 features."),
        (lambda: Sparse(3, 2, 0.5, activation="relu6"), "activation is 'relu6'"),
        (lambda: Sparse(2, 1, np.full(30_000, 0.5)), "sparsity and importance make 30,000 instances"),
        (lambda: superposition.train(Sparse(3, 2, 0.5), 10, optimiser="rmsprop"), "optimiser is 'rmsprop'"),
        (
            lambda: superposition.train(Sparse(3, 2, 0.5), 100, optimiser=Momentum(50.0)),
            "rate is 50, with which 1 of 1",
        ),
        (lambda: superposition.train(Sparse(3, 2, 0.5), 10, weights=np.ones((1, 3, 2))), "weights has shape (1, 3, 2)"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value).startswith(words)
