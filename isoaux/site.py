"""The book of a profile: its sources staged, its notebooks run, its pages built."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from isoaux import figures, notebooks, paths, publishing, workflow
from isoaux.paper import Figure
from isoaux.settings import Settings

COPIED = ("_config.yml", "_toc.yml", "book")
MADE = ("data", "images", "notebooks")
"""Folders of the book that are made per profile, not copied."""


def make(wanted: Sequence[Figure], settings: Settings, *, jobs: int | None = None, budget: float | None = None) -> Path:
    """Compute what these figures need, run their notebooks, build the book; the path of its front page.

    Profile ``published`` re-draws the committed book in place; every other profile works on a staged copy in
    ``_build/<profile>`` and leaves the committed book alone.
    """
    root = paths.root(settings.profile)
    if settings.profile != "published":
        stage(root)
    for figure in wanted:
        found = workflow.result(figure.name, settings, **_options(settings, jobs, budget))
        if settings.profile != "published":
            publishing.publish(found, root / "book" / "data")
        figures.panel_grid(found).save(root / "book" / "images" / figure.name)
        parameters = {} if settings.profile == "published" else _parameters(settings)
        notebooks.run(figure.name, parameters, root / "book" / "notebooks" / f"{figure.name}.ipynb")
    html = build(root)
    if settings.profile != "published":
        html = _move(html, paths.build(settings.profile) / "html")
    return html / "index.html"


def _options(settings: Settings, jobs: int | None, budget: float | None) -> dict[str, object]:
    return {} if settings.profile == "published" else {"jobs": jobs, "budget": budget}


def _parameters(settings: Settings) -> dict[str, object]:
    """The settings that differ from the defaults; training is done by then, so it is not asked for again."""
    values = {name: value for name, value in vars(settings).items() if value != getattr(Settings(), name)}
    values.pop("retrain", None)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def stage(root: Path) -> None:
    """Copy the book's sources without what is made per profile; what was made there before stays."""
    root.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source = paths.home() / name
        if source.is_dir():
            ignored = shutil.ignore_patterns(*MADE, "__pycache__")
            shutil.copytree(source, root / name, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy2(source, root / name)


def build(root: Path) -> Path:
    """Build the book at ``root`` with every warning an error; the folder of its pages, ``root/_build/html``."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", str(root), "-W", "-n", "--keep-going"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise RuntimeError(f"the book at {root} did not build:\n{tail}")
    return root / "_build" / "html"


def _move(html: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.move(html, to)
    return to
