"""The study of Appendix D."""

from isoaux.studies.protocol import Study
from isoaux.studies.reconstruction import claims, data, figures, report

STUDY = Study(
    "reconstruction",
    "Appendix D",
    words=report.words,
    read=data.read,
    draw=figures.curves,
    measurements=("record", "errors"),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
