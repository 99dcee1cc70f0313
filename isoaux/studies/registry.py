"""Every study by the name of its folder, found by a scan of the folders."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from isoaux import studies
from isoaux.common.choices import choose
from isoaux.paper import Figure
from isoaux.records.evidence import Decider
from isoaux.studies.protocol import Study


def names() -> tuple[str, ...]:
    """The names of the folders that hold a ``study.py``, sorted."""
    return tuple(sorted(path.parent.name for folder in studies.__path__ for path in Path(folder).glob("*/study.py")))


@cache
def named(name: str) -> Study:
    """The study of this name. Raises ValueError with the known names for another one."""
    choose("study", name, dict.fromkeys(names()))
    study = import_module(f"isoaux.studies.{name}.study").STUDY
    if not isinstance(study, Study) or study.name != name:
        raise ValueError(f"STUDY of studies/{name}/study.py is {study!r}; accepted: a Study that is named {name!r}.")
    return study


def of(figure: Figure) -> Study:
    """The study that makes a figure of the catalogue."""
    return named(figure.study)


@cache
def deciders() -> Mapping[str, Decider]:
    """The deciders of all studies, by the name of the statistic. Raises ValueError where two studies have one name."""
    deciders: dict[str, Decider] = {}
    for name in names():
        for statistic, decider in named(name).deciders.items():
            if statistic in deciders:
                raise ValueError(f"statistic {statistic!r} is decided by {name} and by another study; accepted: one.")
            deciders[statistic] = decider
    return deciders
