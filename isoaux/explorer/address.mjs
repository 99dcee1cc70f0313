// What a page's address says of the settings, after its #. Anything else that it holds is passed over.

import { NAMED_BASES } from "./named.mjs";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const between = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;
const isRow = between(0, 255);
const areRows = ([i, j]) => isRow(i) && isRow(j) && i !== j;

// What every setting may be, `keys` being those of the networks that there are.
const SETTABLE = new Map(
  Object.entries({
    network: (value, keys) => keys.has(value),
    beside: (value, keys) => value === "" || keys.has(value),
    epoch: between(0, 1e6),
    epsilon: (value) => value >= 0 && value < 1,
    basis: (value) => value !== "given" && NAMED_BASES.has(value),
    seed: between(0, 2 ** 32 - 1),
    turn: (value) => value.length === 3 && areRows(value) && between(-90, 90)(value[2]),
    variant: (value) => ["combination", "permutation"].includes(value),
    plane: (value) => value.length === 0 || (value.length === 2 && areRows(value)),
    shared: (value) => typeof value === "boolean",
  }),
);

const numberOf = (text) => (NUMBER.test(text) ? Number(text) : NaN);

// A setting out of the address as the kind of value that its own is.
function valueOf(own, text) {
  if (Array.isArray(own)) return text === "" ? [] : text.split(",").map(numberOf);
  if (typeof own === "number") return numberOf(text);
  return typeof own === "boolean" && ["true", "false"].includes(text) ? text === "true" : text;
}

// Whether it says anything of settings.
export const addresses = (hash) => [...new URLSearchParams(hash.slice(1)).keys()].some((name) => SETTABLE.has(name));

// The settings that it says, and an explorer's own where it says nothing; the last one where it says several.
export function addressed(hash, own, keys) {
  const settings = { ...own };
  for (const [name, text] of new URLSearchParams(hash.slice(1))) {
    if (!SETTABLE.has(name)) continue;
    const value = valueOf(own[name], text);
    if (SETTABLE.get(name)(value, keys)) settings[name] = value;
  }
  return settings;
}
