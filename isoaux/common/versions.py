"""Version numbers of stored and published results: they differ where today's code would give other results."""

ENGINE_VERSION = 1
"""Raised by hand when trained parameters change; part of every content key of the store."""

MEASURE_VERSION = 3
"""Raised by hand when a published statistic or density changes; written into every published file."""

FORMAT_VERSION = 1
"""Raised by hand when the layout of published files changes; files of a newer format are refused."""
