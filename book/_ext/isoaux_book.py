"""The book's own directives and page clean-up: what is published, where it came from, what the paper misprints.

Reads the catalogue, the errata, ``book/data/*.json`` and ``benchmarks/results.json``; imports neither isoaux nor
torch, so that the book builds where nothing but the book's packages are installed.

    status-table      per figure: setting, what is published, command, measured time
    errata-table      the errata and readings, with a target for the role ``erratum``
    provenance figNN  one line under a figure: how its published data were made; amber when the code has moved since
    downloads figNN   one line of links: PNG, SVG, data
    picture figNN     the picture of a published figure as a link to its page, with that figure's alternative text
    gallery           every PPP figure: its last panels, setting and finding, linked to its page
    speed-table       what the benchmarks measured: every goal, or with ``:bench:`` all rows of one of them

Figures carry the numbers of the paper: the one named ``fig08`` is Figure 8, ``fig08-...`` on its page is Figure 8.1;
``figX1`` is Figure X1, the first of ours.
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
"""A figure of more configurations than this links its figure file only, if it has one."""


# --- where things are ---


def package_folder(root: Path) -> Path:
    """The folder of the package's sources: in the book's source tree, else the installed one."""
    if (root / "isoaux" / "paper" / "__init__.py").is_file():
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


def holders(folder: Path) -> dict[str, str]:
    """The notebook of a folder that holds each figure: the one whose code names it (as ``isoaux.site.notebooks`` has it)."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.ipynb")):
        cells = json.loads(path.read_text("utf8")).get("cells", [])
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        found |= dict.fromkeys(re.findall(r"""["'](fig(?:\d\d|X\d))["']""", code), path.stem)
    return found


def catalogue_figures(catalogue: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of all figures, the paper's and then ours, each with its ``name`` (as ``isoaux.paper`` has it)."""
    entries = [*catalogue["paper1_figures"], *catalogue["own_figures"]]
    return [entry | {"name": f"fig{str(entry['id']).zfill(2)}"} for entry in entries]


def about_figure(notebook: Path, name: str) -> dict[str, Any]:
    """The metadata of the cell of an executed notebook that drew a figure; empty before there is one."""
    cells = json.loads(notebook.read_text("utf8"))["cells"] if notebook.is_file() else []
    found = (cell["metadata"] for cell in cells)
    return next((about for about in found if about.get("mystnb", {}).get("figure", {}).get("name") == name), {})


def alternative(notebook: Path, name: str) -> str | None:
    """The alternative text of a figure of an executed notebook."""
    return about_figure(notebook, name).get("mystnb", {}).get("image", {}).get("alt")


def source_versions(package: Path) -> dict[str, int]:
    """ENGINE_VERSION and MEASURE_VERSION as the sources assign them, without importing anything."""
    found: dict[str, int] = {}
    pattern = re.compile(r"^(ENGINE_VERSION|MEASURE_VERSION)(?:\s*:[^=\n]+)?\s*=\s*(\d+)", re.M)
    for path in sorted(package.glob("*.py")):
        found |= {name.lower(): int(value) for name, value in pattern.findall(path.read_text("utf8"))}
    return found


@cache
def titles() -> dict[str, str]:
    """What the activations are called, as ``isoaux.paper`` assigns it, without importing anything."""
    source = package_folder(Path(__file__).resolve().parents[2]) / "paper" / "__init__.py"
    assigned = (node for node in ast.parse(source.read_text("utf8")).body if isinstance(node, ast.Assign))
    return next(ast.literal_eval(node.value) for node in assigned if ast.unparse(node.targets[0]) == "TITLES")


def published(data: Path, name: str) -> dict[str, Any] | None:
    """The facts of a figure file, or None where the figure is not published."""
    path = data / f"{name}.json"
    return json.loads(path.read_text("utf8")) if path.is_file() else None


def has_file(figure: dict[str, Any]) -> bool:
    """Whether a figure has a figure file; error curves are drawn from the network records alone (``isoaux.paper``)."""
    return figure["kind"] != "reconstruction_curves"


def of_records(data: Path, networks: list[str]) -> dict[str, Any] | None:
    """What the records of these networks say together, as far as they are published; None where none is."""
    each = [facts for name in networks if (facts := published(data, f"networks/{name}"))]
    if not each:
        return None

    def together(name: str) -> str:
        return ", ".join(dict.fromkeys(part for facts in each for part in str(facts.get(name, "?")).split(", ")))

    noted = [words for facts in each for words in facts["deviations"] if not words.endswith(" seeds")]
    shares = {words: noted.count(words) for words in noted}
    some = {
        words: "" if share == len(each) else f" ({share} of {len(each)} records)" for words, share in shares.items()
    }
    lacking = [f"{len(each)} of {len(networks)} configurations"] if len(each) < len(networks) else []
    few = [facts for facts in each if any(words.endswith(" seeds") for words in facts["deviations"])]
    lacking += [f"fewer than 5 seeds in {len(few)} of {len(each)} records"] if few else []
    return {name: together(name) for name in ("profile", "epochs", "dataset", "dtype", "device", "commit")} | {
        "seeds": sorted({seed for facts in each for seed in facts["seeds"]}),
        "versions": each[0].get("versions"),
        "seconds": sum(facts["seconds"] for facts in each),
        "deviations": [words + share for words, share in some.items()] + lacking,
        "failed": [words for facts in each for words in facts["failed"]],
        **{name: min(facts[name] for facts in each) for name in ("engine_version", "measure_version")},
    }


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
        compared = " and ".join(titles().get(name, name) for name in activations["curves"])
        return f"Test error of {compared}; {size}; {data}, {pixels[figure['normalised']]}"
    pair = [activations["top_rows"], activations["bottom_rows"]]
    compared = " against ".join(titles().get(name, name) for name in pair if not name.startswith("none"))
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


def words_number(value: float) -> str:
    """Three digits, no exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def words_time(seconds: float | None) -> str:
    """A measured time in its own unit; a dash where there is none."""
    if seconds is None:
        return "–"
    unit, size = next(((u, s) for u, s in (("s", 1), ("ms", 1e-3)) if seconds >= s), ("µs", 1e-6))
    return f"{words_number(seconds / size)}\u00a0{unit}"


def words_goal(row: dict[str, Any]) -> str:
    """Whether a benchmark's row reaches its target; times faster should be large, everything else small."""
    if row["value"] is None:
        return "open"
    sign = 1 if row["unit"] == "times faster" else -1
    reached = [sign * row["value"] >= sign * goal for goal in (row["target"], row["stretch"]) if goal is not None]
    if not reached[0]:
        return "missed"
    return "stretch goal met" if reached[1:] == [True] else "met"


def words_size(row: dict[str, Any]) -> str:
    """Number type, width, depth and number of networks of a benchmark's row, as far as it has them."""
    parts = [row["dtype"], *(f"{name} = {row[name]}" for name in ("n", "L") if row[name] is not None)]
    if row["networks"] is not None:
        parts.append(f"{row['networks']} network{'s' if row['networks'] > 1 else ''}")
    return ", ".join(part for part in parts if part)


def words_machine(facts: dict[str, Any]) -> str:
    """What a benchmark was run on, in one line."""
    cores = f"{facts['cores']} core{'s' if facts['cores'] > 1 else ''}"
    parts = [
        ", ".join(str(part) for part in (facts["cpu"], cores, f"{facts['memory_GB']} GB", facts["gpu"] or "no GPU")),
        ", ".join(f"{name} {version}" for name, version in facts["versions"].items()),
        f"commit {facts['commit']}",
        facts["date"],
        f"{facts['load']} busy processes before the run",
    ]
    return "Measured on " + " · ".join(parts) + "."


# --- directives ---


class BookDirective(SphinxDirective):
    """Paths of the book, and tables from rows of nodes."""

    @property
    def root(self) -> Path:
        return Path(self.env.srcdir)

    @property
    def data(self) -> Path:
        return self.root / "book" / "data"

    def read(self, name: str) -> dict[str, Any] | None:
        """The facts of a figure, its files noted as dependencies of the page also while they do not exist."""
        figure = self.figure(name)
        places = [name] if figure is None or has_file(figure) else [f"networks/{own}" for own in figure["networks"]]
        for place in places:
            self.env.note_dependency(str(self.data / f"{place}.json"))
        return published(self.data, name) if places == [name] else of_records(self.data, figure["networks"])

    def figure(self, name: str) -> dict[str, Any] | None:
        """A figure's entry in the catalogue."""
        found = catalogue_figures(self.read_paper("figures.yaml"))
        return next((figure for figure in found if figure["name"] == name), None)

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

    def holders(self) -> dict[str, str]:
        """The page of every figure that has one."""
        folder = self.root / "book" / "notebooks"
        for path in folder.glob("*.ipynb"):
            self.env.note_dependency(str(path))
        return holders(folder)

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
    """Per figure of the catalogue: setting, what is published, command to re-run it, measured time."""

    option_spec: ClassVar = {"show": lambda text: directives.choice(text, ("ready", "rest", "all"))}

    def run(self) -> list[nodes.Node]:
        show = self.options.get("show", "all")
        catalogue = self.read_paper("figures.yaml")
        homes = (self.root, package_folder(self.root).parent)  # a staged copy has no notebooks of its own
        pages, sources = self.holders(), set().union(*(holders(folder / "notebooks") for folder in homes))
        rows = []
        for figure in catalogue_figures(catalogue):
            name = figure["name"]
            facts = self.read(name)
            runnable = name in sources
            if show != "all" and (show == "ready") != bool(facts or runnable):
                continue
            title = nodes.paragraph(
                "", "", self.page(f"book/notebooks/{pages.get(name, name)}", f"Figure\u00a0{figure['id']}")
            )
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


class ErrataTable(BookDirective):
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


class SpeedTable(BookDirective):
    """What the benchmarks measured: every row that has a target, or with ``:bench:`` all rows of one benchmark."""

    option_spec: ClassVar = {"bench": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        homes = (self.root, package_folder(self.root).parent)  # a staged copy has no benchmarks of its own
        path = next((p for p in (home / "benchmarks" / "results.json" for home in homes) if p.is_file()), None)
        if path is None:
            return [self.paragraph("Nothing measured here: `make bench` does.")]
        self.env.note_dependency(str(path))
        found = json.loads(path.read_text("utf8"))
        bench = self.options.get("bench")
        if bench is None:
            return [self.goals([row for row in found["rows"] if row["target"] is not None])]
        rows = [row for row in found["rows"] if row["bench"] == bench]
        if not rows:
            raise self.error(f"no benchmark is called {bench!r} in {path.name}")
        machine = nodes.paragraph("", words_machine(found["machines"][bench]))
        return [self.rows(rows), nodes.container("", machine, classes=["provenance"])]

    def goals(self, rows: list[dict[str, Any]]) -> nodes.Node:
        cells = [
            [self.named(row), self.cell(self.value(row)), self.goal(row), self.cell(words_goal(row))] for row in rows
        ]
        return self.table(["What", "Measured", "Target", "Outcome"], cells, [46, 20, 20, 14], "speed")

    def rows(self, rows: list[dict[str, Any]]) -> nodes.Node:
        cells = []
        for row in rows:
            name = self.named(row)
            if row["note"]:
                name.append(nodes.paragraph("", row["note"], classes=["kind"]))
            times = [self.cell(words_time(row[key])) for key in ("naive_s", "isoaux_s", "floor_s")]
            cells.append([name, *times, self.cell(self.value(row))])
        return self.table(["What", "The usual way", "isoaux", "Floor", "Result"], cells, [48, 13, 13, 11, 15], "speed")

    @staticmethod
    def cell(text: str) -> list[nodes.Node]:
        return [nodes.paragraph("", text)]

    @staticmethod
    def named(row: dict[str, Any]) -> list[nodes.Node]:
        size = words_size(row)
        return [nodes.paragraph("", row["what"]), *([nodes.paragraph("", size, classes=["kind"])] if size else [])]

    @staticmethod
    def value(row: dict[str, Any]) -> str:
        return "open" if row["value"] is None else f"{words_number(row['value'])} {row['unit']}"

    def goal(self, row: dict[str, Any]) -> list[nodes.Node]:
        side = "at least" if row["unit"] == "times faster" else "at most"
        stretch = "" if row["stretch"] is None else f" (stretch goal {words_number(row['stretch'])})"
        unit = "" if row["unit"] == "times faster" else f" {row['unit']}"
        return self.cell(f"{side} {words_number(row['target'])}{unit}{stretch}")


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


class Downloads(BookDirective):
    """Links to the picture (PNG, SVG), to the figure file if it has one, and to the records of its networks."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        files = [
            ("PNG", f"book/images/{name}.png"),
            ("SVG", f"book/images/{name}.svg"),
            ("drawn data (npz)", f"book/data/{name}.npz"),
            ("facts (json)", f"book/data/{name}.json"),
        ]
        figure = self.figure(name)
        networks = figure["networks"] if figure else []
        if len(networks) <= NETWORKS_SHOWN or not has_file(figure):
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


class Picture(BookDirective):
    """``book/images/figNN.png``, linked to the figure's page; its alternative text is that of the figure on its page,
    and before there is one, ``:alt:``.
    """

    required_arguments = 1
    option_spec: ClassVar = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        holder = self.holders().get(name, name)
        path, page = f"book/images/{name}.png", self.root / "book" / "notebooks" / f"{holder}.ipynb"
        for needed in (self.root / path, page):
            self.env.note_dependency(str(needed))
        if not (self.root / path).is_file():
            return [self.paragraph(f"*The picture of {name} is not published yet.*")]
        image = nodes.image(uri=f"/{path}", alt=alternative(page, name) or self.options["alt"])
        target = self.env.app.builder.get_relative_uri(self.env.docname, f"book/notebooks/{holder}")
        return [nodes.paragraph("", "", nodes.reference("", "", image, refuri=target), classes=["picture"])]


class Gallery(BookDirective):
    """Every PPP figure and ours: last panels, setting and what was found, linked to its page; then those to come."""

    def run(self) -> list[nodes.Node]:
        pages, shown, rest = self.holders(), nodes.container("", classes=["gallery"]), nodes.bullet_list()
        for figure in catalogue_figures(self.read_paper("figures.yaml")):
            if not figure["kind"].startswith(("ppp_", "perturbation", "corrections")):
                continue
            name, title, setting = figure["name"], f"Figure\u00a0{figure['id']}", words_setting(figure)
            page = pages.get(name, name)
            about = about_figure(self.root / "book" / "notebooks" / f"{page}.ipynb", name)
            picture = f"book/images/{name}-last.png"
            self.env.note_dependency(str(self.root / picture))
            if self.read(name) is None or "isoaux" not in about or not (self.root / picture).is_file():
                rest += nodes.list_item("", self.paragraph(f"{title}: {setting}; not published yet."))
                continue
            finding = about["isoaux"]["finding"]
            what = " at its last checkpoint, a line of networks per activation" * (figure["kind"] == "ppp_grid")
            alt = f"{title} in small{what}. {finding}"
            target = self.env.app.builder.get_relative_uri(self.env.docname, f"book/notebooks/{page}")
            shown += nodes.container(
                "",
                nodes.paragraph(
                    "", "", nodes.reference("", "", nodes.image(uri=f"/{picture}", alt=alt), refuri=target)
                ),
                nodes.paragraph("", "", self.page(f"book/notebooks/{page}", title), nodes.Text(f": {setting}.")),
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
    others, further = iter("ABCDEFGHIJKLMNOPQRSTUVW"), dict[int | str, int]()
    for numbers in env.toc_fignumbers.values():
        for identifier in numbers.get("figure", {}):
            match = re.fullmatch(r"fig(\d\d|[Xx]\d)(-.+)?", identifier)  # docutils writes names in lower case
            if match is None:
                numbers["figure"][identifier] = (next(others),)
                continue
            number = int(match[1]) if match[1].isdecimal() else match[1].upper()
            if match[2] is None:
                numbers["figure"][identifier] = (number,)
            else:
                further[number] = further.get(number, 0) + 1
                numbers["figure"][identifier] = (number, further[number])
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
    app.add_directive("gallery", Gallery)
    app.add_directive("speed-table", SpeedTable)
    app.add_role("erratum", Erratum())
    app.connect("html-page-context", clean_page, priority=900)
    app.connect("env-get-updated", paper_numbers, priority=900)  # after Sphinx has numbered them
    app.connect("autodoc-process-docstring", plain_pipes)
    app.connect("autodoc-process-signature", written_signature)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
