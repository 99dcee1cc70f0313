"""Claims counted again from the published files alone, by code of its own, beside the verdicts of the scorecard.

Files are opened by NumPy, tests and rules are written out: of how the library reads, decides and judges nothing is used
but the verdicts that are compared. Each kind of verdict is there at least once.
"""

import json
import re
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pytest
import yaml
from roots import ROOT
from scipy import stats

from isoaux.paper import claims
from isoaux.scorecard import compute
from isoaux.scorecard.verdicts import SYMBOLS

DATA = ROOT / "book" / "data"
LEVEL = 0.05
LAST = -1

CONTENT = yaml.safe_load(files("isoaux.paper").joinpath("claims.yaml").read_text("utf-8"))
ENTRIES = {entry["id"]: entry for entry in CONTENT["claims"]}


@dataclass
class Again:
    """What was counted again: the number with its interval and p, and the verdict before p is adjusted."""

    number: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    verdict: str = ""


def of(name):
    """The arrays of a record, and its seeds."""
    place = DATA / "networks" / name
    seeds = json.loads(place.with_suffix(".json").read_text("utf-8"))["seeds"]
    return np.load(place.with_suffix(".npz")), seeds


def final(name, array, layer=0):
    """An array of a record at the last checkpoint, by seed."""
    arrays, seeds = of(name)
    return dict(zip(seeds, arrays[array][:, LAST, layer].astype(float), strict=True))


def student(values):
    """The mean, the ends of its interval, and p of being 0."""
    values = np.asarray(values, float)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    mean = values.mean()
    return (
        mean,
        mean - half,
        mean + half,
        2 * stats.t.sf(abs(mean) / (half / stats.t.ppf(0.975, len(values) - 1)), len(values) - 1),
    )


def exact(yes, total):
    """Clopper and Pearson's interval."""
    low = stats.beta.ppf(0.025, yes, total - yes + 1) if yes else 0.0
    return low, stats.beta.ppf(0.975, yes + 1, total - yes) if yes < total else 1.0


def peak(histogram):
    """How many times as often two points share one of 72 bins as on a circle."""
    total = histogram.sum(-1)
    return 72 * (histogram * (histogram - 1)).sum(-1) / (total * (total - 1))


# --- the claims


def ten_times_as_many_points():
    """fig10-2: the ratio of points, 32 neurons, above 10."""
    tanh, isotropic = (final(f"cifar-N-{name}-n32-L0", "count") for name in ("tanh", "isotanh"))
    logs = [np.log(max(tanh[s], 1) / max(isotropic[s], 1)) for s in tanh if s in isotropic]
    mean, low, high, _ = student(logs)
    p = student(np.array(logs) - np.log(10))[3]
    verdict = "holds" if np.exp(low) > 10 else "does not hold" if np.exp(high) < 10 else "undecided"
    return Again(np.exp(mean), np.exp(low), np.exp(high), p, verdict)


def about_two_thousand_points():
    """fig01-10b: the geometric mean of the points of isotropic panels, within 1000 to 4000."""
    mean, low, high, _ = student(np.log(list(final("cifar-U-isotanh-n18-L0", "count").values())))
    number, low, high = np.exp([mean, low, high])
    if 1000 <= number <= 4000:
        return Again(number, low, high, None, "holds" if 1000 <= low and high <= 4000 else "holds in part")
    return Again(number, low, high, None, "undecided" if low <= 4000 and high >= 1000 else "does not hold")


def a_great_majority_near_a_plane():
    """text-18b: more than four fifths of 50,000 images near a plane, in every network of Figures 8 to 10."""
    shares = (
        np.concatenate([list(final(f"cifar-N-tanh-n{n}-L0", "kept_samples").values()) for n in (18, 24, 32)]) / 50_000
    )
    yes = int((shares > 0.8).sum())
    verdict = "holds" if yes == len(shares) else "holds in part" if yes >= len(shares) / 2 else "counterexample"
    return Again(yes / len(shares), *exact(yes, len(shares)), None, verdict)


def repeats_that_differ_little():
    """fig31-4: the deviation over the seeds below two percent of the mean error, in every configuration."""
    small = []
    for n in (18, 24, 32):
        for depth in range(4):
            for name in ("tanh", "isotanh"):
                if (DATA / "networks" / f"cifar-N-{name}-n{n}-L{depth}.npz").is_file():
                    errors = of(f"cifar-N-{name}-n{n}-L{depth}")[0]["test_error_sigma"][:, LAST]
                    small.append(errors.std(ddof=1) / errors.mean() < 0.02)
    yes = int(np.sum(small))
    verdict = "holds" if yes == len(small) else "holds in part" if yes >= len(small) / 2 else "counterexample"
    return Again(yes / len(small), *exact(yes, len(small)), None, verdict)


def lower_errors_in_every_pair():
    """fig31-1: isotropic errors lower by the interval over the seeds; p over the seeds of the mean logarithm."""
    signs, logs = [], []
    for n in (18, 24, 32):
        for depth in range(4):
            names = [f"cifar-N-{name}-n{n}-L{depth}" for name in ("tanh", "isotanh")]
            if all((DATA / "networks" / f"{name}.npz").is_file() for name in names):
                both = []
                for name in names:
                    arrays, seeds = of(name)
                    both.append(dict(zip(seeds, arrays["test_error_sigma"][:, LAST], strict=True)))
                shared = [seed for seed in both[0] if seed in both[1]]
                _, low, high, _ = student([both[0][s] - both[1][s] for s in shared])
                signs.append(1 if low > 0 else -1 if high < 0 else 0)
                logs.append({s: np.log(both[0][s] / both[1][s]) for s in shared})
    seeds = set.intersection(*(set(each) for each in logs))
    mean, _, _, p = student([np.mean([each[s] for each in logs]) for s in sorted(seeds)])
    yes, total = signs.count(1), len(signs)
    if yes == total:
        verdict = "holds"
    elif yes >= total / 2:
        verdict = "holds in part"
    else:
        verdict = "counterexample" if -1 in signs else "undecided"
    return Again(yes / total, *exact(yes, total), p if mean > 0 else 1.0, verdict)


def fewer_points_than_isotropic():
    """fig11-2b: the ratio of points of tanh over isotropic tanh, one block, layer 1, below 1."""
    tanh, isotropic = (final(f"cifar-N-{name}-n18-L1", "count", 1) for name in ("tanh", "isotanh"))
    logs = [np.log(max(tanh[s], 1) / max(isotropic[s], 1)) for s in tanh if s in isotropic]
    mean, low, high, p = student(logs)
    verdict = "holds" if high < 0 else "does not hold" if low > 0 else "undecided"
    return Again(np.exp(mean), np.exp(low), np.exp(high), p, verdict)


def structure_on_the_axes_as_well():
    """fig19-1b: a local maximum of the angles within 10 degrees of an axis, of twice an even bin, in some network."""
    beams = []
    for histogram in of("cifar-N-lrelu-n18-L2")[0]["histogram"][:, LAST, 0]:
        even = histogram.sum() / 72
        beams.append(
            any(
                histogram[k] > histogram[k - 1] and histogram[k] >= histogram[(k + 1) % 72] and histogram[k] > 2 * even
                for k in range(72)
                if min(5 * k % 90, 90 - 5 * k % 90) <= 10
            )
            and histogram.sum() >= 50
        )
    yes = sum(beams)
    verdict = "holds" if yes >= 0.2 * len(beams) else "not seen"
    return Again(yes / len(beams), *exact(yes, len(beams)), None, verdict)


def representations_without_a_negative_component():
    """text-10b: the share of published isotropic representations in the positive orthant, less 2^-18."""
    yes = total = 0
    for name in ("cifar-N-isotanh-n18-L0", "cifar-N-isolrelu-n18-L3", "cifar-N-isolrelu-n18-L2"):
        values = np.load(DATA / "representations" / f"{name}.npz")["values"]  # ([seeds,] layers, samples, neurons)
        inside = (values[..., 0, :, :] >= 0).all(-1)
        yes, total = yes + int(inside.sum()), total + inside.size
    number, low, high = (value - 2.0**-18 for value in (yes / total, *exact(yes, total)))
    margin = 3.8e-6
    verdict = "holds" if -margin <= low and high <= margin else "no contradiction" if low <= 0 <= high else "other"
    return Again(number, low, high, None, verdict)


def isotropic_counts_fall_with_the_width():
    """text-6a: fewer points at 24 than at 18 neurons, and at 32 than at 24, in every seed that has all three."""
    counts = [final(f"cifar-N-isotanh-n{n}-L0", "count") for n in (18, 24, 32)]
    seeds = [s for s in counts[0] if s in counts[1] and s in counts[2]]
    falls = sum(counts[0][s] > counts[1][s] > counts[2][s] for s in seeds)
    verdict = "holds" if falls == len(seeds) else "holds in part" if falls >= len(seeds) / 2 else "counterexample"
    return Again(falls / len(seeds), *exact(falls, len(seeds)), None, verdict)


def beams_that_narrow_in_training():
    """fig01-8: Kendall's tau of the concentration of the angles with the checkpoint, from epoch 1 on, above 0."""
    arrays, _ = of("cifar-U-tanh-n18-L0")
    later = arrays["epochs"] >= 1
    taus = []
    for histogram in arrays["histogram"][:, later, 0].astype(float):
        enough = histogram.sum(-1) >= 50
        taus.append(stats.kendalltau(np.flatnonzero(enough), peak(histogram[enough])).statistic)
    mean, low, high, p = student(taus)
    verdict = "holds" if low > 0 else "does not hold" if high < 0 else "undecided"
    return Again(mean, max(low, -1), min(high, 1), p, verdict)


def diagonal_that_is_the_main_one():
    """fig18-4c: sin 2t above the network's random bases, p at most 0.05 on two sides, in every network."""
    yes = against = total = 0
    for name in ("cifar-U-lrelu-n18-L2", "cifar-N-lrelu-n18-L3", "cifar-N-lrelu-n18-L2"):
        arrays, _ = of(name)
        values, nulls = arrays["s2"][:, LAST, 0], arrays["final_null_s2"][:, 0].astype(float)
        for value, null, points in zip(values, nulls, arrays["count"][:, LAST, 0], strict=True):
            known = null[np.isfinite(null)]
            p = 2 * (1 + min(np.sum(known >= value), np.sum(known <= value))) / (1 + len(known))
            decided = points >= 50 and min(p, 1) <= LEVEL
            yes, against = (
                yes + (decided and value > np.median(known)),
                against + (decided and value < np.median(known)),
            )
            total += 1
    verdict = (
        "holds"
        if yes == total
        else "holds in part"
        if yes >= total / 2
        else "counterexample"
        if against
        else "undecided"
    )
    return Again(yes / total, *exact(yes, total), 1.0, verdict)


COUNTED = {
    "fig10-2": ten_times_as_many_points,
    "fig01-10b": about_two_thousand_points,
    "text-18b": a_great_majority_near_a_plane,
    "fig31-4": repeats_that_differ_little,
    "fig31-1": lower_errors_in_every_pair,
    "fig11-2b": fewer_points_than_isotropic,
    "fig19-1b": structure_on_the_axes_as_well,
    "text-10b": representations_without_a_negative_component,
    "text-6a": isotropic_counts_fall_with_the_width,
    "fig01-8": beams_that_narrow_in_training,
    "fig18-4c": diagonal_that_is_the_main_one,
}


@pytest.fixture(scope="module")
def card():
    """The scorecard of today's code, of the families that are counted again: p is adjusted among all of them."""
    known = claims.load()
    families = {claim.family for claim in known.each if claim.id in COUNTED}
    members = tuple(c for c in known.each if c.family in families or c.id in ("fig01-1", "fig34-3"))
    return {row.id: row for row in compute.compute(DATA, claims.Claims(known.level, members)).rows}


@pytest.mark.parametrize("id", COUNTED)
def test_a_claim_counted_again_has_the_same_verdict(card, id):
    again, row = COUNTED[id](), card[id]
    numbers = [again.number, again.low, again.high]
    assert [row.number, row.low, row.high] == pytest.approx(numbers, rel=1e-4, abs=1e-6)
    verdict = again.verdict
    if row.p is not None:
        assert row.p == pytest.approx(again.p, rel=1e-4)
        adjusted = by_hand([r for r in card.values() if r.family == row.family and not r.same_as and r.p is not None])[
            id
        ]
        assert row.p_adjusted == pytest.approx(adjusted, rel=1e-4)
        verdict = "holds in part" if verdict == "holds" and adjusted > LEVEL else verdict
    assert row.verdict == verdict


def by_hand(rows):
    """Benjamini and Hochberg's adjusted p of the claims of a family, by id."""
    ordered = sorted(rows, key=lambda row: row.p)
    steps = [len(rows) / (i + 1) * row.p for i, row in enumerate(ordered)]
    return {row.id: min(1.0, *steps[i:], 1.0) for i, row in enumerate(ordered)}


def test_each_kind_of_verdict_is_counted_again(card):
    """Beside those that nothing decides: what is not published, and what cannot be tested."""
    assert not (DATA / "networks" / "mnist-N-tanh-n32-L3.npz").exists() and "reason" in ENTRIES["fig01-1"]
    assert (card["fig34-3"].verdict, card["fig01-1"].verdict) == ("not published yet", "not testable")
    seen = {card[id].verdict for id in (*COUNTED, "fig34-3", "fig01-1")}
    assert seen == set(SYMBOLS), re.sub(r"\s+", " ", str(set(SYMBOLS) - seen))
