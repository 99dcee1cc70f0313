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
def measure(
    turned, blocks, samples, inverse, away, middle, scale, thresholds, plane, twice,
    moments, centred, neurons, points, cells, beams,
):  # fmt: skip
    """Add sums over representations in D bases to the last six arguments, those of them that have rows.

    ``moments`` (D, 4): :data:`isoaux.statistics.moments.OF_SAMPLES`; ``centred``, the same of the representations less
    their mean. ``neurons`` (D, m, 2): the sums of second and fourth powers of (coordinate - ``middle``) ``scale``.
    ``points`` (D, 5): the sums named above. ``cells`` (D, p + 2m + 72): points by plane, by signed direction and by
    angle, as :class:`isoaux.statistics.tally.Tally` counts them. ``beams`` (D, 1 + 2m + 72 p): samples with a point,
    these by their nearest signed direction, and points by plane and angle. The last two need ``points``.

    Parameters: ``turned`` (D, M, n), bases of m rows with rows of zeros behind them; ``blocks`` (B, n, S) of
    ``samples`` representations in all, with zeros behind them; ``inverse`` and ``away`` (B, S), 1 over their lengths
    and over their distances from the mean, or 0; ``middle`` and ``scale`` (D, M), the mean of each coordinate and 1
    over its standard deviation, or 0; ``thresholds`` (3, B, S) of :class:`isoaux.ppp.Threshold`; ``plane`` (m, m), the
    plane of each pair of rows; ``twice``, whether each pair counts in both orders.
    """
    wide_vectors()
    width, size = len(plane), blocks.shape[2]
    coordinates = np.empty((turned.shape[1], size), blocks.dtype)
    room = np.empty((5, size), blocks.dtype)
    nowhere = np.zeros(turned.shape[1], blocks.dtype)
    largest = np.zeros((2, len(turned), size), blocks.dtype)
    places, partners, squares = np.empty(size, np.int64), np.empty(width, np.int64), np.empty(width, blocks.dtype)
    most = width * (width - 1) // 2 + size
    pairs, kept = np.empty((3, most), np.int64), np.empty((3, most), blocks.dtype)
    for block in range(len(blocks)):
        count, low = min(size, samples - block * size), thresholds[0, block]
        for draw in range(len(turned)):
            multiply(turned[draw], blocks[block], coordinates)
            if len(moments):
                add_moments(coordinates, nowhere, width, inverse[block], room, moments[draw], largest[0, draw])
            if len(centred):
                add_moments(coordinates, middle[draw], width, away[block], room, centred[draw], largest[1, draw])
            if len(neurons):
                add_neurons(coordinates, width, count, middle[draw], scale[draw], neurons[draw])
            if not len(points):
                continue
            passing, place = near(coordinates, low, room, places), 0
            while place < passing:
                found, place = inside(
                    turned[draw], blocks[block], coordinates, thresholds[:, block], room[0], partners,
                    squares, places, place, passing, pairs, kept,
                )  # fmt: skip
                sines(kept, found)
                add_points(kept, found, twice, points[draw])
                if len(cells):
                    add_cells(kept, pairs, found, plane, twice, points[draw], cells[draw])
                if len(beams):
                    add_beams(coordinates, kept, pairs, found, plane, twice, beams[draw])
    for draw in range(len(moments)):
        moments[draw, 3] = largest[0, draw].max()
    for draw in range(len(centred)):
        centred[draw, 3] = largest[1, draw].max()


class Tile:
    """What an intrinsic works on: ``VECTORS`` vectors of samples of contiguous matrices, from ``column`` on.

    Its loops carry their sums in registers, which those of numba do not.
    """

    def __init__(self, context, builder, kinds, values, column):
        self.builder, self.column, self.size = builder, column, kinds[0].dtype.bitwidth // 8
        self.lanes, self.index = VECTOR // self.size, ir.IntType(64)
        self.vector = ir.VectorType(context.get_value_type(kinds[0].dtype), self.lanes)
        self.arrays = [
            context.make_array(kind)(context, builder, value) for kind, value in zip(kinds, values, strict=True)
        ]

    def whole(self, value):
        """A whole number as a constant."""
        return ir.Constant(self.index, value)

    def shape(self, which):
        """The numbers of rows and columns of an array."""
        return cgutils.unpack_tuple(self.builder, self.arrays[which].shape)

    def number(self, which, row, column):
        """One number of an array, in all lanes."""
        place = self.builder.add(self.builder.mul(row, self.shape(which)[-1]), column)
        value = self.builder.load(self.builder.gep(self.arrays[which].data, [place]))
        undefined, first = ir.Constant(self.vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), None)
        return self.builder.shuffle_vector(self.builder.insert_element(undefined, value, first), undefined, lanes)

    def places(self, which, row):
        """The addresses of the tile's vectors in a row of an array."""
        place = self.builder.add(self.builder.mul(row, self.shape(which)[-1]), self.column)
        each = [self.builder.add(place, self.whole(v * self.lanes)) for v in range(VECTORS)]
        places = [self.builder.gep(self.arrays[which].data, [place]) for place in each]
        return [self.builder.bitcast(place, self.vector.as_pointer()) for place in places]

    def load(self, which, row):
        """The tile's vectors in a row of an array."""
        return [self.builder.load(place, align=self.size) for place in self.places(which, row)]

    def store(self, which, row, vectors):
        """Write the tile's vectors in a row of an array."""
        for place, vector in zip(self.places(which, row), vectors, strict=True):
            self.builder.store(vector, place, align=self.size)

    def times(self, one, other):
        """Their product, which may be fused with a sum."""
        return self.builder.fmul(one, other, flags=("contract",))

    def plus(self, one, other):
        """Their sum, which may be fused with a product."""
        return self.builder.fadd(one, other, flags=("contract",))

    def smaller(self, one, other):
        """The smaller of two vectors, lane by lane."""
        return self.builder.select(self.builder.fcmp_ordered("<", one, other), one, other)

    def larger(self, one, other):
        """The larger of two vectors, lane by lane."""
        return self.builder.select(self.builder.fcmp_ordered(">", one, other), one, other)

    def loop(self, count, sums, step):
        """``sums`` vectors after ``step``(k, vectors) for k from 0 to ``count`` - 1, at least once; zeros before."""
        builder, zero = self.builder, self.whole(0)
        before, inside, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
        builder.branch(inside)
        builder.position_at_end(inside)
        k, vectors = builder.phi(self.index), [builder.phi(self.vector) for _ in range(sums)]
        changed = step(k, vectors)
        following = builder.add(k, self.whole(1))
        for phi, first, value in [
            (k, zero, following),
            *((vector, ir.Constant(self.vector, None), value) for vector, value in zip(vectors, changed, strict=True)),
        ]:
            phi.add_incoming(first, before)
            phi.add_incoming(value, builder.block)
        builder.cbranch(builder.icmp_signed("<", following, count), inside, after)
        builder.position_at_end(after)
        return changed


@intrinsic
def multiply_tile(typingctx, basis, samples, out, row, column):
    """``ROWS`` rows and a :class:`Tile` of ``out`` = ``basis`` @ ``samples``, from ``row`` and ``column`` on."""

    def generate(context, builder, signature, arguments):
        tile = Tile(context, builder, signature.args[:3], arguments[:3], arguments[4])
        rows = [builder.add(arguments[3], tile.whole(r)) for r in range(ROWS)]

        def step(k, sums):
            columns, changed = tile.load(1, k), []
            for r, row in enumerate(rows):
                factor = tile.number(0, row, k)
                some = sums[r * VECTORS : (r + 1) * VECTORS]
                changed += [tile.plus(total, tile.times(factor, x)) for total, x in zip(some, columns, strict=True)]
            return changed

        products = tile.loop(tile.shape(0)[1], ROWS * VECTORS, step)
        for r, row in enumerate(rows):
            tile.store(2, row, products[r * VECTORS : (r + 1) * VECTORS])
        return context.get_dummy_value()

    return types.void(basis, samples, out, types.intp, types.intp), generate


@intrinsic
def powers_tile(typingctx, coordinates, middle, inverse, sums, column):
    """A :class:`Tile` of ``sums`` (5, S) of powers, the first four and the sixth.

    Those are of the coordinates (M, S) less ``middle`` (M,) times ``inverse`` (S,).
    """

    def generate(context, builder, signature, arguments):
        tile = Tile(context, builder, signature.args[:4], arguments[:4], arguments[4])
        lengths = tile.load(2, tile.whole(0))

        def step(row, sums):
            changed, centre = [], tile.number(1, tile.whole(0), row)
            for v, (y, length) in enumerate(zip(tile.load(0, row), lengths, strict=True)):
                u = tile.times(builder.fsub(y, centre), length)
                square = tile.times(u, u)
                cube = tile.times(square, u)
                added = (u, square, cube, tile.times(square, square), tile.times(cube, cube))
                changed += [tile.plus(total, each) for total, each in zip(sums[5 * v : 5 * v + 5], added, strict=True)]
            return changed

        totals = tile.loop(tile.shape(0)[0], 5 * VECTORS, step)
        for power in range(5):
            tile.store(3, tile.whole(power), totals[power::5])
        return context.get_dummy_value()

    return types.void(coordinates, middle, inverse, sums, types.intp), generate


@intrinsic
def largest_tile(typingctx, coordinates, largest, column):
    """A :class:`Tile` of the largest squared coordinate of every sample and the next, ``largest`` (2, S)."""

    def generate(context, builder, signature, arguments):
        tile = Tile(context, builder, signature.args[:2], arguments[:2], arguments[2])

        def step(row, sums):
            changed = []
            for v, y in enumerate(tile.load(0, row)):
                first, second = sums[2 * v : 2 * v + 2]
                square = builder.fmul(y, y)
                changed += [tile.larger(square, first), tile.larger(tile.smaller(square, first), second)]
            return changed

        both = tile.loop(tile.shape(0)[0], 2 * VECTORS, step)
        for place in range(2):
            tile.store(1, tile.whole(place), both[place::2])
        return context.get_dummy_value()

    return types.void(coordinates, largest, types.intp), generate


@compiled
def multiply(basis, samples, out):
    """``out`` (M, S) = ``basis`` (M, n) @ ``samples`` (n, S); M is a multiple of ``ROWS``, S of ``VECTORS`` vectors."""
    wide_vectors()
    for column in range(0, samples.shape[1], VECTORS * (VECTOR // samples.itemsize)):
        for row in range(0, len(basis), ROWS):
            multiply_tile(basis, samples, out, row, column)


@compiled
def add_moments(coordinates, middle, width, inverse, room, totals, largest):
    """Add the moments of directions of ``width`` rows to totals (4,): coordinates less ``middle`` times ``inverse``.

    The coordinates (M, S) and ``middle`` (M,) have zeros in other rows. ``largest`` (S,), the largest kurtosis in each
    place of a block, is raised.
    """
    wide_vectors()
    size, number = len(inverse), inverse.dtype.type
    share, three, four, six = number(1 / width), number(3), number(4), number(6)
    first, second, third, fourth, sixth = room[0], room[1], room[2], room[3], room[4]
    for column in range(0, size, VECTORS * (VECTOR // inverse.itemsize)):
        powers_tile(coordinates, middle, inverse, room, column)
    lost = number(0)
    for j in range(size):
        mean, square = share * first[j], share * second[j]
        variance = square - mean * mean
        moment = share * fourth[j] + mean * (mean * (six * square - three * mean * mean) - four * share * third[j])
        third[j] = moment / (variance * variance) if variance > 0 else number(0)
        second[j] = number(1) if four * variance < square else number(0)
        lost += second[j]
    if lost or width <= 3:
        for j in range(size):
            if width <= 3 or second[j]:  # the differences cancel
                third[j] = kurtosis(coordinates[:width, j], middle, inverse[j])
    fours, sixes, across = number(0), number(0), number(0)
    for j in range(size):
        fours += fourth[j]
        sixes += sixth[j]
        across += third[j]
        largest[j] = third[j] if third[j] > largest[j] else largest[j]
    totals[0] += fours
    totals[1] += sixes
    totals[2] += across


@compiled
def kurtosis(column, middle, inverse):
    """The kurtosis of (column - ``middle``) ``inverse`` (m,), from deviations; 0 where all are equal."""
    mean = 0.0
    for i in range(len(column)):
        mean += (column[i] - middle[i]) * inverse
    mean /= len(column)
    variance, fourth = 0.0, 0.0
    for i in range(len(column)):
        square = ((column[i] - middle[i]) * inverse - mean) ** 2
        variance += square
        fourth += square * square
    return len(column) * fourth / (variance * variance) if variance > 0 else 0.0


@compiled
def add_neurons(coordinates, width, count, middle, scale, sums):
    """Add the second and fourth powers of (coordinates - ``middle``) ``scale`` to ``sums`` (m, 2), m = ``width``."""
    wide_vectors()
    for i in range(width):
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
def near(coordinates, low, room, places):
    """The number of samples that have two squared coordinates together above ``low`` (S,), their ``places`` (S,) first.

    The largest square of each sample is written to the first row of ``room``.
    """
    wide_vectors()
    largest, following = room[0], room[1]
    for column in range(0, len(low), VECTORS * (VECTOR // coordinates.itemsize)):
        largest_tile(coordinates, room, column)
    passing = 0
    for j in range(len(low)):
        places[passing] = j
        passing += largest[j] + following[j] > low[j]
    return passing


@compiled_exactly
def inside(
    basis, samples, coordinates, thresholds, largest, partners, squares, places, place, passing, pairs, points
):  # fmt: skip
    """The number of points of the samples ``places`` from ``place`` on, and the place of the first that is left.

    ``pairs`` becomes their rows i < j and samples, and ``points`` their coordinates; a sample is left if these might
    become too full. Each square of a pair that is together above the threshold is above it together with the sample's
    largest square, too, which leaves few rows to be paired: that of the largest square and its partners.
    """
    low, limit, high = thresholds[0], thresholds[1], thresholds[2]
    width, found = len(partners), 0
    while place < passing and found + width * (width - 1) // 2 <= pairs.shape[1]:
        sample, several = places[place], 0
        least, most = low[sample], largest[sample]
        for i in range(width):
            square = coordinates[i, sample] * coordinates[i, sample]
            partners[several], squares[several] = i, square
            several += most + square > least
        for a in range(several):
            for b in range(a + 1, several):
                square = squares[a] + squares[b]
                if square > least:
                    i, j = partners[a], partners[b]
                    if square <= high[sample]:
                        u, v = exact(basis[i], samples[:, sample]), exact(basis[j], samples[:, sample])
                        square = u * u + v * v
                    if square > limit[sample]:
                        pairs[0, found], pairs[1, found], pairs[2, found] = i, j, sample
                        points[0, found], points[1, found] = coordinates[i, sample], coordinates[j, sample]
                        found += 1
        place += 1
    return found, place


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
def add_beams(coordinates, points, pairs, found, plane, twice, beams):
    """Count the samples of the points, whose pairs follow one another, by direction, and points by plane and angle."""
    width, last = len(plane), -1
    for k in range(found):
        i, j, x, y = pairs[0, k], pairs[1, k], points[0, k], points[1, k]
        if pairs[2, k] != last:
            last, nearest = pairs[2, k], 0
            for row in range(width):
                if abs(coordinates[row, last]) > abs(coordinates[nearest, last]):
                    nearest = row
            beams[0] += 1
            beams[1 + 2 * nearest + (coordinates[nearest, last] > 0)] += 1
        for _ in range(1 + twice):
            beams[1 + 2 * width + BINS * plane[i, j] + sector(x, y)] += 1
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
