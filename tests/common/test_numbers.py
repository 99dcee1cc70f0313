"""Numbers as text."""

import numpy as np
import pytest

from isoaux.common.numbers import (
    NONE,
    counted,
    listed_range,
    low_to_high,
    number_words,
    signed,
    whole,
    with_range,
    written,
)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, np.float32("nan")])
def test_what_is_not_finite_is_a_dash(value):
    assert {written("{:.2f}", value), whole(value), signed(value)} == {NONE}


def test_every_form_has_its_digits_and_signs():
    assert written("{:.2f}", np.float32(1.5)) == "1.50" and whole(1234.4) == "1,234" and whole(np.int64(7)) == "7"
    assert (signed(0.123), signed(-0.05, 1), signed(0)) == ("+0.12", "-0.1", "+0.00")


def test_one_of_a_thing_has_no_plural():
    assert [counted(number, "seed") for number in (0, 1, 2, 1234)] == ["0 seeds", "1 seed", "2 seeds", "1,234 seeds"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00012345, "0.000123"),
        (-2.5, "-2.5"),
        (999.4, "999"),
        (999.6, "1,000"),
        (-999.6, "-1,000"),
        (12345.6, "12,346"),
        (0, "0"),
    ],
)
def test_numbers_of_usual_size_have_no_exponent(value, text):
    assert number_words(value) == text


def test_two_significant_digits():
    assert [number_words(value, 2) for value in (0.456, 45.6, 99.6, 456)] == ["0.46", "46", "100", "456"]


def test_ranges_name_both_ends_unless_these_read_alike():
    assert low_to_high([2, 1, 3], "{:.0f}") == "1 to 3" and low_to_high([1.01, 1.04], "{:.1f}") == "1.0"
    assert with_range(2, 1, np.inf, "{:.1f}") == f"2.0 (1.0 to {NONE})"


@pytest.mark.parametrize(
    ("values", "text"),
    [(range(5), "0–4"), ([0, 1], "0, 1"), ([0, 2, 3], "0, 2, 3"), ([4], "4"), (7, "7"), ("all", "all"), ([], "")],
)
def test_consecutive_numbers_are_a_range(values, text):
    assert listed_range(values) == text
