"""Planes through training: the networks of a figure trained, measured at every checkpoint, and assembled."""

from functools import partial
from typing import Any

import numpy as np

from isoaux.common.archive import Published
from isoaux.paper import Figure
from isoaux.records import facts, measurement
from isoaux.records.measurement import Measured
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import steps


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure of planes: its rows, the network records behind them, and representations of all networks.

    Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`.
    """
    measure = partial(measurement.measure, layer=figure.layer, probe=steps.probe(figure, settings))
    return assemble(steps.rows(figure, settings, measure, **options))


def assemble(rows: steps.Rows[Measured]) -> Result:
    """The data of a figure of planes from what was measured of its networks."""
    parts = [measured.row for measured in rows.measured.values()]
    arrays = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
    arrays |= {"epochs": facts.epochs(next(iter(rows.measured)))}
    records = rows.records({network: measured.record for network, measured in rows.measured.items()})
    some = rows.representations({network: measured.representations for network, measured in rows.measured.items()})
    return Result(rows.figure, Published(arrays, rows.facts), records, some)
