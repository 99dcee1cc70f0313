"""The report of somebody's activations: planted axes are found, isotropic clouds are not, and it says what it did."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from scipy import stats

from isoaux import bases, statistics
from isoaux.common.tables import in_ascii
from isoaux.statistics import LEVEL
from isoaux.statistics.tested import number

SCHEMA = json.loads(files("isoaux.statistics").joinpath("report.schema.json").read_text("utf-8"))


def words(report):
    return " ".join(report.notes)


def planted(seed, count=2000, n=8):
    cloud = 0.2 * np.random.default_rng(seed).standard_normal((count, n))
    cloud[np.arange(count), np.arange(count) % n] += np.random.default_rng(seed).choice([-1, 1], count)
    return cloud


def isotropic(seed, count=300, n=6):
    return np.random.default_rng(seed).standard_normal((count, n))


@pytest.mark.parametrize("prepare", ["raw", "centred", "whitened"])
def test_planted_axes_are_found(prepare):
    report = statistics.report(planted(0), prepare=prepare, draws=399)
    assert "count" in report.special and report.tests["count"].effect > 0 and report.p <= LEVEL
    assert re.match(r"Is the neuron basis special here\? Yes: \d of \d statistics lies? outside", report.answer)
    turned = statistics.report(planted(0) @ bases.random_orthogonal(8, 5), prepare=prepare, draws=399)
    assert not turned.special and "do not say so: none of" in turned.answer


def test_the_axes_of_a_basis_of_ones_own_are_found():
    turn = bases.random_orthogonal(8, 5)
    report = statistics.report(planted(0) @ turn, turn, draws=399)
    assert "count" in report.special and report.answer.startswith("Is the basis special here? Yes")


@pytest.mark.parametrize("prepare", ["raw", "centred", "whitened"])
def test_isotropic_clouds_are_special_no_more_often_than_is_said(prepare):
    """25 Gaussian clouds in skew position: mean, scales and correlations without any relation to the neurons."""
    special = 0
    for seed in range(25):
        turn = bases.random_orthogonal(6, 100 + seed)
        cloud = (isotropic(seed) * [3, 2, 1, 1, 0.5, 0.2] + [2, 0, 0, 0, 0, 0]) @ turn
        special += statistics.report(cloud, prepare=prepare, draws=399, seed=seed).p <= LEVEL
    assert stats.binom.sf(special - 1, 25, LEVEL) > 0.001, f"{special} of 25"


def test_a_mean_alone_is_special_until_it_is_subtracted_and_scales_until_whitened():
    rng = np.random.default_rng(1)
    shifted = rng.standard_normal((1000, 8)) + 4 * np.eye(8)[0]
    assert statistics.report(shifted, draws=399).special
    assert not statistics.report(shifted, prepare="centred", draws=399).special
    scaled = rng.standard_normal((1000, 8)) * [9, 1, 1, 1, 1, 1, 1, 1]
    assert statistics.report(scaled, prepare="centred", draws=399).special
    assert not statistics.report(scaled, prepare="whitened", draws=399).special


def test_the_first_that_is_named_has_the_smallest_p_and_then_the_first_row():
    report = statistics.report(planted(0), draws=399)
    order = list(report.tests)
    first = report.tests["quartimax"]
    assert report.special[0] == "quartimax" and f"first of all quartimax, {first.value:.3g}" in report.answer
    assert list(report.special) == sorted(report.special, key=lambda name: (report.adjusted[name], order.index(name)))


def test_no_points_are_said_to_leave_the_count_alone():
    corners = np.random.default_rng(0).choice([-1.0, 1.0], (500, 12))
    report = statistics.report(corners, draws=399)
    assert report.tests["count"].value == 0 and "count" in report.special and report.tests["count"].effect < 0
    assert report.tests["quartimax"].value == pytest.approx(1 / 12) and "avoid the axes" in report.answer
    assert "No point is near any plane" in words(report)
    assert "No point is near any plane" not in words(statistics.report(corners, draws=1, statistics="count"))


@pytest.mark.parametrize("names", ["count", ["c4"], None])
def test_an_epsilon_that_nothing_reaches_is_said_to_show_nothing(names):
    wide = np.random.default_rng(0).standard_normal((200, 128))
    notes = words(statistics.report(wide, statistics=names, epsilon=0.75, draws=3))
    assert "No point is near any plane at epsilon = 0.75" in notes and "say nothing" in notes
    least = float(re.search(r"from (0\.\d+) downwards", notes)[1])
    below = statistics.report(wide, statistics=names, epsilon=least, draws=3)
    assert "say nothing" not in words(below)


def test_what_is_tested_by_default_suits_every_basis_and_399_draws():
    for basis in (None, bases.simplex(6), np.eye(6)[:2]):
        assert tuple(statistics.report(isotropic(0), basis, draws=9).tests) == statistics.DEFAULT_STATISTICS
    assert len(statistics.DEFAULT_STATISTICS) * 2 / 400 < LEVEL


def test_the_statistics_can_be_chosen_and_only_those_are_adjusted_for():
    first = statistics.report(planted(0), statistics="count", draws=39)
    assert list(first.tests) == ["count"] and first.p == first.tests["count"].p <= LEVEL
    second = statistics.report(planted(0), statistics=("s2", "count"), draws=39)
    assert list(second.tests) == ["s2", "count"] and second.adjusted["count"] == 2 * first.p


def test_the_order_of_samples_does_not_matter():
    cloud = planted(2)
    here, there = (statistics.report(rows, draws=39) for rows in (cloud, cloud[::-1]))
    for name in here.tests:
        assert here.tests[name].value == pytest.approx(there.tests[name].value)
        np.testing.assert_allclose(here.tests[name].null, there.tests[name].null, rtol=1e-9, atol=1e-12)


def test_tensors_are_measured_like_arrays():
    torch = pytest.importorskip("torch")
    cloud = planted(3).astype(np.float32)
    tensor = torch.from_numpy(cloud).requires_grad_()
    assert statistics.report(tensor, draws=19).text == statistics.report(cloud, draws=19).text


def test_the_numbers_are_those_of_the_basis_test():
    cloud = planted(4)
    report = statistics.report(cloud, draws=59, epsilon=0.7, seed=3)
    for name in ("count", "c4", "s2"):
        alone = statistics.basis_test(cloud, np.eye(8), name, draws=59, epsilon=0.7, seed=3)
        assert report.tests[name].value == pytest.approx(alone.value) and report.tests[name].p == alone.p
    adjusted = statistics.adjust([test.p for test in report.tests.values()])
    assert list(report.adjusted.values()) == adjusted.tolist() and report.p == adjusted.min()


def test_the_table_has_the_numbers():
    report = statistics.report(planted(5), draws=59)
    table = report.table
    assert [row[0] for row in table.rows] == list(report.tests) == list(report.adjusted)
    for row in table.rows:
        test, form = report.tests[row[0]], number(row[0])
        low, middle, high = np.quantile(test.null, (0.025, 0.5, 0.975))
        assert row[1:4] == (form(test.value), form(middle), f"{form(low)} to {form(high)}")
        assert float(row[5]) == pytest.approx(test.p, rel=1e-2)
        assert float(row[6]) == pytest.approx(report.adjusted[row[0]], rel=1e-2)


def test_it_says_what_was_done():
    rng = np.random.default_rng(6)
    cloud = np.maximum(rng.standard_normal((900, 20)), 0)
    cloud[:, 3] = 0
    cloud[:5] = 0
    report = statistics.report(cloud, draws=19, samples=800, seed=2)
    notes = words(report)
    for part in (
        "800 of 900 samples, drawn at random",
        "of 19 neurons, raw (as they came)",
        "1 of 20 neurons never change and were left out (3)",
        "measured samples are zero",
        "measured samples repeat another",
        "19 draws no adjusted p",
        "no activation is below 0",
        'prepare="centred"',
    ):
        assert part in notes, part
    assert f"epsilon = {report.epsilon:g}" in notes and 0 < report.epsilon < 0.75
    assert "transpose" in words(statistics.report(cloud[:12], draws=1))
    assert "few for whitening" in words(statistics.report(cloud[:100], prepare="whitened", draws=1))
    assert "not the paper's" not in words(statistics.report(cloud, epsilon=0.5, draws=1))


def test_it_says_the_share_of_the_mean():
    cloud = isotropic(7) + np.array([3, 0, 0, 0, 0, 0])
    share = (cloud.mean(0) ** 2).sum() / (cloud**2).sum(1).mean()
    assert f"the mean, {100 * share:.0f}% of the squared length" in words(statistics.report(cloud, draws=1))


@pytest.mark.parametrize("unit", [1e160, 1e-200, 1e-310, 1e300])
def test_no_unit_changes_the_report(unit):
    cloud = planted(11, 300, 6)
    here, there = (statistics.report(rows, draws=39) for rows in (cloud, cloud * unit))
    assert there.answer == here.answer and there.adjusted == here.adjusted
    assert "All numbers were divided by 2^" in words(there) and "divided by" not in words(here)
    for name in here.tests:
        assert there.tests[name].value == pytest.approx(here.tests[name].value)
    assert len(there.figure().canvas.axes) == 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_callers_error_settings_do_not_matter(dtype):
    cloud = planted(12, 300, 6).astype(dtype) * dtype(1e-30)
    with np.errstate(all="raise"):
        report = statistics.report(cloud, draws=9)
        assert report.text and report.figure().alt
    assert report.text == statistics.report(cloud, draws=9).text


def test_a_notebook_shows_all_of_it(tmp_path):
    report = statistics.report(planted(8), draws=19)
    html = report._repr_html_()
    assert html.count("<tr>") == 1 + len(report.tests) and 'src="data:image/png;base64,' in html
    suffixes = [".html", ".json", ".md", ".png", ".svg"]
    assert (
        all(in_ascii(part) in report.text for part in (report.answer, repr(report.table), *report.notes))
        and repr(report) == report.text
    )
    report.save(tmp_path / "layer.3")
    report.save(str(tmp_path / "layer.3.png"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"layer.3{suffix}" for suffix in suffixes]
    written = (tmp_path / "layer.3.md").read_text()
    assert report.answer in written and "(layer.3.png)" in written
    report.save(tmp_path / "layer (3) <b>")  # a link may have neither blanks nor brackets
    assert "(layer%20%283%29%20%3Cb%3E.png)" in (tmp_path / "layer (3) <b>.md").read_text()


class Requests(HTMLParser):
    """What a page of HTML would ask for, and its alternative texts and headings."""

    def __init__(self, page):
        super().__init__()
        self.asked, self.alts, self.tags = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.tags.append(tag)
        self.asked += [named[name] for name in ("src", "href", "srcset", "data", "action", "poster") if name in named]
        self.alts += [named["alt"]] if tag == "img" else []


@pytest.mark.parametrize(
    ("cloud", "options"),
    [
        (planted(8), {"seed": [3, 4]}),
        (np.random.default_rng(0).choice([-1.0, 1.0], (50, 200)), {"prepare": "whitened"}),
        (np.insert(isotropic(1), 2, 0, axis=1), {"statistics": "count", "epsilon": 0.99}),
    ],
)
def test_files_open_alone_and_keep_to_the_schema(cloud, options, tmp_path):
    report = statistics.report(cloud, draws=9, **options)
    files = report.save(tmp_path / "layer", "A & <b>", {"source": "acts.npy"})
    assert set(files) == set(tmp_path.iterdir())
    facts = json.loads((tmp_path / "layer.json").read_text("utf-8"))
    jsonschema.validate(facts, SCHEMA, jsonschema.Draft202012Validator)
    assert facts["answer"] == report.answer and facts["source"] == {"source": "acts.npy"}
    assert {row["name"]: row["p"] for row in facts["statistics"]} == {n: t.p for n, t in report.tests.items()}
    assert facts["settings"]["random_bases"] == ("groups" if cloud.shape[1] > 128 else "haar")
    page = (tmp_path / "layer.html").read_text("utf-8")
    requests = Requests(page)
    assert requests.alts == [facts["figure"]["alt"]] and {"h1", "th", "li"} <= set(requests.tags)
    assert len(requests.asked) == 1 and requests.asked[0].startswith("data:image/png;base64,")
    assert not re.search(r"url\(|@import|<script|<b>", page) and "<title>A &amp; &lt;b&gt;</title>" in page


def test_outlier_neurons_are_named_by_their_place_among_all():
    rng = np.random.default_rng(5)
    cloud = rng.standard_normal((500, 150))
    cloud[:, 2] = 1
    cloud[:, 7] = 40 + 3 * rng.standard_normal(500)
    cloud[:, 90] *= 6
    cloud[::100, 31] *= 30
    raw, centred = (statistics.report(cloud, prepare=name, draws=1) for name in ("raw", "centred"))
    shares = (np.delete(cloud, 2, 1) ** 2).mean(0)
    assert f"7 ({100 * shares[6] / shares.sum():.2g}), 90" in words(raw) and "squared length" in words(raw)
    variance = np.delete(cloud, 2, 1).var(0)
    place = 90 - 1
    assert f"neurons, 90 ({100 * variance[place] / variance.sum():.2g})" in words(centred)
    tails = stats.kurtosis(cloud[:, 31], fisher=False)
    assert f"and 31 ({tails:.3g})" in words(raw) and "normal: 3" in words(raw)


def test_a_wide_layer_is_tested_with_what_means_something_there():
    rng = np.random.default_rng(7)
    cloud = rng.standard_normal((400, 300))
    cloud[np.arange(400), rng.integers(0, 8, 400)] += rng.choice([-9, 9], 400)
    report = statistics.report(cloud, draws=239)
    assert tuple(report.tests) == statistics.WIDE_STATISTICS and {"quartimax", "count", "c4"} <= set(report.special)
    assert report.leading == 32 and report.planes == 32 * 31 // 2 and 0 < report.epsilon < 0.75
    assert f"neurons of the 32 that the activations are nearest to, at epsilon = {report.epsilon:g} and not the" in (
        report.answer
    )
    assert "turning random groups" in words(report) and "32 directions" in report.figure().canvas.axes[0].get_xlabel()
    turned = statistics.report(cloud @ bases.random_orthogonal(300, 1), draws=239)
    assert not turned.special and "Points are those" in turned.answer
    few = statistics.report(cloud, draws=9, statistics="count", leading=3)
    assert few.planes == 3 and few.leading == 3
    assert "Points are" not in statistics.report(cloud, draws=9, statistics="quartimax").answer
    skew = bases.simplex(300)
    assert statistics.report(cloud[:40], skew, draws=1, statistics="count").leading == 0


def test_fewer_samples_than_neurons_leave_whitening_nothing_but_their_span():
    cloud = np.random.default_rng(3).standard_normal((12, 40)) * np.linspace(0.1, 9, 40)
    report = statistics.report(cloud, prepare="whitened", draws=3)
    white = report.prepared.rows
    np.testing.assert_allclose(white @ white.T, 12 * np.eye(12) - 1, atol=1e-8)
    assert "only the subspace that they span is measured" in words(report) and "few for whitening" not in words(report)


def test_the_figure_says_what_it_shows():
    report = statistics.report(planted(9), draws=399)
    drawn = report.figure()
    assert len(drawn.canvas.axes) == 4 and drawn.finding == report.answer
    assert all(name in drawn.alt for name in report.special)
    density, other = (axes.images[0].get_array() for axes in drawn.canvas.axes[:2])
    assert density.sum() > other.sum() > 0, "with planted axes there are more points than in a random basis"
    empty = statistics.report(np.random.default_rng(0).standard_normal((50, 40)), epsilon=0.99, draws=1)
    assert empty.tests["count"].value == 0 and "0 points" in empty.figure().alt


def test_small_rows_of_single_precision_are_measured_as_large_ones_are():
    cloud = isotropic(3).astype(np.float32)
    sizes = np.where(np.arange(300) < 150, 1e10, 1e-36).astype(np.float32)[:, None]
    here, there = (statistics.report(rows, statistics="count", draws=3) for rows in (cloud, cloud * sizes))
    assert here.tests["count"].value == there.tests["count"].value > 0


@pytest.mark.parametrize("rows", [0, 1])
def test_a_basis_without_planes_is_said_to_show_nothing(rows):
    report = statistics.report(isotropic(0), np.eye(6)[:rows], statistics=iter(["count"]), draws=3)
    assert "No two rows of the basis span a plane" in words(report) and report.epsilon == 0.75
    assert "not the paper's" not in words(report)


def test_a_seed_of_many_digits_is_written_short(refused):
    assert len(statistics.report(isotropic(0), statistics="count", draws=1, seed=2**1023).text) < 2000
    refused(["seed is a whole number beyond", "below 2^1024"], statistics.report, isotropic(0), draws=1, seed=10**5000)


def test_wide_layers_still_have_points():
    report = statistics.report(np.random.default_rng(10).standard_normal((3000, 200)), draws=19)
    assert report.prepared.rows.shape == (3000, 200) and 500 < np.median(report.tests["count"].null) < 2500


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"epsilon": 1}, "epsilon is 1"),
        ({"variant": "x"}, "variant is 'x'"),
        ({"statistics": ["c5"]}, "statistics is 'c5' (did you mean 'c4'?)"),
        ({"statistics": []}, "statistics is []"),
        ({"statistics": 5}, "statistics is 5"),
        ({"statistics": b"count"}, "statistics is b'count'"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": (1, -1), "samples": 100}, "seed is (1, -1)"),
        ({"seed": None, "samples": 100}, "seed is None"),
        ({"prepare": "center"}, "did you mean 'centred'"),
    ],
)
def test_bad_settings_are_refused(options, part, refused):
    refused([part], statistics.report, isotropic(0), **options)
