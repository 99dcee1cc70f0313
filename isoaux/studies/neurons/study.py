"""The study of what single neurons tell about classes."""

from isoaux.studies.neurons import claims, data, figures, report
from isoaux.studies.protocol import Study

STUDY = Study(
    "neurons",
    "The Spotlight Resonance Method, App. B.2",
    words=report.words,
    read=data.read,
    draw=figures.by_class,
    thumbnail=figures.thumbnail,
    thumbnail_words=", the signed spotlight of every class at one neuron",
    measurements=("neurons", "neurons-planes"),
    compared=report.compared,
    deciders=claims.DECIDERS,
)
