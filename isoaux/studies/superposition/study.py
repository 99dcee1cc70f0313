"""The study of superposition in toy models."""

from isoaux.studies.protocol import Study
from isoaux.studies.superposition import claims, data, figures, report

STUDY = Study(
    "superposition",
    "The primer on representations",
    words=report.words,
    read=data.read,
    draw=figures.draw,
    thumbnail=figures.thumbnail,
    deciders=claims.DECIDERS,
)
