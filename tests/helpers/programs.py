"""Commands of isoaux in a new process, for tests of another copy of the package than the one that they are run with."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from roots import ROOT

SCRIPT = """
import io, json, sys
from contextlib import redirect_stdout

from isoaux.__main__ import main

printed = []
if __name__ == "__main__":
    for words in json.loads(sys.argv[1]):
        with redirect_stdout(io.StringIO()) as out:
            status = main(words)
        assert status == 0, (words, out.getvalue())
        printed.append(out.getvalue())
    print(json.dumps(printed))
"""


def copy_package(home: Path) -> None:
    """Copy the package to a checkout, with what is compiled of it, which other tests may be writing at this moment."""
    shutil.copytree(ROOT / "isoaux", home / "isoaux", ignore=shutil.ignore_patterns("*.pyc.*", "*.tmp.*"))


def python(home: Path, *words: str) -> str:
    """What Python prints that is run in a checkout, with the package that lies there."""
    environment = os.environ | {"PYTHONPATH": str(home), "ISOAUX_HOME": str(home), "MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, *words], cwd=home, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def commands(home: Path, each: Sequence[Sequence[str]]) -> list[str]:
    """What each command prints, one after the other in one process: their modules are loaded once."""
    return list(json.loads(python(home, "-c", SCRIPT, json.dumps(each))))
