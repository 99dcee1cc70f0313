"""The study of a sentence transformer that others trained."""

from isoaux.studies.protocol import Study
from isoaux.studies.transformer import claims, data, figures, report

STUDY = Study(
    "transformer",
    "Beyond the paper",
    words=report.words,
    read=data.read,
    draw=figures.by_layer,
    thumbnail=figures.thumbnail,
    thumbnail_words=", points near the planes of neurons, a row per part of its layers",
    deciders=claims.DECIDERS,
)
