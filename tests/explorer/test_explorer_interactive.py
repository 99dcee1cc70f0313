"""A figure under ipywidgets' controls, from the published representations."""

import numpy as np
import pytest

from isoaux import bases, ppp
from isoaux.common import archive, paths
from isoaux.explorer.interactive import redrawn, representations
from isoaux.paper import figure
from isoaux.records import reading
from isoaux.records.representations import Representations


@pytest.mark.parametrize(
    ("epsilon", "basis", "variant"),
    [(None, "standard", "combination"), (0.5, "random", "permutation"), (0.9, "simplex", "combination")],
)
def test_points_are_those_of_the_representations(epsilon, basis, variant):
    drawn = redrawn("fig01", epsilon, basis, variant, seed=4)
    expected = []
    for found in representations(figure("fig01")).values():
        rows = Representations(found).values(0)
        directions = bases.named(basis, rows.shape[1], 4)
        expected.append(len(ppp.project(rows, directions, 0.75 if epsilon is None else epsilon, variant).points))
    panels = [axes for axes in drawn.canvas.axes if axes.images]
    assert [axes.get_xlabel() for axes in panels] == [f"{count:,} points" for count in expected]
    assert all(f"{count:,}" in drawn.alt for count in expected)
    sizes = {f"{Representations(found).count:,}" for found in representations(figure("fig01")).values()}
    assert any(f"{size} representations of the training images each, seed 0, last epoch" in drawn.alt for size in sizes)


def test_every_panel_figure_can_be_drawn_again():
    for name in ("fig09", "fig22", "fig30"):
        shown = figure(name)
        assert len([a for a in redrawn(name).canvas.axes if a.images]) == len(representations(shown))


def test_controls_draw_the_figure_again():
    pytest.importorskip("ipywidgets")
    from isoaux.explorer import interact_figure

    found = interact_figure("fig01")
    by_name = {child.description: child for child in found.children if hasattr(child, "description")}
    assert by_name["epsilon"].value == figure("fig01").epsilon
    assert by_name["basis"].options == tuple(bases.BASES) and by_name["variant"].options == tuple(bases.VARIANTS)
    found.update()
    first = found.result.alt
    by_name["basis"].value = "random"
    assert found.result.alt == redrawn("fig01", basis="random").alt != first
    by_name["epsilon"].value = 0.5
    by_name["variant"].value = "permutation"
    assert found.result.alt == redrawn("fig01", 0.5, "random", "permutation").alt


def test_what_cannot_be_drawn_is_refused(refused, tmp_path, monkeypatch):
    refused(["name is 'fig31'", "no projections"], redrawn, "fig31")
    refused(["epsilon is 1"], redrawn, "fig01", 1.0)
    refused(["basis is 'standart'", "did you mean 'standard'"], redrawn, "fig01", basis="standart")
    refused(["variant is 'x'"], redrawn, "fig01", variant="x")
    for folder in ("book", "notebooks"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("ISOAUX_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no representations of fig01 are published"):
        redrawn("fig01")


def test_what_is_published_is_what_is_drawn():
    """The share of points of the sample is that of the record of all images, within what sampling explains."""
    for own, found in representations(figure("fig01")).items():
        record = archive.read(reading.record_path(paths.data(), own.id))
        own_samples = Representations(found)
        rows = own_samples.values(0)
        kept = len(np.unique(ppp.project(rows, np.eye(rows.shape[1]), 0.75).sample))
        share = record["kept_samples"][record.facts["seeds"].index(own_samples.seeds[0]), -1, 0] / 50_000
        assert abs(kept / len(rows) - share) < 5 * np.sqrt(share * (1 - share) / len(rows)) + 1e-3
