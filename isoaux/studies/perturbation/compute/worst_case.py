"""The perturbation of an image that does the most to its reconstruction, found among the n neurons (App. C.3).

A network sees a perturbation only through its encoder and answers only in the span of its decoder. With orthonormal
bases of both (QR), the whole question is one of n numbers, however many pixels there are, and nothing is lost.
"""

import torch
from torch import Tensor

from isoaux import activations
from isoaux.training import autoencoder
from isoaux.training.autoencoder import Parameters

STEPS = 15
"""Steps of the plain search from each of its starts."""

BROADENED = ((3.0, 40), (30.0, 40))
"""Of every further search: how many times the typical |z| the activation is broadened at first, and its steps."""

_WAYS = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)


class Reduced:
    """A trained autoencoder with its pixels left out: what reaches the neurons, and what comes of it.

    A perturbation d of an image has the coordinates ``c`` (n,) in the row space of the encoder and |c| <= |d|, with
    equality where d lies in it; a change of the reconstruction has coordinates (n,) of the same length as itself.
    """

    def __init__(self, parameters: Parameters, activation: str) -> None:
        self.parameters = {name: value.double() for name, value in parameters.items()}
        self.f, self.activation = activations.named(activation), activation
        self.hidden = [self.parameters[f"{m}.weight"] for m in autoencoder.affine_maps(parameters)[1:-1]]
        self.shifts = [self.parameters[f"{m}.bias"] for m in autoencoder.affine_maps(parameters)[1:-1]]
        self.inputs, self.enter = torch.linalg.qr(self.parameters["encoder.weight"].T)
        self.outputs, self.leave = torch.linalg.qr(self.parameters["decoder.weight"])

    def encode(self, x: Tensor) -> Tensor:
        """Images (N, d) to representations (N, n) in the first latent layer."""
        return autoencoder.latents(self.parameters, self.activation, x)[0]

    def residual(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """f(x) - x of images (N, d): its coordinates (N, n) in the decoder's span, and its squared length (N,)."""
        last = autoencoder.latents(self.parameters, self.activation, x)[-1]
        residual = autoencoder.decode(self.parameters, self.activation, last) - x
        return residual @ self.outputs, (residual * residual).sum(-1)

    def latents(self, z: Tensor) -> list[Tensor]:
        """All latent layers, each (..., n), of representations ``z`` in the first one."""
        layers = [z]
        for weight, shift in zip(self.hidden, self.shifts, strict=True):
            layers.append(self.f(layers[-1]) @ weight.T + shift)
        return layers

    def changes(self, z: Tensor, c: Tensor) -> Tensor:
        """f(x + d) - f(x) in the decoder's coordinates, (..., n), of perturbations ``c`` (..., n) at ``z`` (..., n)."""
        after, before = (self.f(self.latents(at)[-1]) for at in (self.moved(z, c), z))
        return (after - before) @ self.leave.T

    def moved(self, z: Tensor, c: Tensor) -> Tensor:
        """The representations (..., n) of the images at ``z`` (..., n) perturbed by ``c`` (..., n)."""
        return z + c @ self.enter

    def pulled_back(self, z: Tensor, g: Tensor, width: float = 1) -> Tensor:
        """J^T g in closed form, J the Jacobian of the reconstruction's coordinates by those of the perturbation.

        ``g`` and the result have shape (..., n). With another ``width`` the slopes are those of the activation
        broadened so many times, f(z / width).
        """
        layers = self.latents(z)
        g = self.f.vjp(layers[-1] / width, g @ self.leave)
        for latent, weight in zip(layers[-2::-1], self.hidden[::-1], strict=True):
            g = self.f.vjp(latent / width, g @ weight)
        return g @ self.enter.T

    def jacobian(self, z: Tensor) -> Tensor:
        """The Jacobian (N, n, n) at representations (N, n); its singular values are those of the full one (d, d)."""
        rows = torch.eye(len(self.leave), dtype=z.dtype).expand(len(z), -1, -1)
        return self.pulled_back(z[:, None].expand(-1, len(self.leave), -1), rows)


def straight(network: Reduced, z: Tensor, offset: Tensor, size: float) -> Tensor:
    """The perturbations ``c`` (N, n) of length ``size`` that make |offset + change| largest to first order.

    For ``offset`` (N, n) zero the first right singular vector of the Jacobian, else the gradient of |offset + change|;
    of both ways along it the better one.
    """
    starts = _starts(network, z, offset, size)
    n = z.shape[1]
    chosen = torch.where((offset == 0).all(-1)[:, None, None], starts[:, [0, n]], starts[:, -1:] * _WAYS)
    return _best(chosen, (offset[:, None] + network.changes(z[:, None], chosen)).norm(dim=-1, keepdim=True))


def most(network: Reduced, z: Tensor, offset: Tensor, size: float) -> Tensor:
    """The perturbations ``c`` (N, n) of length ``size`` that make |offset + change of the reconstruction| largest.

    ``offset`` (N, n) zero asks for the largest change, ``offset`` = f(x) - x for the largest error against the clean
    image. Starts are exact to first order: all right singular vectors of the Jacobian, both ways, and the gradient.
    From each, c <- size * gradient / |gradient| is repeated. Where neurons are saturated the gradient is blind, so
    further searches begin with the slopes of a broadened activation and narrow them step by step. The best c that any
    of them meets is kept: never worse than :func:`straight`, and a lower bound of the true worst case.
    """
    starts = _starts(network, z, offset, size)
    typical = max(1.0, float(z.abs().median()))
    plans = [[1.0] * STEPS]
    for times, steps in BROADENED:
        falling = torch.linspace(1, 0, steps, dtype=z.dtype)
        plans.append([*((times * typical) ** falling).tolist(), *([1.0] * (STEPS // 2))])
    best, value = starts, torch.full_like(starts[..., :1], -1.0)
    for widths in plans:
        c = starts
        for width in (*widths, None):
            reached = offset[:, None] + network.changes(z[:, None], c)
            length = reached.norm(dim=-1, keepdim=True)
            better = length > value
            best, value = torch.where(better, c, best), torch.where(better, length, value)
            if width is not None:
                c = _of_length(network.pulled_back(network.moved(z[:, None], c), reached, width), size, c)
    return _best(best, value)


def _starts(network: Reduced, z: Tensor, offset: Tensor, size: float) -> Tensor:
    """Singular vectors of the Jacobian from the largest value down, their opposites, the gradient: (N, 2n + 1, n)."""
    jacobian = network.jacobian(z)
    axes = size * torch.linalg.svd(jacobian).Vh
    return torch.cat([axes, -axes, _of_length(offset[:, None] @ jacobian, size, axes[:, :1])], dim=1)


def _best(c: Tensor, value: Tensor) -> Tensor:
    """Of perturbations (N, K, n) those with the largest value (N, K, 1), (N, n)."""
    return c.gather(1, value.argmax(1, keepdim=True).expand(-1, 1, c.shape[-1]))[:, 0]


def at_random(network: Reduced, images: int, draws: int, size: float, seed: int) -> Tensor:
    """Random perturbations of length ``size``, uniform over directions of the d pixels, as ``c`` (images, draws, n).

    Only the part in the encoder's row space is drawn: n normal numbers over the length of d of them.
    """
    d, n = network.inputs.shape
    random = torch.Generator().manual_seed(seed)
    seen = torch.randn(images, draws, n, dtype=torch.float64, generator=random)
    rest = torch.randn(images, draws, d - n, generator=random).double().square().sum(-1, keepdim=True)
    return size * seen / (seen.square().sum(-1, keepdim=True) + rest).sqrt()


def _of_length(direction: Tensor, size: float, otherwise: Tensor) -> Tensor:
    """Vectors (..., n) of this length; the other ones where there is no direction: all neurons are saturated."""
    length = torch.linalg.vector_norm(direction, dim=-1, keepdim=True)
    return torch.where(length > 1e-150, size * direction / length.clamp_min(1e-150), otherwise)
