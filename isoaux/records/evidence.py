"""What decides a claim: a number with its interval and p, and the published files that it was computed from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux import statistics
from isoaux.common import archive
from isoaux.common.archive import Published
from isoaux.paper import Configuration, Figure, figure
from isoaux.paper.claims import Claim
from isoaux.records import reading
from isoaux.records.record import NotPublished as NotPublished
from isoaux.records.record import Record
from isoaux.records.results import Result

Values = NDArray[np.float64]

CONFIDENCE = 0.95
"""The confidence of all intervals."""

Bounds = tuple[float, float]

COSINE: Bounds = (-1.0, 1.0)
"""What is possible for c4, s2, a rank correlation and the mean of any of them."""

COSINES: Bounds = (-2.0, 2.0)
"""What is possible for the difference of two such numbers."""

SHARE: Bounds = (0.0, 1.0)
"""What is possible for a share."""

ROUNDING = 1e-6
"""A mean may lie beyond what is possible by so much, since records hold float32."""


@dataclass(frozen=True)
class Evidence:
    """A claim's ``number`` with its 95% interval, ``low`` to ``high``, and p where it has them.

    ``p`` is that of the hypothesis that what is claimed is absent; for a claim that follows from symmetry, that all is
    as symmetry has it. ``words`` say what the number is, and ``networks`` of how many networks. Of a share they begin
    with ``unit``, what was counted: ``yes`` do what is counted, ``against`` do the opposite, and ``undecided`` may yet
    do either, since their own intervals hold 0; all three are None where the number is no share. ``accepted`` says that
    what does not count was not rejected by a test, which is no evidence that there is nothing.
    """

    number: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    words: str = ""
    networks: int = 0
    accepted: bool = False
    yes: int | None = None
    against: int | None = None
    undecided: int | None = None
    unit: str = ""

    @property
    def of(self) -> int | None:
        """How many were counted; None where the number is no share."""
        if self.yes is None or self.against is None or self.undecided is None:
            return None
        return self.yes + self.against + self.undecided

    @property
    def share(self) -> bool:
        """Whether the number is a share of what was counted."""
        return self.of is not None

    @property
    def reach(self) -> float | None:
        """The share if everything undecided did what is counted; None where the number is no share."""
        return 1 - self.against / self.of if self.of and self.against is not None else None


@dataclass
class Reader:
    """Reads what is published in a folder, every file once, and notes which files a claim needs.

    ``known`` has all that was read so far by its place in the folder, None for what is not there; ``files`` names the
    files that were asked for and are there, ``missing`` the configurations whose records are not.
    """

    folder: Path
    known: dict[str, Published | None] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    """Results of whole figures that claims have asked for, by the figure's name."""

    @property
    def fewest_seeds(self) -> int:
        """The fewest seeds of any of the ``files``; 0 if none has any."""
        parts = [self.known[name.removesuffix(".npz")] for name in self.files]
        return min((len(part.facts["seeds"]) for part in parts if part and "seeds" in part.facts), default=0)

    def again(self) -> "Reader":
        """A reader of the same files that has noted nothing yet."""
        return Reader(self.folder, self.known, results=self.results)

    def find(self, place: Path) -> Published | None:
        """What is published at a place (without suffix) inside the folder; None if nothing, or all networks failed."""
        name = place.relative_to(self.folder).as_posix()
        if name not in self.known:
            try:
                stored = archive.read(place)
                self.known[name] = None if stored.facts.get("seeds") == [] else stored
            except FileNotFoundError:
                self.known[name] = None
        if self.known[name] is not None:
            self.files[f"{name}.npz"] = None
        return self.known[name]

    def record(self, configuration: Configuration) -> Record | None:
        """A configuration's network record; None, and noted as missing, where it is not there."""
        published = self.find(reading.record_path(self.folder, configuration.id))
        if published is None:
            self.missing[configuration.id] = None
            return None
        return Record(published)

    def representations(self, configuration: Configuration) -> Published | None:
        """A configuration's published representations; None where they are not there."""
        return self.find(reading.representations_path(self.folder, configuration.id))

    def drawing(self, name: str) -> Published:
        """The figure file of the figure ``name``; raises NotPublished where it is not there."""
        published = self.find(self.folder / figure(name).name)
        if published is None:
            raise NotPublished(f"{name} is not published.")
        return published

    def result(self, figure: Figure) -> Result:
        """A result of the figure file alone, without records; raises NotPublished where it is not there."""
        return Result(figure, self.drawing(figure.name), {}, {})


def effect(
    values: ArrayLike, line: float, words: str, networks: int, *, ratio: bool = False, bounds: Bounds | None = None
) -> Evidence:
    """The mean of values over seeds (S,), its t interval, and p of being at the ``line``.

    With ``ratio`` the values are logarithms, the number and its interval are ratios, and so is the line. ``bounds`` are
    the least and the largest number that is possible, such as :data:`COSINE` for c4: no end of the interval lies beyond
    them. One seed has no interval: the ends are infinite.

    Raises NotPublished for no value, and where one is not finite; ValueError for a number outside of the bounds.
    """
    values = np.asarray(values, np.float64)
    if not len(values):
        raise NotPublished("No seed is common to what is compared.")
    if not np.isfinite(values).all():
        raise NotPublished("A network that is compared has no such number, without points for example.")
    mean = statistics.interval(values, CONFIDENCE)
    level = np.log(line) if ratio else line
    p = statistics.paired(values, level).p if mean.count > 1 else None
    number, low, high = (float(np.exp(v)) if ratio else float(v) for v in (mean.mean, mean.low, mean.high))
    return Evidence(number, *_bounded(number, low, high, bounds), p, words, networks)


def _bounded(number: float, low: float, high: float, bounds: Bounds | None) -> tuple[float, float]:
    """The ends of an interval, none of them beyond the bounds unless there is no end."""
    if bounds is None:
        return low, high
    least, most = bounds
    if not least - ROUNDING <= number <= most + ROUNDING:
        raise ValueError(f"bounds is {bounds}; accepted: two numbers with the mean of the values, {number}, between.")
    return (max(low, least), min(high, most)) if np.isfinite([low, high]).any() else (low, high)


def share(
    yes: int, of: int, words: str, networks: int, p: float | None = None, undecided: int = 0, *, accepted: bool = False
) -> Evidence:
    """The share ``yes / of`` with its Clopper-Pearson interval; ``undecided`` of the others may yet agree.

    ``words`` begin with what is counted, such as ``networks``; ``accepted`` says that the others were not rejected by a
    test. Raises NotPublished where ``of`` is 0.
    """
    if not of:
        raise NotPublished("Nothing of what is counted is published.")
    yes, of, undecided = int(yes), int(of), int(undecided)  # sums of NumPy's truth values are none that JSON knows
    ends = scipy.stats.binomtest(yes, of).proportion_ci(CONFIDENCE)
    sentence = f"{yes} of {of} {words}" + (f", {undecided} undecided" if undecided else "")
    return Evidence(
        yes / of,
        float(ends.low),
        float(ends.high),
        p,
        sentence,
        networks,
        accepted,
        yes,
        of - yes - undecided,
        undecided,
        words.partition(" ")[0],
    )


def estimate(value: float, error: float, words: str, line: float = 0.0, bounds: Bounds | None = None) -> Evidence:
    """A number with its standard error over independent panels: normal interval, and p of being at the ``line``.

    ``bounds`` are those of :func:`effect`. Raises NotPublished where the error is NaN, since a single panel has none.
    """
    if np.isnan(error):
        raise NotPublished("One panel or one basis alone has no standard error.")
    half = float(scipy.stats.norm.ppf((1 + CONFIDENCE) / 2)) * error
    p = float(2 * scipy.stats.norm.sf(abs(value - line) / error)) if error > 0 else None
    number = float(value)
    return Evidence(number, *_bounded(number, number - half, number + half, bounds), p, words)


def result_of(claim: Claim, reader: Reader, name: str = "figure") -> Result:
    """The figure file of the figure that a claim names in its field ``name``, as a result; raises NotPublished."""
    return reader.result(figure(claim.decide[name]))


def shown_by(claim: Claim) -> Figure:
    """The first figure of a claim's selection."""
    return figure(claim.selection.figures[0])


def drawn_in(name: str, reader: Reader) -> list[Configuration]:
    """The configurations that the file of a figure has rows of, in its order; raises NotPublished."""
    rows = reader.drawing(name).facts["rows"]
    return [Configuration.parse(id) for id in dict.fromkeys(row["configuration"] for row in rows)]


Decider = Callable[[Claim, Reader], Evidence]
"""What computes a claim's evidence from published files; raises NotPublished where they are not there."""
