"""The book's own directives and page clean-up: what is published, where it came from, what the paper misprints.

Data and pictures are those of the book's own folder, which may be a staged copy; the catalogue, the words about figures
and all other code are those of the installed isoaux.

    status-table      per figure: name in commands, setting, what is published, measured time
    errata-table      the errata and readings, with a target for the role ``erratum``
    provenance figNN  one line under a figure: how its published data were made; amber when the code has moved since
    downloads figNN   one line of links: PNG, SVG, data
    picture figNN     the picture of a published figure as a link to its page, with that figure's alternative text
    gallery           every figure whose study has thumbnails, in small: setting and finding, linked to its page

Figures carry the numbers of the paper: the one named ``fig08`` is Figure 8, ``fig08-...`` on its page is Figure 8.1;
``figX1`` is Figure X1, the first of ours.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, ClassVar

import isoaux_pictures as pictures
import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from PIL import Image
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from isoaux import paper
from isoaux.common import versions
from isoaux.common.choices import choose
from isoaux.paper import Figure
from isoaux.site import facts, notebooks
from isoaux.studies import registry

logger = logging.getLogger(__name__)

SOURCES = {
    "P1": "Emergence of Quantised Representations",
    "P2": "The Spotlight Resonance Method",
    "PL": "The Polytope Lens",
    "NR": "Neural Network Representations",
}
"""What errata are of: both papers, the post on the polytope lens, and the primer on representations."""

GUIDE = "how-to-read-a-panel"
"""The label of the explanation of a panel, which every figure of planes links."""

NETWORKS_SHOWN = 4
"""A figure of more configurations than this links its figure file only, if it has one."""


# --- directives ---


class BookDirective(SphinxDirective):
    """What the book's directives share: the folder of the book, its figures and pages, and tables of nodes."""

    @property
    def root(self) -> Path:
        return Path(self.env.srcdir)

    @property
    def data(self) -> Path:
        return self.root / "book" / "data"

    def figures(self) -> dict[str, Figure]:
        """The figures of the catalogue by name."""
        self.env.note_dependency(str(files("isoaux.paper") / "figures.yaml"))
        return paper.figures()

    def figure(self, name: str) -> Figure:
        """The figure of the catalogue that an argument of the directive names."""
        try:
            return choose("figure", name, self.figures())
        except ValueError as error:
            raise self.error(str(error)) from error

    def published(self, figure: Figure) -> dict[str, Any] | None:
        """The facts of a figure's published data; their files are noted, also while they do not exist."""
        for place in facts.places(figure, self.data):
            self.env.note_dependency(str(place))
        return facts.of_figure(figure, self.data)

    def inline(self, text: str) -> list[nodes.Node]:
        """Markdown without paragraphs: formulas, code, emphasis."""
        children, messages = self.state.inline_text(text, self.lineno)
        return [*children, *messages]

    def paragraph(self, *texts: str, classes: Iterable[str] = ()) -> nodes.paragraph:
        node = nodes.paragraph(classes=list(classes))
        for text in texts:
            node += self.inline(text)
        return node

    @cached_property
    def pages(self) -> dict[str, str]:
        """The executed notebook of every figure that is drawn in one or named by its code."""
        pages = {}
        for path in sorted((self.root / "book" / "notebooks").glob("*.ipynb")):
            self.env.note_dependency(str(path))
            pages |= dict.fromkeys([*notebooks.drawn(path), *notebooks.figures_of(path)], path.stem)
        return pages

    def drawn(self, name: str) -> dict[str, str]:
        """Alternative text and finding of a figure, as far as an executed notebook has them."""
        path = self.root / "book" / "notebooks" / f"{self.pages.get(name, name)}.ipynb"
        return notebooks.drawn(path).get(name, {}) if path.is_file() else {}

    def uri(self, name: str) -> str:
        """The address of a figure's page."""
        return self.env.app.builder.get_relative_uri(self.env.docname, f"book/notebooks/{self.pages.get(name, name)}")

    def page(self, document: str, text: str) -> nodes.Node:
        """A link to a page of the book if there is such a page, the plain text otherwise."""
        if not any((self.root / f"{document}{suffix}").is_file() for suffix in (".md", ".ipynb")):
            return nodes.Text(text)
        target = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{document}", "refdoc": self.env.docname}
        return addnodes.pending_xref("", nodes.inline("", text), **target, refexplicit=True, refwarn=True)

    def table(self, heads: list[str], rows: list[list[list[nodes.Node]]], widths: list[int], name: str) -> nodes.Node:
        head = nodes.row("", *(nodes.entry("", self.paragraph(text)) for text in heads))
        body = (nodes.row("", *(nodes.entry("", *cell) for cell in cells)) for cells in rows)
        columns = (nodes.colspec(colwidth=width) for width in widths)
        group = nodes.tgroup("", *columns, nodes.thead("", head), nodes.tbody("", *body), cols=len(heads))
        return nodes.container("", nodes.table("", group, classes=["isoaux-table", name]), classes=["isoaux-scroll"])


class StatusTable(BookDirective):
    """Per figure of the catalogue: its name in commands, setting, what is published, measured time."""

    option_spec: ClassVar = {"show": lambda text: directives.choice(text, ("ready", "rest", "all"))}

    def run(self) -> list[nodes.Node]:
        show = self.options.get("show", "all")
        pages, sources = self.pages, notebooks.holding()
        rows = []
        for name, figure in self.figures().items():
            about = self.published(figure)
            runnable = name in sources
            if show != "all" and (show == "ready") != bool(about or runnable):
                continue
            page = self.page(f"book/notebooks/{pages.get(name, name)}", f"Figure\u00a0{figure.number}")
            shown = [nodes.paragraph("", "", page), nodes.paragraph("", "", nodes.literal("", name), classes=["kind"])]
            cells = [shown, [self.paragraph(registry.of(figure).words(figure))]]
            if show != "rest":
                cells.append([nodes.paragraph("", facts.run(about) if about else "not yet")])
                time = f"{facts.duration(about['seconds'])} on {about['device']}" if about else "not measured"
                cells.append([nodes.paragraph("", time)])
            rows.append(cells)
        if not rows:
            return [self.paragraph("Nothing in this list at the moment.")]
        heads = ["Figure", "Setting", "Published", "Measured time"]
        if show == "rest":
            return [self.table(heads[:2], rows, [14, 86], "status")]
        return [self.table(heads, rows, [16, 42, 28, 14], "status")]


class ErrataTable(BookDirective):
    """The errata and readings; with ``:paper: P1 P2`` those of some sources."""

    option_spec: ClassVar = {
        "paper": lambda text: [choose("paper", word, SOURCES) and word for word in text.split()],
    }

    def run(self) -> list[nodes.Node]:
        path = files("isoaux.paper") / "errata.yaml"
        self.env.note_dependency(str(path))
        content = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        labels = self.env.get_domain("std")
        rows = []
        for item in content["errata"]:
            if item["paper"] not in self.options.get("paper", SOURCES):
                continue
            target = f"erratum-{item['id'].lower()}"
            labels.note_hyperlink_target(target, self.env.docname, target, item["id"])
            title = nodes.paragraph("", "", nodes.strong("", item["id"]), ids=[target])
            kind = f"{item['paper']}, {item['where']}: {content['types'][item['type']]}"
            rows.append(
                [
                    [title, self.paragraph(kind, classes=["kind"])],
                    [self.paragraph(item["printed"]), self.paragraph(item["problem"], classes=["problem"])],
                    [self.paragraph(item["reading"])],
                ]
            )
        heads = ["Item", "Printed → what is wrong", "How it is read here"]
        return [self.table(heads, rows, [20, 42, 38], "errata")]


class Erratum(SphinxRole):
    """A link to one line of the errata table: ``{erratum}`E3` ``."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        xref = addnodes.pending_xref(
            self.rawtext,
            nodes.inline("", f"erratum {self.text}"),
            refdomain="std",
            reftype="ref",
            reftarget=f"erratum-{self.text.lower()}",
            refexplicit=True,
            refwarn=True,
        )
        xref["refdoc"] = self.env.docname
        return [xref], []


class Provenance(BookDirective):
    """How the published data of a figure were made; amber when results might differ with today's code."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        self.env.note_dependency(versions.__file__)
        about = self.published(self.figure(name))
        if about is None:
            return [self.line("missing", f"No data of {name} are published yet.")]
        changes, text = facts.moved(about), facts.made(about)
        if changes:
            text += f" The code has moved since ({'; '.join(changes)}): a re-run may differ."
        return [self.line("amber" if changes else "current", text)]

    @staticmethod
    def line(state: str, text: str) -> nodes.Node:
        return nodes.container("", nodes.paragraph("", text), classes=["provenance", state])


class Downloads(BookDirective):
    """Links to the picture (PNG, SVG), to the figure file if it has one, and to the records of its networks.

    Under a figure of planes also to the page that explains a panel.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        offered = [
            ("PNG", pictures.place(name)),
            ("SVG", f"book/images/{name}.svg"),
            ("drawn data (npz)", f"book/data/{name}.npz"),
            ("facts (json)", f"book/data/{name}.json"),
        ]
        figure = self.figure(name)
        if len(figure.configurations) <= NETWORKS_SHOWN or not figure.has_file:
            offered += [(f"{each.id} (npz)", f"book/data/networks/{each.id}.npz") for each in figure.configurations]
        line = nodes.paragraph()
        for label, path in offered:
            self.env.note_dependency(str(self.root / path))
            if (self.root / path).is_file():
                target = {"refdoc": self.env.docname, "reftarget": f"/{path}", "reftype": "download"}
                line += nodes.Text(" · " if len(line) else "Download: ")
                line += addnodes.download_reference("", "", nodes.inline("", label), **target)
        if not len(line):
            line += nodes.Text("Nothing to download yet.")
        if figure.has_planes and (self.root / "book" / "method.md").is_file():
            target = {"refdomain": "std", "reftype": "ref", "reftarget": GUIDE, "refdoc": self.env.docname}
            shown = nodes.inline("", "How to read a panel")
            line += [nodes.Text(" · "), addnodes.pending_xref("", shown, **target, refexplicit=True, refwarn=True)]
        return [nodes.container("", line, classes=["downloads"])]


class Picture(BookDirective):
    """The picture of a figure, linked to the figure's page; its alternative text is that of the figure on its page, and
    before there is one, ``:alt:``.
    """

    required_arguments = 1
    option_spec: ClassVar = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        path = pictures.place(name)
        self.env.note_dependency(str(self.root / path))
        if not (self.root / path).is_file():
            return [self.paragraph(f"*The picture of {name} is not published yet.*")]
        image = nodes.image(uri=f"/{path}", alt=self.drawn(name).get("alt") or self.options["alt"])
        return [nodes.paragraph("", "", nodes.reference("", "", image, refuri=self.uri(name)), classes=["picture"])]


class Gallery(BookDirective):
    """Every figure whose study has thumbnails: in small, with its setting and finding; then those to come."""

    def run(self) -> list[nodes.Node]:
        shown, rest = nodes.container("", classes=["gallery"]), nodes.bullet_list()
        for name, figure in self.figures().items():
            study = registry.of(figure)
            if study.thumbnail is None:
                continue
            title, setting = f"Figure\u00a0{figure.number}", study.words(figure)
            finding, picture = self.drawn(name).get("finding"), f"book/images/{name}-last.png"
            self.env.note_dependency(str(self.root / picture))
            if self.published(figure) is None or finding is None or not (self.root / picture).is_file():
                rest += nodes.list_item("", self.paragraph(f"{title}: {setting}; not published yet."))
                continue
            image = nodes.image(uri=f"/{picture}", alt=f"{title} in small{study.thumbnail_words}. {finding}")
            page = self.page(f"book/notebooks/{self.pages[name]}", title)
            shown += nodes.container(
                "",
                nodes.paragraph("", "", nodes.reference("", "", image, refuri=self.uri(name))),
                nodes.paragraph("", "", page, nodes.Text(f": {setting}.")),
                nodes.paragraph("", finding, classes=["kind"]),
                classes=["gallery-item"],
            )
        return [part for part in (shown, rest) if len(part)]


# --- pages ---


def lazy_images(body: str) -> str:
    """Let every picture but the first of a page load when it comes into view."""
    first = True

    def mark(match: re.Match[str]) -> str:
        nonlocal first
        if first or "loading=" in match[0]:
            first = False
            return match[0]
        return f'<img loading="lazy" {match[0][len("<img ") :]}'

    return re.sub(r"<img [^>]*>", mark, body)


def sized_images(body: str, sizes: Mapping[str, tuple[int, int]]) -> str:
    """Give pictures their width and height in pixels, by the names of their files, so that a page keeps their place."""

    def size(match: re.Match[str]) -> str:
        known = sizes.get(match[1])
        if known is None or re.search(r" (width|height)=", match[0]):
            return match[0]
        return f'<img width="{known[0]}" height="{known[1]}" {match[0][len("<img ") :]}'

    return re.sub(r'<img [^>]*?src="[^"]*?([^"/]+)"[^>]*>', size, body)


def sizes_of(app: Sphinx, body: str) -> dict[str, tuple[int, int]]:
    """Width and height of every PNG that a page shows, in pixels, by the name of its file in the book."""
    sizes = {}
    for source, name in app.builder.images.items():
        if name.endswith(".png") and f"/{name}" in body and (path := Path(app.srcdir) / source).is_file():
            with Image.open(path) as image:
                sizes[name] = image.size
    return sizes


def clean_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """No inline script twice (a console error), no file of another host, pictures below the first on demand."""
    seen, kept = set(), []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body")
        if body and body in seen:
            continue
        seen.add(body)
        kept.append(script)
    context["script_files"][:] = kept
    for asset in [*kept, *context.get("css_files", [])]:
        if re.match("(https?:)?//", str(getattr(asset, "filename", asset) or "")):
            logger.warning("the page %s would load %s", pagename, asset.filename, type="isoaux")
    if context.get("body"):
        context["body"] = sized_images(lazy_images(context["body"]), sizes_of(app, context["body"]))


def paper_numbers(app: Sphinx, env: Any) -> list[str]:
    """Number figures as the paper does: ``figNN`` is NN, further ones of that figure NN.1, NN.2; all others A, B, C."""
    known = {name.lower(): figure.number for name, figure in paper.figures().items()}  # docutils writes in lower case
    others, further = iter("ABCDEFGHIJKLMNOPQRSTUVW"), dict.fromkeys(known, 0)
    for numbers in env.toc_fignumbers.values():
        for identifier in numbers.get("figure", {}):
            name, _, part = identifier.lower().partition("-")
            if name not in known:
                numbers["figure"][identifier] = (next(others),)
            elif not part:
                numbers["figure"][identifier] = (known[name],)
            else:
                further[name] += 1
                numbers["figure"][identifier] = (known[name], further[name])
    return []


def plain_pipes(app: Sphinx, what: str, name: str, item: Any, options: Any, lines: list[str]) -> None:
    """Formulas in docstrings are plain text: ``|v|`` is a length there, not a substitution of reStructuredText."""
    for number, line in enumerate(lines):
        parts = re.split("(``.*?``)", line)
        parts[::2] = [re.sub(r"(?<!\\)\|", r"\\|", part) for part in parts[::2]]
        lines[number] = "".join(parts)


def written_signature(
    app: Sphinx, what: str, name: str, item: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """Annotations as the source has them (``ArrayLike``), not as Python expands them; None keeps Sphinx's own."""
    if what not in ("function", "method", "class"):
        return None
    try:
        definition = ast.parse(textwrap.dedent(inspect.getsource(item))).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    if isinstance(definition, ast.ClassDef):
        own = [node for node in definition.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
        if not own:
            fields = [ast.unparse(node) for node in definition.body if isinstance(node, ast.AnnAssign) and node.simple]
            return (f"({', '.join(fields)})", None) if "__dataclass_fields__" in vars(item) else None
        definition = own[0]
    if not isinstance(definition, ast.FunctionDef):
        return None
    arguments = definition.args
    if what != "function" and arguments.args and arguments.args[0].arg in ("self", "cls"):
        del arguments.args[0]
    result = ast.unparse(definition.returns) if definition.returns and definition.name != "__init__" else None
    return f"({ast.unparse(arguments)})", result


def unlisted_name(app: Sphinx, env: Any, node: addnodes.pending_xref, text: nodes.Element) -> nodes.Element | None:
    """A name of isoaux that exists and is on no page is plain text; None, and so a warning, for one that does not."""
    target = node["reftarget"]
    if node.get("refdomain") != "py" or not target.startswith("isoaux."):
        return None
    owner, _, name = target.rpartition(".")
    with suppress(ImportError, AttributeError):
        if name in getattr(resolve_name(owner), "__dataclass_fields__", {}) or resolve_name(target) is not None:
            return text
    return None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives, the role and the clean-up of pages."""
    app.setup_extension("isoaux_pictures")
    app.add_directive("status-table", StatusTable)
    app.add_directive("errata-table", ErrataTable)
    app.add_directive("provenance", Provenance)
    app.add_directive("downloads", Downloads)
    app.add_directive("picture", Picture)
    app.add_directive("gallery", Gallery)
    app.add_role("erratum", Erratum())
    app.connect("html-page-context", clean_page, priority=900)
    app.connect("env-get-updated", paper_numbers, priority=900)  # after Sphinx has numbered them
    app.connect("autodoc-process-docstring", plain_pipes)
    app.connect("autodoc-process-signature", written_signature)
    app.connect("missing-reference", unlisted_name)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
