"""The numbers that say whether a stored or published result is still what today's code would give."""

ENGINE_VERSION = 1
"""Raised by hand when trained parameters change; part of every key of the store."""

MEASURE_VERSION = 2
"""Raised by hand when a published statistic or density changes; written into every published file."""

FORMAT_VERSION = 1
"""Layout of the published files; a reader refuses files of a newer format."""
