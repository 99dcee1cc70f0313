"""Figures: every panel in its place, nothing cut off, the same bytes every time, readable without colours."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image
from test_planes_report import last, made, page

from isoaux import density
from isoaux.activations import ACTIVATIONS
from isoaux.common import archive
from isoaux.drawing.look import COLOURS, DASHES, MATHS, Drawn, style
from isoaux.drawing.panels import GAP
from isoaux.paper import CHECKPOINTS, GROUPS, OF_BASIS, TITLES
from isoaux.records.results import Missing, Result
from isoaux.studies.planes import figures

SIDE = 200


def pixels(drawn: Drawn | bytes) -> np.ndarray:
    """The picture as a reader gets it, (height, width, 3)."""
    png = drawn if isinstance(drawn, bytes) else drawn.png()
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def grid(panels: np.ndarray, seeds: int = 2, activations: tuple[str, ...] = ("tanh", "isotanh")) -> Result:
    """A figure that shows these densities, (rows, columns, R, R)."""
    result = made(activations, range(seeds), range(panels.shape[1]))
    result.drawing.arrays["density"] = panels.astype(np.uint8)
    return result


def box(drawn: Drawn, rows: int, columns: int, r: int, c: int) -> tuple[slice, slice]:
    """Where panel (r, c) is in the picture, from the axes' place on the sheet: row 0 at the top."""
    width, height = drawn.canvas.get_size_inches() * drawn.dpi
    left, bottom, wide, high = drawn.canvas.axes[0].get_position().bounds
    top, share = (1 - bottom - high) * height, SIDE / (SIDE + GAP)
    x, y = left * width + c * wide * width / columns, top + r * high * height / rows
    return (
        slice(round(y), round(y + share * high * height / rows)),
        slice(round(x), round(x + share * wide * width / columns)),
    )


def texts(drawn: Drawn) -> list[Text]:
    return [t for axes in drawn.canvas.axes for t in axes.findobj(Text) if t.get_text() and t.get_visible()]


# --- the grid of panels


def test_every_panel_is_in_its_place_and_upright():
    rows, columns = 4, 5
    panels = np.zeros((rows, columns, SIDE, SIDE))
    corners = np.random.default_rng(0).integers(0, 4, (rows, columns))
    for (r, c), corner in np.ndenumerate(corners):
        up, right = divmod(int(corner), 2)  # pixel row 0 is the bottom (isoaux.density)
        panels[r, c, 150 * up : 150 * up + 50, 150 * right : 150 * right + 50] = 255
    drawn = figures.panel_grid(grid(panels))
    picture = pixels(drawn).sum(2)
    for (r, c), corner in np.ndenumerate(corners):
        panel = picture[box(drawn, rows, columns, r, c)]
        half = panel.shape[0] // 2, panel.shape[1] // 2
        quarters = [panel[half[0] :, : half[1]], panel[half[0] :, half[1] :]]  # bottom left, bottom right
        quarters += [panel[: half[0], : half[1]], panel[: half[0], half[1] :]]
        brightness = [quarter[3:-3, 3:-3].mean() for quarter in quarters]
        assert int(np.argmax(brightness)) == corner, (r, c)
        assert sorted(brightness)[-1] > 100 and sorted(brightness)[-2] < 10, (r, c)


def test_a_rendered_cloud_points_where_it_pointed():
    points = np.random.default_rng(0).normal((0.6, -0.3), 0.03, (500, 2))  # right, and a little down
    image = density.render(points, 1.0)
    one = archive.quantise(image, density.limits(image)[1])
    drawn = figures.panel_grid(grid(np.broadcast_to(one, (2, 3, SIDE, SIDE)), seeds=1))
    panel = pixels(drawn)[box(drawn, 2, 3, 1, 2)].sum(2).astype(float)
    panel[panel < 60] = 0  # the ground is not quite black
    panel[:2] = panel[-2:] = panel[:, :2] = panel[:, -2:] = 0
    y, x = (np.average(np.arange(n) + 0.5, weights=panel.sum(1 - i)) / n for i, n in enumerate(panel.shape))
    assert (2 * x - 1, 1 - 2 * y) == pytest.approx((0.6, -0.3), abs=0.03)


@pytest.mark.parametrize("level", [0, 255])
def test_gaps_between_panels_are_white_and_edges_untinted(level):
    rows, columns = 4, 3
    drawn = figures.panel_grid(grid(np.full((rows, columns, SIDE, SIDE), level)))
    picture = pixels(drawn)
    for r in range(rows):
        for c in range(columns):
            down, across = box(drawn, rows, columns, r, c)
            below = box(drawn, rows, columns, r + 1, c)[0].start if r < rows - 1 else None
            if below is not None:
                middle = (down.stop + below) // 2
                assert picture[middle, across].min() >= 250, (r, c)
            if c < columns - 1:
                middle = (across.stop + box(drawn, rows, columns, r, c + 1)[1].start) // 2
                assert picture[down, middle].min() >= 250, (r, c)
    if level == 0:  # from black to white only through greys: gaps and densities are never averaged
        down, across = box(drawn, rows, columns, 1, 1)
        around = picture[down.start - 6 : down.stop + 6, across.start - 6 : across.stop + 6]
        assert np.ptp(around, axis=2).max() <= 12


def test_brightness_grows_with_density():
    levels = np.arange(0, 256, 15)
    panels = np.broadcast_to(levels[None, :, None, None], (2, len(levels), SIDE, SIDE))
    drawn = figures.panel_grid(grid(panels, seeds=1))
    picture = pixels(drawn)
    shown = []
    for c in range(len(levels)):
        panel = picture[box(drawn, 2, len(levels), 0, c)]
        shown.append(panel[20:-20, 20:-20].reshape(-1, 3).mean(0) @ [0.2126, 0.7152, 0.0722])
    assert shown[0] < 3 and shown[-1] > 220
    assert np.diff(shown).min() > 4, shown


def test_rows_do_not_share_their_colours():
    panels = np.zeros((4, 2, SIDE, SIDE))
    panels[2] = 255
    drawn = figures.panel_grid(grid(panels))
    brightness = [pixels(drawn)[box(drawn, 4, 2, r, 0)][9:-9, 9:-9].mean() for r in range(4)]
    assert np.argmax(brightness) == 2 and sorted(brightness)[-2] < 2


def test_labels_are_there_each_beside_its_row_or_column():
    result = grid(np.zeros((4, 3, SIDE, SIDE)))
    drawn = figures.panel_grid(result)
    drawn.png()
    renderer = FigureCanvasAgg(drawn.canvas).get_renderer()
    height = renderer.height * drawn.dpi / drawn.canvas.dpi
    centres: dict[str, list[tuple[float, float]]] = {}
    for text in texts(drawn):
        extent = text.get_window_extent(renderer)
        scale = drawn.dpi / drawn.canvas.dpi
        x, y = (extent.x0 + extent.x1) / 2 * scale, height - (extent.y0 + extent.y1) / 2 * scale
        centres.setdefault(text.get_text(), []).append((x, y))
    for c in range(3):
        (centre,) = centres[str(result.drawing["epochs"][c])]
        across = box(drawn, 4, 3, 0, c)[1]
        assert across.start < centre[0] < across.stop
    for r, (_, seed) in enumerate(result.rows):
        down = box(drawn, 4, 3, r, 0)[0]
        assert any(down.start < y < down.stop for _, y in centres[f"seed {seed}"])
        ((_, y),) = centres[f"{last(result, r, 'count'):,}"]
        assert down.start < y < down.stop
    for activation, rows in (("tanh", (0, 1)), ("isotanh", (2, 3))):
        ((_, y),) = centres[f"{TITLES[activation]}, {MATHS[GROUPS[activation]]}"]
        assert box(drawn, 4, 3, rows[0], 0)[0].start < y < box(drawn, 4, 3, rows[1], 0)[0].stop
    assert {"epoch", "points"} <= centres.keys()


@pytest.mark.parametrize(
    ("activations", "seeds", "epochs"),
    [
        (("tanh", "isotanh"), range(5), CHECKPOINTS),
        (tuple(GROUPS), (12,), CHECKPOINTS),
        (tuple(GROUPS), (12, 13), CHECKPOINTS),
        (("tanh", "isotanh"), (0, 1), (0, 1, 2)),
        (("isolrelu",), (0,), (0,)),
    ],
)
def test_no_label_is_cut_off_and_none_covers_another(activations, seeds, epochs):
    result = made(activations, seeds, epochs)
    for record in result.records.values():
        record.arrays["count"] += 850_000  # as many as a panel of Figure 1 can hold
    drawn = figures.panel_grid(result)
    renderer = FigureCanvasAgg(drawn.canvas).get_renderer()
    with style():
        boxes = {f"{t.get_text()} {i}": t.get_window_extent(renderer) for i, t in enumerate(texts(drawn))}
    assert min(text.get_fontsize() for text in texts(drawn)) >= 5.5, "too small to read"
    names = list(boxes)
    for i, name in enumerate(names):
        extent = boxes[name]
        assert extent.x0 >= 0 and extent.y0 >= -1, f"{name!r} is cut off"
        assert extent.x1 <= renderer.width and extent.y1 <= renderer.height, f"{name!r} is cut off"
        for other in names[i + 1 :]:
            inner = boxes[other]
            apart = extent.x1 <= inner.x0 or inner.x1 <= extent.x0 or extent.y1 <= inner.y0 or inner.y1 <= extent.y0
            assert apart, f"{name!r} covers {other!r}"


# --- files


def noisy(rows: int, columns: int) -> np.ndarray:
    """The worst that can be drawn: a few points a pixel, everywhere."""
    rng = np.random.default_rng(0)
    one = np.stack([density.render(rng.uniform(-1, 1, (4000, 2)), 1.0, SIDE, method="binned") for _ in range(8)])
    levels = archive.quantise(one, density.limits(one)[1])
    return levels[rng.integers(0, 8, (rows, columns))]


@pytest.fixture(scope="module")
def largest() -> tuple[Drawn, bytes]:
    """The grid with the most panels, and its PNG."""
    result = made(("tanh", "isotanh"), range(5), CHECKPOINTS)
    result.drawing.arrays["density"] = noisy(10, 17)
    drawn = figures.panel_grid(result)
    return drawn, drawn.png()


def test_the_largest_picture_stays_under_its_limit(largest):
    drawn, png = largest
    assert png.startswith(b"\x89PNG") and len(png) <= 700_000
    middle = pixels(png)[box(drawn, 10, 17, 4, 8)]
    assert middle.std() > 30, "the noise has been smoothed away"


def test_a_picture_of_few_colours_keeps_the_colours_of_the_groups(largest):
    for png in (largest[1], figures.panel_grid(made()).png()):
        shown = pixels(png).reshape(-1, 3)
        for group in ("B_n", "O(n)"):
            nearest = np.abs(shown - 255 * np.array(to_rgb(COLOURS[group]))).max(1).min()
            assert nearest <= 16, group


@pytest.mark.parametrize("kind", [figures.panel_grid, figures.through_training])
def test_a_png_is_a_palette_without_stamps_and_the_same_every_time(kind):
    one, other = (kind(made(("isotanh",), epochs=(0, 1))) for _ in range(2))
    png = one.png()
    assert png == one.png() == other.png()
    image = Image.open(io.BytesIO(png))
    assert image.mode == "P" and not {"Software", "Creation Time", "date"} & set(image.info)
    assert kind(made(("isotanh",), epochs=(0, 1), seed=1)).png() != png


@pytest.mark.parametrize("kind", [figures.panel_grid, figures.through_training])
def test_a_saved_figure_is_the_same_every_time_and_its_text_is_text(kind, tmp_path):
    for name in ("one", "other"):
        kind(made(("tanh",), epochs=(0, 1))).save(tmp_path / name)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"one.png", "one.svg", "other.png", "other.svg"}
    for suffix in ("png", "svg"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"other.{suffix}").read_bytes()
    svg = (tmp_path / "one.svg").read_text()
    words = [
        " ".join("".join(node.itertext()).split()) for node in ET.fromstring(svg).iter() if node.tag.endswith("}text")
    ]
    assert "epoch" in words and ("seed 0" in words or "points" in words)
    assert "dc:date" not in svg and not re.search(r"20\d\d-\d\d-\d\d", svg)


# --- the small picture, the brighter one, figures side by side, figures that are not there


def test_the_small_picture_is_the_last_column_a_line_per_activation():
    panels = np.zeros((5, 3, SIDE, SIDE))
    panels[:3, -1], panels[4, -1, :100] = 255, 255  # three seeds of one activation, two of the other
    result = grid(panels, 3)
    rows = result.facts["rows"]
    result.facts["rows"] = rows[:5]
    small = pixels(figures.thumbnail(result))
    assert small.shape == (2 * 108 - 8, 3 * 108 - 8, 3)
    bright = small.sum(2) > 600
    assert bright[:100, :100].all() and bright[:100, 216:].all(), "the first line is full"
    assert not bright[108:, :100].any() and not bright[108:, 216:].any()
    assert bright[160:206, 110:206].all() and not bright[110:156, 110:206].any(), "the lower half is below"
    assert bright[:, 102:106].all(), "gaps are white"


def test_a_figure_may_be_drawn_brighter():
    panels = np.full((4, 2, SIDE, SIDE), 60)
    result = grid(panels)
    result.figure.entry["brightness"] = 4
    same = grid(np.full_like(panels, 240))
    assert figures.panel_grid(result).png() == figures.panel_grid(same).png()
    assert figures.thumbnail(result) == figures.thumbnail(same)
    more = figures.brighter(result, 5)
    assert figures.panel_grid(more).png() == figures.panel_grid(grid(np.full_like(panels, 255))).png()
    assert result.figure.brightness == 4
    with pytest.raises(ValueError, match=r"times is 0; accepted: a number above 0\."):
        figures.brighter(result, 0)


def test_networks_stand_beside_their_own_random_bases():
    found = page(made(), made(("lrelu",), seed=1))
    drawn = figures.compared(found)
    rows = [(result, r) for result in found for r in range(len(result.rows))]
    for axes, name in zip(drawn.canvas.axes, ("count", "c4", "s2"), strict=True):
        marks = [line for line in axes.get_lines() if line.get_marker() in ("o", "s", "^")]
        values = np.concatenate([line.get_ydata() for line in marks])
        places = np.concatenate([line.get_xdata() for line in marks])
        assert values == pytest.approx([last(result, r, name) for result, r in rows])
        assert len(set(places)) == len(rows)
        bars = np.concatenate([bar.get_segments() for bar in axes.collections])
        low, high = np.quantile([r.of_row(i, f"final_null_{name}") for r, i in rows], (0.025, 0.975), axis=1)
        assert bars[:, 0, 1] == pytest.approx(low) and bars[:, 1, 1] == pytest.approx(high)
        assert (bars[:, 0, 0] == places).all()
    words = [text.get_text() for text in texts(drawn)]
    assert {"Figure 2\nL = 1", "Figure 3\nL = 2", "tanh", "isotropic\ntanh", "Leaky-ReLU"} <= set(words)
    assert "Figure 3, L = 2, Leaky-ReLU" in drawn.alt


@pytest.mark.parametrize("kind", [figures.panel_grid, figures.through_training])
def test_a_figure_that_is_not_published_is_drawn_as_a_sentence(kind):
    assert repr(kind(Missing(made().figure))) == "Figure 1 is not published yet."
    assert repr(figures.compared(page(missing=[8, 9]))) == "Figures 8 and 9 are not published yet."


def test_a_failed_save_leaves_what_was_there(tmp_path, monkeypatch):
    figures.panel_grid(made()).save(tmp_path / "fig01")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    drawn = figures.panel_grid(made(seed=1))
    monkeypatch.setattr(drawn.canvas, "savefig", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        drawn.save(tmp_path / "fig01")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_notebook_shows_the_picture_with_its_alternative_text():
    drawn = figures.panel_grid(made())
    content, about = drawn._repr_mimebundle_()
    assert content["image/png"] == drawn.png()
    assert content["text/plain"] == about["image/png"]["alt"] == drawn.alt


@pytest.mark.parametrize("kind", [figures.panel_grid, figures.through_training])
def test_a_figure_keeps_its_style_and_leaves_others_alone(kind):
    with mpl.style.context("dark_background"):
        before = dict(mpl.rcParams)
        drawn = pixels(kind(made(("tanh",), (0,), (0, 1))))
        assert (drawn[0, 0] == 255).all(), "the ground is white also where everything else is dark"
        assert dict(mpl.rcParams) == before


# --- alternative text


def test_the_alternative_text_says_what_was_measured():
    result = made()
    alt = figures.panel_grid(result).alt
    for rows in (range(3), range(3, 6)):
        counts = [last(result, row, "count") for row in rows]
        assert f"{min(counts):,} to {max(counts):,} points" in alt
    assert figures.through_training(result).alt.strip() and "\n" not in alt


# --- colours and lines


def test_every_activation_has_the_group_that_its_class_states():
    assert {name: cls.group for name, cls in ACTIVATIONS.items()} == GROUPS
    assert TITLES.keys() == GROUPS.keys() and len(set(TITLES.values())) == len(TITLES)


def test_every_group_has_one_colour_one_line_and_one_name():
    groups = {*GROUPS.values(), OF_BASIS}
    for registry in (COLOURS, DASHES, MATHS):
        assert registry.keys() == groups
        assert len(set(registry.values())) == len(groups)


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_colours_can_be_read_on_white_and_told_apart_without_colour():
    for group, colour in COLOURS.items():
        assert 1.05 / (luminance(colour) + 0.05) >= 4, f"{group}: too faint on white"
    for one in COLOURS:
        for other in COLOURS:
            if one < other:
                lighter, darker = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])), reverse=True)
                assert DASHES[one] != DASHES[other] or (lighter + 0.05) / (darker + 0.05) >= 1.5, (one, other)


# --- through training


def test_curves_and_bands_are_those_of_every_network():
    epochs = (0, 1, 2, 8, 40, 125)
    result = made(("tanh", "isotanh"), (0, 1, 2), epochs)
    axes = np.array(figures.through_training(result).canvas.axes).reshape(2, 3)
    for i, activation in enumerate(("tanh", "isotanh")):
        for j, name in enumerate(("count", "c4", "s2")):
            record = result.records[result.rows[3 * i][0].id]
            panel, group = axes[i, j], GROUPS[activation]
            assert len(panel.lines) == len(panel.collections) == 3
            for s, (line, band) in enumerate(zip(panel.lines, panel.collections, strict=True)):
                np.testing.assert_array_equal(line.get_xdata(), epochs)
                np.testing.assert_array_equal(line.get_ydata(), record[name][s, :, 0])
                assert (line.get_color(), line.get_linestyle()) == (COLOURS[group], DASHES[group])
                own = np.sort(record[f"null_{name}"][s, :, 0], axis=1)
                corners = band.get_paths()[0].vertices
                for c, epoch in enumerate(epochs):
                    at = corners[corners[:, 0] == epoch, 1]
                    low, high = (np.interp(q * (own.shape[1] - 1), range(own.shape[1]), own[c]) for q in (0.025, 0.975))
                    assert (at.min(), at.max()) == pytest.approx((low, high), rel=1e-9)
            assert panel.get_title(loc="left") if j else panel.get_title(loc="left") == "points"
        assert TITLES[activation] in axes[i, 0].get_ylabel()
    assert [panel.get_xlabel() for panel in axes[-1]] == ["epoch"] * 3


@pytest.mark.parametrize(("activations", "seeds"), [(("isolrelu",), range(5)), (GROUPS, (3,))])
def test_any_number_of_networks_can_be_drawn(activations, seeds):
    result = made(tuple(activations), seeds, (0, 1))
    curves = figures.through_training(result)
    assert len(curves.canvas.axes) == 3 * len(activations)
    assert all(len(axes.lines) == len(seeds) for axes in curves.canvas.axes)
    assert len(figures.panel_grid(result).canvas.axes[0].lines) == len(activations)


def test_the_curves_are_of_the_figures_layer():
    result = made(layer=1)
    first = figures.through_training(result).canvas.axes[0].lines[0]
    np.testing.assert_array_equal(first.get_ydata(), result.records[result.rows[0][0].id]["count"][0, :, 1])


def test_networks_without_points_are_drawn():
    result = made()
    result.drawing.arrays["density"] = np.zeros_like(result.drawing["density"])
    for record in result.records.values():
        for name in record.arrays:
            record.arrays[name] = np.zeros_like(record[name])
    assert figures.panel_grid(result).png() and figures.through_training(result).png()


def test_saving_needs_no_folder_to_exist(tmp_path: Path):
    figures.panel_grid(made()).save(tmp_path / "new" / "folder" / "fig01")
    assert {path.suffix for path in (tmp_path / "new" / "folder").iterdir()} == {".png", ".svg"}
