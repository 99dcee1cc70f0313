"""The settings, figures and networks that the options of a command choose."""

import argparse
from collections.abc import Mapping, Sequence

from isoaux import paper, settings
from isoaux.common.choices import choose
from isoaux.paper import Figure, Network
from isoaux.settings import Settings
from isoaux.site import notebooks
from isoaux.studies import registry


def settings_of(options: argparse.Namespace, profile: str) -> Settings:
    """The settings of a command, with this profile where it names none."""
    names = ("profile", "dataset", "dtype", "depth", "seeds", "device", "epsilon", "basis", "variant", "retrain")
    given = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    return settings.read({"profile": profile} | given)


def settings_to_compute(options: argparse.Namespace, why: str) -> Settings:
    """The settings of a command that computes, by default at profile ``paper``.

    Raises ValueError for the profile ``published``; ``why`` says in the message what is wrong with it.
    """
    chosen = settings_of(options, "paper")
    if chosen.profile == "published":
        raise ValueError(f"profile is 'published', {why}; accepted: smoke, quick or paper.")
    return chosen


def settings_by_figure(options: argparse.Namespace, why: str = "") -> tuple[Settings, dict[str, str]]:
    """The settings of a command, by default at profile ``paper``, and the dtypes of single figures by name.

    Both are in the option ``dtype``, which is ``float32``, ``float32,fig01=float64`` or ``fig01=float64``. Errors as
    :func:`settings_to_compute`, if ``why`` is given; ValueError also for a figure that is unknown, or named twice.
    """
    options = argparse.Namespace(**vars(options))
    dtypes: dict[str, str] = {}
    words = (options.dtype or "").split(",") if options.dtype else []
    for figure, dtype in (word.split("=", 1) for word in words if "=" in word):
        if figure in dtypes:
            raise ValueError(f"dtype is {options.dtype!r}, which names {figure} twice; accepted: once.")
        dtypes[paper.figure(figure).name] = settings.read({"dtype": dtype}).dtype_for()
    options.dtype = ",".join(word for word in words if "=" not in word) or None
    return (settings_to_compute(options, why) if why else settings_of(options, "paper")), dtypes


def figures(names: Sequence[str]) -> list[Figure]:
    """The figures of these names or, of no name, all that have a notebook; ValueError for one that has no data."""
    chosen = [paper.figure(name) for name in names or notebooks.holding()]
    for figure in chosen:
        if registry.of(figure).read is None:
            accepted = ", ".join(name for name, other in paper.figures().items() if registry.of(other).read is not None)
            raise ValueError(f"figure is {figure.name!r}, of which no data are published; accepted: {accepted}.")
    return chosen


def of_shapes(networks: Mapping[str, Sequence[Network]], shapes: Sequence[str] | None) -> dict[str, list[Network]]:
    """Those of some networks, by source of images, that have one of these shapes; all of them where none is named.

    Raises ValueError for a shape that no network has.
    """
    known = {network.configuration.shape: None for members in networks.values() for network in members}
    for shape in shapes or ():
        choose("shape", shape, known)
    chosen = shapes or known
    kept = {source: [n for n in members if n.configuration.shape in chosen] for source, members in networks.items()}
    return {source: members for source, members in kept.items() if members}
