"""The guide: its page comes out again, its recipe runs, its counts are those of its p values."""

import json
import re

import numpy as np
import pytest
from roots import ROOT

from isoaux import settings, statistics
from isoaux.site import running
from isoaux.statistics.reporting import SUFFIXES

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from isoaux.studies.guide import report as guide_report  # noqa: E402

PAGE = ROOT / "book" / "notebooks" / "own_guide.ipynb"


def cells(path):
    return json.loads(path.read_text("utf-8"))["cells"]


def said(path):
    """Tables and sentences, by cell."""
    return {
        cell["id"]: ["".join(out["data"]["text/markdown"]) for out in cell["outputs"] if "image/png" not in out["data"]]
        for cell in cells(path)
        if cell["cell_type"] == "code"
    }


def test_the_page_is_that_of_todays_notebook_and_comes_out_again(tmp_path):
    pytest.importorskip("papermill")
    source = {cell["id"]: "".join(cell["source"]) for cell in cells(ROOT / "notebooks" / "own_guide.ipynb")}
    assert {cell["id"]: "".join(cell["source"]) for cell in cells(PAGE)} == source
    again = said(running.run("own_guide", {}, tmp_path / "again.ipynb"))
    assert again == said(PAGE) and sum(map(len, again.values())) >= 6


def test_the_recipe_runs_on_a_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "\n".join("".join(cell["source"]) for cell in cells(PAGE) if cell["cell_type"] == "markdown")
    (recipe,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "register_forward_hook" in block)
    torch.manual_seed(0)
    model = torch.nn.Module()
    linear, relu = torch.nn.Linear, torch.nn.ReLU
    model.encoder = torch.nn.Sequential(linear(6, 6), relu(), linear(6, 6), relu())
    model.forward = lambda images: model.encoder(images)
    images = torch.rand(80, 6)
    names = {"model": model, "loader": [(images[:50], None), (images[50:], None)]}
    exec(recipe, names)
    np.testing.assert_allclose(names["activations"].numpy(), model(images).detach().numpy(), rtol=1e-6)
    assert {path.name for path in tmp_path.iterdir()} == {f"layer3{suffix}" for suffix in SUFFIXES}


def test_counts_are_those_of_the_p_values():
    rng = np.random.default_rng(0)
    axes = 0.1 * rng.standard_normal((600, 6)) + np.eye(6)[rng.integers(6, size=600)] * rng.choice([-1, 1], (600, 1))
    clouds = [axes, axes[::-1] + 1e-3, rng.standard_normal((600, 6))]
    reports = {
        name: tuple(statistics.report(cloud, statistics="count", prepare=name, draws=39) for cloud in clouds)
        for name in guide_report.PREPARATIONS
    }
    layer = guide_report.Layer(("relu", "sgd"), "first", reports, (0.951, 0.974, 0.962))
    count = layer.special("raw")
    assert (count.count, count.seeds) == (sum(found.p <= 0.05 for found in reports["raw"]), 3) and count.count >= 2
    (row,) = guide_report.table([layer]).rows
    assert row[:2] == ("ReLU", "first") and row[2].startswith(f"{count.count} of 3 (p = ")
    ratios = sorted(r.tests["count"].value / np.median(r.tests["count"].null) for r in reports["raw"])
    assert layer.ratio("raw") == pytest.approx(ratios[1])
    assert f"special in {count.count} of 3 as they came" in guide_report.verdict([layer]).words
    assert guide_report.accuracy([layer]).rows == (("ReLU", "95% to 97%"),)


@pytest.mark.parametrize("given", [{"dataset": "mnist"}, {"epsilon": 0.5}, {"dtype": "float32"}, {"depth": 3}])
def test_what_has_no_meaning_here_is_refused(given, refused):
    (name,) = given
    refused([f"{name} is ", "no meaning for the classifiers"], guide_report.setting, settings.read(given))
