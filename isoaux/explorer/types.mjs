// The types of numbers in files, by the name that they have here: their bytes as numbers that float32 or float64 holds.

// Float32 holds numbers up to the first, and fewer digits of those below the second.
export const LARGEST = 3.4028235677973366e38;
export const SMALLEST = 2 ** -126;

const BF16 = "bf16";

// A table of all 65,536 numbers of 16 bits, made when it is first needed.
const remembered = (numberOf) => {
  let table;
  return (buffer) => {
    table ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => numberOf(bits));
    const bits = new Uint16Array(buffer);
    const numbers = new Float32Array(bits.length);
    for (let k = 0; k < bits.length; k++) numbers[k] = table[bits[k]];
    return numbers;
  };
};

// A number of 16 bits as IEEE 754 has it: sign, 5 bits of exponent, 10 of fraction.
export function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

// The upper half of a float32.
function brain(bits) {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0];
}

// Whole numbers of 64 bits, low half first.
const long = (High) => (buffer) => {
  const [low, high] = [new Uint32Array(buffer), new High(buffer)];
  return Float64Array.from({ length: low.length / 2 }, (_, k) => high[2 * k + 1] * 2 ** 32 + low[2 * k]);
};

const short = (Kind) => (buffer) => new Float32Array(new Kind(buffer));
const middle = (Kind) => (buffer) => new Float64Array(new Kind(buffer));

// Of every type its size in bytes, its name for people and `read`, from an ArrayBuffer to an array of numbers.
export const TYPES = new Map([
  ["f2", { size: 2, words: "float16", read: remembered(half) }],
  [BF16, { size: 2, words: "bfloat16", read: remembered(brain) }],
  ["f4", { size: 4, words: "float32", read: (buffer) => new Float32Array(buffer) }],
  ["f8", { size: 8, words: "float64", read: (buffer) => new Float64Array(buffer) }],
  ["b1", { size: 1, words: "truth values", read: short(Uint8Array) }],
  ["i1", { size: 1, words: "int8", read: short(Int8Array) }],
  ["u1", { size: 1, words: "uint8", read: short(Uint8Array) }],
  ["i2", { size: 2, words: "int16", read: short(Int16Array) }],
  ["u2", { size: 2, words: "uint16", read: short(Uint16Array) }],
  ["i4", { size: 4, words: "int32", read: middle(Int32Array) }],
  ["u4", { size: 4, words: "uint32", read: middle(Uint32Array) }],
  ["i8", { size: 8, words: "int64", read: long(Int32Array) }],
  ["u8", { size: 8, words: "uint64", read: long(Uint32Array) }],
]);

export const READABLE = "float16, bfloat16, float32, float64, whole numbers and truth values";

// What else NumPy stores, by the letter of its kind.
const OTHER_TYPES = new Map([
  ["c", "complex numbers"],
  ["O", "Python objects, for which a reader would have to run what the file says"],
  ["U", "text"],
  ["S", "text"],
  ["a", "text"],
  ["M", "dates"],
  ["m", "spans of time"],
  ["V", "records"],
  ["g", "numbers of more than 64 bits"],
]);

// The letters and words for which NumPy has one type.
const NAMED = new Map(
  Object.entries({
    "?": "b1", bool: "b1", bool_: "b1", b: "i1", B: "u1", h: "i2", H: "u2", i: "i4", I: "u4", l: "i8", L: "u8", q: "i8", Q: "u8",
    e: "f2", half: "f2", f: "f4", single: "f4", d: "f8", double: "f8", float: "f8", int: "i8", float16: "f2", float32: "f4",
    float64: "f8", int8: "i1", int16: "i2", int32: "i4", int64: "i8", uint8: "u1", uint16: "u2", uint32: "u4", uint64: "u8",
    bfloat16: BF16,
  }),
);

// The type that NumPy describes so: { type, big }, big for the most significant byte first, or { other }, what it is then.
// Two bytes of no type are how NumPy writes bfloat16, of which it has none.
export function described(words) {
  if (typeof words !== "string") return { other: "records" };
  const [, order, rest] = words.match(/^([<>=|]?)(.*)$/s);
  const type = rest === "V2" ? BF16 : (NAMED.get(rest) ?? rest);
  if (TYPES.has(type)) return { type, big: order === ">", untyped: rest === "V2" };
  const [, kind] = rest.match(/^([a-zA-Z])\d*(\[.*\])?$/) ?? [];
  return { other: OTHER_TYPES.get(kind) ?? `numbers of the type ${JSON.stringify(words)}` };
}

// The same of a .safetensors file.
export function tensorType(words) {
  const [, kind, bits] = String(words).match(/^(F|I|U|BF)(\d+)$/) ?? [];
  const type = words === "BOOL" ? "b1" : words === "BF16" ? BF16 : kind && `${kind.toLowerCase()}${bits / 8}`;
  return TYPES.has(type) ? { type, big: false } : { other: `numbers of the type ${JSON.stringify(words)}` };
}

// The numbers in some bytes; with `big`, the bytes of each are turned round first, where they are.
export function numbersIn(buffer, { type, big }) {
  const { size, read } = TYPES.get(type);
  if (big && size > 1) {
    const bytes = new Uint8Array(buffer);
    for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
  }
  return read(buffer);
}
