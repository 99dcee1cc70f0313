// The bases that a network can be looked at in, by the name that settings have for them. A network is { width }, with
// `vectors` { count } where vectors came with it, and then `privileged`, their rows, once they are loaded; `given` are the rows of
// a basis that came with the explorer.

import { crossPolytope, simplex, spanning, standard } from "./bases.mjs";

// The most vectors of a basis that has more of them than there are neurons: 4,560 planes.
export const MOST_VECTORS = 96;

// By name, in words for people.
export const NAMED_BASES = new Map([
  ["standard", "standard"],
  ["random", "random rotation"],
  ["simplex", "simplex"],
  ["cross-polytope", "cross-polytope"],
  ["thomson", "Thomson"],
  ["given", "given"],
]);

// How many vectors a basis has; undefined where there is none of that name.
export function vectorsOf(name, { width, vectors }, given) {
  const counts = { standard: width, random: width, simplex: width + 1, "cross-polytope": 2 * width, thomson: vectors?.count, given: given?.length };
  return Object.hasOwn(counts, name) ? counts[name] : undefined;
}

// Whether a network can be looked at in a basis.
export function isOffered(name, network, given) {
  const count = vectorsOf(name, network, given);
  return ["simplex", "cross-polytope"].includes(name) ? count <= MOST_VECTORS : count !== undefined;
}

// The basis in which a network is shown when one is asked for: that one if it is there, else the standard basis.
export const shownIn = (name, network, given) => (isOffered(name, network, given) ? name : "standard");

// What a reader has to know where that is another one; nothing if it is not.
export function missingNote(name, network, given) {
  if (isOffered(name, network, given)) return "";
  const count = vectorsOf(name, network, given);
  const why = count
    ? `A ${name} has ${count} vectors in ${network.width} dimensions; those of up to ${MOST_VECTORS} are shown.`
    : `No vectors of a ${name === "thomson" ? "Thomson" : name} basis came with this network.`;
  return `${why} Shown is its standard basis.`;
}

// The rows of a basis that is not drawn at random.
export function rowsNamed(name, network, given) {
  const listed = { thomson: network.privileged, given }[name];
  if (listed) return listed.map((row) => Float64Array.from(row));
  return { standard, simplex, "cross-polytope": crossPolytope }[name](network.width);
}

// Whether vectors i and j of a basis span a plane, before it is made.
export function spanningNamed(name, network, given) {
  if (name === "cross-polytope") return (i, j) => Math.abs(i - j) !== network.width;
  const rows = { thomson: network.privileged, given }[name];
  return rows ? (i, j) => spanning(rows, i, j) : () => true;
}

// What the vectors of a basis are called, in their order: numbers from 0, as in the address and in Python, antipodes of a cross-polytope with a minus;
// `neurons` are those that a wide layer is of.
export function namesOf(name, network, given) {
  const { width, neurons } = network;
  const number = (k) => String(neurons?.[k] ?? k);
  if (name === "cross-polytope") return Array.from({ length: 2 * width }, (_, k) => (k < width ? number(k) : `−${number(k - width)}`));
  const called = name === "standard" ? number : String;
  return Array.from({ length: vectorsOf(name, network, given) }, (_, k) => called(k));
}
