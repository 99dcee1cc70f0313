"""What decides a claim: a number with its interval and p, and the published files that it was computed from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, norm

from isoaux import statistics
from isoaux.common import archive
from isoaux.common.archive import Published
from isoaux.paper import Configuration, Figure, figure
from isoaux.paper.claims import Claim
from isoaux.records import reading
from isoaux.records.results import Result

Values = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of the intervals."""


@dataclass(frozen=True)
class Evidence:
    """A claim's number, its 95% interval and p where it has them, what the number is, and of how many networks.

    ``p`` is that of the hypothesis that what is claimed is absent; for a claim that follows from symmetry, that all is
    as symmetry has it. ``share`` says that the number is a share of what was counted, and ``reach`` what it would be
    if all that is undecided, since an interval holds 0, had gone the claimed way.
    """

    number: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    words: str = ""
    networks: int = 0
    share: bool = False
    reach: float | None = None


class NotPublished(LookupError):
    """What would decide a claim is not published, or too little of it."""


@dataclass
class Reader:
    """Reads what is published in a folder, once, and notes which files were asked for.

    ``files`` are those that were read, ``missing`` the configurations that a claim needs and that are not there.
    """

    folder: Path
    known: dict[str, Published | None] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    """Results of whole figures that claims have asked for, by the figure's name."""

    @property
    def fewest_seeds(self) -> int:
        """The fewest seeds of any file that was read; 0 if none has any."""
        read = [self.known[name.removesuffix(".npz")] for name in self.files]
        return min((len(found.facts["seeds"]) for found in read if found and "seeds" in found.facts), default=0)

    def again(self) -> "Reader":
        """A reader of the same files that has noted nothing yet."""
        return Reader(self.folder, self.known, results=self.results)

    def find(self, place: Path) -> Published | None:
        """What is published at a place (without suffix) inside the folder, or None."""
        name = place.relative_to(self.folder).as_posix()
        if name not in self.known:
            try:
                stored = archive.read(place)
                self.known[name] = None if stored.facts.get("seeds") == [] else stored  # all of its networks failed
            except FileNotFoundError:
                self.known[name] = None
        found = self.known[name]
        if found is not None:
            self.files[f"{name}.npz"] = None
        return found

    def record(self, own: Configuration) -> Published | None:
        """A configuration's network record; noted as missing where it is not there."""
        found = self.find(reading.record_path(self.folder, own.id))
        if found is None:
            self.missing[own.id] = None
        return found

    def representations(self, own: Configuration) -> Published | None:
        """A configuration's published representations."""
        return self.find(reading.representations_path(self.folder, own.id))

    def drawing(self, name: str) -> Published:
        """A figure file; raises NotPublished where it is not there."""
        found = self.find(self.folder / figure(name).name)
        if found is None:
            raise NotPublished(f"{name} is not published.")
        return found

    def result(self, shown: Figure) -> Result:
        """A figure file alone as a result, for reports that look at nothing else."""
        return Result(shown, self.drawing(shown.name), {}, {})


def effect(each: ArrayLike, line: float, words: str, networks: int, *, ratio: bool = False) -> Evidence:
    """A mean over seeds (S,), its t interval, and p of being at the line; a ratio is given by its logarithms."""
    found = np.asarray(each, np.float64)
    if not len(found):
        raise NotPublished("No seed is common to what is compared.")
    if not np.isfinite(found).all():
        raise NotPublished("A network that is compared has no such number, without points for example.")
    own = statistics.interval(found, CONFIDENCE)
    level = np.log(line) if ratio else line
    p = statistics.paired(found, level).p if own.count > 1 else None
    low, high = (own.low, own.high) if own.count > 1 else (-np.inf, np.inf)
    number, low, high = (float(np.exp(v)) if ratio else float(v) for v in (own.mean, low, high))
    return Evidence(number, low, high, p, words, networks)


def share(yes: int, of: int, words: str, networks: int, p: float | None = None, undecided: int = 0) -> Evidence:
    """So many of so many, with the Clopper-Pearson interval of the share; some of the others may be undecided."""
    if not of:
        raise NotPublished("Nothing of what is counted is published.")
    ends = binomtest(yes, of).proportion_ci(CONFIDENCE)
    said = f"{yes} of {of} {words}" + (f", {undecided} undecided" if undecided else "")
    reach = (yes + undecided) / of
    return Evidence(yes / of, float(ends.low), float(ends.high), p, said, networks, share=True, reach=reach)


def estimate(value: float, error: float, words: str, line: float = 0.0) -> Evidence:
    """A number with its standard error over independent panels: normal interval, and p of being at the line."""
    half = float(norm.ppf((1 + CONFIDENCE) / 2)) * error
    p = float(2 * norm.sf(abs(value - line) / error)) if error > 0 else None
    return Evidence(float(value), float(value - half), float(value + half), p, words)


def result_of(claim: Claim, reader: Reader, name: str = "figure") -> Result:
    return reader.result(figure(claim.decide[name]))


def shown_by(claim: Claim) -> Figure:
    return figure(claim.selection.figures[0])


def drawn_in(name: str, reader: Reader) -> list[Configuration]:
    """The configurations that a published figure really shows."""
    rows = reader.drawing(name).facts["rows"]
    return [Configuration.parse(id) for id in dict.fromkeys(row["configuration"] for row in rows)]


Decider = Callable[[Claim, Reader], Evidence]
"""What computes a claim's evidence from published files; raises NotPublished where they are not there."""
