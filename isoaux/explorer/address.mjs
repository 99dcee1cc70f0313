// What a page's address says of settings, after its #. Anything else that it holds is passed over. `checks` say what every
// setting may be: a map of functions by name.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

// A check of whole numbers.
export const between = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;

const numberOf = (text) => (NUMBER.test(text) ? Number(text) : NaN);

// A setting out of the address as the kind of value that its own is.
function valueOf(own, text) {
  if (Array.isArray(own)) return text === "" ? [] : text.split(",").map(numberOf);
  if (typeof own === "number") return numberOf(text);
  return typeof own === "boolean" && ["true", "false"].includes(text) ? text === "true" : text;
}

// Whether it says anything of the settings that may be set.
export const addresses = (hash, checks) => [...new URLSearchParams(hash.slice(1)).keys()].some((name) => checks.has(name));

// The settings that it says, and an element's own where it says nothing; the last one where it says several.
export function addressed(hash, own, checks) {
  const settings = { ...own };
  for (const [name, text] of new URLSearchParams(hash.slice(1))) {
    if (!checks.has(name)) continue;
    const value = valueOf(own[name], text);
    if (checks.get(name)(value)) settings[name] = value;
  }
  return settings;
}
