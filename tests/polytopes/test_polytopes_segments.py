"""Crossings of segments against codes between them, and jumps of the local map against local maps on both sides."""

import numpy as np
import pytest
from random_nets import LEAKS, random_net

from isoaux.polytopes import Net, breakpoints, class_changes, codes, crossings, identity, local_map, segments
from isoaux.polytopes.codes import hamming, local_maps, packed

WIDTHS = (6, 30, 30, 30, 4)
leaks = pytest.mark.parametrize("leak", LEAKS)


def ends(count: int, d: int = 6, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return 2 * rng.standard_normal((count, d)), 2 * rng.standard_normal((count, d))


def between(t: np.ndarray) -> np.ndarray:
    """The middles of the intervals that places in (0, 1) make."""
    all_of_them = np.concatenate([[0], t, [1]])
    return (all_of_them[1:] + all_of_them[:-1]) / 2


@leaks
@pytest.mark.parametrize("start", [0, 1])
def test_every_root_flips_the_bit_of_its_neuron_and_no_other(leak: float, start: int) -> None:
    net = random_net(WIDTHS, 0, leak)
    before = np.cumsum([0, *net.widths[1:-1]]) - sum(net.widths[1 : start + 1])
    for p, q in zip(*ends(30, net.widths[start]), strict=True):
        roots = breakpoints(net, p, q, start)
        bits = codes(net, p + between(roots.t)[:, None] * (q - p), start)
        flipped = bits[1:] != bits[:-1]
        assert (flipped.sum(axis=1) == 1).all() and len(roots.t) > 5
        assert (flipped.argmax(axis=1) == before[roots.layer - 1] + roots.neuron).all()
        assert len(set(identity(bits))) == len(bits), "a polytope is met twice"


@leaks
def test_crossings_have_the_parity_of_the_bits_of_each_neuron(leak: float) -> None:
    net, (p, q) = random_net(WIDTHS, 2, leak), ends(200)
    roots = segments.crossing_points(net, p, q)
    column = 30 * (roots.layer - 1) + roots.neuron
    count = np.zeros((200, 90), dtype=int)
    np.add.at(count, (roots.segment, column), 1)
    differing = codes(net, p) != codes(net, q)
    assert (count % 2 == differing).all()
    assert count[:, :30].max() == 1, "a neuron of the first layer is crossed at most once"
    assert (count.sum(axis=1) == crossings(net, p, q)).all() and (count.sum(axis=1) > differing.sum(axis=1)).any()


def test_with_one_layer_crossings_are_the_hamming_distance() -> None:
    net, (p, q) = random_net((6, 80, 3), 3), ends(100)
    assert (crossings(net, p, q) == (codes(net, p) != codes(net, q)).sum(axis=1)).all()


@leaks
def test_crossings_are_symmetric_and_additive_and_none_within_a_polytope(leak: float) -> None:
    net, (p, q) = random_net(WIDTHS, 4, leak), ends(100)
    whole, part = crossings(net, p, q), p + 0.37 * (q - p)
    assert (whole == crossings(net, q, p)).all()
    assert (whole == crossings(net, p, part) + crossings(net, part, q)).all()
    near = p + 1e-6 * (q - p)
    same = (codes(net, p) == codes(net, near)).all(axis=1)
    assert same.sum() > 90 and not crossings(net, p[same], near[same]).any()
    assert not crossings(net, p, p).any()


@leaks
@pytest.mark.parametrize("start", [0, 1])
def test_jumps_are_those_of_the_local_map_and_add_up_to_the_variation(leak: float, start: int) -> None:
    net = random_net(WIDTHS, 5, leak)
    p, q = ends(10, net.widths[start])
    lengths = segments.variation(net, p, q, start)
    for a, b, length in zip(p, q, lengths, strict=True):
        roots = breakpoints(net, a, b, start)
        maps, _ = local_maps(net, a + between(roots.t)[:, None] * (b - a), start)
        jumps = np.linalg.norm(np.diff(maps, axis=0), axis=(1, 2))
        np.testing.assert_allclose(roots.jump, jumps, atol=1e-12)
        assert length == pytest.approx(jumps.sum(), rel=1e-12)


@leaks
def test_the_local_map_is_the_network_around_a_point(leak: float) -> None:
    net, (p, _) = random_net(WIDTHS, 6, leak), ends(20)
    step = 1e-7 * np.random.default_rng(0).standard_normal(p.shape)
    for x, moved in zip(p, p + step, strict=True):
        a, b = local_map(net, x)
        np.testing.assert_allclose(a @ moved + b, net.logits(moved)[0], atol=1e-12)


def test_blocks_of_segments_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    net, (p, q) = random_net(WIDTHS, 7), ends(40)
    whole, length = segments.crossing_points(net, p, q), segments.variation(net, p, q)
    changes = segments.changes(net, p, q)
    monkeypatch.setattr(segments, "BLOCK", 10_000)
    parts = segments.crossing_points(net, p, q)
    assert (parts.segment == whole.segment).all() and (parts.neuron == whole.neuron).all()
    np.testing.assert_allclose(parts.t, whole.t, rtol=1e-12)
    np.testing.assert_allclose(segments.variation(net, p, q), length, rtol=1e-12)
    np.testing.assert_allclose(segments.changes(net, p, q).t, changes.t, rtol=1e-12)


@leaks
def test_classes_change_where_the_largest_logit_does(leak: float) -> None:
    net, (p, q) = random_net((6, 30, 30, 8), 8, leak), ends(60)
    every = segments.changes(net, p, q)
    assert len(every.t) > 20
    for i, (a, b) in enumerate(zip(p, q, strict=True)):
        here = every.segment == i
        t, before, after = every.t[here], every.before[here], every.after[here]
        winners = net.logits(a + between(t)[:, None] * (b - a)).argmax(axis=1)
        assert (winners[:-1] == before).all() and (winners[1:] == after).all() and (before != after).all()
        at = np.sort(net.logits(a + t[:, None] * (b - a)), axis=1)
        np.testing.assert_allclose(at[:, -1], at[:, -2], atol=1e-12)
        fine = net.logits(a + np.linspace(0, 1, 4001)[:, None] * (b - a)).argmax(axis=1)
        assert (fine[1:] != fine[:-1]).sum() <= len(t)
        if i < 3:
            np.testing.assert_allclose(class_changes(net, a, b).t, t, rtol=1e-9)


def test_codes_are_labelled_and_packed_and_compared() -> None:
    net, (p, _) = random_net((6, 5, 4, 3), 9), ends(80)
    bits = codes(net, np.vstack([p, p[:7]]))
    labels = identity(bits)
    equal = (bits[:, None] == bits[None]).all(-1)
    assert ((labels[:, None] == labels[None]) == equal).all()
    assert labels[0] == 0 and labels.max() == len(set(labels)) - 1
    assert (np.unpackbits(packed(bits), axis=1)[:, :9] == bits).all()
    first, second = np.triu_indices(len(bits), 1)
    assert (hamming(bits) == (bits[first] != bits[second]).sum(axis=1)).all()


def test_what_lies_in_a_boundary_crosses_nothing() -> None:
    weight = np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 1.0]])  # y = 0, no boundary at all, x + y = 0
    net = Net([(weight, np.zeros(3)), (np.ones((2, 3)), np.zeros(2))])
    assert crossings(net, [[-1.0, 0.0]], [[2.0, 0.0]]).tolist() == [1]
    assert crossings(net, [[-1.0, 1.5]], [[2.0, -3.0]]).tolist() == [2]


def test_what_rounding_leaves_of_zero_is_on_no_side() -> None:
    rng = np.random.default_rng(11)
    w = rng.standard_normal(6)
    first = np.stack([w, 3 * w, rng.standard_normal(6)])
    net = Net([(first, [0.1, 0.3, 0.2]), ([[3.0, -1.0, 0.0], [0.0, 0.0, 1.0]], [0.0, -0.1]), (np.eye(2), np.zeros(2))])
    p, q = ends(500)
    clear = (np.abs(net.pre_activations(p)[0][:, 0]) > 0.01) & (np.abs(net.pre_activations(q)[0][:, 0]) > 0.01)
    p, q = p[clear], q[clear]
    assert np.abs(net.pre_activations(p)[1][:, 0]).max() > 0, "rounding leaves something here"
    assert not codes(net, np.vstack([p, q]))[:, 3].any()
    crossed = segments.crossing_points(net, p, q)
    assert not ((crossed.layer == 2) & (crossed.neuron == 0)).any() and (crossed.layer == 2).sum() > 100
