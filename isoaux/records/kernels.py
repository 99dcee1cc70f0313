"""Inner loops of measuring in random bases, compiled by numba: moments of directions, and pairs near a plane."""

import numpy as np

from isoaux.training.compiled import compiled, compiled_exactly


@compiled
def add(coordinates, inverse, totals, size):
    """Add moments of coordinates (m, S) times ``inverse`` (S,) to ``totals`` (4,), in blocks of ``size`` samples.

    These are the four of :data:`isoaux.statistics.moments.OF_SAMPLES`: sums of u_i^4 and u_i^6, kurtosis across
    neurons, and the largest of this.
    """
    m, samples = coordinates.shape
    number = inverse.dtype.type
    share, three, four, six = number(1 / m), number(3), number(4), number(6)
    first, second, third, fourth = np.empty((4, size), coordinates.dtype)
    for start in range(0, samples, size):
        count = min(size, samples - start)
        first[:], second[:], third[:], fourth[:] = 0, 0, 0, 0
        lengths = inverse[start : start + count]
        for i in range(m):
            y, sixth = coordinates[i, start : start + count], number(0)
            for j in range(count):
                u = y[j] * lengths[j]
                square = u * u
                cube = square * u
                first[j] += u
                second[j] += square
                third[j] += cube
                fourth[j] += square * square
                sixth += cube * cube
            totals[1] += sixth
        powers, lost = number(0), 0
        for j in range(count):
            powers += fourth[j]
            mean, square = share * first[j], share * second[j]
            variance = square - mean * mean
            moment = share * fourth[j] + mean * (mean * (six * square - three * mean * mean) - four * share * third[j])
            lost += four * variance < square
            third[j] = moment / (variance * variance) if variance > 0 else number(0)
            second[j] = variance / square if square > 0 else number(1)
        totals[0] += powers
        if lost or m <= 3:
            for j in range(count):
                if m <= 3 or four * second[j] < 1:  # the differences cancel
                    third[j] = _kurtosis(coordinates[:, start + j], lengths[j])
        across, largest = number(0), number(0)
        for j in range(count):
            across += third[j]
            largest = max(largest, third[j])
        totals[2] += across
        totals[3] = max(totals[3], largest)


@compiled
def _kurtosis(column, inverse):
    """The kurtosis of the numbers (m,) times ``inverse``, from their deviations; 0 where they are equal."""
    mean = 0.0
    for y in column:
        mean += y * inverse
    mean /= len(column)
    variance, fourth = 0.0, 0.0
    for y in column:
        square = (y * inverse - mean) ** 2
        variance += square
        fourth += square * square
    return len(column) * fourth / (variance * variance) if variance > 0 else 0.0


@compiled_exactly
def pairs(squares, width, limit, sample, first, second, column):
    """One round of ``isoaux.ppp._orthonormal_pairs``: how many pairs were found, and how many samples passed.

    Of the first ``width`` columns of ``squares`` (m, S), which belong to the samples ``sample`` (S,), those whose two
    largest squares are together above ``limit`` (S,) pass. Their pairs with the largest square are written to
    ``first``, ``second`` and ``column``, ordered by the other row and then by sample; they become the first columns of
    all three arrays, the largest square removed.
    """
    m = len(squares)
    largest, next_largest = np.full((2, width), -np.inf, squares.dtype)
    for i in range(m):
        row = squares[i]
        for place in range(width):
            lower = min(largest[place], row[place])
            next_largest[place] = max(next_largest[place], lower)
            largest[place] = max(largest[place], row[place])
    kept = np.empty(width, np.int64)
    passing = 0
    for place in range(width):
        kept[passing] = place
        passing += next_largest[place] + largest[place] > limit[place]
    for place in range(passing):
        at = kept[place]
        largest[place], limit[place], sample[place] = largest[at], limit[at], sample[at]
    for i in range(m):
        row = squares[i]
        for place in range(passing):
            row[place] = row[kept[place]]
    top = np.empty(passing, np.int64)
    for place in range(passing):
        i = 0
        while squares[i, place] != largest[place]:
            i += 1
        squares[i, place] = -np.inf
        top[place] = i
    found = 0
    for i in range(m):
        row = squares[i]
        for place in range(passing):
            if largest[place] + row[place] > limit[place]:
                first[found], second[found] = min(top[place], i), max(top[place], i)
                column[found] = sample[place]
                found += 1
    return found, passing
