"""Appendix D: how well unseen images are reconstructed through training, from the network records alone.

Errors of networks trained on raw and on standardised pixels are compared in two units. *Sigma-weighted*, target and
reconstruction are standardised first, so that predicting the mean image costs about 1; that is what the first kind was
not trained for. In *pixels*, the mean squared error of images in [0, 1]; that is what the second was not trained for.
"""

from functools import partial
from typing import Any

import numpy as np

from isoaux.common.archive import Arrays, Published
from isoaux.paper import Figure
from isoaux.records import measurement
from isoaux.records.error_curves import UNITS
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import steps
from isoaux.training import snapshots
from isoaux.training.data import Images
from isoaux.training.store import Entry


def compute(figure: Figure, settings: Settings, *, jobs: int | None = None, **options: Any) -> Result:
    """The error curves of a figure's networks, measured on the test set; the rest of their records when published.

    Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`.
    """
    rows = steps.rows(figure, settings, _errors, jobs=jobs, reads="test", **options)
    epochs, measured = np.array(next(iter(rows.measured)).recipe.checkpoints), rows.measured.values()
    arrays = {f"test_error_{unit}": np.stack([errors[f"test_error_{unit}"] for errors in measured]) for unit in UNITS}

    def pending() -> dict[str, Published]:
        record = partial(measurement.record, probe=steps.probe(rows.figure, settings))
        return rows.records(steps.each_network(record, rows.entries, rows.images, jobs))

    return Result(rows.figure, Published(arrays | {"epochs": epochs}, rows.facts), {}, {}, pending)


def _errors(entry: Entry, images: Images) -> Arrays:
    return measurement.cached(entry, "errors", {}, lambda: snapshots.test_errors(entry, images))
