"""One's own training beside what is published: tolerances, verdicts, and the command from end to end."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from roots import ROOT

from isoaux.__main__ import main
from isoaux.commands import verification
from isoaux.commands.verification import Series
from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.paper import figure, figures
from isoaux.records import reading
from isoaux.records.results import Result
from isoaux.training import store
from isoaux.training import train as training

SCHEMA = json.loads(files("isoaux.commands").joinpath("verification.schema.json").read_text("utf-8"))


# --- tolerances


def test_a_prediction_interval_holds_a_further_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    for known, new, level in ((5, 5, 0.05), (5, 1, 0.2), (3, 2, 0.05)):
        inside = 0
        for _ in range(4000):
            low, high = verification.prediction(rng.normal(3, 2, known), new, level)
            inside += low <= rng.normal(3, 2, new).mean() <= high
        assert abs(inside / 4000 - (1 - level)) < 4 * np.sqrt(level * (1 - level) / 4000)


def test_one_value_has_no_spread(refused):
    refused(["values has 1", "at least two"], verification.prediction, [1.0], 5, 0.05)


def test_means_of_counts_and_errors_are_geometric():
    values = {0: 9.0, 1: 99.0}
    assert Series("c", "s", "p", "plain", values).mean == pytest.approx(54)
    assert Series("c", "s", "p", "count", values).mean == pytest.approx(np.sqrt(10 * 100) - 1)
    assert Series("c", "s", "p", "error", values).mean == pytest.approx(np.sqrt(9 * 99))
    assert Series("c", "s", "p", "count", {}).mean is None


# --- two sides, made by hand

CPU = {"device": "cpu", "processor": "a processor", "versions": {"torch": "2", "numpy": "2"}}
FIGURE = figure("fig31")
FIRST = FIGURE.configurations[0].id


def curves(errors: list[list[float]], **facts: object) -> Result:
    """Curves of one configuration: the first and the last test error of each seed."""
    seeds = list(facts.pop("seeds", range(len(errors))))
    about = {"profile": "paper", "checksum": "c", "epochs": 125, "dtype": "float64"} | CPU | facts
    about |= {"seeds": seeds, "failed": [], "rows": [{"configuration": FIRST, "seed": seed} for seed in seeds]}
    arrays = {f"test_error_{unit}": np.array(errors) for unit in ("sigma", "pixels")}
    return Result(FIGURE, Published(arrays, about), {}, {})


PUBLISHED = [[1.0, 0.50], [1.1, 0.52], [0.9, 0.48], [1.0, 0.51], [1.0, 0.49]]


def test_the_same_seeds_on_the_same_machine_have_to_be_the_same():
    found = verification.compare(curves(PUBLISHED), curves(PUBLISHED))
    assert (found.verdict, found.status) == ("agrees", 0)
    assert {line.seeds for line in found.lines} == {"same"}
    off = [[a, b * (1 + 1e-5 * (s == 2))] for s, (a, b) in enumerate(PUBLISHED)]
    found = verification.compare(curves(PUBLISHED), curves(off))
    assert found.status == 1, "one seed is off by more than 1e-6, however little that is beside the spread"
    assert [line.agrees for line in found.lines] == [True, False] * 2
    for elsewhere in (
        {"processor": "another"},
        {"processor": "unknown"},
        {"device": "a GPU"},
        {"versions": {"torch": "3", "numpy": "2"}},
        {"processor": "a processor; another"},
        {"versions": {"torch": "2; 3", "numpy": "2"}},
    ):
        for sides in ((curves(PUBLISHED, **elsewhere), curves(off)), (curves(PUBLISHED), curves(off, **elsewhere))):
            found = verification.compare(*sides)
            assert found.status == 0 and {line.seeds for line in found.lines} == {"other"}


@pytest.mark.parametrize(
    "both", [{"processor": "a; b"}, {"device": "cpu, a GPU"}, {"versions": {"torch": "2; 3", "numpy": "2"}}], ids=str
)
def test_what_several_machines_made_is_nowhere_the_same_to_the_bit(both: dict[str, object]):
    """Also where both sides name the same ones: nobody knows which epochs are whose."""
    found = verification.compare(curves(PUBLISHED, **both), curves(PUBLISHED, **both))
    assert {line.seeds for line in found.lines} == {"other"}


def test_other_seeds_have_to_lie_within_the_spread_of_the_published_ones():
    near = [[1.0, 0.53], [1.05, 0.5]]
    found = verification.compare(curves(PUBLISHED), curves(near, seeds=[7, 8]))
    assert found.status == 0
    logs = np.log([e[1] for e in PUBLISHED])
    low, high = np.exp(verification.prediction(logs, 2, 0.05 / 4))
    line = found.lines[1]
    assert (line.low, line.high) == (pytest.approx(low), pytest.approx(high))
    for factor, status in ((0.999 * high / 0.5, 0), (1.001 * high / 0.5, 1), (1.001 * low / 0.5, 0)):
        yours = curves([[1.0, 0.5 * factor]] * 2, seeds=[7, 8])
        assert verification.compare(curves(PUBLISHED), yours).status == status


def test_seeds_that_are_published_and_others_are_judged_apart():
    found = verification.compare(curves(PUBLISHED[:3]), curves([*PUBLISHED[1:3], [1.0, 0.5]], seeds=[1, 2, 9]))
    assert [(line.seeds, sorted(line.yours.values)) for line in found.lines[:2]] == [("same", [1, 2]), ("other", [9])]
    assert found.lines[0].published.values == {1: 1.1, 2: 0.9} and len(found.lines[1].published.values) == 3


def test_what_has_no_spread_is_not_judged():
    found = verification.compare(curves(PUBLISHED[:1]), curves(PUBLISHED[1:], seeds=[1, 2, 3, 4]))
    assert found.status == 3 and "one published seed" in found.words()


def test_a_statistic_that_one_side_lacks_disagrees():
    lost = [[1.0, np.inf]] * 5
    assert verification.compare(curves(PUBLISHED), curves(lost)).status == 1
    assert verification.compare(curves(lost), curves(PUBLISHED)).status == 1
    assert verification.compare(curves(lost), curves(lost)).status == 0


@pytest.mark.parametrize("name", ["profile", "checksum", "epochs", "dtype"])
def test_nothing_is_judged_across_settings(name):
    found = verification.compare(curves(PUBLISHED), curves(PUBLISHED, **{name: "other"}))
    assert found.status == 3 and [d[0] for d in found.differences] == [name]
    assert all(line.agrees is None and line.low is None for line in found.lines)
    assert all(line.published.values and line.yours.values for line in found.lines), "both sides are there"


def test_every_kind_with_trained_networks_can_be_verified():
    """From the committed book: each of its figures agrees with itself, and has a value of every network."""
    from isoaux.settings import Settings
    from isoaux.studies import registry

    for name in ("fig01", "fig36", "figX5", "figX6", "figX7"):
        wanted = figure(name)
        result = registry.of(wanted).read(wanted, Settings())
        found = verification.compare(result, result)
        assert found.status == 0 and len(found.lines) >= 4, name
        assert {line.published.configuration for line in found.lines} == {c.id for c, _ in result.rows}, name
    assert all(registry.of(shown).compared for shown in figures().values() if shown.configurations and shown.has_file)


def test_numbers_of_the_paper_are_those_of_a_statistic():
    from isoaux.settings import Settings
    from isoaux.studies import registry

    stated = 0
    for wanted in figures().values():
        if "stated" not in wanted.entry:
            continue
        result = registry.of(wanted).read(wanted, Settings())
        lines = [line for line in verification.compare(result, result).lines if line.paper is not None]
        wanted_lines = sum(len(entry["activations"]) * len(entry["at"]) for entry in wanted.entry["stated"])
        assert len(lines) == wanted_lines, "an entry names no statistic"
        stated += len(lines)
    assert stated == 4


# --- the command


@pytest.fixture
def told(checkout: Path, own_cache: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict]]:
    """Figure 1 published in tiny; calls ``verify --json`` and gives its status and what it printed."""
    assert main(["publish", "fig01", "--profile", "smoke"]) == 2, "nothing is trained yet"
    assert main(["train", "fig01", "--profile", "smoke", "--device", "cpu", "--jobs", "1"]) == 0
    assert main(["publish", "fig01", "--profile", "smoke", "--jobs", "1"]) == 0
    capsys.readouterr()

    def call(*options: str) -> tuple[int, dict]:
        status = main(["verify", "fig01", "--profile", "smoke", "--device", "cpu", "--jobs", "1", "--json", *options])
        found = json.loads(capsys.readouterr().out)
        jsonschema.validate(found, SCHEMA, jsonschema.Draft202012Validator)
        assert found["status"] == status
        return status, found

    return call


def change(path: Path, name: str, by: float, facts: dict | None = None) -> None:
    """Publish another number."""
    old = archive.read(path)
    arrays = old.arrays | {name: old[name] * by}
    archive.write(path, arrays, old.facts | (facts or {}))


def test_a_retrained_figure_agrees_and_an_altered_number_does_not(told, monkeypatch):
    status, found = told("--retrain")
    assert status == 0 and found["verdict"] == "agrees" and found["differences"] == []
    assert {line["seeds"] for line in found["statistics"]} == {"same"}, "trained on the machine that published"
    assert all(line["agrees"] for line in found["statistics"]) and len(found["statistics"]) == 18
    assert {line["paper"] for line in found["statistics"]} == {None, 2000, 200000}

    place = reading.record_path(paths.data(), "cifar-U-tanh-n18-L0")
    change(place, "test_error", 1.001)
    status, found = told()
    assert status == 1
    wrong = [line for line in found["statistics"] if not line["agrees"]]
    assert [(line["configuration"], line["statistic"]) for line in wrong] == [("cifar-U-tanh-n18-L0", "test error")]

    for name, options in (("dtype", ["--dtype", "float32"]), ("seeds", ["--seeds", "5,6"])):
        status, found = told(*options)
        if name == "dtype":
            assert status == 3 and [d["name"] for d in found["differences"]] == ["dtype"]
            assert {line["agrees"] for line in found["statistics"]} == {None}
        else:
            assert status == 0, "two seeds spread widely, and others are held to that"
            assert {line["seeds"] for line in found["statistics"]} == {"other"}


def test_on_another_machine_the_spread_is_the_tolerance(told, monkeypatch):
    monkeypatch.setattr(store, "processor", lambda: "another processor")
    status, found = told("--retrain")
    assert status == 0 and {line["seeds"] for line in found["statistics"]} == {"other"}


def test_what_is_trained_is_not_trained_again(told, monkeypatch):
    monkeypatch.setattr(training, "train_group", None)
    assert told()[0] == 0


def test_errors_are_one_line_and_have_status_2(told, capsys, monkeypatch):
    for arguments, words in (
        (["fig99"], "figure is 'fig99'"),
        (["fig04"], "nothing is trained; accepted: fig01"),
        (["fig37"], "nothing is trained"),
        (["fig08", "--profile", "smoke"], "is not published"),
        (["fig01", "--profile", "published"], "accepted: smoke, quick or paper"),
        (["fig01", "--profile", "smoke", "--seeds", "3,4", "--budget", "0s"], "the budget was spent"),
    ):
        assert main(["verify", *arguments]) == 2
        said = capsys.readouterr()
        assert not said.out and said.err.splitlines()[-1].startswith("isoaux: ") and words in said.err, said


def test_the_committed_book_is_not_judged_by_a_tiny_run(own_cache, capsys):
    assert main(["verify", "fig01", "--profile", "smoke", "--device", "cpu", "--jobs", "1"]) == 3
    said = capsys.readouterr().out
    assert "fig01: not comparable" in said and "profile: published paper, yours smoke" in said
    first = next(line for line in said.splitlines() if line.startswith("tanh"))
    assert "about 2,000" in first


def test_the_statuses_are_documented(capsys):
    with pytest.raises(SystemExit):
        main(["verify", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for verdict, status in verification.STATUS.items():
        assert f"{status} " in said and verdict.removesuffix("s")[:8] in said
    page = (ROOT / "book" / "rerun.md").read_text("utf-8")
    assert "verify fig01" in page and "not comparable" in page
