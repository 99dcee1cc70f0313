"""One network record, made by hand: two seeds, three checkpoints, two latent layers, every number worked out here."""

import numpy as np
import pytest

from isoaux.common import archive
from isoaux.common.archive import Published
from isoaux.paper import figure
from isoaux.records import reading
from isoaux.records.record import NotPublished, Record, p_value
from isoaux.records.results import Result

TANH = "cifar-U-tanh-n18-L0"

NULL = np.arange(1.0, 40)
"""Random bases with 1, 2, ..., 39 points: p of v is 2 (1 + those on the rarer side of v, v included) / 40."""

FINAL = np.arange(0.5, 40, 0.5)
"""79 random bases at the last checkpoint, 0.5, 1, ..., 39.5: p is a multiple of 2 / 80."""

COUNT = np.array([[20.0, 39.5, 41], [0, 39, 40]])
"""Of layer 1: seeds by checkpoints. Seed 4 leaves its random bases above from epoch 1 on; seed 2 starts below them."""


def made() -> Record:
    count = np.stack([np.zeros_like(COUNT), COUNT], axis=-1)
    null = np.broadcast_to(NULL, (2, 3, 2, 39)).copy()
    null[:, :, 0] = 1  # of layer 0, where nothing is counted: below all random bases
    null[:, 2] = np.nan  # never read: the last checkpoint has random bases of its own
    final = np.broadcast_to(FINAL, (2, 2, 79)).copy()
    arrays = {"count": count, "null_count": null, "final_null_count": final, "epochs": np.array([0, 1, 125])}
    return Record(Published(arrays, {"configuration": TANH, "seeds": [4, 2]}))


def test_values_are_those_of_a_layer_and_a_checkpoint():
    record = made()
    assert (record.configuration.id, record.seeds, record.layers) == (TANH, [4, 2], 2)
    np.testing.assert_array_equal(record.values("count", 1), COUNT)
    np.testing.assert_array_equal(record.values("count", 1, 1), [39.5, 39])
    np.testing.assert_array_equal(record.values("count", 0, -1), [0, 0])
    assert record.by_seed(record.values("count", 1, -1)) == {4: 41, 2: 40}


def test_the_last_checkpoint_has_random_bases_of_its_own():
    record = made()
    np.testing.assert_array_equal(record.null("count", 1, 0), [NULL, NULL])
    np.testing.assert_array_equal(record.null("count", 0, 1), np.ones((2, 39)))
    for last in (record.null("count", 1), record.null("count", 1, -1), record.null("count", 1, 2)):
        np.testing.assert_array_equal(last, [FINAL, FINAL])


def test_p_counts_the_random_bases_on_the_rarer_side():
    record = made()
    expected = np.array([
        [1, 2 / 40, 2 / 80],  # 20 of 39 on either side; none at or above 39.5; none at or above 41
        [2 / 40, 4 / 40, 2 / 80],  # none at or below 0; one at or above 39; none at or above 40
    ])  # fmt: skip
    np.testing.assert_allclose(record.p("count", 1), expected, rtol=1e-12)
    np.testing.assert_allclose(record.p("count", 1, 1), expected[:, 1], rtol=1e-12)
    np.testing.assert_allclose(record.p("count", 1, -1), expected[:, 2], rtol=1e-12)
    np.testing.assert_allclose(record.p("count", 0), [[2 / 40, 2 / 40, 2 / 80]] * 2, rtol=1e-12)


def test_above_is_above_the_median_of_the_random_bases():
    record = made()
    assert record.above("count", 1).tolist() == [[False, True, True], [False, True, True]]  # the medians are 20
    assert record.above("count", 1, 0).tolist() == [False, False]
    assert not record.above("count", 0).any()


def test_the_band_is_the_middle_95_percent():
    """Quantile q of m equally spaced values from a to b is a + q (b - a): of 1 to 39 and of 0.5 to 39.5."""
    low, high = made().band("count", 1)
    np.testing.assert_allclose(low, [[1.95, 1.95, 1.475]] * 2)
    np.testing.assert_allclose(high, [[38.05, 38.05, 38.525]] * 2)


def test_an_onset_is_since_when_p_is_at_most_005_on_the_side_of_the_end():
    record = made()
    np.testing.assert_array_equal(record.onset("count", 1), [1, 125])  # 39 is inside at epoch 1
    np.testing.assert_array_equal(record.onset("count", 0), [0, 0])
    record.published["count"][1, 2, 1] = 39.5  # p is 4 / 80, and at epoch 0 the side is the other one
    np.testing.assert_array_equal(Record(record.published).onset("count", 1), [1, 125])
    record.published["count"][1, 2, 1] = 39  # p is 6 / 80
    np.testing.assert_array_equal(Record(record.published).onset("count", 1), [1, np.nan])


# --- statistics of which the tests are published


WHITENED = np.array([[0.1, 0.3, 0.4], [0.2, 0.2, 0.1]])
"""Quartimax of whitened representations in layer 1: seeds by checkpoints."""

TESTS = np.array([
    [[0.5, -1, 0.05, 0.15, 0.25], [0.02, 4, 0.05, 0.15, 0.25], [0.002, 5, 0.1, 0.2, 0.3]],
    [[0.04, 3, 0.05, 0.1, 0.15], [0.05, 2, 0.05, 0.15, 0.25], [0.01, -6, 0.2, 0.3, 0.4]],
])  # fmt: skip
"""p, effect, and the quantiles of the random bases."""


def of_version_3() -> Record:
    old = made().published
    arrays = {"quartimax_whitened": WHITENED, "quartimax_whitened_test": TESTS}
    arrays = {name: np.stack([np.zeros_like(values), values], axis=2) for name, values in arrays.items()}
    arrays |= {"final_null_quartimax_whitened": np.broadcast_to(FINAL, (2, 2, 79))}
    arrays |= {"count_centred": np.full((2, 3, 2), np.nan), "count_centred_test": np.full((2, 3, 2, 5), np.nan)}
    arrays["count_centred"][:, -1, 1], arrays["count_centred_test"][:, -1, 1] = 7, [0.04, 1, 2, 3, 4]
    return Record(Published(old.arrays | arrays, old.facts | {"measure_version": 3}))


def test_a_published_test_is_read_as_one_that_is_made():
    record, name = of_version_3(), "quartimax_whitened"
    assert record.version == 3 and record.has(name) and record.has("count") and not record.has("quartimax_centred")
    np.testing.assert_array_equal(record.values(name, 1), WHITENED)
    np.testing.assert_array_equal(record.p(name, 1), TESTS[..., 0])
    np.testing.assert_array_equal(record.p(name, 1, -1), [0.002, 0.01])
    np.testing.assert_array_equal(record.effect(name, 1), TESTS[..., 1])
    np.testing.assert_array_equal(record.effect(name, 1, 0), [-1, 3])
    assert record.above(name, 1).tolist() == [[False, True, True], [True, True, False]]
    assert record.above(name, 1, 2).tolist() == [True, False]
    for end, expected in zip(record.band(name, 1), (TESTS[..., 2], TESTS[..., 4]), strict=True):
        np.testing.assert_array_equal(end, expected)
    np.testing.assert_array_equal(record.onset(name, 1), [1, 125])  # seed 2 is above before the end, where it is below
    np.testing.assert_array_equal(record.null(name, 1), [FINAL, FINAL])


def test_what_is_measured_at_the_end_alone_is_no_number_before():
    record = of_version_3()
    np.testing.assert_array_equal(record.p("count_centred", 1), [[np.nan, np.nan, 0.04]] * 2)
    np.testing.assert_array_equal(record.effect("count_centred", 1, -1), [1, 1])
    assert record.above("count_centred", 1).tolist() == [[False, False, True]] * 2


def test_an_effect_is_the_distance_from_the_median_in_scaled_deviations():
    """Of 1 to 39 the median is 20 and the median deviation 10; of 0.5 to 39.5 both are the same."""
    record = made()
    np.testing.assert_allclose(record.effect("count", 1, 0), np.array([0, -20]) / 14.826)
    np.testing.assert_allclose(record.effect("count", 1, -1), np.array([21, 20]) / 14.826)
    np.testing.assert_allclose(record.effect("count", 1)[:, 1], np.array([19.5, 19]) / 14.826)
    assert record.effect("count", 0, 0).tolist() == [-np.inf, -np.inf], (
        "all random bases are alike, and the network not"
    )
    record.published["null_count"][0, 0, 1] = np.nan
    np.testing.assert_array_equal(np.isnan(record.effect("count", 1, 0)), [True, False])


@pytest.mark.parametrize("method", ["values", "p", "effect", "above", "band", "onset", "null"])
def test_what_version_2_did_not_measure_is_said(method):
    old = made()
    record = Record(Published(old.published.arrays, old.facts | {"measure_version": 2}))
    assert record.version == 2 and not record.has("quartimax")
    with pytest.raises(NotPublished, match=rf"record of {TANH} has no .*quartimax; it was measured by version 2"):
        getattr(record, method)("quartimax", 1)


def test_random_bases_that_were_not_kept_are_said():
    with pytest.raises(NotPublished, match=rf"{TANH} has no null_quartimax_whitened; it was measured by version 3"):
        of_version_3().null("quartimax_whitened", 1, 0)


@pytest.mark.parametrize(
    ("value", "null", "p"),
    [
        (5, [1, 2, 3], 2 / 4),
        (2, [1, 2, 3], 1),  # more than 1 is 1
        (5, [1, np.nan, 3], 2 / 3),  # random bases without points are left out
        (5, [np.nan, np.inf], np.nan),
        (np.nan, [1, 2, 3], np.nan),
        (5, [], np.nan),
    ],
)
def test_p_of_a_value(value, null, p):
    assert p_value(value, null) == pytest.approx(p, nan_ok=True)


def test_a_row_of_a_figure_is_read_from_the_record_of_its_configuration():
    wanted = figure("fig01")
    record = made()
    drawing = Published({}, {"rows": [{"configuration": TANH, "seed": seed} for seed in (2, 4)], "seeds": [2, 4]})
    result = Result(wanted, drawing, {TANH: record.published}, {})
    assert wanted.layer == 0
    np.testing.assert_array_equal(result.of_row(0, "count"), [0, 0, 0])
    np.testing.assert_array_equal(result.of_row(0, "null_count")[:2], np.ones((2, 39)))
    np.testing.assert_array_equal(result.of_row(1, "final_null_count"), FINAL)


def test_records_are_found_in_a_folder(tmp_path):
    assert reading.all_records(tmp_path) == []
    with pytest.raises(FileNotFoundError, match=TANH):
        reading.record(tmp_path, TANH)
    (tmp_path / "networks").mkdir()
    archive.write(reading.record_path(tmp_path, TANH), made().published.arrays, made().facts)
    (record,) = reading.all_records(tmp_path)
    np.testing.assert_array_equal(record.values("count", 1), COUNT)
    assert reading.record(tmp_path, TANH).configuration == record.configuration
