"""Every published figure is drawn again from what is committed, without torch, and compared with its committed page.

What a page prints is compared word by word, its pictures pixel by pixel; that nbval, which a reader may have, says the
same is seen on one page.
"""

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, product
from pathlib import Path
from typing import Any

import again
import numpy as np
import pytest
from PIL import Image
from roots import ROOT

from isoaux import settings
from isoaux.commands import overview
from isoaux.common import archive
from isoaux.paper import PROFILES, Configuration, figure, figures
from isoaux.records import publishing, reading
from isoaux.records.representations import Representations
from isoaux.records.results import Result
from isoaux.site import notebooks, running
from isoaux.studies import registry
from isoaux.studies.planes import compute as planes_compute

PUBLISHED = [name for name, one in figures().items() if reading.is_published(one, ROOT / "book" / "data")]
PAGES = list(notebooks.pages(name for name in PUBLISHED if name in notebooks.holding()))
ABSENT = ("torch", "torchvision", "sklearn", "safetensors", "filelock", "tqdm", "threadpoolctl")
"""What only training needs (the extra ``train``; pillow comes with matplotlib)."""

PARTLY = {
    "spotlight": ("numbers", "near", "opposite", "mean", "sd", "basis"),
    "polytopes": (
        *("bootstrap", "band", "rise_permuted", "peak", "below", "trend", "percentile"),
        *("activations", "activations_other", "activations_permuted", "codes", "codes_other", "codes_permuted"),
        *("directions", "pixels", "gates", "norms"),
    ),
    "figX17": (
        *("effect", "ratio", "profile", "middle", "middle_permuted"),
        *("linear", "logarithmic", "cumulated", "half_cauchy"),
    ),
}
"""Arrays by study with NaN: behind the values of smaller networks, or for a reach elsewhere; where there is no cluster
or no boundary, and of draws that are made of trained networks only."""

WITHOUT_RECORDS = (
    *("thresholds", "perturbation", "affine_maps", "transformer", "spotlight", "neurons", "vector_planes", "polytopes"),
    "compositions",
    "superposition",
)
"""Kinds of figures whose file holds all that they draw of trained networks, in arrays of their own."""

LIMIT = 1_200_000
"""Bytes of a figure's file."""

WITH_WEIGHTS = {"figX10": 2_800_000}
"""Bytes of a file with the weights of eight networks and three slices of 5,000 to 15,000 faces."""

BLOCKER = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}: a redraw must not need it", name=name)

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def without_torch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables under which no Python process can import what only training needs."""
    folder = tmp_path_factory.mktemp("blocker")
    (folder / "sitecustomize.py").write_text(BLOCKER)
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


Shown = dict[str, list[dict[str, Any]]]
"""Outputs by cell."""


@dataclass(frozen=True)
class Page:
    """A page of one or several figures as committed, and where its outputs are when it is drawn again."""

    home: Path
    name: str
    redrawn: Callable[[Path, str], Shown]

    @property
    def again(self) -> Shown:
        """What the page shows today, drawn from what is published."""
        return self.redrawn(self.home, self.name)

    @property
    def committed(self) -> Path:
        return self.home / "book" / "notebooks" / f"{self.name}.ipynb"

    @property
    def data(self) -> Path:
        return self.home / "book" / "data"

    @property
    def figures(self) -> list[str]:
        """The figures of the page that are published."""
        held = notebooks.figures_of(self.home / "notebooks" / f"{self.name}.ipynb")
        return [name for name in held if reading.is_published(figure(name), self.data)]

    @cached_property
    def results(self) -> dict[str, Result]:
        """What is published of these figures."""
        return {
            name: registry.of(figure(name)).read(figure(name), settings.Settings(), self.data) for name in self.figures
        }


def stand_in(home: Path) -> None:
    """A checkout whose Figure 1 was trained for two epochs on small images."""
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    (home / "book").mkdir()
    result = planes_compute.compute(figure("fig01"), settings.read({"profile": "smoke", "device": "cpu"}))
    publishing.publish(result, home / "book" / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOAUX_HOME", str(home))
        running.run("fig01", {}, home / "book" / "notebooks" / "fig01.ipynb")


@pytest.fixture(scope="module")
def redrawn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, without_torch: dict[str, str]
) -> Callable[[Path, str], Shown]:
    """What a page of a checkout shows when it is run again: all pages of this session at once, when first asked."""
    asked = [item.callspec.params.get("page") for item in request.session.items if hasattr(item, "callspec")]
    pages = [name for name in PAGES if name in asked]

    @cache
    def run(home: Path) -> dict[str, Shown]:
        out = tmp_path_factory.mktemp("again") / "shown.json"
        command = [sys.executable, again.__file__, str(out), *(pages if home == ROOT else ["fig01"])]
        variables = without_torch | {"ISOAUX_HOME": str(home), "MPLBACKEND": "agg"}
        done = subprocess.run(command, cwd=home, env=os.environ | variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(out.read_text("utf-8"))

    return lambda home, name: run(home)[name]


@pytest.fixture(
    scope="module",
    params=[*(PAGES or ["nothing"]), pytest.param("stand-in", marks=pytest.mark.smoke)],
)
def page(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    redrawn: Callable[[Path, str], Shown],
) -> Page:
    if request.param == "nothing":
        pytest.skip("no figure is published yet: book/data holds no fig*.json")
    home, name = ROOT, request.param
    if name == "stand-in":
        home, name = tmp_path_factory.mktemp("checkout"), "fig01"
        stand_in(home)
    return Page(home, name, redrawn)


def cells(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text("utf-8"))["cells"]


def shown(path: Path) -> Shown:
    """What a notebook shows."""
    return {cell["id"]: cell["outputs"] for cell in cells(path) if cell["cell_type"] == "code"}


def pictures(shown: Shown) -> dict[str, bytes]:
    """Its pictures, by cell."""
    return {
        name: base64.b64decode("".join(output["data"]["image/png"]))
        for name, outputs in shown.items()
        for output in outputs
        if "image/png" in output.get("data", {})
    }


def differs(one: bytes, other: bytes) -> str:
    """How two pictures differ in more than the last bits of an antialiased edge; nothing if they do not."""
    a, b = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int) for png in (one, other))
    if a.shape != b.shape:
        return f"sizes {a.shape} and {b.shape}"
    off = np.abs(a - b).max(2)
    share = (off > 24).mean()
    return f"{100 * share:.2g}% of the pixels, by up to {off.max()}" if share > 2e-3 or off.mean() > 1 else ""


def test_the_blocker_blocks(without_torch):
    for module in (
        *ABSENT,
        "isoaux.workflow, isoaux.studies.planes.report, isoaux.studies.planes.figures, isoaux.commands.overview",
    ):
        done = subprocess.run(
            [sys.executable, "-c", f"import {module}"], env=os.environ | without_torch, capture_output=True, text=True
        )
        assert (done.returncode == 0) == (module not in ABSENT), done.stderr
        assert done.returncode == 0 or "a redraw must not need it" in done.stderr


def test_every_published_figure_has_a_notebook():
    assert set(PUBLISHED) <= set(notebooks.holding())


def test_the_page_is_that_of_todays_notebook(page):
    """A page's text lives in the executed notebook: after an edit of the source it has to be run again."""
    source = cells(page.home / "notebooks" / f"{page.name}.ipynb")
    committed = cells(page.committed)
    assert [c["id"] for c in committed] == [c["id"] for c in source], "executed with parameters, or from another source"
    stale = [c["id"] for c, s in zip(committed, source, strict=True) if "".join(c["source"]) != "".join(s["source"])]
    assert not stale, f"run `python -m isoaux run {page.name}` again"


def test_the_same_tables_and_sentences(page):
    committed, again = shown(page.committed), page.again
    assert committed.keys() == again.keys()
    texts, said = 0, {}
    for name, outputs in committed.items():
        assert len(outputs) == len(again[name])
        for one, other in zip(outputs, again[name], strict=True):
            assert one["output_type"] in ("display_data", "execute_result"), (name, one)
            assert one["data"].keys() == other["data"].keys()
            for kind, content in one["data"].items():
                if not kind.startswith("image/"):
                    assert "".join(content) == other["data"][kind], name
                    texts += 1
            picture = other["metadata"].get("image/png", {})
            if about := {key: picture[key] for key in ("finding", "panels") if key in picture}:
                said[name] = about
    assert texts >= 4
    notes = {cell["id"]: cell["metadata"]["isoaux"] for cell in cells(page.committed) if "isoaux" in cell["metadata"]}
    assert notes == said, "the gallery would say something else, or a dark page would hide panels"


def test_the_same_pictures(page):
    committed, again = pictures(shown(page.committed)), pictures(page.again)
    assert committed and committed.keys() == again.keys()
    assert not {name: words for name in committed if (words := differs(committed[name], again[name]))}


def test_every_picture_says_what_it_shows(page):
    about = {c["id"]: c["metadata"].get("mystnb", {}) for c in cells(page.committed)}
    for name, outputs in shown(page.committed).items():
        for output, now in zip(outputs, page.again[name], strict=True):
            if "image/png" in output.get("data", {}):
                alt = about[name]["image"]["alt"]
                assert len(alt) > 60 and about[name]["figure"]["caption"]
                assert alt == "".join(output["data"]["text/plain"]), "the text is of another run than the picture"
                assert alt == now["metadata"]["image/png"]["alt"]


def test_another_picture_would_be_noticed(page):
    for png in list(pictures(shown(page.committed)).values())[:1]:
        other = np.array(Image.open(io.BytesIO(png)).convert("RGB"))
        height, width = other.shape[:2]
        patch = other[height // 3 : height // 3 + height // 12, width // 3 : width // 3 + width // 12]
        patch[:] = 255 - patch
        out = io.BytesIO()
        Image.fromarray(other).save(out, "png")
        assert differs(png, out.getvalue())


def nbval(path: Path, home: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        os.devnull,
        "--rootdir",
        str(path.parent),
        "-p",
        "no:cacheprovider",
    ]
    environment = os.environ | variables | {"ISOAUX_HOME": str(home)}
    return subprocess.run(
        [*command, "-q", "--nbval", str(path)], cwd=home, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("page", PAGES[:1] or ["nothing"], indirect=True)
def test_nbval_agrees(page, without_torch):
    pytest.importorskip("nbval")
    done = nbval(page.committed, page.home, without_torch)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert f"{len(shown(page.committed))} passed" in done.stdout


@pytest.mark.smoke
@pytest.mark.parametrize("page", ["fig01"], indirect=True)
def test_nbval_would_notice_another_number(page, without_torch, tmp_path):
    pytest.importorskip("nbval")
    altered = tmp_path / page.committed.name
    notebook = json.loads(page.committed.read_text("utf-8"))
    table = next(cell for cell in notebook["cells"] if cell["id"] in ("table", "counts"))
    for output in table["outputs"]:
        for kind, content in output["data"].items():
            output["data"][kind] = "".join(content)[::-1]
    altered.write_text(json.dumps(notebook))
    done = nbval(altered, page.home, without_torch)
    assert done.returncode == 1 and "1 failed" in done.stdout, done.stdout[-2000:]


def test_files_stay_within_their_limits(page):
    for name in filter(lambda name: figure(name).has_file, page.figures):
        parts = [page.data / f"{name}{suffix}" for suffix in (".npz", ".json")]
        assert sum(part.stat().st_size for part in parts) <= WITH_WEIGHTS.get(name, LIMIT), name
    heavy = {name: len(png) for name, png in pictures(shown(page.committed)).items() if len(png) > 700_000}
    assert not heavy
    for png in pictures(shown(page.committed)).values():
        assert Image.open(io.BytesIO(png)).mode == "P"


def test_what_is_published_is_whole(page):
    """A figure file and everything that it names can be read, and belong together."""
    assert page.figures
    for name in page.figures:
        (assert_whole if figure(name).has_file else assert_curves)(page, name)


def assert_curves(page: Page, name: str) -> None:
    """A figure without a file: of every record it has each seed's curve, all of them finite."""
    result = page.results[name]
    assert [row["configuration"] for row in result.facts["rows"]] == [
        id for id, record in result.records.items() for _ in record.facts["seeds"]
    ]
    for unit in ("sigma", "pixels"):
        errors = result.drawing[f"test_error_{unit}"]
        assert errors.shape == (len(result.rows), len(result.drawing["epochs"]))
        assert np.isfinite(errors).all() and (errors > 0).all()


def assert_whole(page: Page, name: str) -> None:
    result = page.results[name]
    facts = result.facts
    configurations = [c.id for c in figures()[name].configurations]
    alone = figure(name).study in WITHOUT_RECORDS
    assert list(result.records) == ([] if alone else configurations)
    if not alone:
        rows, columns = result.drawing["density"].shape[:2]
        assert result.drawing["density"].shape == (rows, columns, 200, 200)
        if configurations:
            assert (rows, columns) == (len(facts["rows"]), len(result.drawing["epochs"]))
    assert facts["epochs"] is not None or not configurations
    for name in (
        "profile",
        "seeds",
        "dataset",
        "dtype",
        "device",
        "versions",
        "commit",
        "seconds",
        "deviations",
    ):
        assert facts[name] is not None, name
    for row in range(0 if alone else len(facts["rows"])):
        assert len(result.of_row(row, "count")) == columns
        assert result.of_row(row, "null_c4").shape == (columns, facts["draws"])
        assert result.of_row(row, "final_null_c4").shape == (facts["final_draws"],)
    for id in result.records:
        kept = Representations(result.representations[id])
        assert kept.steps(0).dtype == np.int16 and kept.seeds[0] == min(result.records[id].facts["seeds"])
        for path in (reading.record_path(page.data, id), reading.representations_path(page.data, id)):
            assert path.with_suffix(".npz").stat().st_size < LIMIT, path
    parts = [result.drawing, *result.records.values(), *result.representations.values()]
    every = [(name, array) for part in parts for name, array in part.arrays.items()]
    at_the_end = re.compile("(count|c4|s2)_(centred|whitened)")
    for name, array in every:
        shown = array[:, -1] if at_the_end.match(name) else array  # points of prepared representations
        if name in PARTLY.get(figure(facts["figure"]).study, ()) + PARTLY.get(facts["figure"], ()):
            shown = shown[np.isfinite(shown)]
        assert np.isfinite(np.delete(shown, 1, -1) if name.endswith("_test") else shown).all(), name


def test_a_recount_on_the_published_representations_agrees_to_the_sample(page):
    """Plane by plane from the definition, and together with the count of all images within its standard error."""
    for name in page.figures:
        result = page.results[name]
        for id, published in result.representations.items():
            facts, kept = result.records[id].facts, Representations(published)
            source = {"cifar": "cifar10", "mnist": "mnist"}[Configuration.parse(id).dataset]
            images = overview.SAMPLES[source if page.home == ROOT else "digits"]
            assert (facts["basis"], facts["variant"]) == ("standard", "combination")
            for layer, seed in product(range(kept.layers), kept.seeds):
                z = kept.values(layer, seed)
                share = np.array([np.hypot(z[:, i], z[:, j]) for i, j in combinations(range(z.shape[1]), 2)])
                length = np.maximum(np.linalg.norm(z, axis=1), np.finfo(float).tiny)
                rounding = 2 * kept.scale(layer, seed) / length
                sure, maybe = ((share / length > facts["epsilon"] + d).sum(0) for d in (rounding, -rounding))
                entered = kept.planes_entered(layer, seed)
                assert ((sure <= entered) & (entered <= maybe)).all() and (maybe - sure).mean() < 1, (id, layer)
                total = result.records[id]["count"][facts["seeds"].index(seed), -1, layer]
                error = entered.std() / np.sqrt(len(entered)) + 1 / len(entered)
                assert abs(entered.mean() - total / images) < 6 * error, (id, layer)


def test_the_committed_book_is_at_the_papers_setting(page):
    """Five seeds, or the first three or four where the page says so; of what the paper does not show, one or more."""
    for name in page.figures:
        if not figure(name).has_file:  # its records may have three seeds or five, and its panels say which
            facts = page.results[name].facts
            assert (facts["profile"], facts["epochs"]) == ("paper", 125)
            continue
        facts = archive.read(page.data / name).facts
        assert facts["profile"] == ("paper" if page.home == ROOT else "smoke")
        seeds = facts["seeds"]
        least = 3 if isinstance(figure(name).number, int) else 1
        given = figure(name).training  # of its own where it is not as in the paper's appendix
        accepted = given.get("seeds", list(range(5)))
        most = len(accepted)
        assert page.home != ROOT or (seeds == accepted[: len(seeds)] and least <= len(seeds) <= most)
        assert page.home != ROOT or (f"{len(seeds)} of {most} seeds" in facts["deviations"]) == (len(seeds) < most)
        epochs = given.get("epochs", 125) if figures()[name].configurations else None
        if figure(name).study == "polytopes" or name == "figX21":  # classifiers have a recipe by their images
            epochs = figure(name).configurations[0].recipe(figure(name).recipe(PROFILES["paper"])).epochs
        assert page.home != ROOT or facts["epochs"] == epochs


def test_a_page_shows_its_published_figures_and_names_the_others(page):
    drawn = {
        c["metadata"]["mystnb"]["figure"]["name"]
        for c in cells(page.committed)
        if "figure" in c["metadata"].get("mystnb", {})
    }
    assert {name for name in drawn if "-" not in name} == set(page.figures)
    held = notebooks.figures_of(page.home / "notebooks" / f"{page.name}.ipynb")
    said = json.dumps([output for outputs in shown(page.committed).values() for output in outputs])
    for name in set(held) - set(page.figures):
        assert f"Figure {figure(name).number} is not published yet." in said
