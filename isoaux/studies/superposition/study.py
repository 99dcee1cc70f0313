"""The study of superposition in toy models."""

from isoaux.studies.protocol import Study
from isoaux.studies.superposition import claims, data

STUDY = Study("superposition", "The primer on representations", read=data.read, deciders=claims.DECIDERS)
