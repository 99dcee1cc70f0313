// What the live slice makes of its files and of what a reader does, under Node.js, against isoaux.polytopes on the images
// themselves, of which test_slicing_live.py writes cases to the folder ISOAUX_CASES.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { addressed } from "../../isoaux/explorer/address.mjs";
import { finished } from "../../isoaux/explorer/slices.mjs";
import { cutSettings, cuttable } from "../../isoaux/slicing/cutting.mjs";
import * as partition from "../../isoaux/slicing/partition.mjs";
import { labelPlaces } from "../../isoaux/slicing/regions.mjs";
import * as sight from "../../isoaux/slicing/sight.mjs";
import { behindOf, picturesOf, squareThrough } from "../../isoaux/slicing/stored.mjs";

const { cases, pictures, network, widths, leak, count, side, small } = JSON.parse(readFileSync(join(process.env.ISOAUX_CASES, "cases.json"), "utf8"));

const close = (value, expected, tolerance, words = "") =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${words} ${value} is not ${expected} within ${tolerance}`);

const shown = picturesOf(pictures, count, side);
const stored = behindOf(network, { widths, leak }, count);

test("small pictures come out as they went in", () => {
  small.forEach((pixels, i) => assert.deepEqual([...shown.pixels(i)], pixels));
  assert.equal(shown.distance(2, 2), 0);
  assert.equal(shown.distance(0, 3), shown.distance(3, 0));
});

for (const given of cases) {
  const words = `images ${given.three} in space ${given.start}`;
  const { net, plane, corners } = squareThrough(stored, shown, given.three, given.start);
  const made = finished(partition.slicing(net, plane, { start: given.start }));
  const pieces = finished(partition.classing(made));

  test(`${words}: a slice without the images is that through the images`, () => {
    close(plane.window, given.window, 1e-12 * given.window, "the window");
    corners.forEach((corner, k) => corner.forEach((value, axis) => close(value, given.corners[k][axis], 1e-11 * given.window, "a corner:")));
    assert.deepEqual(made.counts, given.facesByLayer);
    assert.deepEqual(made.faces.map(({ code }) => code.join("")).sort(), given.codes);
    const areas = given.areas.map(() => 0);
    for (const { ring, winner } of pieces.pieces) areas[winner] += partition.area(ring, pieces.xy);
    areas.forEach((value, c) => close(value, given.areas[c], 1e-9 * given.window ** 2, `class ${c}:`));
  });

  test(`${words}: boundaries between classes have the length of Python's`, () => {
    const { xy } = pieces;
    const length = ([a, b]) => Math.hypot(xy[2 * a] - xy[2 * b], xy[2 * a + 1] - xy[2 * b + 1]);
    const boundaries = finished(partition.bordering(pieces));
    close(boundaries.reduce((sum, edge) => sum + length(edge), 0), given.between, 1e-9 * given.window, "the length");
  });

  test(`${words}: a segment crosses what it crosses in Python, and passes the same classes`, () => {
    for (const { ends, byLayer, differing, changes } of given.segments) {
      const [from, to] = ends.map((k) => corners[k]);
      const segment = sight.segmentOf(net, plane, from, to, given.start);
      assert.deepEqual(segment.byLayer, byLayer);
      assert.equal(segment.differing, differing);
      const along = sight.classesAlong(net, ...[from, to].map(([x, y]) => partition.pointOf(plane, x, y)), given.start);
      assert.deepEqual(along.changes.map(({ before, after }) => [before, after]), changes.map(([, before, after]) => [before, after]));
      along.changes.forEach(({ t }, k) => close(t, changes[k][0], 1e-9, "a change:"));
      if (changes.length) assert.equal(along.first, changes[0][1]);
    }
  });
}

test("a file that is cut off, and three images on a line, are refused in a sentence", () => {
  const refused = (words, call) => assert.throws(call, (error) => error.message.includes(words) && error.message.includes("accepted:"));
  refused("the file has", () => picturesOf(pictures.slice(0, -8), count, side));
  refused("the file has", () => behindOf(network.slice(4), { widths, leak }, count));
  refused("lie on a line", () => squareThrough(stored, { distance: (i, j) => Math.abs(i - j) }, [0, 1, 2], 0));
});

// --- where classes are written

// The least distance from a cell to one that is not of its class or not on the grid, by every path of eight directions.
function slowest(winner, size, cell) {
  const [x, y] = [cell % size, Math.floor(cell / size)];
  let least = Infinity;
  for (let row = -1; row <= size; row++) {
    for (let column = -1; column <= size; column++) {
      const outside = row < 0 || column < 0 || row >= size || column >= size;
      if (!outside && winner[row * size + column] === winner[cell]) continue;
      const [a, b] = [Math.abs(column - x), Math.abs(row - y)];
      least = Math.min(least, Math.max(a, b) + (Math.SQRT2 - 1) * Math.min(a, b));
    }
  }
  return least;
}

test("a class is written in the middle of each of its regions that has room", () => {
  const size = 20;
  const winner = Int32Array.from({ length: size * size }, (_, at) => {
    const [x, y] = [at % size, Math.floor(at / size)];
    if (Math.hypot(x - 5, y - 6) < 4.5) return 1;
    if (Math.hypot(x - 15, y - 14) < 3.5) return 1;
    return x === 11 ? 2 : 0;
  });
  const places = labelPlaces(winner, size);
  assert.deepEqual(places.map((place) => place.winner).sort(), [0, 0, 1, 1], "a line of cells has no room, and parts the class 0");
  for (const place of places) {
    const cell = Math.floor(place.y * size) * size + Math.floor(place.x * size);
    assert.equal(winner[cell], place.winner);
    close(place.radius * size, slowest(winner, size, cell), 1e-12);
  }
  const left = Array.from({ length: size * size }, (_, at) => at).filter((at) => at % size < 11 && winner[at] === 0);
  const best = Math.max(...left.map((cell) => slowest(winner, size, cell)));
  const written = places.find((place) => place.winner === 0 && place.x < 0.55);
  close(written.radius * size, best, 1e-12);
});

// --- the address of a page

const LISTED = {
  shown: { network: "a", images: [4, 7, 9] },
  networks: [{ network: "a", epochs: [{ epoch: 0 }, { epoch: 10 }] }, { network: "b", epochs: [{ epoch: 10 }] }],
  images: [1, 4, 7, 9].map((index) => ({ index })),
};

test("an address says every setting of a slice, and what cannot be is passed over", () => {
  const own = cutSettings(LISTED);
  const of = (hash) => addressed(hash, own, cuttable(LISTED));
  const all = { network: "b", epoch: 0, space: 2, images: [1, 7, 4], view: [0.5, -0.25, 8], segment: "0.1,-2,1e-3,4" };
  assert.deepEqual(of("#network=b&epoch=0&space=2&images=1,7,4&view=0.5,-0.25,8&segment=0.1,-2,1e-3,4"), all);
  assert.equal(of("#segment=none").segment, "none");
  const wrong = ["network=c", "epoch=-1", "space=3", "images=1,1,4", "images=1,4", "images=1,4,5", "view=0,0,0", "view=0,0,1e9", "view=x,0,1", "segment=AD", "segment=1,2,3", "segment=1,2,3,1000", "__proto__=1"];
  for (const hash of wrong) assert.deepEqual(of(`#${hash}`), own, hash);
});
