// The page's partition of a plane, under Node.js, face by face against isoaux.polytopes.partition, whose results
// test_slicing_partition.py computes, writes to the folder ISOAUX_CASES and hands over.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { finished } from "../../isoaux/explorer/slices.mjs";
import * as partition from "../../isoaux/slicing/partition.mjs";

const CASES = JSON.parse(readFileSync(join(process.env.ISOAUX_CASES, "cases.json"), "utf8"));

const close = (value, expected, tolerance, words = "") =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${words} ${value} is not ${expected} within ${tolerance}`);

const netOf = (net) => partition.netOf(net);

const slice = (net, plane, options) => finished(partition.slicing(net, plane, options));

const placeOf = (xy, vertex) => [xy[2 * vertex], xy[2 * vertex + 1]];

for (const given of CASES) {
  const net = netOf(given.net);
  const made = slice(net, given.plane, { start: given.start });
  const pieces = finished(partition.classing(made));
  const size = given.plane.window;

  test(`${given.name}: every face is that of Python, with its vertices in their order, its code, its edges and its logits`, () => {
    assert.equal(made.faces.length, given.faces.length);
    const byCode = new Map(given.faces.map((face) => [face.code, face]));
    for (const { ring, marks, code } of made.faces) {
      const expected = byCode.get(code.join(""));
      assert.ok(expected, `no face of Python has the code ${code.join("")}`);
      byCode.delete(code.join(""));
      assert.equal(ring.length, expected.vertices.length);
      const [x, y] = placeOf(made.xy, ring[0]);
      const far = expected.vertices.map(([a, b]) => Math.hypot(a - x, b - y));
      const turn = far.indexOf(Math.min(...far));
      ring.forEach((vertex, i) => {
        const k = (i + turn) % ring.length;
        placeOf(made.xy, vertex).forEach((value, axis) => close(value, expected.vertices[k][axis], 1e-9 * size, "a vertex:"));
        assert.equal(marks[i], expected.marks[k]);
        expected.logits.forEach(([a, b, c], l) => {
          const value = made.logits[vertex * expected.logits.length + l];
          close(value, a * made.xy[2 * vertex] + b * made.xy[2 * vertex + 1] + c, given.tolerance, "a logit:");
        });
      });
    }
    assert.equal(byCode.size, 0);
  });

  test(`${given.name}: the complex is whole`, () => {
    const edges = partition.edgesOf(made);
    assert.equal(made.vertices - edges.length + made.faces.length, 1);
    assert.ok(edges.every(({ mark, faces }) => faces.length === (mark === partition.WINDOW ? 1 : 2)));
    const total = made.faces.reduce((sum, { ring }) => sum + partition.area(ring, made.xy), 0);
    close(total, 4 * size ** 2, 1e-12 * size ** 2, "the area");
  });

  test(`${given.name}: logits are those of the network, also where a face is found from a point`, () => {
    for (const [x, y] of given.points) {
      const point = partition.pointOf(given.plane, x, y);
      const z = partition.preActivations(net, point, given.start);
      const face = made.faces[partition.faceAt(made, x, y)];
      const bits = z.slice(0, -1).flatMap((layer) => [...layer].map((value) => +(value > 0)));
      assert.equal(face.code.join(""), bits.join(""));
      const winner = z.at(-1).indexOf(Math.max(...z.at(-1)));
      const piece = pieces.pieces.find(({ ring }) => partition.faceAt({ faces: [{ ring }], xy: pieces.xy }, x, y) === 0);
      assert.equal(piece.winner, winner);
      assert.equal(made.faces[piece.face], face);
    }
    assert.equal(partition.faceAt(made, 1.01 * size, 0), -1);
  });

  test(`${given.name}: the first picture has the class and the lead of the network at its points`, () => {
    const { winner, lead } = finished(partition.sampling(net, given.plane, { start: given.start, size: 8 }));
    winner.forEach((c, at) => {
      const [x, y] = [at % 8, Math.floor(at / 8)].map((k) => ((k + 0.5) / 4 - 1) * size);
      const logits = [...partition.preActivations(net, partition.pointOf(given.plane, x, y), given.start).at(-1)];
      const [first, second] = [...logits].sort((a, b) => b - a);
      close(logits[c], first, given.tolerance);
      close(lead[at], first - second, given.tolerance);
    });
  });

  test(`${given.name}: classes have the areas of Python`, () => {
    const areas = given.areas.map(() => 0);
    for (const { ring, winner, lead } of pieces.pieces) {
      areas[winner] += partition.area(ring, pieces.xy);
      assert.ok(lead >= -1e-9);
    }
    areas.forEach((value, c) => close(value, given.areas[c], 1e-9 * size ** 2, `class ${c}:`));
    if (given.pieces) assert.equal(pieces.pieces.length, given.pieces);
  });

  test(`${given.name}: segments cross what they cross in Python`, () => {
    for (const { from, to, crossings } of given.segments) {
      const [p, q] = [from, to].map(([x, y]) => partition.pointOf(given.plane, x, y));
      const crossed = partition.crossingsOf(net, p, q, given.start);
      assert.deepEqual(crossed.map(({ layer, neuron }) => [layer, neuron]), crossings.map(([, layer, neuron]) => [layer, neuron]));
      crossed.forEach(({ t }, i) => close(t, crossings[i][0], 1e-9, "a crossing:"));
    }
  });
}

test("three points span the plane of Python, and its square holds them", () => {
  for (const { net, points, through, spaces } of CASES) {
    const plane = partition.through(points3(points, net));
    for (const name of ["origin", "first", "second"]) through[name].forEach((value, k) => close(plane[name][k], value, 1e-12));
    close(plane.window, through.window, 1e-12 * through.window);
    const made = partition.activations(netOf(net), points3(points, net)[0]);
    made.slice(0, -1).forEach((space, l) => space.forEach((value, k) => close(value, spaces[l][k], 1e-9)));
  }
});

const points3 = (points, { widths }) => points.slice(0, 3).map((point, i) => Array.from({ length: widths[0] }, (_, k) => Math.sin(3 * i + k + point[0])));

test("what is no plane, no window or no network is refused in a sentence", () => {
  const [{ net, plane }] = CASES;
  const refused = (words, call) => assert.throws(call, (error) => error.message.includes(words) && error.message.includes("accepted:"));
  const network = netOf(net);
  const other = (changed) => () => slice(network, { ...plane, ...changed });
  refused("window is 0", other({ window: 0 }));
  refused("first and second differ from orthonormal", other({ first: plane.second }));
  refused("origin has width 1", other({ origin: [0] }));
  refused("start is 9", () => slice(network, plane, { start: 9 }));
  refused("limit is 5, and layer", () => slice(network, plane, { limit: 5 }));
  refused("the three points lie on a line", () => partition.through([[0, 0], [1, 1], [2, 2]]));
  refused("the network has 3 numbers", () => partition.netOf({ widths: [1, 1, 1], numbers: new Float32Array(3) }));
  refused("layers; accepted: at least 2", () => partition.netOf({ widths: [2, 2], numbers: new Float32Array(6) }));
  refused("not finite", () => partition.netOf({ widths: [1, 1, 1], numbers: Float32Array.of(1, NaN, 1, 1) }));
  refused("leak is 2", () => partition.netOf({ widths: [1, 1, 1], leak: 2, numbers: new Float32Array(4) }));
});

test("progress rises to the whole", () => {
  const [{ net, plane, start }] = CASES;
  let last = 0;
  for (const progress of partition.slicing(netOf(net), plane, { start })) {
    assert.ok(progress >= last && progress <= 1);
    last = progress;
  }
  assert.equal(last, 1);
});
