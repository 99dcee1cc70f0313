"""Representations and errors of the networks of the store on images, at any checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from isoaux import bases
from isoaux.common.archive import Arrays
from isoaux.training import autoencoder, store
from isoaux.training.data import Images
from isoaux.training.maps import MAPS

Floats = NDArray[Any]


class Diverged(ValueError):
    """A network was trained to its end, with representations that are no numbers in float32."""


BLOCK = 2500
"""Images that pass through the networks at once."""


def latents(entry: store.Entry, images: Images) -> tuple[list[list[Floats]], Arrays]:
    """Representations of the training set at every checkpoint and layer, and the errors of the same networks.

    The representations, by checkpoint and layer, are arrays (N, n) in float32. The others are arrays over the
    checkpoints: ``train_loss`` and ``test_error`` in the network's own units, ``test_error_sigma`` and
    ``test_error_pixels`` as in :func:`test_errors`, and per layer the mean and variance of |x|^2 + 1 at its input.
    """
    snapshots = _Snapshots(entry, images)
    train = snapshots.pass_over(images.train, keep=True)
    errors = {
        "train_loss": train.error.mean(1),
        **_errors(snapshots, entry, images),
        "input_norm_mean": train.norm_mean[:, :-1],
        "input_norm_variance": train.norm_variance[:, :-1],
    }
    return train.latents, errors


def test_errors(entry: store.Entry, images: Images) -> Arrays:
    """Errors (C,) of the test set at every checkpoint: in own units, sigma-weighted and in pixels (App. D, E49).

    Sigma-weighted means that target and reconstruction are standardised before they are compared: an error divided
    by the variance of its pixel in the training set, or by 1 where that is 0.
    """
    return _errors(_Snapshots(entry, images), entry, images)


def _errors(snapshots: "_Snapshots", entry: store.Entry, images: Images) -> Arrays:
    error = snapshots.pass_over(images.test, keep=False).error
    configuration = entry.network.configuration
    variance, standardised, unit = images.std**2, configuration.normalised, 4 if configuration.symmetric else 1
    return {
        "test_error": error.mean(1),
        "test_error_sigma": (error / (1 if standardised else unit * variance)).mean(1),
        "test_error_pixels": (error * (variance if standardised else 1 / unit)).mean(1),
    }


def at_epochs(entry: store.Entry, images: Images, epochs: Sequence[int]) -> tuple[list[list[Floats]], Arrays]:
    """Representations of the training set at some epochs, and moments of the inputs of the network's maps there.

    The representations, by epoch and layer, are arrays (N, n) in float32; ``norm_mean`` and ``norm_variance`` (epochs,
    L + 2) are of |x|^2 + 1 at the input of every map from encoder to decoder (Eqn 25).
    """
    train = _Snapshots(entry, images, epochs).pass_over(images.train, keep=True)
    return train.latents, {"norm_mean": train.norm_mean, "norm_variance": train.norm_variance}


def of_tests(entry: store.Entry, images: Images, epochs: Sequence[int] = ()) -> list[list[Floats]]:
    """Representations (N, n) in float32 of the test set, by epoch, every checkpoint by default, and by latent layer."""
    return _Snapshots(entry, images, epochs).pass_over(images.test, keep=True).latents


def vectors(entry: store.Entry) -> Floats:
    """The vectors (m, n) along which a network's first latent layer is activated, as it was trained with, in float64.

    Those of an activation without a basis of its own, such as elementwise tanh, are the axes and their antipodes.
    """
    configuration = entry.network.configuration
    if not configuration.vectors:
        return bases.cross_polytope(configuration.n)
    return np.asarray(entry.read(0)[f"basis.{len(configuration.hidden)}"].double().numpy())


def of_samples(entry: store.Entry, images: Images, epoch: int, sample: NDArray[Any]) -> list[Floats]:
    """Representations (S, n), by layer, of the training images with the indices ``sample`` (S,) at one epoch."""
    return _Snapshots(entry, images, (epoch,)).pass_over(images.train[sample], keep=True).latents[0]


@dataclass
class _Pass:
    latents: list[list[Floats]]
    error: Floats  # (checkpoints, d)
    norm_mean: Floats  # (checkpoints, maps)
    norm_variance: Floats


class _Snapshots:
    """Checkpoints of one network, stacked; every one unless some ``epochs`` are named."""

    def __init__(self, entry: store.Entry, images: Images, epochs: Sequence[int] = ()) -> None:
        configuration = entry.network.configuration
        self.map, self.widths = MAPS[configuration.map], configuration.widths
        self.latent = range(len(configuration.hidden), len(configuration.hidden) + configuration.L + 1)
        self.epochs = tuple(epochs or entry.network.recipe.checkpoints)
        stored = (entry.read(epoch) for epoch in self.epochs)
        self.snapshots = [{name: value.double() for name, value in parameters.items()} for parameters in stored]
        self.f = [autoencoder.functions(parameters, configuration.activation) for parameters in self.snapshots]
        self.typical = [f.typical_square(width) for f, width in zip(self.f[0], self.widths, strict=True)]
        scale, offset = images.affine(configuration.normalised, configuration.symmetric)
        self.scale = torch.from_numpy(scale)
        self.offset = None if offset is None else torch.from_numpy(offset)
        self.encoder = torch.cat([p["encoder.weight"] for p in self.snapshots])
        self.bias = torch.cat([p["encoder.bias"] for p in self.snapshots])

    @torch.no_grad()
    def pass_over(self, pixels: NDArray[np.uint8], keep: bool) -> _Pass:
        """Encode and decode ``pixels`` (N, d) through every checkpoint; representations are returned if ``keep``.

        Raises Diverged where some of these are not finite.
        """
        count, d = len(self.epochs), pixels.shape[1]
        first, n, layers = self.widths[0], self.widths[-1], len(self.widths)
        sizes = [(len(pixels), self.widths[k]) for k in self.latent]
        kept = [[np.empty(size, np.float32) for size in sizes] for _ in range(count if keep else 0)]
        cross = torch.zeros(count * (n + 1), d, dtype=torch.float64)
        gram = torch.zeros(count, n + 1, n + 1, dtype=torch.float64)
        square = torch.zeros(d, dtype=torch.float64)
        norms = np.empty((count, layers + 1, len(pixels)))
        for start in range(0, len(pixels), BLOCK):
            x = torch.from_numpy(pixels[start : start + BLOCK]).double().mul_(self.scale)
            if self.offset is not None:
                x += self.offset
            rows = slice(start, start + len(x))
            norms[:, 0, rows] = (x * x).sum(1).numpy() + 1
            z_all = self.map.forward(x, self.encoder, self.bias)
            outputs = x.new_empty((count, len(x), n + 1))
            for c, parameters in enumerate(self.snapshots):
                z, functions = z_all[:, c * first : (c + 1) * first], self.f[c]
                for k in range(layers):
                    if k > 0:
                        a = functions[k - 1](z)
                        norms[c, k, rows] = (a * a).sum(1).numpy() + 1
                        weight, bias = (parameters[f"hidden.{k - 1}.{part}"] for part in ("weight", "bias"))
                        z = self.map.forward(a, weight, bias, self.typical[k - 1])
                    if keep and k in self.latent:
                        with np.errstate(over="ignore"):  # looked for below
                            kept[c][k - self.latent.start][rows] = z.numpy()
                a = functions[-1](z)
                norms[c, layers, rows] = (a * a).sum(1).numpy() + 1
                outputs[c, :, :n], _, outputs[c, :, n:], _ = self.map.rescale(a, self.typical[-1])
            gram += outputs.mT @ outputs
            cross += outputs.permute(0, 2, 1).reshape(-1, len(x)) @ x
            square += (x * x).sum(0)
        for epoch, each in zip(self.epochs, kept, strict=False):
            if not all(np.isfinite(z).all() for z in each):
                raise Diverged(f"its representations are not finite in float32 after epoch {epoch}.")
        error = torch.empty(count, d, dtype=torch.float64)
        for c, parameters in enumerate(self.snapshots):
            w = torch.cat([parameters["decoder.weight"].T, parameters["decoder.bias"][None]])  # (n + 1, d)
            mixed = (w * cross[c * (n + 1) : (c + 1) * (n + 1)]).sum(0)
            error[c] = (square - 2 * mixed + (w * (gram[c] @ w)).sum(0)) / len(pixels)
        return _Pass(kept, error.numpy().clip(min=0), norms.mean(2), norms.var(2))
