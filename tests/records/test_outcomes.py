"""Whatever came out of a run, every page and every function behind one works and says in words what there is not.

The inputs are what is published, cut (:mod:`outcomes`): no network, one, two, no points, errors that ran away. Every
public function of a study or of the scorecard that makes something to be shown of results is called; one whose
arguments are not known here makes a test fail.
"""

import ast
import inspect
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from importlib import import_module
from itertools import product
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import outcomes
import pytest
from outcomes import CURVES, ENSEMBLES, GRIDS, OTHERS, OUTCOMES
from roots import ROOT

from isoaux import scorecard as scorecards
from isoaux import settings, studies
from isoaux.commands import overview
from isoaux.common import archive
from isoaux.common.archive import Published
from isoaux.common.tables import Table, Text
from isoaux.drawing.look import Drawn, style
from isoaux.paper import figure
from isoaux.records.results import Collection, Missing, Result
from isoaux.scorecard import compute as scorecard
from isoaux.site import notebooks
from isoaux.studies.artefacts import rotated
from isoaux.studies.calibration import networks as calibration_networks
from isoaux.studies.emergence import courses
from isoaux.studies.planes import figures as planes_figures

ROLES = ("figures", "report", "comparisons", "images")
"""The modules of a study whose functions draw, or write tables and sentences."""

SHOWN = ("Drawn", "Text", "Table", "str", "bytes")
"""What may be shown; a function that gives anything else is a step of others, which check what it gets."""

OF_RESULTS = re.compile("Result|Collection|Course|Networks|BuiltIn|Scorecard")
"""First arguments that are different after every outcome."""

READ_NOTHING = {
    "appC2_gradient_flow": "computes everything when it is run",
    "appC21_affine_divergence": "computes everything when it is run",
    "appE_architecture": "draws a model",
    "own_guide": "computes everything when it is run",
    "rep_compression": "computes everything when it is run",
    "rep_features": "computes everything when it is run",
    "srm_networks": "draws models",
    "srm_tanh": "computes everything when it is run",
}
"""Pages that no outcome of a run changes."""

OUTSIDE = (
    "transformer", "spotlight", "neurons", "vector_planes", "generalised_tanh", "polytopes", "compositions",
    "superposition",
)  # fmt: skip
"""Studies of other sources than the paper on quantised representations, whose own tests have few networks."""

INNER = ("isoaux.scorecard.figures.sentence",)
"""Called by the picture whose words they are, with what only it has."""

LESS = ((calibration_networks, "PICKS", 9), (planes_figures, "SIDE", 16))
"""Repetitions and pixels of which a few say the same here."""

NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.I)


@dataclass(frozen=True, eq=False)
class World:
    """What is published after an outcome: in memory, and as a checkout."""

    files: Mapping[str, Published]
    home: Path

    @cached_property
    def results(self) -> dict[str, Result]:
        """The figures whose data are there, as far as their records are, those without a network too."""
        results = {}
        for name in filter(self.files.__contains__, FIGURES):
            networks = figure(name).entry["networks"]
            parts = [
                {id: self.files[f"{part}/{id}"] for id in networks if f"{part}/{id}" in self.files}
                for part in ("networks", "representations")
            ]
            results[name] = Result(figure(name), self.files[name], *parts)
        return results

    @property
    def data(self) -> Path:
        return self.home / "book" / "data"

    def some(self, study: str, annotation: str) -> list[Any]:
        """Arguments of an annotation for a function of a study."""
        names = [name for name in FIGURES if figure(name).study == study] or GRIDS
        each = [self.results[name] for name in names if name in self.results]
        missing = [Missing(figure(names[0])), Missing(figure(names[0]), "all 2 networks of it failed.")]
        pages = [
            Collection(tuple(map(figure, names)), {result.figure.name: result for result in each}),
            Collection(tuple(map(figure, names)), {}, dict.fromkeys(names, "all networks of it failed.")),
        ]
        known = {
            "Result": each,
            "Result | Missing": [*each, *missing],
            "Result | Missing | Collection": [*each, *missing, *pages],
            "Collection": pages,
            "Path": [self.data],
        }
        return known[annotation] if annotation in known else [self.read(annotation)]

    @cache  # noqa: B019  a world lives as long as its tests
    def read(self, annotation: str) -> Any:
        """What is read from the checkout, once; KeyError for an annotation that is not known."""
        of: dict[str, Callable[[Path], Any]] = {
            "Sequence[Course]": courses.courses,
            "Sequence[Sequence[Course]]": courses.by_layer,
            "Sequence[Networks]": lambda folder: rotated.networks(folder=folder),
            "Sequence[BuiltIn]": calibration_networks.built_in,
            "Scorecard": scorecard.compute,
        }
        return of[annotation](self.data)


FIGURES = (*GRIDS, *ENSEMBLES, *OTHERS, *CURVES)


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
        for place, constant, less in LESS:
            patch.setattr(place, constant, less)
        patch.setattr(archive, "read", cache(archive.read))  # nobody writes there
        of_some, of_all = scorecard.compute, cache(scorecard.compute)
        patch.setattr(scorecard, "compute", lambda place, known=None: of_some(place, known) if known else of_all(place))
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
                    with style():
                        value.canvas.draw_without_rendering()
            except Exception as error:
                lost[f"{name}: {line}"] = f"{type(error).__name__}: {error}"
    assert lost == {}


# --- functions


@cache
def calls() -> list[tuple[str, Callable[..., Any]]]:
    """Every public function that makes something to be shown of results, with the name of its study."""
    functions = []
    modules = [("", f"{scorecards.__name__}.{role}") for role in (*ROLES[:2], "summary")]
    for study in iter_modules(studies.__path__):
        if study.ispkg and study.name not in OUTSIDE:
            package = import_module(f"{studies.__name__}.{study.name}")
            roles = {module.name for module in iter_modules(package.__path__)} & set(ROLES)
            modules += [(study.name, f"{package.__name__}.{role}") for role in sorted(roles)]
    for study_name, module in modules:
        for name, function in vars(import_module(module)).items():
            own = inspect.isfunction(function) and inspect.unwrap(function).__module__ == module
            if own and not name.startswith("_") and f"{module}.{name}" not in INNER:
                shown = set(annotation(inspect.signature(function).return_annotation).split(" | ")) <= set(SHOWN)
                if shown and any(OF_RESULTS.search(given) for _, given in required(function)[:1]):
                    functions.append((study_name, function))
    return functions


def annotation(given: Any) -> str:
    """An annotation without the modules that its names are of."""
    return re.sub(r"(?:[a-z_]+\.)+(?=[A-Z])", "", str(inspect.formatannotation(given)))


def required(function: Callable[..., Any]) -> list[tuple[str, str]]:
    """Names and annotations of a function's arguments without a default."""
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, annotation(p.annotation)) for p in parameters if p.default is inspect.Parameter.empty]


def test_every_function_is_called(world: World) -> None:
    lost, studies_met = {}, set()
    for study, function in calls():
        studies_met.add(study)
        arguments = [
            list(courses.FAMILIES) if name == "name" else world.some(study, given) for name, given in required(function)
        ]
        for given in product(*arguments):
            name = f"{function.__module__}.{function.__name__}"
            try:
                check(function(*given), name)
            except Exception as error:
                lost[name] = f"{type(error).__name__}: {error}"
    assert lost == {}
    assert {figure(name).study for name in FIGURES} <= studies_met


def test_what_is_read_from_the_folder_is_read(world: World) -> None:
    """The functions that the others get their arguments from, and those that take a folder."""
    asked = [figure(name) for name in (*GRIDS, *CURVES)]
    for profile in ("published", "smoke"):
        check(overview.table(asked, settings.read({"profile": profile}))[0], profile)
    lines = calibration_networks.lines(world.data, 49)
    check(calibration_networks.discrete(lines), "discrete")
    check(calibration_networks.discrete_words(lines), "discrete in words")


def test_pages_that_are_left_out_are_there() -> None:
    assert set(READ_NOTHING) <= {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
