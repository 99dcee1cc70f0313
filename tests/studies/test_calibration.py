"""The calibration page: verdicts follow from counts, and p values that hang together do not count as many."""

import copy
import json
import sys

import numpy as np
import pytest
from roots import ROOT
from scipy import stats

from isoaux import statistics
from isoaux.common import archive, paths
from isoaux.paper import GROUPS, Configuration
from isoaux.records.reports import NOTHING
from isoaux.statistics import STATISTICS
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies.calibration import alternatives, beside, networks, simulation
from isoaux.studies.calibration import figures as calibration_figures
from isoaux.studies.calibration import report as calibration_report
from isoaux.studies.calibration.networks import BuiltIn, Lines

sys.path[:0] = [str(ROOT / "benchmarks")]

import calibration  # noqa: E402


@pytest.fixture(scope="module")
def found():
    return calibration_report.simulated()


def test_the_published_counts_are_those_that_were_promised(found):
    assert list(found) == list(calibration.SECTIONS)
    for section, settings in calibration.SETTINGS.items():
        assert {name: found[section][name] for name in settings} == settings, section
    null = found["null"]
    assert list(null["rejected"]) == list(found["directions"]["rejected"]) == list(simulation.NOTHING)
    for prepared in null["rejected"].values():
        assert list(prepared) == list(PREPARATIONS)
        for tests in prepared.values():
            assert list(tests) == list(STATISTICS)
            assert all(0 <= strict <= mild <= null["clouds"] for mild, strict in tests.values())
    asked = [(name, strength) for name, a in alternatives.ALTERNATIVES.items() for strength in a.strengths]
    assert [(cloud["alternative"], cloud["strength"]) for cloud in found["power"]["clouds"]] == asked
    assert [cloud["cloud"] for cloud in found["field"]["clouds"]] == list(beside.CLOUDS)


def test_no_test_rejects_too_often(found):
    for law, prepare, name, level, count, draws in calibration_report.cells(found):
        assert count <= calibration_report.interval(found, level, draws)[1], (law, prepare, name, level)


def test_quartimax_finds_what_it_was_promised_to_find(found):
    """Of 2,000 x 18 numbers: 0.3 % of the samples on axes in 70 % of the clouds, 1 % half way in 80 %."""
    default, shown = found["default"], {name: alternatives.ALTERNATIVES[name].shown for name in ("axes", "between")}
    assert [default[name] for name in ("samples", "n", "level")] == [2000, 18, 0.05]
    assert shown == {"axes": 0.003, "between": 0.01}
    assert default["found"]["axes"] / default["repetitions"] >= 0.7
    assert default["found"]["between"] / default["repetitions"] >= 0.8


POWER = {
    "axes": {"count": 0.40, "c4": 0.68, "quartimax": 0.75, "sixth": 1},
    "about": {"count": 0.98, "c4": 1, "quartimax": 0.98, "sixth": 1},
    "wide": {"count": 1, "c4": 1, "quartimax": 1, "sixth": 1},
    "between": {"count": 0.02, "c4": 0.02, "quartimax": 0.88, "sixth": 0.95},
    "scales": {"count": 0.62, "c4": 0.18, "quartimax": 0.92, "sixth": 0.95},
}
"""Shares of 40 clouds found by an independent computation, for the alternatives that its description settles."""


def test_power_is_that_of_an_independent_computation(found):
    for name, expected in POWER.items():
        rates = calibration_report.rates(found, name)[alternatives.ALTERNATIVES[name].shown]
        for statistic, rate in expected.items():
            error = np.sqrt(rates[statistic] * (1 - rates[statistic]) / 40)
            assert rates[statistic] == pytest.approx(rate, abs=0.02 + 3 * error), (name, statistic)


EFFECTS = {
    ("cifar-U-tanh-n18-L0", 0): (
        {"quartimax": 9.9, "sixth": 14.6, "kurtosis": 7.3, "neuron_kurtosis": -3.5},
        {"quartimax": 0.6, "sixth": 0.7, "kurtosis": 0.5, "neuron_kurtosis": 0.8}),
    ("cifar-N-tanh-n18-L0", 0): (
        {"quartimax": 3.6, "sixth": 3.2, "kurtosis": 3.7, "neuron_kurtosis": -4.4, "count": 3.1},
        {"quartimax": -6.1, "sixth": -5.6, "kurtosis": -4.7, "neuron_kurtosis": -3.8}),
    ("cifar-N-tanh-n24-L0", 0): (
        {"quartimax": 10.7, "sixth": 11.6, "kurtosis": 8.8, "neuron_kurtosis": -6.3, "count": 29},
        {"quartimax": -7.5, "sixth": -6.8, "kurtosis": -5.6, "neuron_kurtosis": -6.0}),
    ("cifar-N-tanh-n32-L0", 0): (
        {"quartimax": 22.6, "sixth": 29.5, "kurtosis": 21.1, "neuron_kurtosis": -7.5},
        {"quartimax": -9.4, "sixth": -7.7, "kurtosis": -8.6, "neuron_kurtosis": -6.4}),
    ("cifar-N-tanh-n18-L3", 2): (
        {"quartimax": 16.2, "sixth": 26.9, "kurtosis": 13.5, "c4": 3.2, "count": 88},
        {"quartimax": -6.3, "sixth": -5.2, "kurtosis": -5.9, "neuron_kurtosis": -7.6}),
    ("cifar-N-isotanh-n32-L0", 0): (
        {"quartimax": -2.0, "sixth": -1.9}, {}),
}  # fmt: skip
"""Effects raw and whitened of an independent computation (499 other random bases, 5,000 samples)."""

P = {
    "cifar-U-tanh-n18-L0": {"count": 0.084, "c4": 0.18},
    "cifar-N-tanh-n18-L0": {"count": 0.068, "c4": 0.476},
    "cifar-N-tanh-n24-L0": {"c4": 0.104},
    "cifar-N-tanh-n32-L0": {"c4": 0.092},
    "cifar-U-isotanh-n18-L0": {"count": 0.308, "c4": 0.74, "quartimax": 0.128, "sixth": 0.156, "kurtosis": 0.256},
    "cifar-N-isotanh-n18-L0": {"count": 0.212, "c4": 0.612, "quartimax": 0.32, "sixth": 0.332, "kurtosis": 0.744},
    "cifar-N-isotanh-n24-L0": {"count": 0.632, "c4": 0.436, "quartimax": 0.896, "sixth": 0.98, "kurtosis": 0.396},
    "cifar-N-isotanh-n32-L0": {"count": 0.096, "c4": 0.248, "kurtosis": 0.096, "neuron_kurtosis": 0.756},
}
"""Its p values, raw."""


def test_networks_have_the_numbers_of_an_independent_computation(found):
    """The spread of 499 null values is known to about 6 % (one sd, by their MAD), p to its binomial error."""
    rows = {(row["network"], row["layer"], row["prepare"]): row for row in found["networks"]["tests"]}
    if {row["samples"] for row in rows.values()} != {5000}:
        pytest.skip("the published representations are others than those of the independent computation")
    for (network, layer), prepared in EFFECTS.items():
        for prepare, effects in zip(("raw", "whitened"), prepared, strict=True):
            for name, effect in effects.items():
                measured = rows[network, layer, prepare]["effect"][name]
                assert measured == pytest.approx(effect, abs=0.3 + 0.25 * abs(effect)), (network, prepare, name)
    for network, expected in P.items():
        for name, p in expected.items():
            error = np.sqrt(2 * p * (1 - p / 2) * 2 / 500)  # of the difference of two p values, twice a share each
            assert rows[network, 0, "raw"]["p"][name] == pytest.approx(p, abs=4 * error), (network, name)


def test_another_count_is_another_verdict(found):
    other = copy.deepcopy(dict(found))
    for prepared in other["null"]["rejected"].values():
        for tests in prepared.values():
            for name in tests:
                tests[name] = [50, 10]
    for law in other["directions"]["rejected"]:
        other["directions"]["rejected"][law] = [50, 10]
    assert "All are inside." in calibration_report.verdict(other).words
    other["null"]["rejected"]["heavy"]["centred"]["c4"][1] = 60
    words = calibration_report.verdict(other).words
    assert "All but 1 are inside: `c4`, centred, on heavy at 0.01 (60, too often)." in words
    assert "10 / **60** / 10" in repr(calibration_report.table(other)._repr_markdown_())
    for cloud in other["power"]["clouds"]:
        cloud["rejected"]["quartimax"] = round(0.42 * cloud["repetitions"])
    other["default"]["found"]["axes"] = 420
    assert "in 42% of 1,000 clouds" in calibration_report.power_words(other).words
    assert {row[2] for row in calibration_report.power(other).rows} == {"42"}
    assert "quartimax 42%" in calibration_figures.power(other).alt


def test_the_tables_show_what_was_counted(found):
    assert len(calibration_report.wide(found).rows) == len(alternatives.WIDE)
    for kind, columns in (("law", 2 + len(beside.LAWS)), ("alternative", 1 + len(alternatives.ALTERNATIVES))):
        field = calibration_report.field(found, kind)
        assert len(field.rows) == len(beside.OURS) + len(beside.sphere.TESTS)
        assert all(len(row) == len(field.head) == columns for row in field.rows)
    words = calibration_report.field_words(found).words
    assert "of a covariance alone, Bingham, Gine, Softmax kernel, Poisson kernel" in words
    rows = found["networks"]["tests"]
    assert len(networks.standard_table(rows).rows) == 20
    assert "5 of 5 tanh layers (5 above random bases)" in networks.standard_words(rows).words


def test_jobs_are_counted_once_each():
    every = [(section, json.loads(json.dumps(what))) for section, what in calibration.jobs(calibration.SECTIONS)]
    p = dict.fromkeys(STATISTICS, 0.04)
    made = {
        "null": {law: {prepare: p for prepare in PREPARATIONS} for law in simulation.NOTHING},
        "directions": dict.fromkeys(simulation.NOTHING, 0.005),
        "power": {"quartimax": 3},
        "default": {"quartimax": 6},
        "wide": {name: {} for name in alternatives.WIDE},
        "field": {"rayleigh": 4},
        "networks": {"samples": 5},
        "beams": {"lines": 7},
    }
    counted = calibration.counted(((section, what), made[section]) for section, what in every)
    assert counted["null"]["clouds"] == counted["directions"]["clouds"] == 1000
    assert counted["null"]["rejected"]["cone"]["whitened"]["count"] == [1000, 0]
    assert counted["directions"]["rejected"]["cone"] == [1000, 1000]
    rates = {cloud["rejected"]["quartimax"] / cloud["repetitions"] for cloud in counted["power"]["clouds"]}
    assert rates == {3 / 20} and {cloud["repetitions"] for cloud in counted["power"]["clouds"]} == {100, 1000}
    assert {cloud["rejected"]["rayleigh"] for cloud in counted["field"]["clouds"]} == {20}
    assert counted["default"]["found"] == {"axes": 300, "between": 300}
    assert len(counted["wide"]["clouds"]) == 2 * len(alternatives.WIDE)
    assert len(counted["beams"]["clouds"]) == sum(len(shares) for _, _, shares in alternatives.BEAMS.values())


# --- clouds


@pytest.mark.parametrize("name", alternatives.ALTERNATIVES)
def test_alternatives_are_of_the_strength_that_they_say(name):
    alternative = alternatives.ALTERNATIVES[name]
    assert alternative.shown in alternative.strengths
    strength = 0.2 if alternative.unit == alternatives.SHARE else alternative.shown
    cloud = alternative.draw(np.random.default_rng(0), 4000, 12, strength)
    assert cloud.shape == (4000, 12)
    u = np.abs(cloud[:800] / np.linalg.norm(cloud[:800], axis=1, keepdims=True))
    kurtosis = ((cloud / cloud.std(0)) ** 4).mean(0)
    if name == "axes":
        assert np.allclose(u.max(1), 1)
    elif name in ("about", "wide"):
        degrees = np.degrees(np.arctan(np.sqrt(np.mean(1 / u.max(1) ** 2 - 1))))
        assert degrees == pytest.approx({"about": 23, "wide": 45}[name], abs=4)
    elif name == "between":
        assert np.allclose(np.sort(u, axis=1)[:, -2:], 0.5**0.5)
    elif name == "heavy":
        assert kurtosis.mean() == pytest.approx(3 + 6 / (strength - 4), abs=0.15)
    elif name == "scales":
        assert cloud[:, -1].std() / cloud[:, 0].std() == pytest.approx(strength, rel=0.06)
    else:
        assert kurtosis.mean() == pytest.approx(3 - 2 * strength**4, abs=0.05) and cloud.std() == pytest.approx(
            1, abs=0.02
        )


# --- what symmetry decides


def of(p, unit):
    return BuiltIn("start", "count", np.asarray(p), np.full(len(p), 99), np.asarray(unit))


def test_copies_of_one_p_value_are_one():
    rng = np.random.default_rng(0)
    p = 2 * (1 + rng.integers(0, 50, 40)) / 100
    few, many = of([0.02] * 3, [0, 1, 2]), of([0.02] * 60, [0, 1, 2] * 20)
    assert few.units == many.units == 3 and few.uniformity == many.uniformity and few.levels == many.levels
    assert of(p, range(40)).uniformity > 0.01
    assert of([0.02] * 40, range(40)).uniformity < 0.001


def test_thirty_units_say_little_about_the_level():
    """None of 30 leaves levels up to 1 - 0.025^(1/30); the ends are those at which the count has a tail of 2.5 %."""
    assert of([0.5] * 30, range(30)).levels == (0, pytest.approx(1 - 0.025 ** (1 / 30)))
    low, high = of([0.02] * 3 + [0.5] * 27, range(30)).levels
    assert stats.binom.sf(2, 30, low) == pytest.approx(0.025) and stats.binom.cdf(3, 30, high) == pytest.approx(0.025)


def test_all_that_is_published_is_counted():
    built = networks.built_in(paths.data())
    records = [path.with_suffix("") for path in sorted((paths.data() / "networks").glob("*.npz"))]
    shapes = {path.name: archive.read(path)["count"].shape for path in records}
    places = {name: seeds * layers for name, (seeds, _, layers) in shapes.items()}
    isotropic = sum(n for name, n in places.items() if GROUPS[Configuration.parse(name).activation] == "O(n)")
    sizes = {(one.networks, one.statistic): len(one.p) for one in built}
    for statistic in ("count", "c4", "s2"):
        assert sizes["start", statistic] == sum(places.values())
        assert sizes["isotropic", statistic] == isotropic
    seeds = {(one.networks, one.statistic): one.units for one in built}
    shared = {
        (Configuration.parse(path.name).dataset, seed, layer)
        for path in records
        for seed in archive.read(path).facts["seeds"]
        for layer in range(shapes[path.name][2])
    }
    assert seeds["start", "c4"] == len(shared), "widths of one seed share their weights"


# --- directions


def lines_of(name, layer, value):
    return Lines(Configuration.parse(name), layer, statistics.test_from_null(value, [9.0, 10.0, 11.0], "whitened"))


def test_lines_are_told_before_and_behind_an_activation_and_beside_the_partner():
    tests = [
        lines_of("cifar-N-tanh-n18-L1", 0, 5.0),
        lines_of("cifar-N-tanh-n18-L1", 1, 1.0),
        lines_of("cifar-N-isotanh-n18-L1", 0, 10.0),
        lines_of("cifar-N-isotanh-n18-L1", 1, 8.0),
        lines_of("cifar-N-tanh-n24-L0", 0, 3.0),
        Lines(Configuration.parse("cifar-N-tanh-n12-L0"), 0, None),
    ]
    rows = {row[:3]: row[3:] for row in networks.discrete(tests).rows}
    assert rows["tanh", "CIFAR-10, standardised", networks.BEFORE] == (
        "2, and 1 without directions",
        "0.4 (0.3 to 0.5)",
        "0.5",
    )
    assert rows["tanh", "CIFAR-10, standardised", networks.BEHIND] == ("1", "0.1", "0.12")
    assert rows["isotropic tanh", "CIFAR-10, standardised", networks.BEHIND] == ("1", "0.8", "–")
    words = networks.discrete_words(tests).words
    assert "0.5 times as many lines before any activation" in words and "0.12 times as many lines behind one" in words


def test_a_folder_without_representations_is_said_in_the_tables(tmp_path):
    built, tests = networks.built_in(tmp_path), networks.lines(tmp_path, 49)
    said = [networks.discrete(tests), networks.discrete_words(tests), networks.uniform(built)]
    said += [networks.uniform_words(built), calibration_figures.uniform(built)]
    assert built == tests == [] and {str(words) for words in said} == {NOTHING}
