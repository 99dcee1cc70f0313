"""The study of what a representation is made of."""

from isoaux.studies.compositions import claims, data, figures, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "compositions",
    "A primer on representations",
    words=report.words,
    read=data.read,
    draw=figures.draw,
    thumbnail=figures.thumbnail,
    thumbnail_words=", sample images, or curves",
    measurements=("offsets",),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
