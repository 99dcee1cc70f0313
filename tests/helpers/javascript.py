"""JavaScript units, run by Node.js on cases that a test of Python makes."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from roots import ROOT


def check(node: str, units: str, cases: Any, folder: Path) -> None:
    """Fail unless all tests of the file ``units``, a path below ``tests/``, pass on ``cases``, and none is skipped.

    ``node`` is the program; the cases are written to ``cases.json`` in ``folder``, which ``ISOAUX_CASES`` names.
    """
    (folder / "cases.json").write_text(json.dumps(cases))
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(ROOT / "tests" / units)],
        capture_output=True,
        text=True,
        env=os.environ | {"ISOAUX_CASES": str(folder)},
    )
    wrong = [line for line in done.stdout.splitlines() if "not ok" in line or "error:" in line]
    assert done.returncode == 0, "\n".join(wrong) + done.stderr
    assert "# skipped 0" in done.stdout
