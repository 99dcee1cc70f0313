"""The study of Appendix E."""

from isoaux.studies.architecture import claims, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "architecture",
    "Appendix E",
    words=report.words,
    deciders=claims.DECIDERS,
)
