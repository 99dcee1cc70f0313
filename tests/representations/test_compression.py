"""Two numbers in one: where the printed functions fail, and that the repaired ones do not."""

import numpy as np
import pytest

from isoaux.representations import compression


def test_the_printed_example_holds():
    packed = compression.printed_pack([0.3, 0.6], [0.2, 0.8])
    assert packed.tolist() == [0.32, 0.68]
    first, second = compression.printed_unpack(packed)
    assert (first.tolist(), second.tolist()) == ([0.3, 0.6], [0.2, 0.8])


def test_of_two_digits_the_printed_form_loses_three_numbers_and_no_others():
    x, y = compression.grid(2)
    wrong = compression.failures(x, y, 2)
    assert wrong.sum() == 300 and set(x[wrong]) == {0.29, 0.57, 0.58}, "floor(100 x) is one low for these"
    assert not compression.failures(*compression.grid(1), 1).any()


def test_of_three_digits_no_number_of_a_step_is_cut_off_wrongly():
    # 1000 x is a whole number to rounding, and never below it: so the printed form loses none of a million pairs.
    x, y = compression.grid(3)
    every = slice(None, None, 37)  # 37 shares no divisor with 1000, so that all x and all y occur
    assert (np.floor(1000 * np.unique(x)) == np.arange(1000)).all()
    assert not compression.failures(x[every], y[every], 3).any()


@pytest.mark.parametrize(
    "pair, read", [((0.3, 0.96), (0.4, 0.0)), ((0.3, -0.2), (0.2, 0.8)), ((0.37, 0.2), (0.3, 0.2))]
)
def test_off_its_grid_the_printed_form_carries_or_cuts(pair: tuple[float, float], read: tuple[float, float]):
    first, second = compression.printed_unpack(compression.printed_pack(*pair))
    assert (float(first), float(second)) == read


@pytest.mark.parametrize("precision", range(1, 8))
def test_the_repaired_form_returns_every_pair(precision: int):
    x, y = compression.grid(precision) if precision <= 2 else compression.drawn(precision, 100_000, 5)
    first, second = compression.unpack(compression.pack(x, y, precision), precision)
    assert np.array_equal(first, x) and np.array_equal(second, y)


def test_the_repaired_form_returns_all_pairs_of_three_digits():
    x, y = compression.grid(3)
    packed = compression.pack(x, y, 3)
    first, second = compression.unpack(packed, 3)
    assert np.array_equal(first, x) and np.array_equal(second, y)
    assert (np.diff(packed) > 0).all(), "monotone in x, and in y where x is the same"


def test_noise_moves_the_second_number_z_times_and_past_a_step_the_first():
    packed = compression.pack(0.3, 0.5, 1)
    assert [float(each) for each in compression.unpack(packed + 0.02, 1)] == [0.3, 0.7], "10 times 0.02"
    assert [float(each) for each in compression.unpack(packed + 0.06, 1)] == pytest.approx([0.4, 0.1])


def test_noise_of_a_linear_sum_is_passed_on_as_it_is():
    errors = compression.errors_under_noise(1e-3, 1, 20_000, 3)
    assert errors.linear == pytest.approx(1e-3, rel=0.02), "a rotation keeps the length of noise"
    assert errors.repaired == 0, "half of a step of the grid, 0.005, is five standard deviations"
    # The printed form carries where y is 0 and noise is negative: y comes back as 1, x as 0.1 less, 1 of 20 pairs.
    assert errors.printed == pytest.approx(np.sqrt(0.05 * (1 + 0.01) / 2), rel=0.05)


@pytest.mark.parametrize(
    "call, words",
    [
        (
            lambda: compression.pack(0.1, 0.1, 8),
            "precision is 8; accepted: a whole number of at least 1 and at most 7.",
        ),
        (lambda: compression.pack(0.1, 0.1, 0), "precision is 0"),
        (lambda: compression.pack(0.15, 0.1, 1), "first holds 0.15; accepted: multiples of 1/10 in"),
        (lambda: compression.pack(0.1, 1.0, 1), "second holds 1.0"),
        (lambda: compression.pack(-0.1, 0.5, 1), "first holds -0.1"),
        (lambda: compression.pack([0.1, 0.2], [0.1], 1), "second has shape"),
        (lambda: compression.errors_under_noise(-1.0), "sd is -1.0; accepted: a number of at least 0."),
    ],
)
def test_what_does_not_fit_is_refused(call, words):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value).startswith(words)
