"""The study of Section 3."""

from isoaux.studies.protocol import Study
from isoaux.studies.thresholds import claims, data, figures, report

STUDY = Study(
    "thresholds",
    "Section 3",
    read=data.read,
    draw=figures.panel_grid,
    thumbnail=figures.thumbnail,
    measurements=("thresholds",),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
