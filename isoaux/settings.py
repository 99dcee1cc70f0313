"""The parameters of a notebook or a command, typed and validated.

papermill passes ``false`` and ``[0,1]`` on as strings and only logs a misspelt name, so all parameters go through
:func:`read`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import yaml

from isoaux import bases
from isoaux.common import arrays, paths
from isoaux.common.choices import choose, unknown
from isoaux.paper import DATASETS, PROFILES, Figure, Network, Profile, networks
from isoaux.paper.sources import check_name

DEFAULT = "default"
"""The value that stands for that of the profile or of the figure."""

_NOTEBOOK_NAMES = {"In", "Out"}
_PLAIN = (str, bool, int, float, list, tuple, dict, type(None))


@dataclass(frozen=True)
class Settings:
    """How a figure is made; every field is a parameter of the notebooks and an option of the commands.

    ``default`` stands for the value of the profile (seeds, dataset, dtype) or of the figure (epsilon, depth).
    """

    profile: str = "published"
    device: str = "auto"
    dataset: str = DEFAULT
    dtype: str = DEFAULT
    epsilon: float | str = DEFAULT
    basis: str = "standard"
    variant: str = "combination"
    depth: int | str = DEFAULT
    seeds: tuple[int, ...] | str = DEFAULT
    retrain: bool = False

    @property
    def size(self) -> Profile:
        """The profile."""
        return PROFILES[self.profile]

    def seeds_for(self, figure: Figure | None = None) -> tuple[int, ...]:
        """The seeds of the networks of ``figure``, or of the profile."""
        if not isinstance(self.seeds, str):
            return self.seeds
        return figure.seeds(self.size) if figure else self.size.seeds

    def dtype_for(self, figure: Figure | None = None) -> str:
        """The dtype of training; that of the ``figure`` where it has one of its own."""
        if self.dtype != DEFAULT:
            return self.dtype
        return (figure.dtype if figure else "") or self.size.dtype

    def epochs_for(self, figure: Figure) -> int:
        """The epochs that the networks of ``figure`` are trained for."""
        return figure.epochs(self.size)

    def figure_for(self, figure: Figure) -> Figure:
        """``figure``, with the networks of the profile, or of another depth if these settings have one."""
        figure = figure.in_profile(self.size)
        return figure if isinstance(self.depth, str) else figure.at_depth(self.depth)

    def networks_for(self, figure: Figure) -> tuple[Network, ...]:
        """The networks that ``figure`` needs under these settings."""
        chosen = self.figure_for(figure)
        return networks(chosen, figure.recipe(self.size), self.seeds_for(figure), self.dtype_for(figure))

    def epsilon_for(self, figure: Figure) -> float:
        """The threshold epsilon of PPP for ``figure``."""
        return figure.epsilon if isinstance(self.epsilon, str) else self.epsilon

    def dataset_for(self, figure: Figure) -> str:
        """The source of the images for ``figure``, one of :data:`isoaux.paper.SOURCES` or ``folder:PATH``."""
        if self.dataset != DEFAULT:
            return self.dataset
        return figure.stand_in(self.size) or DATASETS[figure.configurations[0].dataset]


def read(given: Mapping[str, Any]) -> Settings:
    """The settings of a notebook's namespace or a command's options ``given``.

    Passed over are names that start with an underscore or belong to IPython, names that start-up files of the reader's
    IPython defined, and values that no parameter could have (modules, functions, results). Raises ValueError for any
    other name that is no parameter, and for a value that is not accepted.
    """
    names = [field.name for field in fields(Settings)]
    session = given.get("get_ipython")
    initial = session().user_ns_hidden if callable(session) else {}  # what was there before the first cell
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in names:
            values[name] = _COERCE[name](value)
        elif name.startswith("_") or name in _NOTEBOOK_NAMES or (name in initial and initial[name] is value):
            continue
        elif isinstance(value, _PLAIN):
            raise unknown("parameter name", name, names)
    settings = Settings(**values)
    if settings.profile == "published" and settings.retrain:
        raise ValueError(
            "retrain is True with profile 'published', which trains nothing; accepted: retrain with "
            "profile 'smoke', 'quick' or 'paper'."
        )
    return settings


WITHOUT_FIGURE: Mapping[str, Sequence[Any]] = {
    "dataset": (DEFAULT,),
    "dtype": (DEFAULT, "float64"),
    "epsilon": (DEFAULT, 0.75),
    "basis": ("standard",),
    "variant": ("combination",),
    "depth": (DEFAULT,),
}
"""What :func:`restrict` accepts on a page without a figure of networks: its seeds, or a profile's, can be chosen."""


OF_VECTORS: Mapping[str, Sequence[Any]] = {"basis": ("standard",), "variant": ("combination",), "depth": (DEFAULT, 0)}
"""What :func:`restrict` accepts for networks of one latent layer, measured with the vectors of its activation."""


def restrict(settings: Settings, accepted: Mapping[str, Sequence[Any]], why: str) -> None:
    """Raise ValueError, with the reason ``why``, if a setting has none of the values ``accepted`` for it, by name."""
    for name, values in accepted.items():
        if (value := getattr(settings, name)) not in values:
            raise ValueError(f"{name} is {value!r}, {why}; accepted: {' or '.join(map(str, values))}.")


def _name(argument: str, valid: Mapping[str, Any]) -> Any:
    def coerce(value: Any) -> str:
        choose(argument, value, valid)
        return str(value)

    return coerce


def _dataset(value: Any) -> str:
    if isinstance(value, str) and value == DEFAULT:
        return DEFAULT
    source = check_name(str(value))
    kind, _, folder = source.partition(":")
    return f"{kind}:{paths.absolute(folder, 'dataset')}" if folder else source  # the same for every process


def _epsilon(value: Any) -> float | str:
    if isinstance(value, str) and value == DEFAULT:
        return DEFAULT
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        number = value
    return arrays.fraction(number, "epsilon")


def _seeds(value: Any) -> tuple[int, ...] | str:
    if isinstance(value, str) and value == DEFAULT:
        return DEFAULT
    seeds = value
    if isinstance(value, str):  # not YAML, to which 0,1,2 is a word and 1:3 the number 63
        parts = value.strip().strip("[]()").removesuffix(",").split(",")
        seeds = [int(part) if part.strip().isdecimal() else part for part in parts]
    seeds = [seeds] if isinstance(seeds, int) and not isinstance(seeds, bool) else seeds
    whole = isinstance(seeds, (list, tuple)) and all(isinstance(s, int) and not isinstance(s, bool) for s in seeds)
    if not whole or not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ValueError(
            f"seeds is {value!r}; accepted: whole numbers from 0, at least one and none twice, like 0,1,2."
        )
    return tuple(seeds)


def _depth(value: Any) -> int | str:
    if isinstance(value, str) and value == DEFAULT:
        return DEFAULT
    depth = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
    if not isinstance(depth, int) or isinstance(depth, bool) or depth < 0:
        raise ValueError(f"depth is {value!r}; accepted: default, or a whole number of hidden blocks from 0.")
    return depth


def _flag(value: Any) -> bool:
    try:
        flag = yaml.safe_load(value) if isinstance(value, str) else value
    except yaml.YAMLError:
        flag = value
    if not isinstance(flag, bool):
        raise ValueError(f"retrain is {value!r}; accepted: true or false.")
    return flag


_COERCE: dict[str, Any] = {
    "profile": _name("profile", PROFILES),
    "device": _name("device", dict.fromkeys(("auto", "cpu", "cuda"))),
    "dataset": _dataset,
    "dtype": _name("dtype", dict.fromkeys((DEFAULT, "float64", "float32"))),
    "epsilon": _epsilon,
    "basis": _name("basis", bases.BASES),
    "variant": _name("variant", bases.VARIANTS),
    "depth": _depth,
    "seeds": _seeds,
    "retrain": _flag,
}
