"""Does a training of one's own give what is published? Every statistic of a figure, side by side, with a tolerance.

Only what was made at the same setting is judged (:data:`SETTING`). Two tolerances, both fixed before anything of one's
own is measured:

*Same seeds.* Trainings of one seed on one processor, with the same versions, end with the same bits (:data:`MACHINE`):
every seed has to agree within a relative :data:`NEAR`.

*Other seeds*, and any seed on another machine, where rounding errors drive trainings apart: the mean of T networks has
to lie in the prediction interval of the S published ones, m -+ t_{S-1}(1 - a/2) s sqrt(1/S + 1/T), with m and s their
mean and standard deviation and Student's t; a = :data:`FALSE_ALARM` / (number of statistics so judged), so that a
training with nothing wrong is rarely told that anything is. Counts and errors, whose spread is a factor, are compared
as log(1 + count) and log(error).
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
from isoaux.records.reading import IDENTITY
from isoaux.records.results import Result
from isoaux.studies import registry

SETTING = ("profile", *IDENTITY)
"""Facts in which both sides have to agree before they are judged, of those that the published side has."""

MACHINE = ("device", "processor", "torch", "numpy")
"""What trainings of one seed have to share to end with the same bits; versions by the name of the package."""

NEAR = 1e-6
"""The same bits, measured twice, may differ by so much relatively."""

FALSE_ALARM = 0.05
"""Of a training with nothing wrong, the chance that any statistic is said to disagree."""

STATUS = {"agrees": 0, "disagrees": 1, "not comparable": 3}
"""The exit status of the command for each verdict; 2 is an error, as for every other command."""

Scale = tuple[Callable[..., Any], Callable[..., Any]]

SCALES: Mapping[str, Scale] = {
    "plain": (np.asarray, np.asarray),
    "count": (np.log1p, np.expm1),
    "error": (np.log, np.exp),
}
"""How values of a kind are transformed before they are averaged, and back."""


@dataclass(frozen=True)
class Series:
    """One statistic of a configuration at one place, by seed; ``place`` is a checkpoint, a threshold or a size."""

    configuration: str
    statistic: str
    place: str
    scale: str
    values: dict[int, float]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is compared by."""
        return self.configuration, self.statistic, self.place

    def of(self, seeds: Sequence[int]) -> "Series":
        """The same of some seeds alone."""
        return Series(*self.key, self.scale, {seed: v for seed, v in self.values.items() if seed in seeds})

    @property
    def mean(self) -> float | None:
        """The mean on the statistic's own scale, so of counts and errors a geometric one; None of no value."""
        forward, back = SCALES[self.scale]
        return float(back(np.mean(forward(list(self.values.values()))))) if self.values else None


@dataclass(frozen=True)
class Line:
    """One statistic on both sides; ``low`` and ``high`` bound one's own mean, and ``agrees`` is None where not judged.

    ``seeds`` says which tolerance applies: ``same`` or ``other`` (see above). ``paper`` is what the paper states.
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
    """A figure's statistics on both sides, and the settings in which these differ: (name, published, yours)."""

    figure: Figure
    lines: tuple[Line, ...]
    differences: tuple[tuple[str, Any, Any], ...]
    facts: tuple[dict[str, Any], dict[str, Any]]
    """Those of the published and of one's own side that are in :data:`SETTING`, and failed networks."""

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
        """A line a statistic; means are geometric for counts and errors."""
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
        said = [f"{self.figure.name}: {self.verdict}"]
        if self.verdict != "not comparable":
            said[0] += f", {sum(judged)} of {len(judged)} statistics within their tolerance"
        said += [f"{name}: published {a}, yours {b}" for name, a, b in self.differences]
        if self.verdict == "not comparable" and not self.differences:
            said.append("no statistic has a tolerance: one published seed, and of another machine, has no spread")
        said += [f"yours failed: {words}" for words in self.facts[1]["failed"]]
        return "\n".join(said)


def _form(value: float | None, scale: str) -> str:
    if value is None:
        return "–"
    if scale == "count":
        return f"{value:,.0f}"
    return f"{value:.4g}" if scale == "error" else f"{value:+.3f}"


# --- what is compared


def series(result: Result) -> list[Series]:
    """Every statistic of a figure that is compared, by configuration, statistic and place."""
    compared = registry.of(result.figure).compared
    if compared is None:
        raise ValueError(f"result is of {result.figure.name!r}, of which nothing is trained; accepted: other figures.")
    found: dict[tuple[str, str, str], Series] = {}
    for row, (configuration, seed) in enumerate(result.rows):
        for statistic, place, scale, value in compared(result, row):
            key = (configuration.id, statistic, place)
            values = found.setdefault(key, Series(*key, scale, {})).values
            if np.isfinite(value):
                values[seed] = float(value)
    return list(found.values())


# --- the comparison


def compare(published: Result, yours: Result) -> Verification:
    """Both sides of one figure, every statistic that either has."""
    facts, own = published.facts, yours.facts
    differences = [
        (name, facts[name], own.get(name)) for name in SETTING if name in facts and facts[name] != own.get(name)
    ]
    sides = [{one.key: one for one in series(result)} for result in (published, yours)]
    shapes = [{key[0] for key in side} for side in sides]
    if not shapes[0] & shapes[1]:
        differences.append(("networks", ", ".join(sorted(shapes[0])), ", ".join(sorted(shapes[1]))))
    same = set(facts["seeds"]) if same_machine(facts, own) else set()
    pairs = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        scale = (sides[0].get(key) or sides[1][key]).scale
        one, other = (side.get(key) or Series(*key, scale, {}) for side in sides)
        shared = sorted(same & set(other.values))
        if shared:
            pairs.append(("same", one.of(shared), other.of(shared)))
        if len(shared) < len(other.values) or (one.values and not other.values):
            pairs.append(("other", one, other.of([seed for seed in other.values if seed not in shared])))
    spreads = sum(seeds == "other" for seeds, *_ in pairs)
    lines = []
    for seeds, one, other in pairs:
        stated = _stated(published.figure, one)
        if differences:
            lines.append(Line(one, other, seeds, stated))
        else:
            lines.append(_judged(one, other, seeds, stated, FALSE_ALARM / max(spreads, 1)))
    kept = [{name: side.get(name) for name in (*SETTING, "dataset", "seeds", "failed")} for side in (facts, own)]
    return Verification(published.figure, tuple(lines), tuple(differences), (kept[0], kept[1]))


def same_machine(facts: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether both sides were trained where one seed gives the same bits: one known processor, one set of versions.

    Where either names several of them, nobody knows which network, or which of its epochs, is whose.
    """
    if provenance.are_several(facts) or provenance.are_several(own):
        return False
    one, other = ({**side, **(side.get("versions") or {})} for side in (facts, own))
    known = one.get("device") == "cpu" and "processor" in one and one["processor"] != "unknown"
    return known and all(one.get(name) == other.get(name) for name in MACHINE)


def prediction(values: Sequence[float], count: int, level: float) -> tuple[float, float]:
    """Where the mean of ``count`` further values lies with probability 1 - ``level``, given independent normal ones.

    m -+ t_{S-1}(1 - level/2) s sqrt(1/S + 1/count) of S values with mean m and standard deviation s. Raises ValueError
    for fewer than two values.
    """
    if len(values) < 2:
        raise ValueError(f"values has {len(values)} of them; accepted: at least two.")
    half = stdtrit(len(values) - 1, 1 - level / 2) * np.std(values, ddof=1) * np.sqrt(1 / len(values) + 1 / count)
    return float(np.mean(values) - half), float(np.mean(values) + half)


def _judged(one: Series, other: Series, seeds: str, stated: float | None, level: float) -> Line:
    if not one.values or not other.values:
        return Line(one, other, seeds, stated, agrees=not one.values and not other.values)
    mean = one.mean
    assert mean is not None
    near = NEAR * abs(mean)
    if seeds == "same":
        close = all(abs(other.values[seed] - v) <= NEAR * abs(v) for seed, v in one.values.items())
        return Line(one, other, seeds, stated, mean - near, mean + near, close)
    if len(one.values) < 2:
        return Line(one, other, seeds, stated)
    forward, back = SCALES[one.scale]
    low, high = (float(back(v)) for v in prediction(forward(list(one.values.values())), len(other.values), level))
    low, high = min(low, mean - near), max(high, mean + near)
    found = other.mean
    return Line(one, other, seeds, stated, low, high, found is not None and low <= found <= high)


def _stated(figure: Figure, one: Series) -> float | None:
    """What the paper states about this statistic, or None."""
    activation = Configuration.parse(one.configuration).activation
    for entry in figure.entry.get("stated", ()):
        if entry["statistic"] == one.statistic and activation in entry["activations"] and one.place in entry["at"]:
            return float(entry["about"])
    return None
