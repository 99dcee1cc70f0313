"""The page's partition of a plane, under Node.js, face by face against that of Python."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import javascript
import numpy as np
import pytest
from random_nets import random_frame, random_layers
from roots import ROOT

from isoaux.polytopes import Net, codes, partition, segments
from isoaux.slicing import packing

Layers = list[tuple[np.ndarray, np.ndarray]]


def star() -> Layers:
    """Six lines through one point, a line that is there twice, and a neuron without a boundary."""
    angles = np.arange(6) * np.pi / 6 + 0.1
    weight = np.vstack([np.c_[np.cos(angles), np.sin(angles)], np.zeros((1, 2)), [[1.0, 0.0]], [[2.0, 0.0]]])
    bias = np.array([0.0] * 6 + [1.0, 0.25, 0.5])
    return [(weight, bias), *random_layers((9, 12, 4), 5)]


CASES: dict[str, tuple[Layers, float, int, float]] = {
    "one layer": (random_layers((2, 12, 3), 1), 0.0, 0, 2.0),
    "ReLU": (random_layers((6, 14, 14, 14, 5), 2), 0.0, 0, 3.0),
    "leaky": (random_layers((6, 14, 14, 14, 5), 3), 0.01, 0, 3.0),
    "a deeper space": (random_layers((6, 14, 14, 14, 5), 4), 0.01, 1, 3.0),
    "cones": (random_layers((2, 10, 10, 4), 6, 0.0), 0.01, 0, 1.0),
    "lines through one point": (star(), 0.01, 0, 1.0),
}
"""Networks with their leak, the space and the window of a slice."""


def case(name: str, given: Layers, leak: float, start: int, window: float) -> dict[str, Any]:
    """What a page is given, and what it should make of it."""
    net = packing.single(Net(given, leak))
    d, rng = net.widths[start], np.random.default_rng(7)
    frame = np.eye(2) if d == 2 else random_frame(d, 8)
    made = partition.slice(net, np.zeros(d) if d == 2 else 0.1 * rng.standard_normal(d), *frame, window, start)
    xy, ends = window * rng.uniform(-1, 1, (30, 2)), window * rng.uniform(-1, 1, (5, 2, 2))
    crossed = [segments.breakpoints(net, *made.plane.points(pair), start) for pair in ends]
    three = np.array([np.sin(3 * i + np.arange(net.widths[0]) + xy[i, 0]) for i in range(3)])
    through, pieces = partition.through(*three), made.classes()
    return {
        "name": name,
        "net": packing.packed(net),
        "plane": plane_of(made.plane),
        "start": start,
        "faces": [
            {
                "code": "".join(map(str, made.codes[f].astype(int))),
                "vertices": made.polygon(f).tolist(),
                "marks": made.marks[made.offsets[f] : made.offsets[f + 1]].tolist(),
                "logits": made.logits[f].tolist(),
            }
            for f in range(made.faces)
        ],
        "facesByLayer": made.faces_by_layer,
        "tolerance": 1e-9 * float(np.abs(made.vertex_logits()).max()),
        "points": xy.tolist(),
        "areas": pieces.areas(net.widths[-1]).tolist(),
        # at the apex of cones all logits are 0, and rounding decides which face is looked at for boundaries
        "pieces": None if name == "cones" else len(pieces.winner),
        "segments": [
            {
                "from": a.tolist(),
                "to": b.tolist(),
                "crossings": list(zip(c.t.tolist(), c.layer.tolist(), c.neuron.tolist(), strict=True)),
                "differing": int(np.logical_xor(*codes(net, made.plane.points([a, b]), start)).sum()),
            }
            for (a, b), c in zip(ends, crossed, strict=True)
        ],
        "through": plane_of(through),
        "spaces": [space[0].tolist() for space in net.activations(three[:1])],
    }


def plane_of(plane: partition.Plane) -> dict[str, Any]:
    vectors = {name: getattr(plane, name).tolist() for name in ("origin", "first", "second")}
    return vectors | {"window": plane.window}


@pytest.fixture
def node(installed: Callable[[str, str], str]) -> str:
    """Node.js, without which the page's side cannot be run."""
    return installed("node", "nodejs")


def test_weights_are_packed_in_single_precision() -> None:
    net = Net(random_layers((784, 64, 64, 64, 10), 9), 0.01)
    sent = packing.packed(net)
    assert (sent["widths"], sent["leak"]) == ([784, 64, 64, 64, 10], 0.01) and len(sent["packed"]) < 330_000
    numbers = np.frombuffer(base64.b64decode(sent["packed"]), "<f4")
    weight, bias = net.affine[0]
    np.testing.assert_array_equal(numbers[: 64 * 785], np.append(weight, bias).astype(np.float32))
    assert packing.packed(packing.single(net)) == sent
    with pytest.raises(ValueError, match="net has weights beyond 3.4e.38"):
        packing.packed(Net([([[1e39]], [0.0]), ([[1.0]], [0.0])]))


def test_names_are_not_those_of_the_explorer() -> None:
    """All modules of a page are joined in one scope."""
    paths = [*(ROOT / "isoaux" / "explorer").glob("*.mjs"), *(ROOT / "isoaux" / "slicing").glob("*.mjs")]
    pattern = r"^(?:export )?(?:async )?(?:const|let|class|function\*?)\s+(\w+)"
    names = [name for path in paths for name in re.findall(pattern, path.read_text("utf-8"), flags=re.M)]
    assert not {name for name in names if names.count(name) > 1} and len(names) > 200


def test_the_page_cuts_planes_as_python_does(node: str, tmp_path: Path) -> None:
    cases = [case(name, *facts) for name, facts in CASES.items()]
    assert all(len(one["faces"]) > 20 for one in cases)
    javascript.check(node, "slicing/partition.test.mjs", cases, tmp_path)
