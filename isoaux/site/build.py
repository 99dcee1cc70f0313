"""The book of a profile: its sources staged, its networks trained, its notebooks run, its pages built."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from isoaux import workflow
from isoaux.common import disk, paths
from isoaux.paper import Figure, figure
from isoaux.records import publishing
from isoaux.records.results import Result
from isoaux.scorecard import compute as scorecard
from isoaux.settings import Settings
from isoaux.site import links, notebooks, running
from isoaux.studies import registry

COPIED = ("_config.yml", "_toc.yml", "book")
"""What is copied to a staged book from the checkout."""

MADE = ("data", "images", "notebooks")
"""Folders of the book that are not copied as a whole; of ``data``, what pages link is."""

PER_PROFILE = (
    "book/data/fig*",
    "book/data/networks/*",
    "book/data/representations/*",
    "book/data/scorecard.json",
    "book/images/*",
    "book/notebooks/*",
)
"""Files that every profile makes for itself; those of the committed book are never copied in their place.

Pages offer them by the directives ``downloads`` and ``picture``, which leave out what is not there, and link none but
the scorecard, which is in every book.
"""


def make(names: Sequence[str], settings: Settings, *, jobs: int | None = None, budget: float | None = None) -> Path:
    """Compute what some figures or notebooks need, run the notebooks, build the book; the path of its front page.

    ``names`` are those of figures and notebooks; a notebook is run with all the figures that it holds. Networks are
    trained before the first notebook is run, each once, by ``jobs`` processes (None: one per core) and within
    ``budget`` seconds. Profile ``published`` trains nothing and draws the committed book again in place, without the
    pages of which nothing is published; every other profile works on a staged copy in ``_build/<profile>``. A second
    process that makes the book of the same profile waits for the first.

    Raises ValueError for an unknown name, RuntimeError where the budget is spent or a network broke before all are
    trained, where every network failed, and where the book does not build, FileNotFoundError where nothing is published
    of any page.
    """
    waits = f"isoaux: another process makes the book of the profile {settings.profile!r}; waiting for it."
    with disk.alone(paths.home() / f".making-{settings.profile}.lock", waits):
        return _make(names, settings, jobs, budget)


def _make(names: Sequence[str], settings: Settings, jobs: int | None, budget: float | None) -> Path:
    pages = dict(sorted(notebooks.pages(names).items(), key=lambda page: not page[1]))  # those about all figures last
    root = paths.root(settings.profile)
    published = settings.profile == "published"
    parameters, options = {}, {}
    if not published:
        stage(root)
        _train([figure(name) for members in pages.values() for name in members], settings, jobs, budget)
        parameters, options = _parameters(settings), {"jobs": jobs, "train": False}
    made = 0
    failed: list[str] = []
    for name, members in pages.items():
        collection = workflow.collect(members, settings, **options)
        for result in collection:
            if not published and result.figure.has_file:
                publishing.publish(result, root / "book" / "data")
            _draw(result, root / "book" / "images")
        if collection.results or collection.failed or not members:  # a page whose networks all failed says so
            running.run(name, parameters, root / "book" / "notebooks" / f"{name}.ipynb")
        made += bool(collection.results or not members)
        failed += collection.failed.values()
    if failed and not made:
        raise RuntimeError(" ".join(failed))
    if not made:
        raise FileNotFoundError(
            f"{', '.join(name for members in pages.values() for name in members)}: not published; "
            "`python -m isoaux status` lists what is."
        )
    if published:
        return build(root) / "index.html"
    _judge(root)
    _copy_linked(root)
    _list_pages(root)
    return _move(build(root), paths.build(settings.profile) / "html") / "index.html"


def _train(figures: Sequence[Figure], settings: Settings, jobs: int | None, budget: float | None) -> None:
    """Train the networks of all pages, each once; RuntimeError where some are left unfinished."""
    from isoaux.studies import steps  # has torch, which the published book does without

    networks = steps.networks_by_source(figures, settings)
    outcomes = list(steps.train_all(networks, settings, jobs=jobs, budget=budget))
    steps.refuse_unfinished(outcomes, "this run")


def _draw(result: Result, folder: Path) -> None:
    """Save the picture of a result as SVG in a folder, and the small one where its study has thumbnails.

    The picture as PNG is in the executed notebook.
    """
    study = registry.of(result.figure)
    if study.draw is not None:
        svg = study.draw(result).light_svg()
        disk.write(folder / f"{result.figure.name}.svg", lambda temporary: temporary.write_text(svg, "utf-8"))
    if study.thumbnail is not None:
        png = study.thumbnail(result)
        disk.write(folder / f"{result.figure.name}-last.png", lambda temporary: temporary.write_bytes(png))


def _parameters(settings: Settings) -> dict[str, Any]:
    """The settings that differ from the defaults, for a notebook; without ``retrain``, since training is done."""
    values = {name: value for name, value in vars(settings).items() if value != getattr(Settings(), name)}
    values.pop("retrain", None)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def stage(root: Path) -> None:
    """Copy the book's sources to ``root``, with every committed file that its pages link.

    What is made per profile (:data:`PER_PROFILE`) is not copied, and stays where it was made there before. Pages that
    were not run there yet are put there as their text, and the scorecard is computed from the data that are there.
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
    """Write the scorecard of the data in a staged book."""
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
    """Write the text of a notebook to ``place``, unless it was run there, so that links to the page hold."""
    source = notebooks.sources().get(name)
    if source is None or (place.exists() and not json.loads(place.read_text("utf-8"))["metadata"].get("isoaux")):
        return
    notebook = json.loads(source.read_text("utf-8"))
    note = "```{note}\nThis page was not run with the profile of this book: here is its text, without results.\n```"
    notebook["cells"].insert(1, {"cell_type": "markdown", "id": "not-run", "metadata": {}, "source": note})
    notebook["metadata"]["isoaux"] = {"stand_in": True}
    disk.write(place, lambda temporary: temporary.write_text(json.dumps(notebook), "utf-8"))


def _list_pages(root: Path) -> None:
    """Add the pages of a staged book to its contents where they are not listed: Jupyter Book passes over those."""
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    listed = {name for part in contents.get("parts", []) for name in _files(part["chapters"])}
    made = [f"book/notebooks/{path.stem}" for path in sorted((root / "book" / "notebooks").glob("*.ipynb"))]
    if new := [{"file": name} for name in made if name not in listed]:
        contents.setdefault("parts", []).append({"caption": "Made here", "chapters": new})
        text = yaml.safe_dump(contents, sort_keys=False)
        disk.write(root / "_toc.yml", lambda temporary: temporary.write_text(text, "utf-8"))


def _files(entries: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The pages of some entries of the contents and of the sections under them."""
    for entry in entries:
        yield entry["file"]
        yield from _files(entry.get("sections", []))


def build(root: Path) -> Path:
    """Build the book at ``root`` and return the folder of its pages, ``root/_build/html``.

    Every warning is an error; RuntimeError with the end of what Jupyter Book printed.
    """
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", str(root), "-W", "-n", "--keep-going", "--all"]
    # warnings of other packages' code are no errors of the book
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise RuntimeError(f"the book at {root} did not build:\n{tail}")
    return root / "_build" / "html"


def _move(html: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.move(html, to)
    return to
