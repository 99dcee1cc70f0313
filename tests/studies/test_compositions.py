"""Networks of many designs in one product against networks one by one; what is measured, against closed forms."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from isoaux import bases, settings, workflow  # noqa: E402
from isoaux.paper import figure  # noqa: E402
from isoaux.representations import shapes  # noqa: E402
from isoaux.studies.compositions import data, figures, measuring, report  # noqa: E402
from isoaux.studies.compositions.compute import grids, purple, training  # noqa: E402
from isoaux.studies.compositions.data import ACTIVATIONS, PAIRS, SIZES_OF  # noqa: E402
from isoaux.training.classifier import function  # noqa: E402

TINY = replace(SIZES_OF["smoke"], each=6, tests=4, epochs=2, rest=4, draws=5, hidden=5, few=5)


def alone(start, g, a, x, labels, seen, epochs, generator):
    """One network by torch's own layers, loss and optimiser, over the batches that all networks see."""
    hidden, last = torch.nn.Linear(x.shape[1], 5), torch.nn.Linear(5, 8)
    for layer, weight, bias in ((hidden, start.weight, start.bias), (last, start.outputs, start.constant)):
        layer.weight.data, layer.bias.data = weight[g, a].clone(), bias[g, a].clone()
    f, parameters = function(ACTIVATIONS[a]), [*hidden.parameters(), *last.parameters()]
    optimiser = torch.optim.SGD(parameters, lr=training.LEARNING_RATE, momentum=training.MOMENTUM)
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=generator).split(training.BATCH):
            mine = batch[torch.from_numpy(seen)[batch]]
            out = last(f(hidden(torch.from_numpy(x)[mine])))
            losses = [
                torch.nn.functional.cross_entropy(part, torch.from_numpy(each)[mine])
                for part, each in zip(out.split(4, dim=1), labels, strict=True)
            ]
            optimiser.zero_grad()
            sum(losses).backward()
            optimiser.step()
    return [part.detach().numpy() for part in parameters]


def test_networks_together_are_those_that_are_trained_alone():
    sample = shapes.sample(PAIRS, TINY.each, 0, TINY.side)
    designs = (grids.TURN[3], grids.DIAGONAL)
    seen, labels = measuring.seen(sample, designs), [sample.colour, sample.shape]
    start = training.initial(sample.x.shape[1], 5, (4, 4), 2, ACTIVATIONS, torch.Generator().manual_seed(0))
    order = torch.Generator().manual_seed(1)
    trained = training.train(start, sample.x, labels, seen, 2, torch.Generator().manual_seed(1))
    for g in range(2):
        for a in range(3):
            order.manual_seed(1)
            weight, bias, outputs, constant = alone(start, g, a, sample.x, labels, seen[g], 2, order)
            np.testing.assert_allclose(trained.weight[g, a], weight, atol=2e-6)
            np.testing.assert_allclose(trained.bias[g, a], bias, atol=2e-6)
            np.testing.assert_allclose(trained.outputs[g, a], outputs, atol=2e-6)
            np.testing.assert_allclose(trained.constant[g, a], constant, atol=2e-6)
    assert not np.allclose(trained.weight[0], trained.weight[1]), "designs differ"


def test_an_isotropic_network_that_is_turned_trains_alike_and_an_elementwise_one_does_not():
    sample = shapes.sample(PAIRS, TINY.each, 0, TINY.side)
    seen, labels = np.ones((1, len(sample.x)), np.bool_), [sample.colour, sample.shape]
    turn = torch.from_numpy(bases.random_orthogonal(5, 0)).float()
    start = training.initial(sample.x.shape[1], 5, (4, 4), 1, ("isotanh", "tanh"), torch.Generator().manual_seed(0))
    turned = replace(start, weight=turn @ start.weight, bias=start.bias @ turn.T, outputs=start.outputs @ turn.T)
    ends = [
        training.train(each, sample.x, labels, seen, 2, torch.Generator().manual_seed(1)) for each in (start, turned)
    ]
    before, behind = (end.logits(end.hidden(sample.x))[1][0].numpy() for end in ends)
    np.testing.assert_allclose(behind[0], before[0], atol=1e-5)
    assert np.abs(behind[1] - before[1]).max() > 1e-2


def test_the_nearest_image_is_among_those_that_are_known():
    first = np.array([[0.0, 0], [1, 1]], np.float32)
    second = np.array([[0, 0.1], [1, 0.8], [5, 5]], np.float32)
    distances = measuring.squares(first, second)
    np.testing.assert_allclose(distances, [[0.01, 1.64, 50], [1.81, 0.04, 32]], rtol=1e-5)
    assert list(measuring.nearest(distances, np.array([True, True, True]))) == [0, 1]
    assert list(measuring.nearest(distances, np.array([True, False, True]))) == [0, 0]


def test_a_table_of_inputs_misses_the_pair_that_it_has_not():
    train, tests = grids.samples(TINY, 0)
    right = grids._nearest(measuring.squares(tests.x, train.x), train, tests, grids.TURN)
    assert (right.max(1) <= 1).all() and not (right.min(1) == 1).any(), "colour and shape cannot both be right"


def test_the_logit_of_a_shape_is_recognised_on_its_colour_alone():
    sample = shapes.sample(PAIRS, 3, 0, TINY.side)
    logits = np.zeros((len(sample.x), 4), np.float32)
    circle = (sample.colour == 0) & (sample.shape == 0)
    logits[circle, 0] = 1
    logits[sample.colour == 1, 0] = 5
    assert measuring.recognised(logits, sample, ("red", "circle")) == 1
    assert measuring.recognised(logits, sample, ("blue", "circle")) == 0.5


def test_neurons_that_are_qualities_beat_random_directions():
    """A neuron each for two classes of two labellings, in ten dimensions of noise."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, (2, 400))
    hidden = 0.4 * generator.normal(size=(400, 10))
    for quality in (0, 1):
        for label in (0, 1):
            hidden[labels[quality] == label, 2 * quality + label] += 1
    best = measuring.best_neurons(hidden, list(labels))
    assert best.shape == (4,) and best.min() > 0.9
    turned = measuring.best_null(hidden, list(labels), 0, 19)
    assert best.mean() > turned.max()


def test_numbers_of_sums_are_those_of_a_fit_to_every_image():
    generator = np.random.default_rng(1)
    values = generator.normal(size=(3, 2, 4, 5)) + 2 * generator.normal(size=(3, 1, 1, 5))
    flat = values.reshape(-1, 5)
    row, column, cell = (np.repeat(each, 4) for each in (*np.indices((3, 2)).reshape(2, -1), np.arange(6)))
    whole = ((flat - flat.mean(0)) ** 2).sum()

    def left(design: np.ndarray) -> float:
        return float(((flat - design @ np.linalg.lstsq(design, flat, rcond=None)[0]) ** 2).sum())

    added, cells = left(np.concatenate([np.eye(3)[row], np.eye(2)[column]], axis=1)), left(np.eye(6)[cell])
    means, images, by_cell = measuring.sums(values)
    assert images == pytest.approx(1 - added / whole) and by_cell == pytest.approx(1 - cells / whole)
    assert means == pytest.approx((whole - added) / (whole - cells))


def test_pixels_of_a_series_are_exactly_a_direction():
    rest = shapes.draws(8, np.random.default_rng(0), 12)
    series = measuring.series(rest, 12)
    share, cosine, monotone, half, angle = measuring.curve(series)
    assert (share, cosine, monotone, half) == (pytest.approx(1), pytest.approx(1, abs=1e-6), pytest.approx(1), 10)
    assert angle == pytest.approx(0, abs=0.05)
    np.testing.assert_allclose(measuring.projected(series), np.linspace(0, 1, 21), atol=1e-6)
    np.testing.assert_allclose(measuring.projected(measuring.grid(rest, 12)[2]), np.linspace(0, 1, 6), atol=1e-6)


def test_purple_in_pixels_is_half_way_but_for_its_shade():
    _, tests = purple.samples(replace(TINY, tests=200), 0)
    place, off = purple._place(tests.x, tests)
    assert place == pytest.approx(0.5, abs=0.02) and off < 0.06


@pytest.mark.parametrize("name", ("figX18", "figX19", "figX20"))
def test_a_figure_is_computed_cached_and_drawn(name, tmp_path, monkeypatch):
    monkeypatch.setenv("ISOAUX_CACHE", str(tmp_path))
    monkeypatch.setitem(SIZES_OF, "smoke", TINY)
    chosen = settings.read({"profile": "smoke"})
    result = workflow.result(name, chosen, jobs=1)
    assert result.facts["seeds"] == [100, 101] and result.facts["deviations"]
    again = workflow.result(name, chosen, jobs=1, train=False)
    for array, values in result.drawing.arrays.items():
        np.testing.assert_array_equal(again.drawing.arrays[array], values)
        assert array == "images" or len(values) == 2
    assert figures.draw(result).alt and figures.thumbnail(result)


def test_other_settings_are_refused_where_images_are_rendered(refused):
    for given in ({"dataset": "mnist"}, {"depth": 1}, {"basis": "random"}):
        refused(["but the images of figX18 are rendered"], data.check, figure("figX18"), settings.read(given))
    data.check(figure("figX21"), settings.read({"dataset": "digits"}))


def test_networks_that_do_not_know_what_they_saw_are_left_out():
    values, seen = np.ones((2, 3, 4)), np.ones((2, 3, 4))
    seen[0, 1, 2] = 0.97
    known = report.learnt(values, seen)
    assert np.isnan(known[0, 1, 2]) and np.isfinite(known).sum() == 23
    assert report.networks_left_out(seen) == " 1 network of 24 left out: below 0.98 on pairs that they saw."
    assert report.networks_left_out(values) == ""
