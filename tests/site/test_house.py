"""The example of the page on how isoaux is built: its files, put into a copy of the package, do what the page says."""

import json
import re
from pathlib import Path

import programs
import pytest
from roots import ROOT

from isoaux.scorecard.verdicts import OUTCOMES

PAGE = (ROOT / "book" / "house.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^```\{code-block\} \w+\n:caption: (.*?)\n(.*?)^```$", PAGE, re.M | re.S))
"""What the page shows, by its captions."""

NOTEBOOK = "notebooks/own_lengths.ipynb, the cells behind the parameters"
STUDY = [name for name in BLOCKS if name.startswith("isoaux/studies/")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the example's study, catalogue and notebook, in which nothing is published."""
    home = tmp_path_factory.mktemp("checkout")
    programs.copy_package(home)
    for folder in ("book/data", "notebooks", "isoaux/studies/lengths"):
        (home / folder).mkdir(parents=True)
    (home / "isoaux/studies/lengths/__init__.py").write_text('"""How long representations are."""\n')
    for name in STUDY:
        (home / name).write_text(BLOCKS[name])
    for name, after in (("figures", "\nown_figures:\n"), ("claims", "\nclaims:\n")):
        path = home / "isoaux" / "paper" / f"{name}.yaml"
        before, mark, rest = path.read_text("utf-8").partition(after)
        path.write_text(before + mark + BLOCKS[f"isoaux/paper/{name}.yaml"] + rest, "utf-8")
    cell = {"cell_type": "code", "id": "data", "metadata": {}, "outputs": [], "source": BLOCKS[NOTEBOOK]}
    (home / "notebooks" / "own_lengths.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}}))
    return home


def test_the_example_is_trained_published_judged_and_drawn(home: Path) -> None:
    how = ("figX28", "--profile", "smoke")
    trained, _, _, verified = programs.commands(
        home,
        [
            ("train", *how, "--device", "cpu", "--jobs", "1"),
            ("publish", *how, "--jobs", "1"),
            ("scorecard",),
            ("verify", *how, "--jobs", "1"),
        ],
    )
    assert "4 networks: 4 complete" in trained
    facts = json.loads((home / "book/data/figX28.json").read_text("utf-8"))
    assert facts["seeds"] == [0, 1] and len(facts["rows"]) == 4
    rows = {row["id"]: row for row in json.loads((home / "book/data/scorecard.json").read_text("utf-8"))["rows"]}
    assert rows["figX28-1"]["verdict"] in {verdict for verdicts in OUTCOMES.values() for verdict in verdicts}
    assert (rows["figX28-1"]["networks"], rows["figX28-1"]["files"]) == (4, ["figX28.npz"])
    assert "figX28: agrees, 2 of 2 statistics within their tolerance" in verified
    cell = BLOCKS[NOTEBOOK].replace("figures.lengths(", "print(figures.lengths(") + ".alt)"
    drawn = programs.python(home, "-c", cell)
    assert drawn.startswith("A point for each network, its median length by activation. Median lengths lie between ")


def test_the_page_names_every_module_of_the_protocol_and_what_is_there() -> None:
    modules = re.findall(r"^\* - `(\w+)`\n  - ", PAGE.partition(":name: tab-study")[2], re.M)
    assert sorted(modules) == sorted(Path(name).stem for name in STUDY)
    floors = re.findall(r"^\* - (`.*`)$", PAGE.partition(":name: tab-floors")[2].partition("\n## ")[0], re.M)
    named = {name.strip("`/") for floor in floors for name in floor.split(", ")}
    there = {path.stem for path in (ROOT / "isoaux").iterdir() if not path.name.startswith(("__init__", "__py", "py."))}
    assert named == there
