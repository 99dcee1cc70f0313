"""The study of the planes of Thomson-like bases."""

from isoaux.studies.protocol import Study
from isoaux.studies.vector_planes import data, figures, report

STUDY = Study(
    "vector_planes",
    "The Spotlight Resonance Method",
    words=report.words,
    read=data.read,
    draw=figures.panels,
    thumbnail=figures.thumbnail,
    thumbnail_words=", the planes of every basis at the last epoch",
    measurements=("vector-planes",),
    compared=report.compared,
)
