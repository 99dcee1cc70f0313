"""Claims about the threshold and about both variants of the projection."""

from collections.abc import Mapping

import numpy as np

from isoaux.bases import VARIANTS
from isoaux.paper import GROUPS
from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, Reader, result_of, share
from isoaux.records.panel_values import FEWEST
from isoaux.statistics import LEVEL, isotropic
from isoaux.studies.thresholds import report


def threshold_counts(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks that have fewer points, or none left, at every larger threshold."""
    count = result_of(claim, reader).drawing["count"]
    falls = ((np.diff(count, axis=1) < 0) | (count[:, 1:] == 0)).all(1)
    return share(int(falls.sum()), len(falls), "networks with fewer points at every larger threshold", len(falls))


def threshold_structure(claim: Claim, reader: Reader) -> Evidence:
    """The share of anisotropic networks with c4 on the same side of their random bases at all larger thresholds.

    The side that it is on at the paper's threshold (``than``), at all larger ones that leave enough points for angles.
    A network without a larger threshold of that kind, or of which c4 does not differ at the paper's, is undecided.
    """
    result = result_of(claim, reader)
    rows = [row for row, (configuration, _) in enumerate(result.rows) if GROUPS[configuration.activation] != "O(n)"]
    count, c4, null = (result.drawing[name][rows] for name in ("count", "c4", "null_c4"))
    middle = np.ma.filled(np.ma.median(np.ma.masked_invalid(null), axis=-1), np.nan)
    thresholds = result.drawing["epsilon"]
    (paper,) = np.flatnonzero(np.isclose(thresholds, claim.decide["than"]))
    side, seen = np.sign(c4 - middle), count >= FEWEST
    larger = (thresholds > thresholds[paper] + 1e-9) & seen
    special = seen[:, paper] & (report.p_values(result, rows, "c4")[:, paper] <= LEVEL)
    known = special & larger.any(1)
    same = ((side == side[:, [paper]]) | ~larger).all(1)
    words = f"networks with c4 on the same side at all thresholds above {thresholds[paper]:g}"
    return share(int((same & known).sum()), len(rows), words, len(rows), undecided=int((~known).sum()))


def both_orders(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean of bins at the axes with both orders of every pair over that with one order.

    For isotropic samples in closed form (App. A.1), at the figure's threshold. A sample near an axis enters all planes
    of that axis; with both orders all of these points are in one bin instead of two.
    """
    result = result_of(claim, reader)
    n, epsilon = result.rows[0][0].n, result.facts["epsilon"]
    at_axes = {variant: isotropic.moments(1, n, epsilon, variant).inflation[0] for variant in VARIANTS}
    ratio = at_axes["permutation"] / at_axes["combination"]
    return Evidence(float(ratio), words="variance over mean at the axes, both orders over one")


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider for decider in (threshold_counts, threshold_structure, both_orders)
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
