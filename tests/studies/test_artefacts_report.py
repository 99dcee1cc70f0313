"""Appendix A in numbers, pictures and rotated networks: estimators against their definitions."""

import io

import numpy as np
import pytest
from matplotlib.text import Text as Label
from PIL import Image
from roots import ROOT

from isoaux import settings
from isoaux.common.archive import Published
from isoaux.common.tables import Text
from isoaux.paper import figure
from isoaux.records.results import Collection, Missing, Result
from isoaux.statistics import isotropic
from isoaux.studies.artefacts import compute as ensembles
from isoaux.studies.artefacts import figures as ensemble_figures
from isoaux.studies.artefacts import report as ensemble_report
from isoaux.studies.artefacts import rotated

DATA = ROOT / "book" / "data"
NAMES = ("fig04", "fig05", "fig06", "fig07")


@pytest.fixture(scope="module")
def found() -> Collection:
    chosen = settings.read({"profile": "smoke"})
    made = {name: ensembles.compute(figure(name), chosen, jobs=1) for name in NAMES}
    return Collection(tuple(figure(name) for name in NAMES), made)


def altered(result: Result, **arrays: np.ndarray) -> Result:
    return Result(result.figure, Published(result.drawing.arrays | arrays, result.facts), {}, {})


def test_bins_are_folded_onto_their_angle_from_an_axis():
    angle = 5 * np.arange(72) % 90
    np.testing.assert_allclose(ensemble_report.folded(np.minimum(angle, 90 - angle)), 5 * np.arange(10))


def test_inflation_and_spread_of_figure_4_agree_with_the_closed_form(found):
    result, law = found["fig04"], isotropic.moments(4000, 24)
    value, error = ensemble_report.inflation(result)
    assert (np.abs(value - ensemble_report.folded(law.inflation)) < 5 * error + 0.1).all()
    spread = ensemble_report.spread(result)
    assert abs(spread.value - law.count_sd) < 5 * spread.error
    assert ensemble_report.expected(result) == pytest.approx(law.count)


def test_the_pooled_c4_is_that_of_all_points_together(found):
    result = found["fig05"]
    count, c4 = (result.drawing[f"null_{name}"].astype(float).ravel() for name in ("count", "c4"))
    assert ensemble_report.pooled_c4(result).value == pytest.approx((count * c4).sum() / count.sum())


def test_a_panel_beyond_chance_at_the_axes_is_counted(found):
    result = found["fig04"]
    histogram = np.full((2, 3, 72), 20)
    assert ensemble_report.axis_share(altered(result, histogram=histogram))[0] == 0
    histogram[0, 1, [0, 18, 36, 54]] = 70
    beyond, poisson, ours = ensemble_report.axis_share(altered(result, histogram=histogram))
    assert beyond == 1 and poisson == pytest.approx(6 * 0.0455, abs=1e-3) and ours > 3 * poisson


def test_the_table_of_panels_has_what_is_counted_by_hand(found):
    """Four panels with 200 points in one bin at a diagonal, two with 20 in every bin; two further bases for each."""
    histogram = np.full((2, 3, 72), 20)
    histogram.reshape(6, 72)[:4] = 200 * (np.arange(72) == 9)
    panels = altered(
        found["fig04"],
        histogram=histogram,
        crowd_share=np.array([[0, 0, 0], [0.6, 0.6, 0.6]]),
        outer_crowd_share=np.ones((2, 3)),
        most_planes=np.arange(6).reshape(2, 3),
        c4=np.array([[-1, -1, -1], [-1, 1, 1]]),
        null_c4=np.broadcast_to([-1.0, 1.0], (2, 3, 2)),
        null_count=np.broadcast_to([3, 1], (2, 3, 2)),
    )
    table = ensemble_report.panels(Collection((figure("fig04"),), {"fig04": panels}), ())
    assert table.head[2:] == ("4, standard normal samples",)
    assert [row[2] for row in table.rows] == [
        "4 of 6",
        "0.30 ± 0.13",  # 0.6 / sqrt(20)
        "1.00 ± 0.00",
        "5",
        "67 %",
        "50 %",
        "-0.50 ± 0.00",  # three points at -1 for each at 1
        "1",
        "72.0",
        "",
    ]
    assert table.rows[0][1].startswith("0.3 if points were independent, ")  # 6 times 0.0455
    assert table.rows[8][1] == "1 if even"


def test_counts_in_the_same_map_and_basis_are_correlated_panel_by_panel(found):
    six, seven = found["fig06"], found["fig07"]
    twice = altered(six, null_count=2 * seven.drawing["null_count"] + 5)
    assert ensemble_report.correlation(twice, seven).value == pytest.approx(1)
    assert ensemble_report.correlation(altered(six, null_count=-seven.drawing["null_count"]), seven).value == (
        pytest.approx(-1)
    )
    cells = ensemble_report.panels(found, ()).rows[-1][2:]
    assert [bool(cell) for cell in cells] == [False, True, True, False]


def test_panels_stand_beside_the_networks_of_the_first_figure(found):
    (expected,) = (
        row[1] for row in ensemble_report.panels(found, rotated.networks()).rows if row[1].startswith("1 if")
    )
    assert [part.partition(")")[0] for part in expected.split("; ")] == [
        "1 if even",
        "tanh (Figure 1",
        "isotropic tanh (Figure 1",
    ]


def test_a_page_opens_with_the_scatter_that_it_measures(found):
    words = ensemble_report.in_short(found, rotated.networks(folder=DATA)).words
    assert (
        f"{ensemble_report.expected(found['fig04']):,.0f} for a panel" in words and "panels of Figure 5 hold" in words
    )
    assert "have, in their own basis," in words
    alone = ensemble_report.in_short(Collection(found.figures, {"fig06": found.results["fig06"]}), ()).words
    assert "panels of Figure 6 hold" in alone and "At the axes" not in alone and "own basis" not in alone


def test_tables_have_a_row_for_every_published_figure(found):
    for table in (ensemble_report.counts(found), ensemble_report.scatter(found)):
        assert [row[0][0] for row in table.rows] == list("4567")
        assert {len(row) for row in table.rows} == {len(table.head)}
    one = Collection(found.figures, {"fig06": found.results["fig06"]})
    assert len(ensemble_report.counts(one).rows) == 1
    assert not ensemble_report.panels(one, ()).rows[-1][2], "Figure 7 is not there"
    assert "Figures 4, 5 and 7 are not published yet." in ensemble_report.setting(one).words


# --- pictures


def words(canvas) -> list[str]:
    return [label.get_text() for axes in canvas.axes for label in axes.findobj(Label) if label.get_text()]


def test_every_panel_says_its_number_of_points(found):
    for name in NAMES:
        drawn = ensemble_figures.panel_grid(found[name])
        counts = found[name].drawing["count"]
        said = words(drawn.canvas)
        assert [f"{count:,}" for count in counts.ravel()] == [word for word in said if word[0].isdigit()]
        assert "seed 0" in said and f"{counts.min():,} to {counts.max():,} points" in drawn.alt
        assert drawn.finding.startswith("6 panels") and drawn.finding.endswith(".")


def test_panels_are_square_upright_and_in_their_place(found):
    density = np.zeros((2, 3, 200, 200), np.uint8)
    density[1, 2, 150:, :50] = 255  # the first row of pixels is the bottom one: top left
    drawn = ensemble_figures.panel_grid(altered(found["fig04"], density=density))
    picture = np.asarray(Image.open(io.BytesIO(drawn.png())).convert("L")).astype(float)
    axes = drawn.canvas.axes[0]
    for r in range(2):
        for c in range(3):
            low, high = (axes.transData.transform(p) for p in ((208 * c, 0), (208 * c + 200, 0)))
            top, bottom = (axes.transData.transform((0, y))[1] for y in axes.images[r].get_extent()[:1:-1])
            assert high[0] - low[0] == pytest.approx(top - bottom, rel=0.01), "not square"
    bright = np.argwhere(picture[:, picture.shape[1] // 2 :] > 200)
    assert picture.shape[0] > 200 and len(bright)
    scale = drawn.dpi / drawn.canvas.dpi
    left, top = axes.transData.transform((2 * 208, axes.images[1].get_extent()[3])) * scale
    corner = picture[int(picture.shape[0] - top) + 8, int(left) + 8]
    assert corner > 200, "the bright corner is not at the top left"


def test_nothing_published_is_said_and_drawn_as_a_sentence():
    nothing = Collection(tuple(figure(name) for name in NAMES))
    assert isinstance(ensemble_figures.panel_grid(Missing(figure("fig04"))), Text)
    assert isinstance(ensemble_figures.scatter(nothing), Text) and isinstance(ensemble_figures.rotated(()), Text)


def test_the_scatter_says_what_it_shows(found):
    drawn = ensemble_figures.scatter(found)
    assert {"Figure 4", "Figure 5", "Figure 6", "Figure 7"} <= set(words(drawn.canvas))
    assert "3.79 at the axes" in drawn.alt and drawn.png()
    styles = list(ensemble_figures.STYLES.values())
    assert len({style[1] for style in styles}) == len({style[2] for style in styles}) == 4, "needs colour to be read"


def test_a_small_picture_stays_small(found):
    assert len(ensemble_figures.thumbnail(found["fig04"])) < 60_000


# --- trained networks in rotated bases


def test_networks_over_random_bases_have_the_expected_mean():
    """True of any representations, so of trained ones: within five standard errors for every configuration."""
    trained = rotated.networks()
    assert {net.configuration.activation for net in trained} >= {"tanh", "isotanh"}
    for net in trained:
        ratio = net.null_count / net.expected
        assert ratio.mean() == pytest.approx(1, abs=5 * ratio.std() / np.sqrt(ratio.size)), net.configuration.id
    assert trained[0].expected == pytest.approx(10_268, abs=1)


def test_published_representations_are_the_records_in_small():
    """Some of 50,000 samples: as large a part of the count in the neurons' basis, within sampling error."""
    net = rotated.networks(["fig01"])[1]
    assert net.configuration.activation == "isotanh"
    assert len(net.points(0)) * rotated.SAMPLES / len(net.representations) == pytest.approx(net.count[0], rel=0.2)
    assert not np.array_equal(net.points(1), net.points(2))
    np.testing.assert_array_equal(net.points(1), net.points(1))


def test_figures_that_are_not_published_are_left_out(tmp_path):
    assert rotated.networks(folder=tmp_path) == ()
