"""What data sets, activations, maps and pixels are called."""

DATASETS = {"cifar": "cifar10", "mnist": "mnist"}
"""From the catalogue's short names to the sources of :mod:`isoaux.training.data`."""


DATASET_TITLES = {"cifar": "CIFAR-10", "mnist": "MNIST"}
"""What the data sets are called, by the catalogue's short names."""


GROUPS = {
    "tanh": "B_n",
    "isotanh": "O(n)",
    "lrelu": "S_n",
    "isolrelu": "O(n)",
    "bnlrelu_elem": "B_n",
    "bnlrelu_max": "B_n",
    "dnlrelu": "D_n",
}
"""The symmetry group of every activation, for where torch is not installed."""


TITLES = {
    "tanh": "tanh",
    "isotanh": "isotropic tanh",
    "lrelu": "Leaky-ReLU",
    "isolrelu": "isotropic Leaky-ReLU",
    "bnlrelu_elem": "odd Leaky-ReLU",
    "bnlrelu_max": "max-norm Leaky-ReLU",
    "dnlrelu": "parity Leaky-ReLU",
}
"""What the activations are called in figures and tables."""


MAP_TITLES = {
    "affine": "affine",
    "normaliser": "normaliser-like",
    "correction": "affine correction",
    "rate": "rate correction",
    "normaliser_matched": "normaliser-like, matched",
    "correction_matched": "affine correction, matched",
    "rate_matched": "rate correction, matched",
}
"""What the maps of :mod:`isoaux.training.maps` are called in figures and tables."""


PIXELS = {False: "raw", True: "standardised"}
"""What the pixels are called, by ``Configuration.normalised``."""
