"""Trained networks in rotated bases: the control that Section 4 promises and Appendix A does not show (erratum E10).

The published records hold every network's statistics in random bases, and the published representations some samples
to draw. Nothing is trained or computed anew here, and the published setting is the only one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, ppp
from isoaux.paper import Configuration, Figure, figure
from isoaux.records import reading, results
from isoaux.records.record import Record
from isoaux.settings import Settings

FIGURES = ("fig01", "fig02", "fig03")
"""Where the trained networks are taken from: the main text's three figures."""

SAMPLES = 50_000
"""Training images of CIFAR-10; the records were measured on all of them."""


@dataclass(frozen=True, eq=False)
class Networks:
    """The networks of one configuration at the last epoch, at one figure's layer.

    ``count``, ``c4`` (seeds,) and the angular ``histogram`` (seeds, 72) in the neurons' basis; ``null_count`` and
    ``null_c4`` (seeds, draws) in random bases; ``expected``, the mean count over all random bases; ``mean_share``
    (seeds,), the mean direction's share of the squared length; ``representations`` (S, n), some samples of the first
    seed, measured with ``epsilon`` and ``variant``.
    """

    figure: Figure
    configuration: Configuration
    count: NDArray[Any]
    c4: NDArray[Any]
    histogram: NDArray[Any]
    null_count: NDArray[Any]
    null_c4: NDArray[Any]
    expected: float
    mean_share: NDArray[Any]
    representations: NDArray[Any]
    epsilon: float
    variant: str

    def points(self, turn: int) -> NDArray[Any]:
        """PPP points (k, 2) of the representations, in the neurons' basis for ``turn`` 0, else in the random one."""
        n = self.configuration.n
        basis = bases.random_orthogonal(n, np.random.SeedSequence(0, spawn_key=(turn,))) if turn else bases.standard(n)
        return ppp.project(self.representations, basis, self.epsilon, self.variant).points


def networks(names: Sequence[str] = FIGURES, folder: Path | None = None) -> tuple[Networks, ...]:
    """What is published of the networks of some figures, each configuration once, in the figures' order.

    ``folder`` is that of the published files (None: the committed book's); figures that are not there are left out.
    """
    by_id: dict[str, Networks] = {}
    for name in names:
        if not reading.is_published(figure(name), folder):
            continue
        try:
            result = reading.read(figure(name), Settings(), folder)
        except results.AllFailed:
            continue
        layer = result.figure.layer
        for id, published in result.records.items():
            record = Record(published)
            if not record.seeds:
                continue
            configuration = record.configuration
            by_id.setdefault(
                id,
                Networks(
                    result.figure,
                    configuration,
                    record.values("count", layer, -1),
                    record.values("c4", layer, -1),
                    record.values("histogram", layer, -1),
                    record.null("count", layer),
                    record.null("c4", layer),
                    ppp.expected_isotropic_count(
                        SAMPLES, configuration.n, len(published["planes"]), record.facts["epsilon"]
                    ),
                    record.values("mean_share", layer, -1),
                    result.samples(id),
                    record.facts["epsilon"],
                    record.facts["variant"],
                ),
            )
    return tuple(by_id.values())
