// Representations and their coordinates in a basis, made ready for any threshold.

import { frame } from "./bases.mjs";

// Representations: `values` neuron by neuron, `totals` their squared lengths. Ratios do not depend on a scale, so
// whole numbers need none; of any float32 numbers, squares are exact enough in float64. `totals` are given where there are
// more neurons than are held.
export function cloud(values, n, totals = lengthsOf(values, n)) {
  return { values, n, count: values.length / n, totals };
}

function lengthsOf(values, n) {
  const count = values.length / n;
  const totals = new Float64Array(count);
  for (let k = 0; k < n; k++) {
    for (let s = 0; s < count; s++) totals[s] += values[k * count + s] * values[k * count + s];
  }
  return totals;
}

// The first samples of a cloud.
export function first(whole, count) {
  return count >= whole.count ? whole : picked(whole, count, 1);
}

// One sample in every `step` of a cloud.
export const thinned = (whole, step) => (step > 1 ? picked(whole, Math.floor(whole.count / step), step) : whole);

// So many samples of a cloud, one in every `step`.
function picked({ values, n, count: all, totals }, count, step) {
  const part = new values.constructor(n * count);
  for (let k = 0; k < n; k++) for (let s = 0; s < count; s++) part[k * count + s] = values[k * all + s * step];
  return cloud(part, n, Float64Array.from({ length: count }, (_, s) => totals[s * step]));
}

// Half the width of the picture: nearly all representations are shorter than that, in any basis. Where nearly all are
// zero, none is longer.
export function windowOf({ totals }, quantile = 0.99) {
  const sorted = Float64Array.from(totals).sort();
  return Math.sqrt(sorted[Math.floor(quantile * (sorted.length - 1))] || sorted.at(-1)) || 1;
}

// Coordinates c = B v. `sorted` has those of every sample by falling size, `index` the basis row of each, so that a
// threshold is met by the first few; `needed` is the least share of epsilon^2 |v|^2 that c_i^2 + c_j^2 must have for a
// point to be kept. Samples that are not kept at any epsilon of at least `least` are left out.
export function* inBasis(whole, basis, least = 0) {
  const own = frame(basis);
  const { m, orthonormal, gap } = own;
  const needed = orthonormal ? 1 : gap * (1 - 1e-6);
  const sorted = new Float64Array(whole.count * m);
  const index = new Uint8Array(whole.count * m);
  const totals = new Float64Array(whole.count);
  let count = 0;
  for (const { coordinates, start, end } of multiplied(whole, basis)) {
    for (let s = start; s < end; s++) {
      const at = (s - start) * m;
      const total = whole.totals[s];
      if (least > 0 && !(largestTwo(coordinates, at, m) > least * least * total * needed)) continue;
      totals[count] = total;
      sortInto(sorted, index, count++ * m, coordinates, at, m);
    }
    yield;
  }
  return { ...own, needed, count, sorted, index, totals };
}

// c = B v, sample by sample, of a block of samples after the other; the same array is filled again.
function* multiplied({ values, n, count }, basis) {
  const m = basis.length;
  const size = Math.max(16, Math.min(512, Math.floor(1e6 / (m * n))));
  const coordinates = new Float64Array(size * m);
  const sums = new Float64Array(size);
  for (let start = 0; start < count; start += size) {
    const end = Math.min(start + size, count);
    for (let i = 0; i < m; i++) {
      sums.fill(0);
      for (let k = 0; k < n; k++) addTo(sums, basis[i][k], values, k * count + start, end - start);
      for (let s = 0; s < end - start; s++) coordinates[s * m + i] = sums[s];
    }
    yield { coordinates, start, end };
  }
}

function addTo(sums, factor, values, from, size) {
  if (factor === 0) return;
  for (let s = 0; s < size; s++) sums[s] += factor * values[from + s];
}

function largestTwo(coordinates, at, m) {
  let [one, two] = [0, 0];
  for (let k = at; k < at + m; k++) {
    const square = coordinates[k] * coordinates[k];
    if (square > one) {
      two = one;
      one = square;
    } else if (square > two) two = square;
  }
  return one + two;
}

function sortInto(sorted, index, base, coordinates, at, m) {
  for (let k = 0; k < m; k++) {
    const value = coordinates[at + k];
    const size = Math.abs(value);
    let place = base + k;
    for (; place > base && Math.abs(sorted[place - 1]) < size; place--) {
      sorted[place] = sorted[place - 1];
      index[place] = index[place - 1];
    }
    sorted[place] = value;
    index[place] = k;
  }
}

export const JUDGED = 2000; // samples

// The `most` rows of a basis that have the largest mean share c_k^2 / |v|^2 of (up to JUDGED) samples, in their order:
// the planes that they span hold most of the representations' squared lengths.
export function* fullest(whole, basis, most) {
  const m = basis.length;
  const count = Math.min(whole.count, JUDGED);
  const some = picked(whole, count, Math.floor(whole.count / count));
  const shares = new Float64Array(m);
  for (const { coordinates, start, end } of multiplied(some, basis)) {
    for (let s = start; s < end; s++) {
      if (some.totals[s] === 0) continue;
      for (let k = 0; k < m; k++) shares[k] += coordinates[(s - start) * m + k] ** 2 / some.totals[s];
    }
    yield;
  }
  const rows = Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a] || a - b);
  return rows.slice(0, most).sort((a, b) => a - b);
}
