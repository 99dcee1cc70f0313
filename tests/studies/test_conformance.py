"""Every study keeps the protocol: what it says, reads, draws and compares; and the registry finds it by its folder."""

import importlib
import sys
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from math import isfinite
from pathlib import Path

import pytest
from PIL import Image

from isoaux import settings, studies
from isoaux.commands.verification import SCALES
from isoaux.drawing.look import Drawn
from isoaux.paper import Figure, claims, figures
from isoaux.records import reading
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import registry
from isoaux.studies.protocol import Study

NAMES = registry.names()
READ = [name for name in NAMES if registry.named(name).read]
STATISTICS = {claim.statistic for claim in claims.load().each if claim.rule}


def of(name: str) -> list[Figure]:
    """The figures of the catalogue that a study makes."""
    return [figure for figure in figures().values() if figure.study == name]


@cache
def read(name: str) -> Result:
    """The first published figure of a study; what is tried of one is tried of its kind."""
    return registry.named(name).read(next(filter(reading.is_published, of(name))), Settings())


# --- every study


def test_every_figure_is_of_a_study_that_is_there() -> None:
    assert {figure.study for figure in figures().values()} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_one_line_of_words(name: str) -> None:
    study = registry.named(name)
    assert (study.name, bool(study.where)) == (name, True) and of(name)
    for figure in of(name):
        words = study.words(figure)
        assert words.strip() == words != "" and len(words.splitlines()) == 1
        assert not [word for word in ("none", "n/a", "None", "{") if word in words], words


@pytest.mark.parametrize("name", READ)
def test_what_is_published_is_read_and_drawn(name: str) -> None:
    study, result = registry.named(name), read(name)
    assert isinstance(result, Result) and result.figure in of(name) and not result.lacking
    drawn = study.draw(result)
    assert isinstance(drawn, Drawn)
    assert len(drawn.alt) > 40 and drawn.alt.endswith(".")
    assert drawn.finding.endswith(".") and "\n" not in drawn.finding
    if study.thumbnail:
        picture = Image.open(BytesIO(study.thumbnail(result)))
        assert picture.format == "PNG" and min(picture.size) > 10
        assert len(set(picture.convert("L").tobytes())) > 1, "nothing is to be seen"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_compared_is_finite_and_named_once(name: str) -> None:
    study = registry.named(name)
    if study.compared is None:
        assert not any(figure.configurations for figure in of(name) if study.read), "networks that nobody can verify"
        return
    for row in range(len(read(name).rows)):
        numbers = list(study.compared(read(name), row))
        assert len({(statistic, place) for statistic, place, _, _ in numbers}) == len(numbers) > 0
        for statistic, place, scale, value in numbers:
            assert scale in SCALES and statistic and place and isfinite(value), (statistic, place, scale, value)


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize(("setting", "value"), [("dataset", "digits"), ("seeds", "97")])
def test_another_setting_than_the_published_one_is_refused(
    name: str, setting: str, value: str, refused: Callable[..., str]
) -> None:
    refused([f"{setting} is ", value], registry.named(name).read, read(name).figure, settings.read({setting: value}))


@pytest.mark.parametrize("name", NAMES)
def test_a_study_that_reads_nothing_draws_and_compares_nothing(name: str) -> None:
    study = registry.named(name)
    assert (study.read is None) == (study.draw is None)
    assert study.read or not (study.thumbnail or study.compared)


# --- what decides the claims


@pytest.mark.parametrize("name", NAMES)
def test_every_decider_decides_a_claim(name: str) -> None:
    assert not set(registry.named(name).deciders) - STATISTICS


def test_every_statistic_of_a_claim_is_decided_by_one_study() -> None:
    deciding = {statistic: [n for n in NAMES if statistic in registry.named(n).deciders] for statistic in STATISTICS}
    assert not {statistic: names for statistic, names in deciding.items() if len(names) != 1}
    assert registry.deciders().keys() == STATISTICS


# --- the registry


ADDED = ("coins", "dice")


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Adds a folder to the studies whose ``study.py`` holds one line, for the time of a test."""
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path)])

    def folder(name: str, line: str) -> None:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "study.py").write_text(f"from isoaux.studies.protocol import Study\n{line}\n")
        importlib.invalidate_caches()

    yield folder
    for name in [name for name in sys.modules if name.split(".")[2:3] in [[added] for added in ADDED]]:
        del sys.modules[name]
    registry.named.cache_clear()


def test_a_folder_is_found_without_being_registered(add: Callable[[str, str], None]) -> None:
    add("dice", 'STUDY = Study("dice", "Section 0")')
    assert registry.names() == tuple(sorted([*NAMES, "dice"]))
    assert isinstance(registry.named("dice"), Study)


def test_an_unknown_study_is_refused_with_the_nearest_name(refused: Callable[..., str]) -> None:
    refused(["'plane'", "did you mean 'planes'?", *NAMES], registry.named, "plane")


@pytest.mark.parametrize("line", ['STUDY = Study("coins", "Section 0")', 'STUDY = "dice"'])
def test_a_study_of_another_name_than_its_folder_is_refused(
    line: str, add: Callable[[str, str], None], refused: Callable[..., str]
) -> None:
    add("dice", line)
    refused(["STUDY of studies/dice/study.py is ", "a Study that is named 'dice'"], registry.named, "dice")


def test_two_studies_with_one_decider_are_refused(add: Callable[[str, str], None], refused: Callable[..., str]) -> None:
    for name in ADDED:
        add(name, f'STUDY = Study("{name}", "Section 0", deciders={{"heads": print}})')
    refused(["'heads'", "dice"], registry.deciders.__wrapped__)
