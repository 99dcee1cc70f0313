// The arrays in a file that may hold several: .npz, which is a zip archive of .npy files, and .safetensors. Each is
// { key, type, big, other, shape, fortran, begin } and `whole`, a promise of the Blob in which it begins there.

import { npyHead } from "./npy.mjs";
import { tensorType } from "./types.mjs";

const LEAST_END = 22; // bytes of the end of a zip archive's directory
const COMMENT = 65535; // that may follow it

const viewOf = async (blob, start, end) => new DataView(await blob.slice(start, end).arrayBuffer());
const number64 = (view, at) => view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true);
const text = (view, start, length) => new TextDecoder().decode(new Uint8Array(view.buffer, start, length));

// The files in a zip archive: { path, method, size, sum, packed, place, locked }.
export async function zipped(file, name) {
  const damaged = () => new Error(`${name} is a zip archive without a whole directory; accepted: a whole file.`);
  const from = Math.max(0, file.size - LEAST_END - COMMENT);
  const tail = await viewOf(file, from, file.size);
  let end = tail.byteLength - LEAST_END;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw damaged();
  let [size, start] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (end >= 20 && tail.getUint32(end - 20, true) === 0x07064b50) {
    const place = number64(tail, end - 12);
    const long = await viewOf(file, place, place + 56);
    if (long.byteLength < 56 || long.getUint32(0, true) !== 0x06064b50) throw damaged();
    [size, start] = [number64(long, 40), number64(long, 48)];
  }
  const view = await viewOf(file, start, start + size);
  if (view.byteLength < size) throw damaged();
  const entries = [];
  for (let at = 0; at < size; ) {
    if (at + 46 > size || view.getUint32(at, true) !== 0x02014b50) throw damaged();
    const [named, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    if (at + 46 + named + extra > size) throw damaged();
    const long = longer(view, at + 46 + named, extra);
    const field = (offset) => (view.getUint32(at + offset, true) === 0xffffffff ? long() : view.getUint32(at + offset, true));
    const [whole, packed, place] = [field(24), field(20), field(42)];
    const locked = (view.getUint16(at + 8, true) & 1) === 1;
    const [method, sum] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
    entries.push({ path: text(view, at + 46, named), method, sum, size: whole, packed, place, locked });
    at += 46 + named + extra + comment;
  }
  return entries;
}

// The 64-bit sizes of an entry, one after the other as they are asked for.
function longer(view, start, length) {
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    return () => number64(view, (next += 8) - 8);
  }
  return () => 0xffffffff;
}

// The bytes of an entry as a stream, and where they lie if they are stored as they are.
async function content(file, entry, name) {
  if (entry.locked) throw new Error(`${name} is encrypted; accepted: a file that is not.`);
  if (![0, 8].includes(entry.method)) {
    throw new Error(`${name} is packed by method ${entry.method} of zip; accepted: what numpy.savez and savez_compressed write.`);
  }
  const head = await viewOf(file, entry.place, entry.place + 30);
  const start = entry.place + 30 + (head.byteLength === 30 ? head.getUint16(26, true) + head.getUint16(28, true) : 0);
  const blob = file.slice(start, start + entry.packed);
  if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50 || blob.size < entry.packed) {
    throw new Error(`${name} is truncated; accepted: a whole file.`);
  }
  return entry.method === 0 ? blob : blob.stream().pipeThrough(new DecompressionStream("deflate-raw"));
}

// All bytes of an entry, as a Blob; what was packed is held against its checksum.
async function unzipped(file, entry, name) {
  const bytes = await content(file, entry, name);
  if (bytes instanceof Blob) return bytes;
  const parts = [];
  let sum = -1;
  const checked = new TransformStream({
    transform: (bytes, out) => {
      sum = checksum(bytes, sum);
      out.enqueue(bytes);
    },
  });
  try {
    parts.push(await new Response(bytes.pipeThrough(checked)).blob());
  } catch {
    // Said below, whatever the stream calls it.
  }
  if (parts[0]?.size === entry.size && ~sum >>> 0 === entry.sum) return parts[0];
  throw new Error(`${name} is damaged: it does not unpack to what was packed; accepted: a whole file.`);
}

const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

// The CRC-32 of zip, going on from `sum`, without the final complement.
function checksum(bytes, sum) {
  for (let k = 0; k < bytes.length; k++) sum = REMAINDERS[(sum ^ bytes[k]) & 255] ^ (sum >>> 8);
  return sum;
}

const HEAD = 1 << 17; // bytes in which the head of an array ends

// The first bytes of an entry, as a Blob.
async function beginning(file, entry, name) {
  const bytes = await content(file, entry, name);
  if (bytes instanceof Blob) return bytes;
  const reader = bytes.getReader();
  const parts = [];
  let size = 0;
  try {
    while (size < HEAD) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      size += value.length;
    }
  } catch {
    throw new Error(`${name} is damaged and cannot be unpacked; accepted: a whole file.`);
  }
  reader.cancel().catch(() => {});
  return new Blob(parts);
}

export async function npzArrays(file, entries) {
  const inside = entries.filter(({ path }) => /\.npy$/i.test(path));
  return Promise.all(
    inside.map(async (entry) => {
      const key = entry.path.replace(/\.npy$/i, "");
      const name = `${key} in ${file.name}`;
      const head = await npyHead(await beginning(file, entry, name), name);
      return { key, name, ...head, whole: () => unzipped(file, entry, name) };
    }),
  );
}

export const isSafetensors = (bytes) => bytes.length > 9 && bytes[8] === 0x7b && [4, 5, 6, 7].every((k) => bytes[k] === 0);

export async function tensors(file) {
  const length = number64(await viewOf(file, 0, 8), 0);
  const truncated = new Error(`${file.name} is truncated in its head; accepted: a whole file.`);
  if (file.size < 8 + length) throw truncated;
  let head;
  try {
    head = JSON.parse(await file.slice(8, 8 + length).text());
  } catch {
    throw new Error(`${file.name} has a head that is no JSON; accepted: what safetensors writes.`);
  }
  return Object.entries(head)
    .filter(([key]) => key !== "__metadata__")
    .map(([key, { dtype, shape, data_offsets: [start, end] = [] }]) => {
      if (!Array.isArray(shape) || !(end <= file.size - 8 - length)) throw truncated;
      const name = `${key} in ${file.name}`;
      return { key, name, ...tensorType(dtype), shape, fortran: false, begin: 8 + length + start, whole: async () => file };
    });
}
