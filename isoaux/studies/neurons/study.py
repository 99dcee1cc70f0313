"""The study of what single neurons tell about classes."""

from isoaux.studies.neurons import claims, data
from isoaux.studies.protocol import Study

STUDY = Study(
    "neurons",
    "The Spotlight Resonance Method, App. B.2",
    read=data.read,
    measurements=("neurons", "neurons-planes"),
    deciders=claims.DECIDERS,
)
