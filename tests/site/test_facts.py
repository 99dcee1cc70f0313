"""What pages say of published data, against sentences written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from isoaux.common import versions
from isoaux.paper import figure, figures
from isoaux.site import facts
from isoaux.studies import registry

FACTS: dict[str, Any] = {
    "profile": "paper",
    "epochs": 125,
    "seeds": [0, 1, 2, 3, 4],
    "dataset": "CIFAR-10 (JPEG mirror)",
    "source": "cifar10",
    "checksum": "c",
    "dtype": "float64",
    "device": "cpu",
    "processor": "some",
    "versions": {"torch": "2.15.0", "numpy": "2.4.6"},
    "commit": "0123456789abcdef",
    "seconds": 5025.0,
    "deviations": [],
    "failed": [],
    "engine_version": 1,
    "measure_version": 2,
}


def test_a_line_says_how_data_were_made() -> None:
    assert facts.made(FACTS) == (
        "Made with profile paper, 125 epochs, seeds 0–4, CIFAR-10 (JPEG mirror) · float64 · cpu · "
        "torch 2.15.0, numpy 2.4.6 · measured by version 2 · commit 0123456789 · computed in 1 h 24 min."
    )
    changed = {"epochs": None, "seeds": [0, 3], "deviations": ["A", "B"], "failed": ["C seed 1: D"], "commit": "none"}
    assert facts.made(FACTS | changed) == (
        "Made with profile paper, seeds 0, 3, CIFAR-10 (JPEG mirror) · float64 · cpu · torch 2.15.0, numpy 2.4.6 · "
        "measured by version 2 · commit none · computed in 1 h 24 min. Differs from the paper: A; B. "
        "Networks that failed: C seed 1: D."
    )


def test_a_version_that_moved_is_named() -> None:
    assert facts.moved(FACTS, {"engine_version": 1, "measure_version": 2}) == []
    assert facts.moved(FACTS, {"engine_version": 2, "measure_version": 2}) == ["engine_version 1, now 2"]
    today = {"engine_version": versions.ENGINE_VERSION, "measure_version": versions.MEASURE_VERSION}
    assert facts.moved(today) == [] and len(facts.moved({name: value - 2 for name, value in today.items()})) == 2


def test_densities_of_measure_versions_2_and_3_are_alike() -> None:
    assert facts.moved(FACTS, {"engine_version": 1, "measure_version": 3}) == []
    assert facts.moved(FACTS, {"engine_version": 1, "measure_version": 4}) == ["measure_version 2, now 4"]


def test_a_figure_and_its_records_may_be_measured_by_different_versions(tmp_path: Path) -> None:
    shown = figure("fig01")
    (tmp_path / "networks").mkdir()
    (tmp_path / "fig01.json").write_text(json.dumps(FACTS))
    for version, configuration in zip((2, 3), shown.configurations, strict=True):
        facts_of_record = json.dumps(FACTS | {"measure_version": version})
        (tmp_path / "networks" / f"{configuration.id}.json").write_text(facts_of_record)
    about = facts.of_figure(shown, tmp_path)
    assert about is not None and facts.measured(about) == "measured by version 2, its records by 2 and 3"
    assert facts.measured(FACTS) == "measured by version 2"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(12.4, "12 s"), (59.4, "59 s"), (90, "2 min"), (59 * 60, "59 min"), (3600, "1 h 0 min"), (5025, "1 h 24 min")],
)
def test_a_duration_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert facts.duration(seconds) == words


def test_a_figure_with_a_file_has_the_facts_of_that(tmp_path: Path) -> None:
    shown = figure("fig01")
    assert facts.of_figure(shown, tmp_path) is None
    (tmp_path / "fig01.json").write_text(json.dumps(FACTS))
    assert facts.of_figure(shown, tmp_path) == FACTS


def test_a_figure_without_a_file_has_what_its_records_say_together(tmp_path: Path) -> None:
    """Three of four records: one of other arithmetic, device, commit and engine, with a deviation of its own."""
    shown = figure("fig33")
    ids = [configuration.id for configuration in shown.configurations]
    assert not shown.has_file and len(ids) == 4 and facts.of_figure(shown, tmp_path) is None
    common = ["A instead of B"]
    few = FACTS | {"seeds": [0, 2], "deviations": [*common, "2 of 5 seeds"], "seconds": 10.0}
    other = FACTS | {"dtype": "float32", "device": "cuda", "commit": "fedcba", "engine_version": 0, "seconds": 3590.0}
    other |= {"deviations": [*common, "C"], "failed": ["x seed 9: why"]}
    (tmp_path / "networks").mkdir()
    for id, record in zip(ids, [few, few, other], strict=False):
        (tmp_path / "networks" / f"{id}.json").write_text(json.dumps(record | {"configuration": id}))
    together = facts.of_figure(shown, tmp_path)
    assert together is not None
    assert facts.made(together) == (
        "Made with profile paper, 125 epochs, seeds 0–4, CIFAR-10 (JPEG mirror) · float64, float32 · cpu, cuda · "
        "torch 2.15.0, numpy 2.4.6 · measured by version 2 · commit 0123456789, fedcba · computed in 1 h 0 min. "
        "Differs from the paper: A instead of B; C (1 of 3 records); 3 of 4 configurations; "
        "fewer than 5 seeds in 2 of 3 records. Networks that failed: x seed 9: why."
    )
    assert (together["engine_version"], together["measure_version"]) == (0, 2)
    assert [place.is_file() for place in facts.places(shown, tmp_path)] == [True, True, True, False]


def test_every_figure_is_described_in_a_line() -> None:
    lines = {name: registry.of(each).words(each) for name, each in figures().items()}
    assert all(words and "none" not in words.lower() and "n/a" not in words for words in lines.values())
    assert lines["fig03"].startswith("Leaky-ReLU against isotropic Leaky-ReLU; n = 18, L = 2")
