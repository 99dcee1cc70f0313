"""What is measured on a network's snapshots, against direct computations; and when it is measured again."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from isoaux import bases, density, ppp, statistics
from isoaux.activations import ACTIVATIONS
from isoaux.common import archive, disk
from isoaux.paper import PROFILES, Configuration, Network, Recipe, architecture
from isoaux.records import measurement, random_bases
from isoaux.records.measurement import Measured, Probe
from isoaux.training import autoencoder, data, snapshots
from isoaux.training import train as training
from isoaux.training.data import Images
from isoaux.training.store import Entry

D, WIDTH = 12, 5
RECIPE = Recipe(epochs=2, checkpoints=(0, 1, 2))
PROBE = Probe(epsilon=0.7, draws=7, final_draws=12)
SETTINGS = [
    pytest.param(activation, depth, normalised, id=f"{activation}-L{depth}-{'N' if normalised else 'U'}")
    for activation in ("tanh", "isotanh")
    for depth in (0, 2)
    for normalised in (False, True)
]


@pytest.fixture(scope="module")
def images() -> Images:
    """Small pictures: pixels of unequal spread, one of them constant."""
    rng = np.random.default_rng(0)
    pixels = rng.normal(rng.uniform(60, 200, D), np.linspace(2, 50, D), (230, D)).clip(0, 255).astype(np.uint8)
    pixels[:, 3] = 17
    return Images("digits", "noise", pixels[:150], pixels[150:], (3, 4, 1), "noise")


@pytest.fixture(scope="module", autouse=True)
def in_blocks() -> Iterator[None]:
    """The images go through in three blocks, the last one short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "BLOCK", 64)
        yield


def stored(
    root: Path,
    activation: str = "tanh",
    depth: int = 0,
    normalised: bool = False,
    seed: int = 0,
    dtype: str = "float64",
    d: int = D,
) -> Entry:
    """A network of the store whose snapshots are random: what is measured must not depend on training."""
    network = Network(Configuration("cifar", normalised, activation, WIDTH, depth), seed, RECIPE, dtype)
    entry = Entry(network, "noise", root)
    rng = np.random.default_rng(100 + seed)
    for epoch in RECIPE.checkpoints:
        shapes = architecture.shapes(d, WIDTH, depth).items()
        entry.write(epoch, {n: torch.tensor(rng.normal(0, 0.4, s), dtype=getattr(torch, dtype)) for n, s in shapes})
    entry.finish(1.0, "cpu")
    return entry


def inputs(images: Images, pixels: np.ndarray, normalised: bool) -> np.ndarray:
    """What a network sees, and should give back: pixels in [0, 1], or standardised (spec. section 5)."""
    return (pixels - images.train.mean(0)) / 255 / spread(images) if normalised else pixels / 255


def spread(images: Images) -> np.ndarray:
    """sigma of every pixel, 1 where it is 0."""
    sigma = images.train.std(0) / 255
    return np.where(sigma == 0, 1, sigma)


def acted(activation: str, z: np.ndarray) -> np.ndarray:
    if activation == "tanh":
        return np.tanh(z)
    r = np.linalg.norm(z, axis=1, keepdims=True)
    return np.tanh(r) / r * z


def through(entry: Entry, epoch: int, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Latents, the inputs of every affine map before the decoder, and the reconstruction, one matrix at a time."""
    activation = entry.network.configuration.activation
    p = {name: value.double().numpy() for name, value in entry.read(epoch).items()}
    latents, before, a = [], [], x
    for name in ["encoder", *(f"hidden.{k}" for k in range(entry.network.configuration.L))]:
        before.append(a)
        latents.append(a @ p[f"{name}.weight"].T + p[f"{name}.bias"])
        a = acted(activation, latents[-1])
    return latents, before, a @ p["decoder.weight"].T + p["decoder.bias"]


# --- representations and errors


@pytest.mark.parametrize(("activation", "depth", "normalised"), SETTINGS)
def test_representations_are_those_of_every_snapshot(tmp_path, images, activation, depth, normalised):
    entry = stored(tmp_path, activation, depth, normalised)
    found, _ = snapshots.latents(entry, images)
    x = inputs(images, images.train, normalised)
    assert len(found) == len(RECIPE.checkpoints)
    for layers, epoch in zip(found, RECIPE.checkpoints, strict=True):
        network = autoencoder.module(entry.read(epoch), activation)
        plain = autoencoder.latents(entry.read(epoch), activation, torch.from_numpy(x))
        direct, _, _ = through(entry, epoch, x)
        assert len(layers) == depth + 1
        for k, z in enumerate(layers):
            assert z.dtype == np.float32
            with torch.no_grad():
                sequential = network[: 2 * k + 1](torch.from_numpy(x)).numpy()
            for expected in (direct[k], plain[k].numpy(), sequential):
                np.testing.assert_allclose(z, expected, rtol=1.2e-7, atol=1e-7)


@pytest.mark.parametrize(("activation", "depth", "normalised"), SETTINGS)
def test_errors_are_those_of_the_reconstructed_images(tmp_path, images, activation, depth, normalised):
    entry = stored(tmp_path, activation, depth, normalised)
    _, errors = snapshots.latents(entry, images)
    sigma = spread(images)
    for c, epoch in enumerate(RECIPE.checkpoints):
        train, test = (inputs(images, part, normalised) for part in (images.train, images.test))
        residual = through(entry, epoch, test)[2] - test
        expected = {
            "train_loss": np.mean((through(entry, epoch, train)[2] - train) ** 2),
            "test_error": np.mean(residual**2),
            "test_error_sigma": np.mean((residual if normalised else residual / sigma) ** 2),
            "test_error_pixels": np.mean((residual * sigma if normalised else residual) ** 2),
        }
        for name, value in expected.items():
            assert errors[name].shape == (len(RECIPE.checkpoints),)
            assert errors[name][c] == pytest.approx(value, rel=1e-10), name


@pytest.mark.parametrize(("activation", "depth", "normalised"), SETTINGS)
def test_input_norms_are_those_of_every_layer(tmp_path, images, activation, depth, normalised):
    entry = stored(tmp_path, activation, depth, normalised)
    _, errors = snapshots.latents(entry, images)
    x = inputs(images, images.train, normalised)
    for c, epoch in enumerate(RECIPE.checkpoints):
        for k, before in enumerate(through(entry, epoch, x)[1]):
            norms = np.linalg.norm(before, axis=1) ** 2 + 1
            assert errors["input_norm_mean"][c, k] == pytest.approx(norms.mean(), rel=1e-10)
            assert errors["input_norm_variance"][c, k] == pytest.approx(norms.var(), rel=1e-8)


@pytest.mark.parametrize("normalised", [False, True])
def test_the_errors_of_a_float32_network_lose_nothing_to_its_arithmetic(tmp_path, normalised):
    """Seen in MNIST: pixels of tiny spread, whose errors are small differences of large sums."""
    rng = np.random.default_rng(1)
    pixels = np.full((400, D), 250, np.uint8) - (rng.random((400, D)) < 0.02)
    images = Images("digits", "flat", pixels[:300], pixels[300:], (3, 4, 1), "noise")
    entry = stored(tmp_path, "tanh", 0, normalised, dtype="float32")
    good = {name: value.clone() for name, value in entry.read(2).items()}
    x = inputs(images, images.train, normalised)
    a = np.column_stack([np.tanh(through(entry, 2, x)[0][0]), np.ones(len(x))])
    fitted = np.linalg.lstsq(a, x, rcond=None)[0]  # the best decoder there is
    good["decoder.weight"], good["decoder.bias"] = torch.tensor(fitted[:-1].T).float(), torch.tensor(fitted[-1]).float()
    entry.write(2, good)
    found, errors = snapshots.latents(entry, images)
    sigma = spread(images)
    test = inputs(images, images.test, normalised)
    residual = through(entry, 2, test)[2] - test
    assert errors["test_error"][2] == pytest.approx(np.mean(residual**2), rel=1e-3)
    expected = np.mean((residual if normalised else residual / sigma) ** 2)
    assert errors["test_error_sigma"][2] == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(found[2][0], through(entry, 2, x)[0][0], rtol=1e-5, atol=1e-5)


# --- the record


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, images: Images) -> tuple[Entry, Measured]:
    """A network of three layers, measured; row of the second layer."""
    entry = stored(tmp_path_factory.mktemp("original"), "tanh", 2)
    return entry, measurement.measure(entry, images, 1, PROBE)


@pytest.fixture
def measured(tmp_path: Path, original: tuple[Entry, Measured]) -> tuple[Entry, Measured]:
    """The same in a store of this test alone."""
    entry, found = original
    shutil.copytree(entry.folder, tmp_path / "networks" / entry.folder.name)
    return Entry(entry.network, entry.checksum, tmp_path), found


@pytest.mark.parametrize("variant", ["combination", "permutation"])
@pytest.mark.parametrize("basis", ["standard", "simplex"])
def test_the_statistics_of_a_panel_are_those_of_its_points(basis, variant):
    z = np.random.default_rng(3).normal(0.3, 1, (400, WIDTH)).astype(np.float32)
    probe = replace(PROBE, basis=basis, variant=variant)
    rows = probe.directions(WIDTH)
    found = measurement.measure_panel(z, rows, probe)
    points = ppp.project(z, rows, probe.epsilon, variant).points.astype(float)
    angle, radius = np.arctan2(points[:, 1], points[:, 0]), np.hypot(*points.T)
    from_axis = np.abs((angle + np.pi / 4) % (np.pi / 2) - np.pi / 4)  # 0 on an axis, pi/4 on a diagonal
    assert len(points) > 100
    assert found["count"] == len(points)
    assert found["c4"] == pytest.approx(np.cos(4 * angle).mean(), abs=1e-6)
    assert found["s2"] == pytest.approx(np.sin(2 * angle).mean(), abs=1e-6)
    assert found["axis_share"] == pytest.approx(np.mean(from_axis <= np.radians(10)), abs=1e-12)
    assert found["diagonal_share"] == pytest.approx(np.mean(from_axis >= np.radians(35)), abs=1e-12)
    edges = np.radians(np.arange(73) * 5 - 2.5)
    turned = (angle + np.radians(2.5)) % (2 * np.pi) - np.radians(2.5)
    np.testing.assert_array_equal(found["histogram"], np.histogram(turned, edges)[0])
    np.testing.assert_allclose(found["radius_quantiles"], np.quantile(radius, measurement.QUANTILES), rtol=1e-5)
    mean = z.astype(float).mean(0)
    assert found["mean_share"] == pytest.approx(mean @ mean / np.mean(np.sum(z.astype(float) ** 2, axis=1)))


def test_a_panel_without_points_is_a_result():
    z = np.ones((6, 5), np.float32)  # as far from every plane as can be
    found = measurement.measure_panel(z, bases.standard(5), PROBE)
    assert found["count"] == found["c4"] == found["s2"] == found["kept_samples"] == found["sectors_half"] == 0
    assert not found["plane_counts"].any() and not found["radius_quantiles"].any() and not found["histogram"].any()
    assert found["mean_share"] == pytest.approx(1)


def test_a_record_holds_every_checkpoint_and_layer_in_its_place(measured, images):
    entry, found = measured
    assert found.record["count"].shape == (3, 3)
    assert found.record["plane_counts"].shape == (3, 3, WIDTH * (WIDTH - 1) // 2)
    assert found.record["histogram"].shape == (3, 3, 72)
    x = inputs(images, images.train, False)
    for c, epoch in enumerate(RECIPE.checkpoints):
        for k, z in enumerate(through(entry, epoch, x)[0]):
            projection = ppp.project(z.astype(np.float32), bases.standard(WIDTH), PROBE.epsilon)
            np.testing.assert_allclose(found.record["plane_counts"][c, k], projection.counts, atol=1)
            quantiles = np.quantile(np.hypot(*projection.points.T), measurement.QUANTILES)
            np.testing.assert_allclose(found.record["radius_quantiles"][c, k], quantiles, rtol=0.02)
    assert len(np.unique(found.record["count"])) > 3, "the panels must differ for this to be a test"
    of_last = {f"{name}_{how}" for name in ("count", "c4", "s2") for how in ("centred", "whitened")}
    for name, values in found.record.items():
        assert np.isfinite(values[-1]).all(), name
        before = np.isnan if name.removesuffix("_test") in of_last else np.isfinite
        assert name.startswith("final_") or before(values[:-1]).all(), name


def test_a_record_holds_the_directions_and_the_tests_of_every_layer(measured, images):
    """Both modules have tests of their own; here, that their numbers stand in their places."""
    entry, found = measured
    x = inputs(images, images.train, False)
    basis = bases.standard(WIDTH)
    for c, epoch in enumerate(RECIPE.checkpoints):
        for k, z in enumerate(through(entry, epoch, x)[0]):
            u = z / np.linalg.norm(z, axis=1)[:, None]
            quantiles = np.quantile(np.abs(u).max(1), measurement.QUANTILES)
            np.testing.assert_allclose(found.record["cosine_quantiles"][c, k], quantiles, rtol=1e-4)
            assert found.record["effective_neurons"][c, k] == pytest.approx((1 / (u**4).sum(1)).mean(), rel=1e-4)
            assert found.record["kept_share"][c, k] == found.record["kept_samples"][c, k] / len(z)
            draws = PROBE.final_draws if c == 2 else PROBE.draws
            for suffix, rows in (("", z), ("_centred", z - z.mean(0))):
                test = statistics.basis_test(rows, basis, "quartimax", draws, measurement.seed_of(entry, k))
                assert found.record[f"quartimax{suffix}"][c, k] == pytest.approx(test.value, rel=1e-4)
                assert found.record[f"quartimax{suffix}_test"][c, k, 0] == test.p
                assert found.record[f"quartimax{suffix}_test"][c, k, 1] == pytest.approx(test.effect, rel=0.02)
                if c == 2:
                    np.testing.assert_allclose(found.record[f"final_null_quartimax{suffix}"][k], test.null, rtol=1e-4)


def test_nulls_have_a_value_for_every_random_basis(measured):
    record = measured[1].record
    for name in ("count", "c4", "s2"):
        assert record[f"null_{name}"].shape == (3, 3, PROBE.draws)
        assert record[f"final_null_{name}"].shape == (3, PROBE.final_draws)
        np.testing.assert_array_equal(record[f"null_{name}"][-1], record[f"final_null_{name}"][:, : PROBE.draws])
    for name in ("kept_samples", "axes_half", "sectors_half"):
        assert record[f"final_null_{name}"].shape == (3, measurement.CONCENTRATION_DRAWS)


def test_every_network_and_every_layer_has_random_bases_of_its_own(tmp_path, images):
    entries = [
        stored(tmp_path, "tanh", 1),
        stored(tmp_path, "isotanh", 1),
        stored(tmp_path, "tanh", 1, seed=1),
        stored(tmp_path, "tanh", 1, normalised=True),
    ]
    wide = replace(PROBE, epsilon=0.5, draws=3, final_draws=5)
    z = np.random.default_rng(0).normal(0, 1, (2000, WIDTH)).astype(np.float32)
    nulls = []
    for entry in entries:
        found = measurement._record(entry, [[z, z], [z, z]], bases.standard(WIDTH), wide)
        for layer in (0, 1):
            expected = statistics.null_draws(z, 5, measurement.seed_of(entry, layer), 0.5)
            for name in ("count", "c4", "s2"):
                near = 0 if name == "count" else 1e-7
                np.testing.assert_allclose(found[f"final_null_{name}"][layer], expected[name], near, near)
                np.testing.assert_allclose(found[f"null_{name}"][:, layer], [expected[name][:3]] * 2, near, near)
            nulls.append(tuple(expected["count"]))
    assert len(set(nulls)) == len(nulls), "the same representations in the same random bases"


def test_nulls_follow_from_the_network_alone(tmp_path, images):
    one, other = (
        measurement.measure(stored(tmp_path / name, "tanh", 1), images, 0, PROBE).record for name in ("one", "other")
    )
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_the_random_bases_of_the_concentration_are_those_of_the_count(tmp_path, images, monkeypatch):
    entry = stored(tmp_path, "tanh")
    z = np.random.default_rng(1).normal(0, 1, (900, WIDTH)).astype(np.float32)
    monkeypatch.setattr(measurement, "CONCENTRATION_DRAWS", 12)
    found = measurement._record(entry, [[z], [z]], bases.standard(WIDTH), PROBE)
    for draw, turned in enumerate(random_bases.drawn(bases.standard(WIDTH), 12, measurement.seed_of(entry, 0))):
        projection = ppp.project(z, turned, PROBE.epsilon)
        assert found["final_null_count"][0, draw] == projection.counts.sum()
        assert found["final_null_kept_samples"][0, draw] == len(np.unique(projection.sample))


def test_compared_networks_start_from_the_same_representations(tmp_path):
    """Paired activations: before training the first layer's statistics are equal, and afterwards they are not."""
    digits, recipe = data.load("digits"), PROFILES["smoke"].recipe
    pair = [Network(Configuration("cifar", False, a, WIDTH, 0), 4, recipe) for a in ("tanh", "isotanh")]
    training.train(pair, digits, device="cpu", jobs=1, root=tmp_path)
    one, other = (measurement.measure(Entry(n, digits.checksum, tmp_path), digits, 0, PROBE).record for n in pair)
    assert one["count"][0, 0] > 0
    for name in ("count", "c4", "s2", "plane_counts", "radius_quantiles", "kept_samples", "mean_share"):
        np.testing.assert_array_equal(one[name][0], other[name][0], err_msg=name)
        assert not np.array_equal(one[name][1:], other[name][1:]), f"{name}: training made no difference"
    assert not np.array_equal(one["null_count"][0], other["null_count"][0]), "they share their random bases"


# --- what is published beside the record


def test_a_row_is_the_density_of_its_layers_points(measured, images):
    entry, found = measured
    points = [
        ppp.project(through(entry, epoch, inputs(images, images.train, False))[0][1], bases.standard(WIDTH), 0.7).points
        for epoch in RECIPE.checkpoints
    ]
    half = np.quantile(np.concatenate([np.hypot(*p.T) for p in points]), 0.999)
    assert float(found.row["window"]) == pytest.approx(half, rel=1e-3)
    exact = np.stack([density.render(p, float(found.row["window"]), 200) for p in points])
    limit = exact.mean() + 5 * exact.std()
    assert float(found.row["limit"]) == pytest.approx(limit, rel=2e-3)
    assert found.row["density"].dtype == np.uint8
    np.testing.assert_allclose(found.row["density"], 255 * (exact / limit).clip(0, 1), atol=3)
    assert found.row["density"].max() == 255


# --- measured once


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, nothing can be measured any more."""

    def forbid() -> None:
        def fail(*_: object) -> None:
            raise ArithmeticError("measured again")

        monkeypatch.setattr(measurement, "latents", fail)

    return forbid


def test_what_was_measured_is_read_the_second_time(measured, images, forbidden):
    entry, first = measured
    forbidden()
    second = measurement.measure(entry, images, 1, PROBE)
    for part in ("record", "row", "representations"):
        one, other = getattr(first, part), getattr(second, part)
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
            assert one[name].dtype == other[name].dtype


@pytest.mark.parametrize(
    "change",
    [{"epsilon": 0.6}, {"basis": "random"}, {"variant": "permutation"}, {"draws": 8}, {"final_draws": 13}],
    ids=lambda change: next(iter(change)),
)
def test_another_way_to_measure_is_measured(measured, images, forbidden, change):
    entry, first = measured
    second = measurement.measure(entry, images, 1, replace(PROBE, **change))
    assert any(not np.array_equal(first.record[name], second.record[name], equal_nan=True) for name in first.record)
    forbidden()
    measurement.measure(entry, images, 1, PROBE)  # both are kept
    measurement.measure(entry, images, 1, replace(PROBE, **change))


def test_another_layer_is_drawn_without_measuring_the_record_again(measured, images, monkeypatch):
    entry, first = measured
    monkeypatch.setattr(measurement, "_record", None)
    second = measurement.measure(entry, images, 2, PROBE)
    assert not np.array_equal(first.row["density"], second.row["density"])


def test_a_new_measure_version_is_measured(measured, images, forbidden, monkeypatch):
    entry, _ = measured
    monkeypatch.setattr(measurement, "MEASURE_VERSION", measurement.MEASURE_VERSION + 1)
    forbidden()
    with pytest.raises(ArithmeticError, match="measured again"):
        measurement.measure(entry, images, 1, PROBE)


def test_figures_that_share_a_trained_network_have_random_bases_of_their_own(tmp_path, images):
    """On one set of images, figures of CIFAR-10 and of MNIST name the same parameters differently."""
    entry = stored(tmp_path)
    network = replace(entry.network, configuration=replace(entry.network.configuration, dataset="mnist"))
    other = Entry(network, "noise", tmp_path)
    assert other.folder == entry.folder
    first, second = (measurement.measure(one, images, 0, PROBE).record for one in (entry, other))
    assert np.array_equal(first["c4"], second["c4"]) and not np.array_equal(first["null_c4"], second["null_c4"])
    again = measurement.measure(entry, images, 0, PROBE).record
    assert np.array_equal(again["null_c4"], first["null_c4"])


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [truncate, alter, Path.unlink])
@pytest.mark.parametrize("suffix", [".npz", ".json"])
@pytest.mark.parametrize("part", ["record", "row", "representations"])
def test_a_damaged_cache_file_is_made_again(measured, images, part, suffix, harm):
    entry, first = measured
    (path,) = entry.folder.glob(f"{part}-*{suffix}")
    before = content(path)
    harm(path)
    second = measurement.measure(entry, images, 1, PROBE)
    one, other = getattr(first, part), getattr(second, part)
    assert one.keys() == other.keys() and all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)
    assert content(path) == before


def content(path: Path) -> Any:
    """What is in a file, but for how long it took."""
    timed = {"seconds": 0, "digest": ""}
    return json.loads(path.read_text()) | timed if path.suffix == ".json" else path.read_bytes()


def test_what_was_measured_on_another_network_is_not_taken(tmp_path, images):
    """Files copied from another network's folder: their names and facts are the same, their numbers are not."""
    one, other = stored(tmp_path), stored(tmp_path, seed=1)
    wanted, _ = (measurement.measure(entry, images, 0, PROBE) for entry in (one, other))
    for path in [*other.folder.glob("row-*"), *other.folder.glob("representations-*")]:
        (one.folder / path.name).write_bytes(path.read_bytes())
    found = measurement.measure(one, images, 0, PROBE)
    np.testing.assert_array_equal(found.row["density"], wanted.row["density"])
    np.testing.assert_array_equal(found.representations["values"], wanted.representations["values"])


def test_the_measured_basis_is_the_named_one():
    assert np.array_equal(Probe(basis="standard").directions(4), np.eye(4))
    assert Probe(basis="simplex").directions(4).shape == (5, 4)
    rotated = Probe(basis="random").directions(4)
    assert np.allclose(rotated @ rotated.T, np.eye(4)) and not np.allclose(rotated, np.eye(4))


def test_nothing_half_written_is_left_where_measuring_fails(tmp_path, images, monkeypatch):
    entry = stored(tmp_path)
    before = sorted(entry.folder.iterdir())

    def full(path: Path, _: object) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(archive, "_pack", full)
    with pytest.raises(OSError, match="no space left"):
        measurement.measure(entry, images, 0, PROBE)
    assert sorted(entry.folder.iterdir()) == before


def test_every_activation_can_be_measured(tmp_path, images):
    for activation in ACTIVATIONS:
        record = measurement.measure(stored(tmp_path, activation, 1), images, 0, PROBE).record
        assert np.isfinite(record["test_error"]).all() and record["count"].any(), activation


def test_the_name_of_a_cache_file_tells_nothing_but_its_content(measured):
    names = {path.stem for path in measured[0].folder.glob("re*-*.npz")} | {
        path.stem for path in measured[0].folder.glob("row-*.npz")
    }
    assert {name.split("-")[0] for name in names} == {"record", "row", "representations"}
    assert all(len(name.split("-")[1]) == len(disk.digest({})) for name in names)
