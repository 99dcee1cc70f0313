"""The study of the Spotlight Resonance Method's networks."""

from isoaux.studies.protocol import Study
from isoaux.studies.spotlight import claims, data, figures, report

STUDY = Study(
    "spotlight",
    "The Spotlight Resonance Method",
    words=report.words,
    read=data.read,
    draw=figures.draw,
    thumbnail=figures.thumbnail,
    thumbnail_words=", the mean curves of its networks above that of the basis",
    measurements=("spotlight", "spotlight-grid", "spotlight-varying", "spotlight-planes"),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
