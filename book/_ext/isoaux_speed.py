"""How fast isoaux is, from ``benchmarks/results.json``.

speed-bars     every goal that was measured, as a bar from its target: to the right where it is met
speed-table    what the benchmarks measured: every goal, or with ``:bench:`` all rows of one of them
"""

import html
import json
from itertools import groupby
from math import log10
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from isoaux_book import BookDirective
from sphinx.application import Sphinx

from isoaux.common import paths
from isoaux.common.numbers import number_words

FURTHEST = (0.1, 100.0)
"""How many times worse and better than its target a bar can show a value; beyond, it ends there."""

FASTER = "times faster"
"""The unit of rows whose value should be large; of all others it should be small."""

TICKS = (0.1, 1.0, 10.0, 100.0)
"""The factors that are named above the bars."""

TITLES = {
    "density": "Densities",
    "explorer": "The explorer",
    "measuring": "Measuring",
    "memory": "Memory",
    "opening": "Activations in files",
    "polytopes": "Polytopes",
    "ppp": "The projection",
    "training": "Training",
    "width": "Wide layers",
}
"""What the benchmarks are called; another one has its own name."""


def words_time(seconds: float | None) -> str:
    """A measured time in its own unit; a dash where there is none."""
    if seconds is None:
        return "–"
    unit, size = next(((u, s) for u, s in (("s", 1), ("ms", 1e-3)) if seconds >= s), ("µs", 1e-6))
    return f"{number_words(seconds / size)}\u00a0{unit}"


def words_goal(row: dict[str, Any]) -> str:
    """Whether a benchmark's row reaches its target; times faster should be large, everything else small."""
    if row["value"] is None:
        return "open"
    sign = 1 if row["unit"] == FASTER else -1
    reached = [sign * row["value"] >= sign * goal for goal in (row["target"], row["stretch"]) if goal is not None]
    if not reached[0]:
        return "missed"
    return "stretch goal met" if reached[1:] == [True] else "met"


def words_size(row: dict[str, Any]) -> str:
    """Number type, width, depth and number of networks of a benchmark's row, as far as it has them."""
    parts = [row["dtype"], *(f"{name} = {row[name]}" for name in ("n", "L") if row[name] is not None)]
    if row["networks"] is not None:
        parts.append(f"{row['networks']} network{'s' if row['networks'] > 1 else ''}")
    return ", ".join(part for part in parts if part)


def words_machine(facts: dict[str, Any]) -> str:
    """What a benchmark was run on, in one line."""
    cores = f"{facts['cores']} core{'s' if facts['cores'] > 1 else ''}"
    parts = [
        ", ".join(str(part) for part in (facts["cpu"], cores, f"{facts['memory_GB']} GB", facts["gpu"] or "no GPU")),
        ", ".join(f"{name} {version}" for name, version in facts["versions"].items()),
        f"commit {facts['commit']}",
        facts["date"],
        f"{facts['load']} busy processes before the run",
    ]
    return "Measured on " + " · ".join(parts) + "."


def words_value(row: dict[str, Any]) -> str:
    """What was measured, with its unit."""
    return "open" if row["value"] is None else f"{number_words(row['value'])} {row['unit']}"


def words_target(row: dict[str, Any]) -> str:
    """A row's target, and its stretch goal if it has one."""
    side = "at least" if row["unit"] == FASTER else "at most"
    stretch = "" if row["stretch"] is None else f" (stretch goal {number_words(row['stretch'])})"
    unit = "" if row["unit"] == FASTER else f" {row['unit']}"
    return f"{side} {number_words(row['target'])}{unit}{stretch}"


def times_better(row: dict[str, Any]) -> float | None:
    """How many times better than its target a row's value is; None where one of them is 0 or not there."""
    if not row["value"] or not row["target"]:
        return None
    share = row["value"] / row["target"]
    return float(share if row["unit"] == FASTER else 1 / share)


def percent(factor: float) -> float:
    """Where a factor lies on the scale of the bars, in percent of its length."""
    worst, best = FURTHEST
    return 100 * log10(min(max(factor, worst), best) / worst) / log10(best / worst)


class Benchmarks(BookDirective):
    """What the directives of the benchmarks share."""

    def results(self) -> dict[str, Any] | None:
        """What was measured; None where nothing was."""
        path = paths.home() / "benchmarks" / "results.json"
        self.env.note_dependency(str(path))
        return json.loads(path.read_text("utf8")) if path.is_file() else None


class SpeedBars(Benchmarks):
    """A bar for every goal with a number, by benchmark; below them how many goals are open."""

    def run(self) -> list[nodes.Node]:
        if (results := self.results()) is None:
            return [self.paragraph("Nothing measured here: `make bench` does.")]
        goals = [row for row in results["rows"] if row["target"] is not None]
        known = [row for row in goals if row["value"] is not None]
        met = sum(words_goal(row) != "missed" for row in known)
        words = f"{met} of {len(known)} measured goals are met"
        if left := [row for row in goals if row["value"] is None]:
            words += f"; {len(left)} more are open" + ", all for a GPU" * all(row["bench"] == "gpu" for row in left)
        lines = [f'<li class="scale"><span class="track">{"".join(map(SpeedBars.tick, TICKS))}</span></li>']
        for bench, rows in groupby(known, key=lambda row: row["bench"]):
            lines.append(f'<li class="group">{html.escape(TITLES.get(bench, bench))}</li>')
            lines += [self.bar(row) for row in rows]
        chart = f'<ul class="isoaux-bars">{"".join(lines)}</ul>'
        return [
            self.paragraph(f"**{words}.** A bar starts at the target and ends where the value is."),
            nodes.raw("", chart, format="html"),
        ]

    @staticmethod
    def tick(factor: float) -> str:
        """A mark of the scale above the bars."""
        words = "target" if factor == 1 else f"{factor:g} ×" if factor > 1 else f"1/{1 / factor:g}"
        return f'<small style="--at:{percent(factor):.2f}%">{words}</small>'

    @staticmethod
    def bar(row: dict[str, Any]) -> str:
        """A line of the chart: what, a bar from the target to the value, both in words."""
        better, style = times_better(row), ""
        if better is not None:
            place, target = percent(better), percent(1.0)
            style = (
                f' style="--from:{min(place, target):.2f}%;--size:{abs(place - target):.2f}%;--target:{target:.2f}%"'
            )
        outcome = words_goal(row)
        size = f"<small>{html.escape(words_size(row))}</small>" if words_size(row) else ""
        return (
            f'<li class="{"missed" if outcome == "missed" else "met"}"><span class="what">{html.escape(row["what"])}'
            f'{size}</span><span class="track"{style}><i></i></span><span class="value">{html.escape(words_value(row))}'
            f"<small>{outcome}, target {html.escape(words_target(row))}</small></span></li>"
        )


class SpeedTable(Benchmarks):
    """What the benchmarks measured: every row that has a target, or with ``:bench:`` all rows of one benchmark."""

    option_spec: ClassVar = {"bench": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        if (results := self.results()) is None:
            return [self.paragraph("Nothing measured here: `make bench` does.")]
        bench = self.options.get("bench")
        if bench is None:
            return [self.goals([row for row in results["rows"] if row["target"] is not None])]
        rows = [row for row in results["rows"] if row["bench"] == bench]
        if not rows:
            raise self.error(f"no benchmark is called {bench!r} in results.json")
        machine = nodes.paragraph("", words_machine(results["machines"][bench]))
        return [self.rows(rows), nodes.container("", machine, classes=["provenance"])]

    def goals(self, rows: list[dict[str, Any]]) -> nodes.Node:
        cells = [
            [self.named(row), self.cell(words_value(row)), self.cell(words_target(row)), self.cell(words_goal(row))]
            for row in rows
        ]
        return self.table(["What", "Measured", "Target", "Outcome"], cells, [46, 20, 20, 14], "speed")

    def rows(self, rows: list[dict[str, Any]]) -> nodes.Node:
        cells = []
        for row in rows:
            name = self.named(row)
            if row["note"]:
                name.append(nodes.paragraph("", row["note"], classes=["kind"]))
            times = [self.cell(words_time(row[key])) for key in ("naive_s", "isoaux_s", "floor_s")]
            cells.append([name, *times, self.cell(words_value(row))])
        return self.table(["What", "The usual way", "isoaux", "Floor", "Result"], cells, [48, 13, 13, 11, 15], "speed")

    @staticmethod
    def cell(text: str) -> list[nodes.Node]:
        return [nodes.paragraph("", text)]

    @staticmethod
    def named(row: dict[str, Any]) -> list[nodes.Node]:
        size = words_size(row)
        return [nodes.paragraph("", row["what"]), *([nodes.paragraph("", size, classes=["kind"])] if size else [])]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("speed-bars", SpeedBars)
    app.add_directive("speed-table", SpeedTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
