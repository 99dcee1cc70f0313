"""The paper as data: figures, networks and their training (App. E), profiles, names and claims."""

from isoaux.paper.catalogue import Figure, catalogue, configurations, figure, figures, networks
from isoaux.paper.names import DATASET_TITLES, DATASETS, GROUPS, MAP_TITLES, OF_BASIS, PIXELS, TITLES, TITLES_ON_BASES
from isoaux.paper.networks import CHECKPOINTS, Classifier, Configuration, Network, Recipe, by_shape
from isoaux.paper.profiles import PROFILES, Profile
from isoaux.paper.sources import SAMPLES, SOURCES

__all__ = [
    "CHECKPOINTS",
    "Classifier",
    "Configuration",
    "DATASETS",
    "DATASET_TITLES",
    "Figure",
    "GROUPS",
    "MAP_TITLES",
    "Network",
    "OF_BASIS",
    "PIXELS",
    "PROFILES",
    "Profile",
    "Recipe",
    "SAMPLES",
    "SOURCES",
    "TITLES",
    "TITLES_ON_BASES",
    "by_shape",
    "catalogue",
    "configurations",
    "figure",
    "figures",
    "networks",
]
