"""Training commutes with every rotation of the input space, whatever the activation.

Let R be orthogonal, and let T turn an autoencoder along with its images: W_enc -> W_enc R^T, W_dec -> R W_dec,
b_dec -> R b_dec. All latents stay what they are and every residual is turned, so that the squared error is the same.
T keeps lengths, so that gradients, and with them momentum and steps, are turned too; and a matrix of independent
normal numbers (Xavier-normal) keeps its law.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from isoaux import bases
from isoaux.common.choices import choose
from isoaux.studies.gradient_flow.data import NEURONS, PreparedTraining, TurnedTraining
from isoaux.training import autoencoder, data, in_memory, threads
from isoaux.training.autoencoder import Parameters


def turned(parameters: Parameters, rotation: Tensor) -> Parameters:
    """The network that does to images turned by ``rotation`` (d, d) what ``parameters`` does to the images.

    Raises ValueError for a matrix that is not orthogonal within 1e-9.
    """
    d = parameters["decoder.weight"].shape[0]
    unit = torch.eye(d, dtype=rotation.dtype)
    if rotation.shape != (d, d) or not torch.allclose(rotation @ rotation.T, unit, rtol=0, atol=1e-9):
        raise ValueError(f"rotation has shape {tuple(rotation.shape)}; accepted: an orthogonal matrix ({d}, {d}).")
    made = {
        "encoder.weight": parameters["encoder.weight"] @ rotation.T,
        "decoder.weight": rotation @ parameters["decoder.weight"],
        "decoder.bias": rotation @ parameters["decoder.bias"],
    }
    return parameters | made


def _random(d: int, seed: int) -> Tensor:
    """A Haar-random rotation or reflection, (d, d)."""
    return torch.from_numpy(bases.random_orthogonal(d, np.random.SeedSequence([seed, 2])))


@threads.limited()
def commutes(
    activation: str, x: Tensor, *, n: int = NEURONS, depth: int = 1, epochs: int = 1, seed: int = 0
) -> TurnedTraining:
    """How far training on images x (N, d) is from training the turned network on the same images turned at random.

    Raises ValueError for an unknown activation.
    """
    d = x.shape[1]
    rotation = _random(d, seed)
    start = in_memory.initial(d, n, depth, seed)
    pair = [(start, x), (turned(start, rotation), x @ rotation.T)]
    runs = [in_memory.train([p], activation, images, epochs, seed=seed, by_step=True) for p, images in pair]
    losses = [run.losses[0] for run in runs]
    latents = [
        torch.stack(autoencoder.latents(run.parameters[0], activation, images))
        for run, (_, images) in zip(runs, pair, strict=True)
    ]
    loss = float(np.max(np.abs(losses[0] - losses[1]) / losses[0]))
    latent = float((latents[0] - latents[1]).abs().max() / latents[0].abs().max())
    return TurnedTraining(activation, len(losses[0]), loss, latent)


# --- in law


def _principal(x: Tensor) -> tuple[Tensor, Tensor]:
    """The principal components of centred images, rows (d, d), and the standard deviations along them, 1 for zero."""
    variance, columns = torch.linalg.eigh(x.T @ x / len(x))
    rounding = variance.max() * len(variance) * torch.finfo(x.dtype).eps
    return columns.T, torch.where(variance > rounding, variance, 1.0).sqrt()


def _whitening(x: Tensor) -> Tensor:
    rows, deviation = _principal(x)
    return rows / deviation[:, None]


def _standardising(x: Tensor) -> Tensor:
    deviation = x.std(0, correction=0)
    return torch.diag(1 / torch.where(deviation > 0, deviation, 1.0))


PREPARATIONS: dict[str, tuple[bool, Callable[[Tensor], Tensor]]] = {
    "none": (True, lambda x: torch.eye(x.shape[1], dtype=x.dtype)),
    "a random rotation": (True, lambda x: _random(x.shape[1], 0)),
    "principal components": (True, lambda x: _principal(x)[0]),
    "every pixel standardised": (False, _standardising),
    "whitened principal components": (False, _whitening),
}
"""Ways to prepare centred images (N, d): whether it is a rotation, and the matrix (d, d) that multiplies each image."""


@threads.limited()
def prepared(
    name: str, activation: str, x: Tensor, seeds: Sequence[int], *, n: int = NEURONS, depth: int = 0, epochs: int = 20
) -> PreparedTraining:
    """The errors of a network per seed that was trained on prepared images x (N, d).

    Weights and orders of samples are drawn anew for every preparation. ``name`` is one of the :data:`PREPARATIONS`;
    raises ValueError for another, or an unknown activation.
    """
    rotation, matrix = choose("preparation", name, PREPARATIONS)
    place = list(PREPARATIONS).index(name)
    centred = x - x.mean(0)
    M = matrix(centred)
    images = (centred @ M.T).contiguous()
    starts = [in_memory.initial(x.shape[1], n, depth, seed, place) for seed in seeds]
    run = in_memory.train(starts, activation, images, epochs, seed=place)
    back = torch.linalg.inv(M).T
    unexplained, pixels = [], []
    for parameters in run.parameters:
        latent = autoencoder.latents(parameters, activation, images)[-1]
        error = autoencoder.decode(parameters, activation, latent) - images
        unexplained.append(float(error.square().sum() / images.square().sum()))
        pixels.append(float((error @ back).square().sum() / centred.square().sum()))
    return PreparedTraining(name, rotation, np.array(unexplained), np.array(pixels))


def digits() -> Tensor:
    """The training images of ``digits`` as real numbers in [0, 1], (1498, 64)."""
    return torch.from_numpy(data.load("digits").train).double() / 255
