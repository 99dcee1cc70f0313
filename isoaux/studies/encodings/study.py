"""The study of compression and of features that needs no network."""

from isoaux.studies.encodings import claims
from isoaux.studies.protocol import Study

STUDY = Study("encodings", "The primer on representations", deciders=claims.DECIDERS)
