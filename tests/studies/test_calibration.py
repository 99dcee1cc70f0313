"""The calibration page: verdicts follow from counts, and p values that hang together do not count as many."""

import copy
import sys

import numpy as np
import pytest
from roots import ROOT

from isoaux.common import archive, paths
from isoaux.paper import GROUPS, Configuration
from isoaux.records.reports import NOTHING
from isoaux.studies.calibration import figures as calibration_figures
from isoaux.studies.calibration import report as calibration_report
from isoaux.studies.calibration import simulation
from isoaux.studies.calibration.report import BuiltIn

sys.path[:0] = [str(ROOT / "benchmarks")]

import calibration  # noqa: E402


@pytest.fixture(scope="module")
def found():
    return calibration_report.simulated()


def test_the_published_counts_are_those_that_were_promised(found):
    null, power = found["null"], found["power"]
    assert {name: null[name] for name in calibration.NULL} == calibration.NULL
    assert {name: power[name] for name in calibration.POWER} == calibration.POWER
    assert set(null["rejected"]) == set(simulation.NOTHING)
    for tests in null["rejected"].values():
        assert list(tests) == list(simulation.TESTED)
        assert all(0 <= strict <= mild <= null["clouds"] for mild, strict in tests.values())
    assert [one["share"] for one in power["shares"]] == list(calibration.SHARES)
    rates = {one["share"]: one["rejected"] / power["repetitions"] for one in power["shares"]}
    assert rates[0.005] >= 0.95


def test_no_test_rejects_too_often(found):
    for tests in found["null"]["rejected"].values():
        for counts in tests.values():
            for level, count in zip(found["null"]["levels"], counts, strict=True):
                assert count <= calibration_report.interval(found, level)[1]


def test_another_count_is_another_verdict(found):
    other = copy.deepcopy(dict(found))
    for tests in other["null"]["rejected"].values():
        for name in tests:
            tests[name] = [50, 10]
    assert "All are inside." in calibration_report.verdict(other).words
    other["null"]["rejected"]["heavy"]["c4"][1] = 40
    assert "All but 1 are inside: `c4` on heavy at 0.01 (40, too often)." in calibration_report.verdict(other).words
    assert "**40**" in repr(calibration_report.table(other))
    other["power"]["shares"][5]["rejected"] = 100
    assert "is found in 50% of 200 clouds" in calibration_report.power(other).words
    assert "50%" in calibration_figures.power(other).alt


def test_jobs_are_counted_once_each():
    every = list(calibration.jobs())
    result = {law: dict.fromkeys(simulation.TESTED, 0.04) for law in simulation.NOTHING}
    made = {"null": result, "power": 3, "beams": {"lines": 7}}
    counted = calibration.counted(((kind, what), made[kind]) for kind, what in every)
    assert counted["null"]["clouds"] == 1000
    assert counted["null"]["rejected"]["cone"]["count"] == [1000, 0]
    assert {one["rejected"] for one in counted["power"]["shares"]} == {30}
    assert len(counted["beams"]["clouds"]) == sum(len(shares) for _, _, shares in simulation.BEAMS.values())


# --- what symmetry decides


def of(p, unit):
    return BuiltIn("start", "count", np.asarray(p), np.full(len(p), 99), np.asarray(unit))


def test_copies_of_one_p_value_are_one():
    rng = np.random.default_rng(0)
    p = 2 * (1 + rng.integers(0, 50, 40)) / 100
    few, many = of([0.02] * 3, [0, 1, 2]), of([0.02] * 60, [0, 1, 2] * 20)
    assert few.units == many.units == 3 and few.uniformity == many.uniformity
    assert of(p, range(40)).uniformity > 0.01
    assert of([0.02] * 40, range(40)).uniformity < 0.001


def test_all_that_is_published_is_counted():
    built = calibration_report.built_in(paths.data())
    records = [path.with_suffix("") for path in sorted((paths.data() / "networks").glob("*.npz"))]
    shapes = {path.name: archive.read(path)["count"].shape for path in records}
    places = {name: seeds * layers for name, (seeds, _, layers) in shapes.items()}
    isotropic = sum(n for name, n in places.items() if GROUPS[Configuration.parse(name).activation] == "O(n)")
    sizes = {(one.networks, one.statistic): len(one.p) for one in built}
    for statistic in ("count", "c4", "s2"):
        assert sizes["start", statistic] == sum(places.values())
        assert sizes["isotropic", statistic] == isotropic


def test_a_folder_without_representations_is_said_in_the_tables(tmp_path):
    built = calibration_report.built_in(tmp_path)
    said = [calibration_report.discrete(tmp_path, 49), calibration_report.uniform(built)]
    said += [calibration_report.uniform_words(built), calibration_figures.uniform(built)]
    assert built == [] and {str(words) for words in said} == {NOTHING}
