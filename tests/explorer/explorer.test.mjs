// The explorer's computing, under Node.js: facts, and NumPy's results on the same whole numbers, which
// test_explorer_core.py computes, writes to the folder ISOAUX_CASES and hands over.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { addressed, addresses } from "../../isoaux/explorer/address.mjs";
import * as bases from "../../isoaux/explorer/bases.mjs";
import * as clouds from "../../isoaux/explorer/cloud.mjs";
import * as numbers from "../../isoaux/explorer/numbers.mjs";
import { crossed, tickLabels, ticksTo, wordsOf } from "../../isoaux/explorer/curve.mjs";
import { PANELS, arranged, pictures, shuffled } from "../../isoaux/explorer/lineup.mjs";
import { MOST_VECTORS, isOffered, missingNote, namesOf, rowsNamed, shownIn, spanningNamed } from "../../isoaux/explorer/named.mjs";
import { DRAWS, MOST, Panel, summary } from "../../isoaux/explorer/panel.mjs";
import * as picture from "../../isoaux/explorer/picture.mjs";
import * as projection from "../../isoaux/explorer/projection.mjs";
import { finished, sliced, within } from "../../isoaux/explorer/slices.mjs";
import * as spotlight from "../../isoaux/explorer/spotlight.mjs";
import { SETTINGS, keyOf, nameOf, pixelsOf, settable, twinOf } from "../../isoaux/explorer/settings.mjs";
import { pythonOf } from "../../isoaux/explorer/sharing.mjs";

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

test("parallel vectors span no plane, which is none of the planes that are counted, and no turn", () => {
  const both = [...bases.standard(3), ...bases.standard(3).map((row) => row.map((value) => -value))];
  assert.deepEqual([1, 2, 3, 4].filter((j) => !bases.spanning(both, 0, j)), [3]);
  const panel = new Panel({ width: 3 });
  panel.take(noise(40, 3, 2).values, Infinity);
  const look = (turn) => panel.lookIn({ basis: "given", given: both, seed: 1, turn });
  look([0, 1, 0]);
  panel.project({ epsilon: 0.5, variant: "combination", plane: null });
  assert.equal(panel.planeCount, 12, "of 15 pairs, 3 are antiparallel");
  close(panel.found.expected, 40 * 12 * 0.75 ** 0.5, 1e-9);
  const count = panel.found.count;
  for (const turn of [[0, 3, 20], [2, 2, 20], [0, 6, 20], [-1, 2, 20]]) {
    look(turn);
    rowsClose(panel.basis, both, 0);
  }
  panel.project({ epsilon: 0.5, variant: "combination", plane: null });
  assert.equal(panel.found.count, count);
  assert.throws(() => new Panel({ width: 4, network: "x" }).lookIn({ basis: "given", given: both, turn: [0, 1, 0] }), {
    message: "the given basis has vectors of 3 numbers and x 4 neurons; accepted: as many of both.",
  });
});

// --- the null

// How far the row of a basis that is most like a neuron is from one: 1 - |cosine|.
const fromNeurons = (basis) => Math.max(...basis.map((row) => 1 - row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));

test("no random basis of the null is the neuron basis or the one that is shown", () => {
  const [n, seeds] = [6, Array.from({ length: 99 }, (_, k) => k + 1)];
  for (const seed of seeds) {
    const shown = bases.random(n, seed);
    for (const draw of seeds) {
      const basis = bases.rotated(shown, draw);
      const far = Math.max(...basis.flatMap((row, i) => Array.from(row, (value, k) => Math.abs(value - shown[i][k]))));
      assert.ok(fromNeurons(basis) > 0.05 && far > 0.3, `seed ${seed}, draw ${draw}`);
    }
  }
});

test("the bases of the null keep all angles and are Haar-random", () => {
  rowsClose(gramOf(bases.rotated(bases.simplex(5), 3)), gramOf(bases.simplex(5)), 1e-12);
  assert.notDeepEqual(bases.rotated(bases.standard(4), 3), bases.rotated(bases.standard(4), 4));
  const [sum, squares] = [new Float64Array(9), new Float64Array(9)];
  const draws = 4000;
  for (let draw = 1; draw <= draws; draw++) {
    bases.rotated(bases.standard(3), draw).forEach((row, i) =>
      row.forEach((value, k) => {
        sum[3 * i + k] += value / draws;
        squares[3 * i + k] += value ** 2 / draws;
      }),
    );
  }
  sum.forEach((mean) => close(mean, 0, 4 * Math.sqrt(1 / 3 / draws)));
  squares.forEach((mean) => close(mean, 1 / 3, 4 * Math.sqrt(4 / 45 / draws))); // of a squared cosine in three dimensions
});

test("the null of a panel is that of its basis, also where that is random or turned by hand", () => {
  const panel = new Panel({ width: 4 });
  panel.take(noise(60, 4, 5).values, Infinity);
  const view = { epsilon: 0.6, variant: "combination", plane: null };
  for (const settings of [{ basis: "random", seed: 7, turn: [0, 1, 0] }, { basis: "simplex", seed: 1, turn: [0, 2, 30] }]) {
    panel.lookIn(settings);
    panel.project(view);
    const draws = Array.from({ length: DRAWS }, (_, k) => inBasis(panel.cloud, bases.rotated(panel.whole, k + 1), 0.6));
    const found = draws.map((prepared) => measured(prepared, view));
    const nulls = Object.fromEntries(["count", "c4", "s2"].map((name) => [name, found.map((values) => values[name])]));
    assert.deepEqual(finished(panel.null()), summary(panel.found, nulls));
  }
});

// --- projection

const noise = (samples, n, seed) =>
  clouds.cloud(Float32Array.from({ length: n * samples }, (_, k) => ((Math.sin(k + seed) * 1e4) % 1) + 1e-3), n);

const inBasis = (whole, basis, least) => finished(clouds.inBasis(whole, basis, least));
const measured = (prepared, view) => finished(projection.measured(prepared, { variant: "combination", ...view }));

// All points as [sample, i, j, x, y].
function pointsOf(prepared, epsilon) {
  const points = projection.room(prepared);
  return Array.from({ length: prepared.count }, (_, s) => {
    const found = projection.pointsOf(prepared, s, epsilon, points);
    return Array.from({ length: found }, (_, p) => [s, points.i[p], points.j[p], points.x[p], points.y[p]]);
  }).flat();
}

test("a sample on the threshold is dropped, one on an axis is in all planes of the axis", () => {
  const planesOf = (values, epsilon) =>
    pointsOf(inBasis(clouds.cloud(Int16Array.from(values), 4), bases.standard(4)), epsilon).map(([, i, j]) => `${i}${j}`).sort();
  assert.deepEqual(planesOf([3, 4, 0, 0], 0.99), ["01"]);
  assert.deepEqual(planesOf([3, 0, 0, 4], 0.8), ["03"]);
  assert.deepEqual(planesOf([3, 0, 0, 4], 0.7), ["03", "13", "23"], "the pair itself, and both others with the longer axis");
});

test("zero vectors and empty clouds keep nothing", () => {
  for (const samples of [0, 5]) {
    for (const basis of [bases.standard(3), bases.simplex(3)]) {
      const prepared = inBasis(clouds.cloud(new Int16Array(3 * samples), 3), basis);
      const found = measured(prepared, { epsilon: 0, variant: "permutation", window: 1, cells: 4 });
      assert.deepEqual([found.count, found.c4, found.s2], [0, 0, 0]);
      assert.ok(found.histogram.every((points) => points === 0));
    }
  }
});

test("what is kept does not depend on the scale", () => {
  const whole = noise(60, 6, 1);
  const larger = clouds.cloud(whole.values.map((value) => 1024 * value), 6);
  const basis = bases.random(6, 2);
  const [a, b] = [whole, larger].map((cloud) => measured(inBasis(cloud, basis), { epsilon: 0.7 }).count);
  assert.equal(a, b);
});

test("counts, angles and cells are those of a loop over samples and planes", () => {
  const [n, window, cells] = [5, 0.6, 16];
  const whole = noise(80, n, 4);
  for (const basis of [bases.standard(n), bases.random(n, 9), bases.simplex(n)]) {
    for (const variant of ["combination", "permutation"]) {
      for (const [epsilon, plane] of [[0, null], [0.6, null], [0.6, [1, 3]], [0.4, [0, 4]]]) {
        const found = measured(inBasis(whole, basis), { epsilon, variant, plane, window, cells });
        const expected = byLoop(whole, basis, { epsilon, variant, plane, window, cells });
        const words = `${variant}, epsilon ${epsilon}, plane ${plane}`;
        assert.equal(found.count, expected.count, words);
        assert.deepEqual([...found.histogram], expected.histogram, words);
        assert.deepEqual(Array.from(found.counts), expected.counts, words);
        close(found.c4, expected.c4, 1e-9, words);
        close(found.s2, expected.s2, 1e-9, words);
      }
    }
  }
});

function byLoop({ values, n, count }, basis, { epsilon, variant, plane, window, cells }) {
  const found = { count: 0, histogram: new Array(cells * cells).fill(0), counts: new Array(basis.length ** 2).fill(0), c4: 0, s2: 0 };
  for (let s = 0; s < count; s++) {
    const v = Float64Array.from({ length: n }, (_, k) => values[k * count + s]);
    for (const [i, j] of projection.planes(basis.length, variant)) {
      const g = bases.dot(basis[i], basis[j]);
      const x = bases.dot(basis[i], v);
      const y = (bases.dot(basis[j], v) - g * x) / Math.sqrt(1 - g * g);
      if (!(x * x + y * y > epsilon ** 2 * bases.dot(v, v))) continue;
      found.counts[i * basis.length + j]++;
      if (plane && (plane[0] !== i || plane[1] !== j)) continue;
      found.count++;
      found.c4 += Math.cos(4 * Math.atan2(y, x));
      found.s2 += Math.sin(2 * Math.atan2(y, x));
      const [column, row] = [x, y].map((c) => Math.floor(((c + window) * cells) / (2 * window)));
      if (Math.min(column, row) >= 0 && Math.max(column, row) < cells) found.histogram[row * cells + column]++;
    }
  }
  for (const name of ["c4", "s2"]) found[name] /= found.count || 1;
  return found;
}

test("a part of the samples is a fair part of all, and the rest of them makes up the whole", () => {
  const [samples, n] = [40000, 10];
  const values = Float32Array.from({ length: n * samples }, (_, k) => Math.sin(k * k) * (1 + (k % samples) / samples)); // longer ones come later
  const whole = clouds.cloud(values, n);
  for (const basis of [bases.random(n, 3), bases.simplex(n)]) {
    const view = { epsilon: 0.7, variant: "combination", window: 2, cells: 20 };
    const prepared = inBasis(whole, basis);
    const tally = new projection.Tally(prepared, view);
    finished(tally.ready());
    while (tally.seen < samples / 4) tally.next();
    const [part, share] = [tally.found(), tally.seen / samples];
    finished(tally.all());
    const all = tally.found();
    assert.deepEqual(all, measured(prepared, view));
    for (const name of ["count", "kept"]) close(part[name] / share / all[name], 1, 0.05, name);
    close(part.c4, all.c4, 0.05);
    const right = ({ histogram }) => histogram.filter((_, cell) => cell % 20 >= 15 || cell % 20 < 5).reduce((a, b) => a + b, 0);
    close(right(part) / share / right(all), 1, 0.2, "long representations:");
  }
});

test("samples that are kept are counted once, in one plane or in any", () => {
  const whole = noise(200, 5, 3);
  for (const basis of [bases.random(5, 1), bases.simplex(5)]) {
    for (const variant of ["combination", "permutation"]) {
      const prepared = inBasis(whole, basis);
      for (const plane of [null, [0, 3]]) {
        const points = pointsOf(prepared, 0.8).filter(([, i, j]) => !plane || (i === plane[0] && j === plane[1]));
        assert.equal(measured(prepared, { epsilon: 0.8, variant, plane }).kept, new Set(points.map(([s]) => s)).size);
      }
    }
  }
});

test("the images of a beam are those with a point near its direction, and their points are found alone", () => {
  const panel = new Panel({ width: 4 });
  panel.take(noise(400, 4, 7).values, Infinity);
  for (const [basis, variant] of [["standard", "combination"], ["simplex", "permutation"]]) {
    panel.lookIn({ basis, seed: 1, turn: [0, 1, 0] });
    const view = { epsilon: 0.8, variant, plane: null };
    panel.light(null);
    panel.project(view);
    assert.equal(panel.lit, null);
    for (const direction of [0, 45, 250]) {
      const mask = finished(panel.pointing(direction));
      const near = (x, y) => Math.cos(Math.atan2(y, x) - (direction * Math.PI) / 180) >= Math.cos((7.5 * Math.PI) / 180);
      const all = pointsOf(panel.prepared, 0.8).flatMap(([s, i, j, x, y]) =>
        variant === "combination" ? [[s, x, y]] : [[s, x, y], [s, ...projection.swapped(panel.prepared, i, j, x, y)]],
      );
      const expected = new Set(all.filter(([, x, y]) => near(x, y)).map(([s]) => s));
      assert.deepEqual(new Set([...mask.keys()].filter((s) => mask[s])), expected);
      assert.ok(expected.size > 0 && expected.size < 400);
      panel.light(mask);
      panel.project(view);
      assert.equal(panel.lit.count, all.filter(([s]) => expected.has(s)).length);
      assert.equal(panel.lit.kept, expected.size);
    }
  }
});

test("a basis is looked at with some samples first, and lit images stay the same", () => {
  const panel = new Panel({ width: 6 });
  panel.take(noise(3000, 6, 5).values, Infinity);
  const look = (step) => finished(panel.lookingIn({ basis: "random", seed: 2, turn: [0, 1, 0] }, step));
  const view = { epsilon: 0.7, variant: "combination", plane: null };
  look(1);
  panel.project(view);
  assert.ok(!panel.rough);
  const { count, kept } = panel.found;
  const mask = Uint8Array.from({ length: 3000 }, (_, s) => +(s % 3 === 0));
  panel.light(mask);
  panel.project(view);
  const lit = panel.lit.count;
  look(4);
  panel.project(view);
  assert.ok(panel.rough && panel.seen === 750);
  for (const [found, expected] of [[panel.found.count, count], [panel.found.kept, kept], [panel.lit.count, lit]]) close(found / expected, 1, 0.15);
  look(1);
  panel.project(view);
  assert.deepEqual([panel.rough, panel.found.count, panel.lit.count], [false, count, lit]);
});

test("samples that no threshold from one on keeps are left out, and change nothing", () => {
  const whole = noise(300, 8, 2);
  for (const basis of [bases.standard(8), bases.simplex(8)]) {
    const [all, some] = [inBasis(whole, basis), inBasis(whole, basis, 0.8)];
    assert.ok(some.count < all.count);
    for (const epsilon of [0.8, 0.9]) {
      assert.deepEqual(measured(some, { epsilon, window: 1, cells: 8 }), measured(all, { epsilon, window: 1, cells: 8 }));
    }
  }
});

test("another window or plane of the same coordinates is measured anew", () => {
  const prepared = inBasis(noise(50, 4, 8), bases.standard(4));
  const view = { epsilon: 0.3, cells: 10 };
  const fresh = (window) => measured(inBasis(noise(50, 4, 8), bases.standard(4)), { ...view, window });
  for (const window of [1, 0.5, 2, 1]) assert.deepEqual(measured(prepared, { ...view, window }), fresh(window));
});

test("where nearly all samples are zero, the window is as wide as the longest", () => {
  const values = new Float32Array(400);
  values.set([3, 1], 0);
  values.set([4, 0], 200);
  assert.equal(clouds.windowOf(clouds.cloud(values, 2)), 5);
  assert.equal(clouds.windowOf(clouds.cloud(new Float32Array(4), 2)), 1);
});

test("the first samples of a cloud are a cloud", () => {
  const whole = noise(50, 4, 5);
  const part = clouds.first(whole, 20);
  assert.equal(part.count, 20);
  assert.deepEqual([...part.totals], [...whole.totals.subarray(0, 20)]);
  assert.equal(clouds.first(whole, 50), whole);
});

// --- slices

test("work in slices returns what work at once does, tells its progress and can be left", async () => {
  function* work() {
    for (let k = 1; k <= 3; k++) yield k;
    return "done";
  }
  const told = [];
  assert.equal(await sliced(work(), () => true, (k) => told.push(k)), "done");
  assert.deepEqual(told, [1, 2, 3]);
  function* long() {
    for (const until = performance.now() + 200; performance.now() < until; ) yield;
    return "done";
  }
  assert.equal(await sliced(long(), () => false), undefined);
});

test("work stops in time, but not before there is enough, and goes on from there", () => {
  function* work() {
    for (let k = 0; k < 5; k++) {
      done = k;
      yield;
    }
    return "all";
  }
  let done = -1;
  const going = work();
  assert.equal(within(going, 0, () => done >= 2).done, false);
  assert.equal(done, 2);
  assert.deepEqual(within(going, 1e6), { done: true, value: "all" });
});

// --- wide layers

const wide = (samples, n) => {
  const panel = new Panel({ width: n });
  panel.take(noise(samples, n, 3).values, Infinity);
  panel.lookIn({ basis: "standard", seed: 0, turn: [0, 1, 0] });
  return panel;
};

test("of a wide layer the neurons are shown in which representations are largest, and that is said", () => {
  const n = MOST + 6;
  const panel = new Panel({ width: n });
  const { values } = noise(100, n, 3);
  const loud = Array.from({ length: MOST }, (_, k) => (k < 3 ? k : k + 6));
  panel.take(values.map((value, at) => (loud.includes(Math.floor(at / 100)) ? 10 * value : value)), Infinity);
  panel.lookIn({ basis: "standard", seed: 0, turn: [0, 1, 0] });
  assert.deepEqual(panel.rows, loud);
  assert.match(panel.note, /There are 70 basis vectors; shown are the 64 .* so 2,016 of 2,415 pairs\./);
  panel.project({ epsilon: 0, variant: "combination", plane: [0, 9] });
  assert.deepEqual(panel.view.plane, [0, loud.indexOf(9)]);
  assert.equal(panel.found.count, 100);
  assert.equal(wide(10, MOST).note, "");
});

// --- spotlight

test("a lone representation is inside over one interval around its angle", () => {
  const prepared = inBasis(clouds.cloud(Int16Array.from([3, -4]), 2), bases.standard(2));
  const { mean, itself, expected, numbers: found } = lightOf(prepared, bases.standard(2), { epsilon: 0.9 }, 1);
  const angle = (Math.atan2(4, 3) * 180) / Math.PI;
  const within = (degree, centre) => Math.cos(((degree - centre) * Math.PI) / 180) >= 0.9;
  mean.forEach((share, degree) => assert.equal(share, +within(degree, angle), `at ${degree} degrees`));
  itself.forEach((share, degree) => assert.equal(share, (within(degree, 0) + within(degree, -90)) / 2, `at ${degree} degrees`));
  close(expected, Math.acos(0.9) / Math.PI, 1e-6);
  assert.equal(found.reach, 1);
});

const lightOf = (prepared, basis, view, samples = prepared.count) =>
  finished(spotlight.spotlit(prepared, basis, { variant: "combination", plane: null, ...view }, samples, basis[0].length));

test("the vectors themselves have the phase 1, their antipodes in a simplex a negative resonance, nothing has none", () => {
  for (const basis of [bases.crossPolytope(4), bases.simplex(5)]) {
    const n = basis[0].length;
    const cloudOf = (sign) => clouds.cloud(Float64Array.from({ length: basis.length * n }, (_, at) => sign * basis[at % basis.length][Math.floor(at / basis.length)]), n);
    const [there, opposite] = [1, -1].map((sign) => lightOf(inBasis(cloudOf(sign), basis), basis, { epsilon: 0.9 }).numbers);
    close(there.phase, 1, 1e-12);
    assert.ok(there.resonance > 0);
    if (basis.length === 2 * n) close(opposite.phase, 1, 1e-12);
    else assert.ok(opposite.resonance < 0 && opposite.phase < 0);
    const nothing = lightOf(inBasis(clouds.cloud(new Float64Array(3 * n), n), basis), basis, { epsilon: 0.9 });
    assert.deepEqual(nothing.numbers, { resonance: 0, phase: 0, reach: 0 });
    assert.equal(lightOf(inBasis(cloudOf(1), basis), basis, { epsilon: 0 }).numbers, null, "no spotlight holds everything");
  }
});

test("ticks are round, few and within the axis, and their labels differ", () => {
  for (const top of [1, 0.21, 0.05, 0.0333, 0.002, 4.1e-5, 1e-7]) {
    const ticks = ticksTo(top);
    assert.ok(ticks.length >= 3 && ticks.length <= 6 && ticks[0] === 0, `${top}: ${ticks}`);
    assert.ok(ticks.at(-1) <= top * (1 + 1e-9) && ticks.at(-1) > top / 2);
    const labels = tickLabels(ticks);
    assert.equal(new Set(labels).size, ticks.length, String(labels));
    labels.forEach((label, k) => close(parseFloat(label) / 100, ticks[k], 1e-9, label));
  }
  assert.deepEqual(tickLabels(ticksTo(0.05)), ["0 %", "2 %", "4 %"]);
});

test("every line is drawn once in every column, without gaps, at its height", () => {
  const flat = new Int32Array(spotlight.ANGLES).fill(3);
  const steps = Int32Array.from({ length: spotlight.ANGLES }, (_, degree) => (degree % 90 < 45 ? 8 : 0));
  const lines = Int32Array.from([...flat, ...steps]);
  const [width, height] = [100, 41];
  const pixels = finished(crossed([lines], 10, width, height));
  const column = (x) => Array.from({ length: height }, (_, y) => pixels[y * width + x]);
  const heights = new Set();
  for (let x = 0; x < width; x++) {
    const rows = column(x);
    const hit = rows.reduce((sum, count) => sum + count, 0);
    assert.ok(rows[28] >= 1 && hit >= 2, `column ${x}`);
    rows.forEach((count, y) => count && y !== 28 && heights.add(y));
  }
  assert.equal(Math.min(...heights), 8, "8 of 10 are a fifth of the height below the top");
  assert.equal(heights.size, 40 - 8, "from there on to the foot, but for the other line");
  const thick = finished(crossed([flat], 10, width, height, 3));
  assert.equal(thick.reduce((sum, count) => sum + count, 0), 3 * width);
});

test("a spotlight is put into words", () => {
  const mean = new Float64Array(spotlight.ANGLES).fill(0.01);
  const words = (found) => wordsOf({ mean, planes: 1104, expected: 0.002, ...found });
  const { long, short } = words({ numbers: { resonance: -0.0123, phase: -0.5, reach: 0.25 } });
  assert.equal(short, "Resonance −1.23 % (against the vectors), phase −0.50, reach 25.0 %.");
  assert.ok(long.startsWith("Spotlight through 1,104 planes: mean share of the representations 1.00 % on average, at most 1.00 %; isotropic 0.200 %.") && long.endsWith(short));
  assert.match(words({ numbers: { resonance: 0, phase: 0, reach: 0 } }).short, /^Resonance \+0\.00 %, phase/);
  assert.equal(words({ numbers: null, planes: 1 }).short, "");
});

// --- bases by name

test("a basis is offered where it is there and not too large, and another one is said to be missing", () => {
  const [plain, wide] = [{ width: 10 }, { width: 60 }];
  const rows = bases.crossPolytope(10);
  const own = { width: 10, vectors: { count: 20 }, privileged: rows };
  const offered = (network, given) => ["standard", "random", "simplex", "cross-polytope", "thomson", "given", "skew", "toString"].filter((name) => isOffered(name, network, given));
  assert.deepEqual(offered(plain), ["standard", "random", "simplex", "cross-polytope"]);
  assert.deepEqual(offered(wide), ["standard", "random", "simplex"]);
  assert.deepEqual(offered({ width: MOST_VECTORS }), ["standard", "random"]);
  assert.deepEqual(offered(own, rows), ["standard", "random", "simplex", "cross-polytope", "thomson", "given"]);
  assert.equal(shownIn("thomson", plain), "standard");
  assert.match(missingNote("thomson", plain), /^No vectors of a Thomson basis came with this network\. Shown is its standard basis\.$/);
  assert.match(missingNote("cross-polytope", wide), /^A cross-polytope has 120 vectors in 60 dimensions; those of up to 96 are shown\./);
  assert.equal(missingNote("thomson", own), "");
  assert.deepEqual(namesOf("cross-polytope", { width: 2 }), ["0", "1", "−0", "−1"]);
  assert.deepEqual(namesOf("cross-polytope", { width: 2, neurons: [4, 7] }), ["4", "7", "−4", "−7"]);
  assert.deepEqual(namesOf("simplex", { width: 2, neurons: [4, 7] }), ["0", "1", "2"]);
  for (const name of ["cross-polytope", "thomson"]) {
    const spans = spanningNamed(name, own);
    rows.forEach((_, i) => rows.forEach((_, j) => i !== j && assert.equal(spans(i, j), bases.spanning(rows, i, j))));
  }
});

test("a panel shows the basis that its network has, all its vectors and no antipodal plane", () => {
  const [count, n] = [120, 6];
  const vectors = Float64Array.from({ length: 40 * n }, (_, k) => Math.sin(k * k + 1));
  const panel = new Panel({ width: n, vectors: { count: 40 }, privileged: bases.rowsIn(vectors, n) });
  panel.take(noise(count, n, 8).values, Infinity);
  const look = (basis) => {
    panel.lookIn({ basis, seed: 1, turn: [0, 1, 0] });
    panel.project({ epsilon: 0.5, variant: "combination", plane: null });
    return panel.note;
  };
  assert.equal(look("thomson"), "");
  rowsClose(panel.basis, bases.rowsIn(vectors, n), 0);
  panel.basis.forEach((row, i) => {
    close(bases.dot(row, row), 1, 1e-12);
    row.forEach((value, k) => assert.equal(Math.sign(value), Math.sign(vectors[k * 40 + i])));
  });
  look("cross-polytope");
  assert.equal(panel.planeCount, 60, "of 66 pairs");
  const lit = finished(panel.spotlight());
  assert.equal(lit.planes, 60);
  const bare = new Panel({ width: n });
  bare.take(noise(count, n, 8).values, Infinity);
  bare.lookIn({ basis: "thomson", seed: 1, turn: [0, 1, 0] });
  rowsClose(bare.basis, bases.standard(n), 0);
  assert.match(bare.note, /Shown is its standard basis/);
  const large = new Panel({ width: 48 });
  large.take(noise(40, 48, 8).values, Infinity);
  large.lookIn({ basis: "cross-polytope", seed: 1, turn: [0, 1, 0] });
  assert.equal(large.rows.length, MOST_VECTORS);
});

// --- line-ups

test("the neuron basis may stand anywhere in a line-up, and its number says where", () => {
  const numbers = Array.from({ length: 20000 }, (_, k) => k + 1);
  const counts = new Array(PANELS).fill(0);
  const pairs = new Array(PANELS).fill(0);
  numbers.forEach((number) => {
    const { place } = arranged(number);
    counts[place]++;
    pairs[(arranged(number + 1).place - place + PANELS) % PANELS]++;
  });
  for (const found of [counts, pairs]) {
    const chi = found.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chi < 50, `chi squared of 19 degrees of freedom is ${chi}`); // 1 in 7,000
  }
  assert.deepEqual(arranged(17), arranged(17));
  const seeds = numbers.slice(0, 500).flatMap((number) => arranged(number).seeds);
  assert.equal(new Set(seeds).size, seeds.length);
});

test("a line-up shows the neuron basis once, and random bases beside it", () => {
  const panel = new Panel({ width: 5 });
  panel.take(noise(200, 5, 6).values, Infinity);
  const view = { epsilon: 0.6, variant: "combination", plane: null };
  const found = finished(pictures(panel, 12, view));
  assert.equal(found.length, PANELS);
  const { place, seeds } = arranged(12);
  const counted = (basis) => measured(inBasis(panel.cloud, basis), { epsilon: 0.6 }).count;
  found.forEach(({ count }, k) => {
    assert.equal(count, counted(k === place ? bases.standard(5) : bases.random(5, seeds[k])), `picture ${k}`);
  });
});

test("neurons come in any order and with either sign", () => {
  let [positive, fixed, rows] = [0, 0, 0];
  for (let seed = 0; seed < 500; seed++) {
    const found = shuffled(4, seed);
    gramOf(found).forEach((row, i) => row.forEach((g, k) => assert.equal(Math.abs(g), +(i === k))));
    found.forEach((row, k) => {
      positive += row.includes(1);
      fixed += row[k] !== 0;
      rows++;
    });
  }
  close(positive / rows, 1 / 2, 0.05);
  close(fixed / rows, 1 / 4, 0.05);
  assert.deepEqual(shuffled(4, 9), shuffled(4, 9));
});

// --- the same in Python

test("only settings that differ are named, and own files are read", () => {
  const get = (changes) => (name) => ({ ...SETTINGS, beside: "", ...changes })[name];
  assert.match(pythonOf(get({}), {}), /\n\nExplorer\(\)$/);
  assert.match(pythonOf(get({ epsilon: 0.5, shared: true, plane: [1, 2] }), {}), /Explorer\(epsilon=0.5, plane=\[1,2\], shared=True\)$/);
  const own = { network: "x.npy", file: "x.npy", width: 2, values: new Float32Array(4) };
  assert.match(pythonOf(get({ network: "x.npy k0", epoch: 0, basis: "simplex" }), own), /Explorer\(np.load\("x.npy"\), basis="simplex"\)$/);
});

test("an array of JupyterLab is named, and what a network does not have is left out", () => {
  const get = (changes) => (name) => ({ ...SETTINGS, beside: "", network: "representations k0", epoch: 0, ...changes })[name];
  const array = { network: "representations", layer: 0, width: 6, array: true };
  const last = (changes) => pythonOf(get(changes), array).split("\n").at(-1);
  assert.equal(last({}), "Explorer(activations)");
  assert.equal(last({ network: "b k0", basis: "given" }), 'Explorer(activations, network="b k0", basis=basis)');
  assert.equal(last({ turn: [0, 5, 10], plane: [0, 5] }), "Explorer(activations, turn=[0,5,10], plane=[0,5])");
  assert.equal(last({ turn: [0, 6, 10], plane: [0, 6] }), "Explorer(activations)");
  assert.equal(last({ plane: [5, 0] }), "Explorer(activations)");
  assert.match(last({ basis: "simplex", turn: [0, 6, 10] }), /turn=\[0,6,10\]/);
});

// --- the host in JupyterLab

test("every view of a widget hears the answers to its own questions alone", async () => {
  const source = readFileSync(new URL("../../isoaux/explorer/widget.mjs", import.meta.url), "utf8");
  const module = `const keyOf = ({ network }) => network;\n${source}\nexport { asking };`;
  const { asking } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
  const [heard, questions] = [new Set(), []];
  const model = {
    get: () => ({}),
    on: (_, hear) => heard.add(hear),
    off: (_, hear) => heard.delete(hear),
    send: (question) => questions.push(question),
  };
  const answer = (content, buffers) => heard.forEach((hear) => hear(content, buffers));
  const views = [asking(model), asking(model)];
  const held = new Map([["a", [1.5, -3e38]], ["b", [Math.fround(1e-44), 0]]]);
  const loads = views.map(({ load }, k) => load({ network: ["a", "b"][k] }, { epoch: 0 }));
  for (const { question, network } of [...questions].reverse()) {
    answer({ answer: question }, [new DataView(Float32Array.from([9, ...held.get(network)]).buffer, 4)]);
  }
  const values = await Promise.all(loads);
  assert.deepEqual(values.map((found) => [...found]), [...held.values()].map((row) => row.map(Math.fround)));
  answer({ answer: "another's" }, []);
  const vectors = views[0].vectors({ network: "a" });
  const { question, ...content } = questions.at(-1);
  assert.deepEqual(content, { network: "a", vectors: true });
  answer({ answer: question }, [new DataView(Float32Array.from([0.6, 0.8]).buffer)]);
  assert.equal((await vectors).length, 2);
  const failing = views[1].load({ network: "b" }, { epoch: 0 });
  answer({ answer: questions.at(-1).question, error: "a file is missing" });
  await assert.rejects(failing, { message: "a file is missing" });
  views.forEach(({ end }) => end());
  assert.equal(heard.size, 0);
});

// --- the address of a page

const CHECKS = settable(new Set(["a k0", "b k1"]));
const said = (hash, own = SETTINGS) => addressed(hash, own, CHECKS);

test("an address says every setting", () => {
  const hash = "#network=a+k0&beside=b%20k1&epoch=3&epsilon=0.5&basis=simplex&seed=4294967295&turn=3,0,-90&variant=permutation&plane=1,0&shared=true";
  assert.deepEqual(said(hash), {
    network: "a k0",
    beside: "b k1",
    epoch: 3,
    epsilon: 0.5,
    basis: "simplex",
    seed: 4294967295,
    turn: [3, 0, -90],
    variant: "permutation",
    plane: [1, 0],
    shared: true,
  });
  const shown = { ...SETTINGS, beside: "b k1", plane: [1, 2], shared: true };
  assert.deepEqual(said("#beside=&plane=&shared=false", shown), { ...shown, beside: "", plane: [], shared: false });
  assert.equal(said("#epsilon=0.1&epsilon=0.2&epsilon=2").epsilon, 0.2, "the last one that can be");
});

const INHERITED = ["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty", "__defineGetter__", "prototype"];

test("an address that says nothing of settings changes nothing", () => {
  const nothing = ["", "#", "#x", "#%E0%A4%A", "#a=%E0%A4%A", "#%=%&&==", `#${"x".repeat(1e6)}=1`, "#Epsilon=0.2", "#epsilon%00=0.2"];
  for (const hash of [...nothing, ...INHERITED.flatMap((name) => [`#${name}=1`, `#${name}`, `#${name}=x&${name}=y`])]) {
    assert.equal(addresses(hash, CHECKS), false, hash.slice(0, 40));
    const settings = said(hash);
    assert.deepEqual(settings, SETTINGS, hash.slice(0, 40));
    assert.deepEqual(Object.keys(settings), Object.keys(SETTINGS));
    assert.equal(Object.getPrototypeOf(settings), Object.prototype);
  }
  assert.equal(addresses("#__proto__=1&epsilon=0.2", CHECKS), true);
  assert.equal(said("#__proto__=1&epsilon=0.2").epsilon, 0.2);
});

test("a value that cannot be is passed over", () => {
  const numbers = ["", "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "-1", "1e10", "0x1", " ", "1 ", "x", "%E0%A4%A", "1,2", "null", "9".repeat(1e5)];
  const values = {
    network: ["", "c k0", "a", ...INHERITED, ...INHERITED.map((name) => `${name} k0`), "<img src=x>"],
    beside: ["c k0", ...INHERITED],
    epoch: [...numbers.filter((text) => text !== "x"), "1.5"],
    epsilon: [...numbers, "1", "-0.1", "0.5.5"],
    basis: ["", "given", "skew", "Standard", ...INHERITED],
    seed: [...numbers.filter((text) => text !== "1e10"), "1.5", "4294967296", "1e10"],
    turn: ["", "1", "1,2", "1,2,3,4", ",,", "1,1,5", "-1,2,5", "1.5,2,5", "1,256,5", "1,2,91", "1,2,NaN", "1,2,1e999", "1,2,", "1,,5", "0x1,2,5"],
    variant: ["", "both", ...INHERITED],
    plane: ["1", "1,", ",", "1,1", "1,2,3", "-1,2", "1,256", "1,1.5", "NaN,1", "1e999,1", `${"1,".repeat(1e5)}2`],
    shared: ["", "1", "TRUE", "yes", ...INHERITED],
  };
  assert.deepEqual(Object.keys(values), Object.keys(SETTINGS));
  for (const [name, texts] of Object.entries(values)) {
    for (const text of texts) assert.deepEqual(said(`#${name}=${text}`), SETTINGS, `${name}=${text.slice(0, 40)}`);
  }
});

// --- names of others

test("names that every object inherits are names like others", () => {
  for (const name of INHERITED) {
    assert.equal(nameOf({ network: `cifar-N-${name}-n18-L0` }), `${name}, standardised pixels, n = 18, L = 0`);
    assert.equal(nameOf({ network: name }), name);
  }
});

// --- networks and their twins

test("a network's twin differs in nothing but the symmetry of its activation", () => {
  const names = ["cifar-N-tanh-n32-L0", "cifar-N-isotanh-n32-L0", "cifar-U-tanh-n32-L0", "cifar-N-bnlrelu_max-n18-L2", "cifar-N-isolrelu-n18-L2", "mnist-S-gentanh-n10-L0-m11", "mine"];
  const listed = names.flatMap((network) => [0, 1].map((layer) => ({ network, layer, seed: 0 })));
  listed.push(...["tanh", "isotanh"].map((activation) => ({ network: `cifar-N-${activation}-n32-L0`, layer: 0, seed: 3, replicate: true })));
  const networks = new Map(listed.map((network) => [keyOf(network), network]));
  const twins = { "cifar-N-tanh-n32-L0 k1": "cifar-N-isotanh-n32-L0 k1", "cifar-N-isotanh-n32-L0 k0 seed 3": "cifar-N-tanh-n32-L0 k0 seed 3", "cifar-N-bnlrelu_max-n18-L2 k0": "cifar-N-isolrelu-n18-L2 k0" };
  for (const [key, twin] of Object.entries(twins)) assert.equal(twinOf(networks, key), twin);
  for (const key of ["cifar-U-tanh-n32-L0 k0", "mnist-S-gentanh-n10-L0-m11 k0", "mine k0", "", "none"]) assert.equal(twinOf(networks, key), null);
  assert.equal(pixelsOf({ network: "mnist-S-tanh-n10-L0-h64" }), "MNIST, symmetric pixels");
  assert.equal(pixelsOf({ network: "mine" }), undefined);
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

test("what is lit has a colour of its own, and everything else none", () => {
  const bytes = Uint8ClampedArray.from([200, 100, 50, 255, 200, 100, 50, 255]);
  const [dark, bright] = [new Float64Array(4), Float64Array.from([0, 0, 9, 0])];
  const four = new Uint8ClampedArray([...bytes, ...bytes]);
  picture.lightened(dark, 1, four, 2);
  for (let pixel = 0; pixel < 4; pixel++) assert.equal(new Set(four.subarray(4 * pixel, 4 * pixel + 3)).size, 1);
  assert.ok(four[0] < 100);
  picture.lightened(bright, 9, four, 2);
  assert.deepEqual([...four.subarray(0, 3)], picture.LIT[1], "row 1 is the upper one");
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

const basisOf = ({ kind, n, seed, i, j, angle, rows }) => {
  const network = { width: n, vectors: rows && { count: rows.length }, privileged: rows };
  const start = kind === "random" ? bases.random(n, seed) : rowsNamed(kind, network);
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

// What the widget sends of an array, and every point that NumPy keeps of the array itself, as [sample, i, j].
for (const { words, n, bytes, basis, epsilon, kept, c4 } of expected?.sent ?? []) {
  test(`${words}: the points of NumPy`, () => {
    const values = new Float32Array(Uint8Array.from(Buffer.from(bytes, "base64")).buffer);
    const whole = clouds.cloud(values, n);
    const prepared = inBasis(whole, basisOf(basis));
    const here = pointsOf(prepared, epsilon).map((point) => point.slice(0, 3).join());
    assert.deepEqual(here.sort(), kept.map((point) => point.join()).sort());
    const window = clouds.windowOf(whole);
    const found = measured(prepared, { epsilon, window, cells: picture.CELLS });
    assert.equal(found.count, kept.length);
    close(found.c4, c4, 1e-6);
    if (kept.length) assert.ok(found.histogram.some((points) => points > 0), "within the picture");
  });
}

for (const one of expected?.clouds ?? []) {
  test(`${one.network}: as NumPy finds it`, async (t) => {
    const texts = one.parts.map((name) => readFileSync(join(one.folder, `${name}.mjs`), "utf8").split('"')[3]);
    const values = numbers.joined(await Promise.all(texts.map(numbers.unpacked)), one.n);
    const cloud = clouds.first(clouds.cloud(values, one.n), one.samples);
    assert.equal(cloud.totals.reduce((a, b) => a + b, 0), one.sum_of_squares);
    close(clouds.windowOf(cloud), one.window, 1e-9 * one.window);
    for (const item of one.cases) {
      await t.test(item.words, () => same(cloud, item));
    }
  });
}

// The largest count of every plane; the last angle is the first one again.
function mostOf(counts) {
  return Array.from({ length: counts.length / spotlight.ANGLES }, (_, p) => {
    const line = counts.subarray(p * spotlight.ANGLES, (p + 1) * spotlight.ANGLES);
    assert.equal(line.at(-1), line[0]);
    return Math.max(...line);
  });
}

function same(cloud, { basis, epsilon, variant, plane, window, exact, found }) {
  const rows = basisOf(basis);
  const prepared = inBasis(cloud, rows);
  const here = measured(prepared, { epsilon, variant, plane, window, cells: picture.CELLS });
  const slack = exact ? 0 : Math.max(2, 2e-5 * found.count);
  close(here.count, found.count, slack, "count");
  close(here.c4, found.c4, exact ? 1e-12 : 1e-4, "c4");
  close(here.s2, found.s2, exact ? 1e-12 : 1e-4, "s2");
  const listed = projection.planes(rows.length, variant).filter(([i, j]) => bases.spanning(rows, i, j));
  assert.equal(listed.length, found.counts.length);
  const counts = listed.map(([i, j]) => here.counts[i * rows.length + j]);
  close(counts.reduce((sum, value, k) => sum + Math.abs(value - found.counts[k]), 0), 0, slack, "counts by plane");
  const other = Uint32Array.from(here.histogram);
  for (const [cell, points] of found.cells) other[cell] -= points;
  const moved = Array.from(other).reduce((sum, value) => sum + Math.abs(value | 0), 0);
  close(moved, 0, 2 * slack, "cells of the histogram");
  const expectation = projection.expectedCount(cloud.count, cloud.n, plane ? 1 : listed.length, epsilon);
  close(expectation / found.expected, 1, 1e-12, "expectation");
  const planes = plane ? 1 : listed.length;
  const lit = finished(spotlight.spotlit(prepared, rows, { epsilon, variant, plane }, cloud.count, cloud.n));
  const step = Math.max(2, 2e-5 * found.count) / (cloud.count * planes);
  const { mean, most, itself, numbers: expectedNumbers } = found.spotlight;
  mean.forEach((share, degree) => close(lit.mean[degree], share, step, `mean spotlight at ${degree} degrees`));
  itself.forEach((share, degree) => close(lit.itself[degree], share, 1e-12, `the basis itself at ${degree} degrees`));
  const highest = lit.lines.flatMap((counts) => mostOf(counts).map((count) => count / cloud.count));
  assert.equal(lit.planes, most.length);
  most.forEach((share, p) => close(highest[p], share, 2 / cloud.count, `the most of plane ${p}`));
  close(lit.most / cloud.count, Math.max(...most), 2 / cloud.count, "the most of any plane");
  close(lit.numbers.resonance, expectedNumbers.resonance, step, "resonance");
  close(lit.numbers.phase, expectedNumbers.phase, Math.max(1e-6, 2 * step / (Math.max(...mean) - Math.min(...mean))), "phase");
  close(lit.numbers.reach, expectedNumbers.reach, 2 / cloud.count, "reach");
}
