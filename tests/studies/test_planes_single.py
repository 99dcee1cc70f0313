"""Single planes: every point in the panel of its pair of neurons, and the counts that are told (Sec. 4)."""

import numpy as np
from test_planes_report import made

from isoaux.common.archive import Published
from isoaux.records.results import Missing, Result
from isoaux.studies.planes import figures as planes_figures
from isoaux.studies.planes.figures import SIDE


def with_samples(values: np.ndarray, scale: float = 0.001) -> Result:
    """A figure whose networks have published these representations (S, 18), as whole numbers, in both layers."""
    result = made()
    kept = {"values": np.stack([values, values]).astype(np.int16), "scale": np.array(scale)}
    for name in result.records:
        result.representations[name] = Published(kept, {})
    return result


def test_every_point_is_in_the_panel_of_its_pair_of_neurons():
    """Three samples between two axes each: neurons 2 and 6 (counted from 1) twice, 17 and 18 once."""
    values = np.zeros((3, 18))
    values[0, [1, 5]] = 1000, 1000
    values[1, [1, 5]] = 1000, 1000
    values[2, [16, 17]] = -1000, 1000
    result = with_samples(values)
    panels, counts = planes_figures._planes(result, next(iter(result.records)))
    assert panels.shape == (17, 17, SIDE, SIDE) and counts.sum() == 3
    upper = np.triu_indices(17, 1)
    assert (panels[upper] == 256).all()  # no such pair: paper
    lit = {(int(r), int(c)) for r, c in np.argwhere((panels % 256).any((2, 3)))}
    assert lit == {(4, 1), (16, 16)}  # rows from neuron 2, columns from neuron 1
    right, left = panels[4, 1], panels[16, 16]
    assert right[SIDE // 2 :, SIDE // 2 :].sum() == right.sum()  # both positive; row 0 is the bottom
    assert left[SIDE // 2 :, : SIDE // 2].sum() == left.sum()
    assert right.sum() > left.sum()  # one brightness for all planes


def test_the_sentence_counts_points_and_planes():
    rng = np.random.default_rng(0)
    values = np.zeros((40, 18))
    values[np.arange(30), 0] = 1000
    values[np.arange(30), 3] = rng.integers(900, 1100, 30)
    values[np.arange(30, 40), 7] = 1000
    values[np.arange(30, 40), 9] = rng.integers(900, 1100, 10)
    drawn = planes_figures.plane_grid(with_samples(values))
    for words in ("tanh: 40 points, half of them in 1 of 153 planes, 151 planes empty", "isotropic tanh: 40 points"):
        assert words in drawn.alt
    assert [axes.get_title(loc="left") or axes.get_title() for axes in drawn.canvas.axes][0].startswith("tanh")
    assert drawn.png() == planes_figures.plane_grid(with_samples(values)).png()


def test_no_points_is_a_picture_and_a_missing_figure_a_sentence():
    empty = planes_figures.plane_grid(with_samples(np.full((5, 18), 700)))
    assert "tanh: 0 points, half of them in 0 of 153 planes, 153 planes empty" in empty.alt and empty.png()
    assert "not published yet" in str(planes_figures.plane_grid(Missing(made().figure)))
