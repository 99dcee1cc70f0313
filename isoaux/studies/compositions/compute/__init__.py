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
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.paper import Figure
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies.compositions import data
from isoaux.studies.compositions.compute import grids, offsets, purple
from isoaux.studies.compositions.compute.training import BATCH, LEARNING_RATE, MOMENTUM
from isoaux.studies.compositions.data import Size
from isoaux.training import store, threads

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
    place = _place(part, size, seed)
    try:
        stored = None if anew else archive.read(place)
    except (FileNotFoundError, ValueError):
        stored = None
    if stored is None:
        before = time.process_time()
        with threads.limited():
            arrays = PARTS[part](size, seed)
        archive.write(place, arrays, {"seconds": round(time.process_time() - before, 1)})
        stored = archive.read(place)
    return stored


def _facts(figure: Figure, settings: Settings, seeds: tuple[int, ...], each: list[dict[str, Any]]) -> dict[str, Any]:
    size = data.SIZES_OF[settings.profile]
    differing = [
        f"{name} {value} instead of {full}"
        for (name, value), full in zip(asdict(size).items(), asdict(data.FULL).values(), strict=True)
        if value != full and name != "digits"
    ]
    lacking = [f"{len(seeds)} of 5 seeds"] if len(seeds) < 5 else []
    return {
        "figure": figure.name,
        "profile": settings.profile,
        "dataset": "rendered shapes on coloured backgrounds",
        "size": asdict(size),
        "epochs": None,
        "layer": None,
        "dtype": "float32",
        "epsilon": None,
        "basis": "standard",
        "variant": "combination",
        "draws": size.draws,
        "final_draws": size.draws,
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
        "failed": [],
        "rows": [],
        "seeds": list(seeds),
        "seconds": round(sum(facts["seconds"] for facts in each), 1),
        "device": "cpu",
        "versions": store.versions(),
        "commit": store.commit(),
        "deviations": differing + lacking,
    }
