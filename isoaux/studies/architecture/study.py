"""The study of Appendix E."""

from isoaux.studies.architecture import claims, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "architecture",
    "Appendix E, and Appendices E and H of the paper on the Spotlight Resonance Method",
    words=report.words,
    deciders=claims.DECIDERS,
)
