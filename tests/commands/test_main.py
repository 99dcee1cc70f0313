"""The command line: a round trip, and one line for every error."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import yaml
from roots import ROOT

from isoaux import settings, workflow
from isoaux.__main__ import _parser as parser
from isoaux.__main__ import main
from isoaux.commands import chosen, overview
from isoaux.commands.options import seconds
from isoaux.common import archive, paths
from isoaux.paper import figure
from isoaux.records.results import Collection
from isoaux.site import build as site
from isoaux.site import notebooks, running
from isoaux.studies import steps
from isoaux.training import autoencoder, data, session, store
from isoaux.training import train as training

FIGURE = figure("fig01")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> Path:
    """A checkout and a store of this test alone; the checkout has notebooks and nothing is published."""
    place = tmp_path / "home"
    (place / "book" / "data").mkdir(parents=True)
    (place / "notebooks").mkdir()
    hold(place, "fig01", "fig01")
    monkeypatch.setenv("ISOAUX_HOME", str(place))
    return place


def hold(home: Path, name: str, *figures: str) -> None:
    """A notebook that asks for these figures."""
    code = f"found = workflow.collect({json.dumps(figures)}, settings.read(globals()))"
    cells = [{"cell_type": "code", "id": "data", "metadata": {}, "outputs": [], "source": [code]}]
    (home / "notebooks" / f"{name}.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}}))


def train(*arguments: str) -> int:
    return main(["train", "fig01", "--profile", "smoke", "--device", "cpu", *arguments])


def complete(seeds: tuple[int, ...]) -> None:
    """Networks of the store that were never trained."""
    for network in settings.read({"profile": "smoke", "seeds": seeds}).networks_for(FIGURE):
        entry = store.Entry(network, data.load("digits").checksum)
        for epoch in network.recipe.checkpoints:
            entry.write(epoch, autoencoder.initial(64, 18, 0, torch.Generator().manual_seed(network.seed)))
        entry.finish(1.0, "cpu")


# --- a round trip


def test_train_publish_status(home, capsys, monkeypatch):
    assert train() == 0
    assert capsys.readouterr().out == "4 networks: 4 complete\n"

    monkeypatch.setattr(training, "train_group", None)
    assert train() == 0, "trained again"
    assert train("--jobs", "2") == 0
    capsys.readouterr()

    assert main(["publish", "fig01", "--profile", "smoke", "--jobs", "1"]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert len(written) == 5 and written[-1] == home / "book" / "data" / "fig01"
    assert all(path.with_suffix(suffix).is_file() for path in written for suffix in (".npz", ".json"))
    result = workflow.result("fig01", settings.Settings())
    assert [(c.activation, seed) for c, seed in result.rows] == [
        ("tanh", 0),
        ("tanh", 1),
        ("isotanh", 0),
        ("isotanh", 1),
    ]

    assert main(["status", "fig01", "--profile", "smoke"]) == 0
    said = capsys.readouterr().out
    assert "smoke, 2 epochs, 2 seeds, 8x8 digits (scikit-learn)" in said and "4 of 4 networks" in said
    assert "nothing yet" not in said


def test_seeds_can_be_trained_and_published_one_by_one(home, capsys, tmp_path):
    complete((3, 4))
    for seed in ("4", "3"):
        assert main(["publish", "fig01", "--profile", "smoke", "--seeds", seed, "--to", str(tmp_path / "out")]) == 0
    facts = json.loads((tmp_path / "out" / "fig01.json").read_text())
    assert facts["seeds"] == [3, 4] and len(facts["rows"]) == 4
    assert not list((home / "book" / "data").iterdir()), "--to was not heeded"


def test_publish_measures_as_it_is_told(home, capsys):
    complete((0,))
    how = ["--epsilon", "0.6", "--basis", "random", "--variant", "permutation"]
    assert main(["publish", "fig01", "--profile", "smoke", "--seeds", "0", *how]) == 0
    facts = archive.read(home / "book" / "data" / "fig01").facts
    assert (facts["epsilon"], facts["basis"], facts["variant"]) == (0.6, "random", "permutation")


def test_publish_trains_nothing(home, capsys, monkeypatch):
    complete((0,))
    monkeypatch.setattr(steps, "train_networks", None)
    with pytest.warns(RuntimeWarning, match="2 of 4 networks of fig01 are not trained and will be missing"):
        assert main(["publish", "fig01", "--profile", "smoke"]) == 0
    assert archive.read(home / "book" / "data" / "fig01").facts["deviations"][-1] == "1 of 5 seeds"


def test_retrain_trains_what_the_store_has(home, capsys):
    complete((0,))
    entry = store.Entry(settings.read({"profile": "smoke"}).networks_for(FIGURE)[0], data.load("digits").checksum)
    before = entry.read(2)["encoder.weight"]
    assert train("--seeds", "0") == 0 and torch.equal(entry.read(2)["encoder.weight"], before)
    assert train("--seeds", "0", "--retrain") == 0 and not torch.equal(entry.read(2)["encoder.weight"], before)


def test_a_failed_network_is_named_and_the_status_is_1(home, capsys):
    complete((0,))
    network = settings.read({"profile": "smoke", "seeds": [1]}).networks_for(FIGURE)[0]
    store.Entry(network, data.load("digits").checksum).finish(
        0.1, "cpu", failed="the loss was no longer finite in epoch 1"
    )
    with pytest.warns(RuntimeWarning, match="was ended"):
        assert train() == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{network.id}: failed, the loss was no longer finite in epoch 1"
    assert said[-1] == "4 networks: 3 complete, 1 failed"


def test_a_spent_budget_is_no_error_and_the_next_call_goes_on(home, capsys, monkeypatch):
    def paused(networks, *_, **options):
        assert 80 < options["budget"] <= 90  # what is left of it when the images are there
        return [session.Outcome(n, "paused", 1.0, "the budget was spent") for n in networks]

    monkeypatch.setattr(steps, "train_networks", paused)
    assert train("--budget", "1m30s") == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 5 and said[0].endswith(": paused, the budget was spent") and said[-1] == "4 networks: 4 paused"


def test_a_budget_is_for_the_whole_command(home, capsys, monkeypatch):
    """Two sources of images: the second has what the first has left, or is not begun."""
    budgets: list[float] = []

    def note(networks, images, budget, **_):
        budgets.append(budget)
        now[0] += 60
        return [session.Outcome(n, "complete", 1.0) for n in networks]

    now = [0.0]
    monkeypatch.setattr(steps, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(steps, "train_networks", note)
    monkeypatch.setattr(data, "load", lambda source: SimpleNamespace(source=source, checksum="0" * 64))
    for budget, wanted, last in (("90", [90, 30], "20 complete"), ("60", [60], "10 complete, 10 paused")):
        budgets.clear()
        now[0] = 0.0
        assert main(["train", "fig01", "fig28", "--profile", "paper", "--budget", budget]) == 0
        assert budgets == wanted
        assert capsys.readouterr().out.splitlines()[-1] == f"20 networks: {last}"


def test_networks_that_figures_share_are_trained_once(home, capsys, monkeypatch):
    asked: list[str] = []

    def note(networks, images, **_):
        asked.extend(network.id for network in networks)
        return [session.Outcome(n, "complete", 1.0) for n in networks]

    monkeypatch.setattr(steps, "train_networks", note)
    shared = ["fig15", "fig16"]  # two layers of the same networks
    assert figure(shared[0]).configurations == figure(shared[1]).configurations
    assert main(["train", *shared, "--profile", "smoke"]) == 0
    assert len(asked) == len(set(asked)) == 4


def test_the_networks_of_one_shape_can_be_trained_alone(home, capsys, monkeypatch):
    asked: list[str] = []

    def note(networks, images, **_):
        asked.extend(network.configuration.id for network in networks)
        return [session.Outcome(n, "complete", 1.0) for n in networks]

    monkeypatch.setattr(steps, "train_networks", note)
    how = ["train", "fig13", "fig18", "fig19", "fig28", "--profile", "paper", "--seeds", "0"]
    monkeypatch.setattr(data, "load", lambda source: source)
    assert main([*how, "--shape", "cifar-N-n18-L3"]) == 0
    assert asked == [f"cifar-N-{key}-n18-L3" for key in ("tanh", "isotanh", "lrelu", "isolrelu")]
    asked.clear()
    assert main([*how, "--shape", "mnist-N-n18-L3", "--shape", "cifar-N-n18-L2"]) == 0
    assert asked == ["cifar-N-lrelu-n18-L2", "cifar-N-isolrelu-n18-L2", "mnist-N-tanh-n18-L3", "mnist-N-isotanh-n18-L3"]


@pytest.mark.parametrize(
    ("states", "status", "asked_to_finish"),
    [
        (["complete"], 0, 0),
        (["complete", "failed"], 1, 0),  # a network that failed is finished
        (["complete", "paused"], 0, 3),
        (["broken", "failed"], 1, 3),
    ],
)
def test_a_workflow_hears_whether_another_call_would_go_on(states, status, asked_to_finish, home, capsys, monkeypatch):
    def ended(networks, *_, **__):
        return [session.Outcome(n, state, 1.0, "so") for n, state in zip(networks, states, strict=False)]

    monkeypatch.setattr(steps, "train_networks", ended)
    assert train() == status
    assert train("--require-finished") == asked_to_finish


def test_without_a_name_every_notebook_is_meant(home, capsys, monkeypatch):
    hold(home, "appB1_width", "fig08", "fig09")
    hold(home, "appE_architecture")
    asked: list[str] = []
    monkeypatch.setattr(site, "make", lambda wanted, *_, **__: asked.extend(wanted) or Path("x"))
    assert main(["run"]) == 0
    assert asked == ["appB1_width", "appE_architecture", "fig01"]
    asked.clear()
    assert main(["run", "fig09", "appE_architecture"]) == 0
    assert asked == ["fig09", "appE_architecture"]


def test_run_hands_on_what_it_is_told_and_prints_the_front_page(home, capsys, monkeypatch):
    told = {}

    def make(names, settings, **options):
        told.update(options, figures=list(names), settings=settings)
        return Path("/somewhere/index.html")

    monkeypatch.setattr(site, "make", make)
    how = ["--profile", "quick", "--seeds", "0,1", "--epsilon", "0.8", "--jobs", "2", "--budget", "9m", "--retrain"]
    assert main(["run", "fig01", *how]) == 0
    assert capsys.readouterr().out == "/somewhere/index.html\n"
    assert told["figures"] == ["fig01"] and (told["jobs"], told["budget"]) == (2, 540)
    assert told["settings"] == settings.Settings("quick", epsilon=0.8, seeds=(0, 1), retrain=True)


def test_run_makes_a_book_from_a_staged_copy(home, capsys, monkeypatch):
    """All of it but the kernel and Jupyter Book, which tests of their own run."""
    complete((0, 1))
    for name in ("_config.yml", "_toc.yml"):
        (home / name).write_text("x: y\n")
    (home / "book" / "index.md").write_text("# Hello\n")
    (home / "book" / "data" / "old.json").write_text("committed")
    ran = []

    def execute(name, parameters, output):
        ran.append((name, dict(parameters)))
        return output

    def build(root):
        assert (root / "book" / "index.md").is_file() and (root / "_toc.yml").is_file()
        assert (root / "book" / "data" / "fig01.npz").is_file() and not (root / "book" / "data" / "old.json").exists()
        assert {p.suffix for p in (root / "book" / "images").iterdir()} == {".png", ".svg"}
        (root / "_build" / "html").mkdir(parents=True)
        (root / "_build" / "html" / "index.html").write_text("hello")
        return root / "_build" / "html"

    monkeypatch.setattr(running, "run", execute)
    monkeypatch.setattr(site, "build", build)
    committed = {p.name for p in (home / "book" / "data").iterdir()}
    for _ in range(2):  # the second time the page is there already
        assert main(["run", "fig01", "--profile", "smoke", "--epsilon", "0.8", "--retrain"]) == 0
        page = Path(capsys.readouterr().out.strip())
        assert page == home / "_build" / "smoke" / "html" / "index.html" and page.read_text() == "hello"
    assert ran == [("fig01", {"profile": "smoke", "epsilon": 0.8})] * 2, "training is done: the notebook only draws"
    assert {p.name for p in (home / "book" / "data").iterdir()} == committed


def test_run_makes_a_page_too_whose_networks_all_failed(home, monkeypatch, capsys):
    """It says so in the book; where no page at all has a network, the command does, and nothing is built."""
    complete((0, 1))
    for name in ("_config.yml", "_toc.yml"):
        (home / name).write_text("x: y\n")
    collected, ran = workflow.collect, []

    def collect(names, *arguments, **options):
        if names == ["fig02"]:
            return Collection((figure("fig02"),), {}, {"fig02": "all 4 networks of fig02 failed."})
        return collected(names, *arguments, **options)

    def build(root):
        (root / "_build" / "html").mkdir(parents=True)
        return root / "_build" / "html"

    monkeypatch.setattr(workflow, "collect", collect)
    monkeypatch.setattr(steps, "train_all", lambda *_, **__: [])
    monkeypatch.setattr(notebooks, "pages", lambda names: {name: [name] for name in names})
    monkeypatch.setattr(running, "run", lambda name, parameters, output: ran.append(name))
    monkeypatch.setattr(site, "build", build)
    assert main(["run", "fig01", "fig02", "--profile", "smoke"]) == 0 and ran == ["fig01", "fig02"]
    capsys.readouterr()
    assert "all 4 networks of fig02 failed" in one_line(capsys, ["run", "fig02", "--profile", "smoke"])


@pytest.fixture
def fake(home: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Two pages that share networks, and one with others of other images; what a run of them asks of its parts.

    Training a source of images takes a minute, and a page is collected, run and built in no time.
    """
    (home / "notebooks" / "fig01.ipynb").unlink()
    hold(home, "one", "fig15")
    hold(home, "two", "fig16", "fig13")
    hold(home, "three", "fig28")
    for name in ("_config.yml", "_toc.yml"):
        (home / name).write_text("x: y\n")
    seen = SimpleNamespace(trained=[], budgets=[], pages=[], now=0.0, ends="complete")

    def train(networks, images, *, budget, retrain, **_):
        seen.trained += [(network.id, retrain) for network in networks]
        seen.budgets.append(budget)
        seen.now += 60
        return [session.Outcome(network, seen.ends, 1.0, "so.") for network in networks]

    def collect(names, chosen, **options):
        assert options == {"jobs": None, "train": False}, "a page trains nothing"
        seen.pages.append(names)
        return Collection(tuple(map(figure, names)), {}, dict.fromkeys(names, "fake"))

    monkeypatch.setattr(steps, "train_networks", train)
    monkeypatch.setattr(steps, "time", SimpleNamespace(monotonic=lambda: seen.now))
    monkeypatch.setattr(data, "load", lambda source: SimpleNamespace(source=source, checksum="0" * 64))
    monkeypatch.setattr(workflow, "collect", collect)
    monkeypatch.setattr(running, "run", lambda *_: None)
    return seen


def test_a_run_trains_what_its_pages_share_once_and_anew_where_asked(fake, capsys):
    """Figures 13, 15 and 16 show three layers of networks of one depth, Figure 28 the same of other images."""
    for more, retrain in (([], False), (["--retrain"], True)):
        fake.trained, fake.pages = [], []
        assert main(["run", "--profile", "paper", "--seeds", "0,1", *more]) == 2  # no page has a network
        assert "fake" in capsys.readouterr().err
        networks = {f"{c.id} seed {s}" for n in (13, 15, 28) for c in figure(f"fig{n}").configurations for s in (0, 1)}
        assert sorted(fake.trained) == sorted((network, retrain) for network in networks)
        assert fake.pages == [["fig15"], ["fig28"], ["fig16", "fig13"]]


def test_a_run_has_one_budget_for_all_pages(fake, capsys):
    how = ["run", "--profile", "paper", "--seeds", "0"]
    main([*how, "--budget", "90s"])
    assert fake.budgets == [90, 30] and len(fake.pages) == 3
    fake.pages, fake.budgets = [], []
    capsys.readouterr()
    assert "the budget was spent with 2 of the 4 networks of this run unfinished" in one_line(
        capsys, [*how, "--budget", "1m"]
    )
    assert fake.budgets == [60] and not fake.pages


@pytest.mark.parametrize(("state", "words"), [("broken", "training broke"), ("paused", "the budget was spent")])
def test_a_run_makes_no_page_while_a_network_is_unfinished(state, words, fake, capsys):
    fake.ends = state
    line = one_line(capsys, ["run", "one", "--profile", "paper", "--seeds", "0"])
    assert line.endswith(f"{words} with 2 of the 2 networks of this run unfinished; the same command goes on from "
                         "there (the first: so).") and not fake.pages  # fmt: skip


def test_a_source_whose_networks_the_store_has_needs_no_budget(home, monkeypatch):
    """A run that is only drawn again is not told that its budget was spent while the first source was verified."""
    complete((0, 1))
    chosen = settings.read({"profile": "smoke", "device": "cpu"})
    images, times = data.load("digits"), iter(range(0, 10_000, 100))
    monkeypatch.setattr(steps, "time", SimpleNamespace(monotonic=lambda: next(times)))
    monkeypatch.setattr(data, "load", lambda source: images)
    first, second = chosen.networks_for(FIGURE)[:2], chosen.networks_for(FIGURE)[2:]
    outcomes = list(steps.train_all({"first": first, "second": second}, chosen, budget=50))
    assert [outcome.state for outcome in outcomes] == ["complete"] * 4


def test_run_draws_the_committed_book_in_place(home, capsys, monkeypatch):
    complete((0, 1))
    assert main(["publish", "fig01", "--profile", "smoke"]) == 0
    capsys.readouterr()
    ran = []
    monkeypatch.setattr(running, "run", lambda *given: ran.append(given))
    monkeypatch.setattr(site, "build", lambda root: root / "_build" / "html")
    monkeypatch.setattr(steps, "train_networks", None)
    before = {path: path.read_bytes() for path in (home / "book" / "data").rglob("*.*")}
    assert main(["run", "fig01"]) == 0
    assert capsys.readouterr().out == f"{home / '_build' / 'html' / 'index.html'}\n"
    assert ran == [("fig01", {}, home / "book" / "notebooks" / "fig01.ipynb")]
    drawn = {path.name for path in (home / "book" / "images").iterdir()}
    assert drawn == {"fig01.svg", "fig01-last.png"}
    assert {path: path.read_bytes() for path in (home / "book" / "data").rglob("*.*")} == before


def test_a_figure_is_run_with_the_page_that_holds_it(home, capsys, monkeypatch):
    """The page draws what is published of it; a page of which nothing is published is left out."""
    hold(home, "pair", "fig01", "fig08")
    (home / "notebooks" / "fig01.ipynb").unlink()
    hold(home, "appB4_mnist", "fig28")
    complete((0, 1))
    assert main(["publish", "fig01", "--profile", "smoke"]) == 0
    ran = []
    monkeypatch.setattr(running, "run", lambda name, *_: ran.append(name))
    monkeypatch.setattr(site, "build", lambda root: root / "_build" / "html")
    for named in (["fig01"], ["fig08"], ["fig01", "fig08"], []):
        ran.clear()
        assert main(["run", *named]) == 0 and ran == ["pair"], named
    assert {path.name for path in (home / "book" / "images").iterdir()} == {"fig01.svg", "fig01-last.png"}
    capsys.readouterr()
    assert "fig28: not published" in one_line(capsys, ["run", "fig28"])
    assert "figure is 'fig02'" in one_line(capsys, ["run", "fig02"]), "no notebook holds it"


def test_pages_that_were_not_run_stand_in_the_staged_book_as_text(home, capsys, monkeypatch):
    for name in ("_config.yml", "_toc.yml"):
        (home / name).write_text("x: y\n")
    hold(home, "appB1_width", "fig08", "fig09")
    for name in ("fig01", "appB1_width"):
        page = home / "book" / "notebooks" / f"{name}.ipynb"
        page.parent.mkdir(exist_ok=True)
        page.write_text("the committed page")
    root = home / "_build" / "quick" / "src"
    place = root / "book" / "notebooks" / "appB1_width.ipynb"
    for _ in range(2):
        site.stage(root)
        found = json.loads(place.read_text())
        assert [cell["id"] for cell in found["cells"]] == ["data", "not-run"]
        hold(home, "appB1_width", "fig08", "fig10")  # the source was edited meanwhile
    assert "fig10" in json.dumps(found)
    place.write_text('{"cells": [], "metadata": {}}')  # the page of a run
    site.stage(root)
    assert json.loads(place.read_text())["cells"] == []


def test_a_staged_book_lists_the_pages_that_were_made_for_it(home):
    (home / "book" / "notebooks").mkdir()
    for name in ("fig01", "appB1_width"):
        (home / "book" / "notebooks" / f"{name}.ipynb").write_text("{}")
    sections = [{"file": "book/notebooks/fig01"}]
    parts = [{"caption": "Figures", "chapters": [{"file": "book/gallery", "sections": sections}]}]
    (home / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "book/index", "parts": parts}))
    for _ in range(2):
        site._list_pages(home)
        found = yaml.safe_load((home / "_toc.yml").read_text())
        assert found["parts"] == [
            *parts,
            {"caption": "Made here", "chapters": [{"file": "book/notebooks/appB1_width"}]},
        ]


# --- status


def test_status_computes_and_downloads_nothing(home, capsys, monkeypatch):
    for module, name in ((training, "train_group"), (steps, "rows"), (steps, "trained"), (data, "_torchvision")):
        monkeypatch.setattr(module, name, None)
    assert main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("machine: ") and any(line.startswith("torch: ") for line in lines)
    listed = [line.split()[0] for line in lines if line.startswith("fig")]
    assert listed[0] == "figure" and {"fig01", "fig36"} <= set(listed) and "fig37" not in listed
    (first,) = (line for line in lines if line.startswith("fig01"))
    assert "nothing yet" in first and "0 of 10 networks" in first and "cifar10, 170 MB" in first
    assert "10 to train (1,250 epochs)" in first and lines[-1].startswith("Time left: by 0 trainings")


def test_status_of_one_figure_and_profile(home, capsys):
    assert main(["status", "fig03", "--profile", "quick", "--seeds", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("fig")] == ["figure", "fig03"]
    assert "0 of 2 networks" in lines[-2] and "80 epochs" in lines[-2] and "MB" not in lines[-2]


def test_status_of_the_published_book(home, capsys):
    assert main(["status", "fig01", "--profile", "published"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["fig01", "nothing", "yet"]


# --- errors


def one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """The only line of a refused command; its exit status is 2."""
    try:
        status = main(arguments)
    except SystemExit as left:
        status = left.code
    told = capsys.readouterr()
    assert status == 2 and told.out == "", told
    line, *rest = told.err.splitlines()
    assert not rest and line.startswith("isoaux: ") and "Traceback" not in told.err, told.err
    return line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "fig99"], ["figure is 'fig99'", "fig09"]),
        (["train", "1"], ["figure is '1'", "fig01"]),
        (["publish", "fig37"], ["figure is 'fig37'", "no data are published", "fig01"]),
        (["run", "fig37"], ["figure is 'fig37'", "no data are published"]),
        (["status", "figg01"], ["figure is 'figg01'", "'fig01'"]),
        (["train", "fig01", "--profile", "smok"], ["profile is 'smok'", "'smoke'"]),
        (["train", "fig01", "--profile", "published"], ["profile is 'published'", "smoke, quick or paper"]),
        (["publish", "fig01", "--profile", "published"], ["profile is 'published'", "smoke, quick or paper"]),
        (["run", "fig01", "--retrain"], ["retrain is True", "profile 'published'"]),
        (["train", "fig01", "--dataset", "cifr10"], ["dataset is 'cifr10'", "'cifar10'", "folder:PATH"]),
        (["train", "fig01", "--dataset", "folder:/no/where"], ["'folder:/no/where'", "no folder"]),
        (["publish", "fig01", "--basis", "simplx"], ["basis is 'simplx'", "'simplex'"]),
        (["run", "fig01", "--variant", "both"], ["variant is 'both'", "combination, permutation"]),
        (["publish", "fig01", "--epsilon", "1"], ["epsilon is", "1", "[0, 1)"]),
        (["publish", "fig01", "--epsilon", "-0.1"], ["epsilon is", "-0.1", "[0, 1)"]),
        (["publish", "fig01", "--epsilon", "wide"], ["epsilon is 'wide'", "[0, 1)"]),
        (["train", "fig01", "--seeds", ""], ["seeds is ''", "0,1,2"]),
        (["train", "fig01", "--seeds", "0,0"], ["seeds is '0,0'", "none twice"]),
        (["train", "fig01", "--seeds", "1-3"], ["seeds is '1-3'"]),
        (["train", "fig01", "--dtype", "float16"], ["dtype is 'float16'", "float32"]),
        (["train", "fig01", "--device", "gpu"], ["device is 'gpu'", "auto, cpu, cuda"]),
        (["train", "fig01", "--budget", "soon"], ["--budget", "budget is 'soon'", "9m"]),
        (["train", "fig01", "--budget", ""], ["budget is ''"]),
        (["train", "fig01", "--budget", "9 m"], ["budget is '9 m'"]),
        (["train", "fig01", "--jobs", "0"], ["--jobs", "jobs is '0'", "from 1"]),
        (["train", "fig01", "--jobs", "two"], ["jobs is 'two'"]),
        (["train", "fig01", "--jobs", "²"], ["jobs is '²'"]),
        (["train", "fig01", "--epsilon", "0.5"], ["--epsilon 0.5"]),
        (["train", "fig01", "--shape", "cifar-U-n18"], ["shape is 'cifar-U-n18'", "did you mean 'cifar-U-n18-L0'?"]),
        (["train", "fig01", "fig02", "--shape", "n18"], ["shape is 'n18'", "cifar-U-n18-L0, cifar-U-n18-L2"]),
        (["publish", "fig01", "--shape", "cifar-U-n18-L0"], ["--shape"]),
        (["status", "--budget", "9m"], ["--budget"]),
        (["trian"], ["'trian'", "train"]),
        ([], ["command"]),
        (["publish", "fig01", "--profile", "smoke"], ["no trained network", "python -m isoaux train fig01"]),
        (["run", "fig01"], ["fig01", "not published", "python -m isoaux status"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_every_error_is_one_line(arguments, words, home, capsys):
    line = one_line(capsys, arguments)
    assert not [word for word in words if word not in line], line
    assert not list((home / "book" / "data").iterdir()) and not (home / "_build").exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("file", ["ISOAUX_CACHE is", "is a file"]),
        (
            "file/below",
            ["ISOAUX_CACHE is", "cannot be used (Not a directory)", "can be read and written"],
        ),
        ("~nobody-is-called-so/store", ["ISOAUX_CACHE is '~nobody-is-called-so/store'", "home"]),
    ],
)
def test_a_store_that_cannot_be_used_is_one_line_that_names_its_variable(place, words, home, capsys, monkeypatch):
    (home / "file").touch()
    monkeypatch.setenv("ISOAUX_CACHE", place if place.startswith("~") else str(home / place))
    line = one_line(capsys, ["train", "fig01", "--profile", "smoke", "--device", "cpu", "--jobs", "1"])
    assert not [word for word in words if word not in line], line


def test_neither_a_home_nor_a_backend_of_matplotlib_is_needed(own_cache, tmp_path):
    (tmp_path / "file").touch()
    variables = {name: value for name, value in os.environ.items() if name != "MPLCONFIGDIR"}
    done = subprocess.run(
        [sys.executable, "-m", "isoaux", "publish", "fig01", "--profile", "smoke"],
        env=variables | {"HOME": str(tmp_path / "file" / "home"), "MPLBACKEND": "nonsense"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stderr.startswith("isoaux: fig01 has no trained network"), done.stderr
    assert (own_cache / "matplotlib").is_dir()


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_absent(home, capsys):
    line = one_line(capsys, ["train", "fig01", "--profile", "smoke", "--device", "cuda"])
    assert "device is 'cuda'" in line and "auto, cpu" in line


def test_a_budget_that_is_too_short_for_one_epoch(home, capsys):
    assert train("--budget", "0.000001s") == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err and said.out == ""
    last = said.err.splitlines()[-1]  # of the budget is told what was left of it
    assert re.match(
        r"isoaux: budget is -?[\d.e-]+ seconds, too short for one epoch of cifar-U-tanh-n18-L0 seed 0 ", last
    )


def test_a_folder_that_is_no_checkout(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ISOAUX_HOME", str(tmp_path))
    for arguments in (["publish", "--profile", "smoke"], ["run", "fig01"]):
        line = one_line(capsys, arguments)
        assert str(tmp_path) in line and "ISOAUX_HOME" in line
    assert main(["status", "fig01"]) == 2
    assert "ISOAUX_HOME" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(home, capsys, tmp_path):
    complete((0,))
    (tmp_path / "file").write_text("in the way")
    assert main(["publish", "fig01", "--profile", "smoke", "--seeds", "0", "--to", str(tmp_path / "file")]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("isoaux: ") and "file" in last and (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize("change", [{"sha256": "0"}, {"format_version": 99}], ids=["altered", "newer"])
def test_a_published_file_that_cannot_be_read(change, home, capsys):
    place = home / "book" / "data" / "fig01"
    archive.write(place, {}, {})
    place.with_suffix(".json").write_text(json.dumps(json.loads(place.with_suffix(".json").read_text()) | change))
    line = one_line(capsys, ["run", "fig01"])
    assert "fig01" in line and ("99" in line or "altered" in line)


def test_an_interruption_says_what_was_kept(home, capsys, monkeypatch):
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "train_networks", stopped)
    assert train() == 130
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.splitlines()) == 1 and "resume point" in told.err


def test_help_is_printed_for_every_command(capsys):
    for command in ("status", "train", "publish", "run"):
        with pytest.raises(SystemExit) as left:
            main([command, "--help"])
        assert left.value.code == 0
        words = capsys.readouterr().out
        assert (
            "usage: isoaux" in words and "--seeds" in words and ("--budget" in words) == (command in ("train", "run"))
        )


# --- options


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 90),
        ("90", 90),
        ("9m", 540),
        ("1h30m", 5400),
        ("2h", 7200),
        ("1h1m1s", 3661),
        ("1.5s", 1.5),
        ("1m0.5", 60.5),
    ],
)
def test_a_budget_is_a_time(text, expected):
    assert seconds(text) == expected


def test_what_is_not_given_is_the_profiles(capsys):
    options = parser().parse_args(["train", "fig01"])
    assert chosen.settings_of(options, "paper") == settings.Settings(profile="paper")
    assert paths.data("smoke") == paths.home() / "_build" / "smoke" / "src" / "book" / "data"


# --- as a program


WITHOUT = """
import importlib.machinery

found = importlib.machinery.PathFinder.find_spec

def find_spec(name, path=None, target=None):
    absent = ("torch", "torchvision", "sklearn", "safetensors", "filelock", "tqdm", "threadpoolctl")
    return None if name.partition(".")[0] in absent else found(name, path, target)

importlib.machinery.PathFinder.find_spec = staticmethod(find_spec)
"""


@pytest.fixture
def program(tmp_path: Path, home: Path):
    """`python -m isoaux` in an environment without the extra `train`."""
    (tmp_path / "blocker").mkdir()
    (tmp_path / "blocker" / "sitecustomize.py").write_text(WITHOUT)
    variables = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path / "blocker"), str(ROOT)])}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "isoaux", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True)

    return run


def test_without_the_extra_train_the_status_is_shown(program):
    done = program("status", "fig01")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "torch: not installed" in done.stdout and "fig01" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["train", "fig01"], ["publish", "fig01"], ["run", "fig01", "--profile", "quick"]]
)
def test_without_the_extra_train_nothing_can_be_trained(program, arguments, home):
    for name in ("_config.yml", "_toc.yml"):
        (home / name).write_text("x: y\n")
    done = program(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "is not installed; `pip install -e '.[train" in done.stderr


def test_an_error_is_one_line_and_status_2_also_as_a_program(program):
    done = program("status", "fig1")
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("isoaux: figure is 'fig1' (did you mean")


def test_the_table_is_that_of_the_overview(home, capsys):
    assert main(["status", "fig01", "--profile", "published"]) == 0
    assert repr(overview.table([FIGURE], settings.Settings())[0]) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("raised", "status", "words"),
    [
        (MemoryError(), 2, "memory ran out"),
        (RuntimeWarning("a file was set aside"), 2, "a file was set aside"),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_whatever_ends_a_command_is_a_line_or_quiet(raised, status, words, home, capfd, monkeypatch):
    def fail(_):
        raise raised

    monkeypatch.setattr(overview, "table", lambda *_: fail(_))
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    assert main(["status", "fig01"]) == status
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == bool(words) and words in "".join(lines)


def test_a_command_from_a_folder_that_was_deleted_is_one_line(tmp_path, capsys, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "the current folder was deleted" in one_line(capsys, ["status", "fig01"])


@pytest.mark.parametrize("option", [["publish", "fig01", "--to"], ["scorecard", "--data"]])
def test_a_path_is_absolute_and_not_empty(option, home, capsys):
    assert parser().parse_args([*option, "~/x"]).__dict__[option[-1][2:]] == Path.home() / "x"
    assert "accepted" in one_line(capsys, [*option, ""])
