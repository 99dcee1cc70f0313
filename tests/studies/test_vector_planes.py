"""The planes of Thomson-like bases: counted as PPP counts them, beside turned copies, drawn and refused."""

from importlib import import_module

import numpy as np
import pytest

from isoaux import bases, paper, ppp, settings
from isoaux.studies.vector_planes import data, figures, report

compute = import_module("isoaux.studies.vector_planes.compute")


def test_points_are_those_of_the_projection_and_copies_keep_the_law_of_isotropic_samples():
    rng = np.random.default_rng(2)
    basis = bases.simplex(4)
    first, last = rng.standard_normal((2, 600, 4)) + [[[0.0]], [[2.0]]]
    arrays = compute.projected([first, last], basis, 0.85, 19, seed=1)
    assert arrays["count"].tolist() == [len(ppp.project(z, basis, 0.85).points) for z in (first, last)]
    assert arrays["counts"].tolist() == [arrays["count"][1], len(ppp.project(last - last.mean(0), basis, 0.85).points)]
    low, middle, high = arrays["null"][1]
    assert low <= middle <= high and arrays["p"].shape == (2,) and arrays["density"].shape == (2, 200, 200)
    isotropic = [compute.projected([rng.standard_normal((300, 4))], basis, 0.85, 19, k)["p"][0] for k in range(40)]
    assert np.mean(np.array(isotropic) <= 0.1) < 0.3


def test_samples_along_an_axis_are_in_all_planes_of_it_and_no_copy_has_as_many():
    z = np.random.default_rng(3).standard_normal((200, 12)) * 0.01 + np.eye(12)[0]
    arrays = compute.projected([z], bases.cross_polytope(12), 0.85, 39, seed=1)
    assert arrays["counts"][0] == 200 * 2 * 22 and arrays["p"][0] == 0.05  # the axis and its antipode, with 22 others


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The figure in the profile smoke, trained once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOAUX_CACHE", str(tmp_path_factory.mktemp("store")))
        return compute.compute(paper.figure("figS16"), settings.read({"profile": "smoke", "seeds": 100}), jobs=1)


def test_the_figure_and_its_table_say_what_was_counted(result):
    drawn = figures.panels(result)
    assert drawn.alt.endswith(drawn.finding) and "6 vectors" in drawn.finding and "20 vectors" in drawn.finding
    assert result.drawing["density"].shape == (3, 3, 200, 200), "a row of panels for each basis"
    rows = report.points(result).rows
    assert [row[0] for row in rows] == ["6", "10", "20"] and len(figures.thumbnail(result)) > 100


def test_settings_without_a_meaning_are_refused(refused):
    given = settings.read({"profile": "smoke", "basis": "random"})
    refused(["basis is 'random'", "planes of the vectors"], data.check, paper.figure("figS16"), given)
