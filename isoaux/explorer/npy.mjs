// The head of a .npy file: a Python dictionary in text, which is read as Python reads it, however it is written.

import { READABLE, described } from "./types.mjs";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // "\x93NUMPY"

export const isNpy = (bytes) => MAGIC.every((byte, k) => bytes[k] === byte);

// A Python literal of dictionaries, tuples, lists, texts, whole numbers and names: Map, array, string, number, true, false,
// null. Throws where it is none.
export function literal(text) {
  let at = 0;
  const wrong = () => new Error(`no Python literal at ${JSON.stringify(text.slice(at, at + 12))}`);
  const next = (pattern) => {
    pattern.lastIndex = at;
    const [match = null] = pattern.exec(text) ?? [];
    if (match !== null) at += match.length;
    return match;
  };
  const blank = () => next(/\s*/y);
  const sign = (mark) => {
    blank();
    const there = text[at] === mark;
    if (there) at++;
    return there;
  };

  // Parts up to a closing sign, and whether a comma stood among them.
  function parts(end, part) {
    const list = [];
    let comma = false;
    while (!sign(end)) {
      if (list.length && !comma) throw wrong();
      list.push(part());
      const followed = sign(",");
      if (!followed && !(blank(), text[at] === end)) throw wrong();
      comma = followed;
    }
    return { list, comma };
  }

  function pair() {
    const key = value();
    if (!sign(":")) throw wrong();
    return [key, value()];
  }

  function value() {
    if (sign("{")) return new Map(parts("}", pair).list);
    if (sign("[")) return parts("]", value).list;
    if (sign("(")) {
      const { list, comma } = parts(")", value);
      return list.length === 1 && !comma ? list[0] : list;
    }
    const quoted = next(/[bBuU]?("([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*')/y);
    if (quoted !== null) return quoted.replace(/^[bBuU]/, "").slice(1, -1).replace(/\\(.)/g, "$1");
    const number = next(/[+-]?\d+[lL]?(?![\w.])/y);
    if (number !== null) return parseInt(number, 10);
    const name = next(/(True|False|None)\b/y);
    if (name !== null) return { True: true, False: false, None: null }[name];
    throw wrong();
  }

  const whole = value();
  blank();
  if (at < text.length && !/^[\s\0]*$/.test(text.slice(at))) throw wrong();
  return whole;
}

// What the head says: { type, big, other, shape, fortran, begin }, of a Blob; `name` is for what is refused.
export async function npyHead(blob, name) {
  const bytes = new Uint8Array(await blob.slice(0, 12).arrayBuffer());
  if (!isNpy(bytes) || bytes.length < 10) throw new Error(`${name} is not a .npy file; accepted: what numpy.save writes.`);
  if (![1, 2, 3].includes(bytes[6])) throw new Error(`${name} is a .npy file of version ${bytes[6]}; accepted: versions 1, 2 and 3.`);
  const view = new DataView(bytes.buffer);
  const start = bytes[6] > 1 ? 12 : 10;
  const length = bytes.length < start ? Infinity : bytes[6] > 1 ? view.getUint32(8, true) : view.getUint16(8, true);
  if (blob.size < start + length) throw new Error(`${name} is truncated in its head; accepted: a whole file.`);
  const text = new TextDecoder(bytes[6] === 3 ? "utf-8" : "latin1").decode(await blob.slice(start, start + length).arrayBuffer());
  let head;
  try {
    head = literal(text);
  } catch (error) {
    throw new Error(`${name} has a head that cannot be read (${error.message}); accepted: what numpy.save writes.`);
  }
  const shape = head instanceof Map ? head.get("shape") : null;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0) || typeof head.get("fortran_order") !== "boolean") {
    throw new Error(`${name} has a head without a shape and an order of numbers; accepted: what numpy.save writes.`);
  }
  return { ...described(head.get("descr")), shape, fortran: head.get("fortran_order"), begin: start + length };
}

export const refusedType = (name, other) => new Error(`${name} holds ${other}; accepted: ${READABLE}.`);
