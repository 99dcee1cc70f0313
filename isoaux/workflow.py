"""The ways to a figure: read what is published, or train, measure and assemble it (design: ways to run)."""

from collections.abc import Sequence
from typing import Any

from isoaux import paper
from isoaux.records import reading, results
from isoaux.records.results import Collection, Result
from isoaux.settings import Settings
from isoaux.studies import registry


def result(name: str, settings: Settings, **options: Any) -> Result:
    """The data of the figure ``name`` under these settings: read with the profile ``published``, else computed.

    ``options`` are those of :meth:`isoaux.studies.protocol.Study.compute`. Raises ValueError for a figure of which
    nothing is published, and what reading and computing raise.
    """
    figure = paper.figure(name)
    study = registry.of(figure)
    if study.read is None:
        raise ValueError(f"figure is {name!r}, of which no data are published; accepted: figures of other studies.")
    if settings.profile == "published":
        return study.read(figure, settings)
    return study.compute(figure, settings, **options)


def collect(names: Sequence[str], settings: Settings, **options: Any) -> Collection:
    """The data of several figures for one page, each as by :func:`result`.

    Figures that are not published, or of which all networks failed, are missing from the collection, which says so.
    """
    figures = {name: paper.figure(name) for name in names}
    present, failed = {}, {}
    for name, figure in figures.items():
        if settings.profile == "published" and not reading.is_published(figure):
            continue
        try:
            present[name] = result(name, settings, **options)
        except results.AllFailed as error:
            failed[name] = str(error)
    shown = tuple(present[name].figure if name in present else figure for name, figure in figures.items())
    return Collection(shown, present, failed)
