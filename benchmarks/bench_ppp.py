"""How fast PPP, its density and its null draws are: ratios against the obvious loops, timed side by side.

    OMP_NUM_THREADS=1 python benchmarks/ppp.py [repeats]

Every round times both sides one after the other, so that a busy machine slows both; medians over rounds.
"""

import statistics as averages
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, density, ppp, statistics

SAMPLES, WIDTH, EPSILON = 50_000, 18, 0.75


def plane_by_plane(activations: NDArray, basis: NDArray) -> NDArray:
    """Sec. 3 for one plane after the other: Gram-Schmidt, pseudo-inverse, norms, mask, append."""
    kept = []
    for i, first in enumerate(basis):
        for second in basis[i + 1 :]:
            rest = second - (second @ first) * first
            plane = np.stack([first, rest / np.linalg.norm(rest)])
            coefficients = activations @ np.linalg.pinv(plane)
            parallel = coefficients @ plane
            near = np.linalg.norm(parallel, axis=1) / np.linalg.norm(activations, axis=1) > EPSILON
            kept.append(coefficients[near])
    return np.concatenate(kept)


def one_by_one(points: NDArray, window: float, resolution: int, bandwidth: float) -> NDArray:
    """One Gaussian after the other on the whole grid."""
    centres = (np.arange(resolution) + 0.5) * 2 * window / resolution - window
    image = np.zeros((resolution, resolution))
    for x, y in points:
        image += np.exp(-((centres - x) ** 2 + (centres[:, None] - y) ** 2) / (2 * (2 * bandwidth * window) ** 2))
    return image


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(name: str, slow: Callable[[], object], fast: Callable[[], object], repeats: int, share: int = 1) -> None:
    """Print both times and their ratio; ``share`` is how many times less work the slow side was given."""
    rounds = [(share * seconds(slow), averages.median(seconds(fast) for _ in range(5))) for _ in range(repeats)]
    before, after = (averages.median(side) for side in zip(*rounds, strict=True))
    ratio = averages.median(a / b for a, b in rounds)
    print(f"{name:<44} {1e3 * before:10.0f} ms {1e3 * after:8.2f} ms {ratio:8.0f} x", flush=True)


def oblique(rng: np.random.Generator) -> NDArray:
    rows = rng.standard_normal((WIDTH, WIDTH))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def main(repeats: int) -> None:
    rng = np.random.default_rng(0)
    gaussian = rng.standard_normal((SAMPLES, WIDTH))
    aligned = 0.25 * gaussian
    aligned[np.arange(SAMPLES), rng.integers(0, WIDTH, SAMPLES)] += 3
    clouds = {"gaussian": gaussian, "aligned": aligned}
    frames = {"standard": np.eye(WIDTH), "simplex": bases.simplex(WIDTH), "random unit rows": oblique(rng)}
    for cloud, basis in (
        ("gaussian", "standard"),
        ("aligned", "standard"),
        ("gaussian", "simplex"),
        ("gaussian", "random unit rows"),
    ):
        slow, fast = plane_by_plane(clouds[cloud], frames[basis]), ppp.project(clouds[cloud], frames[basis])
        assert len(slow) == len(fast.points)
        compare(
            f"project, {cloud}, {basis} ({len(slow)} points)",
            lambda c=cloud, b=basis: plane_by_plane(clouds[c], frames[b]),
            lambda c=cloud, b=basis: ppp.project(clouds[c], frames[b]),
            repeats,
        )
    for count in (10_000, 200_000):
        points = rng.standard_normal((count, 2))
        few = points[: count // 100]
        for method in density.METHODS:
            compare(
                f"render, {method}, {count} points",
                lambda f=few: one_by_one(f, 3, 200, 0.0075),
                lambda p=points, m=method: density.render(p, 3, 200, 0.0075, m),
                repeats,
                share=100,
            )
    for dtype in (np.float64, np.float32):
        for name, cloud in clouds.items():
            single = [
                seconds(lambda c=cloud, d=dtype: statistics.null_draws(c.astype(d), 20, 0)) for _ in range(repeats)
            ]
            print(f"null draw, {name}, {np.dtype(dtype).name}: {1e3 * averages.median(single) / 20:.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
