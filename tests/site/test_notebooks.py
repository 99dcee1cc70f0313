"""Notebooks: the sources are thin and documented; a run is refused, fails or succeeds, and only success is kept."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml
from roots import ROOT

from isoaux import bases, settings
from isoaux.__main__ import _parser
from isoaux.common.tables import listed
from isoaux.paper import PROFILES, figures, sources
from isoaux.paper.catalogue import NAME
from isoaux.settings import Settings
from isoaux.site import kernels, notebooks, running

SOURCES = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAPERMILL = Path(sys.executable).with_name("papermill")


def of_every_source(rule: Callable[[Path], None]) -> Callable[[], None]:
    """A test that every source keeps a rule; it lists all that do not, each with what is wrong."""

    def test() -> None:
        broken = {}
        for path in SOURCES:
            try:
                rule(path)
            except (AssertionError, ValueError, LookupError, SystemExit) as error:
                broken[path.stem] = f"{type(error).__name__}: {error}"
        assert SOURCES
        assert not broken, broken

    test.__name__, test.__doc__ = rule.__name__, rule.__doc__
    return test


def cells(path: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """The cells of a notebook with their source as one string."""
    content = json.loads(path.read_text("utf-8"))["cells"]
    return [c | {"source": "".join(c["source"])} for c in content if kind in (None, c["cell_type"])]


def tags(cell: dict[str, Any]) -> list[str]:
    return cell["metadata"].get("tags", [])


def parameter_cell(path: Path) -> dict[str, Any]:
    (cell,) = (c for c in cells(path) if "parameters" in tags(c))
    return cell


def shown(path: Path) -> list[str]:
    """The figures of a page: those that its code names or, where none needs data, those that its pictures are."""
    pictures = [c["metadata"].get("mystnb", {}).get("figure", {}).get("name") for c in cells(path, "code")]
    return notebooks.figures_of(path) or [name for name in pictures if name in figures()]


# --- the sources


def test_there_are_sources_and_every_one_is_found_by_its_name():
    assert [path.stem for path in SOURCES] == list(notebooks.sources()) and "fig01" in notebooks.sources()
    assert all(path.stem in figures() or path.stem.startswith(("app", "own", "srm", "poly", "rep")) for path in SOURCES)


def test_every_figure_has_at_most_one_notebook_and_an_appendix_holds_its_own():
    held = [name for path in SOURCES for name in notebooks.figures_of(path)]
    assert len(set(held)) == len(held) and set(held) == set(notebooks.holding())
    assert {name for name, figure in figures().items() if figure.has_planes} <= set(held)
    for path in SOURCES:
        sections = {figures()[name].section for name in shown(path)}
        whole = re.match("app([A-Z])_", path.stem)  # of a whole appendix, like appA_artefacts
        sections = {section.rpartition(".")[0] for section in sections} if whole else sections
        of_other_sources = path.stem.startswith(("srm", "poly", "rep"))  # their pages go by questions
        assert len(sections) == 1 or not shown(path) or of_other_sources, path
        assert path.stem.startswith(("app", "own")) or of_other_sources or shown(path)[0] == path.stem, path


@pytest.mark.parametrize(
    ("code", "held"),
    [
        ('workflow.result("fig02", chosen)', ["fig02"]),
        ("workflow.collect(['fig09', 'fig08'], chosen)\nfigures.panel_grid(found['fig08'])", ["fig09", "fig08"]),
        ("# fig05 is elsewhere\nfig06 = 7", []),
        ('"fig07-training"', []),
    ],
)
def test_a_notebook_holds_the_figures_that_its_code_names(code, held, home):
    assert notebooks.figures_of(write(home / "notebooks" / "page.ipynb", PARAMETERS, code)) == held
    assert notebooks.holding() == dict.fromkeys(held, "page")


def test_the_page_of_a_figure_brings_the_others_on_it(home, refused):
    write(home / "notebooks" / "appX.ipynb", PARAMETERS, 'found = ["fig08", "fig09"]')
    write(home / "notebooks" / "fig02.ipynb", PARAMETERS, '"fig02"')
    assert notebooks.pages(["fig09", "fig02", "fig08"]) == {"appX": ["fig08", "fig09"], "fig02": ["fig02"]}
    refused(["figure is 'fig2'", "did you mean 'fig02'"], notebooks.pages, ["fig2"])


@of_every_source
def test_a_source_has_no_results(path):
    for cell in cells(path, "code"):
        assert cell["outputs"] == [] and cell["execution_count"] is None, cell["id"]
    assert json.loads(path.read_text())["metadata"].keys() <= {"kernelspec", "language_info"}


@of_every_source
def test_every_cell_has_a_readable_name_of_its_own(path):
    names = [cell["id"] for cell in cells(path)]
    assert len(set(names)) == len(names) and all(re.fullmatch("[a-z][a-z0-9-]+", name) for name in names), names


@of_every_source
def test_code_cells_are_short_and_define_nothing(path):
    for cell in cells(path, "code"):
        if "parameters" not in tags(cell):
            lines = [line for line in cell["source"].splitlines() if line.strip()]
            assert 1 <= len(lines) <= 6, f"{cell['id']} has {len(lines)} lines"
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not [n for n in ast.walk(ast.parse(cell["source"])) if isinstance(n, named)], cell["id"]


@of_every_source
def test_there_is_at_least_as_much_text_as_code(path):
    """In words; the parameters, which every page has, are not counted."""
    text, code = (
        sum(len(cell["source"].split()) for cell in cells(path, kind) if "parameters" not in tags(cell))
        for kind in ("markdown", "code")
    )
    assert text >= code
    assert cells(path)[0]["cell_type"] == "markdown"


@of_every_source
def test_a_page_opens_with_its_answer(path):
    """Title, parameters, at most one cell of settings, what came out, and then the question."""
    kinds = [("short" if "in_short(" in cell["source"] else cell["cell_type"]) for cell in cells(path)]
    assert path.stem == "own_scorecard" or kinds[:2] == ["markdown", "code"] and "short" in kinds[2:4]
    (question,) = (i for i, cell in enumerate(cells(path)) if "**The question.**" in cell["source"])
    assert path.stem == "own_scorecard" or kinds.index("short") < question <= kinds.index("short") + 2
    assert cells(path)[0]["source"].count("\n\n") == 0 or path.stem == "own_scorecard", "the first cell is the title"


@of_every_source
def test_the_verdicts_of_a_page_are_counted_under_its_answer(path):
    text = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    claims = re.findall(r"```\{claims\} (.*)", text)
    counted = re.findall(r"```\{verdicts\} (.*)\n(?::section: (.*)\n)?```", text)
    assert [figures for figures, _ in counted] == claims
    assert all(f"## {section or 'What the paper says of it'}\n" in text for _, section in counted)


@of_every_source
def test_a_page_has_its_five_parts_in_order(path):
    text = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    parts = ["**The question.**", "## The figure", "## What to look for", "## What was measured", "## How to re-run it"]
    places = [text.find(part) for part in parts]
    assert -1 not in places and places == sorted(places), dict(zip(parts, places, strict=True))


CONSTRUCTIONS = {"srm_tanh": "Generalised tanh", "rep_compression": "Compression", "rep_features": "Features"}
"""Pages without a figure on what other sources construct, with the beginning of their titles."""


def by_kind(number: int | str) -> tuple[str, int]:
    """The order of figures: the paper's, those of the Spotlight Resonance Method, ours."""
    return (number[0], int(number[1:])) if isinstance(number, str) else ("", number)


@of_every_source
def test_a_page_is_about_its_own_figure(path):
    held = notebooks.figures_of(path)
    numbers = sorted((figures()[name].number for name in shown(path)), key=by_kind)
    places = groupby(enumerate(map(by_kind, numbers)), key=lambda place: (place[1][0], place[1][1] - place[0]))
    kinds = [[numbers[i] for i, _ in run] for _, run in places]
    runs = [[f"{kind[0]} to {kind[-1]}"] if len(kind) > 2 else list(map(str, kind)) for kind in kinds]
    title = f"Figure{'s' * (len(numbers) > 1)} {listed([words for run in runs for words in run])}"
    labels = "".join(f"(figure-{number})=\n" for number in numbers)
    if not numbers and path.stem.startswith("own_"):  # a page about all figures, like own_scorecard
        name = path.stem.removeprefix("own_")
        labels, title = f"({name})=\n", name.capitalize()
    elif path.stem in CONSTRUCTIONS:
        labels, title = f"({path.stem.replace('_', '-')})=\n", CONSTRUCTIONS[path.stem]
    elif not numbers:  # a section of the paper's text, like appC2_gradient_flow
        letter, parts = re.match(r"app([A-Z])(\d+)_", path.stem).groups()  # C21 is Appendix C.2.1
        labels, title = f"(appendix-{letter.lower()}{parts})=\n", f"Appendix {'.'.join([letter, *parts])}"
    assert cells(path)[0]["source"].startswith(f"{labels}# {title}:")
    code = "\n".join(cell["source"] for cell in cells(path, "code"))
    asked = re.findall(r"workflow\.(?:result|collect)\((.*?), settings\.read\(globals\(\)\)\)", code)
    assert [re.findall(NAME, names) for names in asked] == ([held] if held else [])
    text = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    for directive in ("provenance", "downloads"):
        assert sorted(re.findall(rf"```{{{directive}}} (\S+)", text)) == sorted(held)


@of_every_source
def test_every_figure_has_a_number_and_a_caption(path):
    drawing = [cell for cell in cells(path, "code") if re.search(r"^(\w+_)?figures\.", cell["source"], re.M)]
    held = notebooks.figures_of(path)
    assert set(held) <= {cell["metadata"]["mystnb"]["figure"]["name"] for cell in drawing}
    for cell in drawing:
        about = cell["metadata"]["mystnb"]["figure"]
        assert about["name"].startswith(
            tuple(re.findall(NAME, cell["source"]) or shown(path) or [path.stem.split("_")[0]])
        ), cell["id"]
        assert len(about["caption"]) > 60 and about["caption"].endswith(".")
        assert "alt" not in cell["metadata"]["mystnb"].get("image", {}), "the measured result says it, not the source"


def test_no_two_figures_share_a_name():
    names = [
        c["metadata"]["mystnb"]["figure"]["name"]
        for p in SOURCES
        for c in cells(p)
        if "figure" in c["metadata"].get("mystnb", {})
    ]
    assert len(set(names)) == len(names)


@of_every_source
def test_parameters_are_the_settings_with_their_types_and_defaults(path):
    tree = ast.parse(parameter_cell(path)["source"])
    assert all(isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant) for node in tree.body)
    given = {node.target.id: node.value.value for node in tree.body}
    assert list(given) == [field.name for field in fields(Settings)]
    types = {node.target.id: node.annotation.id for node in tree.body}
    assert {name: type(value).__name__ for name, value in given.items()} == types
    for name in notebooks.figures_of(path):
        chosen = settings.read(given)
        assert chosen == replace(Settings(), epsilon=chosen.epsilon)
        assert chosen.epsilon_for(figures()[name]) == figures()[name].epsilon


@of_every_source
def test_every_parameter_says_what_it_accepts(path):
    lines = parameter_cell(path)["source"].splitlines()
    said = {line.split(":")[0]: line.partition("#")[2].strip() for line in lines}
    assert said.keys() == {field.name for field in fields(Settings)} and all(len(words) > 10 for words in said.values())
    accepted = {"profile": PROFILES, "basis": bases.BASES, "variant": bases.VARIANTS, "dataset": sources.SOURCES}
    for name, registry in (accepted | {"device": ("auto", "cpu", "cuda"), "dtype": ("float64", "float32")}).items():
        assert not [value for value in registry if value not in said[name]], name


@of_every_source
def test_the_commands_of_a_page_are_accepted(path):
    text = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    commands = [line for block in re.findall(r"```bash\n(.*?)```", text, re.S) for line in block.splitlines()]
    assert len(commands) >= 3
    for line in commands:
        words = shlex.split(line, comments=True)
        if words[:3] == ["python", "-m", "isoaux"]:
            options = _parser().parse_args(words[3:])
            named = getattr(options, "figures", [path.stem])  # scorecard takes none
            assert named and set(named) <= {path.stem, *notebooks.figures_of(path)}
            continue
        assert words[0] == "papermill" and (ROOT / words[1]) == path, line
        values: dict[str, Any] = {}
        for i, word in enumerate(words):
            if word == "-p":
                values[words[i + 1]] = words[i + 2]
            elif word == "-y":
                values |= yaml.safe_load(words[i + 1])
        assert values and settings.read(values).profile in PROFILES


@of_every_source
def test_papermill_knows_every_parameter_and_its_meaning(path):
    papermill = pytest.importorskip("papermill")
    found = papermill.inspect_notebook(path)
    assert list(found) == [field.name for field in fields(Settings)]
    assert all(len(about["help"]) > 10 and about["inferred_type_name"] != "None" for about in found.values())


def test_the_help_of_the_command_line_prints_every_parameter():
    pytest.importorskip("papermill")
    command = [str(PAPERMILL), "--help-notebook", "notebooks/fig01.ipynb"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in parameter_cell(ROOT / "notebooks" / "fig01.ipynb")["source"].splitlines():
        name, kind, default, words = re.fullmatch(r"(\w+): (\w+) = (\S+)  # (.*)", line).groups()
        assert re.search(rf"{name}: {kind} \(default {re.escape(default)}\)", shown), name
        assert " ".join(words.split()) in " ".join(shown.split()), name


# --- refused before anything starts


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of this test alone, with one notebook `small`; temporary files go there too."""
    place = tmp_path / "home"
    for name in ("book", "notebooks", "temporary"):
        (place / name).mkdir(parents=True)
    monkeypatch.setenv("ISOAUX_HOME", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place / "temporary"))
    write(place / "notebooks" / "small.ipynb", PARAMETERS, "print(profile, seeds)")
    return place


PARAMETERS = 'profile: str = "published"  # where from\nseeds: str = "default"  # which'


def write(path: Path, *code: str) -> Path:
    """A notebook whose first code cell holds the parameters."""
    made = [{"cell_type": "markdown", "id": "head", "metadata": {}, "source": "# A page"}]
    for i, source in enumerate(code):
        own = {"tags": ["parameters"]} if i == 0 else {}
        made.append(
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": own,
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
        )
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a kernel was started")

    monkeypatch.setattr(kernels, "execute", fail)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"epsilom": 0.5}, ["'epsilom'", "epsilon"]),
        ({"Profile": "smoke"}, ["'Profile'", "profile"]),
        ({"profile": "smok"}, ["profile is 'smok'", "smoke"]),
        ({"epsilon": 1}, ["epsilon is 1"]),
        ({"seeds": "0,0"}, ["seeds is '0,0'"]),
        ({"dataset": "cifar100"}, ["dataset is 'cifar100'", "cifar10"]),
        ({"retrain": "maybe"}, ["retrain is 'maybe'"]),
    ],
    ids=lambda value: str(value)[:24],
)
def test_parameters_are_refused_before_a_kernel_starts(parameters, words, home, no_kernel, refused, tmp_path):
    refused(words, running.run, "small", parameters, tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


def test_an_unknown_notebook_names_the_nearest(home, no_kernel, refused, tmp_path):
    refused(["notebook is 'smal'", "did you mean 'small'"], running.run, "smal", {}, tmp_path / "out.ipynb")


def test_a_second_notebook_is_found_without_touching_anything(home):
    assert list(notebooks.sources()) == ["small"]
    write(home / "notebooks" / "fig99.ipynb", PARAMETERS)
    assert list(notebooks.sources()) == ["fig99", "small"]


def test_a_folder_that_is_no_checkout_is_said_so(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOAUX_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path))):
        notebooks.sources()


# --- executed


RED_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
SHOWN = f"""from IPython.display import display
import sys
print("a warning nobody asked for", file=sys.stderr)
about = {{"image/png": {{"alt": "One red dot."}}}}
display({{"image/png": "{RED_DOT}", "text/plain": "a dot"}}, metadata=about, raw=True)"""
WHERE = """import os
from ipykernel.kernelapp import IPKernelApp
assert os.name != "posix" or IPKernelApp.instance().transport == "ipc", "two kernels may take one port"
assert os.environ["ISOAUX_BATCH"] == "1"
assert os.getcwd() == os.environ["ISOAUX_HOME"]"""


def outputs(path: Path) -> list[dict[str, Any]]:
    return [output for cell in cells(path, "code") for output in cell["outputs"]]


def test_an_executed_notebook_holds_what_a_reader_sees_and_nothing_else(home, tmp_path, monkeypatch):
    monkeypatch.delenv("ISOAUX_BATCH", raising=False)
    before = dict(os.environ)
    write(home / "notebooks" / "small.ipynb", PARAMETERS, SHOWN, WHERE, "print(profile, seeds)")
    out = running.run("small", {"profile": "smoke", "seeds": [0, 1]}, tmp_path / "new" / "out.ipynb")
    assert out == tmp_path / "new" / "out.ipynb" and out.parent.is_dir()
    assert dict(os.environ) == before
    text = out.read_text("utf-8")
    assert not ["papermill" for cell in cells(out) if {"papermill", "execution"} & cell["metadata"].keys()]
    assert json.loads(text)["metadata"].keys() == {"kernelspec", "language_info"}
    assert "a warning nobody asked for" not in json.dumps(outputs(out))
    assert str(home) not in text and not re.search(r"20\d\d-\d\d-\d\dT", text) and sys.version.split()[0] not in text
    (picture,) = (cell for cell in cells(out, "code") if "One red dot." in json.dumps(cell))
    assert picture["metadata"]["mystnb"]["image"]["alt"] == "One red dot."
    assert [o["output_type"] for o in picture["outputs"]] == ["display_data"]
    assert "alt" not in json.dumps(picture["outputs"]) and RED_DOT in json.dumps(picture["outputs"])
    (printed,) = (o for o in outputs(out) if o["output_type"] == "stream")
    assert (printed["name"], "".join(printed["text"])) == ("stdout", "smoke [0, 1]\n")
    left = [path.name for path in (home / "temporary").iterdir() if not path.name.startswith("pymp-")]
    assert not left, "the folder of the run is left (multiprocessing removes its own when the process ends)"
    import nbformat

    nbformat.validate(nbformat.read(out, 4))


def test_the_same_run_gives_the_same_bytes(home, tmp_path):
    one, other = (running.run("small", {}, tmp_path / name).read_bytes() for name in ("one.ipynb", "other.ipynb"))
    assert one == other


NOT_YET = """from isoaux.paper import figure
from isoaux.records import results
from isoaux.studies.planes import figures
figures.panel_grid(results.Missing(figure("fig08")))"""


def test_a_figure_that_is_not_published_is_a_sentence_and_no_figure(home, tmp_path):
    path = write(home / "notebooks" / "small.ipynb", PARAMETERS, NOT_YET, SHOWN.replace("One red dot.", "A dot."))
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"][2:]:
        cell["metadata"]["mystnb"] = {"figure": {"name": cell["id"], "caption": "Something drawn."}}
    path.write_text(json.dumps(notebook))
    _, _, missing, drawn = cells(running.run("small", {}, tmp_path / "out.ipynb"))
    assert "".join(missing["outputs"][0]["data"]["text/markdown"]) == "Figure 8 is not published yet."
    assert "mystnb" not in missing["metadata"]
    assert drawn["metadata"]["mystnb"] == {
        "figure": {"name": "c2", "caption": "Something drawn."},
        "image": {"alt": "A dot."},
    }


@pytest.mark.parametrize("older", [None, "an older result"])
def test_a_failed_run_leaves_what_was_there(older, home, tmp_path):
    write(home / "notebooks" / "bad.ipynb", PARAMETERS, "print('so far so good')", "raise ValueError('no such luck')")
    out = tmp_path / "results" / "bad.ipynb"
    if older:
        out.parent.mkdir()
        out.write_text(older)
    with pytest.raises(kernels.Failed, match=r"^bad\.ipynb stopped in cell 3: ValueError: no such luck$"):
        running.run("bad", {}, out)
    left = [path.name for path in tmp_path.rglob("*") if path.is_file() and "notebooks" not in path.parts]
    assert left == (["bad.ipynb"] if older else [])
    assert not older or out.read_text() == older
    assert not list((home / "temporary").iterdir())


SIDE_BY_SIDE = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from isoaux.site import running

before = dict(os.environ), os.getcwd()
with ThreadPoolExecutor(3) as pool:
    runs = [pool.submit(running.run, n, {"seeds": str(i)}, Path(f"{n}.ipynb")) for i, n in enumerate(sys.argv[1:])]
    for run in runs:
        run.result()
assert (dict(os.environ), os.getcwd()) == before
"""


def test_runs_side_by_side_do_not_disturb_each_other(home, tmp_path):
    """In three threads, beside another process that does the same; in processes of their own, since a thread that
    has run a notebook leaves an event loop open (jupyter_core)."""
    names = ["one", "two", "three"]
    for i, name in enumerate(names):
        waiting = f"import time; time.sleep({0.4 * i})"
        write(home / "notebooks" / f"{name}.ipynb", PARAMETERS, waiting, WHERE, f"print({name!r}, seeds)")
    places = [tmp_path / "first", tmp_path / "second"]
    environment = {name: value for name, value in os.environ.items() if name != "ISOAUX_BATCH"}
    environment |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(home / "temporary")}
    command = [sys.executable, "-c", SIDE_BY_SIDE, *names]
    both = []
    for place in places:
        place.mkdir()
        both.append(subprocess.Popen(command, cwd=place, env=environment, stderr=subprocess.PIPE, text=True))
    for run, place in zip(both, places, strict=True):
        said = run.communicate()[1]
        assert run.returncode == 0, said
        for i, name in enumerate(names):
            (printed,) = outputs(place / f"{name}.ipynb")
            assert "".join(printed["text"]) == f"{name} {i}\n"
    assert not list((home / "temporary").iterdir())


# --- on other people's machines


READER = """x = 5
profile = "nonsense"
print("hello from a start-up file")
raise ValueError("a start-up file that does not work")
"""

READ = """import sys
from isoaux import settings
print(sys.executable, settings.read(globals()).profile, "x" in globals())"""


@pytest.fixture
def odd_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another interpreter is registered as python3, IPython has start-up files, Jupyter has settings; no home."""
    kernel = {"argv": ["/nowhere/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "language": "python"}
    files = {
        "kernels/python3/kernel.json": json.dumps(kernel | {"display_name": "another"}),
        "profile_default/startup/00-first.py": READER,
        "profile_default/ipython_kernel_config.py": "c.InteractiveShellApp.exec_lines = ['y = 7']",
        "jupyter_config.py": "c.KernelManager.transport = 'carrier pigeons'",
        "startup.py": READER,
    }
    place = tmp_path / "reader"
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    for variable in ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(place))
    monkeypatch.setenv("PYTHONSTARTUP", str(place / "startup.py"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(place / "startup.py" / "below"))
    monkeypatch.setenv("HOME", str(place / "startup.py" / "home"))
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    monkeypatch.setenv("PYTHONHASHSEED", "3")


def test_a_notebook_is_the_same_whatever_the_reader_has_set_up(home, tmp_path, request):
    write(home / "notebooks" / "small.ipynb", PARAMETERS, READ, "import matplotlib")
    usual = running.run("small", {}, tmp_path / "usual.ipynb").read_bytes()
    assert "".join(outputs(tmp_path / "usual.ipynb")[0]["text"]) == f"{sys.executable} published False\n"
    request.getfixturevalue("odd_reader")
    assert running.run("small", {}, tmp_path / "other.ipynb").read_bytes() == usual


@pytest.mark.parametrize(
    ("folder", "longest", "transport"),
    [("x" * 90, 100, "ipc"), ("ümläut", 100, "ipc"), ("short", 0, "tcp")],
    ids=["long", "not ASCII", "no short folder"],
)
def test_the_path_of_the_temporary_folder_may_be_too_long_for_a_socket(
    folder, longest, transport, home, tmp_path, monkeypatch
):
    (tmp_path / folder).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / folder))
    monkeypatch.setattr(kernels, "LONGEST_SOCKET", longest)
    code = "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
    write(home / "notebooks" / "small.ipynb", PARAMETERS, code)
    (printed,) = outputs(running.run("small", {}, tmp_path / "out.ipynb"))
    assert "".join(printed["text"]) == f"{transport}\n"
    assert not list((tmp_path / folder).iterdir())


def test_relative_folders_are_those_of_the_process_that_was_given_them(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for variable in ("ISOAUX_CACHE", "ISOAUX_DATA"):
        monkeypatch.setenv(variable, variable.lower())
    code = "import os\nfrom isoaux.common import paths\nprint(dataset, paths.cache(), paths.downloads(), sep='\\n')"
    write(home / "notebooks" / "small.ipynb", 'dataset: str = "default"  # which', code)
    (printed,) = outputs(running.run("small", {"dataset": "folder:my images"}, tmp_path / "out.ipynb"))
    words = "".join(printed["text"]).splitlines()
    assert words == [f"folder:{tmp_path}/my images", f"{tmp_path}/isoaux_cache", f"{tmp_path}/isoaux_data"]


def test_a_kernel_that_dies_is_one_sentence(home, tmp_path):
    write(home / "notebooks" / "small.ipynb", PARAMETERS, "import os\nos._exit(1)")
    with pytest.raises(kernels.Failed, match=r"^small\.ipynb stopped: Kernel died\.$"):
        running.run("small", {}, tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


# --- from training to picture


def assert_is_figure_1(path: Path) -> None:
    """Figure 1 at the profile `smoke`: tables with a row per network, five pictures, sentences."""
    text = path.read_text("utf-8")
    assert '"output_type": "error"' not in text
    shown = [output.get("data", {}) for output in outputs(path)]
    assert sum("image/png" in content for content in shown) == 5
    words = "\n".join("".join(content.get("text/plain", "")) for content in shown)
    assert "8x8 digits (scikit-learn)" in words and "2 epochs instead of 125" in words and "2 of 5 seeds" in words
    networks = re.findall(r"^(isotropic tanh|tanh) +([01]) ", words, re.M)
    assert sorted(networks) == sorted([(a, s) for a in ("tanh", "isotropic tanh") for s in "01"] * 4)
    assert "4 networks by 3 checkpoints" in words


@pytest.mark.smoke
def test_figure_1_from_training_to_picture(at_smoke):
    out = at_smoke("fig01")
    assert_is_figure_1(out)
    alts = [c["metadata"].get("mystnb", {}).get("image", {}).get("alt", "") for c in cells(out, "code")]
    assert len([alt for alt in alts if "checkpoints" in alt]) == 2
    assert "papermill" not in {k for c in cells(out) for k in c["metadata"]}


SEVERAL = [path.stem for path in SOURCES if path.stem.startswith("appB")]


@pytest.mark.smoke
@pytest.mark.parametrize("name", SEVERAL)
def test_a_page_of_several_figures_from_training_to_pictures(name, at_smoke):
    """Every figure of the page is drawn, or says that its networks failed (eight by eight digits are not CIFAR-10)."""
    out = at_smoke(name)
    shown = {cell["id"]: cell for cell in cells(out, "code")}
    assert '"output_type": "error"' not in out.read_text("utf-8")
    drawn = {
        c["metadata"]["mystnb"]["figure"]["name"] for c in shown.values() if "figure" in c["metadata"].get("mystnb", {})
    }
    for figure in notebooks.figures_of(out):
        said = json.dumps(shown[figure.lower()]["outputs"])
        assert (figure in drawn) == ("image/png" in said) != ("cannot be drawn" in said), figure
    assert [figure for figure in drawn if figure.endswith("-compared")]


OTHERS = [path.stem for path in SOURCES if path.stem not in ("fig01", *SEVERAL)]


@pytest.mark.smoke
@pytest.mark.parametrize("name", OTHERS)
def test_every_other_page_runs_at_smoke(name, at_smoke):
    out = at_smoke(name)
    assert '"output_type": "error"' not in out.read_text("utf-8")
    drawn = [
        c["metadata"]["mystnb"]["figure"]["name"]
        for c in cells(out, "code")
        if "figure" in c["metadata"].get("mystnb", {})
    ]
    held = notebooks.figures_of(out)
    assert set(held) <= set(drawn) and (drawn or not held), "a page about all networks has none at smoke"


@pytest.fixture
def papermill_run(own_cache: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(PAPERMILL), "notebooks/fig01.ipynb", str(tmp_path / "out.ipynb"), *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    return run


@pytest.mark.smoke
def test_figure_1_through_papermills_own_command(papermill_run, tmp_path):
    done = papermill_run("-p", "profile", "smoke", "-p", "retrain", "false", "-p", "seeds", "[0,1]")
    assert done.returncode == 0, done.stderr
    assert_is_figure_1(tmp_path / "out.ipynb")


@pytest.mark.smoke
def test_papermills_own_command_fails_where_a_parameter_is_wrong(papermill_run):
    done = papermill_run("-p", "epsilom", "0.5")
    assert done.returncode != 0 and "parameter name is 'epsilom' (did you mean 'epsilon'?)" in done.stderr
