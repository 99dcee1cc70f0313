"""From settings to a figure's data: computed, published, read back, merged, refused."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from isoaux import bases, density, ppp, settings, workflow
from isoaux.__main__ import _parser
from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.paper import PROFILES, Configuration, figure
from isoaux.records import facts, publishing, reading, results
from isoaux.records.record import Record
from isoaux.records.representations import Representations
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import registry, steps
from isoaux.studies.planes import compute as planes_compute
from isoaux.training import autoencoder, data, session, store
from isoaux.training import train as training

FIGURE = figure("fig01")
TANH, ISOTANH = (c.id for c in FIGURE.configurations)


def chosen(**given: Any) -> Settings:
    return settings.read({"profile": "smoke", "device": "cpu"} | given)


def computed(jobs: int = 1, train: bool = True, **given: Any) -> Result:
    """Figure 1 at the profile `smoke`; what other tests have trained and measured already is taken from the store."""
    return planes_compute.compute(FIGURE, chosen(**given), jobs=jobs, train=train)


@pytest.fixture(scope="module")
def whole() -> Result:
    return computed()


def same(one: Published, other: Published) -> bool:
    return one.arrays.keys() == other.arrays.keys() and all(
        np.array_equal(one[name], other[name], equal_nan=True) and one[name].dtype == other[name].dtype
        for name in one.arrays
    )


def assert_same(one: Result, other: Result) -> None:
    assert same(one.drawing, other.drawing) and one.rows == other.rows
    assert one.records.keys() == other.records.keys() == one.representations.keys() == other.representations.keys()
    for id in one.records:
        assert same(one.records[id], other.records[id]), [
            name
            for name, values in one.records[id].arrays.items()
            if not np.array_equal(values, other.records[id][name], equal_nan=True)
            or values.dtype != other.records[id][name].dtype
        ]
        assert one.records[id].facts["seeds"] == other.records[id].facts["seeds"]
        assert same(one.representations[id], other.representations[id]), id


def entry(configuration: str, seed: int) -> store.Entry:
    (network,) = (
        n for n in chosen(seeds=[seed]).networks_for(FIGURE) if n.configuration == Configuration.parse(configuration)
    )
    return store.Entry(network, data.load("digits").checksum)


def command_of(message: str) -> Any:
    """The command that a message names, as the command line understands it."""
    (words,) = re.findall("`(.*?)`", message)
    program, *arguments = shlex.split(words)[2:]
    assert (shlex.split(words)[:2], program) == (["python", "-m"], "isoaux")
    return _parser().parse_args(arguments)


# --- computed


def test_rows_are_the_networks_of_the_figure_from_top_to_bottom(whole):
    assert [(c.id, seed) for c, seed in whole.rows] == [(TANH, 0), (TANH, 1), (ISOTANH, 0), (ISOTANH, 1)]
    assert whole.drawing["density"].shape == (4, 3, 200, 200)
    assert whole.drawing["window"].shape == whole.drawing["limit"].shape == (4,)
    assert whole.drawing["epochs"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("row", range(4))
def test_a_row_holds_what_a_direct_measurement_of_its_network_gives(whole, row):
    configuration, seed = whole.rows[row]
    images = data.load("digits")
    points = []
    for epoch in (0, 1, 2):
        snapshot = entry(configuration.id, seed).read(epoch)
        z = autoencoder.latents(snapshot, configuration.activation, torch.from_numpy(images.train / 255))[0].numpy()
        points.append(ppp.project(z.astype(np.float32), bases.standard(18), 0.75).points)
    count = whole.of_row(row, "count")
    np.testing.assert_allclose(count, [len(p) for p in points], atol=2)  # a point on the threshold may fall either way
    assert len(set(count)) == 3
    s2 = [np.mean(np.sin(2 * np.arctan2(*p.T))) for p in points]
    np.testing.assert_allclose(whole.of_row(row, "s2"), s2, atol=2e-3)
    limit, half = whole.drawing["limit"][row], whole.drawing["window"][row]
    exact = np.stack([density.render(p, float(half)) for p in points]) / limit
    np.testing.assert_allclose(whole.drawing["density"][row], 255 * exact.clip(0, 1), atol=6)


def test_statistics_are_those_of_the_figures_layer():
    deep = replace(FIGURE, entry=FIGURE.entry | {"networks": [ISOTANH.replace("L0", "L1")], "k": 1})
    found = planes_compute.compute(deep, chosen(seeds=[0]), jobs=1)
    record = found.records[ISOTANH.replace("L0", "L1")]
    assert record["count"].shape == (1, 3, 2) and not np.array_equal(record["count"][0, :, 0], record["count"][0, :, 1])
    np.testing.assert_array_equal(found.of_row(0, "count"), record["count"][0, :, 1])
    np.testing.assert_array_equal(found.of_row(0, "null_c4"), record["null_c4"][0, :, 1])
    np.testing.assert_array_equal(found.of_row(0, "final_null_c4"), record["final_null_c4"][0, 1])


def test_the_facts_say_how_the_data_were_made(whole):
    profile = PROFILES["smoke"]
    for part in (whole.drawing, *whole.records.values()):
        facts = part.facts
        assert (facts["profile"], facts["epochs"], facts["seeds"]) == ("smoke", 2, [0, 1])
        assert (facts["dataset"], facts["source"]) == ("8x8 digits (scikit-learn)", "digits")
        assert (facts["dtype"], facts["device"]) == ("float64", "cpu")
        assert (facts["epsilon"], facts["basis"], facts["variant"]) == (0.75, "standard", "combination")
        assert (facts["draws"], facts["final_draws"]) == (profile.draws, profile.final_draws)
        assert facts["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
        assert isinstance(facts["commit"], str) and facts["commit"] and facts["failed"] == []
        json.dumps(facts)
    trained = [entry(c.id, seed).about["seconds"] for c, seed in whole.rows]
    assert whole.facts["seconds"] == pytest.approx(sum(trained), abs=0.06)
    assert whole.facts["layer"] == 0 and whole.facts["figure"] == "fig01"
    assert whole.records[TANH].facts["configuration"] == TANH
    assert whole.representations[TANH].facts["seeds"] == [0, 1]


def test_a_record_says_which_planes_it_counted(whole):
    planes = whole.records[TANH]["planes"]
    assert planes.tolist() == [[i, j] for i in range(18) for j in range(i + 1, 18)]
    assert whole.records[TANH]["plane_counts"].shape == (2, 3, 1, 153)
    np.testing.assert_array_equal(whole.records[TANH]["plane_counts"].sum(-1), whole.records[TANH]["count"])


def test_the_order_of_the_seeds_does_not_matter(whole):
    assert_same(computed(seeds=[1, 0]), whole)


def test_measuring_in_two_processes_gives_the_same_as_in_one():
    two = computed(jobs=2, seeds=[0], epsilon=0.66)
    for configuration in (TANH, ISOTANH):
        for path in entry(configuration, 0).folder.glob("r*-*.npz"):
            path.unlink()
    assert_same(computed(jobs=1, seeds=[0], epsilon=0.66), two)


def test_networks_that_are_not_trained_are_said_so(refused):
    message = refused(["fig01", "'smoke'"], computed, train=False, seeds=[70])
    options = command_of(message)
    assert options.command == "train"
    assert options.figures == ["fig01"] and options.profile == "smoke"


def test_what_is_trained_is_used_and_what_is_missing_is_said():
    training.train([entry(TANH, 50).network], data.load("digits"), device="cpu", jobs=1)
    with pytest.warns(RuntimeWarning) as caught:
        found = computed(train=False, seeds=[50])
    assert [(c.id, seed) for c, seed in found.rows] == [(TANH, 50)]
    words = f"1 of 2 networks of fig01 are not trained and will be missing, the first is {ISOTANH} seed 50"
    how = "`python -m isoaux train fig01 --profile smoke --seeds 50` trains them."
    assert [str(warning.message) for warning in caught] == [f"{words}; {how}"]
    assert found.facts["deviations"][-1] == "1 of 10 networks"
    assert found.records.keys() == {TANH}


def test_a_failed_network_is_left_out_and_named(tmp_path):
    entry(ISOTANH, 60).finish(0.5, "cpu", failed="the loss was no longer finite in epoch 1")
    with pytest.warns(RuntimeWarning, match=f"{ISOTANH} seed 60 was ended"):
        found = computed(seeds=[60, 61])
    why = f"{ISOTANH} seed 60: the loss was no longer finite in epoch 1"
    assert [(c.id, seed) for c, seed in found.rows] == [(TANH, 60), (TANH, 61), (ISOTANH, 61)]
    assert found.facts["failed"] == [why]
    assert found.records[ISOTANH].facts["failed"] == [why] and found.records[TANH].facts["failed"] == []
    assert found.records[ISOTANH].facts["seeds"] == [61] and len(found.records[ISOTANH]["count"]) == 1
    assert "3 of 10 networks" in found.facts["deviations"]
    publishing.publish(found, tmp_path)
    publishing.publish(computed(seeds=[62]), tmp_path)
    merged = reading.read(FIGURE, Settings(), tmp_path)
    assert merged.facts["failed"] == [why], "forgotten when more seeds came"
    assert merged.records[ISOTANH].facts["failed"] == [why] and merged.records[TANH].facts["failed"] == []


def test_a_spent_budget_is_said_and_nothing_is_assembled(monkeypatch):
    def paused(networks: Any, *_: object, **__: object) -> list[session.Outcome]:
        return [session.Outcome(n, "complete" if n.seed == 0 else "paused", 1.0, "it was held") for n in networks]

    monkeypatch.setattr(steps, "train_networks", paused)
    monkeypatch.setattr(steps, "each_network", None)
    words = (
        r"2 of the 4 networks of fig01 unfinished; the same command goes on from there \(the first: it was held\)\.$"
    )
    with pytest.raises(RuntimeError, match=words):
        computed()


# --- published and read


def test_what_is_published_is_what_was_computed(whole, tmp_path):
    written = publishing.publish(whole, tmp_path)
    names = {
        "fig01",
        f"networks/{TANH}",
        f"networks/{ISOTANH}",
        f"representations/{TANH}",
        f"representations/{ISOTANH}",
    }
    assert {str(path.relative_to(tmp_path)) for path in written} == names
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {name + suffix for name in names for suffix in (".npz", ".json")}
    back = reading.read(FIGURE, Settings(), tmp_path)
    assert_same(back, whole)
    assert back.facts.items() >= whole.facts.items()
    for row in range(4):
        np.testing.assert_array_equal(back.of_row(row, "null_count"), whole.of_row(row, "null_count"))


@pytest.fixture
def place(whole: Result, tmp_path: Path) -> Path:
    """A folder in which Figure 1 is published."""
    publishing.publish(whole, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "asked", "is_published"),
    [
        ("epsilon", "0.9", "0.75"),
        ("epsilon", 0, "0.75"),
        ("basis", "simplex", "'standard'"),
        ("variant", "permutation", "'combination'"),
        ("seeds", [0], "(0, 1)"),
        ("seeds", "0,1,2,3,4", "(0, 1)"),
        ("dataset", "patches", "'digits'"),
        ("dataset", "folder:/my pictures/it's $HOME", "'digits'"),
        ("dtype", "float32", "'float64'"),
        ("depth", 2, "0"),
    ],
)
def test_what_is_not_published_is_refused(place, refused, name, asked, is_published):
    asking = settings.read({name: asked})
    value = getattr(asking, name)
    message = refused([f"{name} is {value!r}", f"{name} {is_published} only"], reading.read, FIGURE, asking, place)
    options = command_of(message)
    assert options.command == "run" and options.figures == ["fig01"] and options.profile == "paper"
    assert getattr(settings.read({name: getattr(options, name)}), name) == value, "the command asks for something else"


@pytest.mark.parametrize(
    "given",
    [
        {"epsilon": 0.75},
        {"epsilon": "0.75", "basis": "standard", "variant": "combination", "dtype": "float64", "dataset": "digits"},
        {"seeds": [0, 1]},
        {"seeds": "1,0"},
        {"depth": 0},
        {"device": "cuda"},  # draws, trains nothing
    ],
)
def test_what_is_published_may_be_named(place, whole, given):
    assert_same(reading.read(FIGURE, settings.read(given), place), whole)


def test_a_figure_that_is_not_published_is_said_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"fig01.npz is not published; `python -m isoaux status`") as caught:
        reading.read(FIGURE, Settings(), tmp_path)
    assert "\n" not in str(caught.value)


def test_a_figure_file_and_a_record_of_different_settings_are_not_drawn_together(place, refused):
    other = computed(epsilon=0.6).records[ISOTANH]
    archive.write(reading.record_path(place, ISOTANH), other.arrays, other.facts)
    message = refused(["epsilon 0.6", "0.75", ISOTANH], reading.read, FIGURE, Settings(), place)
    assert command_of(message).command == "publish"


def test_the_profile_published_reads_and_every_other_computes(own_cache, checkout, monkeypatch):
    made = computed(seeds=[0])
    publishing.publish(made, paths.data())
    monkeypatch.setattr("isoaux.studies.planes.compute.compute", None)
    assert_same(workflow.result("fig01", Settings()), made)
    monkeypatch.undo()
    monkeypatch.setenv("ISOAUX_CACHE", str(own_cache))
    study = replace(registry.named("planes"), read=lambda *_: None)
    monkeypatch.setattr("isoaux.studies.registry.of", lambda figure: study)
    assert_same(workflow.result("fig01", chosen(seeds=[0]), jobs=1), made)


# --- more seeds later


def test_published_tests_keep_p_to_the_last_bit(whole):
    """Levels such as 0.05 are steps of p, so that rounding would decide; the other numbers are of single precision."""
    profile = PROFILES["smoke"]
    test = whole.records[TANH]["quartimax_whitened_test"]
    for draws, p in ((profile.draws, test[:, :-1, :, 0]), (profile.final_draws, test[:, -1, :, 0])):
        steps = [min(1.0, 2 * (1 + k) / (1 + draws)) for k in range(draws)]
        assert set(p.ravel().tolist()) <= set(steps)
    np.testing.assert_array_equal(test[..., 1:], test[..., 1:].astype(np.float32))


def test_seeds_that_come_later_join_the_others_in_order(tmp_path):
    for seeds in ([1], [3, 0], [2]):
        publishing.publish(computed(seeds=seeds), tmp_path)
    merged = reading.read(FIGURE, Settings(), tmp_path)
    together = computed(seeds=[0, 1, 2, 3])
    assert_same(merged, together)
    assert merged.facts["seeds"] == [0, 1, 2, 3]
    assert merged.facts["seconds"] == pytest.approx(together.facts["seconds"], abs=0.2)
    assert merged.facts["deviations"] == together.facts["deviations"]
    assert merged.facts["deviations"][-1] == "4 of 5 seeds"
    assert merged.records[TANH].facts["deviations"][-1] == "4 of 5 seeds"


def test_the_fifth_seed_ends_the_deviation(place):
    publishing.publish(computed(seeds=[2, 3, 4]), place)
    merged = reading.read(FIGURE, Settings(), place)
    assert len(merged.rows) == 10
    for part in (merged.facts, *(record.facts for record in merged.records.values())):
        assert not [words for words in part["deviations"] if "seeds" in words or "networks" in words]


def test_representations_of_later_seeds_join_the_others(place, whole):
    publishing.publish(computed(seeds=[2]), place)
    back = Representations(reading.read(FIGURE, Settings(), place).representations[TANH])
    first = Representations(whole.representations[TANH])
    assert (back.seeds, first.seeds) == ([0, 1, 2], [0, 1])
    for seed in (0, 1):
        np.testing.assert_array_equal(back.values(0, seed), first.values(0, seed))
    assert back.published.facts["deviations"][-1] == "3 of 5 seeds"


def test_representations_are_those_of_every_network_at_the_last_checkpoint(whole):
    images = data.load("digits")
    for configuration, seed in whole.rows:
        kept = Representations(whole.representations[configuration.id])
        snapshot = entry(configuration.id, seed).read(2)
        z = autoencoder.latents(snapshot, configuration.activation, torch.from_numpy(images.train / 255))[0].numpy()
        assert kept.count == len(images.train) < 2000
        assert np.abs(kept.values(0, seed) - z[kept.sample]).max() <= 0.501 * kept.scale(0, seed)
    np.testing.assert_array_equal(whole.samples(TANH), whole.samples(TANH, 0))
    assert not np.array_equal(whole.samples(TANH), whole.samples(TANH, 1))


def test_publishing_the_same_again_changes_no_byte(place, whole):
    before = {path: path.read_bytes() for path in place.rglob("*.*")}
    publishing.publish(whole, place)
    publishing.publish(computed(seeds=[1]), place)
    after = {path: path.read_bytes() for path in place.rglob("*.*")}
    arrays = [path for path in before if path.suffix == ".npz"]
    assert len(arrays) == 5 and all(before[path] == after[path] for path in arrays)


def test_of_two_measurements_of_one_seed_the_newer_counts(place, whole):
    newer = computed(seeds=[1])
    changed = newer.records[TANH].arrays | {"test_error": newer.records[TANH]["test_error"] + 7}
    newer.records[TANH] = Published(changed, newer.records[TANH].facts)
    publishing.publish(newer, place)
    back = reading.read(FIGURE, Settings(), place).records[TANH]
    np.testing.assert_array_equal(back["test_error"][0], whole.records[TANH]["test_error"][0])
    np.testing.assert_array_equal(back["test_error"][1], whole.records[TANH]["test_error"][1] + 7)


@pytest.mark.parametrize("name", ["fig01", f"networks/{TANH}", f"representations/{TANH}"])
@pytest.mark.parametrize("harm", ["half replaced", "truncated", "no facts"])
def test_a_damaged_file_is_replaced_with_a_warning(place, whole, name, harm):
    """Also one that an earlier version left half replaced: new arrays beside old facts."""
    npz, about = ((place / name).with_suffix(suffix) for suffix in (".npz", ".json"))
    if harm == "half replaced":
        old = about.read_bytes()
        archive.write(place / name, {"count": np.zeros(3)}, {})
        about.write_bytes(old)
    else:
        file = npz if harm == "truncated" else about
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.warns(RuntimeWarning, match=r"truncated or was altered.*it is replaced"):
        publishing.publish(whole, place)
    assert_same(reading.read(FIGURE, Settings(), place), whole)


ANY: list[tuple[str, Any]] = [
    ("failed", [5]),
    ("failed", "a text"),
    ("failed", None),
    ("deviations", [None]),
]
"""Facts of any file that :func:`publishing.publish` never writes so."""

JOINED: list[tuple[str, Any]] = [
    ("seeds", [0, 0]),
    ("seeds", [0, "1"]),
    ("seeds", [0, True]),
    ("seeds", [0.0, 1.0]),
    ("seeds", [-1, 1]),
    ("seeds", [0]),
    ("seeds", []),
    ("seeds", {"0": 1}),
    ("seconds", "1"),
    ("seconds", -1),
    ("seconds", 10**400),
    ("seconds", float("nan")),
    ("seconds_each", [1.0]),
    ("seconds_each", ["1", "2"]),
    ("seconds_each", 3),
    ("device", None),
    ("processor", 5),
    ("commit", ["abc"]),
    ("versions", []),
    ("versions", {"torch": 2}),
]
"""Such facts of files to which later seeds are joined."""

ROW = {"configuration": TANH, "seed": 0}

RECORD = f"networks/{TANH}"

ALTERED = [
    *((name, "failed", [5]) for name in ("fig01", RECORD, f"representations/{TANH}")),
    ("fig01", "seconds", 10**400),
    (RECORD, "seeds", [0, 7, 8]),
    (RECORD, "configuration", "evil"),
    (RECORD, "configuration", ISOTANH),
    (f"representations/{TANH}", "configuration", ISOTANH),
    *((f"representations/{TANH}", "seeds", seeds) for seeds in (None, 0, [0, 7, 8], [0, -1], [0, "1"])),
    *(("fig01", "figure", name) for name in ("fig02", "evil", None, ["fig01"])),
    ("fig01", "rows", [{"configuration": "evil", "seed": seed} for seed in range(4)]),
    ("fig01", "rows", [{"configuration": "cifar-U-relu-n18-L0", "seed": seed} for seed in range(4)]),
    ("fig01", "rows", [ROW, {"configuration": [TANH], "seed": 1}, ROW, ROW]),
    ("fig01", "rows", [ROW | {"seed": seed} for seed in (0, 1, 2, 2)]),
    ("fig01", "rows", [ROW | {"seed": seed} for seed in (0, 1, 2, "3")]),
    ("fig01", "rows", [ROW | {"seed": seed} for seed in range(4)]),
    ("fig01", "rows", [ROW | {"seed": seed, "more": 1} for seed in range(4)]),
    ("fig01", "rows", [ROW, ROW | {"seed": 1}]),
    *(("fig01", "rows", rows) for rows in ([], None, 7, "rows", [None] * 4, [[]] * 4, {"0": ROW})),
]


@pytest.fixture(scope="module")
def later() -> Result:
    return computed(seeds=[2])


@pytest.mark.parametrize(
    ("axis", "fact", "value"), [(axis, *fact) for axis in ("rows", "seeds") for fact in (*ANY, *JOINED)], ids=repr
)
def test_facts_of_another_form_are_refused(whole, refused, axis, fact, value):
    old, path = {
        "rows": (whole.drawing, Path("fig01")),
        "seeds": (whole.records[TANH], Path(TANH)),
    }[axis]
    publishing._refuse_unfit(path, old, old, axis)
    spoilt = Published(old.arrays, old.facts | {fact: value})
    words = f"{path}.json was altered: {fact}" if value != [0] else f"{path}.json was altered: "
    refused([words, "; accepted: "], publishing._refuse_unfit, path, spoilt, old, axis)


@pytest.mark.parametrize("seeds", [[0], [0, 1, 2]], ids=len)
def test_as_many_seeds_as_the_arrays_have_are_accepted(whole, refused, seeds):
    """Of a file that does not say the seconds of each, as those of earlier versions."""
    old = whole.records[TANH]
    facts = {name: value for name, value in old.facts.items() if name != "seconds_each"}
    publishing._refuse_unfit(Path(TANH), Published(old.arrays, facts), old, "seeds")
    spoilt = Published(old.arrays, facts | {"seeds": seeds})
    words = [f"{TANH}.json was altered: seeds has the length {len(seeds)}", f"of {TANH}.npz the shape (2, "]
    refused(words, publishing._refuse_unfit, Path(TANH), spoilt, old, "seeds")


def alter(about: Path, change: dict[str, Any], sealed: bool) -> None:
    """Edit a file of facts by hand, and unless ``sealed`` without their checksum, as in files of earlier versions."""
    facts = json.loads(about.read_text("utf-8"))
    if not sealed:
        del facts["facts_sha256"]
    about.write_text(json.dumps(facts | change), "utf-8")


@pytest.mark.parametrize(("name", "fact", "value"), ALTERED, ids=repr)
def test_facts_that_cannot_be_merged_are_named_and_replaced(whole, later, tmp_path, name, fact, value):
    """Every file of the figure is as it would be had the altered one not been there."""
    publishing.publish(whole, tmp_path)
    about = (tmp_path / name).with_suffix(".json")
    alter(about, {fact: value}, sealed=False)
    with pytest.warns(RuntimeWarning) as caught:
        publishing.publish(later, tmp_path)
    (message,) = [str(warning.message) for warning in caught]
    assert message.startswith(f"{about} was altered: ") and "it is replaced" in message and "\n" not in message
    assert len(message) < 500 + len(str(about))
    new = archive.read(tmp_path / name)
    if name == "fig01":
        assert new.facts["rows"] == later.facts["rows"] and same(new, later.drawing)
    else:
        assert same(new, (later.records if name == RECORD else later.representations)[TANH])
    publishing.publish(later, tmp_path)  # and the next time without a warning


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (RECORD, {"seeds": [0, 7]}),
        (f"representations/{TANH}", {"seeds": [0, 7]}),
        ("fig01", {"commit": "another"}),
        ("fig01", {"more": 1}),
    ],
    ids=repr,
)
def test_facts_of_the_right_form_that_were_altered_are_replaced(place, later, name, change):
    about = (place / name).with_suffix(".json")
    alter(about, change, sealed=True)
    with pytest.warns(RuntimeWarning, match=f"{about} was altered: the checksum of its facts.*it is replaced"):
        publishing.publish(later, place)
    back = archive.read(place / name)
    assert back.facts["seeds"] == [2]


@pytest.mark.parametrize("name", ["fig01", RECORD, f"representations/{TANH}"])
@pytest.mark.parametrize("harm", ["missing", "shape", "type"])
def test_arrays_that_do_not_fit_are_replaced(place, later, name, harm):
    old = archive.read(place / name)
    spoilt = {"fig01": "limit", RECORD: "count"}.get(name, "values")
    arrays = {key: values for key, values in old.arrays.items() if key != spoilt or harm != "missing"}
    if harm == "shape":
        arrays[spoilt] = arrays[spoilt][..., None]
    elif harm == "type":
        arrays[spoilt] = arrays[spoilt].astype("U8")
    archive.write(place / name, arrays, old.facts)
    with pytest.warns(RuntimeWarning, match=f"{place / name}.npz was altered: {spoilt} .*it is replaced"):
        publishing.publish(later, place)
    assert archive.read(place / name).facts["seeds"] == [2]


@pytest.mark.parametrize(("axis", "pattern"), [("rows", "fig*"), ("seeds", "networks/*")])
def test_committed_files_may_be_merged(axis, pattern):
    """Some are of an earlier version, whose facts have no checksum. One of eight is read."""
    places = sorted(place.with_suffix("") for place in paths.data().glob(f"{pattern}.npz"))
    kept = [path for path in places if axis != "rows" or figure(path.name).has_planes][::8]
    assert len(kept) >= 3
    for path in kept:
        old = archive.read(path)
        publishing._refuse_unfit(path, old, old, axis)


def test_what_a_newer_isoaux_wrote_is_not_replaced(place, whole, refused):
    about = (place / "networks" / ISOTANH).with_suffix(".json")
    about.write_text(json.dumps(json.loads(about.read_text("utf-8")) | {"format_version": 99}), "utf-8")
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    refused(["format_version 99", "newer isoaux"], publishing.publish, whole, place)
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_an_error_half_way_leaves_the_older_publication(place, whole, monkeypatch):
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    write = archive.write

    def full(path: Path, *what: Any) -> None:
        if path.name == "fig01":
            raise OSError("no space left on device")
        write(path, *what)

    monkeypatch.setattr(archive, "write", full)
    with pytest.raises(OSError, match="no space left"):
        publishing.publish(computed(seeds=[3]), place)
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_publishing_sweeps_what_killed_processes_left(place, whole):
    left = [place / ".fig01-abcdefgh.npz", place / "networks" / f".{TANH}-01234567.json"]
    for path in left:
        path.write_bytes(b"half")
    publishing.publish(whole, place)
    assert not any(path.exists() for path in left)


def test_publishing_twice_says_the_same_as_publishing_once(tmp_path):
    one, two = computed(seeds=[0]), computed(seeds=[1])
    two = altered("versions", {"torch": "99"})(altered("processor", "another")(two))
    about = []
    for found in (one, two, two):
        publishing.publish(found, tmp_path)
        about.append({path.name: path.read_bytes() for path in tmp_path.rglob("*.json")})
    assert about[1] == about[2] != about[0]
    facts = reading.read(FIGURE, Settings(), tmp_path).facts
    assert facts["processor"] == f"another; {store.processor()}"
    assert facts["versions"]["torch"].startswith("99; ")
    assert facts["seconds"] == pytest.approx(sum(facts["seconds_each"]), abs=0.051)
    trained = [entry(row["configuration"], row["seed"]).about["seconds"] for row in facts["rows"]]
    assert facts["seconds_each"] == trained


def altered(facts: str, value: object) -> Callable[[Result], Result]:
    """A result as another version of the code, or other images, would have given it."""

    def change(result: Result) -> Result:
        parts = [
            {id: Published(p.arrays, p.facts | {facts: value}) for id, p in published.items()}
            for published in (result.records, result.representations)
        ]
        return Result(result.figure, Published(result.drawing.arrays, result.facts | {facts: value}), *parts)

    return change


@pytest.mark.parametrize(
    "given", [{"epsilon": 0.6}, {"basis": "random"}, {"variant": "permutation"}, {"dtype": "float32"}]
)
def test_a_record_of_another_setting_is_replaced_not_mixed(place, given):
    new = computed(seeds=[1], **given)
    publishing.publish(new, place)
    back = reading.read(FIGURE, settings.read(given), place)
    assert_same(back, new)
    assert [seed for _, seed in back.rows] == [1, 1] and back.facts["seeds"] == [1]
    assert back.representations[TANH].facts["seeds"] == [1]


@pytest.mark.parametrize("name", ["checksum", "engine_version", "measure_version", "draws"])
def test_a_record_of_other_images_or_older_code_is_replaced_not_mixed(place, name):
    new = altered(name, 99)(computed(seeds=[1]))
    publishing.publish(new, place)
    back = reading.read(FIGURE, Settings(), place)
    assert_same(back, new)
    assert back.facts["seeds"] == [1] and back.representations[TANH].facts["seeds"] == [1]


# --- versions of measuring


def of_version_2(result: Result) -> Result:
    """The same published by version 2: no statistics without points, and representations of the first seed alone."""
    records = {
        id: Published(
            {name: record[name] for name in record.arrays if not NEW.search(name)},
            record.facts | {"measure_version": 2},
        )
        for id, record in result.records.items()
    }
    samples = {}
    for id, part in result.representations.items():
        kept = Representations(part)
        scale = max(kept.scale(k) for k in range(kept.layers)) / 8
        values = np.stack([np.rint(kept.values(k) / scale) for k in range(kept.layers)]).astype(np.int16)
        entered = np.stack([kept.planes_entered(k) for k in range(kept.layers)])
        arrays = {"values": values, "scale": np.array(scale), "sample": kept.sample, "planes_entered": entered}
        about = {name: value for name, value in part.facts.items() if not name.startswith("seed")}
        samples[id] = Published(arrays, about | {"measure_version": 2, "seed": kept.seeds[0]})
    drawing = Published(result.drawing.arrays, result.facts | {"measure_version": 2})
    return Result(result.figure, drawing, records, samples)


NEW = re.compile(
    "_test$|_centred|_whitened|quartimax|sixth|kurtosis|cosine|effective|kept_share|_cluster|planes_filled"
)


@pytest.fixture
def older(tmp_path: Path, whole: Result) -> Path:
    """A folder that version 2 published into."""
    publishing.publish(of_version_2(whole), tmp_path)
    return tmp_path


def test_a_folder_of_version_2_is_read(older, whole):
    back = reading.read(FIGURE, Settings(), older)
    record, kept = Record(back.records[TANH]), Representations(back.representations[TANH])
    assert record.version == 2 and record.has("count") and not record.has("quartimax_whitened")
    np.testing.assert_array_equal(record.p("count", 0), Record(whole.records[TANH]).p("count", 0))
    assert kept.seeds == [0]
    step = Representations(whole.representations[TANH]).scale(0)
    np.testing.assert_allclose(back.samples(TANH), whole.samples(TANH), atol=0.6 * step)


def test_a_folder_of_version_2_is_replaced_without_a_warning(older, whole):
    publishing.publish(whole, older)
    assert_same(reading.read(FIGURE, Settings(), older), whole)


def test_seeds_of_version_2_are_not_joined_to_others(older):
    new = computed(seeds=[2])
    publishing.publish(new, older)
    assert_same(reading.read(FIGURE, Settings(), older), new)


@pytest.mark.parametrize("renewed", ["networks", "representations", "figure"])
def test_a_figure_is_read_while_its_files_are_made_again_one_by_one(older, whole, tmp_path_factory, renewed):
    new = tmp_path_factory.mktemp("new")
    publishing.publish(whole, new)
    names = {"figure": "fig01", "networks": f"networks/{TANH}", "representations": f"representations/{TANH}"}
    for suffix in (".npz", ".json"):
        (older / f"{names[renewed]}{suffix}").write_bytes((new / f"{names[renewed]}{suffix}").read_bytes())
    back = reading.read(FIGURE, Settings(), older)
    versions = [back.facts["measure_version"], *(part[TANH].facts["measure_version"] for part in parts(back))]
    assert sorted(versions) == [2, 2, 3]
    np.testing.assert_array_equal(back.of_row(0, "count"), whole.of_row(0, "count"))
    np.testing.assert_allclose(back.samples(TANH), whole.samples(TANH), rtol=1e-2, atol=1e-2)


def parts(result: Result) -> tuple[dict[str, Published], dict[str, Published]]:
    return result.records, result.representations


def test_other_versions_are_not_read_together(older, whole, refused):
    about = older / "networks" / f"{TANH}.json"
    facts = json.loads(about.read_text("utf-8"))
    del facts["facts_sha256"]
    for version in (1, 4):
        about.write_text(json.dumps(facts | {"measure_version": version}), "utf-8")
        refused([f"measure_version {version} and", "publish fig01"], reading.read, FIGURE, Settings(), older)


def test_another_depth_replaces_a_figure_and_is_not_mixed_into_it(place, refused):
    deeper = computed(seeds=[1], depth=1)
    publishing.publish(deeper, place)
    back = reading.read(FIGURE, Settings(), place)
    assert_same(back, deeper)
    assert back.figure.depth == 1 and [configuration.L for configuration, _ in back.rows] == [1, 1]
    assert "L = 1 instead of 0" in back.facts["deviations"] and "1 of 5 seeds" in back.facts["deviations"]
    refused(["depth is 0", "depth 1 only"], reading.read, FIGURE, settings.read({"depth": 0}), place)
    publishing.publish(computed(seeds=[0], depth=1), place)
    joined = reading.read(FIGURE, Settings(), place)
    assert joined.facts["seeds"] == [0, 1] and [seed for _, seed in joined.rows] == [0, 1, 0, 1]


# --- several figures of a page


def test_a_page_has_what_is_published_and_says_what_is_not(place, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "data", lambda: place)
    found = workflow.collect(["fig01", "fig08", "fig09"], Settings())
    assert [result.figure.name for result in found] == ["fig01"] and found.words.startswith("Figures 8 and 9 are not")
    assert_same(found["fig01"], whole)
    assert found["fig08"] == results.Missing(figure("fig08"))
    assert found["fig08"].lacking == "Figure 8 is not published yet."
    with pytest.raises(ValueError, match="figure is 'fig10'"):
        found["fig10"]
    with pytest.raises(ValueError, match="epsilon 0.75 only"):
        workflow.collect(["fig08", "fig01"], settings.read({"epsilon": 0.9}))
    with pytest.raises(ValueError, match="truncated"):  # damaged is not missing
        (place / "fig01.json").write_text("{")
        workflow.collect(["fig01"], Settings())


def test_every_figure_of_a_page_is_computed(monkeypatch):
    asked = []

    def result(name, chosen, **options):
        asked.append((name, options))
        facts = {"rows": [{"configuration": TANH, "seed": 0}], "seeds": [0]}
        return Result(chosen.figure_for(figure(name)), Published({}, facts), {}, {})

    monkeypatch.setattr(workflow, "result", result)
    found = workflow.collect(["fig11", "fig12"], chosen(depth=3), jobs=1)
    assert asked == [("fig11", {"jobs": 1}), ("fig12", {"jobs": 1})] and found.words == ""
    assert [result.figure.depth for result in found] == [3, 3]


def test_a_figure_whose_networks_all_failed_is_said_on_its_page(own_cache, monkeypatch):
    for id in (TANH, ISOTANH):
        entry(id, 0).finish(0.1, "cpu", failed="the loss was no longer finite in epoch 1")
    with pytest.raises(results.AllFailed, match="all 2 networks of fig01 failed, the first because the loss was no"):
        planes_compute.compute(FIGURE, chosen(seeds=[0]), train=False)
    found = workflow.collect(["fig01"], chosen(seeds=[0]), train=False)
    assert not list(found)
    assert found["fig01"].lacking == found.words
    assert found.words.startswith("Figure 1 cannot be drawn: all 2 networks of fig01 failed")


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["fig08", "fig10"], ["8, n = 18", "10, n = 32"]),
        (["fig11", "fig13"], ["11, L = 1", "13, L = 3"]),
        (["fig14", "fig15"], ["14, k = 0", "15, k = 1"]),
        (["fig22", "fig26"], ["22, raw pixels, L = 1, k = 0", "26, standardised pixels, L = 3, k = 3"]),
        (["fig28", "fig29"], ["28", "29"]),
        (["fig04", "fig05"], ["4", "5"]),
    ],
)
def test_figures_of_a_page_are_told_apart_by_what_distinguishes_them(names, labels):
    found = results.Collection(tuple(figure(name) for name in names))
    assert [found.label(figure(name)) for name in names] == labels


def test_who_made_what_is_kept_when_seeds_are_joined(place, whole):
    later = computed(seeds=[2])
    publishing.publish(altered("device", "NVIDIA")(altered("commit", "abc123")(later)), place)
    facts = reading.read(FIGURE, Settings(), place).facts
    assert facts["device"] == "NVIDIA, cpu"
    assert facts["commit"] == f"abc123, {whole.facts['commit']}"


# --- deviations


def images(name: str) -> data.Images:
    nothing = np.zeros((1, 4), np.uint8)
    return data.Images("x", name, nothing, nothing, (2, 2, 1), "x")


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({}, "CIFAR-10", []),
        ({}, "CIFAR-10 (JPEG mirror)", ["CIFAR-10 (JPEG mirror) instead of CIFAR-10"]),
        ({"dtype": "float32"}, "CIFAR-10", ["float32 instead of float64"]),
        ({"epsilon": "0.9"}, "CIFAR-10", ["epsilon 0.9 instead of 0.75"]),
        ({"basis": "random"}, "CIFAR-10", ["random basis instead of the standard one"]),
        ({"variant": "permutation"}, "CIFAR-10", ["permutation-PPP instead of combination-PPP"]),
        ({"depth": 2}, "CIFAR-10", ["L = 2 instead of 0"]),
        ({"profile": "quick"}, "CIFAR-10", ["40 epochs instead of 125"]),
        ({"profile": "smoke"}, "digits", ["digits instead of CIFAR-10", "2 epochs instead of 125"]),
        ({"epsilon": 0.75, "seeds": "0,1,2,3,4", "dtype": "float64"}, "CIFAR-10", []),
    ],
)
def test_deviations_say_what_of_the_paper_was_not_followed(given, name, words):
    asking = settings.read({"profile": "paper"} | given)
    assert facts.deviations(FIGURE, asking, images(name)) == words


def test_a_figure_of_mnist_is_compared_with_mnist():
    mnist = figure("fig28")
    assert mnist.configurations[0].dataset == "mnist"
    paper = settings.read({"profile": "paper"})
    assert facts.deviations(mnist, paper, images("MNIST")) == []
    assert facts.deviations(mnist, paper, images("CIFAR-10")) == ["CIFAR-10 instead of MNIST"]


def test_fewer_seeds_are_a_deviation_of_what_was_made_from_them(whole):
    for part in (whole.drawing, *whole.records.values()):
        assert part.facts["deviations"][-1] == "2 of 5 seeds"
