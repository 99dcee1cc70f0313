// Representations out of a reader's own file: which arrays it holds, and of one of them as many samples and neurons as are
// shown. A file is a Blob with a name, read in slices; what is refused is refused in a sentence that quotes it and its place.

import { isSafetensors, npzArrays, tensors, zipped } from "./archives.mjs";
import { uniforms } from "./bases.mjs";
import { isNpy, npyHead, refusedType } from "./npy.mjs";
import { table } from "./tables.mjs";
import { SMALLEST, TYPES, numbersIn } from "./types.mjs";

// `whole` is the largest width of which all neurons are kept; of wider arrays, `kept` are, of at least `wide` samples.
export const LIMITS = { bytes: 500e6, samples: 200000, neurons: 4096, whole: 256, kept: 64, wide: 20000 };

const count = (number) => number.toLocaleString("en");

const LARGER = "for more there is the command `python -m isoaux report`";
const ACCEPTED = `accepted: samples x neurons, at least 1 x 2, of up to ${count(LIMITS.neurons)} neurons; ${LARGER}`;
const KINDS = "accepted: .npy, .npz and .safetensors files, and tables in text: .csv, .tsv, .txt and .dat";

const TABLES = ["csv", "tsv", "txt", "dat"];
const BLOCK = 1 << 23; // bytes that are read at once
const LOOKED = 1 << 26; // numbers of a wide array that are looked at
const APART = 5; // of so many samples, one is for choosing neurons, so that what is shown was not chosen for what it shows
const TESTED = 1 << 18; // numbers of the samples that are tested, ...
const PRODUCTS = 1 << 25; // ... or of the products that turn them, where these are more, ...
const FEWEST = 256; // ... of at least so many samples
const LARGEST_SQUARE = 2 ** 255; // beyond it numbers are looked at one by one

// What other kinds of files begin with, and what their reader may do.
const SAVE = 'numpy.save("x.npy", array)';
const OTHER_FILES = [
  [[0x50, 0x41, 0x52, 0x31], "a Parquet file", `save it with ${SAVE}`],
  [[0x89, 0x48, 0x44, 0x46], "an HDF5 file", `save the array in it with ${SAVE}`],
  [[0x1f, 0x8b], "a gzip file", "unpack it first"],
  [[0x28, 0xb5, 0x2f, 0xfd], "a zstd file", "unpack it first"],
  [[0x80], "a pickle, which may run anything", `load it where you trust it and save the array with ${SAVE}`],
  [[...new TextEncoder().encode("version https://git-lfs")], "a pointer of Git LFS and not the file", "fetch it with `git lfs pull`"],
  [[...new TextEncoder().encode("MATLAB 5.0")], "a MATLAB file", `read it with scipy.io.loadmat and ${SAVE}`],
];

const refuse = (words) => {
  throw new Error(words);
};

// The arrays of a file, as archives.mjs has them; `told` hears how much of a table was read, from 0 to 1.
export async function arraysOf(file, told = () => {}) {
  const { name, size } = file;
  if (!size) refuse(`${name} is empty; ${KINDS}.`);
  const bytes = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  const ending = name.toLowerCase().split(".").at(-1);
  if (isNpy(bytes)) return [{ key: "", name, ...(await npyHead(file, name)), whole: async () => file }];
  if (ending === "npy" && !bytes.every((byte) => byte > 8 && byte < 127)) await npyHead(file, name);
  if ([0x50, 0x4b].every((byte, k) => bytes[k] === byte) && bytes[2] < 9) return inZip(file);
  const [, what, help] = OTHER_FILES.find(([start]) => start.every((byte, k) => bytes[k] === byte)) ?? [];
  if (what && !(ending === "safetensors" && isSafetensors(bytes))) refuse(`${name} is ${what}; accepted: another kind of file, so ${help}.`);
  if (isSafetensors(bytes)) return some(await tensors(file), name);
  const writer = new Map([["npy", "NumPy"], ["npz", "NumPy"], ["safetensors", "safetensors"]]).get(ending);
  if (writer) refuse(`${name} is not a .${ending} file; accepted: what ${writer} writes.`);
  if (!TABLES.includes(ending)) refuse(`${name} is of no kind that can be read; ${KINDS}.`);
  if (size > LIMITS.bytes) refuse(tooLarge(name, size));
  return [await table(file, told)];
}

const tooLarge = (name, bytes) => `${name} has ${count(Math.round(bytes / 1e6))} MB; accepted: up to ${LIMITS.bytes / 1e6} MB; ${LARGER}.`;

async function inZip(file) {
  const { name } = file;
  const entries = await zipped(file, name);
  const has = (pattern) => entries.some(({ path }) => pattern.test(path));
  if (has(/\.npy$/i)) return some(await npzArrays(file, entries), name);
  const load = `torch.load("${name}", weights_only=True).float().numpy()`;
  const pickled = `${name} is a file of torch.save, which holds a pickle; accepted: a .npy file, so numpy.save("x.npy", ${load}).`;
  if (has(/(^|\/)data\.pkl$/)) refuse(pickled);
  if (has(/^\[Content_Types\]\.xml$/)) refuse(`${name} is a spreadsheet; accepted: a table in text, so save it as CSV.`);
  return refuse(`${name} is a zip archive without .npy files; accepted: what numpy.savez writes.`);
}

const some = (arrays, name) => (arrays.length ? arrays : refuse(`${name} holds no array; accepted: at least one.`));

// What an array is, for its reader: { key, words, shape, fits }.
export function inWords({ key, type, other, shape }) {
  const fits = !other && shape.length > 1 && shape.every((size) => size > 0);
  return { key, shape, fits, words: `${shape.join(" × ") || "one number"}, ${other ?? TYPES.get(type).words}` };
}

// What has to be asked before an array can be read: { arrays, chosen } with what they are, or nothing. `key` is the answer
// to which array, `axis` to which of its axes are the neurons.
export function questionOf(arrays, { key, axis } = {}) {
  const array = arrays.length === 1 ? arrays[0] : arrays.find((each) => each.key === key);
  if (array && (array.shape.length < 3 || axis !== undefined || array.other)) return null;
  const listed = arrays.map(inWords);
  const size = ({ fits, shape }) => (fits ? shape.reduce((a, b) => a * b, 1) : -1);
  const chosen = listed.reduce((best, each, k) => (size(each) > size(listed[best]) ? k : best), 0);
  return { arrays: listed, chosen };
}

// How the numbers of an array lie: those of sample o * inner + i are (o * n + k) * inner + i.
function layoutOf({ name, shape, fortran, skip = 0, other, type }, axis) {
  if (other) throw refusedType(name, other);
  if (shape.length < 2) refuse(`${name} has shape (${shape.join(", ")}${shape.length === 1 ? "," : ""}); ${ACCEPTED}.`);
  const at = axis ?? shape.length - 1;
  if (!Number.isInteger(at) || at < 0 || at >= shape.length) refuse(`axis is ${axis}; accepted: 0 to ${shape.length - 1}.`);
  const sizes = fortran ? [...shape].reverse() : shape;
  const place = fortran ? shape.length - 1 - at : at;
  const product = (list) => list.reduce((a, b) => a * b, 1);
  const [outer, n, inner] = [product(sizes.slice(0, place)), sizes[place], product(sizes.slice(place + 1))];
  const samples = outer * inner;
  const neurons = n - skip;
  if (!(samples >= 1 && neurons >= 2 && neurons <= LIMITS.neurons)) {
    refuse(`${name} has ${count(samples)} sample${samples === 1 ? "" : "s"} of ${count(neurons)} neuron${neurons === 1 ? "" : "s"}; ${ACCEPTED}.`);
  }
  const bytes = samples * n * TYPES.get(type).size;
  if (bytes > LIMITS.bytes) refuse(tooLarge(name, bytes));
  // The place of a number for people: row and column, counted from 1, or the index in Python.
  const where = (s, k) => {
    if (shape.length === 2) return `row ${s + 1}, column ${k + 1}`;
    const index = [];
    let rest = s;
    for (let at = sizes.length - 1; at >= 0; at--) {
      if (at === place) continue;
      index[at] = rest % sizes[at];
      rest = Math.floor(rest / sizes[at]);
    }
    index[place] = k;
    return `index [${(fortran ? index.reverse() : index).join(", ")}]`;
  };
  return { outer, n, inner, samples, neurons, skip, bytes, where };
}

// So many of 0, 1, ..., all - 1, in order: all of them, or some at random.
export function drawn(all, some, seed) {
  if (some >= all) return Int32Array.from({ length: all }, (_, k) => k);
  const uniform = uniforms(seed);
  const chosen = new Int32Array(some);
  for (let k = 0, taken = 0; taken < some; k++) if (uniform() * (all - k) < some - taken) chosen[taken++] = k;
  return chosen;
}

// The parts of an array that are read at once, one after the other in the file: samples of `outer` from o to o + os, neurons
// from k to k + ks, of `inner` from i to i + is.
function* partsOf({ outer, n, inner }, size) {
  const most = Math.max(1, Math.floor(BLOCK / size));
  const step = (length) => Math.max(1, Math.floor(most / length));
  const [os, ks, is] = [step(n * inner), step(inner), Math.min(inner, most)];
  for (let o = 0; o < outer; o += os) {
    for (let k = 0; k < n; k += n * inner <= most ? n : ks) {
      for (let i = 0; i < inner; i += is) {
        const part = { o, k, i, os: Math.min(os, outer - o), ks: n * inner <= most ? n : Math.min(ks, n - k), is: Math.min(is, inner - i) };
        yield { ...part, start: (o * n + k) * inner + i, length: part.os * part.ks * part.is };
      }
    }
  }
}

// The place of the first of sorted numbers that is at least `least`.
function placeOf(sorted, least) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Sums of the numbers of every neuron, less its first number, and of their squares.
class Sums {
  constructor(n, samples) {
    Object.assign(this, { samples, sums: new Float64Array(n), squares: new Float64Array(n), lowest: Infinity });
    this.origin = new Float64Array(n).fill(NaN);
  }

  // Add one sample's numbers; returns the sum of their squares.
  add(data, base, step, start, end) {
    const { sums, squares, origin } = this;
    let [total, lowest] = [0, this.lowest];
    for (let k = start, at = base + start * step; k < end; k++, at += step) {
      const value = data[at];
      total += value * value;
      if (value < lowest) lowest = value;
      if (origin[k] !== origin[k]) origin[k] = value;
      const moved = value - origin[k];
      sums[k] += moved;
      squares[k] += moved * moved;
    }
    this.lowest = lowest;
    return total;
  }

  mean(k) {
    return this.origin[k] + this.sums[k] / this.samples;
  }

  variance(k) {
    return Math.max(0, this.squares[k] / this.samples - (this.sums[k] / this.samples) ** 2);
  }
}

// Goes through chosen samples of an array, part by part, and has their squared lengths and the sums of all neurons.
class Gathering {
  constructor(array, layout, samples) {
    Object.assign(this, { array, layout, samples, faint: new Map(), law: new Sums(layout.n, samples.length) });
    this.totals = new Float64Array(samples.length);
  }

  // Go through the file: `each(data, base, step, p, first, end)` for every chosen sample, of which neuron k of a part, from
  // `first` to `end`, is data[base + k * step]. `told` hears how much of it is done, from 0 to 1.
  async through(each, told) {
    const { array, layout, samples } = this;
    const { n, inner, skip } = layout;
    const { size } = TYPES.get(array.type);
    const blob = await array.whole();
    const needed = array.begin + layout.outer * n * inner * size;
    if (blob.size < needed) refuse(`${array.name} is truncated: it has ${count(blob.size)} bytes of ${count(needed)}; accepted: a whole file.`);
    for (const { o, os, k, ks, i, is, start, length } of partsOf(layout, size)) {
      const from = placeOf(samples, o * inner + i);
      const to = placeOf(samples, (o + os - 1) * inner + i + is);
      if (from === to) continue;
      const begin = array.begin + start * size;
      let buffer = await blob.slice(begin, begin + length * size).arrayBuffer();
      const few = inner === 1 && 2 * (to - from) < os; // of many rows, which are taken out before they become numbers
      if (few) buffer = rowsOf(buffer, ks * size, samples.subarray(from, to), o);
      const data = numbersIn(buffer, array);
      for (let p = from; p < to; p++) {
        const slab = Math.floor(samples[p] / inner);
        const base = ((few ? p - from : slab - o) * ks - k) * is + samples[p] - slab * inner - i;
        each(data, base, is, p, Math.max(k, skip), k + ks);
      }
      told((start + length) / (layout.outer * n * inner));
    }
  }

  // One sample's numbers into the sums.
  add(data, base, step, p, start, end) {
    const total = this.law.add(data, base, step, start, end);
    this.totals[p] += total;
    if (total <= LARGEST_SQUARE && total >= SMALLEST * SMALLEST) return;
    for (let k = start; k < end; k++) this.#check(data[base + k * step], p, k);
  }

  // Refuse a number that float32 cannot hold; remember one so small that it would lose digits.
  #check(value, p, k) {
    if (!Number.isFinite(Math.fround(value))) this.#refuse(value, p, k);
    if (value !== 0 && Math.abs(value) < SMALLEST && !this.faint.has(p)) this.faint.set(p, [value, k]);
  }

  #refuse(value, p, k) {
    refuse(`${this.array.name} has ${value} in ${this.layout.where(this.samples[p], k)}; accepted: finite numbers that float32 can hold.`);
  }

  // Refuse a sample all of whose numbers would lose digits.
  finish() {
    for (const [p, [value, k]] of this.faint) if (this.totals[p] < SMALLEST * SMALLEST) this.#refuse(value, p, k);
  }
}

// Rows of some bytes each, those of samples of which the first row is number `start`.
function rowsOf(buffer, size, samples, start) {
  const bytes = new Uint8Array(samples.length * size);
  samples.forEach((s, row) => bytes.set(new Uint8Array(buffer, (s - start) * size, size), row * size));
  return bytes.buffer;
}

// An array as it is shown and tested: { values, n, count, dimension, neurons, totals, window, differs, tested, law, notes }.
// `values` of n neurons, neuron by neuron, of `count` samples; `neurons`, their places among those of the file, counted from
// 0; `dimension`, how many neurons there are that change; `totals`, the samples' squared lengths in all of these; `differs`,
// whether at least two neurons change; `tested`, some samples in all of these, row by row; `law`, mean and standard deviation
// of each and the lowest number. `axis` is the one of the neurons.
export async function read(array, { axis, seed = 1 } = {}, told = () => {}) {
  const layout = layoutOf(array, axis);
  const { samples: given, neurons: width, skip, n } = layout;
  const whole = width <= LIMITS.whole;
  const samples = drawn(given, Math.min(LIMITS.samples, whole ? Infinity : Math.max(LIMITS.wide, Math.floor(LOOKED / width))), seed);
  const taken = samples.length;
  const apart = whole || taken < APART ? [] : drawn(taken, Math.floor(taken / APART), seed + 2);
  const shown = placesOf(taken, apart);
  const count = taken - apart.length;
  const few = Math.min(taken, Math.max(FEWEST, Math.floor(Math.min(TESTED / width, PRODUCTS / width ** 2))));
  const rows = new Float32Array(few * width);
  const rowOf = new Int32Array(taken).fill(-1);
  drawn(taken, few, seed + 1).forEach((p, row) => (rowOf[p] = row));
  const gathering = new Gathering(array, layout, samples);
  const { law } = gathering;
  const choosing = apart.length ? new Sums(n, apart.length) : law;
  const all = whole ? new Float32Array(count * width) : null;
  await gathering.through(
    (data, base, step, p, start, end) => {
      gathering.add(data, base, step, p, start, end);
      if (shown[p] < 0) choosing.add(data, base, step, start, end);
      if (rowOf[p] >= 0) for (let k = start; k < end; k++) rows[rowOf[p] * width + k - skip] = data[base + k * step];
      if (whole) for (let k = start; k < end; k++) all[(k - skip) * count + p] = data[base + k * step];
    },
    (share) => told(whole ? share : share / 2),
  );
  gathering.finish();
  let changing = [];
  for (let k = skip; k < n; k++) if (law.squares[k] > 0) changing.push(k);
  const differs = changing.length > 1; // or all neurons are kept, and nothing can be tested
  if (!differs) changing = Array.from({ length: width }, (_, k) => k + skip);
  const kept = whole ? changing : largest(changing, (k) => choosing.variance(k), LIMITS.kept);
  const values = whole && kept.length === width ? all : new Float32Array(count * kept.length);
  if (whole && values !== all) kept.forEach((k, h) => values.set(all.subarray((k - skip) * count, (k - skip + 1) * count), h * count));
  if (!whole) {
    await gathering.through(
      (data, base, step, p, start, end) => {
        if (shown[p] < 0) return;
        for (let h = placeOf(kept, start); h < kept.length && kept[h] < end; h++) values[h * count + shown[p]] = data[base + kept[h] * step];
      },
      (share) => told((1 + share) / 2),
    );
  }
  return {
    values,
    n: kept.length,
    count,
    dimension: changing.length,
    neurons: Int32Array.from(kept, (k) => k - skip),
    totals: lengthsIn(changing, gathering, layout).filter((_, p) => shown[p] >= 0),
    window: reach(values, kept.length, count),
    differs,
    tested: { rows: columnsOf(rows, width, changing.map((k) => k - skip)), count: few },
    law: {
      means: Float64Array.from(changing, (k) => law.mean(k)),
      deviations: Float64Array.from(changing, (k) => Math.sqrt(law.variance(k))),
      lowest: law.lowest,
    },
    notes: [...(array.notes ?? []), ...leftOut({ given, taken, width, changing: changing.length, kept: kept.length, apart: apart.length, array })],
  };
}

// The place of every sample among those that are not set apart, and -1 for these.
function placesOf(taken, apart) {
  const places = new Int32Array(taken);
  apart.forEach((p) => (places[p] = -1));
  let next = 0;
  for (let p = 0; p < taken; p++) if (places[p] === 0) places[p] = next++;
  return places;
}

// The `most` numbers of a list of which `size` is largest, in their order.
function largest(list, size, most) {
  const sizes = new Map(list.map((k) => [k, size(k)]));
  return [...list].sort((a, b) => sizes.get(b) - sizes.get(a) || a - b).slice(0, most).sort((a, b) => a - b);
}

// The samples' squared lengths in the neurons that change: the others add the same to all.
function lengthsIn(changing, { totals, law }, { n, skip, neurons }) {
  if (changing.length === neurons) return totals;
  const change = new Set(changing);
  let rest = 0;
  for (let k = skip; k < n; k++) if (!change.has(k)) rest += law.origin[k] ** 2;
  return totals.map((total) => Math.max(0, total - rest));
}

function columnsOf(rows, width, columns) {
  if (columns.length === width) return rows;
  const picked = new Float32Array((rows.length / width) * columns.length);
  for (let s = 0; s < rows.length / width; s++) columns.forEach((k, at) => (picked[s * columns.length + at] = rows[s * width + k]));
  return picked;
}

// Half the width of the picture: nearly all samples have no two coordinates that lie farther out together.
function reach(values, n, samples, quantile = 0.99) {
  const farthest = new Float64Array(samples);
  for (let s = 0; s < samples; s++) {
    let [first, second] = [0, 0];
    for (let k = 0; k < n; k++) {
      const square = values[k * samples + s] * values[k * samples + s];
      if (square > first) [first, second] = [square, first];
      else if (square > second) second = square;
    }
    farthest[s] = first + second;
  }
  farthest.sort();
  return Math.sqrt(farthest[Math.floor(quantile * (samples - 1))] || farthest.at(-1)) || 1;
}

// What a reader has to know of what was left out.
function leftOut({ given, taken, width, changing, kept, apart, array }) {
  const pairs = (m) => count((m * (m - 1)) / 2);
  const where = apart ? ` in ${count(apart)} samples, which are not shown` : "";
  return [
    array.untyped && "Two bytes of no type were read as bfloat16, which NumPy writes so.",
    taken < given && `Of ${count(given)} samples ${count(taken)} were drawn at random.`,
    changing < width && `${count(width - changing)} of ${count(width)} neurons never change and were left out.`,
    kept < changing &&
      `There are ${count(changing)} neurons; shown are the ${kept} that carry the most variance${where}, so ` +
        `${pairs(kept)} of ${pairs(changing)} pairs. Lengths are those in all neurons; a random basis turns these alone.`,
  ].filter(Boolean);
}
