"""Is this basis special? Statistics of PPP points, their law where nothing is special, and what several networks say.

:func:`basis_test` compares a statistic of the measured basis with its values in random bases
(``isoaux.statistics.basis``); :func:`direction_test` asks, without a basis, whether directions are discrete
(``isoaux.statistics.directions``); :func:`fisher`, :func:`median_p`, :func:`count_of_seeds`, :func:`paired`,
:func:`interval` and :func:`adjust` make one statement of several networks (``isoaux.statistics.seeds``);
:func:`uniformity` asks whether p values are what they promise (``isoaux.statistics.calibration``).
:func:`report` does what a matrix of activations of any model needs, in one call (``isoaux.statistics.reporting``).
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
    median_p,
    paired,
    rising_p,
)
from isoaux.statistics.tally import STATISTICS, Statistic

__all__ = [
    "BINS",
    "CONCENTRATIONS",
    "LEVEL",
    "RECORDED",
    "STATISTICS",
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
    "median_p",
    "null_draws",
    "paired",
    "panel",
    "peak",
    "report",
    "rising_p",
    "sin_2t",
    "test_from_null",
    "uniformity",
]
