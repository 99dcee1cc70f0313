"""The explorer's files: exact whole numbers, names that follow from them, limits, and nothing half written."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from roots import ROOT

from isoaux import bases, ppp, statistics
from isoaux.__main__ import main
from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.explorer import bundle, checks, collection, examples, files, packing
from isoaux.explorer.collection import Shown
from isoaux.paper import PROFILES, Configuration, Network, figures
from isoaux.records import reading
from isoaux.records.representations import Representations
from isoaux.site import notebooks
from isoaux.training import autoencoder, data, session, store

COMMITTED = ROOT / "book" / "data" / "explorer"
RNG = np.random.default_rng(0)


def whole(samples: int, width: int) -> packing.Steps:
    return RNG.integers(-packing.STEPS, packing.STEPS + 1, (samples, width)).astype(np.int16)


# --- numbers


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_is_within_half_a_step_and_uses_all_of_them(dtype):
    z = RNG.standard_t(3, (500, 7)).astype(dtype)
    values, scale = files.rounded(z)
    assert values.dtype == np.int16 and np.abs(values).max() == packing.STEPS
    assert np.abs(values * scale - z).max() <= scale * (0.5 + 1e-3)
    np.testing.assert_array_equal(files.rounded(values)[0] * files.rounded(values)[1], values)


def test_a_row_keeps_its_direction_beside_one_that_is_far_longer(refused):
    z = RNG.normal(size=(400, 6))
    z[np.abs(z) < 0.5] += 1
    z[7, 2] = 400
    values, scale = files.rounded(z)
    assert np.abs(values).max() == packing.FINEST
    cosines = (values * z).sum(1) / np.linalg.norm(values.astype(float), axis=1) / np.linalg.norm(z, axis=1)
    assert np.degrees(np.arccos(np.minimum(cosines, 1))).max() <= 1
    np.testing.assert_allclose(values * scale, z, atol=0.51 * scale)
    z[7, 2] = 13_000
    refused(["representations has row", "degrees", "at most 1"], files.rounded, z)


def test_the_turn_of_a_row_is_the_angle_to_what_it_was_rounded_to():
    rows = np.array([[3, 0], [1, 1], [0, 0], [1e-3, 0], [5, 5]])
    rounded = np.array([[3, 0], [1, 0], [0, 0], [0, 0], [-5, -5]])
    np.testing.assert_allclose(np.degrees(packing.angles(rows, rounded)), [0, 45, 0, 60, 180], atol=1e-6)


def test_nothing_but_zeros_has_a_scale():
    values, scale = files.rounded(np.zeros((3, 2)))
    assert scale == 1.0 and not values.any()


def test_representations_that_are_no_numbers_are_refused(refused):
    refused(["representations"], files.rounded, np.full((2, 2), np.nan))


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (1000, 18), (0, 4)])
def test_what_was_packed_is_unpacked(shape):
    values = whole(*shape)
    text = packing.pack(values)
    assert re.fullmatch("[A-Za-z0-9+/]*=*", text)
    found = files.unpack(text, shape[1])
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, values)


def test_the_name_follows_from_numbers_and_shape_alone():
    values = whole(40, 6)
    assert re.fullmatch("[0-9a-f]{20}", packing.name(values))
    assert packing.name(values) == packing.name(np.asfortranarray(values)) == packing.name(values.astype(">i2"))
    other = values.copy()
    other[-1, -1] ^= 1
    assert len({packing.name(v) for v in (values, other, values.reshape(60, 4), values[::-1])}) == 4


# --- files


def test_files_are_scripts_in_parts_named_after_their_content(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PART", 100)
    values = whole(250, 5)
    names = files.write(tmp_path, values)
    assert names == [packing.name(values[:100]), packing.name(values[100:200]), packing.name(values[200:])]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(f"{name}.mjs" for name in names)
    for name in names:
        script = (tmp_path / f"{name}.mjs").read_text("ascii")
        assert re.fullmatch(rf'\(globalThis.isoauxFiles \?\?= {{}}\)\["{name}"\] = "[A-Za-z0-9+/]+=*";\n', script)
    np.testing.assert_array_equal(files.read(tmp_path, names, 5), values)
    np.testing.assert_array_equal(files.read(tmp_path, names[1:2], 5), values[100:200])


def test_a_file_that_is_too_heavy_is_refused_and_nothing_is_left(tmp_path, monkeypatch, refused):
    monkeypatch.setattr(files, "HEAVIEST", 1000)
    refused(["(200, 8)", "bytes", "at most 1000"], files.write, tmp_path, whole(200, 8))
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    values = whole(20, 3)
    (name,) = files.write(tmp_path, values)
    before = (tmp_path / f"{name}.mjs").read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        files.write(tmp_path, values)
    assert [file.name for file in tmp_path.iterdir()] == [f"{name}.mjs"]
    assert (tmp_path / f"{name}.mjs").read_bytes() == before


@pytest.mark.parametrize(
    "spoil", [lambda text: text[: len(text) // 2], lambda text: text.replace("A", "B"), lambda _: ""]
)
def test_an_altered_file_is_refused(tmp_path, spoil, refused):
    (name,) = files.write(tmp_path, whole(50, 4))
    file = tmp_path / f"{name}.mjs"
    file.write_text(spoil(file.read_text()))
    refused([str(file), "truncated or was altered"], files.read, tmp_path, [name], 4)
    file.unlink()
    with pytest.raises(FileNotFoundError, match="isoaux explorer"):
        files.read(tmp_path, [name], 4)
    with pytest.raises(FileNotFoundError, match="isoaux explorer"):
        files.read_list(tmp_path)


# --- vectors that come with a network


def test_vectors_are_read_as_they_were_written(tmp_path):
    for basis in (bases.thomson(40, 10, 1), bases.cross_polytope(4), bases.simplex(3)[:2]):
        m, n = basis.shape
        vectors = files.write_vectors(tmp_path, basis)
        assert vectors["count"] == m and (tmp_path / f"{vectors['part']}.mjs").stat().st_size < 3 * m * n + 200
        rows = files.read_vectors(tmp_path, vectors, n)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-15)
        assert np.abs(rows - basis).max() < np.sqrt(n) / 2 / packing.FINEST
        np.testing.assert_array_equal(bases.pairs(rows)[0], bases.pairs(basis)[0])


def test_vectors_that_are_no_basis_are_refused_and_nothing_is_left(tmp_path, refused):
    for count in (1, 97):
        refused([f"basis has {count} vectors", "from 2 to 96"], files.write_vectors, tmp_path, np.eye(97)[:count])
    refused(["basis has row 0 of length 2"], files.write_vectors, tmp_path, 2 * np.eye(3))
    refused(["basis holds nan"], files.write_vectors, tmp_path, np.full((3, 3), np.nan))
    assert not list(tmp_path.iterdir())
    vectors = files.write_vectors(tmp_path, np.eye(3))
    refused(["count 4", "3 vectors"], files.read_vectors, tmp_path, vectors | {"count": 4}, 3)
    place = tmp_path / f"{vectors['part']}.mjs"
    place.write_text(place.read_text().replace("A", "B"))
    refused(["truncated or was altered"], files.read_vectors, tmp_path, vectors, 3)
    place.unlink()
    with pytest.raises(FileNotFoundError, match="isoaux explorer"):
        files.read_vectors(tmp_path, vectors, 3)


# --- from the store


SMALL = (Shown("cifar-U-tanh-n18-L0", throughout=True, replicates=(3,)), Shown("cifar-N-isotanh-n18-L2", layer=1))


@pytest.fixture
def trained(own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the records of two configurations and a store with their networks, on digits."""
    home = tmp_path / "home"
    (home / "notebooks").mkdir(parents=True)
    monkeypatch.setenv("ISOAUX_HOME", str(home))
    (home / "book" / "data").mkdir(parents=True)
    monkeypatch.setattr(collection, "SHOWN", SMALL)
    monkeypatch.setattr(collection, "LAST", 300)
    monkeypatch.setattr(collection, "THROUGHOUT", 40)
    monkeypatch.setattr(collection, "REPLICATED", 200)
    monkeypatch.setattr(files, "PART", 200)
    images, recipe = data.load("digits"), PROFILES["smoke"].recipe
    for shown in SMALL:
        configuration = Configuration.parse(shown.configuration)
        seeds = [0, *shown.replicates]
        for seed in seeds:
            entry = store.Entry(Network(configuration, seed, recipe, "float32"), images.checksum)
            for epoch in recipe.checkpoints:
                drawn = autoencoder.initial(64, 18, configuration.L, torch.Generator().manual_seed(epoch + 100 * seed))
                entry.write(epoch, {name: value.float() for name, value in drawn.items()})
            entry.finish(1.0, "cpu")
        epochs, layers = len(recipe.checkpoints), configuration.L + 1
        rng = np.random.default_rng(1)
        arrays = {"epochs": np.array(recipe.checkpoints)}
        for name in statistics.RECORDED:
            arrays[name] = rng.normal(size=(len(seeds), epochs, layers))
            arrays[f"null_{name}"] = rng.normal(size=(len(seeds), epochs, layers, 9))
            arrays[f"final_null_{name}"] = rng.normal(size=(len(seeds), layers, 19))
        facts = {"checksum": images.checksum, "profile": "smoke", "dtype": "float32", "epsilon": 0.75, "seeds": seeds}
        facts |= {"dataset": images.name, "engine_version": 1, "measure_version": 2}
        archive.write(reading.record_path(paths.data(), shown.configuration), arrays, facts)
    return home / "book" / "data"


def latents(shown: Shown, epoch: int, seed: int = 0) -> np.ndarray:
    """The encoder, and tanh of the length for the second layer of the isotropic one, one matrix at a time."""
    images = data.load("digits")
    configuration = Configuration.parse(shown.configuration)
    entry = store.Entry(Network(configuration, seed, PROFILES["smoke"].recipe, "float32"), images.checksum)
    p = {name: value.double().numpy() for name, value in entry.read(epoch).items()}
    x = images.train / 255
    if configuration.normalised:
        x = (x - images.mean) / images.std
    z = x @ p["encoder.weight"].T + p["encoder.bias"]
    for k in range(shown.layer):
        r = np.linalg.norm(z, axis=1, keepdims=True)
        z = np.tanh(r) / r * z @ p[f"hidden.{k}.weight"].T + p[f"hidden.{k}.bias"]
    return z


def test_the_files_hold_the_representations_of_the_store(trained, capsys):
    assert main(["explorer", "--dataset", "digits"]) == 0
    folder = trained / "explorer"
    assert capsys.readouterr().out.strip() == str(folder / files.LIST)
    order = np.random.default_rng(0).permutation(len(data.load("digits").train))
    content = files.read_list(folder)
    assert content["steps"] == packing.STEPS
    first, second = SMALL
    for (shown, seed), network in zip([(first, 0), (first, 3), (second, 0)], content["networks"], strict=True):
        assert (network["network"], network["layer"], network["seed"]) == (shown.configuration, shown.layer, seed)
        assert checks.key_of(network) == f"{shown.configuration} k{shown.layer}" + " seed 3" * (seed == 3)
        assert checks.entry(checks.key_of(network), content) == network
        expected = [(2, 200)] if seed else [(0, 40), (1, 40)] * shown.throughout + [(2, 300)]
        assert [(epoch["epoch"], epoch["samples"]) for epoch in network["epochs"]] == expected
        for epoch in network["epochs"]:
            values = files.read(folder, epoch["parts"], network["width"])
            wanted = latents(shown, epoch["epoch"], seed)[order[: epoch["samples"]]]
            assert np.abs(values).max() == packing.STEPS and len(epoch["parts"]) == -(-epoch["samples"] // 200)
            assert np.abs(values * epoch["scale"] - wanted).max() <= 0.51 * epoch["scale"]


def test_writing_again_gives_the_same_bytes_and_removes_what_is_not_shown(trained, monkeypatch):
    assert main(["explorer", "--dataset", "digits"]) == 0
    folder = trained / "explorer"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert main(["explorer", "--dataset", "digits"]) == 0
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    collection.write(data.load("digits"), trained, folder, SMALL[1:], {})
    (network,) = files.read_list(folder)["networks"]
    named = {f"{part}.mjs" for epoch in network["epochs"] for part in epoch["parts"]}
    assert {file.name for file in folder.iterdir()} == named | {files.LIST}


def test_the_list_says_how_all_samples_lie_among_random_bases(trained):
    assert main(["explorer", "--dataset", "digits"]) == 0
    network = files.read_list(trained / "explorer")["networks"][-1]
    record = archive.read(reading.record_path(trained, network["network"]))
    found = network["epochs"][0]["of_all"]["c4"]
    null = record["final_null_c4"][0, 1]
    assert found["value"] == pytest.approx(record["c4"][0, -1, 1], rel=1e-5) and found["draws"] == null.size
    assert found["p"] == pytest.approx(statistics.test_from_null(record["c4"][0, -1, 1], null).p, rel=1e-5)
    assert (null < found["low"]).sum() <= 1 <= (null < found["median"]).sum() and found["high"] <= null.max()


SYMMETRIC = "mnist-S-gentanh-n6-L0-m7-h8"


@pytest.fixture
def tested(own_cache: Path) -> collection.Tested:
    """An untrained network of generalised tanh in the store, with simplices of 9 and 7 vectors."""
    network = Network(Configuration.parse(SYMMETRIC), 100, PROFILES["smoke"].recipe, "float32")
    entry = store.Entry(network, data.load("digits").checksum)
    for epoch in network.recipe.checkpoints:
        entry.write(epoch, session.initial_parameters(network, 64))
    entry.finish(1.0, "cpu")
    return collection.Tested(network, "smoke", 0.8, epochs=(0, 2))


def test_networks_on_test_images_are_added_with_their_vectors(tested, tmp_path):
    images, folder = data.load("digits"), tmp_path / "explorer"
    written = files.write(folder, whole(20, 3))
    before = {"network": "a", "layer": 0, "width": 3, "epochs": [{"epoch": 1, "parts": written}]}
    files.write_list(folder, {"format_version": 1, "steps": packing.STEPS, "networks": [before]})
    for _ in range(2):  # adding again changes nothing
        collection.add(images, folder, [tested], samples=50)
        content = files.read_list(folder)
        first, entry = content["networks"]
        assert first == before and content["steps"] == packing.STEPS
        assert {path.stem for path in folder.glob("*.mjs")} == files.named(content)
    assert (entry["network"], entry["seed"], entry["images"]) == (SYMMETRIC, 100, "test")
    p = session.initial_parameters(tested.network, 64)
    outer, inner = (p[f"basis.{k}"].numpy() for k in (0, 1))
    rows = files.read_vectors(folder, entry["vectors"], 6)
    assert entry["vectors"]["count"] == len(inner) == 7 and np.abs(rows - inner).max() < 1e-4
    w, b, v, c = (
        p[f"{name}.{part}"].double().numpy() for name in ("encoder", "hidden.0") for part in ("weight", "bias")
    )
    order = np.random.default_rng(0).permutation(len(images.test))[:50]
    along = (images.test[order] / 127.5 - 1) @ w.T + b
    latent = np.tanh(np.maximum(along @ outer.T, 0)) @ outer @ v.T + c  # Eqn 7: a simplex has no positive products
    assert [(epoch["epoch"], epoch["samples"]) for epoch in entry["epochs"]] == [(0, 50), (2, 50)]
    for epoch in entry["epochs"]:
        values = files.read(folder, epoch["parts"], 6)
        np.testing.assert_allclose(values * epoch["scale"], latent, atol=0.51 * epoch["scale"])


def test_what_was_added_stays_when_the_files_are_written_again(trained, tested):
    assert main(["explorer", "--dataset", "digits"]) == 0
    folder = trained / "explorer"
    collection.add(data.load("digits"), folder, [tested], samples=50)
    after = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert main(["explorer", "--dataset", "digits"]) == 0
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == after


def test_what_cannot_be_added_is_refused_and_the_list_stays(tested, tmp_path, refused):
    folder = tmp_path / "explorer"
    files.write_list(folder, {"networks": []})
    deep = replace(tested.network, configuration=Configuration.parse("mnist-S-tanh-n6-L1"))
    refused(["2 latent layers", "of one"], collection.add, data.load("digits"), folder, [replace(tested, network=deep)])
    with pytest.raises(FileNotFoundError, match="is not in the store"):
        collection.add(data.load("patches"), folder, [tested])
    assert files.read_list(folder) == {"networks": []} and len(list(folder.iterdir())) == 1


def test_other_images_are_refused(trained, refused):
    refused(
        ["dataset is", "was published from", "the same images"],
        collection.write,
        data.load("patches"),
        trained,
        trained,
        SMALL,
        {},
    )


def test_a_network_that_is_not_trained_is_not_found(trained, own_cache, capsys):
    for folder in (own_cache / "networks").iterdir():
        (folder / "epoch-002.safetensors").unlink()
    assert main(["explorer", "--dataset", "digits"]) == 2
    assert "is not in the store" in capsys.readouterr().err
    assert not (trained / "explorer" / files.LIST).exists()


def test_of_published_representations_the_first_seed_is_built():
    """13 bits stay as they are; those of version 2, of 16 bits, are rounded."""
    rng = np.random.default_rng(1)
    z = rng.normal(1, 1, (2, 1, 2000, 6))
    steps = np.rint(z / np.abs(z).max((2, 3), keepdims=True) * packing.STEPS).astype(np.int16)
    arrays = {"values": steps, "scale": np.array([[0.5], [2.0]]), "sample": np.arange(2000)}
    arrays["planes_entered"] = np.zeros((2, 1, 2000), np.int16)
    values, scale = packing.built(Representations(Published(arrays, {"seeds": [3, 4]})), 0)
    np.testing.assert_array_equal(values, steps[0, 0, : packing.BUILT])
    assert scale == 0.5 and len(values) == packing.BUILT
    fine = np.rint(z[0] / np.abs(z[0]).max() * 32767).astype(np.int16)
    old = arrays | {"values": fine, "scale": np.array(0.25), "planes_entered": np.zeros((1, 2000), np.int16)}
    values, scale = packing.built(Representations(Published(old, {"seed": 3})), 0)
    assert np.abs(values).max() <= packing.STEPS
    assert np.abs(values * scale - fine[0, : packing.BUILT] * 0.25).max() <= 0.51 * scale


# --- what is committed


def test_the_committed_files_are_complete_light_and_unaltered():
    content = files.read_list(COMMITTED)
    epochs = [(n, epoch) for n in content["networks"] if "built" not in n for epoch in n["epochs"]]
    for network in (n for n in content["networks"] if "vectors" in n):
        rows = files.read_vectors(COMMITTED, network["vectors"], network["width"])
        assert rows.shape == (network["vectors"]["count"], network["width"])
    for network, epoch in epochs:
        values = files.read(COMMITTED, epoch["parts"], network["width"])
        assert values.shape == (epoch["samples"], network["width"]) and np.abs(values).max() == content["steps"]
    sizes = {file.name: file.stat().st_size for file in COMMITTED.iterdir()}
    made = {packing.name(values) for _, values, _ in built()}
    assert {name.removesuffix(".mjs") for name in sizes} == files.named(content) - made | {files.LIST}
    scripts = [packing.script(values) for _, values, _ in built()]
    assert max(*sizes.values(), *map(len, scripts)) <= files.HEAVIEST
    page = len(bundle.for_page((COMMITTED / files.LIST).read_text("utf-8")))
    assert sum(sizes.values()) + sum(map(len, scripts)) + page <= 28_000_000


def test_examples_are_what_their_facts_say() -> None:
    offered = examples.published(COMMITTED.parent / "samples")
    assert [example.file.removesuffix(".npy") for example in offered] == list(examples.EXAMPLES)
    for example in offered:
        path = COMMITTED.parent / "samples" / example.file
        facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
        rows = np.load(path)
        assert [list(rows.shape), str(rows.dtype)] == [facts["shape"], facts["dtype"]]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == facts["sha256"] and example.about == facts["what"]
        assert np.isfinite(rows).all() and len(examples.script(path)) < 1.4 * files.HEAVIEST
    assert examples.published(COMMITTED) == []


def on_record() -> list[dict[str, Any]]:
    """The networks that have a record of statistics: all but those on test images."""
    return [network for network in files.read_list(COMMITTED)["networks"] if network.get("images") != "test"]


def built() -> list[tuple[dict[str, Any], packing.Steps, float]]:
    """What the book's build makes of published representations."""
    entries = [network for network in files.read_list(COMMITTED)["networks"] if "built" in network]
    made = [packing.built(published(one["network"]), one["layer"]) for one in entries]
    return [(entry, *values) for entry, values in zip(entries, made, strict=True)]


def published(network: str) -> Representations:
    return Representations(archive.read(reading.representations_path(COMMITTED.parent, network)))


def test_what_the_build_makes_is_what_was_published():
    moved, kept = [], []
    for entry, values, scale in built():
        (epoch,) = entry["epochs"]
        assert epoch["parts"] == [packing.name(values)] and epoch["scale"] == scale, "run `python -m isoaux explorer`"
        stored = published(entry["network"])
        own = stored.values(entry["layer"])[: packing.BUILT]
        assert entry["seed"] == stored.seeds[0]
        assert values.shape == own.shape == (epoch["samples"], entry["width"])
        assert np.abs(values * scale - own).max() <= 0.51 * scale
        if np.abs(values).max() > packing.STEPS:
            coarse = np.rint(own / np.abs(own).max() * packing.STEPS)
            assert packing.angles(own, coarse).max() > packing.TURNED, "finer than it has to be"
        assert packing.angles(own, values).max() <= packing.TURNED
        before, after = (points(rows, entry["epsilon"]) for rows in (own, values))
        moved.append(len(before ^ after))
        kept.append(len(before))
        np.testing.assert_array_equal(files.unpack(packing.pack(values), entry["width"]), values)
    assert (np.array(moved) <= np.maximum(1, 0.006 * np.array(kept))).all() and sum(moved) <= 5e-4 * sum(kept)


def points(rows: np.ndarray, epsilon: float) -> set[tuple[int, int]]:
    """Which points are kept, by plane and sample."""
    found = ppp.project(rows.astype(float), np.eye(rows.shape[1]), epsilon)
    return set(zip(found.plane.tolist(), found.sample.tolist(), strict=True))


def test_rounding_moves_no_more_points_than_a_turn_of_every_row_can():
    """For files of networks in the store: every number was rounded by half a step at most.

    A row turns by no more than a turn of that size, and so does the angle between it and a plane.
    """
    for entry in files.read_list(COMMITTED)["networks"]:
        if "built" in entry:
            continue
        values = files.read(COMMITTED, entry["epochs"][-1]["parts"], entry["width"]).astype(float)
        lengths = np.linalg.norm(values, axis=1)
        turn = np.arcsin(np.sqrt(entry["width"]) / 2 / lengths)
        assert turn.max() <= packing.TURNED
        squares = (values / lengths[:, None]) ** 2
        first, second = np.triu_indices(entry["width"], 1)
        away = np.arccos(np.sqrt(np.minimum(squares[:, first] + squares[:, second], 1)))
        limit, reach = np.arccos(entry["epsilon"]), turn[:, None]
        kept = np.count_nonzero(away < limit)
        near = np.count_nonzero(np.abs(away - limit) <= reach)
        assert near <= max(8, 0.1 * kept), (entry["network"], near, kept)


def test_every_panel_figure_finds_its_networks():
    listed = {(n["network"], n["layer"]): n for n in on_record() if "replicate" not in n}
    panels = [figure for figure in figures().values() if figure.has_planes]
    shown = {(one.id, figure.layer) for figure in panels for one in figure.configurations}
    assert shown == set(listed)
    for (configuration, layer), network in listed.items():
        held = notebooks.figures_of(notebooks.sources()[network["notebook"]])
        drawn = [figures()[name] for name in held]
        assert any(f.layer == layer and configuration in [c.id for c in f.configurations] for f in drawn)
    added = collection.built(COMMITTED.parent, collection.SHOWN, notebooks.holding())
    assert [n for n in listed.values() if "built" in n] == added, "run `python -m isoaux explorer` again"


def test_twelve_networks_at_the_end_and_six_throughout():
    content = [network for network in on_record() if "built" not in network and "replicate" not in network]
    assert [(n["network"], n["layer"]) for n in content] == [(s.configuration, s.layer) for s in collection.SHOWN]
    assert len({network["network"] for network in content}) == 12
    assert all(network["epochs"][-1]["samples"] == 20_000 for network in content)
    whole_training = [n for n in content if [e["samples"] for e in n["epochs"][:-1]] == [4_000] * 16]
    assert len(whole_training) == 6


def test_every_seed_of_figure_1_at_the_end():
    figure = figures()["fig01"]
    seeds = {(n["network"], n["seed"]): n for n in on_record() if n["network"] in [c.id for c in figure.configurations]}
    assert sorted(seeds) == [
        (c.id, seed) for c in sorted(figure.configurations, key=lambda c: c.id) for seed in range(5)
    ]
    for (_, seed), network in seeds.items():
        assert ("replicate" in network) == (seed > 0)
        assert network["epochs"][-1]["samples"] == (5_000 if seed else 20_000)


def test_the_list_says_what_the_records_say():
    for network in on_record():
        record = reading.record(COMMITTED.parent, network["network"])
        for name in ("dataset", "profile", "dtype", "epsilon", "engine_version", "measure_version"):
            assert network[name] == record.facts[name], f"run `python -m isoaux explorer` again: {name}"
        for epoch in network["epochs"]:
            expected = collection.of_all(record, network["seed"], network["layer"], epoch["epoch"])
            assert epoch["of_all"] == expected, "run `python -m isoaux explorer` again"


def test_samples_stay_the_same_throughout_training():
    """The tanh network's representations change little over the last twenty epochs, sample by sample."""
    network = files.read_list(COMMITTED)["networks"][0]
    before, last = (
        files.read(COMMITTED, epoch["parts"], network["width"])[:4000] * epoch["scale"]
        for epoch in network["epochs"][-2:]
    )
    own, other = np.abs(before - last), np.abs(before[1:] - last[:-1])
    assert np.median(own) < 0.2 * np.median(other)


def test_the_list_is_readable_by_a_page():
    text = (COMMITTED / files.LIST).read_text("utf-8")
    assert "NaN" not in text and "Infinity" not in text and json.loads(text)
