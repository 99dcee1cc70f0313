"""Sentences and tables against independent counting on records made by hand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from isoaux import bases, statistics
from isoaux.common.archive import Published
from isoaux.common.tables import Text
from isoaux.paper import GROUPS, TITLES, Configuration, Figure
from isoaux.records.results import Collection, Result
from isoaux.studies.planes import report

STATISTICS = ("count", "c4", "s2")


def made(
    activations: Sequence[str] = ("tanh", "isotanh"),
    seeds: Sequence[int] = (0, 1, 2),
    epochs: Sequence[int] = (0, 2, 5),
    *,
    layer: int = 0,
    side: int = 20,
    draws: int = 39,
    seed: int = 0,
    deviations: Sequence[str] = (),
) -> Result:
    """A figure of networks that were never trained; their records hold random numbers, in two layers."""
    rng = np.random.default_rng(seed)
    configurations = [Configuration("cifar", False, activation, 18, 1) for activation in activations]
    shape = (len(seeds), len(epochs), 2)
    facts: dict[str, Any] = {
        "figure": "fig01",
        "profile": "smoke",
        "source": "digits",
        "dataset": "8x8 digits (scikit-learn)",
        "measure_version": 2,
        "epochs": epochs[-1],
        "seeds": list(seeds),
        "dtype": "float64",
        "variant": "combination",
        "basis": "standard",
        "epsilon": 0.75,
        "layer": layer,
        "deviations": list(deviations),
        "rows": [{"configuration": c.id, "seed": s} for c in configurations for s in seeds],
    }
    records = {}
    for c in configurations:
        arrays: dict[str, Any] = {
            "count": rng.integers(1000, 90_000, shape),
            "kept_samples": rng.integers(100, 1_498, shape),
            "plane_counts": rng.integers(0, 1_000, (*shape, 153)),
            "planes": bases.pairs(np.eye(18))[0],
            "axes_half": rng.integers(1, 36, shape),
            "sectors_half": rng.integers(1, 11_016, shape),
            "mean_share": rng.random(shape),
            "radius_quantiles": np.sort(rng.random((*shape, 7)), -1),
        }
        arrays |= {name: rng.normal(0, 0.1, shape) for name in ("c4", "s2")}
        for name in STATISTICS:
            spread = np.abs(arrays[name])[..., None]
            centre = rng.normal(arrays[name][..., None], spread)
            arrays[f"null_{name}"] = rng.normal(centre, spread, (*shape, draws))
            arrays[f"final_null_{name}"] = rng.normal(centre[:, -1], spread[:, -1], (len(seeds), 2, draws))
        for name in ("kept_samples", "axes_half", "sectors_half"):
            arrays[f"final_null_{name}"] = rng.integers(1, 9000, (len(seeds), 2, 99))
        arrays["histogram"] = np.ones((*shape, 72), dtype=int)
        records[c.id] = Published(arrays, facts | {"configuration": c.id})
    rows = len(facts["rows"])
    drawing = {
        "density": (rng.integers(0, 86, (rows, len(epochs), side, side)) * 3).astype(np.uint8),
        "limit": np.ones(rows),
        "window": np.ones(rows),
        "epochs": np.array(epochs),
    }
    entry = {"networks": [c.id for c in configurations], "k": layer, "epsilon": 0.75}
    return Result(Figure(1, "Sec. 4", "ppp_grid", entry), Published(drawing, facts), records, {})


def last(result: Result, row: int, name: str) -> float:
    """A statistic of a row's network at the last checkpoint, straight from its record."""
    configuration, seed = result.rows[row]
    record = result.records[configuration.id]
    return record[name][result.facts["seeds"].index(seed), -1, result.figure.layer]


def null(result: Result, row: int, name: str) -> np.ndarray:
    configuration, seed = result.rows[row]
    return result.records[configuration.id][f"final_null_{name}"][
        result.facts["seeds"].index(seed), result.figure.layer
    ]


def set_null(result: Result, row: int, name: str, p: float) -> None:
    """Give a network 99 random bases against which its two-sided p is this; the value is above most of them."""
    configuration, seed = result.rows[row]
    arrays = result.records[configuration.id].arrays
    value, above = last(result, row, name), round(p / 2 * 100) - 1
    own = np.concatenate([np.full(above, value + 1), np.full(99 - above, value - 1)])
    whole = arrays.setdefault(f"final_null_{name}", np.empty((len(result.facts["seeds"]), 2, 99)))
    if whole.shape[-1] != 99:
        whole = arrays[f"final_null_{name}"] = np.repeat(whole[..., :1], 99, axis=-1)
    whole[result.facts["seeds"].index(seed), result.figure.layer] = own


def numbers(cell: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"[+-]?\d[\d,]*\.?\d*", cell)]


# --- p values


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("name", STATISTICS)
def test_p_is_that_of_the_test_against_the_networks_own_bases(name, layer):
    result = made(layer=layer)
    found = [report.p_value(result, row, name) for row in range(6)]
    for row, p in enumerate(found):
        value, own = last(result, row, name), null(result, row, name)
        assert p == statistics.test_from_null(value, own).p
        tail = min((own >= value).sum(), (own <= value).sum())
        assert p == pytest.approx(min(1, 2 * (1 + tail) / (1 + len(own))))
    assert len(set(found)) > 3, "every network has its own"


# --- tables


def test_the_table_has_a_row_for_every_network_and_every_statistic():
    result = made()
    table = report.measured(result)
    assert len(table.rows) == 6 and all(len(row) == len(table.head) for row in table.rows)
    assert table.head[2::3] == ("points", "c4", "s2") and set(table.head[4::3]) == {"p"}
    for r, (row, (configuration, seed)) in enumerate(zip(table.rows, result.rows, strict=True)):
        assert row[:2] == (TITLES[configuration.activation], str(seed))
        for column, name in ((2, "count"), (5, "c4"), (8, "s2")):
            (value,), (low, high) = numbers(row[column]), numbers(row[column + 1])
            digits = 0.5 if name == "count" else 5.1e-3
            assert value == pytest.approx(last(result, r, name), abs=digits)
            assert (low, high) == pytest.approx(np.quantile(null(result, r, name), [0.025, 0.975]), abs=digits)
            assert float(row[column + 2]) == pytest.approx(report.p_value(result, r, name), abs=5e-4)


def test_the_table_of_beams_compares_with_the_median_of_random_bases():
    result = made(layer=1)
    table = report.beams(result)
    assert len(table.rows) == 6 and all(len(row) == len(table.head) for row in table.rows)
    for r, row in enumerate(table.rows):
        for column, name in ((2, "kept_samples"), (3, "axes_half"), (4, "sectors_half")):
            value, median = numbers(row[column])
            assert value == last(result, r, name)
            assert median == pytest.approx(np.median(null(result, r, name)), abs=0.5)
        assert float(row[5]) == pytest.approx(last(result, r, "mean_share"), abs=5e-3)


def test_no_cell_breaks_its_table():
    for table in (report.verdict(made()), report.measured(made()), report.beams(made())):
        lines = table._repr_markdown_().splitlines()
        assert {line.count("|") for line in lines} == {len(table.head) + 1}


# --- verdict


def judged(result: Result) -> dict[tuple[str, str], tuple[int, int, int, int, float]]:
    """By activation and statistic: seeds that differ, seeds, of those that differ above and below, Fisher's p."""
    table = report.verdict(result)
    assert all(len(row) == len(table.head) for row in table.rows) and "0.05" in table.head[2]
    found = {}
    for activation, name, seeds, way, together in table.rows:
        found[activation, name] = (*map(int, re.findall(r"\d+", seeds) + re.findall(r"\d+", way)), float(together))
    assert len(found) == len(table.rows)
    return found


def test_the_verdict_counts_the_seeds_that_differ():
    result = made()
    wanted = {
        "count": [0.02, 0.04, 0.06, 0.5, 0.9, 1.0],
        "c4": [0.06, 0.2, 0.5, 0.02, 0.02, 0.02],
        "s2": [0.02, 0.5, 0.5, 0.5, 0.5, 0.04],
    }
    for name, values in wanted.items():
        for row, p in enumerate(values):
            set_null(result, row, name, p)
            assert report.p_value(result, row, name) == pytest.approx(p), "the null made here is not what it should be"
    found = judged(result)
    assert found.keys() == {(TITLES[a], name) for a in ("tanh", "isotanh") for name in ("points", "c4", "s2")}
    for activation, rows in (("tanh", slice(3)), ("isotanh", slice(3, 6))):
        for name, words in (("count", "points"), ("c4", "c4"), ("s2", "s2")):
            values = np.array(wanted[name][rows])
            differ = int((values <= 0.05).sum())
            fisher = stats.chi2.sf(-2 * np.log(values).sum(), 2 * len(values))
            assert found[TITLES[activation], words] == (differ, 3, differ, 0, pytest.approx(fisher, rel=0.06))


def test_the_verdict_says_which_way():
    result = made(("tanh",))
    for row in range(3):
        set_null(result, row, "c4", 0.04)
    own = result.records[result.rows[0][0].id]["final_null_c4"]
    own[1, 0] = 2 * last(result, 1, "c4") - own[1, 0]  # mirrored: the value is now below its null
    assert judged(result)["tanh", "c4"][:4] == (3, 3, 2, 1)


def test_a_p_of_exactly_the_level_counts():
    result = made(("tanh",), seeds=(0,), draws=39)
    (record,) = result.records.values()
    record["final_null_s2"][:] = last(result, 0, "s2") - 1
    assert report.p_value(result, 0, "s2") == 0.05 and judged(result)["tanh", "s2"][0] == 1


def test_the_verdict_of_one_seed():
    result = made(seeds=(3,))
    for row, activation in enumerate(("tanh", "isotropic tanh")):
        for name, words in (("count", "points"), ("c4", "c4"), ("s2", "s2")):
            p = report.p_value(result, row, name)
            differ, of, *_, together = judged(result)[activation, words]
            assert (differ, of) == (int(p <= 0.05), 1)
            assert together == pytest.approx(p, rel=0.06), "one seed's combination is its own p"


def test_equal_values_are_no_difference():
    """Where a value is equal to all of its random bases, for instance without any points, p is 1."""
    result = made()
    for record in result.records.values():
        for name in STATISTICS:
            record.arrays[name] = np.zeros_like(record[name])
            record.arrays[f"null_{name}"] = np.zeros_like(record[f"null_{name}"])
            record.arrays[f"final_null_{name}"] = np.zeros_like(record[f"final_null_{name}"])
    assert set(judged(result).values()) == {(0, 3, 0, 0, 1.0)}
    assert "0 points" in report.sentence(result)


# --- sentences


def test_the_alternative_text_holds_the_measured_counts():
    result = made()
    words = report.sentence(result)
    assert "6 networks by 3 checkpoints from epoch 0 to 5" in words
    for activation, rows in (("tanh", range(3)), ("isotanh", range(3, 6))):
        counts = [last(result, row, "count") for row in rows]
        sectors = [last(result, row, "sectors_half") for row in rows]
        part = f"{TITLES[activation]}: {min(counts):,} to {max(counts):,} points, half of them in {min(sectors):,} to "
        assert part + f"{max(sectors):,} of the 5-degree sectors" in words


def test_the_alternative_text_of_the_curves_counts_what_is_outside_the_bands():
    result = made(seeds=(0, 1), epochs=(0, 1, 2, 4, 6))
    words = report.training_sentence(result)
    for activation in ("tanh", "isotanh"):
        shares = []
        for name in STATISTICS:
            outside = total = 0
            for configuration, seed in result.rows:
                if configuration.activation != activation:
                    continue
                record = result.records[configuration.id]
                for c in range(5):
                    index = result.facts["seeds"].index(seed), c, 0
                    low, high = np.quantile(record[f"null_{name}"][index], [0.025, 0.975])
                    outside += not low <= record[name][index] <= high
                    total += 1
            shares.append(f"{100 * outside / total:.0f}% for {'the count' if name == 'count' else name}")
        assert f"{TITLES[activation]}: {', '.join(shares)}" in words
    assert re.search(r"[1-9]\d*%", words), "this test needs something outside"


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2, 3, 4)], ids=len)
@pytest.mark.parametrize("activations", [("tanh",), ("tanh", "isotanh"), tuple(GROUPS)], ids=len)
def test_no_sentence_and_no_cell_holds_what_is_no_number(activations, seeds):
    result = made(activations, seeds)
    texts = [
        report.sentence(result),
        report.training_sentence(result),
        report.setting(result).words,
        repr(report.verdict(result)),
        repr(report.measured(result)),
        repr(report.beams(result)),
    ]
    for text in texts:
        assert text.strip() and not re.search(r"\b(nan|inf|None|Infinity|e\+\d)", text), text
    for text in texts[:3]:
        assert text.endswith(".") and "  " not in text, text
    for text in (*texts[:2], *texts[3:]):
        assert not [a for a in activations if TITLES[a] not in text], text


def test_the_setting_in_one_line():
    words = report.setting(made(seeds=(4, 7), layer=1)).words
    for part in (
        "8x8 digits (scikit-learn), raw pixels",
        "n = 18, L = 1, layer k = 1",
        "5 epochs",
        "seeds 4, 7",
        "float64",
        "combination-PPP in the standard basis",
        "epsilon = 0.75",
    ):
        assert part in words, words
    assert "Differs" not in words and "\n" not in words


def test_the_setting_says_what_differs_from_the_paper():
    words = report.setting(made(deviations=["2 epochs instead of 125", "2 of 5 seeds"])).words
    assert words.endswith("Differs from the paper: 2 epochs instead of 125; 2 of 5 seeds.")


# --- what was found, how much, and several figures at once


def page(*results: Result, missing: Sequence[int] = ()) -> Collection:
    """These results as Figures 2, 3, ... of one page, of 1, 2, ... hidden blocks; some numbers are not published."""
    found = {}
    for number, result in enumerate(results, 2):
        own = replace(result.figure.at_depth(number - 1), number=number)
        found[own.name] = replace(result, figure=own)
    absent = [replace(made().figure, number=number) for number in missing]
    return Collection((*(result.figure for result in found.values()), *absent), found)


def test_a_finding_counts_the_seeds_that_differ_and_says_which_way():
    result = made(("tanh", "isotanh"))
    for row, p in enumerate((0.02, 0.04, 0.5, 0.5, 0.5, 0.5)):
        set_null(result, row, "count", p)
        set_null(result, row, "c4", 0.5)
    assert report.finding(result) == (
        "With tanh, of 3 networks 2 have more points than random bases and 0 fewer; c4 is higher in 0 and lower in 0. "
        "With isotropic tanh, of 3 networks 0 have more points than random bases and 0 fewer; c4 is higher in 0 and "
        "lower in 0."
    )
    set_null(result, 5, "c4", 0.02)
    record = result.records[result.rows[5][0].id]
    record.arrays["final_null_c4"][2] = last(result, 5, "c4") + 1
    assert report.finding(result).endswith("c4 is higher in 0 and lower in 1.")


def test_a_finding_of_one_seed_has_no_plural():
    result = made(("tanh",), (3,))
    for name in ("count", "c4"):
        set_null(result, 0, name, 0.5)
    assert report.finding(result).startswith("With tanh, of 1 network 0 have more points")


def test_a_page_opens_with_the_networks_on_either_side_and_counts_a_figure_that_is_drawn_twice_once():
    result = made(("tanh", "isotanh"))
    for row, p in enumerate((0.02, 0.04, 0.5, 0.02, 0.5, 0.5)):
        set_null(result, row, "count", p)
        set_null(result, row, "c4", 0.5)
    words = report.in_short(Collection((result.figure,), {"fig01": result})).words
    assert words.startswith(
        "**In short.** The neurons stand out from random bases in 1 of 3 networks with tanh and 1 of 3 with "
        "isotropic tanh, in which symmetry makes no neuron special (raw p of at most 0.05 by points or c4, adjusted"
    )
    assert "near random planes in 2 of 3" in words and "nearer the axes of the panels in none of 3" in words
    again = replace(result, figure=replace(result.figure, number=2))
    both = Collection((result.figure, again.figure), {"fig01": result, "fig02": again})
    assert list(report.distinct(both).results) == ["fig01"]
    assert report.in_short(both).words == words
    assert report.in_short(Collection((result.figure,), {})).words == "Figure 1 is not published yet."


def test_the_rise_with_the_width_is_followed_by_seed():
    narrow, wide = made(("tanh",), seed=1), made(("tanh",), seed=2)
    (old,) = wide.records
    new = Configuration("cifar", False, "tanh", 24, 1).id
    rows = [{**row, "configuration": new} for row in wide.facts["rows"]]
    drawing = replace(wide.drawing, facts={**wide.facts, "rows": rows})
    figure = replace(wide.figure, number=2)
    wide = replace(wide, figure=figure, drawing=drawing, records={new: wide.records[old]})
    ratios = [
        [last(result, r, "count") / np.median(result.of_row(r, "final_null_count")) for r in range(3)]
        for result in (narrow, wide)
    ]
    rising = sum(b > a for a, b in zip(*ratios, strict=True))
    words = report.in_short(Collection((narrow.figure, figure), {"fig01": narrow, "fig02": wide})).words
    assert f"their number rises with every width in {rising} of 3 seeds" in words


# --- of how many images


def with_images(kept: Sequence[Sequence[int]], counts: Sequence[Sequence[int]], **facts: Any) -> Result:
    """Figure 1 with so many images shown, and points, by activation and seed."""
    result = made(("tanh", "isotanh"), range(len(kept[0])))
    for record, images, points in zip(result.records.values(), kept, counts, strict=True):
        record.arrays["kept_samples"][:, -1, 0], record.arrays["count"][:, -1, 0] = images, points
        record.facts.update(facts)
    return result


def test_the_line_under_a_figure_counts_images_and_their_planes():
    result = with_images([[12_500, 5_000], [50, 0]], [[40_000, 5_000], [75, 0]], dataset="CIFAR-10 (a copy)")
    assert report.images_shown(result).words == (
        "Images with a point in any of the 153 planes at the last checkpoint: with tanh 5,000 to 12,500 of 50,000 "
        "(10 to 25 %), each on 1.0 to 3.2 planes; with isotropic tanh 0 to 50 of 50,000 (0 to 0.1 %), each on 1.5 "
        "planes."
    )
    assert report.images_shown(page(result)).words.startswith("- **Figure 2**: Images with a point")


def test_the_number_of_images_is_the_records_own_or_that_of_its_data_set():
    result = with_images([[30, 60], [0, 0]], [[30, 60], [0, 0]], dataset="my pictures", source="folder")
    for words in ("with tanh 30 to 60 of –, each on 1.0 planes; ", "with isotropic tanh 0 of –."):
        assert words in report.images_shown(result).words
    for record in result.records.values():  # from measure version 3 on
        record.arrays["kept_share"] = record["kept_samples"] / 120
    assert "with tanh 30 to 60 of 120 (25 to 50 %), each on 1.0 planes; " in report.images_shown(result).words
    digits = with_images([[749, 1498], [0, 0]], [[749, 1498], [0, 0]])
    assert "749 to 1,498 of 1,498 (50 to 100 %)" in report.images_shown(digits).words


def test_the_summary_holds_medians_over_the_seeds():
    result = made(layer=1)
    for row, cells in zip((range(3), range(3, 6)), report.summary(result).rows, strict=True):
        for column, name, places in ((1, "count", 0), (3, "c4", 2), (4, "s2", 2), (5, "sectors_half", 0)):
            values = [last(result, r, name) for r in row]
            nulls = [np.median(null(result, r, name)) for r in row]
            assert numbers(cells[column]) == [
                pytest.approx(round(float(np.median(v)), places)) for v in (values, nulls)
            ], name
        ratio = np.median([last(result, r, "count") / max(1, np.median(null(result, r, "count"))) for r in row])
        assert numbers(cells[2])[0] == pytest.approx(ratio, rel=0.05)
        start, end = numbers(cells[6])
        assert 0 < start < 1 and 0 < end < 1


@pytest.mark.parametrize("table", [report.measured, report.verdict, report.beams, report.summary])
def test_a_table_of_several_figures_is_theirs_one_after_the_other(table):
    first, second = made(), made(("lrelu",), seed=1)
    found = table(page(first, second, missing=[9]))
    assert found.head == ("figure", *table(first).head)
    assert found.rows == tuple(
        (label, *row) for label, own in (("2, L = 1", first), ("3, L = 2", second)) for row in table(own).rows
    )
    assert table(page(missing=[8, 9])) == Text("Figures 8 and 9 are not published yet.")


def test_the_settings_of_a_page_name_what_is_not_published():
    words = report.setting(page(made(), missing=[8, 9, 10])).words
    assert words.startswith("- **Figure 2**: ") and report.setting(made()).words in words
    assert words.endswith("\n\nFigures 8, 9 and 10 are not published yet.")
    assert "not published" not in report.setting(page(made())).words
    assert report.setting(page(missing=[8])).words == "Figure 8 is not published yet."
