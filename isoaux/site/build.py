"""The book of a profile: its sources staged, its notebooks run, its pages built."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from isoaux import workflow
from isoaux.common import disk, paths
from isoaux.records import publishing
from isoaux.records.results import Result
from isoaux.scorecard import compute as scorecard
from isoaux.settings import Settings
from isoaux.site import links, notebooks
from isoaux.studies import registry

COPIED = ("_config.yml", "_toc.yml", "book")
MADE = ("data", "images", "notebooks")
"""Folders of the book that are made per profile, not copied; of ``data``, what pages link is copied all the same."""

PER_PROFILE = (
    "book/data/fig*",
    "book/data/networks/*",
    "book/data/representations/*",
    "book/data/scorecard.json",
    "book/images/*",
    "book/notebooks/*",
)
"""Files that a profile makes for itself: those of the committed book never stand in for them.

A page offers them by a directive that leaves out what is not there, ``downloads`` or ``picture``, not by a link; only
the scorecard is in every book.
"""


def make(wanted: Sequence[str], settings: Settings, *, jobs: int | None = None, budget: float | None = None) -> Path:
    """Compute what these figures or notebooks need, run the notebooks, build the book; the path of its front page.

    A notebook is run with all the figures that it holds, if it holds any. Profile ``published`` re-draws the
    committed book in place, without the pages of which nothing is published yet (FileNotFoundError if that is all
    of them); every other profile works on a staged copy in ``_build/<profile>`` and leaves the committed book alone.
    A second process that makes the book of the same profile waits for the first.
    """
    waits = f"isoaux: another process makes the book of the profile {settings.profile!r}; waiting for it."
    with disk.alone(paths.home() / f".making-{settings.profile}.lock", waits):
        return _make(wanted, settings, jobs, budget)


def _make(wanted: Sequence[str], settings: Settings, jobs: int | None, budget: float | None) -> Path:
    pages = dict(sorted(notebooks.pages(wanted).items(), key=lambda page: not page[1]))  # those about all figures last
    root = paths.root(settings.profile)
    if settings.profile != "published":
        stage(root)
    made = 0
    failed: list[str] = []
    for name, members in pages.items():
        found = workflow.collect(members, settings, **_options(settings, jobs, budget))
        for result in found:
            if settings.profile != "published" and result.figure.has_file:
                publishing.publish(result, root / "book" / "data")
            _draw(result, root / "book" / "images")
        if found.found or found.failed or not members:  # a page whose networks all failed says so
            parameters = {} if settings.profile == "published" else _parameters(settings)
            notebooks.run(name, parameters, root / "book" / "notebooks" / f"{name}.ipynb")
        made += bool(found.found or not members)
        failed += found.failed.values()
    if failed and not made:
        raise RuntimeError(" ".join(failed))
    if not made:
        names = ", ".join(name for members in pages.values() for name in members)
        raise FileNotFoundError(f"{names}: not published; `python -m isoaux status` lists what is.")
    if settings.profile != "published":
        _judge(root)
        _copy_linked(root)
        _list(root)
    html = build(root)
    if settings.profile != "published":
        html = _move(html, paths.build(settings.profile) / "html")
    return html / "index.html"


def _draw(result: Result, folder: Path) -> None:
    """The figure of a result, and a small picture of it where the gallery shows one."""
    study = registry.of(result.figure)
    if study.draw is not None:
        study.draw(result).save(folder / result.figure.name)
    if study.thumbnail is not None:
        small = study.thumbnail(result)
        disk.write(folder / f"{result.figure.name}-last.png", lambda temporary: temporary.write_bytes(small))


def _options(settings: Settings, jobs: int | None, budget: float | None) -> dict[str, object]:
    return {} if settings.profile == "published" else {"jobs": jobs, "budget": budget}


def _parameters(settings: Settings) -> dict[str, object]:
    """The settings that differ from the defaults; training is done by then, so it is not asked for again."""
    values = {name: value for name, value in vars(settings).items() if value != getattr(Settings(), name)}
    values.pop("retrain", None)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def stage(root: Path) -> None:
    """Copy the book's sources to ``root``, with every file that its pages link, without what is made per profile.

    What was made there before stays. Pages that were not run yet stand there as their text, and a scorecard of what is
    there.
    """
    root.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source = paths.home() / name
        if source.is_dir():
            ignored = shutil.ignore_patterns(*MADE, "__pycache__")
            shutil.copytree(source, root / name, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy2(source, root / name)
    for page in sorted((paths.home() / "book" / "notebooks").glob("*.ipynb")):
        _stand_in(page.stem, root / "book" / "notebooks" / page.name)
    _judge(root)
    _copy_linked(root)


def _judge(root: Path) -> None:
    """Write the scorecard of what is in a staged book."""
    data = root / "book" / "data"
    scorecard.write(scorecard.compute(data), data / "scorecard.json")


def _copy_linked(root: Path) -> None:
    """Copy to a staged book the committed files that its pages link, except those of :data:`PER_PROFILE`."""
    home = paths.home()
    for page in sorted(path for path in (root / "book").rglob("*") if path.suffix in (".md", ".ipynb")):
        for place in links.files(page, root):
            source = home / place
            if source.is_file() and not any(place.match(pattern) for pattern in PER_PROFILE):
                (root / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, root / place)


def _stand_in(name: str, place: Path) -> None:
    """The text of a page that is in the book's contents and was not made with this profile, so that links hold."""
    source = notebooks.sources().get(name)
    if source is None or (place.exists() and not json.loads(place.read_text("utf-8"))["metadata"].get("isoaux")):
        return
    notebook = json.loads(source.read_text("utf-8"))
    note = "```{note}\nThis page was not run with the profile of this book: here is its text, without results.\n```"
    notebook["cells"].insert(1, {"cell_type": "markdown", "id": "not-run", "metadata": {}, "source": note})
    notebook["metadata"]["isoaux"] = {"stand_in": True}
    disk.write(place, lambda temporary: temporary.write_text(json.dumps(notebook), "utf-8"))


def _list(root: Path) -> None:
    """Add the pages of the staged book that the committed contents do not list yet: Jupyter Book passes over them."""
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    listed = {chapter["file"] for part in contents.get("parts", []) for chapter in part["chapters"]}
    made = [f"book/notebooks/{path.stem}" for path in sorted((root / "book" / "notebooks").glob("*.ipynb"))]
    if new := [{"file": name} for name in made if name not in listed]:
        contents.setdefault("parts", []).append({"caption": "Made here", "chapters": new})
        text = yaml.safe_dump(contents, sort_keys=False)
        disk.write(root / "_toc.yml", lambda temporary: temporary.write_text(text, "utf-8"))


def build(root: Path) -> Path:
    """Build the book at ``root`` with every warning an error; the folder of its pages, ``root/_build/html``."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", str(root), "-W", "-n", "--keep-going", "--all"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}  # of others' code
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise RuntimeError(f"the book at {root} did not build:\n{tail}")
    return root / "_build" / "html"


def _move(html: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.move(html, to)
    return to
