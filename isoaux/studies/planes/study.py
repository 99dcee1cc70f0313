"""The study of Section 4 and Appendix B."""

from isoaux.records import reading
from isoaux.studies.planes import alignment_claims, claims, figures, report, setting_claims
from isoaux.studies.protocol import Study

STUDY = Study(
    "planes",
    "Section 4 and Appendix B",
    read=reading.read,
    draw=figures.panel_grid,
    thumbnail=figures.thumbnail,
    thumbnail_words=" at its last checkpoint, a line of networks per activation",
    measurements=("record", "row", "representations"),
    compared=report.compared,
    deciders={**alignment_claims.DECIDERS, **claims.DECIDERS, **setting_claims.DECIDERS},
)
