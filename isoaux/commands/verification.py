"""The statistics of a figure from a training of one's own beside the published ones, each with a tolerance.

Only what was made at the same setting is judged (:data:`SETTING`). There are two tolerances, and the published side
alone fixes them:

*Same seeds, same machine.* Trainings of one seed on one processor, with the same versions, end with the same bits
(:data:`MACHINE`): every seed has to agree within a relative :data:`NEAR`.

*Other seeds*, and any seed on another machine, where rounding errors drive trainings apart: the mean of T networks has
to lie in the prediction interval of the S published ones (:func:`prediction`) at the level a = :data:`FALSE_ALARM` /
(number of statistics so judged). A correct training then disagrees anywhere with probability of at most
:data:`FALSE_ALARM`. Counts and errors, which spread by factors, are compared as log(1 + count) and log(error).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.special import stdtrit

from isoaux.common import provenance
from isoaux.common.tables import Table
from isoaux.paper import TITLES, Configuration, Figure
from isoaux.records.reading import IDENTITY, agree
from isoaux.records.results import Result
from isoaux.studies import registry

SETTING = ("profile", *IDENTITY)
"""Facts of the published side in which both sides have to agree before they are judged."""

MACHINE = ("device", "processor", "torch", "numpy")
"""What two trainings of one seed have to share to end with the same bits; versions are by the name of the package."""

NEAR = 1e-6
"""Relative difference up to which two measurements of the same bits agree."""

FALSE_ALARM = 0.05
"""Probability that any statistic of a correct training disagrees."""

STATUS = {"agrees": 0, "disagrees": 1, "not comparable": 3}
"""The exit status of the command for each verdict; 2 is an error, as of every command."""

Scale = tuple[Callable[..., Any], Callable[..., Any]]

SCALES: Mapping[str, Scale] = {
    "plain": (np.asarray, np.asarray),
    "count": (np.log1p, np.expm1),
    "error": (np.log, np.exp),
}
"""How values are transformed before they are averaged, and back, by the name of their scale."""


@dataclass(frozen=True)
class Series:
    """One statistic of a configuration at one place, by seed.

    ``place`` is a checkpoint, a threshold or a size, in words; ``scale`` is a name of :data:`SCALES`.
    """

    configuration: str
    statistic: str
    place: str
    scale: str
    values: dict[int, float]

    @property
    def key(self) -> tuple[str, str, str]:
        """Configuration, statistic and place: series of one key are compared."""
        return self.configuration, self.statistic, self.place

    def of(self, seeds: Sequence[int]) -> "Series":
        """The series of some of its seeds."""
        return Series(*self.key, self.scale, {seed: v for seed, v in self.values.items() if seed in seeds})

    @property
    def mean(self) -> float | None:
        """The mean on its scale, which makes it geometric for counts and errors; None of no value."""
        forward, back = SCALES[self.scale]
        return float(back(np.mean(forward(list(self.values.values()))))) if self.values else None


@dataclass(frozen=True)
class Line:
    """One statistic on both sides.

    ``seeds`` says which tolerance applies, ``same`` or ``other``; ``paper`` is the number that the paper states. The
    mean of ``yours`` has to lie from ``low`` to ``high``; ``agrees`` is None where nothing is judged.
    """

    published: Series
    yours: Series
    seeds: str
    paper: float | None = None
    low: float | None = None
    high: float | None = None
    agrees: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        configuration, statistic, place = self.published.key
        about = {"configuration": configuration, "statistic": statistic, "at": place, "seeds": self.seeds}
        sides = {
            side: {"mean": series.mean, "values": {str(seed): v for seed, v in series.values.items()}}
            for side, series in (("published", self.published), ("yours", self.yours))
        }
        tolerance = None if self.low is None else [self.low, self.high]
        return about | {"paper": self.paper} | sides | {"tolerance": tolerance, "agrees": self.agrees}


@dataclass(frozen=True)
class Verification:
    """The statistics of a figure on both sides; ``differences`` are settings as (name, published, yours)."""

    figure: Figure
    lines: tuple[Line, ...]
    differences: tuple[tuple[str, Any, Any], ...]
    facts: tuple[dict[str, Any], dict[str, Any]]
    """Of each side those of :data:`SETTING`, with data set, seeds and failed networks."""

    @property
    def verdict(self) -> str:
        """``agrees``, ``disagrees`` or ``not comparable``, also where no line can be judged."""
        judged = [line.agrees for line in self.lines if line.agrees is not None]
        if self.differences or not judged:
            return "not comparable"
        return "agrees" if all(judged) else "disagrees"

    @property
    def status(self) -> int:
        """The exit status."""
        return STATUS[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        published, yours = self.facts
        return {
            "figure": self.figure.name,
            "verdict": self.verdict,
            "status": self.status,
            "differences": [{"name": name, "published": a, "yours": b} for name, a, b in self.differences],
            "settings": {"published": published, "yours": yours},
            "statistics": [line.as_json() for line in self.lines],
        }

    def table(self) -> Table:
        """A row for each statistic; means are geometric for counts and errors."""
        head = ("activation", "statistic", "at", "seeds", "paper", "published", "yours", "tolerance", "agrees")
        several = len({Configuration.parse(line.published.configuration).activation for line in self.lines}) < len(
            {line.published.configuration for line in self.lines}
        )
        rows = []
        for line in self.lines:
            configuration, statistic, place = line.published.key
            form = partial(_form, scale=line.published.scale)
            rows.append(
                (
                    configuration if several else TITLES[Configuration.parse(configuration).activation],
                    statistic,
                    place,
                    "–" if self.differences else line.seeds,
                    "–" if line.paper is None else f"about {form(line.paper)}",
                    form(line.published.mean),
                    form(line.yours.mean),
                    "–" if line.low is None else f"{form(line.low)} to {form(line.high)}",
                    {True: "yes", False: "NO", None: "–"}[line.agrees],
                )
            )
        return Table(head, tuple(rows))

    def words(self) -> str:
        """The verdict in a few lines, with what differs."""
        judged = [line.agrees for line in self.lines if line.agrees is not None]
        lines = [f"{self.figure.name}: {self.verdict}"]
        if self.verdict != "not comparable":
            lines[0] += f", {sum(judged)} of {len(judged)} statistics within their tolerance"
        lines += [f"{name}: published {a}, yours {b}" for name, a, b in self.differences]
        if self.verdict == "not comparable" and not self.differences:
            lines.append("no statistic has a tolerance: one published seed, and of another machine, has no spread")
        lines += [f"yours failed: {words}" for words in self.facts[1]["failed"]]
        return "\n".join(lines)


def _form(value: float | None, scale: str) -> str:
    if value is None:
        return "–"
    if scale == "count":
        return f"{value:,.0f}"
    return f"{value:.4g}" if scale == "error" else f"{value:+.3f}"


# --- what is compared


def series(result: Result) -> list[Series]:
    """Every statistic of a figure that its study compares; ValueError for a figure of which nothing is trained."""
    compared = registry.of(result.figure).compared
    if compared is None:
        raise ValueError(f"result is of {result.figure.name!r}, of which nothing is trained; accepted: other figures.")
    by_key: dict[tuple[str, str, str], Series] = {}
    for row, (configuration, seed) in enumerate(result.rows):
        for statistic, place, scale, value in compared(result, row):
            key = (configuration.id, statistic, place)
            values = by_key.setdefault(key, Series(*key, scale, {})).values
            if np.isfinite(value):
                values[seed] = float(value)
    return list(by_key.values())


# --- the comparison


def compare(published: Result, yours: Result) -> Verification:
    """The comparison of two results of one figure, with every statistic that either has."""
    facts = (published.facts, yours.facts)
    differences = [
        (name, facts[0][name], facts[1].get(name))
        for name in SETTING
        if name in facts[0] and not agree(name, facts[0][name], facts[1].get(name))
    ]
    sides = [{each.key: each for each in series(result)} for result in (published, yours)]
    configurations = [{key[0] for key in side} for side in sides]
    if not configurations[0] & configurations[1]:
        here, there = (", ".join(sorted(ids)) for ids in configurations)
        differences.append(("networks", here, there))
    same = set(facts[0]["seeds"]) if same_machine(*facts) else set()
    pairs = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        scale = (sides[0].get(key) or sides[1][key]).scale
        theirs, mine = (side.get(key) or Series(*key, scale, {}) for side in sides)
        shared = sorted(same & set(mine.values))
        if shared:
            pairs.append(("same", theirs.of(shared), mine.of(shared)))
        if len(shared) < len(mine.values) or (theirs.values and not mine.values):
            pairs.append(("other", theirs, mine.of([seed for seed in mine.values if seed not in shared])))
    spreads = sum(seeds == "other" for seeds, *_ in pairs)
    lines = []
    for seeds, theirs, mine in pairs:
        stated = _stated(published.figure, theirs)
        if differences:
            lines.append(Line(theirs, mine, seeds, stated))
        else:
            lines.append(_judged(theirs, mine, seeds, stated, FALSE_ALARM / max(spreads, 1)))
    kept = [{name: side.get(name) for name in (*SETTING, "dataset", "seeds", "failed")} for side in facts]
    return Verification(published.figure, tuple(lines), tuple(differences), (kept[0], kept[1]))


def same_machine(published: Mapping[str, Any], yours: Mapping[str, Any]) -> bool:
    """Whether the facts of both sides name one known processor and the same versions, so that seeds give the same bits.

    False where either names several of them: which network was trained on which is then not recorded.
    """
    if provenance.are_several(published) or provenance.are_several(yours):
        return False
    sides = [{**facts, **(facts.get("versions") or {})} for facts in (published, yours)]
    known = sides[0].get("device") == "cpu" and sides[0].get("processor", "unknown") != "unknown"
    return known and all(sides[0].get(name) == sides[1].get(name) for name in MACHINE)


def prediction(values: Sequence[float], count: int, level: float) -> tuple[float, float]:
    """The interval in which the mean of ``count`` further values lies with probability 1 - ``level``.

    It is m -+ t_{S-1}(1 - level/2) s sqrt(1/S + 1/count) of S independent normal ``values`` with mean m and standard
    deviation s, t being Student's quantile. Raises ValueError for fewer than two values.
    """
    if len(values) < 2:
        raise ValueError(f"values has {len(values)} of them; accepted: at least two.")
    half = stdtrit(len(values) - 1, 1 - level / 2) * np.std(values, ddof=1) * np.sqrt(1 / len(values) + 1 / count)
    return float(np.mean(values) - half), float(np.mean(values) + half)


def _judged(published: Series, yours: Series, seeds: str, stated: float | None, level: float) -> Line:
    if not published.values or not yours.values:
        return Line(published, yours, seeds, stated, agrees=not published.values and not yours.values)
    mean, your_mean = published.mean, yours.mean
    assert mean is not None and your_mean is not None
    near = NEAR * abs(mean)
    if seeds == "same":
        close = all(abs(yours.values[seed] - v) <= NEAR * abs(v) for seed, v in published.values.items())
        return Line(published, yours, seeds, stated, mean - near, mean + near, close)
    if len(published.values) < 2:
        return Line(published, yours, seeds, stated)
    forward, back = SCALES[published.scale]
    interval = prediction(forward(list(published.values.values())), len(yours.values), level)
    low, high = (float(back(end)) for end in interval)
    low, high = min(low, mean - near), max(high, mean + near)
    return Line(published, yours, seeds, stated, low, high, low <= your_mean <= high)


def _stated(figure: Figure, series: Series) -> float | None:
    """What the paper states about this statistic, or None."""
    activation = Configuration.parse(series.configuration).activation
    for entry in figure.entry.get("stated", ()):
        if (
            entry["statistic"] == series.statistic
            and activation in entry["activations"]
            and series.place in entry["at"]
        ):
            return float(entry["about"])
    return None
