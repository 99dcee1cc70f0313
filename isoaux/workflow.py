"""The ways to a figure: read what is published, or train, measure and assemble it (design: ways to run)."""

from collections.abc import Sequence
from typing import Any

from isoaux.paper import figure
from isoaux.records import reading, results
from isoaux.records.results import Collection, Result
from isoaux.settings import Settings
from isoaux.studies import registry


def result(name: str, settings: Settings, **options: Any) -> Result:
    """The data of the figure ``name`` under these settings: published, or computed where the profile is another one.

    ``options`` are those of :meth:`isoaux.studies.protocol.Study.compute`. Raises ValueError for a figure of which
    nothing is published, and what reading and computing raise.
    """
    shown = figure(name)
    study = registry.of(shown)
    if study.read is None:
        raise ValueError(f"figure is {name!r}, of which no data are published; accepted: figures of other studies.")
    if settings.profile == "published":
        return study.read(shown, settings)
    return study.compute(shown, settings, **options)


def collect(names: Sequence[str], settings: Settings, **options: Any) -> Collection:
    """The data of several figures for one page, each as by :func:`result`; unpublished ones are missing from it."""
    shown = [figure(name) for name in names]
    there, failed = {}, {}
    for each in shown:
        if settings.profile == "published" and not reading.is_published(each):
            continue
        try:
            there[each.name] = result(each.name, settings, **options)
        except results.AllFailed as error:
            failed[each.name] = str(error)
    return Collection(tuple(there[f.name].figure if f.name in there else f for f in shown), there, failed)
