"""The study of Appendix C.2.1."""

from isoaux.studies.affine_maps import claims, data, figures, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "affine_maps",
    "Appendix C.2.1",
    read=data.read,
    draw=figures.panels_by_map,
    thumbnail=figures.thumbnail,
    measurements=("errors", "corrections"),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
