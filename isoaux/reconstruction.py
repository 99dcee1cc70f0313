"""Appendix D: how well unseen images are reconstructed through training, from the network records alone.

Errors of networks trained on raw and on standardised pixels are compared in two units. *Sigma-weighted*, target and
reconstruction are standardised first, so that predicting the mean image costs about 1; that is what the first kind was
not trained for. In *pixels*, the mean squared error of images in [0, 1]; that is what the second was not trained for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import paths, published, publishing, results, workflow
from isoaux.choices import choose
from isoaux.paper import GROUPS, Configuration, Figure
from isoaux.published import Arrays, Published
from isoaux.results import Result
from isoaux.settings import Settings

if TYPE_CHECKING:
    from isoaux.data import Images
    from isoaux.measurement import Probe
    from isoaux.store import Entry

Values = NDArray[np.float64]

UNITS = {"sigma": "sigma-weighted", "pixels": "in pixels"}
"""The two units in which all networks can be compared."""

RUNAWAY = 1e3
"""An error so many times that before training is that of a network which failed, though its loss is still a number."""

AGREE = ("profile", "checksum", "epochs")
"""Facts in which records have to agree before their curves may share a panel."""


@dataclass(frozen=True)
class Computed(Result):
    """Curves of networks in the store; ``measure`` makes their whole records, which takes much longer."""

    measure: Callable[[], dict[str, Published]]


def compute(
    wanted: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """Take a figure's networks from the store, train what is missing, and measure their errors on the test set.

    Options and errors as in :func:`isoaux.workflow.compute`.
    """
    wanted = settings.figure_for(wanted)
    images, entries = workflow.trained(wanted, settings, jobs=jobs, train=train, budget=budget)
    few = jobs is None and len(images.test) * len(entries) < 50_000  # a process would start for longer than it works
    measured = workflow.each_network(_errors, entries, images, 1 if few else jobs)
    facts = publishing.figure_facts(wanted, settings, images, entries, list(measured))
    epochs = np.array(next(iter(measured)).recipe.checkpoints)
    arrays = {f"test_error_{unit}": np.stack([m[f"test_error_{unit}"] for m in measured.values()]) for unit in UNITS}

    def whole() -> dict[str, Published]:
        one = partial(_record, probe=workflow.probe(wanted, settings))
        parts = workflow.each_network(one, entries, images, jobs)
        return publishing.records(wanted, settings, images, entries, parts)

    return Computed(wanted, Published(arrays | {"epochs": epochs}, facts), {}, {}, whole)


def _record(entry: "Entry", images: "Images", probe: "Probe") -> Arrays:
    from isoaux import measurement

    return measurement.record(entry, images, probe)


def _errors(entry: "Entry", images: "Images") -> Arrays:
    from isoaux import measurement

    return measurement.cached(entry, "errors", {}, lambda: measurement.test_errors(entry, images))


def publish(found: Result, folder: Path) -> list[Path]:
    """Write the network records behind computed curves, all that is measured of a network; there is no figure file."""
    return publishing.publish(replace(found, records=found.measure()) if isinstance(found, Computed) else found, folder)


def read(wanted: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The curves of a figure from all of its records that are published; the others are missing from its rows.

    Raises FileNotFoundError where there is none, ValueError for settings other than the published ones and where two
    records are not of the same images and training.
    """
    records: dict[str, Published] = {}
    for place in results.records_of(wanted, folder or paths.data()):
        if place.with_suffix(".json").is_file():
            records[place.name] = published.read(place)
    empty = [id for id, record in records.items() if not record.facts["seeds"]]
    if empty and len(empty) == len(records):
        raise results.AllFailed(results.why(wanted))
    records = {id: record for id, record in records.items() if id not in empty}
    if not records:
        raise FileNotFoundError(f"{wanted.name} has no network record; `python -m isoaux status` lists what is there.")
    first = next(iter(records))
    for name in AGREE:
        for id, record in records.items():
            if record.facts[name] != records[first].facts[name]:
                raise ValueError(
                    f"networks/{id}.json has {name} {record.facts[name]!r} and networks/{first}.json "
                    f"{records[first].facts[name]!r}; `python -m isoaux publish {wanted.name}` writes both anew."
                )
    facts = _facts(wanted, records)
    settings.figure_for(wanted)  # refuses a depth where several are compared
    results.refuse_others(wanted, settings, results.settings_of(facts))
    arrays = {
        f"test_error_{unit}": np.concatenate([record[f"test_error_{unit}"] for record in records.values()])
        for unit in UNITS
    }
    return Result(wanted, Published(arrays | {"epochs": records[first]["epochs"]}, facts), records, {})


def _facts(wanted: Figure, records: dict[str, Published]) -> dict[str, Any]:
    """What the records say together; a deviation of some of them says of how many."""
    each = [record.facts for record in records.values()]
    noted = [words for facts in each for words in facts["deviations"] if not words.endswith(" seeds")]
    deviations = [
        words if noted.count(words) == len(each) else f"{words} ({noted.count(words)} of {len(each)} records)"
        for words in dict.fromkeys(noted)
    ]
    return {name: each[0][name] for name in (*AGREE, "source", "dataset")} | {
        "figure": wanted.name,
        "dtype": " and ".join(sorted({facts["dtype"] for facts in each})),
        "seeds": sorted({seed for facts in each for seed in facts["seeds"]}),
        "rows": [{"configuration": facts["configuration"], "seed": s} for facts in each for s in facts["seeds"]],
        "failed": [words for facts in each for words in facts["failed"]],
        "deviations": deviations,
    }


# --- curves and what they are compared in


@dataclass(frozen=True)
class Pair:
    """Two configurations that differ in the activation alone."""

    anisotropic: Configuration
    isotropic: Configuration


@dataclass(frozen=True)
class Panel:
    """One architecture of a figure and the pairs of curves that belong there."""

    n: int
    L: int
    pairs: tuple[Pair, ...]

    @property
    def curves(self) -> tuple[Configuration, ...]:
        """The configurations, each anisotropic one before its partner."""
        return tuple(own for pair in self.pairs for own in (pair.anisotropic, pair.isotropic))


def panels(wanted: Figure) -> dict[tuple[int, int], Panel]:
    """The panels of a figure by (width, depth), in the figure's order; standardised pixels before raw ones."""
    grouped: dict[tuple[int, int], dict[bool, dict[bool, Configuration]]] = {}
    for own in wanted.configurations:
        pixels = grouped.setdefault((own.n, own.L), {}).setdefault(own.normalised, {})
        pixels[GROUPS[own.activation] == "O(n)"] = own
    return {
        (n, depth): Panel(n, depth, tuple(Pair(both[False], both[True]) for _, both in sorted(found.items())[::-1]))
        for (n, depth), found in grouped.items()
    }


@dataclass(frozen=True, eq=False)
class Curve:
    """The test errors of a configuration's networks, (seeds, checkpoints)."""

    seeds: tuple[int, ...]
    errors: Values


def curves(found: Iterable[Result], unit: str = "sigma") -> dict[Configuration, Curve]:
    """The curves of all configurations that any of these results holds, in one of the :data:`UNITS`.

    A network has none whose error has run away, beyond :data:`RUNAWAY` times the first. Raises ValueError for another
    unit.
    """
    choose("unit", unit, UNITS)
    members: dict[Configuration, dict[int, Values]] = {}
    for result in found:
        for (own, seed), errors in zip(result.rows, result.drawing[f"test_error_{unit}"], strict=True):
            if errors.max() < RUNAWAY * errors[0]:
                members.setdefault(own, {})[seed] = errors
    return {own: Curve(tuple(each), np.stack(list(each.values()))) for own, each in members.items()}


def differences(first: Curve, second: Curve) -> Values:
    """Errors of the first less those of the second, (seeds, checkpoints), of the seeds that both have."""
    shared = [seed for seed in first.seeds if seed in second.seeds]
    one, other = (curve.errors[[curve.seeds.index(seed) for seed in shared]] for curve in (first, second))
    return one - other


def late(epochs: Sequence[int] | NDArray[Any]) -> range:
    """The checkpoints of the second half of the list that have all neighbours which :func:`noise` looks at."""
    reach = 2 if len(epochs) >= 5 else 1
    return range(max(reach, len(epochs) // 2), len(epochs) - reach)


def noise(epochs: ArrayLike, errors: ArrayLike) -> Values:
    """How restless late error curves (..., C) are: mean distance of a checkpoint from its neighbours, over its error.

    Of each late checkpoint (:func:`late`), |e_c - sum_j w_j e_j| / e_c over two neighbours on either side (one, of less
    than five), with the weights of the polynomial through them in log(1 + epoch), so that no smooth bend
    counts; divided by sqrt(1 + sum_j w_j^2): of independent errors at every checkpoint, the mean size of one of them.
    Shape (...). Raises ValueError where C is not the number of epochs or below 3.
    """
    e, time = np.asarray(errors, np.float64), np.log1p(np.asarray(epochs, np.float64))
    if len(time) < 3 or e.shape[-1:] != time.shape:
        raise ValueError(f"errors has shape {e.shape} for {len(time)} epochs; accepted: (..., epochs), from 3 epochs.")
    reach, off = (2 if len(time) >= 5 else 1), []
    for c in late(time):
        near = [j for j in range(c - reach, c + reach + 1) if j != c]
        w = np.array([np.prod([(time[c] - time[i]) / (time[j] - time[i]) for i in near if i != j]) for j in near])
        off.append(np.abs(e[..., c] - e[..., near] @ w) / e[..., c] / np.sqrt(1 + w @ w))
    return np.mean(off, axis=0)
