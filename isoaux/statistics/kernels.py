"""Inner loops of measuring in many bases, compiled by numba: products, moments, and points near planes.

Samples come in blocks (n, S), with samples along the processor's vectors. The coordinates of a block in one basis are
made, measured and overwritten by those in the next one while they are in the first cache; what is added up is small.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from isoaux.common.compiling import compiled, compiled_exactly, wide_vectors
from isoaux.statistics.points import BINS, NEAR_AXIS, NEAR_DIAGONAL

ROWS = 3
"""Rows of a basis that are multiplied at once; behind a basis are rows of zeros up to a multiple of this."""

VECTOR, VECTORS = 64, 4
"""Bytes of a vector, and vectors of samples that are multiplied at once."""

COUNT, SINE, SQUARES, AXIS, DIAGONAL = range(5)
"""Sums over points: their number, sin 2t and its square, and how many are within 10 degrees of an axis or diagonal."""

EDGES = tuple(np.tan(np.radians(2.5 + 5 * k)) for k in range(9))
"""The slopes between the bins of the angular histogram from 0 to 45 degrees."""


@compiled
def measure(turned, blocks, samples, inverse, middle, scale, thresholds, plane, twice, moments, neurons, points, cells):
    """Add sums over representations in D bases to the last four arguments, those of them that have rows.

    ``moments`` (D, 4): :data:`isoaux.statistics.moments.OF_SAMPLES`. ``neurons`` (D, m, 2): the sums of second and
    fourth powers of (coordinate - ``middle``) ``scale``, which are (D, m). ``points`` (D, 5): the sums named above.
    ``cells`` (D, p + 2m + 72): points by plane, by signed direction and by angle, as
    :class:`isoaux.statistics.tally.Tally` counts them.

    Parameters: ``turned`` (D, M, n), bases of m rows with rows of zeros behind them; ``blocks`` (B, n, S) of
    ``samples`` representations in all, with zeros behind them; ``inverse`` (B, S), 1 over their lengths;
    ``thresholds`` (3, B, S) of :class:`isoaux.ppp.Threshold`; ``plane`` (m, m), the plane of each pair of rows;
    ``twice``, whether each pair counts in both orders.
    """
    wide_vectors()
    width, size = len(plane), blocks.shape[2]
    room = np.empty((5, size), blocks.dtype)
    coordinates = np.empty((turned.shape[1], size), blocks.dtype)
    squares = np.empty((width, size), blocks.dtype)
    places = np.empty((2, size), np.int64)
    pairs = np.empty((2, width * size), np.int64)
    kept = np.empty((3, width * size), blocks.dtype)
    for block in range(len(blocks)):
        count = min(size, samples - block * size)
        low, limit, high = thresholds[0, block], thresholds[1, block], thresholds[2, block]
        for draw in range(len(turned)):
            multiply(turned[draw], blocks[block], coordinates)
            if len(moments):
                add_moments(coordinates, width, inverse[block], room, moments[draw])
            if len(neurons):
                add_neurons(coordinates, count, middle[draw], scale[draw], neurons[draw])
            if not len(points):
                continue
            passing = first_round(coordinates, low, squares, room, places)
            while passing:
                found = pairs_of_largest(squares, passing, room, places, pairs)
                found = inside(turned[draw], blocks[block], coordinates, found, limit, high, places, pairs, kept)
                sines(kept, found)
                add_points(kept, found, twice, points[draw])
                if len(cells):
                    add_cells(kept, pairs, found, plane, twice, points[draw], cells[draw])
                passing = next_round(squares, passing, room, places)


@intrinsic
def multiply_tile(typingctx, basis, samples, out, row, column):
    """``ROWS`` rows and ``VECTORS`` vectors of ``out`` = ``basis`` @ ``samples``, from ``row`` and ``column`` on.

    The three are contiguous matrices. All sums stay in registers, which the loops of numba do not achieve.
    """

    def generate(context, builder, signature, arguments):
        number, index = context.get_value_type(basis.dtype), ir.IntType(64)
        size = basis.dtype.bitwidth // 8
        vector = ir.VectorType(number, VECTOR // size)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), VECTOR // size), None)  # zeros: lane 0 for all lanes
        a, x, y = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args, arguments[:3], strict=False)
        )
        (_, depth), (_, width) = (cgutils.unpack_tuple(builder, each.shape) for each in (a, x))

        def whole(value):
            return ir.Constant(index, value)

        def at(array, row, stride, column):
            return builder.gep(array.data, [builder.add(builder.mul(row, stride), column)])

        def vectors(array, row):
            first = at(array, row, width, arguments[4])
            places = [builder.gep(first, [whole(v * (VECTOR // size))]) for v in range(VECTORS)]
            return [builder.bitcast(place, vector.as_pointer()) for place in places]

        rows = [builder.add(arguments[3], whole(r)) for r in range(ROWS)]
        before, loop, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
        builder.branch(loop)
        builder.position_at_end(loop)
        k = builder.phi(index)
        sums = [[builder.phi(vector) for _ in range(VECTORS)] for _ in rows]
        columns = [builder.load(place, align=size) for place in vectors(x, k)]
        totals = []
        for r, row in enumerate(rows):
            factor = builder.insert_element(
                ir.Constant(vector, ir.Undefined), builder.load(at(a, row, depth, k)), ir.Constant(ir.IntType(32), 0)
            )
            factor = builder.shuffle_vector(factor, ir.Constant(vector, ir.Undefined), everywhere)
            products = [builder.fmul(factor, each, flags=("contract",)) for each in columns]
            totals.append([builder.fadd(*pair, flags=("contract",)) for pair in zip(sums[r], products, strict=True)])
        following = builder.add(k, whole(1))
        for phi, value in [(k, following), *zip(sum(sums, []), sum(totals, []), strict=True)]:
            phi.add_incoming(ir.Constant(phi.type, None), before)
            phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, after)
        builder.position_at_end(after)
        for row, each in zip(rows, totals, strict=True):
            for place, value in zip(vectors(y, row), each, strict=True):
                builder.store(value, place, align=size)
        return context.get_dummy_value()

    return types.void(basis, samples, out, types.intp, types.intp), generate


@compiled
def multiply(basis, samples, out):
    """``out`` (M, S) = ``basis`` (M, n) @ ``samples`` (n, S); M is a multiple of ``ROWS``, S of ``VECTORS`` vectors."""
    wide_vectors()
    step = VECTORS * (VECTOR // samples.itemsize)
    for column in range(0, samples.shape[1], step):
        for row in range(0, len(basis), ROWS):
            multiply_tile(basis, samples, out, row, column)


@compiled
def add_moments(coordinates, width, inverse, room, totals):
    """Add the moments of the directions coordinates (M, S) times ``inverse`` (S,), of ``width`` rows, to totals (4,).

    Other rows of the coordinates are zeros.
    """
    wide_vectors()
    size, number = len(inverse), inverse.dtype.type
    share, three, four, six = number(1 / width), number(3), number(4), number(6)
    first, second, third, fourth, sixth = room[0], room[1], room[2], room[3], room[4]
    room[:] = number(0)
    for i in range(0, len(coordinates), ROWS):
        y0, y1, y2 = coordinates[i], coordinates[i + 1], coordinates[i + 2]
        for j in range(size):
            one, two, cubes, fours, sixes = first[j], second[j], third[j], fourth[j], sixth[j]
            for y in (y0[j], y1[j], y2[j]):
                u = y * inverse[j]
                square = u * u
                cube = square * u
                one += u
                two += square
                cubes += cube
                fours += square * square
                sixes += cube * cube
            first[j], second[j], third[j], fourth[j], sixth[j] = one, two, cubes, fours, sixes
    fours, sixes, lost = number(0), number(0), 0
    for j in range(size):
        fours += fourth[j]
        sixes += sixth[j]
        mean, square = share * first[j], share * second[j]
        variance = square - mean * mean
        moment = share * fourth[j] + mean * (mean * (six * square - three * mean * mean) - four * share * third[j])
        lost += four * variance < square
        third[j] = moment / (variance * variance) if variance > 0 else number(0)
        second[j] = four * variance - square
    if lost or width <= 3:
        for j in range(size):
            if width <= 3 or second[j] < 0:  # the differences cancel
                third[j] = kurtosis(coordinates[:width, j], inverse[j])
    across, largest = number(0), number(0)
    for j in range(size):
        across += third[j]
        largest = max(largest, third[j])
    totals[0] += fours
    totals[1] += sixes
    totals[2] += across
    totals[3] = max(totals[3], largest)


@compiled
def kurtosis(column, inverse):
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


@compiled
def add_neurons(coordinates, count, middle, scale, sums):
    """Add the second and fourth powers of (coordinates - ``middle``) ``scale`` to ``sums`` (m, 2)."""
    wide_vectors()
    for i in range(len(middle)):
        row, centre, factor = coordinates[i], middle[i], scale[i]
        second, fourth = row.dtype.type(0), row.dtype.type(0)
        for j in range(count):
            deviation = (row[j] - centre) * factor
            square = deviation * deviation
            second += square
            fourth += square * square
        sums[i, 0] += second
        sums[i, 1] += fourth


@compiled_exactly
def first_round(coordinates, low, squares, room, places):
    """The number of samples whose two largest squared coordinates are together above ``low`` (S,).

    They become the first columns of ``squares`` (m, S) and of the first three rows of ``room``, their largest square,
    the next and ``low``, and their places come first in the first row of ``places``.
    """
    wide_vectors()
    size, kept = len(low), places[0]
    largest, next_largest, bound = room[0], room[1], room[2]
    largest[:], next_largest[:] = 0, 0
    for i in range(0, len(coordinates), ROWS):
        y0, y1, y2 = coordinates[i], coordinates[i + 1], coordinates[i + 2]
        for j in range(size):
            first, second = largest[j], next_largest[j]
            for y in (y0[j], y1[j], y2[j]):
                square = y * y
                lower = square if square < first else first
                second = lower if lower > second else second
                first = square if square > first else first
            largest[j], next_largest[j] = first, second
    passing = 0
    for j in range(size):
        kept[passing] = j
        passing += largest[j] + next_largest[j] > low[j]
    for place in range(passing):
        j = kept[place]
        largest[place], bound[place] = largest[j], low[j]
    for i in range(len(squares)):
        row, out = coordinates[i], squares[i]
        for place in range(passing):
            y = row[kept[place]]
            out[place] = y * y
    return passing


@compiled_exactly
def next_round(squares, passing, room, places):
    """The same of the squares that are left of the first ``passing`` samples."""
    kept = places[0]
    largest, next_largest, bound = room[0], room[1], room[2]
    largest[:passing], next_largest[:passing] = -np.inf, -np.inf
    for i in range(len(squares)):
        row = squares[i]
        for place in range(passing):
            square, first, second = row[place], largest[place], next_largest[place]
            lower = square if square < first else first
            next_largest[place] = lower if lower > second else second
            largest[place] = square if square > first else first
    left = 0
    for place in range(passing):
        if largest[place] + next_largest[place] > bound[place]:
            largest[left], bound[left], kept[left] = largest[place], bound[place], kept[place]
            for i in range(len(squares)):
                squares[i, left] = squares[i, place]
            left += 1
    return left


@compiled_exactly
def pairs_of_largest(squares, passing, room, places, pairs):
    """The number of pairs of each sample's largest square with others that are together above the sample's bound.

    The other row and the sample of each are written to ``pairs``, the rows of the largest squares to the second row of
    ``places``; and the largest squares are removed.
    """
    wide_vectors()
    largest, bound, top, other, column = room[0], room[2], places[1], pairs[0], pairs[1]
    for back in range(len(squares)):
        i = len(squares) - 1 - back
        row = squares[i]
        for place in range(passing):
            top[place] = i if row[place] == largest[place] else top[place]
    for place in range(passing):
        squares[top[place], place] = -np.inf
    found = 0
    for i in range(len(squares)):
        row = squares[i]
        for place in range(passing):
            other[found], column[found] = i, place
            found += largest[place] + row[place] > bound[place]
    return found


@compiled_exactly
def inside(basis, samples, coordinates, found, limit, high, places, pairs, points):
    """The number of pairs whose squares are together above ``limit`` (S,), as :class:`isoaux.ppp.Threshold` decides.

    ``pairs`` becomes their rows i < j, and ``points`` their coordinates.
    """
    inner = 0
    for pair in range(found):
        place = pairs[1, pair]
        i, j, sample = min(pairs[0, pair], places[1, place]), max(pairs[0, pair], places[1, place]), places[0, place]
        x, y = coordinates[i, sample], coordinates[j, sample]
        square = x * x + y * y
        if square <= high[sample]:
            u, v = exact(basis[i], samples[:, sample]), exact(basis[j], samples[:, sample])
            square = u * u + v * v
        if square > limit[sample]:
            pairs[0, inner], pairs[1, inner], points[0, inner], points[1, inner] = i, j, x, y
            inner += 1
    return inner


@compiled_exactly
def exact(direction, sample):
    """The product of two vectors in double precision, rounded to theirs."""
    total = 0.0
    for k in range(len(direction)):
        total += np.float64(direction[k]) * np.float64(sample[k])
    return direction.dtype.type(total)


@compiled_exactly
def sines(points, found):
    """Write sin 2t of the first points to the third row, as :func:`isoaux.statistics.points.sines` computes it."""
    wide_vectors()
    first, second, sine = points[0], points[1], points[2]
    two = points.dtype.type(2)
    for k in range(found):
        largest = max(abs(first[k]), abs(second[k]))
        x, y = first[k] / largest, second[k] / largest
        sine[k] = two * x * y / (x * x + y * y)


@compiled
def add_points(points, found, twice, sums):
    """Add the number of points, their sin 2t and its square to ``sums``."""
    wide_vectors()
    total, squares = 0.0, 0.0
    for sine in points[2, :found]:
        total += sine
        squares += sine * sine
    sums[COUNT] += found << twice
    sums[SINE] += total * (1 + twice)
    sums[SQUARES] += squares * (1 + twice)


@compiled_exactly
def add_cells(points, pairs, found, plane, twice, sums, cells):
    """Count points near axes and diagonals, and in their plane, nearest direction and sector."""
    width = len(plane)
    sectors = len(cells) - BINS
    directions = sectors - 2 * width
    for k in range(found):
        i, j, x, y, near = pairs[0, k], pairs[1, k], points[0, k], points[1, k], abs(points[2, k])
        sums[AXIS] += (near <= NEAR_AXIS) << twice
        sums[DIAGONAL] += (near >= NEAR_DIAGONAL) << twice
        for _ in range(1 + twice):
            cells[plane[i, j]] += 1
            cells[directions + (2 * i + (x > 0) if abs(x) >= abs(y) else 2 * j + (y > 0))] += 1
            cells[sectors + sector(x, y)] += 1
            i, j, x, y = j, i, y, x


@compiled_exactly
def sector(x, y):
    """The bin of the angular histogram of a point, as :func:`isoaux.statistics.points.sector` has it."""
    slope = min(abs(x), abs(y)) / max(abs(x), abs(y))
    place = 0
    for edge in EDGES:
        place += slope > edge
    if abs(y) > abs(x):
        place = BINS // 4 - place
    if x < 0:
        place = BINS // 2 - place
    if y < 0:
        place = BINS - place
    return place % BINS
