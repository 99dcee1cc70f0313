"""Random networks with ReLU or Leaky-ReLU, for tests of what holds for every network."""

from collections.abc import Sequence

import numpy as np

from isoaux.polytopes import Net

LEAKS = (0.0, 0.01)


def random_layers(widths: Sequence[int], seed: int, bias: float = 0.5) -> list[tuple[np.ndarray, np.ndarray]]:
    """Gaussian weights of variance 2/in, and biases of standard deviation ``bias``."""
    rng = np.random.default_rng(seed)
    return [
        (rng.standard_normal((m, n)) * np.sqrt(2 / n), bias * rng.standard_normal(m))
        for n, m in zip(widths, widths[1:], strict=False)
    ]


def random_net(widths: Sequence[int], seed: int, leak: float = 0.0, bias: float = 0.5) -> Net:
    return Net(random_layers(widths, seed, bias), leak)


def random_frame(d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two orthonormal vectors (d,)."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, 2)))
    return q[:, 0], q[:, 1]
