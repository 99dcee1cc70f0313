"""The partition of a plane against arrangements of lines, linear programming, the network, and segments."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from random_nets import LEAKS, random_frame, random_layers, random_net
from scipy.optimize import linprog

from isoaux.polytopes import Net, codes, crossings, partition
from isoaux.polytopes.partition import Partition
from isoaux.polytopes.untrained import regions

Code = tuple[bool, ...]
leaks = pytest.mark.parametrize("leak", LEAKS)


def sliced(net: Net, window: float = 3.0, start: int = 0, seed: int = 1) -> Partition:
    d = net.widths[start]
    origin = 0.1 * np.random.default_rng(seed).standard_normal(d)
    return partition.slice(net, origin, *random_frame(d, seed), window, start)


def lines_in(net: Net, window: float) -> int:
    """1 + the lines of the first layer that meet the window + their intersections inside it, without the library."""
    weight, bias = net.affine[0]
    meets = np.abs(bias) < window * np.abs(weight).sum(axis=1)
    points = [np.linalg.solve(weight[[i, j]], -bias[[i, j]]) for i, j in combinations(range(len(bias)), 2)]
    return int(1 + meets.sum() + (np.abs(points).max(axis=1) < window).sum())


@pytest.mark.parametrize("neurons", [5, 12, 40])
def test_one_layer_cuts_the_plane_as_lines_do(neurons: int) -> None:
    net = random_net((2, neurons, 3), neurons)
    weight, bias = net.affine[0]
    vertices = [np.linalg.solve(weight[[i, j]], -bias[[i, j]]) for i, j in combinations(range(neurons), 2)]
    for window in (0.5, 1.5, 2 * np.abs(vertices).max()):
        made = partition.slice(net, [0, 0], [1, 0], [0, 1], window)
        assert made.faces == lines_in(net, window)
        assert made.euler == 1
    assert made.faces == regions(neurons)


def test_the_counts_of_lines_are_those_in_print() -> None:
    assert [regions(n) for n in (0, 1, 5, 12, 40)] == [1, 2, 16, 79, 821]


def patterns(net: Net, window: float) -> Iterator[Code]:
    """All codes of interior points of the window, neuron after neuron, each by a linear programme."""

    def room(rows: list[np.ndarray]) -> float:
        """The radius of the largest circle within the window on which all of these affine functions are positive."""
        a = np.array([*rows, [1, 0, window], [-1, 0, window], [0, 1, window], [0, -1, window]])
        length = np.hypot(a[:, 0], a[:, 1])
        kept = length > 0
        if (a[~kept, 2] <= 0).any():
            return 0.0
        scaled = a[kept] / length[kept, None]
        solved = linprog(
            [0, 0, -1], np.c_[-scaled[:, :2], np.ones(kept.sum())], scaled[:, 2], bounds=[(None, None)] * 3
        )
        return -solved.fun

    def below(
        layer: int, maps: np.ndarray, rows: list[np.ndarray], bits: tuple[bool, ...]
    ) -> Iterator[tuple[bool, ...]]:
        if layer == net.depth:
            yield bits
            return
        weight, bias = net.affine[layer]
        z = weight @ maps
        z[:, 2] += bias

        def neuron(at: int, rows: list[np.ndarray], on: Code) -> Iterator[Code]:
            if at == len(z):
                slopes = np.where(on, 1.0, net.leak)[:, None]
                yield from below(layer + 1, slopes * z, rows, bits + on)
                return
            for sign in (1, -1):
                if room([*rows, sign * z[at]]) > 1e-9:
                    yield from neuron(at + 1, [*rows, sign * z[at]], (*on, sign > 0))

        yield from neuron(0, rows, ())

    yield from below(0, np.eye(3)[:2], [], ())


@pytest.mark.parametrize("leak", [0.0, 0.2])
def test_the_faces_are_the_codes_that_linear_programmes_allow(leak: float) -> None:
    net = random_net((2, 5, 4, 3, 2), 31, leak)
    made = partition.slice(net, [0, 0], [1, 0], [0, 1], 2.0)
    allowed = set(patterns(net, 2.0))
    assert len(allowed) == made.faces > 20
    assert allowed == {tuple(bits) for bits in made.codes.tolist()}


@leaks
@pytest.mark.parametrize("start", [0, 1, 2])
def test_the_complex_is_whole_and_its_faces_are_the_network(leak: float, start: int) -> None:
    net = random_net((20, 30, 30, 30, 5), 3, leak)
    made = sliced(net, start=start)
    assert made.faces > 100 and made.euler == 1 and made.tiny == 0
    assert abs(made.areas.sum() / 36 - 1) < 1e-13 and made.areas.min() > 0
    assert len(np.unique(made.codes, axis=0)) == made.faces == made.faces_by_layer[-1]
    single = partition.slice(Net([*net.affine[: start + 1], (np.ones((2, 30)), np.zeros(2))], leak), made.plane.origin,
                             made.plane.first, made.plane.second, 3.0, start)  # fmt: skip
    assert made.faces_by_layer[0] == single.faces and len(made.faces_by_layer) == 3 - start
    xy = np.random.default_rng(2).uniform(-3, 3, (300, 2))
    face, points = made.at(xy), made.plane.points(xy)
    assert (made.codes[face] == codes(net, points, start)).all()
    logits = made.logits[face, :, 2] + np.einsum("ncx,nx->nc", made.logits[face, :, :2], xy)
    np.testing.assert_allclose(logits, net.logits(points, start), atol=1e-12)
    inside = made.complex.means(made.vertices)
    assert (made.at(inside) == np.arange(made.faces)).all()
    assert (made.codes == codes(net, made.plane.points(inside), start)).all()
    np.testing.assert_allclose(made.vertex_logits(), net.logits(made.plane.points(made.vertices), start), atol=1e-11)


@leaks
def test_a_segment_crosses_as_many_faces_as_in_closed_form(leak: float) -> None:
    net = random_net((20, 30, 30, 5), 4, leak)
    made, total = sliced(net), 0
    rng = np.random.default_rng(5)
    for p, q in rng.uniform(-3, 3, (20, 2, 2)):
        a, b = made.vertices[made.edges[:, 0]] - p, made.vertices[made.edges[:, 1]] - p
        along = q - p
        sides = [along[0] * e[:, 1] - along[1] * e[:, 0] for e in (a, b)]
        met = sides[0] * sides[1] < 0
        share = (sides[0][met] / (sides[0] - sides[1])[met])[:, None]
        t = (a[met] + share * (b - a)[met]) @ along / (along @ along)
        expected = crossings(net, *(made.plane.points(x[None]) for x in (p, q)))[0]
        assert ((t > 0) & (t < 1)).sum() == expected
        total += expected
    assert total > 200


def test_the_leak_matters_behind_the_first_layer_only() -> None:
    layers = random_layers((10, 20, 20, 3), 6)
    shallow, deep = ({leak: sliced(Net(part, leak)) for leak in LEAKS} for part in ([layers[0], layers[2]], layers))
    np.testing.assert_allclose(shallow[0.0].vertices, shallow[0.01].vertices)
    assert (shallow[0.0].ring == shallow[0.01].ring).all()
    assert not np.array_equal(deep[0.0].codes, deep[0.01].codes)


@leaks
def test_edges_lie_where_their_neuron_is_zero(leak: float) -> None:
    net = random_net((8, 15, 15, 4), 7, leak)
    made = sliced(net)
    layer = made.layers()
    ends = net.pre_activations(made.plane.points(made.vertices[made.edges].mean(axis=1)))
    z = np.hstack(ends[:-1])
    marks = made.edge_marks
    inner = marks >= 0
    assert np.abs(z[np.flatnonzero(inner), marks[inner]]).max() < 1e-11
    assert (layer[inner] == 1 + marks[inner] // 15).all() and (layer[~inner] == 0).all()
    border = np.abs(made.vertices[made.edges[~inner]]).max(axis=(1, 2))
    np.testing.assert_allclose(border, 3, rtol=1e-12)
    assert (made.neighbours[~inner, 1] < 0).all() and (made.neighbours[inner] >= 0).all()
    differ = made.codes[made.neighbours[inner, 0]] != made.codes[made.neighbours[inner, 1]]
    assert (differ.sum(axis=1) == 1).all() and (differ.argmax(axis=1) == marks[inner]).all()
    assert sum(map(len, made.edges_by_layer().values())) == len(made.edges)


@leaks
def test_classes_are_cut_where_two_logits_are_equal(leak: float) -> None:
    net = random_net((3, 25, 25, 6), 12, leak, bias=0.3)
    made = sliced(net)
    pieces = made.classes()
    areas = pieces.areas(6)
    assert (areas > 0.3).sum() == 5 and areas.sum() == pytest.approx(36, rel=1e-12)
    for winner, polygon in pieces.polygons():
        logits = net.logits(made.plane.points(polygon))
        assert (logits[:, winner] >= logits.max(axis=1) - 1e-10).all()
    logits = np.sort(net.logits(made.plane.points(pieces.boundaries().mean(axis=1))), axis=1)
    np.testing.assert_allclose(logits[:, -1], logits[:, -2], atol=1e-10)
    grid = np.stack(np.meshgrid(*[np.linspace(-2.995, 2.995, 300)] * 2), axis=-1).reshape(-1, 2)
    share = np.bincount(net.logits(made.plane.points(grid)).argmax(axis=1), minlength=6) / len(grid)
    np.testing.assert_allclose(areas / 36, share, atol=0.005)


def test_lines_through_one_point_and_neurons_without_a_boundary() -> None:
    angles = np.arange(6) * np.pi / 6 + 0.1
    weight = np.vstack([np.c_[np.cos(angles), np.sin(angles)], np.zeros((2, 2)), [[1.0, 0.0]], [[2.0, 0.0]]])
    bias = np.array([0.0] * 6 + [1.0, 0.0, 0.3, 0.6])  # six lines through 0, none, none, and one line twice
    net = Net([(weight, bias), (np.ones((2, 10)), np.zeros(2))])
    made = partition.slice(net, [0, 0], [1, 0], [0, 1], 1.0)
    meets = [np.linalg.solve(weight[[i, 8]], -bias[[i, 8]]) for i in range(6)]
    assert made.faces == 12 + 1 + (np.abs(meets).max(axis=1) < 1).sum()
    assert made.euler == 1 and made.areas.sum() == pytest.approx(4)
    assert made.codes[:, 6].all() and not made.codes[:, 7].any()


def test_zero_biases_make_cones() -> None:
    net = random_net((2, 20, 20, 3), 9, 0.01, bias=0.0)
    made = partition.slice(net, [0, 0], [1, 0], [0, 1], 1.0)
    assert made.euler == 1
    corner = np.abs(made.vertices).max(axis=1)
    assert ((corner < 1e-9) | (np.abs(corner - 1) < 1e-9)).all() and (corner < 1e-9).sum() == 1
    half = partition.slice(net, [0, 0], [1, 0], [0, 1], 0.5)
    np.testing.assert_array_equal(half.codes, made.codes)


def test_a_plane_through_three_points_holds_them() -> None:
    points = np.random.default_rng(10).standard_normal((3, 7))
    plane = partition.through(*points, scale=1.0)
    frame = np.stack([plane.first, plane.second])
    np.testing.assert_allclose(frame @ frame.T, np.eye(2), atol=1e-14)
    xy = (points - plane.origin) @ frame.T
    np.testing.assert_allclose(plane.points(xy), points, atol=1e-13)
    assert np.abs(xy).max() < plane.window
    assert plane.window == pytest.approx(
        max(np.linalg.norm(points[i] - points[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": [1, 0, 1e-4]}, "first and second differ from orthonormal vectors by 5e-09; accepted: 1e-09"),
        ({"second": [-1, 0, 0]}, "first and second are parallel"),
        ({"window": 0.0}, "window is 0.0; accepted: a finite number above 0"),
        ({"window": float("nan")}, "window is nan"),
        ({"origin": [0, 0]}, "origin has width 2; accepted: width 3"),
        ({"start": 2}, "start is 2; accepted: a whole number of at least 0 and at most 1"),
        ({"limit": 50}, "limit is 50, and layer 2 makes at least"),
    ],
)
def test_a_bad_slice_is_refused(change: dict, words: str) -> None:
    net = random_net((3, 9, 9, 2), 11)
    arguments = {"origin": [0, 0, 0], "first": [1, 0, 0], "second": [0, 1, 0], "window": 3.0} | change
    with pytest.raises(ValueError, match=words):
        partition.slice(net, **arguments)


def test_points_on_a_line_span_no_plane() -> None:
    with pytest.raises(ValueError, match="the three points lie on a line"):
        partition.through([0, 0, 0], [1, 2, 3], [2, 4, 6])
    with pytest.raises(ValueError, match="the three points lie on a line"):
        partition.through([1, 2, 3], [1, 2, 3], [2, 4, 6])
