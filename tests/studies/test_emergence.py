"""When structure appears: onsets by definition, correlations against SciPy, and the page against the published data."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from roots import ROOT
from scipy.stats import spearmanr

from isoaux import statistics
from isoaux.common import archive
from isoaux.paper import claims
from isoaux.records import reading
from isoaux.records.evidence import Reader
from isoaux.records.panel_values import EARLY, VALUES, samples
from isoaux.records.reports import NOTHING
from isoaux.scorecard import compute as scorecard
from isoaux.scorecard import report as scorecard_report
from isoaux.statistics.seeds import onset
from isoaux.studies.emergence import courses as emergence
from isoaux.studies.emergence import figures as emergence_figures
from isoaux.studies.emergence import report as emergence_report

DATA = ROOT / "book" / "data"


@pytest.fixture(scope="module")
def found():
    return emergence.courses(DATA)


def slow_onset(outside, above, epochs):
    """The definition, checkpoint by checkpoint."""
    for start in range(len(epochs)):
        if all(outside[start:]) and len(set(above[start:])) == 1:
            return float(epochs[start])
    return np.nan


def test_an_onset_is_the_start_of_an_unbroken_run_to_the_end():
    rng = np.random.default_rng(0)
    outside, above = rng.random((400, 6)) < 0.8, rng.random((400, 6)) < 0.7
    epochs = np.array([0, 1, 2, 4, 8, 16])
    own = onset(outside, above, epochs)
    assert np.array_equal(own, [slow_onset(o, a, epochs) for o, a in zip(outside, above, strict=True)], equal_nan=True)
    assert 0 < np.isnan(own).mean() < 0.5 and set(own[np.isfinite(own)]) == set(epochs)


def test_chance_gives_an_onset_to_no_more_than_one_network_in_twenty():
    rng = np.random.default_rng(1)
    values, null = rng.standard_normal((2000, 9)), rng.standard_normal((2000, 9, 99))
    p = np.array(
        [
            [statistics.test_from_null(v, n).p for v, n in zip(*row, strict=True)]
            for row in zip(values, null, strict=True)
        ]
    )
    own = onset(p <= 0.05, values > np.median(null, axis=-1), np.arange(9))
    share = np.isfinite(own).mean()
    assert abs(share - 0.04) < 4 * np.sqrt(0.04 * 0.96 / 2000)  # of 99 draws p is at most 0.05 in 4 of 100
    assert not np.isfinite(own[p[:, -1] > 0.05]).any()


def test_rank_correlations_are_spearmans():
    rng = np.random.default_rng(2)
    first, second = rng.integers(0, 5, (4, 3, 30)).astype(float), rng.integers(0, 5, (4, 1, 30)).astype(float)
    own = emergence.rank_correlation(first, second)
    assert own.shape == (4, 3)
    for place in np.ndindex(4, 3):
        assert own[place] == pytest.approx(spearmanr(first[place], second[place[0], 0]).statistic, abs=1e-12)
    assert np.isnan(emergence.rank_correlation(np.zeros((2, 30)), first[0, :2])).all()


def test_p_values_and_bands_are_those_of_the_networks_own_random_bases(found):
    course = next(course for course in found if course.configuration.id == "cifar-U-tanh-n18-L0")
    for name in emergence.STATISTIC_TITLES:
        low, high = course.record.band(name, 0)
        p, above = course.record.p(name, 0), course.record.above(name, 0)
        for seed, at in ((0, 0), (2, 5), (4, 16)):
            arrays = course.record.published
            null = arrays[f"final_null_{name}"][seed, 0] if at == 16 else arrays[f"null_{name}"][seed, at, 0]
            assert len(null) == (999 if at == 16 else 99)
            value = arrays[name][seed, at, 0]
            tail = min((null >= value).sum(), (null <= value).sum())
            assert p[seed, at] == pytest.approx(min(1, 2 * (1 + tail) / (1 + len(null))))
            assert (low[seed, at], high[seed, at]) == pytest.approx(np.quantile(null.astype(float), (0.025, 0.975)))
            assert above[seed, at] == (value > np.median(null))


def test_planes_agree_with_the_end_as_the_claims_have_it(found):
    claim = next(claim for claim in claims.load().each if claim.id == "fig01-13")
    (sample,) = samples(claim.selection, Reader(DATA))
    course = next(course for course in found if course.configuration == sample.configuration)
    at = list(course.epochs).index(EARLY)
    assert course.agreement()[:, at] == pytest.approx(VALUES["plane_order"].of(sample), abs=1e-12)
    assert course.agreement()[:, -1] == pytest.approx(1)
    crossed = course.agreement(crossed=True)
    assert crossed.shape == (5, 4, 17)
    counts = course.record.published["plane_counts"][:, :, 0]
    assert crossed[1, 1, 3] == pytest.approx(spearmanr(counts[1, 3], counts[2, -1]).statistic)
    assert emergence_report.settled_line() == claim.line


def test_every_published_configuration_is_there_once(found):
    published_ones = sorted(path.stem for path in (DATA / "networks").glob("*.json") if path.stem.count("-") == 4)
    assert sorted(course.configuration.id for course in found) == published_ones
    assert sum(len(emergence.family(found, name)) for name in emergence.FAMILIES) == len(found)
    deeper = emergence.by_layer(DATA)
    for k, courses in enumerate(deeper):
        assert {course.layer for course in courses} == {k}
        assert all(course.configuration.L >= k for course in courses)
    assert len(deeper) == 1 + max(course.configuration.L for course in found)


def test_isotropic_networks_are_as_often_outside_as_chance_has_it(found):
    """By symmetry; the width is that of 26 independent networks, since those of one seed have weights in common."""
    for name in ("isotanh", "isolrelu"):
        for statistic in emergence.STATISTIC_TITLES:
            assert emergence.share_outside(emergence.family(found, name), statistic).mean() < 0.05 + 2 * np.sqrt(
                0.05 * 0.95 / 26
            )


def test_the_tables_follow_the_data(found, tmp_path):
    before = emergence_report.appearance(found)
    shutil.copytree(DATA / "networks", tmp_path / "networks")
    place = reading.record_path(tmp_path, "cifar-N-tanh-n18-L0")
    record = archive.read(place)
    arrays = dict(record.arrays)
    arrays["c4"] = np.ones_like(arrays["c4"])
    archive.write(place, arrays, record.facts)
    after = emergence_report.appearance(emergence.courses(tmp_path))
    changed = [pair for pair in zip(before.rows, after.rows, strict=True) if pair[0] != pair[1]]
    assert [(new[0], new[1]) for _, new in changed] == [("tanh", "c4")]
    changed_course = next(c for c in emergence.courses(tmp_path) if c.configuration.id == "cifar-N-tanh-n18-L0")
    assert (changed_course.record.onset("c4", 0) == 0).all()


def test_every_configuration_has_a_line_of_its_own(found):
    names = [row[:2] for row in emergence_report.by_configuration(found).rows]
    assert len(set(names)) == len(names) == len(found)


def test_nothing_published_is_said(tmp_path):
    none = emergence.courses(tmp_path)
    assert none == []
    said = [
        emergence_report.in_short(none),
        emergence_report.answer(none),
        emergence_figures.shares(none),
        emergence_figures.settling(none),
    ]
    said += [emergence_figures.through_training(none, name) for name in emergence.FAMILIES]
    said += [emergence_report.first(none), emergence_report.layers(emergence.by_layer(tmp_path))]
    said += [emergence_report.appearance(none), emergence_report.settled(none), emergence_report.by_configuration(none)]
    assert {str(words) for words in said} == {NOTHING}


def test_the_page_says_what_the_data_say(found):
    source, page = (
        json.loads((ROOT / place / "own_emergence.ipynb").read_text("utf-8"))["cells"]
        for place in ("notebooks", "book/notebooks")
    )
    assert [cell["source"] for cell in page] == [cell["source"] for cell in source], "run the page again"
    shown = {cell["id"]: cell["outputs"] for cell in page if cell["cell_type"] == "code"}
    for name, made in (
        ("in-short", emergence_report.in_short(found)),
        ("answer", emergence_report.answer(found)),
        ("appearance", emergence_report.appearance(found)),
        ("first", emergence_report.first(found)),
        ("settled", emergence_report.settled(found)),
        ("layers", emergence_report.layers(emergence.by_layer(DATA))),
        ("statements", scorecard_report.statements(scorecard.read(DATA))),
        ("configurations", emergence_report.by_configuration(found)),
    ):
        assert "".join(shown[name][0]["data"]["text/markdown"]) == made._repr_markdown_(), "run the page again"
    for name, made in (
        ("shares", emergence_report.share_sentence(found)),
        *((name, emergence_report.family_sentence(found, name)) for name in emergence.FAMILIES),
    ):
        assert "".join(shown[name][0]["data"]["text/plain"]) == made


def test_statements_on_training_are_those_of_the_scorecard():
    card = scorecard.read(DATA)
    rows = scorecard_report.statements(card).rows
    by_claim = {row.claim: row for row in card.rows}
    shown = {words.removesuffix(" †"): (words, verdict) for _, words, verdict, *_ in rows}
    assert {claim.wording for claim in claims.load().each if claim.family == "training"} <= shown.keys()
    for claim, (words, verdict) in shown.items():
        row = by_claim[claim]
        assert verdict == f"{row.symbol} {scorecard_report.label(row)}" and words.endswith("†") == bool(row.changed)


def test_no_torch_is_needed():
    code = "import sys; from isoaux.studies.emergence import figures; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
