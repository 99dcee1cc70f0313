"""When, with what trend, and on which pixels: tables against counting by hand, on series made for it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.common.tables import Table
from isoaux.paper import TITLES, Configuration, figure
from isoaux.records import reading
from isoaux.records.results import Collection, Result
from isoaux.studies.planes import comparisons

EPOCHS = (0, 1, 2, 4, 8)
BAND = {"count": (10, 20), "c4": (-0.25, 0.25)}
IDENTITY = {"checksum": "x", "epochs": 8, "dtype": "float64", "epsilon": 0.75, "basis": "standard"} | {
    "variant": "combination", "draws": 40, "final_draws": 40, "engine_version": 1, "measure_version": 2
}  # fmt: skip

examples = settings(max_examples=25)
seeds = st.integers(0, 2**32 - 1)


def made(
    name: str = "fig08",
    activations: Sequence[str] = ("tanh", "isotanh"),
    seeds: Sequence[int] = (0, 1, 2),
    rng: int = 0,
) -> Result:
    """A figure of networks that were never trained: small numbers, so that many are equal, in two latent layers.

    The middle 95% of every network's random bases is ``BAND``, the median of those of the last checkpoint random.
    """
    random = np.random.default_rng(rng)
    wanted = figure(name)
    first = wanted.configurations[0]
    configurations = [replace(first, activation=activation) for activation in activations]
    records = {}
    for configuration in configurations:
        shape = (len(seeds), len(EPOCHS), 2)
        arrays: dict[str, Any] = {
            "count": random.integers(0, 30, shape),
            "c4": random.integers(-4, 5, shape) / 8,
            "histogram": np.zeros((*shape, 72), int),
            "epochs": np.array(EPOCHS),
        }
        arrays["histogram"][..., 7:11] = random.integers(0, 3, (*shape, 4)) + np.eye(4, dtype=int)[0] * 2
        for statistic, band in BAND.items():
            arrays[f"null_{statistic}"] = np.broadcast_to(np.repeat(band, 20), (*shape, 40)).copy()
        arrays["final_null_count"] = random.integers(0, 8, (len(seeds), 2, 40))
        arrays["final_null_c4"] = random.integers(-4, 5, (len(seeds), 2, 40)) / 8
        records[configuration.id] = Published(
            arrays, IDENTITY | {"configuration": configuration.id, "seeds": list(seeds)}
        )
    rows = [{"configuration": c.id, "seed": s} for c in configurations for s in seeds]
    entry = wanted.entry | {"networks": [c.id for c in configurations]}
    drawing = Published({"epochs": np.array(EPOCHS)}, {"rows": rows, "seeds": list(seeds)})
    return Result(replace(wanted, entry=entry), drawing, records, {})


def page(*results: Result) -> Collection:
    return Collection(tuple(result.figure for result in results), {result.figure.name: result for result in results})


def record(result: Result, activation: str = "tanh") -> Published:
    (found,) = (r for id, r in result.records.items() if Configuration.parse(id).activation == activation)
    return found


def set_series(result: Result, name: str, *series: Sequence[float]) -> None:
    """Give the seeds of tanh these values over the checkpoints, in the figure's layer."""
    own = record(result)
    own.arrays[name] = own[name].astype(float) if name == "c4" else own[name]
    for seed, values in enumerate(series):
        own[name][seed, :, result.figure.layer] = values


def column(table: Table, words: str) -> list[str]:
    return [row[table.head.index(words)] for row in table.rows]


def whole(table: Table) -> None:
    """Every line has a cell for every column and no cell breaks a table."""
    assert {len(row) for row in table.rows} == {len(table.head)}
    assert not [cell for row in (table.head, *table.rows) for cell in row if "|" in cell or "\n" in cell]


# --- when


def timed(name: str = "fig08", **options: Any) -> Result:
    """As :func:`made`, with the same random bases at the last checkpoint as at the others."""
    result = made(name, **options)
    for record in result.records.values():
        record.arrays.update({f"final_null_{name}": record[f"null_{name}"][:, -1] for name in BAND})
    return result


@pytest.mark.parametrize(("name", "band"), BAND.items())
@pytest.mark.parametrize("layer_of", ["fig14", "fig15"])
def test_a_number_counts_as_outside_from_where_it_stays_outside(name, band, layer_of):
    low, high = band
    inside, below, above = (low + high) / 2, low - 1, high + 1
    series = {
        "4": [inside, inside, inside, above, above],
        "8": [inside, above, below, below, above],  # on the side of the end only
        "0": [below] * 5,
        "–": [above, above, above, above, inside],
        "2": [below, low, above, above, above],  # on the edge is inside
    }
    result = timed(layer_of, seeds=range(len(series)))
    set_series(result, name, *series.values())
    table = comparisons.timing(result)
    whole(table)
    assert column(table, f"{name} outside from epoch")[0] == ", ".join(series)
    assert column(table, "activation") == ["tanh", "isotropic tanh"]


def test_outside_is_p_of_at_most_005_against_the_random_bases_of_that_checkpoint():
    """Random bases with 0, 1, ..., 40 have their middle 95% from 1 to 39, but p is 4/42 for 39.5 and 2/42 for 41.

    The last checkpoint has 81 of them, 0, 0.5, ..., 40, and there p is 6/82 for 39.5 and 4/82 for 40.
    """
    series = {
        "1": [20, 41, 41, 41, 41],
        "2": [20, 39.5, 41, 41, 41],  # outside the middle 95% from epoch 1
        "4": [-1, -1, -1, 41, 41],  # at all epochs outside, and on the side of the end from epoch 4
        "–": [41, 41, 41, 41, 39.5],  # outside the middle 95% at all epochs
        "0": [41, 41, 41, 41, 40],
    }
    result = made(seeds=range(len(series)))
    for name in BAND:
        arrays = record(result).arrays
        arrays[name] = arrays[name].astype(float)
        arrays[f"null_{name}"] = np.tile(np.arange(41.0), (len(series), 5, 2, 1))
        arrays[f"final_null_{name}"] = np.tile(np.arange(81.0) / 2, (len(series), 2, 1))
        set_series(result, name, *series.values())
    assert comparisons.timing(result).rows[0][1:3] == (", ".join(series),) * 2


@examples
@given(seeds)
def test_the_first_epoch_outside_is_what_a_search_backwards_finds(rng):
    result = timed(rng=rng)
    for name, (low, high) in BAND.items():
        found = column(comparisons.timing(result), f"{name} outside from epoch")
        for activation, cell in zip(("tanh", "isotanh"), found, strict=True):
            expected = []
            for values in record(result, activation)[name][:, :, 0]:
                since = "–"
                for epoch, value in list(zip(EPOCHS, values, strict=True))[::-1]:
                    if not (value > high and values[-1] > high or value < low and values[-1] < low):
                        break
                    since = str(epoch)
                expected.append(since)
            assert cell == ", ".join(expected)


def test_most_points_and_how_many_of_them_are_left():
    result = made(seeds=range(4))
    set_series(result, "count", [0, 10, 40, 20, 10], [1, 2, 3, 4, 5], [0] * 5, [7, 0, 7, 0, 0])
    table = comparisons.timing(result)
    assert column(table, "most points at epoch")[0] == "2, 8, –, 0", "of equal ones the first"
    assert column(table, "left at the end")[0] == "25 %, 100 %, –, 0 %"


def test_the_timing_of_a_page_is_that_of_its_figures():
    first, second = made("fig08"), made("fig09", rng=1)
    table = comparisons.timing(page(first, second))
    whole(table)
    assert column(table, "figure") == ["8, n = 18"] * 2 + ["9, n = 24"] * 2
    assert [row[1:] for row in table.rows] == [*comparisons.timing(first).rows, *comparisons.timing(second).rows]


# --- with what trend


def value(result: Result, activation: str, seed: int, words: str) -> tuple[Fraction, Fraction | None]:
    """A number at the last checkpoint and that of the random bases, exactly."""
    own, layer = record(result, activation), result.figure.layer
    s = own.facts["seeds"].index(seed)

    def null(name: str) -> Fraction:
        return median(map(Fraction, own[f"final_null_{name}"][s, layer].tolist()))

    def last(name: str) -> Fraction:
        return Fraction(own[name][s, -1, layer].item())

    if words == "points":
        return last("count"), null("count")
    if words == "points, times random bases":
        middle = max(null("count"), Fraction(1))
        return last("count") / middle, null("count") / middle
    if words == "c4":
        return last("c4"), null("c4")
    bins = np.repeat(np.arange(72), own["histogram"][s, -1, layer]).tolist()
    pairs = [a == b for i, a in enumerate(bins) for j, b in enumerate(bins) if i != j]
    return Fraction(72 * sum(pairs), len(pairs)), None


def directions(results: Sequence[Result], activation: str, common: Sequence[int], words: str) -> tuple[str, str]:
    """In how many of the seeds a number rises, and falls, from every figure to the next."""
    rising = falling = 0
    for seed in common:
        series = [value(result, activation, seed, words)[0] for result in results]
        rising += all(a < b for a, b in zip(series, series[1:], strict=False))
        falling += all(a > b for a, b in zip(series, series[1:], strict=False))
    return f"{rising} of {len(common)}", f"{falling} of {len(common)}"


@examples
@given(seeds, st.integers(2, 3), st.sampled_from([("fig08", "fig09", "fig10"), ("fig14", "fig15", "fig13")]))
def test_the_trend_counts_the_seeds_that_rise_and_fall_all_the_way(rng, figures, names):
    results = [made(name, rng=rng + i) for i, name in enumerate(names[:figures])]
    table = comparisons.trend(page(*results))
    whole(table)
    assert len(table.rows) == 2 * 4 and len(table.head) == 4 + figures
    for activation, *cells in table.rows:
        (own,) = (name for name, title in TITLES.items() if title == activation)
        assert tuple(cells[-2:]) == directions(results, own, (0, 1, 2), cells[0]), cells


def test_equal_numbers_neither_rise_nor_fall():
    results = [made("fig08"), made("fig09")]
    for result, last in zip(results, ([3, 3, 4], [3, 4, 3]), strict=True):
        record(result)["count"][:, -1, 0] = last
    table = comparisons.trend(page(*results))
    assert table.rows[0][-2:] == ("1 of 3", "1 of 3")


@examples
@given(seeds)
def test_the_cells_of_the_trend_are_medians_beside_those_of_random_bases(rng):
    results = [made("fig14", rng=rng), made("fig15", rng=rng + 1)]
    for activation, words, *cells in comparisons.trend(page(*results)).rows:
        (own,) = (name for name, title in TITLES.items() if title == activation)
        for cell, result in zip(cells[:2], results, strict=True):
            values, nulls = zip(*(value(result, own, seed, words) for seed in (0, 1, 2)), strict=True)
            wanted = [median(values)] + ([] if None in nulls else [median(nulls)])
            found = [float(number) for number in re.findall(r"[+-]?\d+\.?\d*", cell)]
            digits = {"points": 0.5, "c4": 0.005}.get(words, 0.05)
            assert found == [pytest.approx(float(number), abs=digits + 1e-9) for number in wanted], (words, cell)


def test_many_points_are_written_with_commas_and_c4_with_its_sign():
    results = [made("fig08"), made("fig09")]
    for result in results:
        own = record(result)
        own["count"][:, -1], own["final_null_count"][:], own["c4"][:, -1], own["final_null_c4"][:] = 54321, 12, 0.5, -1
    rows = comparisons.trend(page(*results)).rows
    assert rows[0][2] == "54,321 (12)" and rows[1][2] == "4,526.8 (1.0)" and rows[2][2] == "+0.50 (-1.00)"


def test_random_bases_without_points_count_as_one_point():
    results = [made("fig08"), made("fig09")]
    for result in results:
        record(result)["count"][:, -1], record(result)["final_null_count"][:] = 6, 0
    assert comparisons.trend(page(*results)).rows[1][2] == "6.0 (0.0)"


def test_the_trend_names_every_figure_as_its_page_does():
    results = [made("fig08"), made("fig09"), made("fig10")]
    found = Collection((figure("figX3"), *page(*results).figures), page(*results).results)
    head = comparisons.trend(found).head
    assert head == ("activation", "number", "8, n = 18", "9, n = 24", "10, n = 32", "rises", "falls")


@pytest.mark.parametrize("results", [[], [made()]])
def test_a_trend_needs_two_figures(results):
    assert comparisons.trend(page(*results)).rows == (("needs two figures",),)


def test_a_trend_pairs_the_seeds_that_all_figures_have():
    results = [made("fig08", seeds=range(5)), made("fig09", seeds=range(3), rng=1), made("fig10", seeds=range(4))]
    for activation, words, *_, rises, falls in comparisons.trend(page(*results)).rows:
        (own,) = (name for name, title in TITLES.items() if title == activation)
        assert (rises, falls) == directions(results, own, (0, 1, 2), words)


def test_a_trend_pairs_equal_seeds_where_one_of_them_failed():
    results = [made("fig08"), made("fig09", seeds=(0, 2))]
    record(results[0])["count"][:, -1, 0] = [5, 1, 9]
    record(results[1])["count"][:, -1, 0] = [4, 8]  # of seeds 0 and 2: falls twice; by place it would rise once
    assert comparisons.trend(page(*results)).rows[0][-2:] == ("0 of 2", "2 of 2")


@pytest.mark.parametrize("left", ["tanh", "isotanh"])
def test_a_trend_compares_an_activation_with_itself_where_another_failed(left):
    results = [made("fig08"), made("fig09", activations=(left,), rng=1)]
    for words in ("points", "c4"):
        lines = [row for row in comparisons.trend(page(*results)).rows if row[:2] == (TITLES[left], words)]
        assert [line[-2:] for line in lines] == [directions(results, left, (0, 1, 2), words)]


def test_no_cell_of_the_trend_is_nan_where_a_network_has_fewer_than_two_points():
    results = [made("fig08"), made("fig09")]
    record(results[1])["histogram"][1, -1] = 0
    assert "nan" not in repr(comparisons.trend(page(*results)))


# --- on other pixels


def publish(id: str, counts: Sequence[int], histograms: Sequence[Sequence[int]], layer: int = 0, **facts: Any) -> None:
    """A record with these at the last checkpoint of a layer, and other numbers everywhere else."""
    arrays = {"count": np.full((len(counts), 3, 2), 777), "histogram": np.full((len(counts), 3, 2, 72), 5)}
    arrays["count"][:, -1, layer] = counts
    arrays["histogram"][:, -1, layer] = 0
    for seed, own in enumerate(histograms):
        arrays["histogram"][seed, -1, layer, : len(own)] = own
    about = IDENTITY | {"configuration": id, "seeds": list(range(len(counts)))}
    archive.write(reading.record_path(paths.data(), id), arrays, about | facts)


@pytest.mark.parametrize(
    ("name", "layer", "other", "words"),
    [
        ("fig08", 0, "cifar-U-tanh-n18-L0", "8; standardised, other raw"),
        ("fig01", 0, "cifar-N-tanh-n18-L0", "1; raw, other standardised"),
        ("fig13", 1, "cifar-U-tanh-n18-L3", "13; standardised, other raw"),
    ],
)
def test_a_network_stands_beside_the_one_on_the_other_pixels(checkout, name, layer, other, words):
    result = made(name)
    own = record(result)
    own["count"][:, -1, layer], own["histogram"][:, -1, layer] = [1000, 5, 30], 0
    own["histogram"][0, -1, layer, :2], own["histogram"][1, -1, layer, 3] = 1, 5
    own["histogram"][2, -1, layer, :2] = 2
    publish(other, [9, 7], [[2, 0, 1], [1, 1, 1, 1]], layer)
    table = comparisons.pixels(page(result))
    whole(table)
    pairs = 72 * 4 / 12  # two bins of two points: 4 of the 12 ordered pairs share a bin
    assert table.rows == (
        (words, "tanh", "30 (5 to 1,000)", f"{pairs:.1f} (0.0 to 72.0)", "8 (7 to 9)", "12.0 (0.0 to 24.0)"),
    )


def test_only_the_same_architecture_on_the_same_images_is_a_counterpart(checkout):
    for id in ("cifar-N-tanh-n18-L0", "cifar-U-tanh-n24-L0", "cifar-U-tanh-n18-L1", "mnist-U-tanh-n18-L0"):
        publish(id, [3], [[3]])
    publish("cifar-U-lrelu-n18-L0", [3], [[3]])
    result = made("fig08")
    assert comparisons.pixels(page(result)).rows[0][0] == "no counterpart is published"
    publish("cifar-U-isotanh-n18-L0", [3], [[3]])
    assert column(comparisons.pixels(page(result)), "activation") == ["isotropic tanh"]


@pytest.mark.parametrize("results", [[], [made("fig08")], [made("fig08"), made("fig09")]])
def test_where_no_counterpart_is_published_it_is_said(checkout, results):
    table = comparisons.pixels(page(*results))
    whole(table)
    assert len(table.rows) == 1 and table.rows[0][0] == "no counterpart is published" and not any(table.rows[0][1:])


def test_every_figure_of_a_page_has_its_own_counterparts(checkout):
    for n in (18, 24):
        publish(f"cifar-U-tanh-n{n}-L0", [n], [[2]])
    table = comparisons.pixels(page(made("fig08"), made("fig09"), made("fig10")))
    labels = ["8, n = 18; standardised, other raw", "9, n = 24; standardised, other raw"]
    assert column(table, "figure") == labels
    assert column(table, "other pixels: points") == ["18 (18 to 18)", "24 (24 to 24)"]


@pytest.mark.parametrize(("histograms", "cell"), [([[1], []], "–"), ([[1], [3], []], "72.0 (72.0 to 72.0)")])
def test_networks_of_fewer_than_two_points_are_left_out_of_how_narrow_beams_are(checkout, histograms, cell):
    publish("cifar-U-tanh-n18-L0", [sum(own) for own in histograms], histograms)
    assert comparisons.pixels(page(made("fig08"))).rows[0][-1] == cell


def test_a_damaged_record_is_not_a_missing_one(checkout):
    publish("cifar-U-tanh-n18-L0", [3], [[3]])
    reading.record_path(paths.data(), "cifar-U-tanh-n18-L0").with_suffix(".npz").write_bytes(b"PK")
    with pytest.raises(ValueError, match="altered"):
        comparisons.pixels(page(made("fig08")))


@pytest.mark.parametrize(("name", "other"), [("checksum", "y"), ("epochs", 125), ("epsilon", 0.9)])
def test_a_record_of_another_setting_is_no_counterpart(checkout, name, other):
    """A page that is computed in the profile `smoke` says nothing beside what the paper's setting has published."""
    publish("cifar-U-tanh-n18-L0", [3], [[3]], **{name: other})
    assert comparisons.pixels(page(made("fig08"))).rows[0][0] == "no counterpart is published"
