// Sets of distinguished directions: an array of rows, each a Float64Array of length 1. As isoaux.bases has them. What
// takes long in many dimensions is a generator (slices.mjs).

import { finished } from "./slices.mjs";

export const PARALLEL = 1e-9;

export function standard(n) {
  return Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, k) => +(i === k)));
}

// The n + 1 vertices of a regular simplex, from the Helmert matrix.
export function simplex(n) {
  const stretch = Math.sqrt((n + 1) / n);
  const entry = (i, k) => (i <= k ? 1 : i === k + 1 ? -(k + 1) : 0) / Math.sqrt((k + 1) * (k + 2));
  return Array.from({ length: n + 1 }, (_, i) => Float64Array.from({ length: n }, (_, k) => stretch * entry(i, k)));
}

// The 2n vertices of the regular cross-polytope: e_1 .. e_n, -e_1 .. -e_n.
export function crossPolytope(n) {
  return [...standard(n), ...standard(n).map((row) => row.map((value) => -value))];
}

// Vectors of n numbers that lie number by number, each divided by its length.
export function rowsIn(values, n) {
  const count = values.length / n;
  return Array.from({ length: count }, (_, i) => {
    const row = Float64Array.from({ length: n }, (_, k) => values[k * count + i]);
    scale(row, 1 / Math.sqrt(dot(row, row)));
    return row;
  });
}

// A Haar-random orthogonal matrix: Gaussian columns made orthonormal one after the other.
// isoaux.explorer.random_basis draws the same numbers, so that a view can be repeated in Python.
export const random = (n, seed) => finished(drawing(n, seed));

export function* drawing(n, seed, step = STEP) {
  const draw = gaussians(seed, step);
  const columns = standard(n);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) columns[k][i] = draw();
  for (let k = 0; k < n; k++) {
    yield;
    for (let twice = 0; twice < 2; twice++) {
      for (let before = 0; before < k; before++) add(columns[k], columns[before], -dot(columns[k], columns[before]));
    }
    scale(columns[k], 1 / Math.sqrt(dot(columns[k], columns[k])));
  }
  return Array.from({ length: n }, (_, i) => Float64Array.from(columns, (column) => column[i]));
}

// A basis in so many random orientations, one for each draw: its rows B Q^T, Q Haar-random. Q is drawn in other steps than
// the random bases that are shown: of random(n, seed), the draw with its seed would be the neuron basis.
export const rotated = (basis, draw) => finished(rotating(basis, draw));

export function* rotating(basis, draw) {
  const rotation = yield* drawing(basis[0].length, draw, NULL_STEP);
  const rows = [];
  for (const row of basis) {
    rows.push(Float64Array.from(rotation, (other) => dot(row, other)));
    yield;
  }
  return rows;
}

// Whether rows i and j span a plane: not where they are parallel or antiparallel.
export const spanning = (basis, i, j) => 1 - Math.abs(dot(basis[i], basis[j])) >= PARALLEL;

// Rows i and j, which span a plane, turned by an angle within it, b_i towards b_j; all other rows stay.
export function turned(basis, i, j, angle) {
  const g = dot(basis[i], basis[j]);
  const rest = basis[j].map((b, k) => b - g * basis[i][k]);
  const sine = Math.sqrt(dot(rest, rest));
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const [u, v] = [basis[i], rest.map((value) => value / sine)];
  const first = u.map((_, k) => cos * u[k] + sin * v[k]);
  const second = u.map((_, k) => g * first[k] + sine * (cos * v[k] - sin * u[k]));
  return basis.map((row, k) => (k === i ? first : k === j ? second : row));
}

// What is common to a basis: g_ij, sqrt(1 - g_ij^2), the smallest 1 - |g_ij| of a pair that spans a plane.
export function frame(basis) {
  const m = basis.length;
  const gram = new Float64Array(m * m);
  const sine = new Float64Array(m * m);
  let gap = 1;
  let orthonormal = true;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      const g = dot(basis[i], basis[j]);
      gram[i * m + j] = g;
      const rest = basis[j].map((b, k) => b - g * basis[i][k]);
      sine[i * m + j] = 1 - Math.abs(g) < PARALLEL ? 0 : Math.sqrt(dot(rest, rest));
      if (i !== j && sine[i * m + j] > 0) gap = Math.min(gap, 1 - Math.abs(g));
      if (Math.abs(g - +(i === j)) > 1e-12) orthonormal = false;
    }
  }
  return { m, gram, sine, gap, orthonormal };
}

export function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function add(a, b, factor) {
  for (let k = 0; k < a.length; k++) a[k] += factor * b[k];
}

function scale(a, factor) {
  for (let k = 0; k < a.length; k++) a[k] *= factor;
}

const STEP = 0x6d2b79f5;
export const NULL_STEP = 0x9e3779b9;

// Numbers between 0 and 1 from a seed: the 32-bit generator mulberry32. Another odd step is another sequence.
export function uniforms(seed, step = STEP) {
  let state = seed >>> 0;
  return () => {
    state = (state + step) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

// Normal numbers from a seed, by the Box-Muller transform.
export function gaussians(seed, step) {
  const uniform = uniforms(seed, step);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
