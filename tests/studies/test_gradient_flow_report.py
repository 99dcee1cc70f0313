"""Appendix C.2 in sentences, tables and pictures: numbers as computed, settings refused, groups in their colours."""

import io
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from isoaux import settings
from isoaux.drawing.look import COLOURS, Drawn
from isoaux.paper import GROUPS, TITLES
from isoaux.studies.gradient_flow import figures as gradient_figures
from isoaux.studies.gradient_flow import report as gradient_report
from isoaux.studies.gradient_flow.compute import batches, deflection, divergence
from isoaux.studies.gradient_flow.compute.identities import IDENTITIES, PRINTED
from isoaux.studies.gradient_flow.data import (
    SIZES,
    AngleMap,
    BatchAngles,
    PreparedTraining,
    Residuals,
    TurnedTraining,
    TypicalAngles,
)


def grey(rgb: np.ndarray | tuple[float, ...]) -> np.ndarray:
    """How light a colour is on a grey print."""
    return np.asarray(rgb)[..., :3] @ (0.2126, 0.7152, 0.0722)


def pixels(drawn: Drawn) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(drawn.png())).convert("RGB"))


# --- what is computed


def test_the_setting_names_the_seeds_and_refuses_what_has_no_meaning(refused):
    said = gradient_report.setting(settings.read({"seeds": "3,5", "epsilon": 0.75})).words
    assert "seeds 3, 5" in said and "100 random layers" in said
    assert "seeds 0, 1." in gradient_report.setting(settings.read({"profile": "smoke"})).words
    meaningless = {"dataset": "digits", "dtype": "float32", "epsilon": 0.9, "basis": "simplex", "depth": 2}
    meaningless["variant"] = "permutation"
    for name, value in meaningless.items():
        refused([f"{name} is {value!r}", "Appendix C.2"], gradient_report.setting, settings.read({name: value}))


def test_every_setting_is_either_chosen_or_refused():
    """All is computed at every run and on the CPU, whatever ``retrain`` and ``device`` say."""
    assert set(settings.WITHOUT_FIGURE) == set(vars(settings.Settings())) - {"profile", "seeds", "device", "retrain"}


def test_identities_and_printed_forms_are_told_with_their_residuals():
    exact = Residuals("11", "$a$", "", np.array([0.0, 1.24e-15]))
    printed = Residuals("22, first", "$b$", "E19", np.array([0.5, 0.004, 12.0]))
    assert gradient_report.identities([exact, printed]).rows == (
        ("11", "$a$", "1.2e-15"),
        ("22, first ({erratum}`E19`)", "$b$", "1.2e+01"),
    )
    assert gradient_report.printed([printed, exact]).rows == (
        ("22, first", "$b$", "{erratum}`E19`", "50%", "0.4% to 1,200%"),
        ("11", "$a$", "", "0%", "0% to 0%"),
    )


def test_formulas_do_not_break_a_table():
    for identity in (*IDENTITIES, *PRINTED, *divergence.IDENTITIES, *divergence.PRINTED):
        assert "|" not in identity.formula and identity.formula.count("$") % 2 == 0


# --- angles


@pytest.fixture(scope="module")
def maps() -> list[AngleMap]:
    return [deflection.plane(name, side=12) for name in ("tanh", "isotanh", "lrelu", "dnlrelu")]


def test_angles_by_direction_are_ranges_unless_all_directions_are_alike(maps: list[AngleMap]):
    rows = {row[0]: row for row in gradient_report.by_direction(maps).rows}
    for one in maps:
        row = rows[TITLES[one.activation]]
        assert row[1] == f"${GROUPS[one.activation]}$"
        for cell, values in zip(row[2:], one.circle, strict=True):
            numbers = [float(number) for number in re.findall(r"([\d.]+)°", cell)]
            alike = np.ptp(values) < 0.05
            assert cell.endswith("the same for all") == alike
            assert numbers == pytest.approx([values.max()] if alike else [values.min(), values.max()], abs=0.051)
    assert "same for all" in rows["isotropic tanh"][2] and "same" not in rows["tanh"][2]


def test_typical_angles_are_told_by_size_with_their_larger_error():
    angles = TypicalAngles(
        "tanh", (0.5, 2.0), np.array([[1.04, 2.0], [30.0, 40.0]]), np.array([[0.1, 0.2], [1.0, 0.3]])
    )
    table = gradient_report.typical([angles])
    assert table.head[2:] == ("$z_i$ of size 0.5: on $z$ / on $a$", "$z_i$ of size 2: on $z$ / on $a$")
    assert table.rows == (("tanh", "$B_n$", "1.0° / 2.0° (± 0.2°)", "30.0° / 40.0° (± 1.0°)"),)


def test_maps_show_every_activation_in_the_colour_of_its_group(maps: list[AngleMap]):
    drawn = gradient_figures.angle_maps(maps)
    panels = [axes for axes in drawn.canvas.axes if axes.images]
    assert len(panels) == 2 * len(maps)
    for axes, one in zip(panels, maps, strict=False):  # the upper row
        assert axes.get_title(loc="left").replace("\n", " ").startswith(TITLES[one.activation])
        assert to_hex(axes._left_title.get_color()) == COLOURS[GROUPS[one.activation]]
        np.testing.assert_array_equal(axes.images[0].get_array(), one.values[0])
    limits = {image.get_clim() for axes in panels for image in axes.images}
    most = max(one.values.max() for one in maps)
    ((low, high),) = limits
    assert low == 0 and most <= high < most + gradient_figures.STEP + 1e-9, "one scale for all panels"
    shades = panels[0].images[0].get_cmap()(np.linspace(0, 1, 256))
    assert (np.diff(grey(shades)) >= 0).all() and np.ptp(grey(shades)) > 0.8, "lighter is more, also in grey"


def test_maps_stand_upright():
    """Light only in the upper left corner of the plane: z_1 negative, z_2 positive."""
    values = np.zeros((2, 12, 12))
    values[:, 9:, :3] = 50
    drawn = gradient_figures.angle_maps([AngleMap("tanh", 3.0, values, np.zeros((2, 4)))])
    axes = drawn.canvas.axes[0]
    drawn.canvas.draw_without_rendering()
    picture = grey(pixels(drawn))
    height = picture.shape[0]
    left, bottom, width, tall = axes.get_window_extent().bounds
    scale = drawn.dpi / drawn.canvas.dpi
    x, y = (left + width * np.array([0.12, 0.88])) * scale, height - (bottom + tall * np.array([0.12, 0.88])) * scale
    corners = picture[np.ix_(y.astype(int), x.astype(int))]
    assert corners[1, 0] > 150 and max(corners[0, 0], corners[0, 1], corners[1, 1]) < 30


def test_the_sentence_of_the_maps_is_made_from_the_circle(maps: list[AngleMap]):
    alt = gradient_figures.angle_maps(maps).alt
    for one in maps:
        (low, high), (_, most) = ((values.min(), values.max()) for values in one.circle)
        z = f"{high:.0f}" if f"{low:.0f}" == f"{high:.0f}" else f"{low:.0f} to {high:.0f}"
        assert f"{TITLES[one.activation]}, {z} on z and " in alt and f"{most:.0f} on a" in alt
    assert "for 4 activations" in alt and alt.endswith(".")
    assert gradient_figures.angle_maps(maps).png() == gradient_figures.angle_maps(maps).png()


# --- batches


def effect(inputs: str, activation: str, before: float, after: float) -> BatchAngles:
    spread = np.linspace(-10, 10, 101)[None]
    return BatchAngles(
        inputs, activation, before + spread, after + spread, np.linspace(0, after, len(SIZES)), 0.5, (0.75, -0.25)
    )


@pytest.fixture
def effects() -> list[BatchAngles]:
    kinds = list(batches.INPUTS)
    return [effect(kind, name, 20 + i, 85 + i) for name in ("tanh", "isotanh") for i, kind in enumerate(kinds)]


def test_batches_are_told_by_median_and_share_beyond_a_right_angle(effects: list[BatchAngles]):
    rows = gradient_report.batch(effects).rows
    assert rows[0] == ("noise, d = 64", "tanh", "0°", "20°, 0%", "85°, 25%", "0.50", "0.75, -0.25")
    assert [row[:2] for row in rows] == [(one.inputs, TITLES[one.activation]) for one in effects]


def test_curves_are_where_the_angles_are(effects: list[BatchAngles]):
    drawn = gradient_figures.batch_angles(effects)
    panels = np.reshape(drawn.canvas.axes, (2, 3))
    for row, activation in zip(panels, ("tanh", "isotanh"), strict=True):
        own = [one for one in effects if one.activation == activation]
        for axes, name in zip(row, ("before", "after"), strict=False):
            curves = [line for line in axes.lines if len(line.get_xdata()) > 2]
            assert len(curves) == len(own)
            for line, one in zip(curves, own, strict=True):
                middle = np.interp(0.5, line.get_ydata(), line.get_xdata())
                assert middle == pytest.approx(np.median(getattr(one, name)))
        for line, one in zip(row[2].lines, own, strict=False):
            np.testing.assert_array_equal(line.get_ydata(), one.by_size)
        assert to_hex(row[0].yaxis.label.get_color()) == COLOURS[GROUPS[activation]]
    assert "digits, raw, tanh: 22 and 87" in drawn.alt and drawn.png() == gradient_figures.batch_angles(effects).png()


def test_kinds_of_inputs_are_told_apart_without_colours_and_are_no_groups():
    looks = gradient_figures.LOOKS
    assert list(looks) == list(batches.INPUTS) and len(set(looks.values())) == len(looks)
    for colour, dashes in looks.values():
        assert colour not in COLOURS.values()
        others = [c for c, d in looks.values() if d == dashes and c != colour]
        assert all(abs(grey(to_rgb(colour)) - grey(to_rgb(other))) > 0.1 for other in others)


# --- turned images


def test_turned_training_is_told_by_its_differences():
    rows = gradient_report.commuted([TurnedTraining("isotanh", 63, 1.26e-15, 0.0)]).rows
    assert rows == (("isotropic tanh", "63", "1.3e-15", "0"),)


def test_preparations_are_compared_with_the_first_of_their_activation():
    def one(name: str, *values: float) -> PreparedTraining:
        return PreparedTraining(name, True, np.array(values), np.array(values))

    ends = {
        "tanh": [one("none", 0.20, 0.21, 0.22), one("a", 0.21, 0.20, 0.22), one("b", 0.60, 0.61, 0.62)],
        "isotanh": [one("none", 0.3)],
    }
    rows = gradient_report.prepared(ends).rows
    assert [row[5] == "" for row in rows] == [True, False, False, True]
    assert rows[0][3] == rows[0][4] == "21.00 ± 0.58"
    assert float(rows[1][5]) == 1.0 and float(rows[2][5]) < 1e-4
    assert gradient_report.prepared({"tanh": [one("none", 0.3), one("a", 0.4)]}).rows[1][5] == "one seed"
