// Privileged-plane projection (PPP): which representations lie near which plane, and where. As isoaux.ppp has it.

import { frame } from "./bases.mjs";

// Representations: `values` neuron by neuron, `totals` their squared lengths. Ratios do not depend on a scale, so
// whole numbers need none.
export function cloud(values, n) {
  const count = values.length / n;
  const totals = new Float64Array(count);
  for (let k = 0; k < n; k++) {
    for (let s = 0; s < count; s++) totals[s] += values[k * count + s] * values[k * count + s];
  }
  return { values, n, count, totals };
}

// The first samples of a cloud.
export function first(whole, count) {
  if (count >= whole.count) return whole;
  const { values, n } = whole;
  const part = new values.constructor(n * count);
  for (let k = 0; k < n; k++) part.set(values.subarray(k * whole.count, k * whole.count + count), k * count);
  return cloud(part, n);
}

// Coordinates c = B v, sample by sample, and how far each sample reaches into its best plane; the samples that reach
// furthest come first in `order`, so that a threshold is met by the first few.
export function inBasis(whole, basis) {
  const own = frame(basis);
  const { m } = own;
  const { count, totals } = whole;
  const coordinates = multiplied(whole, basis);
  const largest = new Float64Array(count);
  const reach = new Float64Array(count);
  for (let s = 0; s < count; s++) {
    let [one, two] = [0, 0];
    for (let k = s * m; k < (s + 1) * m; k++) {
      const square = coordinates[k] * coordinates[k];
      if (square > one) [one, two] = [square, one];
      else if (square > two) two = square;
    }
    largest[s] = one;
    reach[s] = totals[s] > 0 ? (one + two) / (totals[s] * own.gap) : 0;
  }
  const furthest = reach.reduce((a, b) => Math.max(a, b), 0);
  return { ...own, count, totals, coordinates, largest, reach, furthest, order: descending(reach, furthest) };
}

function multiplied({ values, n, count }, basis) {
  const m = basis.length;
  const found = new Float64Array(count * m);
  const sums = new Float64Array(count);
  basis.forEach((row, i) => {
    sums.fill(0);
    row.forEach((factor, k) => {
      if (factor === 0) return;
      const neuron = values.subarray(k * count, (k + 1) * count);
      for (let s = 0; s < count; s++) sums[s] += factor * neuron[s];
    });
    for (let s = 0; s < count; s++) found[s * m + i] = sums[s];
  });
  return found;
}

const LEVELS = 4096;

// Indices by falling value, equal to within 1 part in LEVELS of the largest: a counting sort.
function descending(values, largest) {
  const level = Uint16Array.from(values, (value) => LEVELS - Math.floor((value / (largest || 1)) * LEVELS));
  const ends = new Uint32Array(LEVELS + 2);
  for (const l of level) ends[l + 1]++;
  for (let l = 0; l <= LEVELS; l++) ends[l + 1] += ends[l];
  const order = new Uint32Array(values.length);
  for (let s = 0; s < level.length; s++) order[ends[level[s]]++] = s;
  return order;
}

// A store of kept points that grows as it is filled, and is filled again by the next call.
export class Kept {
  constructor() {
    this.length = 0;
    this.reserve(1 << 16);
  }

  reserve(size) {
    for (const [name, type] of [["sample", Uint32Array], ["i", Uint8Array], ["j", Uint8Array]]) {
      const larger = new type(size);
      if (this.length) larger.set(this[name].subarray(0, this.length));
      this[name] = larger;
    }
  }
}

// All pairs i < j of rows and samples with |w| > epsilon |v|: the rule is applied here only. Squares are compared.
export function accepted(prepared, epsilon, kept = new Kept()) {
  const { m, gram, sine, gap, orthonormal, totals, coordinates, largest, reach, furthest, order } = prepared;
  const share = epsilon * epsilon;
  const needed = orthonormal ? 1 : gap * (1 - 1e-6);
  const lowest = share - (1.5 * furthest) / LEVELS;
  const candidates = new Uint8Array(m);
  const squares = new Float64Array(m);
  kept.length = 0;
  for (let place = 0; place < order.length; place++) {
    const s = order[place];
    if (reach[s] < lowest) break;
    if (reach[s] < share * (1 - 1e-9)) continue;
    const limit = share * totals[s];
    const rest = limit * needed - largest[s];
    let found = 0;
    for (let k = 0; k < m; k++) {
      const c = coordinates[s * m + k];
      if (c * c >= rest * (1 - 1e-9) || rest <= 0) {
        squares[found] = c * c;
        candidates[found++] = k;
      }
    }
    if (kept.length + found * found > kept.sample.length) kept.reserve(2 * (kept.sample.length + found * found));
    for (let a = 0; a < found; a++) {
      for (let b = a + 1; b < found; b++) {
        if (orthonormal ? squares[a] + squares[b] > limit : inside(s, candidates[a], candidates[b], limit)) {
          kept.sample[kept.length] = s;
          kept.i[kept.length] = candidates[a];
          kept.j[kept.length++] = candidates[b];
        }
      }
    }
  }
  return kept;

  function inside(s, i, j, limit) {
    const across = sine[i * m + j];
    if (across === 0) return false;
    const x = coordinates[s * m + i];
    const y = (coordinates[s * m + j] - gram[i * m + j] * x) / across;
    return x * x + y * y > limit;
  }
}

// Planes in the order of isoaux.bases.pairs: all pairs of rows, or only i < j.
export function planes(m, variant) {
  const found = [];
  for (let i = 0; i < m; i++) for (let j = variant === "permutation" ? 0 : i + 1; j < m; j++) if (i !== j) found.push([i, j]);
  return found;
}

// Kept points as numbers: their count, per plane (i * m + j), <cos 4t> and <sin 2t>, t the angle of a point on its plane,
// and their histogram over [-window, window] squared, row 0 at the bottom. `plane` [i, j] narrows all but `counts`.
export function measure(prepared, kept, { variant, plane = null, window = 0, cells = 0 }) {
  const { m } = prepared;
  const counts = new Uint32Array(m * m);
  const histogram = new Uint32Array(cells * cells);
  const sums = { count: 0, angles: 0, sine: 0, squares: 0 };
  tally(prepared, kept, false, plane, window, cells, counts, histogram, sums);
  if (variant === "permutation") tally(prepared, kept, true, plane, window, cells, counts, histogram, sums);
  const { count, angles } = sums;
  return {
    count,
    counts,
    histogram,
    c4: angles ? 1 - (2 * sums.squares) / angles : 0,
    s2: angles ? sums.sine / angles : 0,
  };
}

function tally(prepared, kept, swapped, plane, window, cells, counts, histogram, sums) {
  const { m, gram, sine, orthonormal, coordinates } = prepared;
  const [firsts, seconds] = swapped ? [kept.j, kept.i] : [kept.i, kept.j];
  const [wantedI, wantedJ] = plane ?? [-1, -1];
  const factor = cells / (2 * window);
  let [count, angles, totalSine, totalSquares] = [0, 0, 0, 0];
  for (let p = 0; p < kept.length; p++) {
    const [i, j] = [firsts[p], seconds[p]];
    counts[i * m + j]++;
    if (plane && (i !== wantedI || j !== wantedJ)) continue;
    const start = kept.sample[p] * m;
    const x = coordinates[start + i];
    let y = coordinates[start + j];
    if (!orthonormal) y = (y - gram[i * m + j] * x) / sine[i * m + j];
    count++;
    const square = x * x + y * y;
    if (square > 0) {
      const sin2t = (2 * x * y) / square;
      angles++;
      totalSine += sin2t;
      totalSquares += sin2t * sin2t;
    }
    if (cells) {
      const column = Math.floor((x + window) * factor);
      const row = Math.floor((y + window) * factor);
      if (column >= 0 && column < cells && row >= 0 && row < cells) histogram[row * cells + column]++;
    }
  }
  sums.count += count;
  sums.angles += angles;
  sums.sine += totalSine;
  sums.squares += totalSquares;
}

// The mean number of points of isotropic representations (isoaux.ppp.expected_isotropic_count).
export function expectedCount(samples, n, planeCount, epsilon) {
  return samples * planeCount * (1 - epsilon * epsilon) ** ((n - 2) / 2);
}

// Half the width of the picture: nearly all representations are shorter than that, in any basis.
export function windowOf({ totals }, quantile = 0.99) {
  const sorted = Float64Array.from(totals).sort();
  return Math.sqrt(sorted[Math.floor(quantile * (sorted.length - 1))]) || 1;
}
