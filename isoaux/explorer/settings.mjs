// What a reader may set, with its values at the start, and what networks are called.

import { between } from "./address.mjs";
import { NAMED_BASES } from "./named.mjs";

export const SETTINGS = {
  network: "cifar-N-tanh-n32-L0 k0",
  beside: "cifar-N-isotanh-n32-L0 k0",
  epoch: 125,
  epsilon: 0.75,
  basis: "standard",
  seed: 1,
  turn: [0, 1, 0],
  variant: "combination",
  plane: [],
  shared: false,
};

const isRow = between(0, 255);
const areRows = ([i, j]) => isRow(i) && isRow(j) && i !== j;

// What every setting may be, `keys` being those of the networks that there are.
export const settable = (keys) => new Map(
  Object.entries({
    network: (value) => keys.has(value),
    beside: (value) => value === "" || keys.has(value),
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

// Whether a turn [i, j, degrees] or a plane [i, j] is one of a basis of so many vectors; another one is passed over.
export const turns = ([i, j], vectors) => i !== j && Math.min(i, j) >= 0 && Math.max(i, j) < vectors;
export const isPlane = (plane, vectors, variant) =>
  plane.length === 2 && turns(plane, vectors) && (plane[0] < plane[1] || variant === "permutation");

const ACTIVATIONS = new Map(Object.entries({
  tanh: "tanh",
  isotanh: "isotropic tanh",
  lrelu: "Leaky-ReLU",
  isolrelu: "isotropic Leaky-ReLU",
  bnlrelu_elem: "odd Leaky-ReLU",
  bnlrelu_max: "max-norm Leaky-ReLU",
  dnlrelu: "parity Leaky-ReLU",
  gentanh: "generalised tanh",
  gaugetanh: "gauge tanh",
}));

// Of several seeds the first has the short key; the others are `replicate`s.
export const keyOf = ({ network, layer, seed, replicate }) => `${network} k${layer}${replicate ? ` seed ${seed}` : ""}`;

const PIXELS = { N: "standardised", U: "raw", S: "symmetric" };

const TWINS = new Map([["tanh", "isotanh"], ["lrelu", "isolrelu"]]);

// The key of a network's twin, of those that there are: the same but for an isotropic activation, or for an anisotropic one.
export function twinOf(networks, key) {
  const network = networks.get(key);
  const [, data, activation, size] = network?.network.match(/^(\w+-[NUS])-(\w+)-(n\d+-.*)$/) ?? [];
  const isotropic = TWINS.get(activation) ?? (/lrelu_|^dnlrelu$/.test(activation) ? "isolrelu" : null);
  const plain = [...TWINS].find(([, twin]) => twin === activation)?.[0];
  const twin = keyOf({ ...network, network: `${data}-${isotropic ?? plain}-${size}` });
  return data && networks.has(twin) ? twin : null;
}

// The images that a network was trained on, in words; nothing for representations of one's own.
export function pixelsOf({ network }) {
  const [, data, pixels] = network.match(/^(\w+)-([NUS])-\w+-n\d/) ?? [];
  return data && `${data === "mnist" ? "MNIST" : "CIFAR-10"}, ${PIXELS[pixels]} pixels`;
}

// A name for people: "tanh, raw pixels, n = 18, L = 0"; representations of one's own have one already.
export function nameOf({ network }) {
  const match = network.match(/^(\w+)-([NUS])-(\w+)-n(\d+)-L(\d+)(?:-m(\d+))?(?:-h([\dx]+))?$/);
  if (!match) return network;
  const [, data, pixels, activation, n, depth, vectors, hidden] = match;
  const inputs = `${PIXELS[pixels]} ${data === "mnist" ? "MNIST " : ""}pixels`;
  const more = `${vectors ? `, m = ${vectors}` : ""}${hidden ? `, hidden ${hidden}` : ""}`;
  return `${ACTIVATIONS.get(activation) ?? activation}, ${inputs}, n = ${n}, L = ${depth}${more}`;
}

export function titleOf({ network, layer, seed, replicate }) {
  const name = nameOf({ network });
  return name === network ? name : `${name}, layer ${layer}${replicate ? `, seed ${seed}` : ""}`;
}
