// The page's partition of a plane, under Node.js, face by face against isoaux.polytopes.partition, whose results
// test_slicing_partition.py computes, writes to the folder ISOAUX_CASES and hands over.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { finished } from "../../isoaux/explorer/slices.mjs";
import * as partition from "../../isoaux/slicing/partition.mjs";
import * as sight from "../../isoaux/slicing/sight.mjs";

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
    const edges = finished(partition.edging(made));
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

// --- what a reader sees

test("a square in view is a slice of its own, with the faces of the whole that it meets", () => {
  for (const given of CASES) {
    const net = netOf(given.net);
    const whole = slice(net, given.plane, { start: given.start });
    const view = sight.zoomed(given.plane, sight.START, 3, 0.4, -0.2);
    const plane = sight.inView(given.plane, view);
    const part = slice(net, plane, { start: given.start });
    const codes = new Set(whole.faces.map(({ code }) => code.join("")));
    assert.ok(part.faces.every(({ code }) => codes.has(code.join(""))));
    for (const [x, y] of given.points) {
      const [u, v] = [x / 3, y / 3];
      const face = part.faces[partition.faceAt(part, u, v)];
      assert.equal(face.code.join(""), whole.faces[partition.faceAt(whole, view.x + u, view.y + v)].code.join(""));
    }
  }
});

test("zooming keeps the point under the pointer, moving goes by the half-width, and both can be taken back", () => {
  const plane = { window: 2, origin: [0, 0], first: [1, 0], second: [0, 1] };
  const at = ({ x, y, zoom }, u, v) => [x + (u * plane.window) / zoom, y + (v * plane.window) / zoom];
  const view = sight.zoomed(plane, { x: 0.3, y: -0.1, zoom: 2 }, 4, 0.5, 0.25);
  at(view, 0.5, 0.25).forEach((value, k) => close(value, at({ x: 0.3, y: -0.1, zoom: 2 }, 0.5, 0.25)[k], 1e-12));
  const back = sight.zoomed(plane, view, 1 / 4, 0.5, 0.25);
  [back.x - 0.3, back.y + 0.1, back.zoom - 2].forEach((value) => close(value, 0, 1e-12));
  assert.deepEqual(sight.moved(plane, { x: 0, y: 0, zoom: 4 }, 1, -0.5), { x: 0.5, y: -0.25, zoom: 4 });
  assert.equal(sight.zoomed(plane, sight.START, 1e9).zoom, sight.ZOOMS.most);
  assert.equal(sight.zoomed(plane, sight.START, 1e-9).zoom, sight.ZOOMS.least);
});

test("a slice and a segment are told in words whose numbers are those of Python", () => {
  for (const given of CASES) {
    const net = netOf(given.net);
    const made = slice(net, given.plane, { start: given.start });
    const pieces = finished(partition.classing(made));
    const edges = finished(partition.edging(made));
    assert.deepEqual(made.counts, given.facesByLayer);
    edges.forEach(({ mark }) => assert.ok(mark < 0 ? sight.layerOf(made, mark) === 0 : sight.layerOf(made, mark) > given.start));
    const shares = sight.sharesOf(made, pieces);
    close(shares.reduce((sum, { share }) => sum + share, 0), 1, 1e-12);
    shares.forEach(({ winner, share }) => close(share, given.areas[winner] / (4 * given.plane.window ** 2), 1e-9));
    const words = sight.sliceInWords(made, shares, edges.length, (winner) => `class ${winner}`);
    assert.match(words, new RegExp(`^${given.faces.length.toLocaleString("en")} faces.* Classes: class ${shares[0].winner} .* V − E [+] F = 1[.]$`));
    for (const { from, to, crossings, differing } of given.segments) {
      const segment = sight.segmentOf(net, given.plane, from, to, given.start);
      assert.equal(segment.differing, differing);
      assert.equal(segment.byLayer.reduce((a, b) => a + b, 0), crossings.length);
      close(segment.length, Math.hypot(from[0] - to[0], from[1] - to[1]), 1e-12);
      assert.match(sight.segmentInWords(segment, given.start), new RegExp(`crosses ${crossings.length} boundar.* differ in ${differing} bit`));
    }
  }
});

test("a picture fills every piece and draws every edge and every boundary of classes once", () => {
  const [, given] = CASES;
  const made = slice(netOf(given.net), given.plane, { start: given.start });
  const pieces = finished(partition.classing(made));
  const edges = finished(partition.edging(made));
  const boundaries = finished(partition.bordering(pieces));
  const calls = [];
  const context = new Proxy({}, {
    get: (_, name) => (...numbers) => calls.push([name, ...numbers]),
    set: (_, name, value) => calls.push([`set ${name}`, value]),
  });
  const fill = (winner, lead) => (assert.ok(lead >= 0 && lead <= 1), `class ${winner}`);
  const stroke = { width: 1, ink: "black" };
  finished(sight.tracing(context, 400, made, pieces, edges, boundaries, { fill, strokes: { 1: stroke, 2: stroke, 3: stroke, classes: { width: 2, ink: "red" } } }));
  const named = (name) => calls.filter(([each]) => each === name);
  assert.equal(named("closePath").length, pieces.pieces.length);
  const inner = edges.filter(({ mark }) => mark !== partition.WINDOW).length;
  const outlines = pieces.pieces.reduce((sum, { ring }) => sum + ring.length - 1, 0);
  assert.equal(named("lineTo").length, inner + boundaries.length + outlines);
  for (const [name, x, y] of calls) if (/To$/.test(name)) assert.ok(x >= -1e-9 && x <= 400 + 1e-9 && y >= -1e-9 && y <= 400 + 1e-9);
  assert.deepEqual(new Set(named("set fillStyle").map(([, colour]) => colour)), new Set(pieces.pieces.map(({ winner }) => `class ${winner}`)));
});

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
