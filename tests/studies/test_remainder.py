"""What is left after mean and covariance: planted clouds, numbers against direct tests, and whatever is published."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from roots import ROOT
from scipy.linalg import sqrtm
from scipy.stats import ortho_group

from isoaux import statistics
from isoaux.common import archive
from isoaux.paper import Configuration, figure
from isoaux.records import reading
from isoaux.records.reports import NOTHING
from isoaux.studies.remainder import discreteness, figures, prepared, report, tables

DATA = ROOT / "book" / "data"
TANH, CONTROL = (Configuration.parse(f"cifar-N-{name}-n12-L0") for name in ("tanh", "isotanh"))
CLOUDS, N, WIDTH = 6, 600, 8
RARE = 2
"""Of 6 clouds in which nothing is special more than 2 are outside with a probability of 0.002."""


# --- planted clouds


def unequal(rng):
    """A Gaussian cloud whose principal axes are the neurons, with deviations from 1 to 8."""
    return rng.standard_normal((N, WIDTH)) * np.geomspace(1, 8, WIDTH)


def two_valued(rng):
    """Neurons near -1 or 1, independent of each other and all alike."""
    return rng.choice([-1.0, 1.0], (N, WIDTH)) + 0.2 * rng.standard_normal((N, WIDTH))


def rare(rng):
    """Neurons that are small but for rare, large values."""
    return rng.laplace(size=(N, WIDTH))


def sides(law, turned):
    """On which sides of random bases six clouds of a law lie, by statistic and preparation; ``turned``: each anew."""
    seen = []
    for cloud in range(CLOUDS):
        rng = np.random.default_rng(cloud)
        values = law(rng)
        if turned:
            values = values @ ortho_group.rvs(WIDTH, random_state=rng)
        seen.append(prepared.outcomes(values, np.eye(WIDTH), seed=cloud))
    return {pair: [outcomes[pair].side for outcomes in seen] for pair in seen[0]}


def test_a_covariance_on_the_neurons_is_special_raw_and_nothing_whitened():
    seen = sides(unequal, turned=False)
    assert seen["quartimax", "raw"] == [1] * CLOUDS
    for statistic in prepared.MEASURED:
        assert np.count_nonzero(seen[statistic, "whitened"]) <= RARE, statistic


def test_two_valued_neurons_avoid_the_axes_and_rare_values_gather_on_them_whitened_too():
    for law, side in ((two_valued, -1), (rare, 1)):
        seen = sides(law, turned=False)
        for statistic in ("quartimax", "kurtosis", "neuron_kurtosis"):
            assert seen[statistic, "whitened"] == [side] * CLOUDS, (law, statistic)


@pytest.mark.parametrize("law", [unequal, two_valued, rare])
def test_of_turned_clouds_nothing_is_special(law):
    for pair, seen in sides(law, turned=True).items():
        assert np.count_nonzero(seen) <= RARE, pair


def rounded(rng, step):
    """Representations that vary in half of the directions only, none of them a neuron's, in whole steps."""
    turn = ortho_group.rvs(WIDTH, random_state=rng)
    values = rng.standard_normal((N, WIDTH)) * (np.arange(WIDTH) < WIDTH // 2) @ turn
    steps = np.rint(values / step)
    return prepared.Layer(0, int(rng.integers(2**31)), steps * step, step, np.zeros(N, np.int16))


def test_rounding_is_not_taken_for_structure():
    """Half of the directions hold nothing but rounding, which is even over a step of every neuron."""
    seen = []
    for cloud in range(CLOUDS):
        layer = rounded(np.random.default_rng(cloud), 0.3)
        seen.append(prepared.outcomes(prepared.blurred(layer), np.eye(WIDTH), cloud))
        assert discreteness.varying(layer).shape == (N, WIDTH // 2)
    for statistic in prepared.MEASURED:
        assert np.count_nonzero([outcomes[statistic, "whitened"].side for outcomes in seen]) <= RARE, statistic
    noise = prepared.blurred(layer) - layer.values
    assert noise.std() == pytest.approx(layer.step, rel=0.05)


def test_the_effective_number_of_neurons_in_closed_form():
    assert prepared.effective_neurons(3 * np.eye(5)) == pytest.approx(1)
    assert prepared.effective_neurons(np.ones((2, 5))) == pytest.approx(5)
    half_way = np.array([[1.0, -1, 0, 0], [0, 0, 0, 0]])  # a representation of length 0 has no direction
    assert prepared.effective_neurons(half_way) == pytest.approx(2)
    assert np.isnan(prepared.effective_neurons(np.zeros((2, 4))))


# --- lines


def test_lines_are_fewer_than_a_gaussians_and_do_not_depend_on_the_basis_or_the_scale():
    rng = np.random.default_rng(0)
    gaussian, width = discreteness.over_gaussian(rng.standard_normal((1000, 6)))
    assert width == 6 and gaussian == pytest.approx(1, abs=0.15)
    beams = np.eye(6)[rng.integers(6, size=1000)] * rng.choice([-1, 1], (1000, 1)) * rng.uniform(1, 2, (1000, 1))
    beams += 0.01 * rng.standard_normal(beams.shape)
    ratio, _ = discreteness.over_gaussian(beams)
    of_even = np.prod([(2 * j + 1) / (6 + 2 * j) for j in range(8)])  # <cos^16> of even directions in R^6
    assert 5.5 < ratio / of_even < 7.5  # six lines; the estimated centre is a little off them
    turned, _ = discreteness.over_gaussian(beams @ rng.standard_normal((6, 6)) + 5)
    assert turned == pytest.approx(ratio, rel=1e-3)
    ratio, width = discreteness.over_gaussian(np.ones((50, 3)))
    assert np.isnan(ratio) and width == 0


# --- the table


@pytest.fixture(scope="module")
def width_rows():
    """The rows of the narrowest networks, whatever is published of them."""
    return prepared.table(DATA, [TANH, CONTROL])


def test_published_samples_are_tested_as_they_are_centred_and_whitened():
    """Against the library's own test of one statistic, on samples that SciPy has whitened."""
    samples = prepared.representations_of(DATA, TANH)
    layer = next(prepared.layers(samples))
    outcomes = prepared.outcomes(layer.values, np.eye(TANH.n), seed=5)
    centred = layer.values - layer.values.mean(0)
    white = centred @ np.real(np.linalg.inv(sqrtm(np.cov(centred.T, bias=True))))
    for prepare, values in (("raw", layer.values), ("centred", centred), ("whitened", white)):
        for statistic in [name for name, several in prepared.MEASURED.items() if prepare in several]:
            draws = prepared.DRAWS if statistic == prepared.DECIDING else prepared.OTHER_DRAWS
            test = statistics.basis_test(values, np.eye(TANH.n), statistic, draws=draws, seed=5)
            p, effect = outcomes[statistic, prepare]
            assert p == pytest.approx(test.p, abs=0.021) and effect == pytest.approx(test.effect, abs=0.02), statistic


def record(configuration, effects, ps):
    """A network record of measure version 3 in which every statistic has these effects and p, (seeds, layers).

    The effects of whitened representations are the negative ones.
    """
    effects, ps = np.asarray(effects, float), np.asarray(ps, float)
    seeds, layers = effects.shape
    checkpoints = 2
    arrays = {"epochs": np.array([0, 125]), "count": np.zeros((seeds, checkpoints, layers))}
    for statistic, several in prepared.MEASURED.items():
        for prepare in several:
            name = statistic if prepare == "raw" else f"{statistic}_{prepare}"
            sign = -1 if prepare == "whitened" else 1
            test = np.full((seeds, checkpoints, layers, 5), np.nan)
            test[:, -1, :, 0], test[:, -1, :, 1] = ps, sign * effects
            arrays[name] = np.zeros((seeds, checkpoints, layers))
            if name != "count":
                arrays[f"{name}_test"] = test
    # of the raw count all values in random bases are there: a median of 0 and a deviation of 1
    null = np.array([-1, 0, 1]) / 1.4826
    arrays["final_null_count"] = np.broadcast_to(null, (seeds, layers, 3))
    arrays["count"][:, -1] = effects
    arrays["final_null_quartimax"] = np.zeros((seeds, layers, 999))
    arrays["kept_share"] = np.full((seeds, checkpoints, layers), 0.25)
    arrays["effective_neurons"] = np.full((seeds, checkpoints, layers), 4.0)
    facts = {"configuration": configuration.id, "seeds": list(range(seeds)), "measure_version": 3}
    return archive.Published(arrays, facts)


def written(folder: Path, *records):
    (folder / "networks").mkdir(parents=True, exist_ok=True)
    for each in records:
        archive.write(reading.record_path(folder, each.facts["configuration"]), each.arrays, each.facts)
    return folder


def test_a_record_that_has_them_gives_every_seed_and_all_numbers(tmp_path):
    folder = written(tmp_path, record(TANH, [[4.0], [6.0], [5.0]], [[0.002], [0.002], [0.4]]))
    rows = prepared.table(folder)
    assert [(row.seed, row.samples, row.draws, row.kept_share) for row in rows] == [
        (s, None, 999, 0.25) for s in range(3)
    ]
    assert [row.outcome("raw") for row in rows] == [(0.002, 4), (0.002, 6), (0.4, 5)]
    assert [row.outcome("raw", "count").effect for row in rows] == pytest.approx([4, 6, 5])
    assert [row.outcome("whitened").side for row in rows] == [-1, -1, 0]
    (place,) = prepared.places(rows)
    assert prepared.counts(rows, "raw") == (2, 0) and place.samples is None
    cells = dict(zip(tables.by_place(rows).head, tables.by_place(rows).rows[0], strict=True))
    half = 4.302653 / np.sqrt(3)  # Student's 97.5% quantile of two degrees of freedom; the effects' deviation is 1
    assert cells["raw"] == f"+5.0 ({5 - half:+.1f} to {5 + half:+.1f}); 2 / 0 of 3"
    assert cells["left when whitened"] == "avoids"
    assert "more in 0, less in 0" not in str(report.answer(rows, []))  # no partner, no pairs


def test_an_interval_that_holds_nothing_is_undecided_and_pairs_are_of_one_seed(tmp_path):
    tanh = record(TANH, [[8.0], [-1.0], [4.0]], [[0.002]] * 3)
    control = record(CONTROL, [[0.5], [-0.5], [0.0]], [[0.5]] * 3)
    shifted = archive.Published(control.arrays, control.facts | {"seeds": [1, 2, 7]})
    rows = prepared.table(written(tmp_path, tanh, shifted))
    (pair,) = prepared.pairs(rows)
    assert prepared.differences(*pair, "raw") == pytest.approx([-1.5, 4.5])  # seed 1: -1 - 0.5; seed 2: 4 - (-0.5)
    (line,) = tables.pairs(rows).rows
    assert line[3].startswith("+1.5 (") and line[3].endswith("2 seeds, undecided")
    tanh_line, control_line = tables.by_place(rows).rows
    assert tanh_line[-1] == "undecided" and control_line[-1] == "undecided"
    assert "of 1 configurations and layers with several seeds: raw, more in 0, less in 0, undecided in 1" in str(
        report.answer(rows, [])
    )


def test_a_record_is_not_compared_with_samples_and_a_missing_partner_is_a_dash(tmp_path):
    """The tanh networks have a record of version 3, their partner an old record and the samples of one seed."""
    folder = written(tmp_path, record(TANH, [[4.0], [6.0]], [[0.002], [0.002]]))
    lone = prepared.table(folder)
    assert [cells[3:] for cells in tables.pairs(lone).rows] == [("–",) * 3]
    shutil.copytree(DATA / "representations", folder / "representations", ignore=_all_but(CONTROL.id))
    for suffix in (".npz", ".json"):
        shutil.copy(DATA / "networks" / f"{CONTROL.id}{suffix}", folder / "networks")
    rows = prepared.table(folder)
    assert len(lone) == 2 and len(rows) > 2
    if not any(row.samples for row in rows):
        pytest.skip("the published record of the partner has all numbers by now")
    assert [cells[3:] for cells in tables.pairs(rows).rows] == [("–",) * 3]
    words = str(report.sources(rows))
    assert "Of 1 configuration all numbers are in the network records: 2 seeds" in words
    assert "Of 1 configuration 5,000 published samples of 1 seed" in words


def _all_but(id: str):
    return lambda _, names: [name for name in names if not name.startswith(f"{id}.")]


def test_one_seed_and_layers_without_any_difference_between_samples(tmp_path):
    samples = prepared.representations_of(DATA, TANH)
    arrays = dict(samples.arrays)
    arrays["values"] = np.zeros_like(arrays["values"])
    (tmp_path / "representations").mkdir()
    archive.write(reading.representations_path(tmp_path, TANH.id), arrays, samples.facts)
    rows = prepared.table(tmp_path)
    assert rows and {row.outcome("raw").side for row in rows} == {0}
    assert {cells[4:] for cells in tables.by_place(rows).rows} <= {
        ("– (p = –)",) * 3 + ("–",),
        ("–",) * 4,
    }
    assert all(np.isnan(line.ratio) for line in discreteness.table(tmp_path))
    assert figures.effects(rows, deep=False).alt and "Nothing" not in str(tables.shown(rows))


def test_nothing_published_is_said(tmp_path):
    rows, lines = prepared.table(tmp_path), discreteness.table(tmp_path)
    assert rows == lines == []
    several = [
        report.in_short(rows),
        report.answer(rows, lines),
        report.by_activation(rows),
        report.sources(rows),
        tables.overview(rows),
    ]
    several += [tables.by_place(rows), tables.pairs(rows), tables.others(rows), tables.shown(rows)]
    several += [tables.line_ratios(lines), figures.line_ratios(lines)]
    several += [figures.effects(rows, deep=deep) for deep in (False, True)]
    assert {str(each) for each in several} == {NOTHING}


def test_the_networks_of_a_figure_are_those_of_its_layer():
    rows = prepared.of_figures([figure("fig16")], DATA)
    assert {row.layer for row in rows} == {figure("fig16").layer}
    assert {row.configuration for row in rows} <= set(figure("fig16").configurations)


# --- the page


def cells(place):
    return json.loads((ROOT / place / "own_remainder.ipynb").read_text("utf-8"))["cells"]


def test_the_page_says_what_the_data_say(width_rows):
    source, page = cells("notebooks"), cells("book/notebooks")
    assert [cell["source"] for cell in page] == [cell["source"] for cell in source], "run the page again"
    shown = {cell["id"]: cell["outputs"] for cell in page if cell["cell_type"] == "code"}
    text = "".join(shown["places"][0]["data"]["text/markdown"])
    for line in tables.by_place(width_rows)._repr_markdown_().splitlines()[2:]:
        assert line in text, "run the page again"


def test_sentences_follow_the_sides(tmp_path):
    """Of five networks three gather raw and none whitened, and two avoid whitened."""
    rows = prepared.table(
        written(tmp_path, record(TANH, [[9.0], [9.0], [9.0], [1.0], [1.0]], [[0.002]] * 2 + [[0.04]] + [[0.5]] * 2))
    )
    words = str(report.in_short(rows))
    assert "3 of 5 tanh networks gather on few neurons as they are" in words
    assert "none of 5 still do and 3 avoid it (3 of 5 on standardised pixels), so what gathers there is mean" in words
    assert "what is left points away from the axes" in words
    more = str(report.answer(rows, []))
    nothing = report.in_short(prepared.table(written(tmp_path, record(TANH, [[0.1], [0.2]], [[0.5]] * 2))))
    assert "none of 2 tanh networks gather" in str(nothing) and "so nothing gathers there." in str(nothing)
    assert "smaller kurtosis than directions of random bases in 3 of 5" in more
    assert "Paired" not in more and "Isotropic networks" not in words
