// Spotlight resonance (SRM): the share of representations in a cone that turns through each plane, by counting the ends
// of the intervals in which each is inside. As isoaux.srm has it, at every degree.

import { cloud, inBasis } from "./cloud.mjs";
import { planes, pointsOf, room, swapped } from "./projection.mjs";

export const DEGREES = 360;

export const ANGLES = DEGREES + 1; // of a whole turn with both ends

const EDGE = 1e-9; // by which part the threshold is less for the vectors themselves: their arcs often end at whole degrees

const FLAT = 1e-12; // a curve whose shares differ by less is constant

// The samples in the spotlight of some planes [i, j], i < j: { there, back } from b_i and from b_j, each with `counts`, of
// ANGLES numbers a plane, their `sum` over the planes at every angle and the largest one, `most`.
export function* insides(prepared, listed, epsilon) {
  const { m } = prepared;
  const places = new Int32Array(m * m).fill(-1);
  listed.forEach(([i, j], p) => (places[i * m + j] = p * ANGLES));
  const [there, back] = [0, 1].map(() => new Int32Array(listed.length * ANGLES));
  const points = room(prepared);
  for (let s = 0; s < prepared.count; s++) {
    const length = epsilon * Math.sqrt(prepared.totals[s]);
    const kept = pointsOf(prepared, s, epsilon, points);
    for (let p = 0; p < kept; p++) {
      const [i, j, x, y] = [points.i[p], points.j[p], points.x[p], points.y[p]];
      const place = places[i * m + j];
      if (place < 0) continue;
      lightUp(there, place, length, x, y);
      lightUp(back, place, length, ...swapped(prepared, i, j, x, y));
    }
    if (kept > 256 || s % 256 === 0) yield;
  }
  return { there: yield* added(there), back: yield* added(back) };
}

// Changes from angle to angle become counts, in place.
function* added(counts) {
  const sum = new Float64Array(ANGLES);
  let most = 0;
  for (let place = 0; place < counts.length; place += ANGLES) {
    for (let degree = 0; degree < DEGREES; degree++) {
      if (degree > 0) counts[place + degree] += counts[place + degree - 1];
      sum[degree] += counts[place + degree];
      most = Math.max(most, counts[place + degree]);
    }
    counts[place + DEGREES] = counts[place];
    if (place % (512 * ANGLES) === 0) yield;
  }
  sum[DEGREES] = sum[0];
  return { counts, sum, most };
}

// A point (x, y) is inside where cos(angle - its own) |(x, y)| >= length: where that begins and where it has passed.
function lightUp(changes, place, length, x, y) {
  const half = Math.acos(Math.min(length / Math.hypot(x, y), 1));
  const degree = DEGREES / (2 * Math.PI);
  const centre = -Math.atan2(y, x);
  const begin = Math.ceil((centre - half) * degree);
  const past = Math.floor((centre + half) * degree) + 1;
  if (past <= begin) return;
  const from = ((begin % DEGREES) + DEGREES) % DEGREES;
  const to = from + past - begin;
  changes[place + from]++;
  if (to <= DEGREES) changes[place + to]--;
  else {
    changes[place + DEGREES]--;
    changes[place]++;
    changes[place + to - DEGREES]--;
  }
}

// The spotlight of a view { epsilon, variant, plane } of so many samples: `lines`, each with ANGLES `counts` of samples for
// every plane in one of its orders; the number of these, `planes`, and the largest count, `most`; at every angle the mean
// share, `mean`, and that of the basis vectors, `itself`; `expected` of isotropic representations; and the `numbers` of
// isoaux.srm, of the planes that are shown in both orders.
export function* spotlit(prepared, basis, { epsilon, variant, plane }, samples, dimensions) {
  const { m, sine } = prepared;
  const reversed = plane !== null && plane[0] > plane[1];
  const shown = plane ? [[Math.min(...plane), Math.max(...plane)]] : planes(m, "combination");
  const listed = shown.filter(([i, j]) => sine[i * m + j] > 0);
  const ordered = ({ there, back }) => (reversed ? [back] : plane || variant === "combination" ? [there] : [there, back]);
  const counts = yield* insides(prepared, listed, epsilon);
  const vectors = yield* inBasis(together(basis), basis);
  const ofBasis = yield* insides(vectors, listed, epsilon * (1 - EDGE));
  const lines = ordered(counts);
  const mean = (of, size) => meanOf(of, listed.length * size);
  const both = [mean([counts.there, counts.back], samples), mean([ofBasis.there, ofBasis.back], m)];
  const reach = counts.there.most / (samples || 1);
  return {
    lines: lines.map((line) => line.counts),
    planes: lines.length * listed.length,
    samples,
    most: Math.max(...lines.map((line) => line.most)),
    mean: mean(lines, samples),
    itself: mean(ordered(ofBasis), m),
    expected: expectedShare(dimensions, epsilon),
    numbers: epsilon > 0 ? { ...resonating(...both), reach } : null,
  };
}

// Vectors as a cloud.
function together(basis) {
  const [m, n] = [basis.length, basis[0].length];
  return cloud(Float64Array.from({ length: m * n }, (_, at) => basis[at % m][Math.floor(at / m)]), n);
}

// The mean of sums at every angle, each over so many samples in all planes, as a share of these.
function meanOf(sums, whole) {
  return Float64Array.from({ length: ANGLES }, (_, degree) => sums.reduce((all, { sum }) => all + sum[degree], 0) / (sums.length * whole || 1));
}

// Resonance and phase of a mean curve beside that of the basis itself (isoaux.srm.numbers): how much more is in the spotlight where
// at least half of the most vectors are, and the correlation of the two curves.
export function resonating(mean, itself) {
  const [f, g] = [mean, itself].map((curve) => curve.slice(0, DEGREES));
  const bright = Math.max(...g) / 2;
  const average = (values) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : 0);
  const on = average(f.filter((_, degree) => g[degree] >= bright));
  const off = average(f.filter((_, degree) => g[degree] < bright));
  const [a, b] = [f, g].map((curve) => curve.map((value) => value - average(curve)));
  const product = (one, other) => one.reduce((sum, value, degree) => sum + value * other[degree], 0);
  const flat = [f, g].some((curve) => Math.max(...curve) - Math.min(...curve) < FLAT);
  return { resonance: on - off, phase: flat ? 0 : product(a, b) / Math.sqrt(product(a, a) * product(b, b)) };
}

// The share of uniform directions of R^n in any spotlight (isoaux.srm.expected), from the integral of sin^(n-2).
export function expectedShare(n, epsilon) {
  return integral(n - 2, Math.acos(epsilon)) / integral(n - 2, Math.PI);
}

function integral(power, end, steps = 2000) {
  let sum = 0;
  for (let k = 0; k <= steps; k++) {
    const weight = k === 0 || k === steps ? 1 : k % 2 ? 4 : 2;
    sum += weight * Math.sin((end * k) / steps) ** power;
  }
  return (sum * end) / (3 * steps);
}
