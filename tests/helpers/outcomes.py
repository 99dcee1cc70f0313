"""What a run may leave behind, cut from what is published: few seeds or none, no points, networks that ran away.

A folder of published files is a dictionary of :class:`isoaux.common.archive.Published` by place; an outcome is a change
of it. Pictures, random bases and samples are thinned first, which changes no kind of outcome and makes all of them
quick.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from roots import ROOT

from isoaux.common import archive
from isoaux.common.archive import Published
from isoaux.paper import GROUPS, Configuration, figure
from isoaux.settings import Settings
from isoaux.studies.reconstruction import data as reconstruction_data

DATA = ROOT / "book" / "data"

GRIDS = ("fig01", "fig16", "figX4")
"""Networks of both kinds of pixels and of a third group, one figure of a later layer."""

ENSEMBLES = ("fig04", "fig05", "fig06", "fig07")

OTHERS = ("figX5", "figX6", "figX7", "figX8")

CURVES = ("fig35",)
"""A figure of error curves, which is read from the records alone."""

Folder = dict[str, Published]

NOT_BY_ROW = ("planes", "epochs", "size", "epsilon", "sample", "shown")
"""Arrays whose first axis is not that of the seeds or rows."""

OF_POINTS = ("count", "c4", "s2", "histogram", "plane_counts", "kept_samples", "most_planes", "axes_half",
             "sectors_half", "axis_share", "diagonal_share", "crowd_share", "outer_crowd_share", "radius_quantiles",
             "density", "mean", "variance", "kept_share", "axis_cluster", "plane_cluster", "planes_filled")  # fmt: skip
"""What is measured of the points, by the end of an array's name: without points all of it is 0."""

MEANS = ("c4", "s2", "axis_share", "diagonal_share", "radius_quantiles")
"""Means over the points, which are no number where there is no point."""

PREPARED = ("_centred", "_whitened")
"""Behind the names of statistics of centred and whitened representations."""


def load() -> Folder:
    """The published files that the outcomes are cut from, thinned."""
    folder = {}
    for name in (*GRIDS, *ENSEMBLES, *OTHERS):
        folder[name] = archive.read(DATA / name)
    networks = {row["configuration"] for name in GRIDS for row in folder[name].facts["rows"]}
    networks |= {own.id for name in CURVES for own in figure(name).configurations}
    for network in sorted(networks):
        for part in ("networks", "representations"):
            if (DATA / part / f"{network}.json").is_file():
                folder[f"{part}/{network}"] = archive.read(DATA / part / network)
    for name in CURVES:  # without a file: drawn from the records
        folder[name] = reconstruction_data.read(figure(name), Settings(), DATA).drawing
    return {place: Published(_thin(each.arrays), each.facts) for place, each in folder.items()}


def _thin(arrays: dict[str, Any]) -> dict[str, Any]:
    """Arrays with every fourth checkpoint, small pictures, few random bases and few samples."""
    thin, checkpoints = dict(arrays), len(arrays.get("epochs", ()))
    for name, values in arrays.items():
        if name == "density":
            thin[name] = values[..., ::4, ::4]
        elif "null_" in name:
            thin[name] = values[..., :39]
        elif name == "values":  # (..., samples, neurons), of every seed from measure version 3 on
            thin[name] = values[..., :200, :]
        elif name == "planes_entered":
            thin[name] = values[..., :200]
        elif name == "sample":
            thin[name] = values[:200]
        if checkpoints and name == "epochs":
            thin[name] = values[::4]
        elif checkpoints and thin[name].ndim > 1 and values.shape[1] == checkpoints:
            thin[name] = thin[name][:, ::4]
    return thin


def write(folder: Folder, to: Path) -> None:
    """Write all files of an outcome below ``to``."""
    for place, each in folder.items():
        if place in CURVES:
            continue
        (to / place).parent.mkdir(parents=True, exist_ok=True)
        archive.write(to / place, each.arrays, each.facts)


# --- cutting


def rows(each: Published, keep: Callable[[Configuration, int], bool]) -> Published:
    """A record or figure file with those rows alone whose configuration and seed are kept."""
    facts = dict(each.facts)
    if facts.get("rows"):
        labels = [(Configuration.parse(row["configuration"]), row["seed"]) for row in facts["rows"]]
    elif "configuration" in facts:
        labels = [(Configuration.parse(facts["configuration"]), seed) for seed in facts["seeds"]]
    else:  # panels without networks: a row a seed
        labels = [(Configuration.parse("cifar-U-tanh-n18-L0"), seed) for seed in facts["seeds"]]
    kept = [r for r, label in enumerate(labels) if keep(*label)]
    arrays = dict(each.arrays)
    for name, values in each.arrays.items():
        if name == "density" and "shown" in arrays:
            shown = [at for at, r in enumerate(each["shown"]) if r in kept]
            arrays[name] = values.reshape(-1, 2, *values.shape[1:])[shown].reshape(-1, *values.shape[1:])
            arrays["shown"] = np.array([kept.index(r) for r in each["shown"][shown]], np.int64)
        elif name not in NOT_BY_ROW:
            arrays[name] = values[kept]
    if facts.get("rows"):
        facts["rows"] = [facts["rows"][r] for r in kept]
    facts["seeds"] = sorted({labels[r][1] for r in kept})
    names = dict.fromkeys(f"{own.id} seed {seed}: the loss was nan" for own, seed in labels if not keep(own, seed))
    facts["failed"] = list(names) if "rows" in facts or "configuration" in facts else []
    return Published(arrays, facts)


def _kept(keep: Callable[[Configuration, int], bool]) -> Callable[[Folder], Folder]:
    """Some seeds alone; representations of none are not published, and of measure version 2 stay what they are."""

    def cut(folder: Folder) -> Folder:
        left = {place: each if "seed" in each.facts else rows(each, keep) for place, each in folder.items()}
        empty = [
            place for place in left if place.startswith("representations/") and left[place].facts.get("seeds") == []
        ]
        return {place: each for place, each in left.items() if place not in empty}

    return cut


def _without(lost: Callable[[Configuration], bool]) -> Callable[[Folder], Folder]:
    """All networks of some configurations failed, so that there are no records of them."""

    def cut(folder: Folder) -> Folder:
        names = [place for place in folder if "/" in place and lost(Configuration.parse(place.rpartition("/")[2]))]
        left = {place: each for place, each in folder.items() if place not in names}
        return _kept(lambda own, seed: not lost(own))(left)

    return cut


def _changed(change: Callable[[str, Any], Any]) -> Callable[[Folder], Folder]:
    def cut(folder: Folder) -> Folder:
        return {
            place: Published({name: change(name, values) for name, values in each.arrays.items()}, each.facts)
            for place, each in folder.items()
        }

    return cut


def _is_of(name: str, ends: Iterable[str]) -> bool:
    """Whether an array holds one of these statistics, raw or prepared, or its test."""
    name = name.removesuffix("_test")
    for prepared in PREPARED:
        name = name.removesuffix(prepared)
    return any(name == end or name.endswith(f"_{end}") for end in ends) and not name.startswith("norm_")


def _no_points(name: str, values: Any) -> Any:
    if name == "values":  # the representations themselves: no sample comes near a plane of two neurons
        return np.ones_like(values)
    if name.endswith("_test") and _is_of(name, OF_POINTS):  # p, effect and quantiles among random bases without points
        return np.where(np.isnan(values), np.nan, [1, 0, 0, 0, 0])
    return np.zeros_like(values) if _is_of(name, OF_POINTS) else values


def _no_number(name: str, values: Any) -> Any:
    return np.full(values.shape, np.nan) if _is_of(name, MEANS) else _no_points(name, values)


def _runs_away(size: float) -> Callable[[str, Any], Any]:
    """Errors of the last seeds grow beyond all bounds in the middle of training."""

    def change(name: str, values: Any) -> Any:
        if name.startswith(("test_error", "train_loss")):
            values = values.copy()
            values[1:, values.shape[1] // 2 :] = size
        return values

    return change


def anisotropic(own: Configuration) -> bool:
    return GROUPS[own.activation] != "O(n)"


OUTCOMES: dict[str, Callable[[Folder], Folder]] = {
    "nothing": lambda folder: {},
    "no seed": _kept(lambda own, seed: False),
    "one seed": _kept(lambda own, seed: seed == 0),
    "no common seed": _kept(lambda own, seed: seed == (0 if anisotropic(own) else 1)),
    "anisotropic alone": _without(lambda own: not anisotropic(own)),
    "no points": _changed(_no_points),
    "no numbers, and broke off": lambda folder: _changed(_runs_away(np.nan))(_changed(_no_number)(folder)),
}
"""What may come out of a run, from everything to nothing; two seeds are what the pages get at the profile smoke."""


def some_figures(folder: Folder, names: Iterable[str]) -> Folder:
    """A folder without some figure files; the records of their networks stay."""
    return {place: each for place, each in folder.items() if place not in set(names)}


OUTCOMES["records alone"] = lambda folder: some_figures(folder, (*GRIDS, *ENSEMBLES, *OTHERS))
