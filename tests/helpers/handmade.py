"""Network records and figure files of a few numbers typed by hand, and claims of a line, for tests of deciders.

Files are a dictionary of :class:`isoaux.common.archive.Published` by place, as a reader knows them; several are put
together with ``|``. A test works out by hand what follows from its numbers; of these the helpers here compute nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.stats import norm

from isoaux.common import archive
from isoaux.common.archive import Published
from isoaux.paper import Configuration, claims
from isoaux.paper.claims import Claim
from isoaux.records.evidence import Evidence, NotPublished, Reader
from isoaux.scorecard import verdicts
from isoaux.studies import registry

Files = dict[str, Published]

NULL = np.arange(-19, 20) / 100
"""A statistic in 39 random bases, -0.19 to 0.19: a value beyond all of them has p = 2 (1 + 0) / (1 + 39) = 0.05."""

T_OF_TWO = np.tan(0.95 * np.pi / 2)
"""Student's 97.5% quantile of one degree of freedom, 12.7: two seeds at m - h and m + h have the interval m -+ 12.7 h.

Their p of being at a line is 1 - 2 / pi atan(|m - line| / h), since Student's law of one degree is Cauchy's.
"""

USUAL = (0.15, 0.2, 0.25)
"""What a statistic that needs no points has in random bases: the 2.5 %, 50 % and 97.5 % quantiles."""

NORMAL = 1.959964
"""The normal law's 97.5% quantile."""

OWN_AXES = {"histogram": 1, "plane_counts": 1, "radius_quantiles": 1, "cosine_quantiles": 1}
"""Statistics of a panel that are no single number, by the number of their own axes."""

ERRORS = ("test_error_sigma", "test_error_pixels")

_CONTENT = yaml.safe_load(files("isoaux.paper").joinpath("claims.yaml").read_text("utf-8"))


def two_sided(distance: float) -> float:
    """The p of a normal number so many standard errors off."""
    return float(2 * norm.sf(distance))


def cauchy(distance: float) -> float:
    """The p of two seeds whose mean lies so many half-differences off the line (:data:`T_OF_TWO`)."""
    return 1 - 2 / np.pi * np.arctan(distance)


# --- claims


def claim(text: str) -> Claim:
    """A claim from the fields of an entry of ``claims.yaml``, which names what matters; with that file's own rules."""
    entry = {"id": "fig01-1", "where": "text", "claim": "It is so.", "family": "made up"}
    entry |= yaml.safe_load(f"{{{text}}}")
    return claims.read({**_CONTENT, "claims": [entry]}).each[0]


_decided: list[str] = []


def decided(text: str, known: Files, folder: Path | None = None) -> tuple[Evidence, str]:
    """A claim's evidence from these files, and its verdict in a family of its own, in which p needs no adjustment."""
    asked = claim(text)
    _decided.append(asked.statistic)
    evidence = registry.deciders()[asked.statistic](asked, reader(known, folder))
    assert asked.rule is not None
    p = evidence.p if asked.rule.kind in verdicts.JUDGED else None
    return evidence, verdicts.judge(asked, evidence, p, 0.05)


def undecidable(text: str, known: Files, folder: Path | None = None) -> str:
    """Why nothing decides a claim: the message of the NotPublished that its decider raises."""
    with pytest.raises(NotPublished) as caught:
        decided(text, known, folder)
    return str(caught.value)


def decides(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Says of a test that its numbers decide a claim with this statistic; it fails if none was decided in it.

    ``test_every_decider.py`` looks for one of them for every decider there is.
    """

    def marked(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(*arguments: Any, **named: Any) -> None:
            _decided.clear()
            test(*arguments, **named)
            assert name in _decided, f"no claim was decided by {name}"

        return run

    return marked


# --- files


def reader(known: Files, folder: Path | None = None) -> Reader:
    """A reader of these files and no others; with a folder they are written there, for what reads them from disk."""
    if folder is None:
        return Reader(Path("nothing-is-here"), dict(known))
    for place, published in known.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        archive.write(folder / place, published.arrays, published.facts)
    return Reader(folder)


def bins(points: Mapping[int, int]) -> np.ndarray:
    """An angular histogram (72,) from the points in the bins that have any; bin k is at 5 k degrees."""
    histogram = np.zeros(72, np.int64)
    histogram[list(points)] = list(points.values())
    return histogram


def record(
    configuration: str,
    *,
    seeds: Sequence[int] = (0, 1),
    epochs: Sequence[int] = (0, 13, 125),
    nulls: Mapping[str, Any] | None = None,
    tests: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    **statistics: Any,
) -> Files:
    """A network record. A statistic is given by seed, or by seed and checkpoint, or by seed, checkpoint and layer.

    What is not given is the same at all of them; the histogram's points are counted unless ``count`` is given, which
    else is 1000. ``nulls`` are random bases, (draws,) or (seeds, draws), at every checkpoint and layer; ``tests`` the
    value and p of statistics that need no points, (2,) or (seeds, 2), whose random bases are :data:`USUAL`, and which
    make the record one of version 3; ``facts`` replaces some of the facts.
    """
    shape = (len(seeds), len(epochs), Configuration.parse(configuration).L + 1)
    arrays = {"epochs": np.array(epochs)}
    for name, given in statistics.items():
        arrays[name] = _spread(given, shape[:2] if name in ERRORS else shape, OWN_AXES.get(name, 0))
    if "count" not in arrays:
        arrays["count"] = arrays["histogram"].sum(-1) if "histogram" in arrays else np.full(shape, 1000)
    for name, given in (nulls or {}).items():
        drawn = np.broadcast_to(given, (len(seeds), np.shape(given)[-1])).astype(float)
        arrays[f"null_{name}"] = _spread(drawn, shape, 1)
        arrays[f"final_null_{name}"] = arrays[f"null_{name}"][:, -1]
    for name, given in (tests or {}).items():
        value, p = np.broadcast_to(np.asarray(given, float), (len(seeds), 2)).T
        arrays[name] = _spread(value, shape, 0)
        test = [[p_, (v - USUAL[1]) / 0.025, *USUAL] for v, p_ in zip(value, p, strict=True)]
        arrays[f"{name}_test"] = _spread(np.array(test), shape, 1)
    about = {"configuration": configuration, "seeds": list(seeds), "epochs": epochs[-1], "epsilon": 0.75}
    about |= dict(profile="paper", checksum="0" * 64, source="made up", dataset="made up", dtype="float64")
    about |= {"deviations": [], "failed": [], "measure_version": 3 if tests else 2}
    return {f"networks/{configuration}": Published(arrays, about | dict(facts or {}))}


def _spread(given: Any, shape: tuple[int, ...], own: int) -> np.ndarray:
    """Values (seeds, ...) with axes of checkpoints and layers, the same along those that are not given."""
    values = np.asarray(given)
    missing = len(shape) + own - values.ndim
    first = values.ndim - own
    values = values.reshape(*values.shape[:first], *(1,) * missing, *values.shape[first:])
    return np.broadcast_to(values, (*shape, *values.shape[len(shape) :])).copy()


def drawing(
    figure: str, rows: Sequence[tuple[str, int]] = (), *, facts: Mapping[str, Any] | None = None, **arrays: Any
) -> Files:
    """A figure file with these rows, (configuration, seed), and arrays."""
    about = {"figure": figure, "layer": 0, "epsilon": 0.75, "variant": "combination"}
    about |= {"rows": [{"configuration": name, "seed": seed} for name, seed in rows]}
    about |= {"seeds": sorted({seed for _, seed in rows}) or [0]} | dict(facts or {})
    return {figure: Published({name: np.asarray(values) for name, values in arrays.items()}, about)}


HALF = np.sqrt(0.5)
"""The threshold of made-up panels in 24 dimensions: of N samples N 276 (1 - 1/2)^11 points are expected."""

SAMPLES = 12_288
"""Samples of made-up panels: 12,288 x 276 / 2,048 = 1,656 points are expected, 23 in a bin of 5 degrees."""


def panels(figure: str, *, facts: Mapping[str, Any] | None = None, **arrays: Any) -> Files:
    """A figure file of Appendix A with one row of panels; arrays are given by panel."""
    about = {"samples": SAMPLES, "epsilon": HALF, "rows": [], "seeds": [0]} | dict(facts or {})
    return drawing(figure, facts=about, **{name: np.asarray(values)[None] for name, values in arrays.items()})
