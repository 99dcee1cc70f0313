"""The guide's classifier: it learns, and only isotropic networks without Adam forget how their neurons were turned."""

import numpy as np
import pytest

from isoaux import bases

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from isoaux.studies.guide.compute import classifier  # noqa: E402


def from_turned_weights(activation, optimiser, turns):
    """Activations after two epochs of a network whose hidden spaces were turned at initialisation."""
    generator = torch.Generator().manual_seed(3)
    model = classifier.initial(activation, generator)
    first, second, last = (torch.from_numpy(turn) for turn in (*turns, np.eye(classifier.CLASSES)))
    with torch.no_grad():
        model[0].weight.copy_(first @ model[0].weight)
        model[2].weight.copy_(second @ model[2].weight @ first.T)
        model[4].weight.copy_(last @ model[4].weight @ second.T)
    return classifier.train(model, generator, optimiser, epochs=2).hidden()


@pytest.mark.parametrize(
    ("activation", "optimiser", "symmetric"),
    [("isotanh", "sgd", True), ("isotanh", "adam", False), ("tanh", "sgd", False), ("relu", "sgd", False)],
)
def test_turned_weights_give_turned_activations_only_where_nothing_singles_out_neurons(
    activation, optimiser, symmetric
):
    n = classifier.NEURONS
    turns = bases.random_orthogonal(n, 1), bases.random_orthogonal(n, 2)
    plain = from_turned_weights(activation, optimiser, (np.eye(n), np.eye(n)))
    turned = from_turned_weights(activation, optimiser, turns)
    for place, turn in zip(("first", "second, before", "second"), (turns[0], *[turns[1]] * 2), strict=True):
        off = np.abs(turned[place] - plain[place] @ turn.T).max()
        assert off < 1e-6 if symmetric else off > 0.05, (place, off)


def test_permuted_neurons_stay_permuted_whatever_the_activation_and_the_optimiser():
    order = np.eye(classifier.NEURONS)[np.random.default_rng(0).permutation(classifier.NEURONS)]
    for activation, optimiser in (("relu", "adam"), ("tanh", "sgd")):
        plain = from_turned_weights(activation, optimiser, (np.eye(32), np.eye(32)))
        turned = from_turned_weights(activation, optimiser, (order, order))
        np.testing.assert_allclose(turned["second"], plain["second"] @ order.T, atol=1e-6)


def test_it_learns_and_activations_are_those_of_the_model():
    found = classifier.trained("relu", 1)
    assert found.accuracy > 0.9
    hidden = found.hidden()
    assert list(hidden) == list(classifier.PLACES.values())
    assert {values.shape for values in hidden.values()} == {(1797, classifier.NEURONS)}
    np.testing.assert_array_equal(hidden["second"], np.maximum(hidden["second, before"], 0))
    pixels, classes, trained_on = classifier.digits()
    assert int(trained_on.sum()) == 1437 and float(pixels.max()) == 1
    told = hidden["second"] @ found.model[4].weight.detach().numpy().T + found.model[4].bias.detach().numpy()
    held_back = ~trained_on.numpy()
    assert (told.argmax(1) == classes.numpy())[held_back].mean() == pytest.approx(found.accuracy)


def test_unknown_names_are_refused(refused):
    refused(["activation is 'rleu'", "did you mean 'relu'"], classifier.trained, "rleu")
    refused(["optimiser is 'sdg'", "did you mean 'sgd'"], classifier.trained, "relu", 0, "sdg")


def test_the_digits_are_not_changed_by_who_reads_them():
    pixels = classifier.digits()[0].clone()
    classifier.digits()[0].zero_()
    assert torch.equal(classifier.digits()[0], pixels)


def test_a_seed_is_a_whole_number(refused):
    for seed in (1.0, True, -1, "1"):
        refused(["seed is "], classifier.trained, "tanh", seed)
