// The explorer's computing, under Node.js: facts, and NumPy's results on the same whole numbers, which
// tests/test_explorer_core.py computes, writes to the folder ISOAUX_CASES and hands over.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import * as bases from "../isoaux/explorer/bases.mjs";
import * as numbers from "../isoaux/explorer/numbers.mjs";
import * as picture from "../isoaux/explorer/picture.mjs";
import * as projection from "../isoaux/explorer/projection.mjs";
import { LIMITS, opened } from "../isoaux/explorer/reading.mjs";
import * as spotlight from "../isoaux/explorer/spotlight.mjs";
import { SETTINGS } from "../isoaux/explorer/settings.mjs";
import { pythonOf } from "../isoaux/explorer/sharing.mjs";

const close = (found, expected, tolerance, words = "") =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${words} ${found} is not ${expected} within ${tolerance}`);

const rowsClose = (found, expected, tolerance) =>
  expected.forEach((row, i) => row.forEach((value, k) => close(found[i][k], value, tolerance, `row ${i}, ${k}:`)));

const gramOf = (basis) => basis.map((a) => basis.map((b) => bases.dot(a, b)));

// --- bases

test("random bases are orthonormal, repeat with their seed and differ between seeds", () => {
  for (const n of [1, 2, 18, 64]) {
    gramOf(bases.random(n, 7)).forEach((row, i) => row.forEach((g, k) => close(g, +(i === k), 1e-12)));
  }
  assert.deepEqual(bases.random(18, 3), bases.random(18, 3));
  assert.notDeepEqual(bases.random(18, 3), bases.random(18, 4));
});

test("a simplex has equal angles and no mean", () => {
  for (const n of [2, 3, 18]) {
    const rows = bases.simplex(n);
    assert.equal(rows.length, n + 1);
    gramOf(rows).forEach((row, i) => row.forEach((g, k) => close(g, i === k ? 1 : -1 / n, 1e-12)));
  }
});

test("two vectors turn into each other and back, and keep their angle", () => {
  const start = bases.simplex(5);
  const there = bases.turned(start, 1, 3, 0.4);
  close(bases.dot(there[1], there[3]), -1 / 5, 1e-12);
  close(bases.dot(there[1], start[1]), Math.cos(0.4), 1e-12);
  assert.ok(bases.dot(there[1], start[3]) > bases.dot(start[1], start[3]));
  rowsClose(bases.turned(there, 1, 3, -0.4), start, 1e-12);
  const quarter = bases.turned(bases.standard(4), 0, 2, Math.PI / 2);
  rowsClose(quarter, [[0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]], 1e-12);
});

// --- projection

const noise = (samples, n, seed) =>
  projection.cloud(Float32Array.from({ length: n * samples }, (_, k) => ((Math.sin(k + seed) * 1e4) % 1) + 1e-3), n);

test("a sample on the threshold is dropped, one on an axis is in all planes of the axis", () => {
  const one = projection.inBasis(projection.cloud(Int16Array.from([3, 4, 0, 0]), 4), bases.standard(4));
  assert.equal(projection.accepted(one, 0.99).length, 1);
  const threshold = projection.inBasis(projection.cloud(Int16Array.from([3, 0, 0, 4]), 4), bases.standard(4));
  const plane = (kept) => [kept.i[0], kept.j[0]];
  assert.deepEqual(plane(projection.accepted(threshold, 0.8)), [0, 3]);
  const kept = projection.accepted(threshold, 0.7);
  assert.equal(kept.length, 1 + 2, "the pair itself, and both others with the longer axis");
});

test("zero vectors and empty clouds keep nothing", () => {
  for (const samples of [0, 5]) {
    const prepared = projection.inBasis(projection.cloud(new Int16Array(3 * samples), 3), bases.standard(3));
    const kept = projection.accepted(prepared, 0);
    assert.equal(kept.length, 0);
    const found = projection.measure(prepared, kept, { variant: "permutation", window: 1, cells: 4 });
    assert.deepEqual([found.count, found.c4, found.s2], [0, 0, 0]);
  }
});

test("what is kept does not depend on the scale", () => {
  const whole = noise(60, 6, 1);
  const larger = projection.cloud(whole.values.map((value) => 1024 * value), 6);
  const basis = bases.random(6, 2);
  const [a, b] = [whole, larger].map((cloud) => projection.accepted(projection.inBasis(cloud, basis), 0.7).length);
  assert.equal(a, b);
});

test("the store of kept points grows, and is filled anew by every call", () => {
  const prepared = projection.inBasis(noise(700, 18, 3), bases.standard(18));
  const kept = new projection.Kept();
  assert.equal(projection.accepted(prepared, 0, kept).length, 700 * 153);
  const some = projection.accepted(prepared, 0.6, kept).length;
  assert.equal(some, projection.accepted(prepared, 0.6).length);
  assert.ok(some < 700 * 153);
});

test("the first samples of a cloud are a cloud", () => {
  const whole = noise(50, 4, 5);
  const part = projection.first(whole, 20);
  assert.equal(part.count, 20);
  assert.deepEqual([...part.totals], [...whole.totals.subarray(0, 20)]);
  assert.equal(projection.first(whole, 50), whole);
});

// --- spotlight

test("a lone representation is inside over one interval around its angle", () => {
  const prepared = projection.inBasis(projection.cloud(Int16Array.from([3, -4]), 2), bases.standard(2));
  const curve = new spotlight.Spotlight(prepared, projection.accepted(prepared, 0.9), { epsilon: 0.9, variant: "combination" });
  while (!curve.done) curve.advance(1);
  const angle = (Math.atan2(4, 3) * 180) / Math.PI;
  curve.shares(1).forEach((share, degree) => {
    const inside = Math.cos(((degree - angle) * Math.PI) / 180) >= 0.9;
    assert.equal(share, +inside, `at ${degree} degrees`);
  });
});

// --- the same in Python

test("only settings that differ are named, and own files are read", () => {
  const get = (changes) => (name) => ({ ...SETTINGS, beside: "", ...changes })[name];
  assert.match(pythonOf(get({}), {}), /\n\nExplorer\(\)$/);
  assert.match(pythonOf(get({ epsilon: 0.5, shared: true, plane: [1, 2] }), {}), /Explorer\(epsilon=0.5, plane=\[1,2\], shared=True\)$/);
  const own = { network: "x.npy", values: new Float32Array(4) };
  assert.match(pythonOf(get({ network: "x.npy k0", epoch: 0, basis: "simplex" }), own), /Explorer\(np.load\("x.npy"\), basis="simplex"\)$/);
});

// --- a reader's own file

const bytesOf = (text) => new TextEncoder().encode(text).buffer;

test("tables are read with and without names, with any separator", () => {
  for (const text of ["a,b,c\n1,2,3\n4,5,6\n", "1;2;3\r\n4;5;6", "1\t2\t3\n\n4\t5\t6\n", " 1 2 3\n4 5  6"]) {
    const { values, n, count } = opened("x.csv", bytesOf(text));
    assert.deepEqual([[...values], n, count], [[1, 4, 2, 5, 3, 6], 3, 2]);
  }
});

test("a file that cannot be shown is refused in one sentence", () => {
  const refused = (name, bytes, words) =>
    assert.throws(() => opened(name, bytes), ({ message }) => {
      assert.match(message, words);
      assert.match(message, /^[^\n]*accepted: [^\n]*\.$/);
      return true;
    });
  refused("x.txt", bytesOf("1,2"), /x\.txt is of no kind/);
  refused("x.csv", bytesOf("1,2\n3,nan"), /NaN in row 2, column 2/);
  refused("x.csv", bytesOf("1,2\n3,"), /NaN in row 2, column 2/);
  refused("x.csv", bytesOf("1,2\n3"), /1 columns in row 2 and 2 in the first/);
  refused("x.csv", bytesOf(""), /0 samples/);
  refused("x.csv", bytesOf("1\n2"), /2 samples of 1 neurons/);
  refused("x.csv", bytesOf(Array(LIMITS.neurons + 1).fill(1).join()), /1 samples of 65 neurons/);
  refused("x.npy", bytesOf("no such thing at all"), /not a \.npy file/);
  refused("x.npy", new ArrayBuffer(LIMITS.bytes + 1), /100 MB/);
});

// --- picture

test("blurring keeps the points that lie inside, and spreads them evenly", () => {
  const histogram = new Uint32Array(40 * 40);
  histogram[20 * 40 + 13] = 9;
  const image = picture.blurred(histogram, 40);
  close(image.reduce((a, b) => a + b), 9, 1e-4);
  close(image[20 * 40 + 11], image[20 * 40 + 15], 1e-6);
  close(image[18 * 40 + 13], image[20 * 40 + 15], 1e-6);
});

test("row 0 is drawn at the bottom, nothing is the darkest colour", () => {
  const image = new Float32Array(4);
  image[1] = 1;
  const bytes = new Uint8ClampedArray(16);
  picture.painted(image, 1, bytes, 2);
  const colour = (pixel) => [...bytes.subarray(4 * pixel, 4 * pixel + 4)];
  const magma = (k) => [...picture.MAGMA.subarray(3 * k, 3 * k + 3), 255];
  assert.deepEqual([0, 1, 2, 3].map(colour), [magma(0), magma(0), magma(0), magma(255)]);
  picture.painted(new Float32Array(4), 0, bytes, 2);
  assert.deepEqual(colour(3), magma(0));
});

// --- the same as NumPy

const folder = process.env.ISOAUX_CASES;
const expected = folder && JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));

const basisOf = ({ kind, n, seed, i, j, angle }) => {
  const start = { standard: bases.standard, simplex: bases.simplex, random: (size) => bases.random(size, seed) }[kind](n);
  return angle ? bases.turned(start, i, j, angle) : start;
};

test("the colours are matplotlib's", { skip: !folder }, () => {
  assert.deepEqual([...picture.MAGMA], expected.magma);
});

test("bases are Python's", { skip: !folder }, () => {
  for (const { basis, rows } of expected.bases) rowsClose(basisOf(basis), rows, 1e-10);
});

test("the expectation of the spotlight is the closed form", { skip: !folder }, () => {
  for (const { n, epsilon, share } of expected.shares) close(spotlight.expectedShare(n, epsilon), share, 1e-8 + 1e-6 * share);
});

test("blurred histograms are the library's densities", { skip: !folder }, () => {
  const { histogram, density } = expected.blur;
  const found = picture.blurred(Uint32Array.from(histogram));
  const most = Math.max(...density);
  found.forEach((value, k) => close((value * 2 * Math.PI * 1.5 ** 2) / most, density[k] / most, 0.06));
  close((picture.limitOf(found) * 2 * Math.PI * 1.5 ** 2) / expected.blur.limit, 1, 0.01);
});

test("what numpy.save writes is read", { skip: !folder }, () => {
  for (const { file, rows } of expected.saved) {
    const { values, n, count } = opened(file, new Uint8Array(readFileSync(join(folder, file))).buffer);
    assert.deepEqual([count, n], [rows.length, rows[0].length], file);
    rows.forEach((row, s) => row.forEach((value, k) => assert.equal(values[k * count + s], Math.fround(value), file)));
  }
  for (const { file, words } of expected.refused) {
    const bytes = new Uint8Array(readFileSync(join(folder, file))).buffer;
    assert.throws(() => opened(file, bytes), ({ message }) => message.includes(words) && message.endsWith("."), file);
  }
});

for (const one of expected?.clouds ?? []) {
  test(`${one.network}: as NumPy finds it`, async (t) => {
    const texts = one.parts.map((name) => readFileSync(join(one.folder, `${name}.mjs`), "utf8").split('"')[3]);
    const values = numbers.joined(await Promise.all(texts.map(numbers.unpacked)), one.n);
    const cloud = projection.first(projection.cloud(values, one.n), one.samples);
    assert.equal(cloud.totals.reduce((a, b) => a + b, 0), one.sum_of_squares);
    close(projection.windowOf(cloud), one.window, 1e-9 * one.window);
    for (const item of one.cases) {
      await t.test(item.words, () => same(cloud, item));
    }
  });
}

function same(cloud, { basis, epsilon, variant, plane, window, exact, found }) {
  const rows = basisOf(basis);
  const prepared = projection.inBasis(cloud, rows);
  const kept = projection.accepted(prepared, epsilon);
  const here = projection.measure(prepared, kept, { variant, plane, window, cells: picture.CELLS });
  const slack = exact ? 0 : Math.max(2, 2e-5 * found.count);
  close(here.count, found.count, slack, "count");
  close(here.c4, found.c4, exact ? 1e-12 : 1e-4, "c4");
  close(here.s2, found.s2, exact ? 1e-12 : 1e-4, "s2");
  const listed = projection.planes(rows.length, variant);
  assert.equal(listed.length, found.counts.length);
  const counts = listed.map(([i, j]) => here.counts[i * rows.length + j]);
  close(counts.reduce((sum, value, k) => sum + Math.abs(value - found.counts[k]), 0), 0, slack, "counts by plane");
  const other = Uint32Array.from(here.histogram);
  for (const [cell, points] of found.cells) other[cell] -= points;
  const moved = Array.from(other).reduce((sum, value) => sum + Math.abs(value | 0), 0);
  close(moved, 0, exact ? 0 : 4 + 1e-4 * found.count, "cells of the histogram");
  const expectation = projection.expectedCount(cloud.count, cloud.n, plane ? 1 : listed.length, epsilon);
  close(expectation / found.expected, 1, 1e-12, "expectation");
  const curve = new spotlight.Spotlight(prepared, kept, { epsilon, variant, plane });
  while (!curve.done) curve.advance(1000);
  const planes = plane ? 1 : listed.length;
  const shares = curve.shares(planes);
  const step = Math.max(2, 2e-5 * found.count) / (cloud.count * planes);
  found.spotlight.forEach((share, degree) => close(shares[degree], share, step, `spotlight at ${degree} degrees`));
}
