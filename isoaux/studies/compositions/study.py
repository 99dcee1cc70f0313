"""The study of what a representation is made of."""

from isoaux.studies.compositions import claims, data, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "compositions",
    "A primer on representations",
    words=report.words,
    read=data.read,
    measurements=("offsets",),
    deciders=claims.DECIDERS,
)
