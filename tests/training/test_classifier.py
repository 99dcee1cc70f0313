"""Classifiers: the step against autograd, pairing, content keys, and training that was stopped and goes on."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from isoaux.paper import Classifier, Configuration, Network, Recipe
from isoaux.training import classifier, data, session, store
from isoaux.training.classifier import ClassifierStack
from isoaux.training.data import Images
from isoaux.training.session import Task
from isoaux.training.train import train

ACTIVATIONS = ("relu", "lrelu", "tanh", "isotanh", "isolrelu")
RECIPE = Recipe(3, 16, 0.05, 0.9, (0, 1, 3))
D, N = 12, 90


def made() -> Images:
    """Images of three classes from arithmetic alone; the last batch is short."""
    i, j = np.ogrid[:N, :D]
    pixels = (128 + 100 * np.sin(0.7 * j + 2.1 * (i % 3)) + 20 * np.cos(1.3 * i * (j % 5))).astype(np.uint8)
    labels = np.arange(N) % 3
    return Images("made", "made", pixels, pixels[:9], (2, 2, 3), "made", "none", labels, labels[:9], ("a", "b", "c"))


IMAGES = made()


def network(activation: str = "relu", seed: int = 0, start: str = "xavier", dtype: str = "float32") -> Network:
    configuration = Classifier("digits", False, activation, 5, 2, start=start, classes=3)
    return Network(configuration, seed, RECIPE, dtype)


def module(parameters: dict[str, Tensor], activation: str) -> nn.Sequential:
    """The network as torch has it, with torch's own activations where there are some."""
    own = {"relu": nn.ReLU, "lrelu": nn.LeakyReLU, "tanh": nn.Tanh}
    layers: list[nn.Module] = []
    for name in ("encoder", "hidden.0", "hidden.1", "decoder"):
        weight = parameters[f"{name}.weight"]
        linear = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
        linear.load_state_dict({"weight": weight, "bias": parameters[f"{name}.bias"]})
        layers += [linear, own[activation]() if activation in own else classifier.function(activation)]
    return nn.Sequential(*layers[:-1])


@pytest.mark.parametrize(("activation", "start"), [*itertools.product(ACTIVATIONS, ("xavier", "pytorch"))])
def test_twenty_steps_are_those_of_autograd(activation: str, start: str) -> None:
    member = network(activation, 3, start, "float64")
    parameters = session.initial_parameters(member, D)
    rates = {"learning_rate": 0.05, "momentum": 0.9}
    labels = torch.from_numpy(IMAGES.labels_train)
    stack = ClassifierStack([parameters], [activation], [0], labels, dtype=torch.float64, **rates)
    net = module(parameters, activation)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    pixels, scale = torch.from_numpy(IMAGES.train), torch.tensor(1 / 255, dtype=torch.float64)
    steps = 0
    for epoch in range(1, 5):  # five full batches and a short one in each
        order = session.sample_order(member, epoch, N)
        mean = 0.0
        for batch in order.split(16):
            loss = nn.functional.cross_entropy(net(pixels[batch] * scale), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            mean += loss.item() * len(batch) / N
            steps += 1
        assert stack.epoch(pixels, scale, None, order[None], 16).item() == pytest.approx(mean, rel=1e-11)
    assert steps >= 20
    for mine, theirs in zip(stack.parameters(0).values(), net.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs.detach(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("start", ("xavier", "pytorch"))
def test_a_start_has_the_law_that_it_names_and_is_the_same_for_every_activation(start: str) -> None:
    configuration = Classifier("mnist", False, "relu", 64, 2, start=start)
    first = session.initial_parameters(Network(configuration, 100), 784)
    other = session.initial_parameters(Network(replace(configuration, activation="isotanh"), 100), 784)
    assert all(torch.equal(value, other[name]) for name, value in first.items())
    weight, bias = first["encoder.weight"], first["encoder.bias"]
    assert weight.shape == (64, 784) and first["decoder.weight"].shape == (10, 64)
    if start == "xavier":
        assert not any(value.any() for name, value in first.items() if name.endswith("bias"))
        assert weight.std().item() == pytest.approx((2 / 848) ** 0.5, rel=0.02)
    else:
        assert max(weight.abs().max(), bias.abs().max()) <= 1 / 28 < 1.001 * weight.abs().max()
        assert weight.std().item() == pytest.approx(1 / 28 / 3**0.5, rel=0.02) and bias.abs().min() > 0


def test_a_name_is_that_of_one_configuration_and_every_part_of_it_changes_the_key() -> None:
    first = Classifier("mnist", False, "relu", 64, 2)
    others = [
        replace(first, activation="lrelu"),
        replace(first, n=32),
        replace(first, L=1),
        replace(first, start="pytorch"),
    ]
    assert first.id == "poly-mnist-relu-w64-d3" and others[-1].id == "poly-mnist-relu-w64-d3-pytorch"
    for configuration in [first, *others, replace(first, dataset="cifar")]:
        assert Configuration.parse(configuration.id) == configuration
    networks = [Network(configuration, 100, RECIPE, "float32") for configuration in [first, *others]]
    networks += [replace(networks[0], seed=101), replace(networks[0], recipe=replace(RECIPE, learning_rate=0.1))]
    networks.append(Network(Configuration("mnist", False, "relu", 64, 2), 100, RECIPE, "float32"))
    assert len({store.key(member, "images") for member in networks}) == len(networks)


@pytest.mark.parametrize("name", ("poly-mnist-relu-w64", "poly-mnist-relu-w0-d3", "poly-mnist-relu-w64-d3-kaiming"))
def test_other_names_are_refused(name: str, refused: Callable[..., str]) -> None:
    refused([f"configuration is {name!r}", "poly-mnist-relu-w64-d3"], Configuration.parse, name)


def test_images_without_labels_and_too_many_classes_are_refused(refused: Callable[..., str]) -> None:
    unlabelled = replace(IMAGES, labels_train=None, labels_test=None, classes=())
    refused(["'made'", "no labels", "mnist"], classifier.labels_for, unlabelled, 10)
    refused(["3 classes", "at most 2"], classifier.labels_for, IMAGES, 2)


def stored(member: Network, root: Path) -> dict[str, bytes]:
    entry = store.Entry(member, IMAGES.checksum, root)
    return {
        f"{epoch} {name}": value.numpy().tobytes()
        for epoch in member.recipe.checkpoints
        for name, value in entry.read(epoch).items()
    }


def test_a_stopped_training_goes_on_to_the_same_bits_alone_or_in_company(tmp_path: Path) -> None:
    members = [network(activation, seed) for activation in ("relu", "isotanh") for seed in (100, 101)]
    outcomes = train(members, IMAGES, jobs=1, root=tmp_path / "whole")
    assert {outcome.state for outcome in outcomes} == {"complete"}
    after = iter([False, True])
    task = Task(root=tmp_path / "stopped", stopped=lambda: next(after))
    (paused,) = session.train_group(members[:1], IMAGES, task, lambda *_: None)
    assert paused.state == "paused" and store.Entry(members[0], IMAGES.checksum, task.root).epochs_done() == 1
    assert session.train_group(members, IMAGES, Task(root=task.root), lambda *_: None)[0].state == "complete"
    for member in members:
        assert stored(member, task.root) == stored(member, tmp_path / "whole")


def test_images_of_the_library_are_learnt(tmp_path: Path) -> None:
    member = Network(Classifier.parse("poly-digits-relu-w16-d2"), 0, RECIPE, "float32")
    member = replace(member, recipe=member.configuration.recipe(Recipe()))
    digits = data.load("digits")
    train([member], digits, jobs=1, root=tmp_path)
    x = torch.from_numpy(digits.test) / 255
    p = store.Entry(member, digits.checksum, tmp_path).read(10)
    h = torch.relu(x @ p["encoder.weight"].T + p["encoder.bias"])
    h = torch.relu(h @ p["hidden.0.weight"].T + p["hidden.0.bias"])
    logits = h @ p["decoder.weight"].T + p["decoder.bias"]
    assert (logits.argmax(1).numpy() == digits.labels_test).mean() > 0.9
