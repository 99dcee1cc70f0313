"""The study of Appendix C.3."""

from isoaux.studies.perturbation import claims, data, figures, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "perturbation",
    "Appendix C.3",
    read=data.read,
    draw=figures.curves,
    thumbnail=figures.thumbnail,
    measurements=("perturbation",),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
