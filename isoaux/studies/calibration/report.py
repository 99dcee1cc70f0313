"""What the simulated clouds say: how often tests reject where nothing is special, and how often where something is."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from isoaux.common import paths
from isoaux.common.tables import Table, Text, listed
from isoaux.records.reports import opening
from isoaux.statistics import CONCENTRATIONS, STATISTICS
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies.calibration import alternatives, beside, simulation, sphere

Simulated = Mapping[str, Any]
"""What ``benchmarks/calibration.py`` counted, by section: settings, and rejections by law or alternative and test."""

WITHOUT_BASIS = "directions (no basis)"
"""What the test of directions is called."""


def simulated() -> Simulated:
    """How often the tests rejected in simulated clouds, from ``book/data/calibration.json``.

    Raises FileNotFoundError that names the command that makes the file.
    """
    path = paths.data() / "calibration.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; `python benchmarks/calibration.py` computes it.")
    return dict(json.loads(path.read_text("utf-8")))


# --- level


def cells(results: Simulated) -> list[tuple[str, str, str, float, int, int]]:
    """Law, preparation, test, level, clouds rejected and draws, of every cell of the tables of levels."""
    null, directions = results["null"], results["directions"]
    found = [
        (law, prepare, name, level, count, null["draws"])
        for law, prepared in null["rejected"].items()
        for prepare, tests in prepared.items()
        for name, counts in tests.items()
        for level, count in zip(null["levels"], counts, strict=True)
    ]
    found += [
        (law, "whitened", WITHOUT_BASIS, level, count, directions["draws"])
        for law, counts in directions["rejected"].items()
        for level, count in zip(directions["levels"], counts, strict=True)
    ]
    return found


def interval(results: Simulated, level: float, draws: int | None = None) -> tuple[int, int]:
    """The least and the largest number of clouds that a test may reject at a level.

    Simultaneous 99% intervals of all cells of the tables (:func:`isoaux.studies.calibration.simulation.acceptable`).
    """
    null = results["null"]
    return simulation.acceptable(level, draws or null["draws"], null["clouds"], len(cells(results)))


def table(results: Simulated) -> Table:
    """Rejected clouds, raw / centred / whitened: a row per test and level, a column per law.

    What is outside its interval is bold.
    """
    counts = {
        (law, prepare, name, level): _marked(results, count, level, draws)
        for law, prepare, name, level, count, draws in cells(results)
    }
    rows = []
    for name in (*STATISTICS, WITHOUT_BASIS):
        prepared = ("whitened",) if name == WITHOUT_BASIS else tuple(PREPARATIONS)
        title = name if name == WITHOUT_BASIS else f"`{name}`"
        for level in results["null"]["levels"]:
            of_laws = (
                " / ".join(counts[law, prepare, name, level] for prepare in prepared) for law in simulation.NOTHING
            )
            rows.append((title, f"{level:g}", *of_laws))
    return Table(("test", "level", *(words for words, _ in simulation.NOTHING.values())), tuple(rows))


def _marked(results: Simulated, count: int, level: float, draws: int) -> str:
    low, high = interval(results, level, draws)
    return f"{count}" if low <= count <= high else f"**{count}**"


def in_short(results: Simulated) -> Text:
    """Whether tests keep their levels where nothing is special, and what quartimax finds, in two sentences."""
    null, of, default = results["null"], cells(results), results["default"]
    inside = sum(
        low <= count <= high for *_, level, count, draws in of for low, high in [interval(results, level, draws)]
    )
    shown = 100 * alternatives.ALTERNATIVES["axes"].shown
    found = 100 * default["found"]["axes"] / default["repetitions"]
    return opening(
        f"Where nothing is special, the tests reject as rarely as they promise in {inside} of {len(of)} "
        f"combinations of "
        f"law, test, preparation and level ({null['clouds']:,} simulated clouds each).",
        f"Where something is, `quartimax` finds {shown:g}% of {default['samples']:,} samples on axes in "
        f"{found:.0f}% of "
        f"{default['repetitions']:,} clouds.",
    )


def verdict(results: Simulated) -> Text:
    """How many cells of the tables of levels are inside their intervals, and which are not."""
    null, of = results["null"], cells(results)
    outside = []
    for law, prepare, name, level, count, draws in of:
        low, high = interval(results, level, draws)
        if not low <= count <= high:
            side = "too rarely" if count < low else "too often"
            test = name if name == WITHOUT_BASIS else f"`{name}`, {prepare},"
            outside.append(f"{test} on {law} at {level:g} ({count}, {side})")
    bounds = {level: interval(results, level) for level in null["levels"]}
    ranges = listed([f"{low} to {high} at level {level:g}" for level, (low, high) in bounds.items()])
    sentence = (
        f"Of {null['clouds']:,} clouds of each of {len(null['rejected'])} laws ({size(null)}, {null['draws']} random "
        f"bases), raw, centred and whitened, a test that keeps its promise rejects {ranges}: simultaneous 99% "
        f"intervals over the {len(of)} cells. "
    )
    if outside:
        return Text(f"{sentence}All but {len(outside)} are inside: {listed(outside)}.")
    return Text(f"{sentence}All are inside.")


def size(about: Mapping[str, Any]) -> str:
    """The size of the clouds of a section, in words."""
    return f"{about['samples']:,} points in $\\mathbb{{R}}^{{{about['n']}}}$"


# --- power


def rates(results: Simulated, alternative: str) -> dict[float, dict[str, float]]:
    """The share of clouds in which an alternative is found, by strength and statistic."""
    return {
        cloud["strength"]: {name: count / cloud["repetitions"] for name, count in cloud["rejected"].items()}
        for cloud in results["power"]["clouds"]
        if cloud["alternative"] == alternative
    }


def power(results: Simulated) -> Table:
    """In how many percent of the clouds every statistic finds what is special, a row per alternative."""
    rows = []
    for key, alternative in alternatives.ALTERNATIVES.items():
        found = rates(results, key)[alternative.shown]
        cells = (f"{100 * found[name]:.0f}" for name in alternatives.COMPARED)
        rows.append((alternative.words, alternative.shown_words, *cells))
    return Table(("what is special", "strength", *(f"`{name}`" for name in alternatives.COMPARED)), tuple(rows))


def power_words(results: Simulated) -> Text:
    """How the power was measured, and what quartimax finds where the count does not."""
    power, default = results["power"], results["default"]
    shown = {name: alternatives.ALTERNATIVES[name].shown for name in default["found"]}
    found = {name: 100 * count / default["repetitions"] for name, count in default["found"].items()}
    counted = {name: 100 * rates(results, name)[strength]["count"] for name, strength in shown.items()}
    moved = round(shown["axes"] * default["samples"])
    return Text(
        f"With {size(default)}, raw and at level {default['level']:g}, `quartimax` finds {100 * shown['axes']:g}% of "
        f"the samples on axes ({moved} of them) in {found['axes']:.0f}% of {default['repetitions']:,} clouds and "
        f"{100 * shown['between']:g}% half way between two axes in {found['between']:.0f}% ({default['draws']} random "
        f"bases, the default). With {power['draws']} random bases, as in what follows, the count finds these in "
        f"{counted['axes']:.0f}% and {counted['between']:.0f}%."
    )


def wide(results: Simulated) -> Table:
    """Effects of the statistics in a wide layer (raw): a row per alternative, a number per cloud.

    Sizes are in the head of the first column.
    """
    about, rows = results["wide"], []
    for name, (words, _, _) in alternatives.WIDE.items():
        effects = [cloud["effects"] for cloud in about["clouds"] if cloud["alternative"] == name]
        of = (" / ".join(_signed(each[statistic]) for each in effects) for statistic in alternatives.COMPARED)
        rows.append((words, *of))
    head = f"{size(about)}, raw, {about['draws']} random bases, epsilon {about['epsilon']:g}"
    return Table((head, *(f"`{name}`, effect" for name in alternatives.COMPARED)), tuple(rows))


def _signed(effect: float) -> str:
    return f"{effect:+.1f}" if abs(effect) < 100 else f"{effect:+,.0f}"


def beams(results: Simulated) -> Table:
    """In how many percent of the clouds every statistic of directions finds beams: a row per kind and share of them."""
    clouds, repetitions = results["beams"]["clouds"], results["beams"]["repetitions"]
    names = list(CONCENTRATIONS)
    rows = [
        (
            alternatives.BEAMS[cloud["kind"]][0],
            f"{100 * cloud['share']:g}%",
            *(f"{100 * cloud['rejected'][name] / repetitions:.0f}" for name in names),
        )
        for cloud in clouds
    ]
    means = [np.mean([cloud["rejected"][name] for cloud in clouds]) / repetitions for name in names]
    rows.append(("mean", "", *(f"{100 * mean:.0f}" for mean in means)))
    return Table(("samples turned", "share", *(f"`{name}`" for name in names)), tuple(rows))


# --- beside the field


def field(results: Simulated, kind: str) -> Table:
    """Our tests beside the field's: in how many percent of the clouds each rejects, a row per test, first ours.

    A column per cloud of a ``kind``: ``law``, in which no basis is special, or ``alternative``, in which the axes are.
    Statistics whose power was measured with more clouds (:func:`power`) have the share of those.
    """
    section = results["field"]
    clouds = [cloud for cloud in section["clouds"] if cloud["cloud"].startswith(f"{kind}:")]
    titles = beside.OURS | {name: (test.title, test.words) for name, test in sphere.TESTS.items()}
    rows = []
    for name, (title, words) in titles.items():
        shares = [cloud["rejected"][name] / section["repetitions"] for cloud in clouds]
        if kind == "alternative" and name in alternatives.COMPARED:
            keys = (cloud["cloud"].split(":")[1] for cloud in clouds)
            shares = [rates(results, key)[alternatives.ALTERNATIVES[key].shown][name] for key in keys]
        rows.append((title, *((words,) if kind == "law" else ()), *(f"{100 * share:.0f}" for share in shares)))
    about = ("test", "sensitive to") if kind == "law" else ("test",)
    return Table((*about, *(beside.words(cloud["cloud"]) for cloud in clouds)), tuple(rows))


def field_words(results: Simulated) -> Text:
    """How often the tests of uniformity reject a mean or a covariance alone, and how often the tests of a basis do."""
    section = results["field"]
    found = {cloud["cloud"]: cloud["rejected"] for cloud in section["clouds"]}
    of, level, parts = section["repetitions"], section["level"], []
    least, most = simulation.acceptable(level, section["draws"], of, len(beside.OURS) * len(beside.LAWS))
    for law, words in (("cone", "a mean"), ("ellipsoid", "a covariance")):
        rejected = found[f"law:{law}"]
        theirs = [name for name in sphere.TESTS if rejected[name] > most]
        titles = listed([sphere.TESTS[name].title for name in theirs])
        own = _ends([rejected[name] for name in beside.OURS], of)
        parts.append(f"of {words} alone, {titles} reject {_ends([rejected[name] for name in theirs], of)}, ours {own}")
    return Text(
        f"In percent of {of} clouds each ({size(section)}, level {level:g}; ours raw, with {section['draws']} random "
        f"bases or Gaussian clouds, the field's with {section['uniform']} clouds of uniform directions). Where nothing "
        f"is special, {'; '.join(parts)}. Of so few clouds, a test that keeps its level rejects "
        f"{100 * least / of:.0f} to {100 * most / of:.0f}% (simultaneous 99%)."
    )


def _ends(counts: list[int], of: int) -> str:
    """The least and the largest share in percent."""
    low, high = (f"{100 * end / of:.0f}" for end in (min(counts), max(counts)))
    return f"{low}%" if low == high else f"{low} to {high}%"
