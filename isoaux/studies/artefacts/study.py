"""The study of Appendix A."""

from isoaux.studies.artefacts import claims, data, figures, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "artefacts",
    "Appendix A",
    words=report.words,
    read=data.read,
    draw=figures.panel_grid,
    thumbnail=figures.thumbnail,
    deciders=claims.DECIDERS,
)
