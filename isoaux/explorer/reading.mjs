// Representations out of a reader's own file, .npy or .csv: samples by neurons. Errors are one sentence.

export const LIMITS = { bytes: 100e6, samples: 200000, neurons: 256 };

const ACCEPTED = `accepted: samples x neurons, up to ${LIMITS.samples.toLocaleString("en")} x ${LIMITS.neurons}`;

const TYPES = {
  f4: ["getFloat32", 4],
  f8: ["getFloat64", 8],
  i1: ["getInt8", 1],
  u1: ["getUint8", 1],
  i2: ["getInt16", 2],
  u2: ["getUint16", 2],
  i4: ["getInt32", 4],
  u4: ["getUint32", 4],
};

// What a file holds: { values, n, count }, values neuron by neuron.
export function opened(name, bytes) {
  if (bytes.byteLength > LIMITS.bytes) {
    throw new Error(`${name} has ${Math.round(bytes.byteLength / 1e6)} MB; accepted: up to ${LIMITS.bytes / 1e6} MB.`);
  }
  const read = { npy: fromNpy, csv: fromCsv }[name.toLowerCase().split(".").at(-1)];
  if (!read) throw new Error(`${name} is of no kind that can be read; accepted: .npy and .csv.`);
  const { count, n, at } = read(name, bytes);
  if (!(count >= 1 && n >= 2 && count <= LIMITS.samples && n <= LIMITS.neurons)) {
    throw new Error(`${name} has ${count} samples of ${n} neurons; ${ACCEPTED}, at least 1 x 2.`);
  }
  const values = new Float32Array(n * count);
  for (let k = 0; k < n; k++) {
    for (let s = 0; s < count; s++) {
      const value = at(s, k);
      if (!Number.isFinite(value)) {
        throw new Error(`${name} has ${value} in row ${s + 1}, column ${k + 1}; accepted: finite numbers.`);
      }
      values[k * count + s] = value;
    }
  }
  return { values, n, count };
}

function fromNpy(name, bytes) {
  const view = new DataView(bytes);
  const magic = bytes.byteLength >= 12 && view.getUint32(0) === 0x934e554d && view.getUint16(4) === 0x5059;
  if (!magic) throw new Error(`${name} is not a .npy file; accepted: what numpy.save writes.`);
  const wide = view.getUint8(6) > 1;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(bytes.slice(start, start + length));
  const [, order, type] = header.match(/'descr': '([<>|])(\w+)'/) ?? [];
  const shape = header.match(/'shape': \(([^)]*)\)/)?.[1].split(",").filter((part) => part.trim()).map(Number) ?? [];
  if (!(type in TYPES)) throw new Error(`${name} holds numbers of another type; accepted: float32, float64 and integers of 8 to 32 bits.`);
  if (shape.length !== 2) throw new Error(`${name} has shape (${shape.join(", ")}); ${ACCEPTED}.`);
  const [count, n] = shape;
  const [get, size] = TYPES[type];
  const begin = start + length;
  if (bytes.byteLength < begin + count * n * size) throw new Error(`${name} is truncated; accepted: a whole file.`);
  const [down, across] = header.includes("'fortran_order': True") ? [1, count] : [n, 1];
  return { count, n, at: (s, k) => view[get](begin + (s * down + k * across) * size, order !== ">") };
}

function fromCsv(name, bytes) {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/).filter((line) => line.trim());
  const split = (line) => line.trim().split(/\s*[,;\t]\s*|\s+/).map((part) => (part === "" ? NaN : Number(part)));
  const rows = lines.map(split);
  if (rows.length > 1 && rows[0].every(Number.isNaN)) rows.shift(); // names of columns
  const n = rows[0]?.length ?? 0;
  const uneven = rows.findIndex((row) => row.length !== n);
  if (uneven >= 0) throw new Error(`${name} has ${rows[uneven].length} columns in row ${uneven + 1} and ${n} in the first; accepted: as many in each.`);
  return { count: rows.length, n, at: (s, k) => rows[s][k] };
}
