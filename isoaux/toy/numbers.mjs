// What a trained toy model is judged by: losses in closed form, represented features, and the test of the axes.

import { BASES, directionsOf, inRandomBases, quartimax, tested } from "../explorer/quartimax.mjs";

const HALF = 0.5; // a feature is represented if its column is longer

export const importanceOf = (n, ratio) => Float64Array.from({ length: n }, (_, i) => ratio ** i);

// The loss of ignoring a feature of importance 1: its variance.
export const ignoring = (sparsity) => (1 - sparsity) / 3 - (1 - sparsity) ** 2 / 4;

// The least loss without ReLU: the m most important features are kept, and the others ignored.
export function linearLoss({ m, sparsity, importance }) {
  const rest = [...importance].sort((a, b) => b - a).slice(m);
  return (ignoring(sparsity) * rest.reduce((sum, value) => sum + value, 0)) / importance.length;
}

export const columnOf = (W, i, n, m) => Float64Array.from({ length: m }, (_, k) => W[k * n + i]);

// The columns of W as rows.
export function columnsOf(W, n, m) {
  const rows = new Float64Array(n * m);
  for (let i = 0; i < n; i++) rows.set(columnOf(W, i, n, m), i * m);
  return rows;
}

export const lengthsOf = (W, n, m) => Array.from({ length: n }, (_, i) => Math.hypot(...columnOf(W, i, n, m)));

export const represented = (W, n, m) => lengthsOf(W, n, m).filter((length) => length > HALF).length;

// D_i of every column: |w_i|^2 over the sum of its squared products with all columns, by its unit vector.
export function dimensionalities(W, n, m) {
  const columns = Array.from({ length: n }, (_, i) => columnOf(W, i, n, m));
  const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  return columns.map((own) => {
    const square = dot(own, own);
    const sum = columns.reduce((total, other) => total + dot(own, other) ** 2, 0);
    return sum > 0 ? square ** 2 / sum : 0;
  });
}

// The test whether columns lie on the axes: fourth powers beside those in random turns of the hidden space. Null for
// a single neuron, or a single represented feature, where there is nothing to turn or to compare.
export function axesTest(W, n, m) {
  const lengths = lengthsOf(W, n, m);
  const kept = lengths.flatMap((length, i) => (length > HALF ? [...columnOf(W, i, n, m)] : []));
  if (m < 2 || kept.length < 2 * m) return null;
  const directions = directionsOf(Float64Array.from(kept), m);
  return tested(quartimax(directions), [...inRandomBases(directions, BASES)]);
}

const p = (value) => (value < 0.01 ? value.toExponential(0) : value.toFixed(2));

// The last sentence of a training.
export function testInWords(test) {
  if (!test) return "With one neuron, or fewer than two represented features, there is no axis to compare with others.";
  const place = test.p <= 0.05 ? (test.above ? "more on the axes of the neurons than" : "less on the axes of the neurons than") : "on the axes of the neurons as much as";
  return `Features lie ${place} in ${test.draws} random turns of the hidden space: fourth powers ${test.value.toFixed(3)}, of turns ${test.low.toFixed(3)} to ${test.high.toFixed(3)}, p = ${p(test.p)}, raw. One network is one seed: counts of seeds are in the figure below.`;
}
