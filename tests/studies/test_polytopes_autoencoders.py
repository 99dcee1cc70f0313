"""Polytopes of autoencoders: what is measured against slow transcriptions and closed forms, and of stored networks."""

import numpy as np
import pytest
import torch

from isoaux import settings, workflow
from isoaux.polytopes import Net, codes, segments, soft_codes
from isoaux.polytopes.networks import Layer
from isoaux.polytopes.soft_codes import Soft
from isoaux.records.results import Result
from isoaux.studies.polytopes import data, measuring_autoencoders
from isoaux.studies.polytopes.measuring_autoencoders import (
    along_rays,
    bits_of,
    counted,
    cut_by_hyperplanes,
    measure,
    shortened,
)
from isoaux.studies.polytopes.samples import Labelled
from isoaux.training import autoencoder
from isoaux.training import data as sources
from isoaux.training.store import Entry

SMOKE = settings.read({"profile": "smoke", "seeds": "0"})


def layers(widths: tuple[int, ...] = (30, 5, 5, 5, 30), bias: float = 0.5, seed: int = 0) -> tuple[Layer, ...]:
    rng = np.random.default_rng(seed)
    pairs = zip(widths, widths[1:], strict=False)
    return tuple((rng.standard_normal((n, p)) / p**0.5, bias * rng.standard_normal(n)) for p, n in pairs)


def test_a_shortened_last_layer_leaves_the_variation_of_the_local_map() -> None:
    whole = layers()
    few = shortened(whole)
    assert few[-1][0].shape == (5, 5)
    rng = np.random.default_rng(1)
    first, second = rng.standard_normal((2, 8, 30))
    of = (segments.variation(Net(pair, 0.01), first, second) for pair in (whole, few))
    assert next(of) == pytest.approx(next(of), rel=1e-10)
    of = (soft_codes.variation(Soft(pair, "isolrelu"), first, second) for pair in (whole, few))
    assert next(of) == pytest.approx(next(of), rel=1e-10)


@pytest.mark.parametrize("activation", ["lrelu", "isolrelu"])
def test_codes_and_their_effects_are_those_of_a_slow_transcription(
    activation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring_autoencoders, "BLOCK", 16)
    rng = np.random.default_rng(2)
    tests = Labelled(rng.standard_normal((50, 30)), rng.integers(3, size=50))
    net = Soft(shortened(layers()), activation)
    arrays = measure(net, tests, data.SMALL)
    each: list[list[list[bool]]] = [[] for _ in tests.x]  # image, layer, bit
    points: list[list[np.ndarray]] = [[x] for x in tests.x]
    for i, x in enumerate(tests.x):
        h = x
        for weight, bias in net.affine[:-1]:
            z = weight @ h + bias
            size = float(np.sqrt(sum(value**2 for value in z)))
            if activation == "lrelu":
                each[i].append([bool(value > 0) for value in z])
                h = np.array([value if value > 0 else 0.01 * value for value in z])
            else:
                each[i].append([size >= 1])
                h = 0.01 * z if size < 1 else z * (1 - 0.99 / size)
            points[i].append(h)
    for k in range(3):
        codes = [tuple(bit for layer in image[k:] for bit in layer) for image in each]
        assert arrays["polytopes"][k] == len(set(codes))
        assert arrays["alone"][k] == pytest.approx(sum(codes.count(code) == 1 for code in codes) / 50)
        columns = list(zip(*(image[k] for image in each), strict=True))
        assert arrays["constant"][k] == pytest.approx(np.mean([len(set(column)) == 1 for column in columns]))
        within, between = [], []
        for i in range(50):
            for j in range(i):
                differing = sum(a != b for a, b in zip(codes[i], codes[j], strict=True))
                density = differing / np.linalg.norm(points[i][k] - points[j][k])
                (within if tests.labels[i] == tests.labels[j] else between).append(density)
        larger = np.subtract.outer(between, within)
        assert arrays["effect"][k, 0, 0] == pytest.approx((larger > 0).mean() + (larger == 0).mean() / 2)
    exactly = np.isfinite(arrays["ratio"])
    assert exactly.all() if activation == "lrelu" else not exactly.any()
    assert np.isfinite(arrays["ways"]).all() and np.isfinite(arrays["effect"][:, 2]).all()


def test_rays_follow_the_half_cauchy_law_in_a_gaussian_layer_and_cross_nothing_without_biases() -> None:
    rng = np.random.default_rng(3)
    net = Net(layers((40, 3000, 4), 0.7), 0.01)
    h = rng.standard_normal((20, 40))
    arrays = along_rays(net, h)
    crossed, median, apart = arrays["half_cauchy"]
    assert crossed == pytest.approx(0.5, abs=0.02) and median == pytest.approx(1, abs=0.06) and apart < 0.03
    assert np.abs(arrays["cumulated"] - 2 / np.pi * np.arctan(data.TIMES)).max() <= apart + 1e-12
    small = Net(layers((40, 30, 4), 0.7), 0.01)
    weight, bias = small.affine[0]
    slow = [[-b / (w @ v) for w, b in zip(weight, bias, strict=True) if -b / (w @ v) > 0] for v in h]
    assert along_rays(small, h)["half_cauchy"][0] == pytest.approx(sum(map(len, slow)) / 600)
    scale = [np.sqrt((bias**2).mean() / (weight**2).mean()) / np.linalg.norm(v) for v in h]
    times = [alpha / s for row, s in zip(slow, scale, strict=True) for alpha in row]
    assert along_rays(small, h)["half_cauchy"][1] == pytest.approx(np.median(times))
    edges = np.linspace(0, 2, 41)
    density = [np.histogram(row, edges)[0] / 0.05 / np.linalg.norm(v) for row, v in zip(slow, h, strict=True)]
    assert along_rays(small, h)["linear"] == pytest.approx(np.mean(density, axis=0))
    still = along_rays(Net(layers(bias=0), 0.01), rng.standard_normal((5, 30)))
    assert not still["linear"].any() and still["half_cauchy"][0] == 0 and np.isnan(still["half_cauchy"][1:]).all()


@pytest.fixture(scope="module")
def autoencoders() -> Result:
    return workflow.result("figX17", SMOKE, jobs=1)


def test_stored_autoencoders_are_measured_with_the_images_that_they_have(autoencoders: Result) -> None:
    digits = sources.load("digits")
    x = torch.from_numpy(digits.test / 255)
    rows = {configuration.activation: row for row, (configuration, _) in enumerate(autoencoders.rows)}
    assert list(rows) == ["lrelu", "bnlrelu_elem", "isolrelu"]
    networks = {network.configuration.activation: network for network in SMOKE.networks_for(autoencoders.figure)}
    for activation, row in rows.items():
        entry = Entry(networks[activation], digits.checksum)
        parameters = {name: value.double() for name, value in entry.read(entry.network.recipe.epochs).items()}
        z = [layer.numpy() for layer in autoencoder.latents(parameters, activation, x)]
        bits = {
            "lrelu": lambda a: a > 0,
            "bnlrelu_elem": lambda a: np.hstack([a > 1, a < -1]),
            "isolrelu": lambda a: np.linalg.norm(a, axis=1, keepdims=True) >= 1,
        }[activation]
        for k in range(4):
            codes = np.hstack([bits(layer) for layer in z[k:]])
            assert autoencoders.drawing["polytopes"][row, 1, k] == len(np.unique(codes, axis=0))
            constant = (bits(z[k]) == bits(z[k])[0]).all(axis=0).mean()
            assert autoencoders.drawing["constant"][row, 1, k] == pytest.approx(constant)
    hyperplanes = np.isfinite(autoencoders.drawing["linear"]).all(axis=(1, 2, 3))
    assert hyperplanes.tolist() == [True, True, False]
    assert np.nanmin(autoencoders.drawing["ratio"][hyperplanes]) >= 1


def test_a_network_from_a_space_on_is_the_rest_of_the_network() -> None:
    net = Soft(shortened(layers()), "bnlrelu_elem")
    x = 3 * np.random.default_rng(5).standard_normal((20, 30))
    spaces, parts = net.activations(x), cut_by_hyperplanes(net)
    assert parts is not None and cut_by_hyperplanes(Soft(net.layers, "isolrelu")) is None
    for start, part in enumerate(parts):
        assert part.logits(spaces[start]) == pytest.approx(net.logits(x), abs=1e-12)
        assert np.array_equal(codes(part, spaces[start]), codes(parts[0], x)[:, 10 * start :])


def test_bits_of_a_layer_without_hyperplanes_say_whether_it_is_outside_of_the_ball() -> None:
    net = Soft(shortened(layers()), "isolrelu")
    x = np.random.default_rng(4).standard_normal((20, 30))
    z = net.pre_activations(x)[:-1]
    assert np.array_equal(bits_of(net, None, x), np.stack([(layer**2).sum(axis=1) >= 1 for layer in z], axis=1))
    h = net.activations(x)[1]
    assert np.array_equal(bits_of(net, None, h, 1), bits_of(net, None, x)[:, 1:])
    assert counted(net, None, x)["polytopes"][2] <= 2
