"""The study of the Spotlight Resonance Method's networks."""

from isoaux.studies.protocol import Study
from isoaux.studies.spotlight import claims, data

STUDY = Study(
    "spotlight",
    "The Spotlight Resonance Method",
    read=data.read,
    measurements=("spotlight", "spotlight-planes"),
    deciders=claims.DECIDERS,
)
