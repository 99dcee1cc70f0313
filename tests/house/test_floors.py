"""What a module of isoaux may import, and where it may lie.

Each rule is a small function from sources to complaints, so that the last tests can show it failing. Sources are texts
by the name of the module; the text of a package itself is that of ``package.__init__``.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest
from roots import ROOT

Sources = Mapping[str, str]
Statement = ast.Import | ast.ImportFrom

FLOORS = (
    ("common",),
    ("sources",),
    ("__init__",),
    ("drawing",),
    ("bases", "density"),
    ("activations", "ppp"),
    ("polytopes", "representations", "statistics"),
    ("srm",),
    ("paper",),
    ("settings",),
    ("training",),
    ("records",),
    ("studies",),
    ("workflow", "scorecard", "explorer"),
    ("slicing", "toy", "film", "widths"),
    ("site",),
    ("commands",),
    ("__main__",),
)
"""From the ground up: a module imports only from lower floors, or from its own package."""

FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}

ALONE = {"__init__", "__main__", "activations", "bases", "density", "ppp", "settings", "srm", "workflow"}
"""The modules that may lie in ``isoaux/`` itself; every other one is in a package."""

FACES = {"activations", "bases", "paper", "polytopes", "srm", "statistics", "explorer", "slicing"}
"""The packages that offer names of their modules; the others hold a docstring only."""

SHARED = {"protocol", "steps"}
"""The modules that studies share; what two studies need beside them goes to a lower floor."""

MOST = 10
"""Imports inside functions in the whole library."""


# --- sources, and what they import


@cache
def library() -> dict[str, str]:
    """The sources of isoaux."""
    paths = sorted((ROOT / "isoaux").rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf8") for path in paths}


parsed = cache(ast.parse)


def package(module: str) -> str:
    """The package that a module lies in, or that it is the text of."""
    return module.rpartition(".")[0]


def top(module: str) -> str:
    """The name below isoaux by which a module stands on a floor."""
    return module.split(".")[1]


def study(module: str) -> str:
    """The study that a module belongs to, empty for one that belongs to none."""
    parts = module.split(".")
    return parts[2] if parts[1] == "studies" and len(parts) > 3 else ""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


@dataclass(frozen=True)
class Import:
    """One thing of isoaux that a module imports: the module ``target``, or what ``name`` is in it."""

    module: str
    line: int
    target: str
    name: str = ""
    bound: str = ""

    @property
    def place(self) -> str:
        return f"{self.module}, line {self.line}"


def module_named(sources: Sources, dotted: str) -> str:
    """The module or the text of the package that a dotted name stands for, empty for neither."""
    return next((name for name in (dotted, f"{dotted}.__init__") if name in sources), "")


def imports(sources: Sources) -> Iterator[Import]:
    """Everything of isoaux that modules import: inside functions, for type checking and by ``import_module`` too."""
    for module, text in sources.items():
        for node in ast.walk(parsed(text)):
            for base, name, bound in _named(module, node):
                if base.split(".")[0] == "isoaux":
                    submodule = module_named(sources, f"{base}.{name}") if name else ""
                    target = submodule or module_named(sources, base) or base
                    yield Import(module, node.lineno, target, "" if submodule else name, bound)


def _named(module: str, node: ast.AST) -> Iterator[tuple[str, str, str]]:
    """What a statement imports: from where, the name in it if any, and the name that it gets."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, "", alias.asname or alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        relative = module.split(".")[: -node.level] if node.level else []
        base = ".".join([*relative, *([node.module] if node.module else [])])
        yield from ((base, alias.name, alias.asname or alias.name) for alias in node.names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "import_module":
        yield from ((arg.value, "", "") for arg in node.args[:1] if isinstance(arg, ast.Constant))


def imports_in_functions(sources: Sources) -> Iterator[tuple[str, Statement]]:
    """Every import statement inside a function, by its module, in the order of the lines."""
    for module, text in sources.items():
        functions = [n for n in ast.walk(parsed(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        inside = (node for function in functions for node in ast.walk(function) if isinstance(node, Statement))
        # a function inside a function is met twice, its imports are not
        at = {(node.lineno, node.col_offset): node for node in inside}
        yield from ((module, at[place]) for place in sorted(at))


# --- the rules


def without_a_floor(sources: Sources) -> Iterator[str]:
    """Every module stands on a floor."""
    yield from (f"{module} stands on no floor" for module in sources if top(module) not in FLOOR)


def upwards(sources: Sources) -> Iterator[str]:
    """A module imports only from lower floors, or from its own package."""
    for each in imports(sources):
        here, there = top(each.module), top(each.target)
        if here != there and FLOOR.get(there, len(FLOORS)) >= FLOOR.get(here, 0):
            yield f"{each.place} imports {each.target} {each.name}".rstrip()


def circles(sources: Sources) -> Iterator[str]:
    """No modules import one another in a circle."""
    graph: dict[str, set[str]] = {module: set() for module in sources}
    for each in imports(sources):
        graph[each.module].add(each.target)
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = error.args[1][::-1]
            graph[circle[0]].remove(circle[1])  # and look for the next one
            yield " imports ".join(circle)
        else:
            return


def across_studies(sources: Sources) -> Iterator[str]:
    """A study imports no other study, and what studies share imports none."""
    for each in imports(sources):
        if top(each.module) == top(each.target) == "studies" and study(each.module) != study(each.target):
            if study(each.target) or each.target.rpartition(".")[2] not in SHARED:
                yield f"{each.place} imports {each.target}"


def home(module: str) -> str:
    """Within what the private names of a module may be used: its package, or itself where it is in isoaux's own."""
    return module if package(module) == "isoaux" else package(module)


def private(sources: Sources) -> Iterator[str]:
    """Private modules and names are not imported from outside their package, nor reached as attributes of a module."""
    everything = list(imports(sources))
    for each in everything:
        parts = each.target.split(".")
        owner = next((".".join(parts[:i]) for i, part in enumerate(parts) if is_private(part)), "")
        owner = owner or (home(each.target) if is_private(each.name) else "")
        if owner and home(each.module) != owner:
            yield f"{each.place} imports {each.target} {each.name}".rstrip()
    for module, text in sources.items():
        modules = {each.bound: each.target for each in everything if each.module == module and not each.name}
        for node in ast.walk(parsed(text)):
            if isinstance(node, ast.Attribute) and is_private(node.attr):
                target = modules.get(ast.unparse(node.value), "")
                if target and home(module) != home(target):
                    yield f"{module}, line {node.lineno} reaches for {ast.unparse(node)}"


def too_many_in_functions(sources: Sources) -> Iterator[str]:
    """Few imports are inside functions."""
    places = [f"{module}, line {node.lineno}" for module, node in imports_in_functions(sources)]
    if len(places) > MOST:
        yield f"{len(places)} imports inside functions, accepted: at most {MOST}: {'; '.join(places)}"


def without_a_reason(sources: Sources) -> Iterator[str]:
    """An import inside a function has its reason in a comment, on its line or on the line above."""
    for module, node in imports_in_functions(sources):
        lines = sources[module].splitlines()
        above, own = lines[node.lineno - 2].strip(), " ".join(lines[node.lineno - 1 : node.end_lineno])
        comment = own.partition("#")[2] or above.removeprefix("#") * above.startswith("#")
        if not re.search(r"\w", re.sub(r"noqa(: [A-Z0-9, ]+)?|type: ignore\S*", "", comment)):
            yield f"{module}, line {node.lineno}: {ast.unparse(node)}"


def outside_of_packages(sources: Sources) -> Iterator[str]:
    """The package isoaux itself holds only the public instruments, the settings, the workflow and the command."""
    yield from (module for module in sources if package(module) == "isoaux" and top(module) not in ALONE)


def code_in_packages(sources: Sources) -> Iterator[str]:
    """The text of a package is a docstring, but for a few that are the face of their modules.

    isoaux itself has its version beside it, what opens activations, and a door to the instruments. The ``compute`` of a
    study may be a package, whose face is ``compute``.
    """
    for module in (name for name in sources if name.endswith(".__init__")):
        parts = module.split(".")[1:-1]
        if parts[:1] in [[face] for face in FACES] or (parts[:1] == ["studies"] and parts[2:] == ["compute"]):
            continue
        docstring, *rest = [ast.unparse(node) for node in parsed(sources[module]).body] or [""]
        if not docstring.startswith(("'", '"')):
            yield f"{module} has no docstring"
        door = (
            "__version__ =",
            "__all__ =",
            "def __getattr__",
            "import importlib",
            "from types",
            "from isoaux.sources.",
        )
        if [line for line in rest if parts or not line.startswith(door)]:
            yield f"{module} holds more than a docstring"


Rule = Callable[[Sources], Iterator[str]]

RULES: tuple[Rule, ...] = (
    without_a_floor,
    upwards,
    circles,
    across_studies,
    private,
    too_many_in_functions,
    without_a_reason,
    outside_of_packages,
    code_in_packages,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_isoaux_keeps_every_rule(rule: Rule) -> None:
    complaints = list(rule(library()))
    assert not complaints, "\n".join([f"{rule.__doc__}", *complaints])


def test_the_sources_and_their_imports_are_found() -> None:
    arrows = {(each.module, each.target) for each in imports(library())}
    assert ("isoaux.workflow", "isoaux.studies.registry") in arrows and len(library()) > 100 and len(arrows) > 400
    assert not [target for _, target in arrows if target not in library()]


# --- the rules above can fail

WORDS = '"""Words."""\n'

HOUSE = {
    "isoaux.__init__": WORDS + '__version__ = "1"\n',
    "isoaux.bases": "from isoaux import __version__\nfrom isoaux.common.paths import home\n",
    "isoaux.common.__init__": WORDS,
    "isoaux.common.paths": "import os\nfrom isoaux.common._old import _HOME, home\n",
    "isoaux.common._old": "_HOME = home = 1\n",
    "isoaux.paper.__init__": "from isoaux.paper.names import TITLES\n",
    "isoaux.paper.names": "TITLES = _DASHES = {}\n",
    "isoaux.studies.__init__": WORDS,
    "isoaux.studies.protocol": "from isoaux import paper\nfrom isoaux.paper import names as called\ncalled.TITLES\n",
    "isoaux.studies.dice.__init__": WORDS,
    "isoaux.studies.dice.data": "from isoaux.studies import protocol\nfrom . import compute\n",
    "isoaux.studies.dice.compute.__init__": "from isoaux.bases import *\nSIDES = 6\n",
    "isoaux.studies.cards.__init__": WORDS,
    "isoaux.studies.cards.data": "def deal():\n    # heavy\n    import torch\n    import numba  # heavy\n",
}
"""Sources that keep every rule."""


def in_a_function(statement: str) -> str:
    return f"def function():\n    x = 0  # a number\n    {statement}\n"


SPOILED: tuple[tuple[Rule, dict[str, str], list[str]], ...] = (
    (without_a_floor, {"isoaux.cellar.rats": ""}, ["isoaux.cellar.rats stands on no floor"]),
    (upwards, {"isoaux.common.paths": "from isoaux.paper import TITLES"}, ["isoaux.paper.__init__ TITLES"]),
    (
        upwards,
        {"isoaux.common.paths": "import isoaux.bases as b"},
        ["line 1 imports isoaux.bases"],
    ),
    (upwards, {"isoaux.common.paths": "from ..paper.names import TITLES"}, ["isoaux.paper.names TITLES"]),
    (upwards, {"isoaux.common.paths": in_a_function("from isoaux import bases")}, ["line 3 imports isoaux.bases"]),
    (
        upwards,
        {"isoaux.common.paths": "if TYPE_CHECKING:\n    from isoaux import paper"},
        ["line 2 imports isoaux.paper"],
    ),
    (upwards, {"isoaux.common.paths": "import_module('isoaux.bases')"}, ["imports isoaux.bases"]),
    (upwards, {"isoaux.common.paths": "from isoaux.gone import x"}, ["imports isoaux.gone x"]),
    (upwards, {"isoaux.bases": "from isoaux import density", "isoaux.density": ""}, ["imports isoaux.density"]),
    (
        circles,
        {"isoaux.common._old": "from isoaux.common import _old"},
        ["isoaux.common._old imports isoaux.common._old"],
    ),
    (
        circles,
        {
            "isoaux.paper.names": in_a_function("from isoaux import paper"),
            "isoaux.studies.dice.data": "from isoaux.studies.dice import compute, rules",
            "isoaux.studies.dice.rules": "if TYPE_CHECKING:\n    from isoaux.studies.dice.data import THROWS",
        },
        [
            "isoaux.paper.names imports isoaux.paper.__init__",
            "isoaux.studies.dice.rules imports isoaux.studies.dice.data",
        ],
    ),
    (
        across_studies,
        {"isoaux.studies.dice.data": "from isoaux.studies.cards import data"},
        ["isoaux.studies.cards.data"],
    ),
    (
        across_studies,
        {"isoaux.studies.dice.data": "from isoaux.studies import cards"},
        ["isoaux.studies.cards.__init__"],
    ),
    (across_studies, {"isoaux.studies.protocol": "from isoaux.studies.dice import data"}, ["isoaux.studies.dice.data"]),
    (
        across_studies,
        {"isoaux.studies.registry": "", "isoaux.studies.dice.data": "from isoaux.studies import registry"},
        ["isoaux.studies.registry"],
    ),
    (private, {"isoaux.bases": "from isoaux.common import _old"}, ["isoaux.bases, line 1 imports isoaux.common._old"]),
    (private, {"isoaux.bases": "from isoaux.common._old import home"}, ["imports isoaux.common._old home"]),
    (private, {"isoaux.bases": "from isoaux.common.paths import _HOME"}, ["imports isoaux.common.paths _HOME"]),
    (private, {"isoaux.density": "from isoaux.bases import _pairs"}, ["imports isoaux.bases _pairs"]),
    (
        private,
        {"isoaux.studies.dice.data": "from isoaux.studies.protocol import _Old"},
        ["isoaux.studies.protocol _Old"],
    ),
    (
        private,
        {"isoaux.studies.protocol": "from isoaux.paper import names as called\nprint(called._DASHES, called.__doc__)"},
        ["isoaux.studies.protocol, line 2 reaches for called._DASHES"],
    ),
    (
        private,
        {"isoaux.studies.protocol": "import isoaux.paper\nisoaux.paper._load()"},
        ["reaches for isoaux.paper._load"],
    ),
    (
        too_many_in_functions,
        {"isoaux.bases": in_a_function("import a, b; from c import d; import e; " * 3)},
        ["11 imports inside"],
    ),
    (
        without_a_reason,
        {"isoaux.bases": "class Basis:\n" + in_a_function("import torch").replace("def", "  async def")},
        ["isoaux.bases, line 4: import torch"],
    ),
    (
        without_a_reason,
        {"isoaux.bases": in_a_function("import torch  # noqa: E402")},
        ["isoaux.bases, line 3: import torch"],
    ),
    (
        without_a_reason,
        {"isoaux.bases": in_a_function("# :\n    import torch")},
        ["isoaux.bases, line 4: import torch"],
    ),
    (outside_of_packages, {"isoaux.dice": ""}, ["isoaux.dice"]),
    (code_in_packages, {"isoaux.common.__init__": WORDS + "HOME = 1"}, ["isoaux.common.__init__ holds more"]),
    (code_in_packages, {"isoaux.__init__": WORDS + "from isoaux import bases"}, ["isoaux.__init__ holds more"]),
    (
        code_in_packages,
        {"isoaux.studies.dice.__init__": WORDS + "SIDES = 6"},
        ["isoaux.studies.dice.__init__ holds more"],
    ),
    (code_in_packages, {"isoaux.common.__init__": ""}, ["isoaux.common.__init__ has no docstring"]),
)
"""A rule, what is changed in the house, and the complaints that follow."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_house_that_keeps_the_rules_has_no_complaints(rule: Rule) -> None:
    assert not list(rule(HOUSE))


@pytest.mark.parametrize(("rule", "change", "complaints"), SPOILED)
def test_every_rule_can_fail(rule: Rule, change: dict[str, str], complaints: list[str]) -> None:
    heard = list(rule(HOUSE | change))
    assert len(heard) == len(complaints)
    assert not [words for words in complaints if not any(words in line for line in heard)], heard


def test_every_rule_is_shown_failing() -> None:
    assert {rule for rule, _, _ in SPOILED} == set(RULES)
