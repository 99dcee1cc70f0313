"""Networks that name the qualities of an image, trained and measured; the only module of the study that needs torch.

Figures differ in their ``part`` of the catalogue. The networks of ``pairs``, ``purple`` and ``linearity`` are small and
trained here, a seed's all together; what was measured of a seed is kept in the cache. ``offsets`` are measured of the
catalogue's classifiers.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from isoaux.common import archive, disk, paths, work
from isoaux.common.archive import Arrays, Published
from isoaux.common.choices import choose
from isoaux.common.versions import MEASURE_VERSION
from isoaux.paper import Figure
from isoaux.records.facts import without_networks
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies.compositions import data
from isoaux.studies.compositions.compute import grids, offsets, purple
from isoaux.studies.compositions.compute.training import BATCH, LEARNING_RATE, MOMENTUM
from isoaux.studies.compositions.data import Size
from isoaux.training import threads

PARTS: Mapping[str, Callable[[Size, int], Arrays]] = {
    "pairs": grids.pairs,
    "purple": purple.purple,
    "linearity": grids.linearity,
}
"""What trains and measures the networks of a seed for a figure of rendered images, by its part."""


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure; options as in ``Study.compute``.

    Rendered images take seconds to minutes to train on, so for their figures ``train`` and ``budget`` change nothing.
    Raises ValueError as :func:`isoaux.studies.compositions.data.check`; for the figures on offsets what
    :func:`isoaux.studies.steps.rows` raises.
    """
    if figure.entry["networks"]:
        return offsets.compute(figure, settings, data.SIZES_OF[settings.profile], **options)
    data.check(figure, settings)
    return _rendered(figure, settings, options.get("jobs"))


def _rendered(figure: Figure, settings: Settings, jobs: int | None) -> Result:
    part, size = str(figure.entry["part"]), data.SIZES_OF[settings.profile]
    choose("part", part, PARTS)
    seeds = tuple(sorted(settings.seeds_for(figure)))
    each = work.each(partial(_of_seed, part, size, settings.retrain), seeds, "seed", jobs)
    arrays = {name: np.stack([seed.arrays[name] for seed in each]) for name in each[0].arrays}
    if part == "pairs":
        arrays["images"] = grids.examples(size, seeds[0])
    if part == "purple":
        arrays["images"] = purple.examples(size, seeds[0])
    return Result(figure, Published(arrays, _facts(figure, settings, seeds, [s.facts for s in each])), {}, {})


def _place(part: str, size: Size, seed: int) -> Any:
    """Where the numbers of a seed are kept."""
    how = {"rate": LEARNING_RATE, "momentum": MOMENTUM, "batch": BATCH, "measure": MEASURE_VERSION}
    return paths.cache() / "compositions" / disk.digest({"part": part, "seed": seed, "size": asdict(size)} | how)


def _of_seed(part: str, size: Size, anew: bool, seed: int) -> Published:
    """The numbers of a seed's networks, from the cache or from networks that are trained now; with the time it took."""
    return archive.kept(_place(part, size, seed), partial(_trained, part, size, seed), anew)


def _trained(part: str, size: Size, seed: int) -> Published:
    before = time.process_time()
    with threads.limited():
        arrays = PARTS[part](size, seed)
    return Published(arrays, {"seconds": round(time.process_time() - before, 1)})


def _facts(figure: Figure, settings: Settings, seeds: tuple[int, ...], each: list[dict[str, Any]]) -> dict[str, Any]:
    size = data.SIZES_OF[settings.profile]
    differing = [
        f"{name} {value} instead of {full}"
        for (name, value), full in zip(asdict(size).items(), asdict(data.FULL).values(), strict=True)
        if value != full and name != "digits"
    ]
    lacking = [f"{len(seeds)} of 5 seeds"] if len(seeds) < 5 else []
    about = {
        "figure": figure.name,
        "profile": settings.profile,
        "size": asdict(size),
        "deviations": differing + lacking,
    }
    return about | without_networks(
        dataset="rendered shapes on coloured backgrounds",
        draws=size.draws,
        seeds=seeds,
        seconds=sum(seed["seconds"] for seed in each),
    )
