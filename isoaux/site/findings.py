"""What was found, in at most five sentences for the front page: every number is computed from published data."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from isoaux import paper
from isoaux.common.numbers import low_to_high, written
from isoaux.common.tables import listed
from isoaux.paper import GROUPS, Figure
from isoaux.records import reading
from isoaux.records.error_curves import curves, panels, shared_seeds
from isoaux.records.results import AllFailed, Result, by_activation
from isoaux.scorecard import compute
from isoaux.scorecard.report import number
from isoaux.scorecard.verdicts import AGREE, CONTRADICT, OPEN, PART, Row, Scorecard
from isoaux.settings import Settings
from isoaux.statistics import LEVEL
from isoaux.studies.affine_maps import data as affine_maps
from isoaux.studies.affine_maps.report import relative
from isoaux.studies.planes.report import p_value
from isoaux.studies.reconstruction import data as reconstruction_data
from isoaux.studies.reconstruction import report as reconstruction
from isoaux.studies.remainder import prepared

WIDTHS = ("fig08", "fig09", "fig10")
"""The figures that differ in the number of neurons alone."""

ERRORS = ("fig31", "fig32", "fig33", "fig34", "fig35", "fig36")
"""The figures of Appendix D."""


def sentences(folder: Path) -> list[str]:
    """What was found by the data that are published in ``folder``: at most five sentences of Markdown.

    The text of a link is a number of the sentence, its target the page that explains it, without suffix. A sentence
    whose data are not published is left out.
    """
    found: Sequence[Callable[[Path], str]] = (near_planes, remainder, errors, other_sources, verdicts)
    return [words for sentence in found if (words := sentence(folder))]


def near_planes(folder: Path) -> str:
    """How many more points lie near the planes of neurons than near random ones, by activation, at every width."""
    ratios: dict[bool, list[str]] = {False: [], True: []}
    more, less, networks = ({False: 0, True: 0} for _ in range(3))
    widths = []
    for result in _published(WIDTHS, folder, reading.read):
        widths.append(str(result.rows[0][0].n))
        for activation, rows in by_activation(result):
            isotropic = GROUPS[activation] == "O(n)"
            counts = np.array([result.of_row(row, "count")[-1] for row in rows], float)
            random = np.array([np.median(result.of_row(row, "final_null_count")) for row in rows])
            ratio = np.median(counts / np.maximum(random, 1))
            ratios[isotropic].append(written("{:,.0f}" if ratio >= 10 else "{:.1f}", ratio))
            differ = np.array([p_value(result, row, "count") for row in rows]) <= LEVEL
            more[isotropic] += int((differ & (counts > random)).sum())
            less[isotropic] += int((differ & (counts <= random)).sum())
            networks[isotropic] += len(rows)
    if not all(ratios.values()):
        return ""
    lead = "Yes" if more[False] == networks[False] else "In part" if more[False] > less[False] else "No"
    return (
        f"**{lead}**: with tanh on every neuron, [{listed(ratios[False])} times](/book/notebooks/appB1_width) as many "
        f"points lie near the planes of two neurons as near random planes ({listed(widths)} neurons; more in "
        f"{more[False]} of {networks[False]} networks); with tanh on the length of the vector, "
        f"{listed(ratios[True])} times (more in {more[True]} of {networks[True]})."
    )


def remainder(folder: Path) -> str:
    """How many tanh networks gather on few neurons with and without mean and covariance; the mean of Figure 1."""
    chosen = [c for c in prepared.published(folder) if c.activation == "tanh" and c.map == "affine"]
    first = [row for row in prepared.table(folder, chosen) if not row.layer]
    if not first:
        return ""
    (raw, _), (left, _) = (prepared.counts(first, prepare) for prepare in ("raw", "whitened"))
    lead = "Most of it is mean and covariance" if 2 * left <= raw else "It is more than mean and covariance"
    lead = lead if raw or left else "Nothing gathers on few neurons"
    words = (
        f"**{lead}**: before any activation {raw} of {len(first)} tanh networks gather on few neurons, and "
        f"[{left} of {len(first)}](/book/notebooks/own_remainder) once both are taken away"
    )
    for result in _published(("fig01",), folder, reading.read):
        rows = [row for row, (configuration, _) in enumerate(result.rows) if configuration.activation == "tanh"]
        if rows:
            shares = [100 * result.of_row(row, "mean_share")[-1] for row in rows]
            words += (
                f"; in Figure 1 the mean representation alone has [{low_to_high(shares, '{:.0f}')} %]"
                "(/book/notebooks/fig01) of the squared length"
            )
    return f"{words}."


def errors(folder: Path) -> str:
    """In how many pairs the isotropic network reconstructs better, and whether it does with smaller steps."""
    results = _published(ERRORS, folder, reconstruction_data.read)
    known = curves(results, "sigma")
    pairs = {
        pair
        for result in results
        for panel in panels(result.figure).values()
        for pair in panel.pairs
        if pair.anisotropic.normalised and reconstruction.comparable(pair, known)
    }
    if not pairs:
        return ""
    lower = [reconstruction.end_of(pair, known).sign for pair in pairs].count(1)
    lead = (
        "Isotropic networks reconstruct better"
        if 2 * lower > len(pairs)
        else "Isotropic networks do not reconstruct better"
    )
    shown = f"[{lower} of {len(pairs)} pairs](/book/notebooks/appD_reconstruction)"
    words = f"**{lead}** on standardised pixels, in {shown}"
    for result in _published(("figX7",), folder, affine_maps.read):
        known = curves([result], "sigma")
        change = {}
        for configuration, curve in known.items():
            partner = next((known[c] for c in known if c.map == configuration.map and c != configuration), None)
            if configuration.activation == "tanh" and partner is not None and shared_seeds(partner, curve):
                change[configuration.map] = 100 * float(relative(partner, curve).mean)
        small = [value for name, value in change.items() if name != "affine" and not name.endswith("_matched")]
        if "affine" in change and small:
            ends = f"[{_change(min(small), 1)} to {_change(max(small), 1)}](/book/notebooks/own_affine_maps)"
            words += (
                f", at the paper's step size: without a hidden block their error is {_change(change['affine'], 0)}, "
                f"but {ends} with maps that take small steps"
            )
    return f"{words}."


def _change(percent: float, digits: int) -> str:
    return f"{abs(percent):.{digits}f} % {'higher' if percent > 0 else 'lower'}"


def other_sources(folder: Path) -> str:
    """What the other three sources of the book came to, by rows of the scorecard."""
    rows = {row.id: row for row in card.rows} if (card := _card(folder)) else {}
    parts = []
    if mean := counted(rows.get("own-srm-1")):
        parts.append(f"the alignment that the spotlight shows is the mean in [{mean}](/book/notebooks/srm_alignment)")
    if (dense := rows.get("poly-2b")) and dense.number is not None:
        parts.append(
            f"boundaries of polytopes are [{abs(dense.number):.1f} standard deviations]"
            f"(/book/notebooks/poly_boundaries) {'denser' if dense.number > 0 else 'rarer'} between classes than within"
        )
    if turned := counted(rows.get("own-rep-1a")):
        parts.append(
            f"with tanh, features in superposition turn to the axes in [{turned}](/book/notebooks/rep_superposition)"
        )
    return f"**The other three sources**: {'; '.join(parts)}." if parts else ""


def verdicts(folder: Path) -> str:
    """How many of the paper's claims hold, are contradicted and open."""
    card = _card(folder)
    if card is None or not card.claims:
        return ""
    outcomes, total = card.outcomes, len(card.claims)
    rest = total - sum(outcomes.values())
    return (
        f"**Verdicts**: of [{total} claims](/book/notebooks/own_scorecard) of the paper {outcomes[AGREE]} hold, "
        f"{card.counts[PART]} of them in part, {outcomes[CONTRADICT]} are contradicted, {outcomes[OPEN]} are open and "
        f"{rest} cannot be judged yet."
    )


def counted(row: Row | None) -> str:
    """How many of what a row counts do what it says, of all that were counted, or else its number with its interval.

    Empty where there is no row, or nothing was counted or measured.
    """
    if row is None:
        return ""
    if row.yes is None:
        return number(row)
    total = row.yes + (row.against or 0) + (row.undecided or 0)
    return f"{row.yes} of {total} {row.unit}" if total else ""


def _card(folder: Path) -> Scorecard | None:
    return compute.read(folder) if (folder / "scorecard.json").is_file() else None


def _published(names: Sequence[str], folder: Path, read: Callable[[Figure, Settings, Path], Result]) -> list[Result]:
    """The results of those figures that are published in a folder with a network."""
    results = []
    for figure in (paper.figure(name) for name in names):
        if reading.is_published(figure, folder):
            with suppress(AllFailed):
                results.append(read(figure, Settings(), folder))
    return results
