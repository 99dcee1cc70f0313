// Representations out of a reader's own file, .npy or .csv: samples by neurons. Errors are one sentence. A large file
// takes seconds, so reading is work in slices (slices.mjs).

export const LIMITS = { bytes: 100e6, samples: 200000, neurons: 256 };

const ACCEPTED = `accepted: samples x neurons, up to ${LIMITS.samples.toLocaleString("en")} x ${LIMITS.neurons}`;

const TYPES = new Map(Object.entries({
  f4: ["getFloat32", 4],
  f8: ["getFloat64", 8],
  b1: ["getUint8", 1],
  i1: ["getInt8", 1],
  u1: ["getUint8", 1],
  i2: ["getInt16", 2],
  u2: ["getUint16", 2],
  i4: ["getInt32", 4],
  u4: ["getUint32", 4],
  i8: ["getBigInt64", 8],
  u8: ["getBigUint64", 8],
}));

const NUMBERS = 1 << 14; // read between two pauses

// What a file holds: { values, n, count }, values neuron by neuron.
export function* opening(name, bytes) {
  if (bytes.byteLength > LIMITS.bytes) {
    throw new Error(`${name} has ${Math.round(bytes.byteLength / 1e6)} MB; accepted: up to ${LIMITS.bytes / 1e6} MB.`);
  }
  const read = new Map([["npy", fromNpy], ["csv", fromCsv]]).get(name.toLowerCase().split(".").at(-1));
  if (!read) throw new Error(`${name} is of no kind that can be read; accepted: .npy and .csv.`);
  const { count, n, at, above = 0 } = yield* read(name, bytes);
  if (!(count >= 1 && n >= 2 && count <= LIMITS.samples && n <= LIMITS.neurons)) {
    throw new Error(`${name} has ${count} samples of ${n} neurons; ${ACCEPTED}, at least 1 x 2.`);
  }
  const values = new Float32Array(n * count);
  const size = Math.ceil(NUMBERS / n);
  for (let s = 0; s < count; s++) {
    for (let k = 0; k < n; k++) {
      const value = at(s, k);
      values[k * count + s] = value;
      if (!Number.isFinite(values[k * count + s])) {
        const where = `row ${s + above + 1}, column ${k + 1}`;
        throw new Error(`${name} has ${value} in ${where}; accepted: finite numbers that float32 can hold.`);
      }
    }
    if (s % size === 0) yield;
  }
  return { values, n, count };
}

function* fromNpy(name, bytes) {
  const view = new DataView(bytes);
  const magic = bytes.byteLength >= 12 && view.getUint32(0) === 0x934e554d && view.getUint16(4) === 0x5059;
  if (!magic) throw new Error(`${name} is not a .npy file; accepted: what numpy.save writes.`);
  const wide = view.getUint8(6) > 1;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(bytes.slice(start, start + length));
  const [, order, type] = header.match(/'descr': '([<>|])(\w+)'/) ?? [];
  const shape = header.match(/'shape': \(([^)]*)\)/)?.[1].split(",").filter((part) => part.trim()).map(Number) ?? [];
  if (!TYPES.has(type)) throw new Error(`${name} holds numbers of another type; accepted: float32, float64, integers and truth values.`);
  if (shape.length !== 2) throw new Error(`${name} has shape (${shape.join(", ")}); ${ACCEPTED}.`);
  const [count, n] = shape;
  const [get, size] = TYPES.get(type);
  const begin = start + length;
  if (bytes.byteLength < begin + count * n * size) throw new Error(`${name} is truncated; accepted: a whole file.`);
  const [down, across] = header.includes("'fortran_order': True") ? [1, count] : [n, 1];
  yield;
  return { count, n, at: (s, k) => Number(view[get](begin + (s * down + k * across) * size, order !== ">")) };
}

function* fromCsv(name, bytes) {
  const rows = [];
  let above = 0; // lines before the first row
  for (const line of yield* linesOf(bytes)) {
    const row = Float64Array.from(line.trim().split(/\s*[,;\t]\s*|\s+/), (part) => (part === "" ? NaN : Number(part)));
    if (!rows.length && !above && row.every(Number.isNaN)) above = 1; // names of columns
    else rows.push(row);
    const n = rows[0]?.length;
    if (rows.length && row.length !== n) {
      const where = `row ${rows.length + above}`;
      throw new Error(`${name} has ${row.length} columns in ${where} and ${n} in the first; accepted: as many in each.`);
    }
    if (rows.length % Math.ceil(NUMBERS / 4 / row.length) === 0) yield;
  }
  return { count: rows.length, n: rows[0]?.length ?? 0, at: (s, k) => rows[s][k], above };
}

// The lines of a text that hold anything.
function* linesOf(bytes) {
  const decoder = new TextDecoder();
  const found = [];
  let rest = "";
  for (let start = 0; start < bytes.byteLength; start += 1 << 18) {
    const lines = (rest + decoder.decode(bytes.slice(start, start + (1 << 18)), { stream: true })).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) if (line.trim()) found.push(line);
    yield;
  }
  return rest.trim() ? [...found, rest] : found;
}
