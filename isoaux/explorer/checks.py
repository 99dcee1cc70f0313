"""What the settings of an explorer may be: a check for each, which sees all settings and returns its own."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases
from isoaux.common import arrays, paths
from isoaux.common.choices import choose, shown
from isoaux.explorer import files
from isoaux.explorer.bases import MOST_VECTORS, NAMES, count, is_offered, pair, random_basis, spanning, word

Settings = Mapping[str, Any]
"""By name, as the widget's traits."""

Listed = Mapping[str, Any]
"""What an explorer has: its ``networks``, and the rows of a given ``basis`` if there is one."""


def key_of(entry: Mapping[str, Any]) -> str:
    """The key of a network's entry in the list: its name and layer, such as ``cifar-U-tanh-n18-L0 k0``.

    With its seed, ``cifar-U-tanh-n18-L0 k0 seed 3``, if it is a replicate of the entry with the first seed.
    """
    return f"{entry['network']} k{entry['layer']}" + (f" seed {entry['seed']}" if entry.get("replicate") else "")


def entry(key: Any, listed: Listed, argument: str = "network") -> dict[str, Any]:
    """The entry of a network in the list by its key (:func:`key_of`).

    Raises ValueError that names ``argument`` and the nearest key.
    """
    return dict(choose(argument, key, {key_of(each): each for each in listed["networks"]}))


def vectors(settings: Settings, listed: Listed) -> int:
    """The number of directions of the basis that the settings show."""
    if (given := _given(settings, listed)) is not None:
        return len(given)
    return count(shown_in(settings, listed), entry(settings["network"], listed)) or 0


def shown_in(settings: Settings, listed: Listed) -> str:
    """The basis in which the network is shown: the one that is asked for if it is there, else the standard basis."""
    name = str(settings["basis"])
    there = name == "given" or is_offered(name, entry(settings["network"], listed))
    return name if there else "standard"


def rows(settings: Settings, listed: Listed) -> NDArray[np.float64]:
    """The vectors (m, n) of the basis in which the network is shown, before it is turned by hand.

    Raises FileNotFoundError where the vectors that came with a network are missing.
    """
    network = entry(settings["network"], listed)
    name, n = shown_in(settings, listed), int(network["width"])
    if name == "random":
        return random_basis(n, settings["seed"])
    if name == "cross-polytope":
        return bases.cross_polytope(n)
    if name == "thomson":
        return files.read_vectors(paths.data() / "explorer", network["vectors"], n)
    return np.array(listed["basis"]) if name == "given" else bases.named(name, n)


def checked(name: str, settings: Settings, listed: Listed) -> Any:
    """The setting ``name`` as it is kept. Raises ValueError for one that cannot be, beside the others."""
    return CHECKS[name](settings, listed)


def is_plane(plane: list[int], settings: Settings, listed: Listed) -> bool:
    """Whether a pair of directions is one of the planes that are shown."""
    try:
        return bool(_plane({**settings, "plane": plane}, listed))
    except ValueError:
        return False


def is_turned(settings: Settings, listed: Listed) -> bool:
    """Whether the basis is turned by hand: not where it has no such rows, since the network has changed."""
    try:
        return _turn(settings, listed)[2] != 0
    except ValueError:
        return False


def _network(settings: Settings, listed: Listed) -> str:
    _fitting(settings["network"], "network", settings, listed)
    return str(settings["network"])


def _beside(settings: Settings, listed: Listed) -> str:
    if settings["beside"] != "":
        _fitting(settings["beside"], "beside", settings, listed)
    return str(settings["beside"])


def _fitting(key: Any, argument: str, settings: Settings, listed: Listed) -> None:
    width = entry(key, listed, argument)["width"]
    given = _given(settings, listed)
    if given is not None and given.shape[1] != width:
        raise ValueError(
            f"{argument} is {shown(key)} of {width} neurons, and the given basis has rows of {given.shape[1]} numbers; "
            "accepted: a basis of as many numbers as there are neurons."
        )


def _given(settings: Settings, listed: Listed) -> NDArray[np.float64] | None:
    return np.array(listed["basis"]) if settings["basis"] == "given" and "basis" in listed else None


def _basis(settings: Settings, listed: Listed) -> str:
    basis = settings["basis"]
    if not isinstance(basis, str):
        raise ValueError(f"basis is of type {type(basis).__name__}; accepted: a name, or an array for a new Explorer.")
    choose("basis", basis, dict.fromkeys([*NAMES, *(["given"] if "basis" in listed else [])]))
    network = {} if basis == "given" else entry(settings["network"], listed)
    if network and not is_offered(basis, network):
        vectors = count(basis, network)
        why = f"has {vectors} vectors" if vectors else "did not come with this network"
        raise ValueError(
            f"basis is {basis!r}, which {why} ({network['network']}, {network['width']} neurons); accepted: a basis of "
            f"at most {MOST_VECTORS} vectors, or one that is there."
        )
    for argument in ("network", "beside") if basis == "given" else ():
        checked(argument, settings, listed)
    return basis


def _turn(settings: Settings, listed: Listed) -> list[Any]:
    turn = settings["turn"]
    if not isinstance(turn, list | tuple) or len(turn) != 3:
        raise ValueError(f"turn is {shown(turn)}; accepted: [i, j, degrees], two rows of the basis and an angle.")
    try:
        i, j = _spanning(turn[0], turn[1], settings, listed)
        degrees = arrays.finite(turn[2], "degrees")
    except ValueError as error:
        raise ValueError(f"turn is {shown(turn)}, in which {error}") from None
    exact = degrees.is_integer() and abs(degrees) < 2**53
    return [i, j, int(degrees) if exact else degrees]


def _plane(settings: Settings, listed: Listed) -> list[int]:
    plane, variant = settings["plane"], settings["variant"]
    if isinstance(plane, list | tuple) and not plane:
        return []
    if not isinstance(plane, list | tuple) or len(plane) != 2:
        raise ValueError(f"plane is {shown(plane)}; accepted: [i, j], two rows of the basis, or [] for all planes.")
    try:
        i, j = _spanning(plane[0], plane[1], settings, listed)
    except ValueError as error:
        raise ValueError(f"plane is {shown(plane)}, in which {error}") from None
    if i > j and not bases.VARIANTS.get(variant):
        raise ValueError(f"plane is {shown(plane)}; accepted: [{j}, {i}], or both orders with variant 'permutation'.")
    return [i, j]


def _spanning(i: Any, j: Any, settings: Settings, listed: Listed) -> tuple[int, int]:
    i, j = pair(i, j, vectors(settings, listed))
    unlike = shown_in(settings, listed) in ("standard", "random", "simplex")
    if not unlike and not spanning(rows(settings, listed), i, j):
        raise ValueError(f"rows {i} and {j} of the basis are parallel; accepted: two rows that span a plane.")
    return i, j


def _variant(settings: Settings, listed: Listed) -> str:
    choose("variant", settings["variant"], bases.VARIANTS)
    return str(settings["variant"])


CHECKS: dict[str, Callable[[Settings, Listed], Any]] = {
    "network": _network,
    "beside": _beside,
    "basis": _basis,
    "epsilon": lambda settings, _: arrays.fraction(settings["epsilon"], "epsilon"),
    "seed": lambda settings, _: word(settings["seed"]),
    "variant": _variant,
    "turn": _turn,
    "plane": _plane,
}
"""The check of every setting by its name; settings that others depend on come first."""
