"""Statistics of representations, tests whether a basis or directions are special, and inference over several networks.

:func:`basis_test` compares a statistic of the measured basis with its values in random bases
(``isoaux.statistics.basis``), by default ``quartimax``, the mean fourth power of the coordinates of directions; the
others, of directions, neurons and PPP points, are in :data:`STATISTICS`. Representations are tested ``raw``,
``centred`` or ``whitened`` (``isoaux.statistics.preparation``): a small p of raw ones can come from their mean or
covariance, one of whitened ones cannot, and every result names its preparation. :func:`direction_test` tests, without a
basis, whether directions are discrete (``isoaux.statistics.directions``); :func:`fisher`, :func:`count_of_seeds`,
:func:`paired`, :func:`interval` and :func:`adjust` combine several networks (``isoaux.statistics.seeds``);
:func:`uniformity` tests whether p values are uniform (``isoaux.statistics.calibration``). :func:`report` tests the
activations of any model in one call (``isoaux.statistics.reporting``).
"""

from isoaux.statistics.basis import RECORDED, basis_test, basis_tests, null_draws
from isoaux.statistics.calibration import Uniformity, band, uniformity
from isoaux.statistics.directions import CONCENTRATIONS, Concentration, DirectionTest, direction_test
from isoaux.statistics.nulls import LEVEL, BasisTest, test_from_null
from isoaux.statistics.points import BINS, Panel, panel, peak, sin_2t
from isoaux.statistics.reporting import Report, report
from isoaux.statistics.seeds import (
    Interval,
    Paired,
    SeedCount,
    adjust,
    count_of_seeds,
    fisher,
    interval,
    p_of_seeds,
    paired,
    rising_p,
    ruger,
)
from isoaux.statistics.tally import DEFAULT_STATISTICS, MOMENTS, STATISTICS, WIDE_STATISTICS, Statistic

__all__ = [
    "BINS",
    "CONCENTRATIONS",
    "DEFAULT_STATISTICS",
    "LEVEL",
    "MOMENTS",
    "RECORDED",
    "STATISTICS",
    "WIDE_STATISTICS",
    "BasisTest",
    "Concentration",
    "DirectionTest",
    "Interval",
    "Paired",
    "Panel",
    "Report",
    "SeedCount",
    "Statistic",
    "Uniformity",
    "adjust",
    "band",
    "basis_test",
    "basis_tests",
    "count_of_seeds",
    "direction_test",
    "fisher",
    "interval",
    "null_draws",
    "p_of_seeds",
    "paired",
    "panel",
    "peak",
    "report",
    "rising_p",
    "ruger",
    "sin_2t",
    "test_from_null",
    "uniformity",
]
