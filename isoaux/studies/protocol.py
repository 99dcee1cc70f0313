"""What a study is: a folder of :mod:`isoaux.studies` whose ``study.py`` holds one :class:`Study` named ``STUDY``."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from isoaux.drawing.look import Drawn
from isoaux.paper import Figure
from isoaux.records.evidence import Decider
from isoaux.records.results import Result
from isoaux.settings import Settings

Compared = Iterator[tuple[str, str, str, float]]
"""Numbers of one row of a figure, each as (statistic, place, scale, value): what ``python -m isoaux verify`` compares.

``place`` is a checkpoint, a threshold or a size, in words; ``scale`` is one of
:data:`isoaux.commands.verification.SCALES`.
"""

FIRST, LAST = "before training", "at the end"
"""The places of numbers of the first and of the last checkpoint."""


def _setting(figure: Figure) -> str:
    return figure.setting


@dataclass(frozen=True)
class Study:
    """One study: how its figures are described, computed, read back, drawn, compared and judged.

    Fields that are None say that the study has no such thing; ``read`` and ``draw`` are None where nothing is
    published.
    """

    name: str
    """The name of its folder, and of ``study`` in ``figures.yaml``."""
    where: str
    """The place in the source that it answers, for example ``Appendix D``."""
    words: Callable[[Figure], str] = _setting
    """One line that says what a figure of the catalogue shows, for lists and the gallery."""
    read: Callable[[Figure, Settings], Result] | None = None
    """The published data of a figure; ValueError for settings other than the published ones."""
    draw: Callable[[Result], Drawn] | None = None
    """The figure itself."""
    thumbnail: Callable[[Result], bytes] | None = None
    """The PNG of a figure in the gallery; None where the gallery does not show it."""
    thumbnail_words: str = ""
    """What of the figure the thumbnail shows, for its alternative text, behind ``Figure 1 in small``."""
    measurements: tuple[str, ...] = ("record",)
    """The names under which what is measured of a network is kept in the store."""
    compared: Callable[[Result, int], Compared] | None = None
    """The numbers of a row that ``verify`` compares; None where nothing is trained."""
    deciders: Mapping[str, Decider] = field(default_factory=dict)
    """What computes the evidence for claims, by the name of the statistic in ``claims.yaml``."""

    def compute(self, figure: Figure, settings: Settings, **options: Any) -> Result:
        """The data of a figure, computed: its networks are taken from the store, or trained, and measured.

        ``options`` are ``jobs`` (processes), ``train`` (False: only what is trained already) and ``budget`` (seconds);
        of a figure of networks also ``networks``, the only ones of them that are computed, and ``images``, those of the
        data set of the settings where they are loaded already. Raises
        ValueError where no network is ready, RuntimeError where the budget was spent first.
        """
        return import_module(f"isoaux.studies.{self.name}.compute").compute(figure, settings, **options)  # has torch
