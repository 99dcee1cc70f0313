"""A sample of the kills of ``benchmarks/kills.py``: the whole takes minutes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from roots import ROOT


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked, and killed by a signal")
def test_a_killed_training_or_publication_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "kills.py"), "--training", "6", "--publishing", "6"]
    before = (ROOT / "benchmarks" / "results.json").read_bytes()
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kills, runs, stuck, different = map(int, done.stdout.splitlines()[-1].split()[1:])
    assert kills >= 12 and runs > kills and (stuck, different) == (0, 0)
    assert (ROOT / "benchmarks" / "results.json").read_bytes() == before, "a sample is no result"
