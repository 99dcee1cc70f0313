"""Activations wherever they are: arrays, files, folders and models, sampled before they are copied.

``opening`` has :func:`isoaux.open`, ``hooks`` has :func:`isoaux.capture`; both give a
:class:`isoaux.sources.sample.Sample`.
"""
