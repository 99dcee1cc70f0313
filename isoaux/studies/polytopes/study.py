"""The study of the polytope lens."""

from isoaux.studies.polytopes import claims, data, figures, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "polytopes",
    "The polytope lens",
    words=report.words,
    read=data.read,
    draw=figures.draw,
    thumbnail=figures.thumbnail,
    measurements=("slices", "boundaries", "regions", "scaling", "gates"),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
