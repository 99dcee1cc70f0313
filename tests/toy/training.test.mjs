// The toy model's training and numbers, under Node.js, against NumPy's, of which test_toy_training.py writes cases to the
// folder ISOAUX_CASES.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { addressed } from "../../isoaux/explorer/address.mjs";
import * as numbers from "../../isoaux/toy/numbers.mjs";
import { serveToy } from "../../isoaux/toy/serving.mjs";
import { begun, drawnFrom, trainer } from "../../isoaux/toy/training.mjs";
import { TOY, TOY_CHECKS } from "../../isoaux/toy/view.mjs";

const { trainings, figures, losses } = JSON.parse(readFileSync(join(process.env.ISOAUX_CASES, "cases.json"), "utf8"));

const near = (value, expected, tolerance, words) =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${words}: ${value} is not ${expected} within ${tolerance}`);

for (const { activation, optimiser, n, m, batch, importance, W, x, after } of trainings)
  test(`${activation}, ${optimiser}: after ${x.length} steps weights are those of NumPy`, () => {
    const network = { W: Float64Array.from(W.flat()), b: new Float64Array(n) };
    const work = trainer({ n, m, batch, activation, optimiser, importance }, network);
    const found = x.map((rows) => work.step(Float64Array.from(rows.flat())));
    after.W.flat().forEach((value, k) => near(network.W[k], value, 1e-5, `weight ${k}`));
    after.b.forEach((value, k) => near(network.b[k], value, 1e-5, `bias ${k}`));
    after.losses.forEach((value, k) => near(found[k], value, 1e-5, `loss ${k}`));
    assert.ok(work.steps === x.length && !work.diverged);
  });

test("dimensionalities, represented features and fourth powers are those of Python", () => {
  for (const { W, sizes, represented, onAxes } of figures) {
    const [m, n] = [W.length, W[0].length];
    const flat = Float64Array.from(W.flat());
    numbers.dimensionalities(flat, n, m).forEach((value, i) => near(value, sizes[i], 1e-12, "D"));
    assert.equal(numbers.represented(flat, n, m), represented);
    const tested = numbers.axesTest(flat, n, m);
    if (tested) near(tested.value, onAxes, 1e-12, "fourth powers");
  }
});

test("the loss in closed form is that of Python", () => {
  for (const { n, m, sparsity, ratio, loss } of losses)
    near(numbers.linearLoss({ m, sparsity, importance: numbers.importanceOf(n, ratio) }), loss, 1e-14, "linear loss");
});

test("samples are off with the chance of the sparsity, and else uniform", () => {
  const x = new Float64Array(200_000);
  drawnFrom(3, 0.8)(x);
  const on = x.filter(Boolean);
  near(on.length / x.length, 0.2, 0.005, "share");
  near(on.reduce((sum, value) => sum + value, 0) / on.length, 0.5, 0.005, "mean");
});

test("columns on the axes are told from others, and too few are not judged", () => {
  const axes = new Float64Array(6 * 3);
  for (let i = 0; i < 6; i++) axes[(i % 3) * 6 + i] = i < 3 ? 1 : -1;
  const found = numbers.axesTest(axes, 6, 3);
  assert.ok(found.above && found.p <= 0.02 && found.value === 1);
  assert.match(numbers.testInWords(found), /^Features lie more on the axes of the neurons than in 199 random turns/);
  assert.equal(numbers.axesTest(Float64Array.of(1, -1), 2, 1), null);
  assert.match(numbers.testInWords(null), /no axis to compare/);
});

test("a rate that is too large is noticed and ends the training", () => {
  const settings = { n: 5, m: 2, batch: 32, activation: "none", optimiser: "sgd", importance: numbers.importanceOf(5, 1), seed: 1, times: 100 };
  const work = trainer(settings);
  const fill = drawnFrom(1, 0);
  const x = new Float64Array(160);
  for (let k = 0; k < 200 && !work.diverged; k++) {
    fill(x);
    work.step(x);
  }
  assert.ok(work.diverged && work.steps < 200);
});

test("a worker tells of its progress, ends at the last step, and leaves an earlier question", async () => {
  const told = [];
  const settings = { n: 5, m: 2, sparsity: 0.9, batch: 16, activation: "tanh", optimiser: "adam", importance: numbers.importanceOf(5, 1), seed: 4 };
  await new Promise((resolve) => {
    const port = { postMessage: (data) => (told.push(data), data.done && resolve()) };
    serveToy(port);
    port.onmessage({ data: { settings: { ...settings, round: 1 }, steps: 1e9 } });
    port.onmessage({ data: { settings: { ...settings, round: 2 }, steps: 300 } });
  });
  const last = told.at(-1);
  assert.deepEqual([last.round, last.step, last.done, last.diverged], [2, 300, true, false]);
  assert.ok(told.every(({ round, step }) => round === 2 || step === 0));
  assert.equal(last.W.length, 10);
  assert.deepEqual(told[0].W, begun(settings).W);
});

test("an address sets what may be set and nothing else", () => {
  const found = addressed("#n=7&m=0&sparsity=1&activation=isotanh&times=2&seed=12&plane=0,2", TOY, TOY_CHECKS);
  assert.deepEqual(found, { ...TOY, n: 7, activation: "isotanh", seed: 12, plane: found.plane });
});
