"""What the calculations of Appendices C.2 and C.2.1 return, and their constants: arrays alone, without torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

BATCH = 24
"""Samples of a batch (App. E)."""

NEURONS = 18
"""The width of the layers of the paper's main figures."""

EPOCHS = 5
"""Epochs that autoencoders are trained for before their steps are measured."""

SIZES = (1, 2, 4, 8, 12, 24, 48, 96)
"""Batch sizes over which the mean angle is followed."""

RADIUS = 2.0
"""The circle of the plane on which all directions of z are compared."""

SPREADS = (0.5, 1.0, 2.0)
"""Standard deviations of the components of z at which the angles of a wide layer are given."""

DRAWS = 100
"""Random layers on which an identity is tried."""


@dataclass(frozen=True, eq=False)
class Residuals:
    """By how much the two sides of an identity differ on random layers: ``values`` (draws,), |left - right| / |left|.

    ``erratum`` names the reading that the printed form differs in; empty where it is as printed.
    """

    equation: str
    formula: str
    erratum: str
    values: Values


@dataclass(frozen=True, eq=False)
class AngleMap:
    """The mean angles in degrees of one activation's steps in the plane, on z and on a.

    ``values`` (2, side, side) over the square [-reach, reach]^2, rows going upwards; ``circle`` (2, directions) along
    the circle of radius :data:`RADIUS`, constant for an isotropic function.
    """

    activation: str
    reach: float
    values: Values
    circle: Values


@dataclass(frozen=True, eq=False)
class TypicalAngles:
    """The mean angles in degrees of one activation's steps in a wide layer, over normal z and all directions of g.

    ``means`` (sizes, 2) on z and on a, with standard ``errors`` of that shape, by the standard deviation of z's
    components.
    """

    activation: str
    sizes: tuple[float, ...]
    means: Values
    errors: Values


@dataclass(frozen=True, eq=False)
class BatchAngles:
    """Angles in degrees between a sample's own step and its batch's, in encoders of autoencoders without blocks.

    ``before`` and ``after`` training (seeds, N), in batches of :data:`BATCH`; ``by_size`` (sizes,), the mean after
    training for the batch sizes :data:`SIZES`. ``overlap`` is the root mean square cosine between two inputs,
    ``agreement`` the mean cosine between the own gradients of two samples, before and after.
    """

    inputs: str
    activation: str
    before: Values
    after: Values
    by_size: Values
    overlap: float
    agreement: tuple[float, float]


@dataclass(frozen=True, eq=False)
class MapSteps:
    """Steps of the encoder of autoencoders without blocks, trained on a kind of inputs with one map throughout.

    ``alone`` (N,): the factor K_aa of every sample. After training, for the samples of batches of :data:`BATCH`,
    (seeds, N'): ``turn``, the angle in degrees between a sample's own step and that of its batch, and ``stretch``,
    the length of the latter over that of its own gradient, B |sum_b K_ab g_b / B| / |g_a|.
    """

    inputs: str
    map: str
    alone: Values
    turn: Values
    stretch: Values

    @property
    def spread_alone(self) -> float:
        """Standard deviation of the factor alone, over its mean."""
        return float(self.alone.std() / self.alone.mean())

    @property
    def spread_in_batch(self) -> float:
        """The factor by which the stretch typically differs: exp of the standard deviation of its logarithm."""
        return float(np.exp(np.log(self.stretch).std()))


@dataclass(frozen=True, eq=False)
class MapCurves:
    """One map over the length of its input, all (lengths,).

    ``multiplied`` is the length of what W multiplies, ``gradient`` that of the weights' gradient over |g|, and ``step``
    the factor of the step of z over eta g.
    """

    map: str
    lengths: Values
    multiplied: Values
    gradient: Values
    step: Values


@dataclass(frozen=True, eq=False)
class MapProperties:
    """One printed map on random inputs and layers, all (inputs,).

    ``step`` is the factor of the step of z over eta g, ``doubled`` the change of z over |z| where x is doubled, and
    ``stretch`` the least over the greatest singular value of du/dx, 0 where a direction of the input is lost.
    ``gradients`` says whether ``torch.autograd.gradcheck`` passes.
    """

    map: str
    formula: str
    step: Values
    doubled: Values
    stretch: Values
    gradients: bool


@dataclass(frozen=True)
class TurnedTraining:
    """How far two runs are apart, of which one saw turned images and started from the turned network.

    ``loss`` is the largest difference of the losses of a step, relative to the loss; ``latent`` the largest difference
    of a latent after training, relative to the largest latent.
    """

    activation: str
    steps: int
    loss: float
    latent: float


@dataclass(frozen=True, eq=False)
class PreparedTraining:
    """How networks end that were trained on prepared images.

    ``unexplained`` (seeds,), the error on the training images relative to their variance, both as prepared;
    ``pixels`` (seeds,), the same of the reconstruction and the images taken back to pixels. ``rotation`` says whether
    the preparation is one.
    """

    preparation: str
    rotation: bool
    unexplained: Values
    pixels: Values
