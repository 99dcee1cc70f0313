"""What is read and drawn needs nothing that only training needs; what computes never loads matplotlib.

Each rule is tried in one new process in which the packages in question cannot be imported.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

from roots import ROOT

TRAINING = ("torch", "torchvision", "numba", "sklearn", "safetensors", "filelock", "threadpoolctl", "tqdm", "umap")
"""What the extra ``train`` brings and nothing else does (pillow comes with matplotlib)."""

WITHOUT_TRAINING = (
    "sources/*.py",
    *(f"polytopes/{name}.py" for name in ("__init__", "partition", "soft_codes", "boundaries", "scaling", "flow")),
    *(f"slicing/{name}.py" for name in ("packing", "files", "bundle", "widget")),
    *(f"representations/{name}.py" for name in ("compression", "features", "superposition", "trials")),
    "toy/*.py",
    "film/*.py",
    "widths/*.py",
    "workflow.py",
    "scorecard/*.py",
    *(
        f"commands/{name}.py"
        for name in ("options", "chosen", "status", "overview", "run", "scorecard", "verification")
    ),
    "explorer/__init__.py",
    "studies/registry.py",
    *(f"studies/*/{role}.py" for role in ("study", "data", "figures", "report", "claims")),
    *(
        f"records/{name}.py"
        for name in ("results", "reading", "record", "reports", "evidence", "error_curves", "panel_values")
    ),
)
"""What reads and draws published figures, judges claims, and understands the commands."""

WITHOUT_DRAWING = (
    "training/*.py",
    "records/*.py",
    "studies/steps.py",
    "studies/*/compute.py",
    "studies/*/compute/*.py",
    "commands/pieces.py",
)
"""What the processes that train and measure import."""

SCRIPT = """
import importlib, json, sys, traceback

blocked, modules = json.loads(sys.argv[1])

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocker())
failed = {}
for module in modules:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        lines = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        failed[module] = f"{error}, by {[line for line in lines if '/isoaux/' in line][-1]}"
print(json.dumps(failed))
"""


def modules(patterns: Sequence[str]) -> list[str]:
    """The modules of the files that match any of these patterns, of which each matches some."""
    named = []
    for pattern in patterns:
        paths = sorted((ROOT / "isoaux").glob(pattern))
        assert paths or "compute/" in pattern, f"there is no {pattern}"
        named += [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return named


def failing(blocked: Sequence[str], modules: Sequence[str]) -> dict[str, str]:
    """Which modules cannot be imported in a new process where some packages are not there, and why."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([blocked, modules])],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_reading_drawing_and_judging_need_nothing_of_training() -> None:
    failed = failing(TRAINING, [*modules(WITHOUT_TRAINING), "isoaux.training.engine"])
    assert failed.pop("isoaux.training.engine", ""), "what needs torch is not noticed"
    assert not failed, "\n".join(f"{module}: {why}" for module, why in failed.items())


def test_training_and_measuring_never_load_matplotlib() -> None:
    failed = failing(["matplotlib"], [*modules(WITHOUT_DRAWING), "isoaux.drawing.look"])
    assert failed.pop("isoaux.drawing.look", ""), "what needs matplotlib is not noticed"
    assert not failed, "\n".join(f"{module}: {why}" for module, why in failed.items())
