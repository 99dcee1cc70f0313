"""The Snakefile: what would run for the whole paper, and one figure through it (book/cluster.md)."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from roots import ROOT

from isoaux import paper
from isoaux.common import archive

FIGURES = [f for f in paper.figures().values() if f.has_planes and isinstance(f.number, int)]
engine = pytest.mark.skipif(find_spec("snakemake") is None, reason="Snakemake (the extra `cluster`) is not installed")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> Path:
    """A checkout and a store of this test alone; the checkout has a notebook of Figure 1, and one of two others."""
    place = tmp_path / "home"
    (place / "book" / "data").mkdir(parents=True)
    (place / "notebooks").mkdir()
    for name, code in (("fig01", "show('fig01')"), ("fig02", "show('fig02', 'fig03')")):
        cells = [{"cell_type": "code", "source": [code]}]
        (place / "notebooks" / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    monkeypatch.setenv("ISOAUX_HOME", str(place))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return place


def snakemake(home: Path, *arguments: str, status: int = 0) -> str:
    """What Snakemake says; its own notes go beside the checkout of the test."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(home)]
    done = subprocess.run([*command, "--cores", "2", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == status, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def jobs(said: str, rule: str) -> list[dict[str, str]]:
    """Wildcards, resources and command of every job of a rule, from a dry run."""
    found = []
    for block in re.findall(rf"^(?:local)?rule {rule}:\n((?:.+\n?)+)", said, re.M):
        facts = re.findall(r"(?:^    (?:wildcards|resources): |, )(\w+)=([^,\n]+)", block, re.M)
        found.append(dict(facts) | {"command": block.partition("Shell command: ")[2].strip()})
    return found


def test_the_workflow_is_short():
    assert len((ROOT / "Snakefile").read_text().splitlines()) <= 60


def test_markers_are_compared_by_time_and_tries_are_counted_outside_of_jobs():
    for name in ("default", "slurm"):
        profile = yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text())
        assert profile["rerun-triggers"] == "mtime" and profile["retries"] > 0
    assert profile["executor"] == "slurm" and {"runtime", "mem_mb"} <= set(profile["default-resources"])
    assert not re.search(r"^\s*retries:", (ROOT / "Snakefile").read_text(), re.M)


@engine
def test_the_whole_paper_is_every_shape_and_every_figure_once(home):
    said = snakemake(home, "-n", "-p", "--config", "figures=" + " ".join(f.name for f in FIGURES))
    members: dict[str, list[str]] = {}
    for figure in FIGURES:
        for shape in {c.shape for c in figure.configurations}:
            members.setdefault(shape, []).append(figure.name)
    trained = jobs(said, "train")
    assert sorted(job["shape"] for job in trained) == sorted(members) and len(members) == 10
    for job in trained:
        assert (job["gpu"], job["runtime"]) == ("1", "60")
        names = " ".join(members[job["shape"]])
        assert f"isoaux train {names} --shape {job['shape']} --profile paper --device auto" in job["command"]
        assert job["command"].endswith("--budget 50m --require-finished")
    drawn = jobs(said, "figure")
    assert sorted(job["figure"] for job in drawn) == [figure.name for figure in FIGURES]
    assert not [job for job in drawn if "gpu" in job]
    assert all(f"publish {job['figure']} --profile paper" in job["command"] for job in drawn)
    assert all(job["command"].endswith(f"--to {home}/_build/paper/src/book/data") for job in drawn)
    (book,), (images,) = jobs(said, "book"), jobs(said, "images")
    assert "run fig01 fig02 fig03 --profile paper" in book["command"] and images["command"].endswith("cifar10 mnist")


@engine
def test_a_figure_without_networks_needs_no_images_and_no_training(home):
    said = snakemake(home, "-n", "-p", "--config", "figures=fig04,figX3")
    assert [job["shape"] for job in jobs(said, "train")] == ["cifar-N-n12-L0"]
    assert sorted(job["figure"] for job in jobs(said, "figure")) == ["fig04", "figX3"]
    assert jobs(said, "images")[0]["command"].endswith(" cifar10")


@engine
def test_what_is_configured_reaches_the_commands(home):
    how = ["figures=fig01", "dataset=folder:/my images", "dtype=float32", "device=cpu", "budget=2h", "profile=quick"]
    said = snakemake(home, "-n", "-p", "--config", *how)
    (trained,), (drawn,), (book,) = (jobs(said, rule) for rule in ("train", "figure", "book"))
    same = "fig01 --profile quick --dataset 'folder:/my images' --dtype float32"
    assert same.replace("fig01", "fig01 --shape cifar-U-n18-L0") + " --device cpu" in trained["command"]
    assert "--budget 2h" in trained["command"] and (trained["gpu"], trained["runtime"]) == ("0", "130")
    assert same in drawn["command"] and same in book["command"] and "--device" not in book["command"]
    refused = snakemake(home, "-n", "--config", "profile=published", status=1)
    assert "profile is 'published'; accepted: smoke, quick, paper." in refused


@engine
def test_a_page_waits_for_all_of_its_figures(home):
    (book,) = jobs(snakemake(home, "-n", "-p", "--config", "figures=fig01,fig02"), "book")
    assert "run fig01 --profile paper" in book["command"]
    said = snakemake(home, "-n", "-p")
    assert sorted(job["figure"] for job in jobs(said, "figure")) == ["fig01", "fig02", "fig03"]
    assert "run fig01 fig02 fig03 --profile paper" in jobs(said, "book")[0]["command"]


@engine
@pytest.mark.smoke
def test_a_figure_from_training_to_its_file(home, own_cache):
    how = ["--until", "figure", "--config", "profile=smoke", "figures=fig01", "device=cpu"]
    snakemake(home, *how)
    folder = home / "_build" / "smoke" / "src" / "book" / "data"
    assert archive.read(folder / "fig01").facts["seeds"] == [0, 1]
    assert not list((home / "book" / "data").iterdir()), "the committed book was written to"
    kept = {path: path.stat().st_mtime_ns for path in own_cache.glob("networks/*/*.safetensors")}
    assert len(kept) == 4 * 3
    assert not jobs(snakemake(home, *how), "train")

    for marker in (home / "_build" / "workflow").rglob("*.done"):
        marker.unlink()
    assert "4 networks: 4 complete" in snakemake(home, "--until", "train", *how[2:]), "the command was not called again"
    assert {path: path.stat().st_mtime_ns for path in own_cache.glob("networks/*/*.safetensors")} == kept
