"""Activations by their keys, and their Jacobians."""

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from isoaux.activations.functions import ACTIVATIONS, Activation
from isoaux.activations.on_bases import ON_BASES
from isoaux.common.choices import choose


def named(name: str, basis: ArrayLike | Tensor | None = None) -> Activation:
    """The activation of a key of :data:`ACTIVATIONS` or :data:`ON_BASES`, with the paper's constants.

    ``basis`` (m, n), or (E, m, n) for E networks, is for the latter alone. Raises ValueError for an unknown key, for a
    basis that is missing or not used, and for one that the activation does not accept.
    """
    kind = choose("activation", name, ACTIVATIONS | ON_BASES)
    if kind.key not in ON_BASES:
        if basis is not None:
            raise ValueError(f"basis is given for activation {name!r}; accepted: None, as it uses none.")
        return kind()
    if basis is None:
        raise ValueError(f"basis is None; accepted for activation {name!r}: an array of unit rows (m, n).")
    return ON_BASES[name](basis)


def jacobian(activation: str | Activation, z: Tensor) -> Tensor:
    r"""The Jacobians J_pn = df_p/dz_n of an activation at ``z`` (..., n) in closed form, shape (..., n, n).

    With r = \|z\|, m the largest \|z_i\|, reached at i = k, and c = (1 - a) R:

    * ``tanh``: diag(1 - tanh(z_i)^2) (Eqn 21);
    * ``lrelu``: diag(1 where z_i > 0, else a) (Eqn 21);
    * ``bnlrelu_elem``: diag(a where \|z_i\| < R, else 1) (Eqn 21);
    * ``isotanh``: A I + B z z^T / r^2 with A = tanh(r) / r and B = 1 - tanh(r)^2 - A (Eqn 21);
    * ``isolrelu``: a I inside the ball, (1 - c/r) I + (c/r) z z^T / r^2 outside (Eqn 21);
    * ``bnlrelu_max``: a I inside the cube, (1 - c/m) I + (c/m^2) sign(z_k) z e_k^T outside, which is not symmetric;
    * ``dnlrelu``: I where the product of the signs is positive, else a I.

    The rows are J^T e_p, so these are the closed forms that training uses. Where f has a kink, the side is the one
    that the activation's own definition takes. Raises ValueError for an unknown name, or a z without components.
    """
    f = named(activation) if isinstance(activation, str) else activation
    if z.ndim == 0 or z.shape[-1] == 0:
        raise ValueError(f"z has shape {tuple(z.shape)}; accepted: (..., n) with n of at least 1.")
    n = z.shape[-1]
    unit = torch.eye(n, dtype=z.dtype, device=z.device)
    return f.vjp(z[..., None, :].expand(*z.shape, n), unit.expand(*z.shape, n))
