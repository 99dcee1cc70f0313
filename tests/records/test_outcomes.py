"""Whatever came out of a run, every page and every function behind one works and says in words what there is not.

The inputs are what is published, cut (:mod:`outcomes`): no network, one, two, no points, errors that ran away. A public
function of the modules below that no call here covers makes a test fail.
"""

import ast
import inspect
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from importlib import import_module
from itertools import product
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import outcomes
import pytest
from outcomes import CURVES, ENSEMBLES, GRIDS, OUTCOMES
from roots import ROOT

import isoaux
from isoaux import settings
from isoaux.common.archive import Published
from isoaux.common.tables import Table, Text
from isoaux.drawing.look import Drawn
from isoaux.paper import figure
from isoaux.records.results import Collection, Missing, Result
from isoaux.scorecard import compute as scorecard
from isoaux.site import notebooks
from isoaux.studies.artefacts import rotated
from isoaux.studies.calibration import report as calibration_report
from isoaux.studies.emergence import courses

MODULES = [
    name
    for name in sorted(module.name for module in iter_modules(isoaux.__path__))
    if name.endswith(("_report", "_figures"))
] + ["comparisons", "emergence", "figures", "overview", "report", "rotated", "scorecard"]

MEMBERS = {
    "ensemble": ENSEMBLES,
    "threshold": ("figX5",),
    "perturbation": ("figX6",),
    "correction": ("figX7", "figX8"),
    "reconstruction": CURVES,
}
"""The figures whose results a module is about, by the first word of its name; otherwise grids of networks."""

READ_NOTHING = {
    "appC2_gradient_flow": "computes everything when it is run",
    "appC21_affine_divergence": "computes everything when it is run",
    "appE_architecture": "draws a model",
    "own_guide": "computes everything when it is run",
}
"""Pages that no outcome of a run changes."""

OUTSIDE = {
    "architecture_figures": "draws a model",
    "divergence_figures": "draws formulas",
    "divergence_report": "reads what its page computes",
    "gradient_figures": "reads what its page computes",
    "gradient_report": "reads what its page computes",
    "guide_report": "reads what its page computes",
    "report_figures": "draws one cloud, of any kind, in tests of its own",
    "scorecard.write": "writes a file",
    "scorecard_report.number": "writes one number",
    "scorecard_figures.sentence": "is called by the picture whose words it has",
    "scorecard.read": "reads a file, of the committed book by default",
    "calibration_report.simulated": "reads simulations, not networks",
    "calibration_report.interval": "is about simulations, not networks",
    "calibration_report.table": "is about simulations, not networks",
    "calibration_report.verdict": "is about simulations, not networks",
    "calibration_report.power": "is about simulations, not networks",
    "calibration_report.beams": "is about simulations, not networks",
    "calibration_figures.power": "is about simulations, not networks",
    "report.each": "takes a function",
    "report.by_figure": "takes a function",
    "report.written": "writes one number",
    "report.deviations": "reads facts that no outcome changes; empty where nothing deviates",
    "report.by_activation": "parts of a result",
    "figures.or_said": "takes a function",
    "figures.note_nothing": "writes into axes",
    "figures.brighter": "changes a figure's brightness",
    "overview.machine": "is about this machine",
    "overview.seconds_per_step": "measures this machine",
    "reconstruction_figures.look": "is about one configuration",
    "reconstruction_figures.epochs_axis": "sets up axes",
    "reconstruction_figures.arranged": "is about the paper's figure",
    "reconstruction_report.pairs": "is about the paper's figures",
    "reconstruction_report.seeds": "writes a list of numbers",
    "perturbation_report.ratio": "is about numbers, not networks",
    "emergence.onset": "is about numbers, not networks",
    "emergence.rank_correlation": "is about numbers, not networks",
    "ensemble_report.folded": "is about numbers, not networks",
    "emergence_report.settled_line": "reads the claims",
}
"""Modules and functions that get no result, record or folder of records, and why they are not called below."""

PARTS = {
    "reconstruction_report": ("lacking", "seeds_of", "reason", "end", "comparable", "lower_since", "in_own_units",
                              "noise_ratio", "groups"),
    "correction_report": ("affine", "isotropic", "relative", "shared", "p_values"),
    "perturbation_report": ("values", "paired", "ratios", "chosen"),
    "ensemble_report": ("flat", "theory", "expected", "inflation", "spread", "pooled_c4", "axis_share", "correlation"),
    "threshold_report": ("p_values",),
    "report": ("p_value",),
    "emergence": ("family", "together"),
}  # fmt: skip
"""Steps of the functions that are called; they get what those have checked."""

NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.I)


@dataclass(frozen=True, eq=False)
class World:
    """What is published after an outcome: in memory, and as a checkout."""

    files: Mapping[str, Published]
    home: Path

    @cached_property
    def results(self) -> dict[str, Result]:
        """The figures whose data are there, as far as their records are, those without a network too."""
        found = {}
        for name in (*GRIDS, *ENSEMBLES, *outcomes.OTHERS, *CURVES):
            if name in self.files:
                networks = figure(name).entry["networks"]
                parts = [
                    {id: self.files[f"{part}/{id}"] for id in networks if f"{part}/{id}" in self.files}
                    for part in ("networks", "representations")
                ]
                found[name] = Result(figure(name), self.files[name], *parts)
        return found

    @property
    def data(self) -> Path:
        return self.home / "book" / "data"

    def some(self, module: str, annotation: str) -> list[Any]:
        """Arguments of an annotation for a function of a module."""
        names = MEMBERS.get(module.partition("_")[0], GRIDS)
        each = [self.results[name] for name in names if name in self.results]
        missing = [Missing(figure(names[0])), Missing(figure(names[0]), "all 2 networks of it failed.")]
        kept = {one.figure.name: one for one in each}
        pages = [
            Collection(tuple(map(figure, names)), kept),
            Collection(tuple(map(figure, names)), {}, dict.fromkeys(names, "all networks of it failed.")),
        ]
        known = {
            "Result": each,
            "Result | Missing": [*each, *missing],
            "Result | Missing | Collection": [*each, *missing, *pages],
            "Collection": pages,
            "Path": [self.data],
            "Path | None": [self.data],
        }
        return known[annotation] if annotation in known else [self.read(annotation)]

    @cache  # noqa: B019  a world lives as long as its tests
    def read(self, annotation: str) -> Any:
        """What is read from the checkout, once; KeyError for an annotation that is not known."""
        of: dict[str, Callable[[Path], Any]] = {
            "Sequence[Course]": courses.courses,
            "Sequence[Sequence[Course]]": courses.by_layer,
            "Sequence[Networks]": lambda folder: rotated.networks(folder=folder),
            "Sequence[BuiltIn]": calibration_report.built_in,
            "Scorecard": scorecard.compute,
        }
        return of[annotation](self.data)


@pytest.fixture(scope="module")
def everything() -> outcomes.Folder:
    return outcomes.load()


@pytest.fixture(scope="module", params=OUTCOMES)
def world(
    request: pytest.FixtureRequest, everything: outcomes.Folder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A checkout in which that is published."""
    home = tmp_path_factory.mktemp("checkout")
    (home / "notebooks").mkdir()
    (home / "book" / "data").mkdir(parents=True)
    shutil.copy(ROOT / "book" / "data" / "calibration.json", home / "book" / "data")
    files = OUTCOMES[request.param](everything)
    outcomes.write(files, home / "book" / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOAUX_HOME", str(home))
        patch.setattr(calibration_report, "DRAWS", 39)
        yield World(files, home)


# --- what may be shown


def check(value: Any, where: str) -> None:
    """Words are there and hold no number that is none, tables have rows, axes something to see."""
    if isinstance(value, Table):
        assert value.rows, f"{where}: a table without a row says nothing"
        assert {len(row) for row in value.rows} == {len(value.head)}, where
        value = repr(value)
    if isinstance(value, Text):
        value = value.words
    if isinstance(value, Drawn):
        for axes in value.canvas.axes:
            assert something(axes), f"{where}: empty axes, {axes.get_title()!r}"
        check(value.alt, where)
        value = value.finding or value.alt
    if isinstance(value, bytes):
        assert value.startswith(b"\x89PNG"), where
    if isinstance(value, str):
        assert value.strip(), f"{where}: no words"
        lost = NUMBER.findall(value.replace("none is published", "").replace("none yet", ""))
        assert not [word for word in lost if word.lower() != "none"], f"{where}: {value}"


def something(axes: Any) -> bool:
    """Whether axes show data or words; lines across all of them, a title or labels are neither."""
    lines = [line for line in axes.lines if line.get_transform() == axes.transData]
    drawn = any(np.isfinite(np.asarray(line.get_xydata(), float)).all(1).any() for line in lines)
    shapes = any(np.isfinite(path.vertices).all(1).any() for shape in axes.collections for path in shape.get_paths())
    words = any(text.get_text().strip() for text in axes.texts)
    return drawn or shapes or words or bool(axes.images) or bool(axes.patches)


# --- pages


def cells(path: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The cells of a notebook, to be run one after the other without a kernel: the last line, and what it shows."""
    names: dict[str, Any] = {}

    def run(tree: ast.Module) -> Any:
        last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        return None if last is None else eval(compile(last, path.name, "eval"), names)

    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            yield source.strip().rpartition("\n")[2], partial(run, ast.parse(source))


PAGES = [name for name in notebooks.sources() if name not in READ_NOTHING]


def test_every_page_is_run(world: World) -> None:
    drawn, lost = set(), {}
    for name in PAGES:
        for line, run in cells(ROOT / "notebooks" / f"{name}.ipynb"):
            try:
                value = run()
                check(value, f"{name}: {line}")
                if isinstance(value, Drawn) and (function := line.partition("(")[0]) not in drawn:
                    drawn.add(function)
                    assert replace(value, dpi=20).png()
            except Exception as error:
                lost[f"{name}: {line}"] = f"{type(error).__name__}: {error}"
    assert lost == {}


# --- functions


def calls() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Every public function of the modules that is neither listed as outside of this nor a part of others."""
    for module in MODULES:
        if module in OUTSIDE:
            continue
        loaded = import_module(f"isoaux.{module}")
        for name, function in vars(loaded).items():
            own = inspect.isfunction(function) and inspect.unwrap(function).__module__ == loaded.__name__
            if own and not name.startswith("_") and f"{module}.{name}" not in OUTSIDE:
                if name not in PARTS.get(module, ()):
                    yield module, name, function


def arguments(world: World, module: str, name: str, function: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    """All that a function is called with; fails for one whose arguments are not known here."""
    if (module, name) in (("rotated", "networks"),):
        yield rotated.FIGURES, world.data
        return
    if (module, name) == ("overview", "table"):
        for profile in ("published", "smoke"):
            yield [figure(one) for one in (*GRIDS, *CURVES)], settings.read({"profile": profile})
        return
    each = []
    for parameter in inspect.signature(function).parameters.values():
        annotation = str(inspect.formatannotation(parameter.annotation))
        annotation = re.sub(r"(?:[a-z_]+\.)+(?=[A-Z])", "", annotation)
        if parameter.name == "name":
            each.append(list(courses.FAMILIES))
        elif parameter.default is inspect.Parameter.empty or parameter.name == "folder":
            each.append(world.some(module, annotation))
    yield from product(*each)


def test_every_function_is_called(world: World) -> None:
    lost = {}
    for module, name, function in calls():
        for given in arguments(world, module, name, function):
            try:
                check(function(*given), f"{module}.{name}")
            except Exception as error:
                lost[f"{module}.{name}"] = f"{type(error).__name__}: {error}"
    assert lost == {}


def test_what_is_left_out_is_there() -> None:
    """Lists above name no module or function that is gone."""
    names = [*OUTSIDE, *(f"{module}.{name}" for module, parts in PARTS.items() for name in parts)]
    for name in names:
        module, _, function = name.partition(".")
        assert hasattr(import_module(f"isoaux.{module}"), function or "__name__"), name
    assert set(READ_NOTHING) <= {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
