"""Every row that passes by is kept with equal chance, however rows are divided into batches."""

import numpy as np
import pytest

from isoaux.sources.reservoir import Reservoir


def drawn(batches, size, seed):
    """The rows that a reservoir keeps of batches of whole numbers, each a row of two neurons."""
    reservoir = Reservoir(size, seed)
    for batch in batches:
        rows = np.column_stack([batch, batch]).astype(np.float32)
        reservoir.add(len(rows), 2, lambda places, rows=rows: rows[places])
    assert reservoir.seen == sum(map(len, batches)) and len(reservoir._rows) <= size
    return reservoir.drawn()[:, 0].astype(int)


def test_every_pair_of_rows_is_kept_with_equal_chance():
    count, size, runs = 7, 3, 4000
    together = np.zeros((count, count))
    for seed in range(runs):
        kept = drawn(np.array_split(np.arange(count), 3), size, seed)
        assert len(set(kept)) == size and (np.diff(kept) > 0).all()
        together[np.ix_(kept, kept)] += 1
    alone, pairs = size / count, size * (size - 1) / (count * (count - 1))
    chance = np.where(np.eye(count), alone, pairs)
    assert np.abs(together / runs - chance).max() < 5 * np.sqrt(alone * (1 - alone) / runs)


@pytest.mark.parametrize("cuts", [[], [1], [3, 3, 50], range(1, 100)])
def test_the_sample_does_not_depend_on_the_batches(cuts):
    rows = np.arange(100)
    assert drawn(np.split(rows, cuts), 20, 5).tolist() == drawn([rows], 20, 5).tolist()


def test_all_rows_are_kept_in_order_while_they_fit():
    assert drawn(np.split(np.arange(9), [4]), 9, 0).tolist() == list(range(9))
    assert drawn(np.split(np.arange(9), [4]), 50, 0).tolist() == list(range(9))


def test_a_wider_dtype_widens_what_was_kept():
    reservoir = Reservoir(4)
    reservoir.add(2, 2, lambda places: np.ones((2, 2), np.float32))
    reservoir.add(2, 2, lambda places: np.full((2, 2), 1e300))
    assert reservoir.drawn().dtype == np.float64 and reservoir.drawn()[:, 0].tolist() == [1, 1, 1e300, 1e300]
