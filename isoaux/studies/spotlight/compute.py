"""Train the networks of the Spotlight Resonance Method and measure them: representations of the test set, [-1, 1]."""

from dataclasses import asdict
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import srm
from isoaux.common.archive import Arrays
from isoaux.paper import Figure
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import steps
from isoaux.studies.spotlight import measuring
from isoaux.studies.spotlight.data import PADDED, check
from isoaux.studies.spotlight.measuring import Setting
from isoaux.training import snapshots
from isoaux.training.data import Images
from isoaux.training.store import Entry

LINES = 300
"""Planes up to which every one is published as a line; of more, how many lines pass each angle at each height."""

HEIGHTS = 200
"""Heights of such a picture."""


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure of the spotlight's networks: what is measured of each, and every plane of the first one.

    Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`; ValueError also for settings that
    :func:`isoaux.studies.spotlight.data.check` refuses.
    """
    check(figure, settings)
    size, entry = settings.size, figure.entry
    setting = Setting(
        settings.epsilon_for(figure), size.draws, size.final_draws, "control" in entry, "heights" in entry
    )
    rows = steps.rows(figure, settings, partial(_measure, setting=setting), reads="test", **options)
    parts = rows.measured
    m, n = (max(part["basis"].shape[axis] for part in parts.values()) for axis in (0, 1))
    padded = {
        network: part | {name: _padded(part[name], name, m, n) for name in PADDED} for network, part in parts.items()
    }
    rows.measured.update(padded)
    first = next(iter(parts))
    shown = Entry(first, rows.images.checksum)
    drawn = asdict(setting) | {"parts": HEIGHTS, "lines": LINES}
    more = {
        "epochs": np.array(first.recipe.checkpoints),
        **measurement.cached(shown, "spotlight-planes", drawn, lambda: _planes(shown, rows.images, setting)),
    }
    about = {"images": len(rows.images.test), "grid": list(srm.EPSILONS), "classes": list(rows.images.classes)}
    return steps.result(rows, more, about)


def _measure(entry: Entry, images: Images, setting: Setting) -> Arrays:
    """What :mod:`isoaux.studies.spotlight.measuring` has of one network, and its basis; cached beside its snapshots."""
    basis, seed = snapshots.vectors(entry), entry.network.seed
    draws = setting.on_grid(*basis.shape)

    @cache
    def encoded() -> list[NDArray[Any]]:
        return [layers[0] for layers in snapshots.of_tests(entry, images)]

    def through() -> Arrays:
        return measuring.measured(encoded(), basis, setting, seed) | {"basis": basis.astype(np.float32)}

    def on_grid() -> Arrays:
        return measuring.on_grid(encoded()[-1], basis, draws, seed)

    def varying() -> Arrays:
        return measuring.varying(encoded()[-1], basis, setting.epsilon, setting.final_draws, seed)

    arrays = measurement.cached(entry, "spotlight", asdict(setting), through)
    arrays |= measurement.cached(entry, "spotlight-grid", {"draws": draws}, on_grid)
    about = {"epsilon": setting.epsilon, "draws": setting.final_draws}
    return arrays | measurement.cached(entry, "spotlight-varying", about, varying)


def _padded(values: NDArray[Any], name: str, m: int, n: int) -> NDArray[Any]:
    """Values with NaN behind them, so that those of all networks of a figure have one shape."""
    shape = {"basis": (m, n), "mean": (*values.shape[:-1], n), "sd": (*values.shape[:-1], n)}
    full = np.full(shape.get(name, (*values.shape[:-1], m)), np.nan, values.dtype)
    full[tuple(slice(length) for length in values.shape)] = values
    return full


def _planes(entry: Entry, images: Images, setting: Setting) -> Arrays:
    """The spotlight in every plane before and after training, in the combination variant, and that of the basis.

    ``lines`` (2, planes, A), counts of images, or with more than :data:`LINES` planes ``passing`` (2, A, heights), how
    many lines pass each height, of equal parts up to the largest share, ``top`` (2,), on the way to the next angle;
    ``mean_lines`` (2, A). Of the basis ``own_lines`` or ``own_passing``, and ``own_mean_lines``. With controls the same
    of the last checkpoint in each of their bases, ``standard_lines`` ...
    """
    recipe, basis = entry.network.recipe, snapshots.vectors(entry)
    ends = [layers[0] for layers in snapshots.of_tests(entry, images, (0, recipe.epochs))]
    shares = np.stack([srm.spotlight(z, basis, setting.epsilon) for z in ends])
    arrays = _lines(shares, len(images.test), "") | _lines(srm.itself(basis, setting.epsilon)[None], 10_000, "own_")
    if setting.control:
        controls = measuring.control_bases(basis, entry.network.seed)
        for name, control in zip(measuring.CONTROLS, controls, strict=True):
            arrays |= _lines(srm.spotlight(ends[-1], control, setting.epsilon)[None], len(images.test), f"{name}_")
    return arrays


def _lines(shares: NDArray[Any], whole: int, name: str) -> Arrays:
    """Arrays of the shares (K, planes, A) of all planes; ``whole`` is the count that a share of 1 is stored as."""
    mean = {f"{name}mean_lines": shares.mean(axis=1).astype(np.float32), f"{name}whole": np.array(whole)}
    if shares.shape[1] <= LINES:
        return mean | {f"{name}lines": np.rint(shares * whole).astype(np.uint16)}
    top = shares.max(axis=(1, 2))
    scaled = shares / np.where(top > 0, top, 1)[:, None, None]
    places = np.minimum((scaled * HEIGHTS).astype(np.int64), HEIGHTS - 1)
    following = np.concatenate([places[:, :, 1:], places[:, :, -1:]], axis=2)
    passing = np.zeros((len(shares), shares.shape[2], HEIGHTS), np.uint16)
    for k, angle in np.ndindex(len(shares), shares.shape[2]):
        here, there = places[k, :, angle], following[k, :, angle]
        first, last = np.minimum(here, there), np.maximum(here, there)
        ends = np.bincount(first, minlength=HEIGHTS + 1) - np.bincount(last + 1, minlength=HEIGHTS + 1)
        passing[k, angle] = np.cumsum(ends)[:HEIGHTS]
    return mean | {f"{name}passing": passing, f"{name}top": top}
