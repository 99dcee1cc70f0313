"""The verdicts on the paper's claims, as the pages show them: reads ``book/data/scorecard.json`` and nothing else.

claims figNN ...   what the paper says of these figures, each claim with its verdict, number and threshold
scorecard          every claim, a section a figure, each linked to the figure's page
"""

import json
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective, catalogue_figures, words_setting
from sphinx import addnodes
from sphinx.application import Sphinx

CLASSES = {
    "holds": "holds",
    "holds in part": "part",
    "does not hold": "not",
    "not testable": "open",
    "not published yet": "open",
}
"""The class of a verdict's cell."""

TEXT = "The running text"
SECOND = "The paper on the Spotlight Resonance Method"

WIDTHS = [19, 43, 38]

FILES_NAMED = 4
"""The files behind a number are linked up to this many; the downloads of the scorecard's page name all."""


def words_p(value: float) -> str:
    """A p value to two digits."""
    return "below 0.0001" if value < 1e-4 else f"{value:.2g}"


def words_under_verdict(row: dict[str, Any]) -> str:
    """What has to be known beside the verdict: that symmetry decides it, that it is of a part, that it is undecided."""
    notes = ["by symmetry"] if row["symmetry"] else []
    if row["missing"] and row["number"] is not None:
        count = len(row["missing"])
        notes.append(f"so far: {count} configuration{'s' * (count > 1)} not published yet")
    if row["undecided"]:
        notes.append("undecided")
    return "; ".join(notes)


def words_evidence(row: dict[str, Any]) -> str:
    """Line, adjusted p, networks and seeds of a verdict."""
    parts = []
    if row["line"] is not None and row["number"] is not None:
        parts.append(f"judged against {row['line']:g}")
    if row["p_adjusted"] is not None:
        parts.append(f"adjusted p {words_p(row['p_adjusted'])}")
    if row["networks"]:
        parts.append(f"{row['networks']} network{'s' * (row['networks'] > 1)}")
    if row["seeds"]:
        parts.append(f"{row['seeds']} seeds")
    return " · ".join(parts)


class _ClaimDirective(BookDirective):
    """Tables of claims."""

    def rows_known(self) -> list[dict[str, Any]]:
        """The rows of the scorecard; none where it is not made."""
        path = self.data / "scorecard.json"
        self.env.note_dependency(str(path))
        return json.loads(path.read_text("utf8"))["rows"] if path.is_file() else []

    def claims(self, rows: list[dict[str, Any]], *, thresholds: bool) -> nodes.Node:
        """A table of rows; with ``thresholds`` also what each is judged by."""
        cells = [[self.verdict(row), self.said(row, thresholds), self.number(row, thresholds)] for row in rows]
        return self.table(["Verdict", "The paper's claim", "What was measured"], cells, WIDTHS, "claims")

    @staticmethod
    def verdict(row: dict[str, Any]) -> list[nodes.Node]:
        classes = ["verdict", CLASSES[row["verdict"]]]
        found = [nodes.paragraph("", "", nodes.inline("", row["symbol"], classes=["symbol"]), classes=classes)]
        found[0] += nodes.Text(f" {row['verdict']}")
        if words := words_under_verdict(row):
            found.append(nodes.paragraph("", words, classes=["kind"]))
        return found

    @staticmethod
    def said(row: dict[str, Any], thresholds: bool) -> list[nodes.Node]:
        place = row["place"] if thresholds or row["figure"] is None else row["place"].partition(", ")[2]
        found = [nodes.paragraph("", row["claim"]), nodes.paragraph("", place, classes=["kind"])]
        if thresholds and row["statistic"]:
            judged = "Judged by" if row["changed"] else "Fixed beforehand"
            found.append(nodes.paragraph("", f"{judged}: {row['reason']}.", classes=["kind"]))
        if row["changed"]:
            found.append(nodes.paragraph("", f"Changed after the first verdicts: {row['changed']}.", classes=["kind"]))
        return found

    def number(self, row: dict[str, Any], files: bool) -> list[nodes.Node]:
        if row["number"] is None:
            lacking = f"lacks {len(row['missing'])} configurations" if row["missing"] else "too few points or seeds"
            said = lacking if row["statistic"] else row["reason"]
            return [nodes.paragraph("", said[:1].upper() + said[1:] + ".", classes=["kind"])]
        found = [nodes.paragraph("", "", nodes.strong("", row["said"]))]
        found.append(nodes.paragraph("", row["words"]))
        if words := words_evidence(row):
            found.append(nodes.paragraph("", words, classes=["kind"]))
        if files and row["files"]:
            found.append(self.files(row["files"]))
        return found

    def files(self, names: list[str]) -> nodes.Node:
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
        rows = [row for row in self.rows_known() if row["page"] in self.arguments]
        if not rows:
            return [self.paragraph("No verdict is published yet: `python -m isoaux scorecard` computes them.")]
        own = [row for name in self.arguments for row in rows if row["figure"] == name]
        text = [row for row in rows if row["figure"] is None]
        return [self.claims([*own, *text], thresholds=True)]


class Scorecard(_ClaimDirective):
    """Every claim with its verdict, a section a figure."""

    def run(self) -> list[nodes.Node]:
        rows, pages = self.rows_known(), self.holders()
        if not rows:
            return [self.paragraph("No verdict is published yet: `python -m isoaux scorecard` computes them.")]
        found = []
        for figure in catalogue_figures(self.read_paper("figures.yaml")):
            own = [row for row in rows if row["figure"] == figure["name"]]
            if own:
                page = pages.get(figure["name"], "appE_architecture" if figure["kind"] == "architecture" else "")
                link = self.page(f"book/notebooks/{page}", f"To the page of Figure {figure['id']}")
                setting = nodes.paragraph("", "", nodes.Text(f"{words_setting(figure)}. "), link, nodes.Text("."))
                found.append(self.part(f"Figure\u00a0{figure['id']}", figure["name"], [setting], own))
        text = [row for row in rows if row["figure"] is None and row["id"].startswith("text-")]
        second = [row for row in rows if row["figure"] is None and not row["id"].startswith("text-")]
        found.append(self.part(TEXT, "text", [], text))
        found.append(self.part(SECOND, "second", [], second))
        return found

    def part(self, title: str, name: str, before: list[nodes.Node], rows: list[dict[str, Any]]) -> nodes.Node:
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
