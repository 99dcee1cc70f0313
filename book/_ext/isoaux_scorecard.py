"""The verdicts on the paper's claims, as the pages show them: what ``book/data/scorecard.json`` says.

claims figNN ...   what the paper says of these figures, each claim with its verdict, number and threshold
scorecard          every claim, a section a figure, each linked to the figure's page
"""

from collections.abc import Sequence
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective
from sphinx import addnodes
from sphinx.application import Sphinx

from isoaux.scorecard import compute as scorecard
from isoaux.scorecard import report, summary
from isoaux.scorecard.verdicts import AGREE, CLAIM, CONTRADICT, HOLDS, OPEN, Row
from isoaux.scorecard.verdicts import Scorecard as Card
from isoaux.studies import registry

CLASSES = {AGREE: "part", CONTRADICT: "contradicted", OPEN: "undecided", None: "open"}
"""The class of a verdict's cell by its outcome; what holds without restriction has a class of its own."""

CATEGORIES = {
    "setting": "a setting, not counted",
    "derived": "follows from the paper's definitions, not printed there; not counted",
    "method": "said of the Spotlight Resonance Method; not counted",
    "post": "said in the post on the polytope lens; not counted",
    "proposal": "a proposal of the paper; not counted",
    "ours": "ours, not the paper's; not counted",
    "primer": "said by the primer on representations; not counted",
    "repeat": "said a second time; not counted again",
}
"""What is said of rows that are no claims about results."""

TEXT = "The running text"
OTHERS = {
    "srm": "The paper on the Spotlight Resonance Method",
    "poly": "The post on the polytope lens",
    "rep": "The primer on representations",
}
"""The title of the section of each source but the paper, by what the ids of its claims begin with."""

WIDTHS = [19, 43, 38]

FILES_NAMED = 4
"""The files behind a number are linked up to this many; the downloads of the scorecard's page name all."""


def words_p(value: float) -> str:
    """A p value to two digits."""
    return "below 0.0001" if value < 1e-4 else f"{value:.2g}"


def words_under_verdict(row: Row) -> str:
    """What has to be known beside the verdict: what kind of statement it is, and that it is of a part only."""
    notes = ["by symmetry"] if row.symmetry else []
    if row.category != CLAIM:
        notes.append(CATEGORIES[row.category])
    if row.same_as:
        notes.append(f"the same evidence as for {row.same_as}")
    if row.orientation:
        notes.append(f"up and down as in the {row.orientation}'s pictures")
    if row.missing and row.number is not None:
        count = len(row.missing)
        notes.append(f"so far: {count} configuration{'s' * (count > 1)} not published yet")
    return "; ".join(notes)


def words_evidence(row: Row) -> str:
    """Line, adjusted p and the representations that it is of, networks and seeds of a verdict."""
    parts = []
    if row.line is not None and row.number is not None:
        margin = "" if row.margin is None else f" ± {row.margin:g}"
        parts.append(f"judged against {row.line:g}{margin}")
    if row.p_adjusted is not None:
        of = f", {row.preparation} representations" if row.preparation else ""
        parts.append(f"adjusted p {words_p(row.p_adjusted)}{of}")
    if row.networks:
        parts.append(f"{row.networks} network{'s' * (row.networks > 1)}")
    if row.seeds:
        parts.append(f"{row.seeds} seed{'s' * (row.seeds > 1)}")
    return " · ".join(parts)


class _ClaimDirective(BookDirective):
    """Tables of claims."""

    def card(self) -> Card | None:
        """The published scorecard; None where it is not made."""
        path = self.data / "scorecard.json"
        self.env.note_dependency(str(path))
        return scorecard.read(self.data) if path.is_file() else None

    def claims(self, rows: Sequence[Row], *, thresholds: bool) -> nodes.Node:
        """A table of rows; with ``thresholds`` also what each is judged by."""
        cells = [[self.verdict(row), self.claim(row, thresholds), self.number(row, thresholds)] for row in rows]
        return self.table(["Verdict", "The paper's claim", "What was measured"], cells, WIDTHS, "claims")

    @staticmethod
    def verdict(row: Row) -> list[nodes.Node]:
        symbol = nodes.inline("", row.symbol, classes=["symbol"])
        classes = ["verdict", "holds" if row.verdict == HOLDS else CLASSES[row.outcome]]
        cell = [nodes.paragraph("", "", symbol, nodes.Text(f" {report.label(row)}"), classes=classes)]
        if words := words_under_verdict(row):
            cell.append(nodes.paragraph("", words, classes=["kind"]))
        return cell

    @staticmethod
    def claim(row: Row, thresholds: bool) -> list[nodes.Node]:
        place = row.place if thresholds or row.figure is None else row.place.partition(", ")[2]
        mark = f" {report.CHANGED}" if row.changed else ""
        cell = [nodes.paragraph("", f"{row.claim}{mark}"), nodes.paragraph("", place, classes=["kind"])]
        if row.same_as:
            cell.append(
                nodes.paragraph("", f"The same evidence as for {row.same_as}, counted there.", classes=["kind"])
            )
        if thresholds and row.statistic:
            cell.append(nodes.paragraph("", f"Judged by: {row.reason}.", classes=["kind"]))
        if row.changed:
            cell.append(nodes.paragraph("", f"{report.CHANGED} Changed: {row.changed}.", classes=["kind"]))
        return cell

    def number(self, row: Row, files: bool) -> list[nodes.Node]:
        if row.number is None:
            lacking = f"lacks {len(row.missing)} configurations" if row.missing else "too few points or seeds"
            words = lacking if row.statistic else row.reason
            return [nodes.paragraph("", words[:1].upper() + words[1:] + ".", classes=["kind"])]
        cell = [nodes.paragraph("", "", nodes.strong("", report.number(row))), nodes.paragraph("", row.words)]
        if words := words_evidence(row):
            cell.append(nodes.paragraph("", words, classes=["kind"]))
        if files and row.files:
            cell.append(self.files(row.files))
        return cell

    def files(self, names: Sequence[str]) -> nodes.Node:
        """The published files that a number was computed from, as downloads where they are few."""
        line = nodes.paragraph(classes=["kind"])
        if len(names) > FILES_NAMED:
            line += nodes.Text(f"from {len(names)} files")
            return line
        for place, name in enumerate(names):
            line += nodes.Text(", " if place else "from ")
            target = {"refdoc": self.env.docname, "reftarget": f"/book/data/{name}", "reftype": "download"}
            line += addnodes.download_reference("", "", nodes.inline("", name.removeprefix("networks/")), **target)
        return line


class Claims(_ClaimDirective):
    """What the paper says of some figures, and what the published data say to it."""

    required_arguments = 1
    optional_arguments = 20

    def run(self) -> list[nodes.Node]:
        card = self.card()
        rows = [row for row in card.rows if row.page in self.arguments] if card else []
        if card is None or not rows:
            return [self.paragraph("No verdict is published yet: `python -m isoaux scorecard` computes them.")]
        of_figures = [row for name in self.arguments for row in rows if row.figure == name]
        of_text = [row for row in rows if row.figure is None]
        rules = nodes.paragraph("", summary.rules(card).words)
        return [rules, self.claims([*of_figures, *of_text], thresholds=True)]


class Scorecard(_ClaimDirective):
    """Every claim with its verdict, a section a figure."""

    def run(self) -> list[nodes.Node]:
        card = self.card()
        if card is None:
            return [self.paragraph("No verdict is published yet: `python -m isoaux scorecard` computes them.")]
        rows, parts = card.rows, []
        for name, figure in self.figures().items():
            members = [row for row in rows if row.figure == name]
            if members:
                link = self.page(f"book/notebooks/{self.pages.get(name, '')}", f"To the page of Figure {figure.number}")
                words = nodes.Text(f"{registry.of(figure).words(figure)}. ")
                setting = nodes.paragraph("", "", words, link, nodes.Text("."))
                parts.append(self.part(f"Figure\u00a0{figure.number}", name, [setting], members))
        rest = [row for row in rows if row.figure is None]
        of_text = [row for row in rest if row.id.startswith("text-")]
        parts.append(self.part(TEXT, "text", [], of_text))
        for source, title in OTHERS.items():
            if members := [row for row in rest if row.id.removeprefix("own-").startswith(f"{source}-")]:
                parts.append(self.part(title, source, [], members))
        return parts

    def part(self, title: str, name: str, before: list[nodes.Node], rows: Sequence[Row]) -> nodes.Node:
        """A section with the table of some claims."""
        identifier = f"claims-{name}"
        section = nodes.section("", nodes.title("", title), *before, ids=[identifier], names=[identifier])
        self.state.document.note_explicit_target(section)
        section += self.claims(rows, thresholds=False)
        return section


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("claims", Claims)
    app.add_directive("scorecard", Scorecard)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
