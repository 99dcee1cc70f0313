"""How fast points become a picture: against one Gaussian after the other, and beside its floor.

python benchmarks/bench_density.py
"""

from functools import partial

import numpy as np
import torch
from common import Row, Side, alternate, copy, faster, machine, product, save
from numpy.typing import NDArray

from isoaux import density
from isoaux.training import threads

BENCH = "density"
POINTS, RESOLUTION, WINDOW, BANDWIDTH = 50_000, 200, 3.0, 0.0075
SHARE = 100
"""The loop is given one point in so many, and its time is scaled."""
TARGETS = {"exact": (50.0, 200.0), "binned": (1000.0, 5000.0)}
"""Times faster than the loop, and the stretch goal."""

Floats = NDArray[np.float64]


def one_by_one(points: Floats, window: float, resolution: int, bandwidth: float) -> Floats:
    """One Gaussian after the other on the whole grid."""
    centres = (np.arange(resolution) + 0.5) * 2 * window / resolution - window
    sigma = 2 * bandwidth * window
    image = np.zeros((resolution, resolution))
    for x, y in points:
        image += np.exp(-((centres - x) ** 2 + (centres[:, None] - y) ** 2) / (2 * sigma**2))
    return image


def measure(rounds: int) -> list[Row]:
    """A row for each of the two methods."""
    points = np.random.default_rng(0).standard_normal((POINTS, 2))
    few = points[::SHARE]
    gemm, operations = product(torch.float64)
    move, moved = copy(2 * points.nbytes)
    sides: dict[str, Side] = {"product": gemm, "copy": move}
    sides["loop"] = lambda: one_by_one(few, WINDOW, RESOLUTION, BANDWIDTH)
    for method in density.METHODS:
        sides[method] = partial(density.render, points, WINDOW, RESOLUTION, BANDWIDTH, method)
    with threads.limited():
        times = alternate(sides, rounds)
    must_move = (points.nbytes + 8 * RESOLUTION**2) * times["copy"] / moved
    floors = {
        "exact": max(must_move, 2.0 * POINTS * RESOLUTION**2 * times["product"] / operations),
        "binned": must_move,
    }
    said = {
        "exact": "the floor is one matrix product of both axes' kernels",
        "binned": "the floor is one pass over the points",
    }
    return [
        faster(
            BENCH,
            f"render {POINTS:,} points, {RESOLUTION} x {RESOLUTION}, {method}",
            (SHARE * times["loop"], 1),
            times[method],
            dtype="float64",
            floor_s=floors[method],
            target=target,
            stretch=stretch,
            note=f"the loop measured on {len(few)} points and scaled; {said[method]}",
        )
        for method, (target, stretch) in TARGETS.items()
    ]


def main(rounds: int = 7) -> None:
    """Measure both methods."""
    about = machine()
    save(BENCH, measure(rounds), about)


if __name__ == "__main__":
    main()
