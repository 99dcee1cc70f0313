"""The book's own directives and page clean-up: what is published, where it came from, what the paper misprints.

Reads the catalogue, the errata and ``book/data/*.json``; imports neither isoaux nor torch, so that the book builds
where nothing but the book's packages are installed.

    status-table      per figure: setting, what is published, command, measured time
    errata-table      the errata and readings, with a target for the role ``erratum``
    provenance figNN  one line under a figure: how its published data were made; amber when the code has moved since
    downloads figNN   one line of links: PNG, SVG, data
    picture figNN     the picture of a published figure as a link to its page, with that figure's alternative text

Figures carry the numbers of the paper: the one named ``fig08`` is Figure 8, ``fig08-...`` on its page is Figure 8.1.
"""

import ast
import importlib.util
import inspect
import json
import re
import textwrap
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

logger = logging.getLogger(__name__)

NETWORKS_SHOWN = 4
"""A figure of more configurations than this links its figure file only."""


# --- where things are ---


def package_folder(root: Path) -> Path:
    """The folder of the package's sources: in the book's source tree, else the installed one."""
    if (root / "isoaux" / "paper").is_dir():
        return root / "isoaux"
    spec = importlib.util.find_spec("isoaux")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"isoaux is neither in {root} nor installed")
    return Path(spec.submodule_search_locations[0])


@cache
def _load(path: Path, changed: float) -> Any:
    return yaml.load(path.read_text("utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def load_yaml(path: Path) -> Any:
    """A YAML file, parsed once per version of it."""
    return _load(path, path.stat().st_mtime)


def alternative(notebook: Path) -> str | None:
    """The alternative text of the first figure of an executed notebook."""
    cells = json.loads(notebook.read_text("utf8"))["cells"] if notebook.is_file() else []
    found = (cell["metadata"].get("mystnb", {}).get("image", {}).get("alt") for cell in cells)
    return next(filter(None, found), None)


def source_versions(package: Path) -> dict[str, int]:
    """ENGINE_VERSION and MEASURE_VERSION as the sources assign them, without importing anything."""
    found: dict[str, int] = {}
    pattern = re.compile(r"^(ENGINE_VERSION|MEASURE_VERSION)(?:\s*:[^=\n]+)?\s*=\s*(\d+)", re.M)
    for path in sorted(package.glob("*.py")):
        found |= {name.lower(): int(value) for name, value in pattern.findall(path.read_text("utf8"))}
    return found


def published(data: Path, name: str) -> dict[str, Any] | None:
    """The facts of a figure file, or None where the figure is not published."""
    path = data / f"{name}.json"
    return json.loads(path.read_text("utf8")) if path.is_file() else None


# --- facts in words ---


def words_list(values: Iterable[Any]) -> str:
    """0, 1, 2, 3, 4 as ``0-4``; anything else separated by commas."""
    values = list(values)
    if len(values) > 2 and values == list(range(values[0], values[0] + len(values))):
        return f"{values[0]}–{values[-1]}"
    return ", ".join(str(value) for value in values)


def words_seconds(seconds: Any) -> str:
    """A duration in the two largest units; a mapping is summed."""
    if isinstance(seconds, dict):
        seconds = sum(value for value in seconds.values() if isinstance(value, (int, float)))
    if not isinstance(seconds, (int, float)):
        return "not recorded"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def words_setting(figure: dict[str, Any]) -> str:
    """What a figure of the catalogue shows, in one line."""
    activations = figure.get("activations", {})
    if figure["kind"] == "architecture":
        return "Diagram of the autoencoder"
    if figure["kind"] == "ppp_ensemble_artefact":
        return f"Control without a network: {figure['dataset']}"
    data = "MNIST" if "MNIST" in figure["dataset"] else "CIFAR-10"
    pixels = {True: "standardised pixels", False: "raw pixels", "both": "raw and standardised pixels"}
    size = f"n = {_one_or_many(figure['n'])}, L = {_one_or_many(figure['L'])}"
    if figure["kind"] == "reconstruction_curves":
        return f"Test error of {' and '.join(activations['curves'])}; {size}; {data}, {pixels[figure['normalised']]}"
    pair = [activations["top_rows"], activations["bottom_rows"]]
    compared = " against ".join(name for name in pair if not name.startswith("none"))
    text = f"{compared}; {size}, k = {figure['k']}; {data}, {pixels[figure['normalised']]}"
    if figure["epsilon"] != 0.75:
        text += f"; ε = {figure['epsilon']}"
    return text + ("; ordered pairs" if str(figure["variant"]).startswith("permutation") else "")


def _one_or_many(value: Any) -> str:
    return words_list(value) if isinstance(value, list) else str(value)


def words_published(facts: dict[str, Any]) -> str:
    """Profile, length of training, seeds and data set of a figure file."""
    parts = [f"profile {facts.get('profile', '?')}"]
    if facts.get("epochs") is not None:
        parts.append(f"{facts['epochs']} epochs")
    if facts.get("seeds"):
        parts.append(f"seeds {words_list(facts['seeds'])}")
    parts.append(str(facts.get("dataset", "data set not recorded")))
    return ", ".join(parts)


def words_provenance(facts: dict[str, Any]) -> str:
    """Everything a figure file says about its making, in one line."""
    versions = facts.get("versions") or {}
    commit = re.sub("([0-9a-f]{10})[0-9a-f]+", r"\1", str(facts.get("commit") or ""))
    parts = [
        words_published(facts),
        facts.get("dtype"),
        facts.get("device"),
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"commit {commit}" if commit else None,
        f"computed in {words_seconds(facts['seconds'])}" if "seconds" in facts else None,
    ]
    sentences = ["Made with " + " · ".join(str(part) for part in parts if part)]
    for label, name in (("Differs from the paper", "deviations"), ("Networks that failed", "failed")):
        found = facts.get(name) or []
        if found:
            sentences.append(f"{label}: {found if isinstance(found, str) else '; '.join(found)}")
    return ". ".join(sentences) + "."


def moved(facts: dict[str, Any], today: dict[str, int]) -> list[str]:
    """Which of the two version numbers of a figure file are not today's."""
    return [
        f"{name} {facts.get(name, 'unknown')}, now {value}"
        for name, value in sorted(today.items())
        if facts.get(name) != value
    ]


# --- directives ---


class _BookDirective(SphinxDirective):
    """Paths of the book, and tables from rows of nodes."""

    @property
    def root(self) -> Path:
        return Path(self.env.srcdir)

    @property
    def data(self) -> Path:
        return self.root / "book" / "data"

    def read(self, name: str) -> dict[str, Any] | None:
        """A figure file, noted as a dependency of the page also while it does not exist."""
        self.env.note_dependency(str(self.data / f"{name}.json"))
        return published(self.data, name)

    def read_paper(self, name: str) -> Any:
        path = package_folder(self.root) / "paper" / name
        self.env.note_dependency(str(path))
        return load_yaml(path)

    def inline(self, text: str) -> list[nodes.Node]:
        """Markdown without paragraphs: formulas, code, emphasis."""
        children, messages = self.state.inline_text(text, self.lineno)
        return [*children, *messages]

    def paragraph(self, *texts: str, classes: Iterable[str] = ()) -> nodes.paragraph:
        node = nodes.paragraph(classes=list(classes))
        for text in texts:
            node += self.inline(text)
        return node

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


class StatusTable(_BookDirective):
    """Per figure of the catalogue: setting, what is published, command to re-run it, measured time."""

    option_spec: ClassVar = {"show": lambda text: directives.choice(text, ("ready", "rest", "all"))}

    def run(self) -> list[nodes.Node]:
        show = self.options.get("show", "all")
        catalogue = self.read_paper("figures.yaml")
        homes = (self.root, package_folder(self.root).parent)  # a staged copy has no notebooks of its own
        rows = []
        for figure in catalogue["paper1_figures"]:
            name = f"fig{figure['id']:02d}"
            facts = self.read(name)
            runnable = any((folder / "notebooks" / f"{name}.ipynb").is_file() for folder in homes)
            if show != "all" and (show == "ready") != bool(facts or runnable):
                continue
            title = nodes.paragraph("", "", self.page(f"book/notebooks/{name}", f"Figure\u00a0{figure['id']}"))
            cells = [[title], [self.paragraph(words_setting(figure))]]
            if show != "rest":
                cells.append([nodes.paragraph("", words_published(facts) if facts else "not yet")])
                cells.append(
                    [self.paragraph(f"`python -m isoaux run {name} --profile paper`" if runnable else "not yet")]
                )
                cells.append([nodes.paragraph("", self.time(facts))])
            rows.append(cells)
        if not rows:
            return [self.paragraph("Nothing in this list at the moment.")]
        heads = ["Figure", "Setting", "Published", "Re-run", "Measured time"]
        if show == "rest":
            return [self.table(heads[:2], rows, [14, 86], "status")]
        return [self.table(heads, rows, [10, 32, 24, 22, 12], "status")]

    @staticmethod
    def time(facts: dict[str, Any] | None) -> str:
        if not facts or "seconds" not in facts:
            return "not measured"
        return f"{words_seconds(facts['seconds'])} on {facts.get('device', 'an unnamed device')}"


class ErrataTable(_BookDirective):
    """The errata and readings; ``:built: yes`` for those that concern what isoaux contains, ``:paper: P2`` for one
    paper.
    """

    option_spec: ClassVar = {
        "built": lambda text: directives.choice(text, ("yes", "no", "all")),
        "paper": lambda text: directives.choice(text, ("P1", "P2")),
    }

    def run(self) -> list[nodes.Node]:
        content = self.read_paper("errata.yaml")
        built = {"yes": (True,), "no": (False,), "all": (True, False)}[self.options.get("built", "all")]
        labels = self.env.get_domain("std")
        rows = []
        for item in content["errata"]:
            if item["built"] not in built or item["paper"] != self.options.get("paper", item["paper"]):
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


class Provenance(_BookDirective):
    """How the published data of a figure were made; amber when results might differ with today's code."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        facts = self.read(name)
        if facts is None:
            return [self.line("missing", f"No data of {name} are published yet.")]
        package = package_folder(self.root)
        for path in package.glob("*.py"):
            if "_VERSION" in path.read_text("utf8"):
                self.env.note_dependency(str(path))
        changes = moved(facts, source_versions(package))
        text = words_provenance(facts)
        if changes:
            text += f" The code has moved since ({'; '.join(changes)}): a re-run may differ."
        return [self.line("amber" if changes else "current", text)]

    @staticmethod
    def line(state: str, text: str) -> nodes.Node:
        return nodes.container("", nodes.paragraph("", text), classes=["provenance", state])


class Downloads(_BookDirective):
    """Links to the picture (PNG, SVG), to the figure file and to the records of the figure's networks."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        files = [
            ("PNG", f"book/images/{name}.png"),
            ("SVG", f"book/images/{name}.svg"),
            ("drawn data (npz)", f"book/data/{name}.npz"),
            ("facts (json)", f"book/data/{name}.json"),
        ]
        networks = self.networks(name)
        if len(networks) <= NETWORKS_SHOWN:
            files += [(f"{network} (npz)", f"book/data/networks/{network}.npz") for network in networks]
        line = nodes.paragraph()
        for label, path in files:
            self.env.note_dependency(str(self.root / path))
            if (self.root / path).is_file():
                target = {"refdoc": self.env.docname, "reftarget": f"/{path}", "reftype": "download"}
                line += nodes.Text(" · " if len(line) else "Download: ")
                line += addnodes.download_reference("", "", nodes.inline("", label), **target)
        if not len(line):
            line += nodes.Text("Nothing to download yet.")
        return [nodes.container("", line, classes=["downloads"])]

    def networks(self, name: str) -> list[str]:
        figures = self.read_paper("figures.yaml")["paper1_figures"]
        return next((figure["networks"] for figure in figures if f"fig{figure['id']:02d}" == name), [])


class Picture(_BookDirective):
    """``book/images/figNN.png``, linked to the figure's page; its alternative text is that of the page's first figure,
    and before there is one, ``:alt:``.
    """

    required_arguments = 1
    option_spec: ClassVar = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        path, page = f"book/images/{name}.png", self.root / "book" / "notebooks" / f"{name}.ipynb"
        for needed in (self.root / path, page):
            self.env.note_dependency(str(needed))
        if not (self.root / path).is_file():
            return [self.paragraph(f"*The picture of {name} is not published yet.*")]
        image = nodes.image(uri=f"/{path}", alt=alternative(page) or self.options["alt"])
        target = self.env.app.builder.get_relative_uri(self.env.docname, f"book/notebooks/{name}")
        return [nodes.paragraph("", "", nodes.reference("", "", image, refuri=target), classes=["picture"])]


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
    context["metatags"] = context.get("metatags", "") + '<link rel="icon" href="data:," />'  # else browsers ask for one
    if context.get("body"):
        context["body"] = lazy_images(context["body"])


def paper_numbers(app: Sphinx, env: Any) -> list[str]:
    """Number figures as the paper does: ``figNN`` is NN, further ones of that figure NN.1, NN.2; all others A, B, C."""
    others, further = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), dict[int, int]()
    for numbers in env.toc_fignumbers.values():
        for identifier in numbers.get("figure", {}):
            match = re.fullmatch(r"fig(\d\d)(-.+)?", identifier)
            if match is None:
                numbers["figure"][identifier] = (next(others),)
            elif match[2] is None:
                numbers["figure"][identifier] = (int(match[1]),)
            else:
                further[int(match[1])] = further.get(int(match[1]), 0) + 1
                numbers["figure"][identifier] = (int(match[1]), further[int(match[1])])
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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives, the role and the clean-up of pages."""
    app.add_directive("status-table", StatusTable)
    app.add_directive("errata-table", ErrataTable)
    app.add_directive("provenance", Provenance)
    app.add_directive("downloads", Downloads)
    app.add_directive("picture", Picture)
    app.add_role("erratum", Erratum())
    app.connect("html-page-context", clean_page, priority=900)
    app.connect("env-get-updated", paper_numbers, priority=900)  # after Sphinx has numbered them
    app.connect("autodoc-process-docstring", plain_pipes)
    app.connect("autodoc-process-signature", written_signature)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
