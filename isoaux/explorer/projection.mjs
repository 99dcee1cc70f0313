// Privileged-plane projection (PPP): which representations lie near which plane, and where. As isoaux.ppp has it.

// Planes in the order of isoaux.bases.pairs: all pairs of rows, or only i < j.
export function planes(m, variant) {
  const found = [];
  for (let i = 0; i < m; i++) for (let j = variant === "permutation" ? 0 : i + 1; j < m; j++) if (i !== j) found.push([i, j]);
  return found;
}

// The mean number of points of isotropic representations (isoaux.ppp.expected_isotropic_count).
export function expectedCount(samples, n, planeCount, epsilon) {
  return samples * planeCount * (1 - epsilon * epsilon) ** ((n - 2) / 2);
}

// The end of the places q > p of a sample with c_p^2 + c_q^2 > limit. Squares fall from place to place, so these are
// the first ones, and the end for p is at most the end for p - 1, which is given.
function past(sorted, p, end, limit) {
  const square = sorted[p] * sorted[p];
  while (end > p + 1 && !(square + sorted[end - 1] * sorted[end - 1] > limit)) end--;
  return end;
}

// Room for the points of one sample in all planes of a prepared cloud.
export function room({ m }) {
  const pairs = (m * (m - 1)) / 2;
  return { i: new Uint8Array(pairs), j: new Uint8Array(pairs), x: new Float64Array(pairs), y: new Float64Array(pairs) };
}

// The points of sample s in the planes i < j, those with |w| > epsilon |v|, into `points`; how many they are.
export function pointsOf({ m, gram, sine, orthonormal, needed, totals, sorted, index }, s, epsilon, points) {
  const limit = epsilon * epsilon * totals[s];
  let end = (s + 1) * m;
  let found = 0;
  for (let p = s * m; p < end - 1; p++) {
    end = past(sorted, p, end, limit * needed);
    for (let q = p + 1; q < end; q++) {
      const upright = index[p] < index[q];
      const one = upright ? p : q;
      const two = upright ? q : p;
      const i = index[one];
      const j = index[two];
      const x = sorted[one];
      let y = sorted[two];
      if (!orthonormal) {
        const across = sine[i * m + j];
        y = (y - gram[i * m + j] * x) / across;
        if (across === 0 || !(x * x + y * y > limit)) continue;
      }
      points.i[found] = i;
      points.j[found] = j;
      points.x[found] = x;
      points.y[found++] = y;
    }
  }
  return found;
}

// The same point in the plane (j, i): [x, y].
export function swapped({ m, gram, sine, orthonormal }, i, j, x, y) {
  if (orthonormal) return [y, x];
  const [g, across] = [gram[i * m + j], sine[i * m + j]];
  const other = g * x + across * y;
  return [other, (x - g * other) / across];
}

// Kept points as numbers: their count, per plane (i * m + j), <cos 4t> and <sin 2t>, t the angle of a point on its plane,
// how many samples are `kept` in any plane, and the points' histogram over [-window, window] squared, row 0 at the
// bottom. `plane` [i, j] narrows all but `counts`.
export function* measured(prepared, view) {
  const tally = new Tally(prepared, view);
  yield* tally.all();
  return tally.found();
}

// The same, counted block by block: what the blocks so far have is found at any time, from `seen` samples. Blocks are
// taken from all over the samples, so that the first of them are a fair part of all.
export class Tally {
  constructor(prepared, { epsilon, variant, plane = null, window = 0, cells = 0 }) {
    const { m, count } = prepared;
    Object.assign(this, { prepared, view: { epsilon, variant, plane, window, cells }, seen: 0, block: 0 });
    this.sums = { count: 0, kept: 0, sine: 0, squares: 0, counts: new Int32Array(m * m), histogram: new Int32Array(STRIDE * STRIDE) };
    this.size = Math.ceil(1e5 / (m * m));
    this.blocks = Math.ceil(count / this.size);
    this.order = spread(this.blocks);
  }

  // What has to be ready before the first block.
  *ready() {
    const { prepared, view } = this;
    if (prepared.orthonormal) yield* place(prepared, view.window, view.cells);
  }

  next() {
    const { prepared, view, sums, size } = this;
    const start = this.order[this.block++] * size;
    const end = Math.min(start + size, prepared.count);
    (prepared.orthonormal ? addSorted : addPoints)(prepared, view, start, end, sums);
    this.seen += end - start;
  }

  *all() {
    yield* this.ready();
    while (this.block < this.blocks) {
      this.next();
      yield;
    }
  }

  found() {
    const { prepared, view: { variant, plane, cells } } = this;
    const sums = { ...this.sums, counts: this.sums.counts.slice(), histogram: this.sums.histogram };
    if (prepared.orthonormal) {
      if (variant === "permutation") sums.histogram = sums.histogram.slice();
      mirror(sums, prepared.m, variant, plane);
    }
    const { count, kept, sine, squares, counts } = sums;
    const histogram = new Uint32Array(cells * cells);
    for (let row = 0; row < cells; row++) {
      histogram.set(sums.histogram.subarray(row * STRIDE, row * STRIDE + cells), row * cells);
    }
    return { count, kept, counts, histogram, c4: count ? 1 - (2 * squares) / count : 0, s2: count ? sine / count : 0 };
  }
}

// So many blocks in the order of their numbers' bits turned round, in which the first ones are spread over all of them.
function spread(blocks) {
  const bits = Math.ceil(Math.log2(Math.max(1, blocks)));
  const turnedRound = (k) => Array.from({ length: bits }, (_, bit) => ((k >> bit) & 1) << (bits - 1 - bit)).reduce((a, b) => a | b, 0);
  return Array.from({ length: 1 << bits }, (_, k) => turnedRound(k)).filter((block) => block < blocks);
}

// Some samples of a prepared cloud: those that `mask` has, by their number among all samples.
export function masked(prepared, mask) {
  const { m, count, step = 1, sorted, index, totals } = prepared;
  const samples = Array.from({ length: count }, (_, s) => s).filter((s) => mask[s * step]);
  const part = { sorted: new Float64Array(samples.length * m), index: new Uint8Array(samples.length * m) };
  samples.forEach((s, at) => {
    part.sorted.set(sorted.subarray(s * m, (s + 1) * m), at * m);
    part.index.set(index.subarray(s * m, (s + 1) * m), at * m);
  });
  const own = Float64Array.from(samples, (s) => totals[s]);
  return { ...prepared, ...part, totals: own, count: samples.length, placed: null, points: null };
}

// The samples with a point of a view within so many degrees of a direction, as a mask of all samples.
export function* pointing(prepared, { epsilon, variant, plane }, direction, within) {
  const { m, count, step = 1 } = prepared;
  const mask = new Uint8Array(count * step);
  const points = room(prepared);
  const least = Math.cos((within * Math.PI) / 180);
  const [along, up] = [Math.cos((direction * Math.PI) / 180), Math.sin((direction * Math.PI) / 180)];
  const there = (i, j, [x, y]) =>
    (plane === null || (plane[0] === i && plane[1] === j)) && along * x + up * y > 0 && along * x + up * y >= least * Math.hypot(x, y);
  for (let s = 0; s < count; s++) {
    const found = pointsOf(prepared, s, epsilon, points);
    for (let p = 0; p < found && !mask[s * step]; p++) {
      const [i, j, x, y] = [points.i[p], points.j[p], points.x[p], points.y[p]];
      if (there(i, j, [x, y])) mask[s * step] = 1;
      else if (variant === "permutation" && there(j, i, swapped(prepared, i, j, x, y))) mask[s * step] = 1;
    }
    if (s % Math.ceil(1e5 / (m * m)) === 0) yield;
  }
  return mask;
}

// Cells of a row of the histogram while it is filled; the last one takes what lies outside the window.
const STRIDE = 256;
const OUTSIDE = STRIDE - 1;

const cellOf = (value, window, cells) => {
  const cell = Math.floor((value + window) * (cells / (2 * window)));
  return cell >= 0 && cell < cells ? cell : OUTSIDE;
};

// Row of the basis (high byte) and cell of the histogram (low byte) of every coordinate, kept for the next call.
function* place(prepared, window, cells) {
  if (prepared.placed && prepared.window === window && prepared.cells === cells) return;
  const { sorted, index, count, m } = prepared;
  const placed = new Uint16Array(count * m);
  for (let start = 0; start < placed.length; start += 1 << 16) {
    const end = Math.min(start + (1 << 16), placed.length);
    for (let k = start; k < end; k++) placed[k] = (index[k] << 8) | cellOf(sorted[k], window, cells);
    yield;
  }
  Object.assign(prepared, { placed, window, cells });
}

// Points of an orthonormal basis in planes i < j, counted under the row of their larger coordinate first.
function addSorted({ m, totals, sorted, placed }, { epsilon, plane }, from, to, sums) {
  const { counts, histogram } = sums;
  const alone = plane !== null;
  const [one, other] = alone ? [plane[0] * m + plane[1], plane[1] * m + plane[0]] : [-1, -1];
  let count = 0;
  let kept = 0;
  let halves = 0.0; // of sin 2t
  let squares = 0.0;
  for (let s = from; s < to; s++) {
    const limit = epsilon * epsilon * totals[s];
    let end = (s + 1) * m;
    const before = count;
    for (let p = s * m; p < end - 1; p++) {
      end = past(sorted, p, end, limit);
      const x = sorted[p];
      const square = x * x;
      const here = placed[p];
      const row = (here >> 8) * m;
      for (let q = p + 1; q < end; q++) {
        const there = placed[q];
        const pair = row + (there >> 8);
        counts[pair] = (counts[pair] + 1) | 0;
        if (alone && pair !== one && pair !== other) continue;
        count++;
        const y = sorted[q];
        const half = (x * y) / (square + y * y);
        halves += half;
        squares += half * half;
        const excess = here - there; // rows are compared without a branch: the smaller one is the horizontal axis
        const smaller = excess & (excess >> 31);
        const cell = (((here - smaller) & 255) << 8) | ((there + smaller) & 255);
        histogram[cell] = (histogram[cell] + 1) | 0;
      }
    }
    if (count > before) kept++;
  }
  sums.count += count;
  sums.kept += kept;
  sums.sine += 2 * halves;
  sums.squares += 4 * squares;
}

// What was counted in planes i < j for the planes of a variant: a point of the plane (j, i) is one of (i, j) mirrored.
function mirror(sums, m, variant, plane) {
  const { counts, histogram } = sums;
  const both = variant === "permutation";
  for (let i = 0; i < m; i++) {
    for (let j = i + 1; j < m; j++) {
      counts[i * m + j] += counts[j * m + i];
      counts[j * m + i] = both ? counts[i * m + j] : 0;
    }
  }
  if (!both || (plane && plane[0] < plane[1])) return;
  if (!plane) for (const name of ["count", "sine", "squares"]) sums[name] *= 2;
  for (let row = 0; row < STRIDE; row++) {
    for (let column = row; column < STRIDE; column++) {
      const [a, b] = [histogram[row * STRIDE + column], histogram[column * STRIDE + row]];
      histogram[row * STRIDE + column] = plane ? b : a + b;
      histogram[column * STRIDE + row] = plane ? a : a + b;
    }
  }
}

// Points of any basis.
function addPoints(prepared, { epsilon, variant, plane, window, cells }, from, to, sums) {
  const { m } = prepared;
  const points = (prepared.points ??= room(prepared));
  const both = variant === "permutation";
  const wanted = plane ? plane[0] * m + plane[1] : -1;
  const { counts, histogram } = sums;
  const perUnit = cells / (2 * window);
  for (let s = from; s < to; s++) {
    const found = pointsOf(prepared, s, epsilon, points);
    const before = sums.count;
    for (let p = 0; p < found; p++) {
      const i = points.i[p];
      const j = points.j[p];
      const x = points.x[p];
      const y = points.y[p];
      addOne(i * m + j, x, y);
      if (both) addOne(j * m + i, ...swapped(prepared, i, j, x, y));
    }
    if (sums.count > before) sums.kept++;
  }

  function addOne(pair, x, y) {
    counts[pair]++;
    if (wanted >= 0 && pair !== wanted) return;
    sums.count++;
    const sin2t = (2 * x * y) / (x * x + y * y);
    sums.sine += sin2t;
    sums.squares += sin2t * sin2t;
    const column = Math.floor((x + window) * perUnit);
    const row = Math.floor((y + window) * perUnit);
    histogram[((row >= 0 && row < cells ? row : OUTSIDE) << 8) | (column >= 0 && column < cells ? column : OUTSIDE)]++;
  }
}
