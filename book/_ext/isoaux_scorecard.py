"""The verdicts on the papers' claims, as the pages show them: what ``book/data/scorecard.json`` says.

claims figNN ...   the claims about these figures: how many have which verdict, a mark for each, and rows that open
scorecard          every claim: a wall of marks with filters and a search field, and below it the rows, by figure
"""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective
from isoaux_live import Static
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from isoaux.scorecard import bundle, report, summary
from isoaux.scorecard import compute as scorecard
from isoaux.scorecard.families import SUBJECTS
from isoaux.scorecard.verdicts import CLAIM, SYMBOLS, Row
from isoaux.scorecard.verdicts import Scorecard as Card
from isoaux.studies import registry

STATIC = Static("scorecard", ("claims", "wall"))

KINDS = {
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

SOURCES = {
    "claims": "the paper's claims",
    "beside": "the paper's settings, definitions, proposals and repeats",
    "method": "the paper on the Spotlight Resonance Method",
    "post": "the post on the polytope lens",
    "primer": "the primer on representations",
    "ours": "this book",
}
"""Where statements come from, as the filter of the wall names it; only the first are counted for and against."""

TEXT = "Running text"
OTHERS = {"srm": "Spotlight Resonance Method", "poly": "Polytope lens", "rep": "Primer on representations"}
"""The title of the group of each source but the paper, by what the ids of its claims begin with."""

FILES_NAMED = 4
"""The files behind a number are linked up to this many; the downloads of the scorecard's page name all."""


# --- words ---


def words_p(value: float) -> str:
    """A p value to two digits."""
    return "below 0.0001" if value < 1e-4 else f"{value:.2g}"


def words_number(row: Row) -> str:
    """A row's number with its interval, negative ones with a minus sign."""
    return report.number(row).replace("-", "\u2212")


def words_kind(row: Row) -> str:
    """What has to be known beside the verdict: what kind of statement it is, and that it is of a part only."""
    notes = ["by symmetry"] if row.symmetry else []
    if row.category != CLAIM:
        notes.append(KINDS[row.category])
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


def words_nothing(row: Row) -> str:
    """Why a row has no number."""
    lacking = f"lacks {len(row.missing)} configurations" if row.missing else "too few points or seeds"
    words = lacking if row.statistic else row.reason
    return f"{words[:1].upper()}{words[1:]}."


def source(row: Row) -> str:
    """Which of the :data:`SOURCES` a row is of."""
    if row.category == CLAIM:
        return "claims"
    return row.category if row.category in SOURCES else "beside"


def target(row: Row) -> str:
    """The identifier of a row in its page."""
    return f"claim-{row.id}"


# --- parts of a page ---


class Element(nodes.General, nodes.Element):  # type: ignore[misc]
    """An element of HTML, ``tag``, with its ``attributes``, for which docutils has no node."""


def element(tag: str, *children: nodes.Node, **attributes: str | None) -> Element:
    """An element with attributes; underscores of names are hyphens, ``class_`` is the class, None leaves one out."""
    named = {key.strip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    return Element("", *children, tag=tag, attributes=named)


def visit(self: HTML5Translator, node: Element) -> None:
    """Write the start of an element."""
    attributes = "".join(f' {key}="{html.escape(value)}"' for key, value in node["attributes"].items())
    self.body.append(f"<{node['tag']}{attributes}>")


def depart(self: HTML5Translator, node: Element) -> None:
    """Write the end of an element."""
    self.body.append(f"</{node['tag']}>")


def symbol(row: Row) -> Element:
    """The symbol of a row's verdict, which the words beside it say, too."""
    return element("span", nodes.Text(row.symbol), class_=classes(row), aria_hidden="true")


def classes(row: Row) -> str:
    """The classes of a mark: that of its verdict, and whether it is not counted."""
    return f"mark {row.verdict.replace(' ', '-')}{'' if row.category == CLAIM else ' beside'}"


def mark(row: Row) -> Element:
    """A small link to a row, which shows its verdict."""
    where = row.place if row.figure is None else row.place.partition(",")[0]
    name = f"{where} ({row.id.rpartition('-')[2]}): {report.label(row)}"
    facts = {"data_verdict": row.verdict, "data_subject": row.family, "data_figure": row.page or ""}
    look = {"class_": classes(row), "href": f"#{target(row)}", "aria_label": name}
    return element("a", nodes.Text(row.symbol), **look, **facts, data_source=source(row))


def marks(rows: Iterable[Row]) -> Element:
    """The marks of rows, as a list."""
    return element("ul", *(element("li", mark(row)) for row in rows), class_="marks")


def field(words: str, name: str, options: Mapping[str, str]) -> Element:
    """A labelled choice of the wall: values and their words, before them everything."""
    choices = (element("option", nodes.Text(text), value=value) for value, text in {"": "all", **options}.items())
    return element("label", nodes.Text(f"{words} "), element("select", *choices, name=name))


class _ClaimDirective(BookDirective):
    """Marks and rows of claims."""

    def card(self) -> Card | None:
        """The published scorecard; None where it is not made."""
        path = self.data / "scorecard.json"
        self.env.note_dependency(str(path))
        return scorecard.read(self.data) if path.is_file() else None

    def none(self) -> list[nodes.Node]:
        return [self.paragraph("No verdict is published yet: `python -m isoaux scorecard` computes them.")]

    def row(self, row: Row, page: str = "") -> Element:
        """A claim with its verdict and number, which opens to what they rest on.

        With the address of a ``page`` that has the same row, its rule and its files are left to that page.
        """
        dagger = f" {report.CHANGED}" if row.changed else ""
        head = element(
            "summary",
            symbol(row),
            element("span", nodes.Text(report.label(row)), class_="verdict"),
            element("span", nodes.Text(f"{row.claim}{dagger}"), class_="claim"),
            element("span", *self.number(row), class_="number"),
        )
        rest = [self.full_row(row, page)] if page else self.rules(row)
        return element("details", head, *self.facts(row), *rest, class_="claim-row", id=target(row))

    @staticmethod
    def number(row: Row) -> Iterator[nodes.Node]:
        """A row's number, and below it its interval."""
        value, bracket, interval = words_number(row).partition(" (")
        yield nodes.Text(value)
        if bracket:
            yield element("span", nodes.Text(f" ({interval}"), class_="interval")

    def facts(self, row: Row) -> Iterator[nodes.Node]:
        """What was claimed where, and what was measured, a paragraph each."""
        yield nodes.paragraph("", f"{row.place}.")
        if row.number is None:
            yield nodes.paragraph("", words_nothing(row))
        else:
            number = nodes.strong("", words_number(row))
            yield nodes.paragraph("", "", nodes.Text("Measured: "), number, nodes.Text(f", {row.words}."))
        if row.same_as:
            yield nodes.paragraph("", f"The same evidence as for {row.same_as}, counted there.")

    def rules(self, row: Row) -> Iterator[nodes.Node]:
        """By which rule a row was judged, what was changed of it, and from which files its number is."""
        if row.statistic:
            yield nodes.paragraph("", f"Judged by: {row.reason}.")
        if row.changed:
            yield nodes.paragraph("", f"{report.CHANGED} Changed: {row.changed}.")
        words = " · ".join(text for text in (words_evidence(row), words_kind(row)) if text)
        if words or row.files:
            yield self.evidence(words, row.files)

    def full_row(self, row: Row, page: str) -> nodes.Node:
        """What a row rests on in a line, with a link to the same row on another page."""
        words = " · ".join(text for text in (words_evidence(row), words_kind(row)) if text)
        line = nodes.paragraph("", f"{words} · " if words else "", classes=["kind"])
        line += nodes.reference("", "rule and files", refuri=f"{page}#{target(row)}", internal=True)
        return line

    def evidence(self, words: str, names: Sequence[str]) -> nodes.Node:
        """Words, and the published files that a number was computed from, as downloads where they are few."""
        line = nodes.paragraph("", words, classes=["kind"])
        if not names:
            return line
        line += nodes.Text(" · from " if words else "from ")
        if len(names) > FILES_NAMED:
            line += nodes.Text(f"{len(names)} files")
            return line
        for place, name in enumerate(names):
            line += nodes.Text(", " if place else "")
            to = {"refdoc": self.env.docname, "reftarget": f"/book/data/{name}", "reftype": "download"}
            line += addnodes.download_reference("", "", nodes.inline("", name.removeprefix("networks/")), **to)
        return line


class Claims(_ClaimDirective):
    """What is said of some figures, and what the published data say to it: marks, and rows that open on demand.

    A figure without claims of its own shows those of the text that its networks decide; of the others a link tells.
    """

    required_arguments = 1
    optional_arguments = 20

    def run(self) -> list[nodes.Node]:
        card = self.card()
        if card is None:
            return self.none()
        rows = card.of_page(self.arguments)
        if not rows:
            return self.none()
        counts = nodes.paragraph("", summary.counts(rows), classes=["counts"])
        readout = element("p", class_="readout", hidden="")
        head = element("summary", nodes.Text(f"All {len(rows)} rows: what was claimed, measured, and by which rule"))
        rules = nodes.paragraph("", summary.rules(rows).words, classes=["kind"])
        fold = element("details", head, rules, *(self.row(row) for row in rows), class_="rows")
        return [element("div", counts, marks(rows), readout, fold, *self.further(card), class_="isoaux-claims")]

    def further(self, card: Card) -> Iterator[nodes.Node]:
        """Links to the statements of the running text that networks of the figures decide, in the scorecard."""
        page = "book/notebooks/own_scorecard"
        decided = {name: sum(row.page == name for row in card.rows) for name in self.arguments}
        rest = {name: count - len(card.of_page([name])) for name, count in decided.items()}
        rest = {name: count for name, count in rest.items() if count}
        if not rest or not (self.root / f"{page}.ipynb").is_file():
            return
        line = nodes.paragraph("", "In the scorecard, from the paper's running text: ", classes=["kind"])
        for place, (name, count) in enumerate(rest.items()):
            plural = "s" * (count > 1)
            words = f"{count} statement{plural} that the networks of Figure\u00a0{self.figure(name).number} decide"
            uri = f"{self.env.app.builder.get_relative_uri(self.env.docname, page)}?figure={name}"
            line += nodes.Text(", " if place else "")
            line += nodes.reference("", words, refuri=uri)
        line += nodes.Text(".")
        yield line


class Scorecard(_ClaimDirective):
    """Every claim with its verdict: the wall, and the rows by figure."""

    def run(self) -> list[nodes.Node]:
        card = self.card()
        if card is None:
            return self.none()
        groups = list(self.groups(card.rows))
        wall = element("div", *(self.bricks(title, members) for _, title, members in groups), class_="bricks")
        listed = element("div", *(self.group(*group) for group in groups), class_="groups")
        readout = element("p", class_="readout", hidden="")
        return [element("div", self.filters(card), wall, readout, listed, class_="isoaux-wall")]

    def groups(self, rows: Sequence[Row]) -> Iterator[tuple[str, str, list[Row]]]:
        """The rows in the paper's order, by figure, then its text, then the other sources: name, title, rows."""
        for name, figure in self.figures().items():
            if members := [row for row in rows if row.figure == name]:
                yield name, f"Figure\u00a0{figure.number}", members
        rest = [row for row in rows if row.figure is None]
        for start, title in {"text": TEXT, **OTHERS}.items():
            if members := [row for row in rest if row.id.removeprefix("own-").startswith(f"{start}-")]:
                yield start, title, members

    def bricks(self, title: str, rows: Sequence[Row]) -> Element:
        """The marks of a group, with its title."""
        short = title.removeprefix("Figure\u00a0")
        return element("div", element("span", nodes.Text(short), class_="of", title=title), marks(rows), class_="brick")

    def group(self, name: str, title: str, rows: Sequence[Row]) -> Element:
        """The rows of a group, folded under its title and its counts; those of a figure are on its page in full."""
        heading = element("span", nodes.Text(title), class_="title")
        counts = element("span", nodes.Text(summary.counts(rows)), class_="tally")
        head = element("summary", heading, nodes.Text(" "), counts)
        before = [self.setting(name)] if name in self.pages else []
        page = self.uri(name) if name in self.pages else ""
        each = (self.row(row, page) for row in rows)
        return element("details", head, *before, *each, class_="group", id=f"claims-{name}")

    def setting(self, name: str) -> nodes.Node:
        """What the networks of a figure are, and a link to its page."""
        figure = self.figure(name)
        link = self.page(f"book/notebooks/{self.pages[name]}", f"To the page of Figure\u00a0{figure.number}")
        words = nodes.Text(f"{registry.of(figure).words(figure)}. ")
        return nodes.paragraph("", "", words, link, nodes.Text("."), classes=["kind"])

    def filters(self, card: Card) -> Element:
        """What a reader may ask for; hidden until the page's script shows it."""
        pressed = (
            element(
                "button",
                element("span", nodes.Text(sign), class_=f"mark {verdict.replace(' ', '-')}", aria_hidden="true"),
                nodes.Text(f" {verdict} "),
                element("span", class_="count"),
                type="button",
                value=verdict,
                aria_pressed="false",
            )
            for verdict, sign in SYMBOLS.items()
        )
        pages = dict.fromkeys(row.page for row in card.rows if row.page)
        known = self.figures()
        figures = {name: f"Figure {known[name].number}" for name in known if name in pages}
        families = {row.family for row in card.rows}
        subjects = {name: words for name, words in SUBJECTS.items() if name in families}
        search = element("input", type="search", name="search", autocomplete="off")
        return element(
            "form",
            element("div", *pressed, class_="verdicts", role="group", aria_label="Verdicts"),
            field("Said by", "source", SOURCES),
            field("About", "subject", subjects),
            field("Networks of", "figure", figures),
            element("label", nodes.Text("Search "), search),
            element("button", nodes.Text("Show all"), type="reset"),
            element("output", class_="shown"),
            hidden="",
        )


def scorecard_files(app: Sphinx) -> None:
    """Put the script and the style among the static files."""
    STATIC.cleared(app)
    STATIC.write(app, bundle.for_page())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives, and what their pages need."""
    app.add_node(Element, html=(visit, depart))
    app.add_directive("claims", Claims)
    app.add_directive("scorecard", Scorecard)
    app.connect("builder-inited", scorecard_files)
    app.connect("html-page-context", STATIC.load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
