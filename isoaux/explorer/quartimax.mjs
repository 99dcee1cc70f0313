// The report's test of the neuron basis in a page: quartimax, the mean of the sum of u_i^4 over the directions u of
// representations, against its values in random bases, and the report's words (isoaux.statistics.report).

import { NULL_STEP, drawing, gaussians } from "./bases.mjs";
import { finished } from "./slices.mjs";

export const BASES = 199;

const LEVEL = 0.05;
const NARROW = Math.SQRT1_2; // up to this epsilon c4 does not tell axes from directions half way between
const EPSILON = 0.75;
const POINTS = 1000; // of isotropic activations at the threshold that is chosen

// The directions of samples (rows of n numbers): { units, n, count, zeros }, units row by row; zeros have none.
export function directionsOf(rows, n) {
  const units = new Float64Array(rows.length);
  let count = 0;
  for (let start = 0; start < rows.length; start += n) {
    let total = 0;
    for (let k = 0; k < n; k++) total += rows[start + k] * rows[start + k];
    if (total === 0) continue;
    const scale = 1 / Math.sqrt(total);
    for (let k = 0; k < n; k++) units[count * n + k] = rows[start + k] * scale;
    count++;
  }
  return { units: units.subarray(0, count * n), n, count, zeros: rows.length / n - count };
}

// Quartimax in the neuron basis.
export function quartimax({ units, count }) {
  let sum = 0;
  for (let k = 0; k < units.length; k++) sum += units[k] ** 4;
  return sum / Math.max(count, 1);
}

// Quartimax in random bases, one after the other. Of at least as many samples as neurons, draw d is in the basis
// basisOf(n, d). Of fewer, which span a smaller space, it is enough to draw the coordinates of as many
// orthonormal vectors: the columns of G R^-1, with G of normal numbers and R the Cholesky factor of G'G.
export function* inRandomBases(directions, draws) {
  const { n, count } = directions;
  if (count >= n) {
    const columns = transposed(directions.units, count, n);
    for (let draw = 1; draw <= draws; draw++) yield inBasisOf(columns, count, basisOf(n, draw));
    return;
  }
  const lengths = cholesky(products(directions.units, count, n), count);
  for (let draw = 1; draw <= draws; draw++) yield inFrame(lengths, count, normal(n, count, draw), n);
}

// The Haar-random basis of a draw.
export const basisOf = (n, draw) => finished(drawing(n, draw, NULL_STEP));

function inBasisOf(columns, count, basis) {
  const coordinates = new Float64Array(count);
  let sum = 0;
  for (const row of basis) {
    coordinates.fill(0);
    for (let k = 0; k < row.length; k++) {
      const [factor, from] = [row[k], k * count];
      for (let s = 0; s < count; s++) coordinates[s] += factor * columns[from + s];
    }
    sum += fourth(coordinates);
  }
  return sum / count;
}

// With U = L E, E of orthonormal rows, the coordinates of U' in the frame F = G R^-1 are F L' = G (R^-1 L').
export function inFrame(lengths, count, gaussian, n) {
  const factor = cholesky(products(transposed(gaussian, n, count), count, n), count); // lower, R its transpose
  const turned = new Float64Array(count * count); // R^-1 L', row by row: upper triangular
  for (let s = 0; s < count; s++) {
    for (let j = s; j >= 0; j--) {
      let value = lengths[s * count + j];
      for (let k = j + 1; k <= s; k++) value -= factor[k * count + j] * turned[k * count + s];
      turned[j * count + s] = value / factor[j * count + j];
    }
  }
  const coordinates = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    coordinates.fill(0);
    addRows(coordinates, gaussian, i * count, turned, count);
    sum += fourth(coordinates);
  }
  return sum / count;
}

// Add rows 0, 1, ... of an upper triangular matrix, each times a weight from `start` on, four at a time.
function addRows(sums, weights, start, rows, n) {
  for (let j = 0; j < n; j += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => (j + k < n ? weights[start + j + k] : 0));
    const [first, second, third, fourthRow] = [0, 1, 2, 3].map((k) => Math.min(j + k, n - 1) * n);
    for (let s = j; s < n; s++) sums[s] += a * rows[first + s] + b * rows[second + s] + c * rows[third + s] + d * rows[fourthRow + s];
  }
}

function fourth(numbers) {
  let sum = 0;
  for (let s = 0; s < numbers.length; s++) {
    const square = numbers[s] * numbers[s];
    sum += square * square;
  }
  return sum;
}

// Normal numbers, (rows, columns) row by row, of a draw.
export function normal(rows, columns, draw) {
  const next = gaussians(draw, NULL_STEP);
  const result = new Float64Array(rows * columns);
  for (let k = 0; k < result.length; k++) result[k] = next();
  return result;
}

function transposed(matrix, rows, columns) {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) result[k * rows + i] = matrix[i * columns + k];
  return result;
}

// The products of all pairs of rows, of which the lower half is filled.
function products(matrix, rows, columns) {
  const result = new Float64Array(rows * rows);
  for (let start = 0; start < columns; start += 512) {
    const end = Math.min(start + 512, columns);
    for (let i = 0; i < rows; i += 2) {
      const [first, second] = [i * columns, Math.min(i + 1, rows - 1) * columns];
      for (let j = 0; j <= i; j += 2) {
        const [left, right] = [j * columns, Math.min(j + 1, rows - 1) * columns];
        let [a, b, c, d] = [0, 0, 0, 0];
        for (let k = start; k < end; k++) {
          const [x, y] = [matrix[left + k], matrix[right + k]];
          a += matrix[first + k] * x;
          b += matrix[first + k] * y;
          c += matrix[second + k] * x;
          d += matrix[second + k] * y;
        }
        result[i * rows + j] += a;
        if (j + 1 < rows) result[i * rows + j + 1] += b;
        if (i + 1 < rows) result[(i + 1) * rows + j] += c;
        if (i + 1 < rows && j + 1 < rows) result[(i + 1) * rows + j + 1] += d;
      }
    }
  }
  return result;
}

// The lower triangular L with L L' = matrix, which is overwritten. A row that lies in the span of those before gets a zero.
export function cholesky(matrix, n) {
  for (let j = 0; j < n; j++) {
    const diagonal = matrix[j * n + j];
    let rest = diagonal;
    for (let k = 0; k < j; k++) rest -= matrix[j * n + k] ** 2;
    const pivot = rest > 1e-12 * diagonal ? Math.sqrt(rest) : 0;
    for (let i = j; i < n; i++) {
      let value = matrix[i * n + j];
      for (let k = 0; k < j; k++) value -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] = pivot ? value / pivot : 0;
    }
  }
  for (let i = 0; i < n; i++) matrix.fill(0, i * n + i + 1, (i + 1) * n);
  return matrix;
}

// A value among those in random bases: { value, null, p, low, high, above, draws }; p is two-sided, `low` and `high` hold
// the middle 95 %, and `above` says on which side of their median it lies. As isoaux.statistics.test_from_null.
export function tested(value, values) {
  const near = 8 * Number.EPSILON * Math.abs(value);
  const null_ = Float64Array.from(values, (number) => (Math.abs(number - value) <= near ? value : number)).sort();
  const [above, below] = [null_.filter((number) => number >= value).length, null_.filter((number) => number <= value).length];
  const p = Math.min(1, (2 * (1 + Math.min(above, below))) / (1 + null_.length));
  return { value, null: null_, p, low: quantile(null_, 0.025), high: quantile(null_, 0.975), above: value > quantile(null_, 0.5), draws: null_.length };
}

// As numpy.quantile: between two of the sorted numbers, in proportion.
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const next = sorted[Math.min(below + 1, sorted.length - 1)];
  return sorted[below] + (place - below) * (next - sorted[below]);
}

// A number to so many digits, as Python's format "g" writes it.
export function general(value, digits = 3) {
  if (value === 0) return "0";
  const [fraction, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) return String(Number(value.toPrecision(digits)));
  return `${String(Number(fraction))}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

// The answer of isoaux.statistics.report(activations, statistics="quartimax") in words.
export function answerOf({ value, p, low, high, above, draws }, epsilon) {
  const question = "Is the neuron basis special here?";
  const beside = `what ${draws} random bases give for raw activations`;
  if (p > LEVEL) return `${question} These numbers do not say so: none of 1 statistics lies outside ${beside} (least adjusted p = ${general(p, 2)}).`;
  const apart = epsilon > NARROW ? ", which c4 would tell apart" : `; c4 tells these apart only for an epsilon above ${general(NARROW, 2)}`;
  const meaning = above
    ? `directions gather on the axes, or half way between few of them${apart}`
    : "directions avoid the axes and lie between many of them";
  return (
    `${question} Yes: 1 of 1 statistics lies outside ${beside} (adjusted p of at most ${general(LEVEL)}), first of all quartimax, ` +
    `${general(value)} where the middle 95% of random bases is ${general(low)} to ${general(high)} (adjusted p = ${general(p, 2)}). That says: ${meaning}.`
  );
}

// What may be enough for a small p of activations as they came, by their mean and standard deviations and the lowest of them;
// as the last note of the report.
export function meaningOf({ means, deviations, lowest }) {
  const sum = (list) => list.reduce((a, b) => a + b * b, 0);
  const [length, spread] = [sum(means), sum(deviations)];
  const sorted = Float64Array.from(deviations).sort();
  const middle = quantile(sorted, 0.5) || 1;
  const share = Math.round((100 * length) / (length + spread));
  return (
    "A small p of raw activations says that they look different from the neurons than from most other bases, not why. Enough for it may be the mean, " +
    `${share}% of the squared length${lowest >= 0 ? " (no activation is below 0)" : ""}, or unequal scales (standard deviations of ` +
    `${general(sorted[0] / middle, 2)} to ${general(sorted.at(-1) / middle, 2)} times their median) and correlations of neurons; in Python, ` +
    '`prepare="centred"` takes the first away, `prepare="whitened"` all of them.'
  );
}

// The threshold of isoaux.statistics.report: at most the paper's, and lower where isotropic activations would leave hardly a
// point near so many planes.
export function thresholdOf(samples, width, planes) {
  if (width <= 2) return EPSILON;
  const share = Math.min(POINTS / Math.max(1, samples * planes), 0.25);
  return Math.min(EPSILON, Math.floor(100 * Math.sqrt(1 - share ** (2 / (width - 2)))) / 100);
}

export const loweredNote = (epsilon) =>
  `Epsilon is ${general(epsilon)} and not the paper's ${EPSILON}, at which isotropic activations of so many neurons would leave ` +
  "hardly a point near any plane.";
