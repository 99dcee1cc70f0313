"""Names of data sets, activations, maps and pixels in figures, tables and sentences."""

DATASETS = {"cifar": "cifar10", "mnist": "mnist"}
"""The sources of images (:data:`isoaux.paper.SOURCES`) by the catalogue's short names."""

DATASET_TITLES = {"cifar": "CIFAR-10", "mnist": "MNIST"}
"""Titles of the data sets by the catalogue's short names."""

GROUPS = {
    "tanh": "B_n",
    "isotanh": "O(n)",
    "lrelu": "S_n",
    "isolrelu": "O(n)",
    "bnlrelu_elem": "B_n",
    "bnlrelu_max": "B_n",
    "dnlrelu": "D_n",
}
"""The symmetry group of every activation without a basis; also in :mod:`isoaux.activations`, which needs torch."""

TITLES = {
    "tanh": "tanh",
    "isotanh": "isotropic tanh",
    "lrelu": "Leaky-ReLU",
    "isolrelu": "isotropic Leaky-ReLU",
    "bnlrelu_elem": "odd Leaky-ReLU",
    "bnlrelu_max": "max-norm Leaky-ReLU",
    "dnlrelu": "parity Leaky-ReLU",
}
"""Titles of the activations."""

OF_BASIS = "G_B"
"""The symmetry group of an activation on a basis: the orthogonal matrices that permute the basis's vectors."""

TITLES_ON_BASES = {"gentanh": "generalised tanh", "gaugetanh": "gauge tanh"}
"""Titles of the activations that have a basis of their own; their group is :data:`OF_BASIS`."""
CLASSIFIER_GROUPS = GROUPS | {"relu": "S_n"}
"""The symmetry groups of the activations of classifiers."""

CLASSIFIER_TITLES = TITLES | {"relu": "ReLU"}
"""Titles of the activations of classifiers."""

START_TITLES = {"xavier": "Xavier's start", "pytorch": "PyTorch's start"}
"""Titles of the ways to draw the parameters of classifiers before training."""

MAP_TITLES = {
    "affine": "affine",
    "normaliser": "normaliser-like",
    "correction": "affine correction",
    "rate": "rate correction",
    "normaliser_matched": "normaliser-like, matched",
    "correction_matched": "affine correction, matched",
    "rate_matched": "rate correction, matched",
}
"""Titles of the maps of :mod:`isoaux.training.maps`."""

PIXELS = {False: "raw", True: "standardised"}
"""Titles of the pixels, by ``Configuration.normalised``."""

SYMMETRIC = "symmetric"
"""The title of pixels that are rescaled to [-1, 1]."""
