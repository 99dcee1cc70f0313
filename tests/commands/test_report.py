"""The command ``report``: a file goes in, an answer and five files come out, and every error is a line."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from roots import ROOT

from isoaux import statistics
from isoaux.__main__ import main

SCHEMA = json.loads(files("isoaux.statistics").joinpath("report.schema.json").read_text("utf-8"))
NAMES = {f"report{suffix}" for suffix in (".html", ".md", ".json", ".png", ".svg")}


@pytest.fixture
def acts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Half precision, three axes, two keys, one row that is not finite; neuron 5 is four times as large as the rest."""
    monkeypatch.chdir(tmp_path)
    z = np.random.default_rng(0).standard_normal((30, 8, 6)).astype(np.float16)
    z[..., 5] *= 4
    z[3, 2, 1] = np.inf
    np.savez(tmp_path / "acts.npz", mlp=z, attn=z[:, 0])
    return z


def test_a_file_is_measured_as_its_array_is(acts, tmp_path, capsys):
    status = main(["report", "acts.npz", "--key", "mlp", "--layout", "batch tokens neurons", "--draws", "399"])
    told = capsys.readouterr()
    assert status == 0 and told.err == ""
    rows = acts.reshape(-1, 6)
    rows = rows[np.isfinite(rows).all(1)]
    expected = statistics.report(rows, draws=399)
    assert expected.special and expected.answer in told.out and str(expected.table) in told.out
    folder = tmp_path / "acts-report"
    assert {path.name for path in folder.iterdir()} == NAMES
    assert told.out.splitlines()[-5:] == [str(folder / f"report{s}") for s in (".html", ".md", ".json", ".png", ".svg")]
    facts = json.loads((folder / "report.json").read_text("utf-8"))
    jsonschema.validate(facts, SCHEMA, jsonschema.Draft202012Validator)
    assert facts["answer"] == expected.answer and facts["samples"]["given"] == 239
    assert facts["source"]["not_finite"] == 1 and facts["source"]["layout"] == "batch tokens neurons"
    assert facts["notes"][0].startswith("Taken from acts.npz, mlp (float16")
    assert "<title>acts.npz, mlp</title>" in (folder / "report.html").read_text("utf-8")


@pytest.mark.parametrize(("option", "prepare"), [("--whiten", "whitened"), ("--centre", "centred")])
def test_no_is_an_answer_too(option, prepare, acts, tmp_path, capsys):
    options = ["--key", "attn", "--samples", "20", "--seed", "2", "--draws", "9", "--epsilon", "0.6", "--out", "there"]
    assert main(["report", "acts.npz", option, *options]) == 0
    assert "do not say so" in capsys.readouterr().out
    facts = json.loads((tmp_path / "there" / "report.json").read_text("utf-8"))
    settings = facts["settings"]
    assert settings["preparation"] == prepare and {row["preparation"] for row in facts["statistics"]} == {prepare}
    assert settings["epsilon"] == 0.6 and not settings["epsilon_chosen"] and settings["draws"] == 9
    assert facts["samples"]["given"] == 20 and settings["seed"] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope.npy"], ["nope.npy", "does not exist"]),
        (["acts.npz"], ["2 arrays", "'mlp' (30, 8, 6)"]),
        (["acts.npz", "--key", "mpl"], ["did you mean 'mlp'"]),
        (["acts.npz", "--key", "mlp"], ["layout"]),
        (["acts.npz", "--key", "attn", "--layout", "batch tokens neurons"], ["layout"]),
        (["acts.npz", "--key", "attn", "--epsilon", "2"], ["epsilon is 2"]),
        (["acts.npz", "--key", "attn", "--draws", "0"], ["draws is 0"]),
        (["acts.npz", "--key", "attn", "--seed", "-1"], ["-1"]),
        (["acts.npz", "--key", "attn", "--whiten", "--centre"], ["not allowed with"]),
        (["acts.npz", "--out", ""], ["--out"]),
        ([], ["file"]),
    ],
)
def test_errors_are_a_line_and_leave_nothing(arguments, words, acts, tmp_path, capsys):
    try:
        status = main(["report", *arguments])
    except SystemExit as left:
        status = left.code
    told = capsys.readouterr()
    assert status == 2 and told.out == "" and len(told.err.splitlines()) == 1
    assert not [word for word in words if word not in told.err], told.err
    assert [path.name for path in tmp_path.iterdir()] == ["acts.npz"]


def test_it_needs_nothing_that_trains(acts, tmp_path):
    absent = "import sys\nfor name in ('torch', 'numba', 'tqdm', 'sklearn'):\n    sys.modules[name] = None\n"
    (tmp_path / "sitecustomize.py").write_text(absent)
    variables = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "isoaux", "report", "acts.npz", "--key", "attn", "--draws", "9"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.startswith("Is the neuron basis special here?")
