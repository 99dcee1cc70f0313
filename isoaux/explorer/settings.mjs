// What a reader may set, with its values at the start, and what networks are called.

export const SETTINGS = {
  network: "cifar-U-tanh-n18-L0 k0",
  beside: "cifar-U-isotanh-n18-L0 k0",
  epoch: 125,
  epsilon: 0.75,
  basis: "standard",
  seed: 1,
  turn: [0, 1, 0],
  variant: "combination",
  plane: [],
  shared: false,
};

const ACTIVATIONS = {
  tanh: "tanh",
  isotanh: "isotropic tanh",
  lrelu: "Leaky-ReLU",
  isolrelu: "isotropic Leaky-ReLU",
  bnlrelu_elem: "odd Leaky-ReLU",
  bnlrelu_max: "max-norm Leaky-ReLU",
  dnlrelu: "parity Leaky-ReLU",
};

export const keyOf = ({ network, layer }) => `${network} k${layer}`;

// A name for people: "tanh, raw pixels, n = 18, L = 0"; representations of one's own have one already.
export function nameOf({ network }) {
  const match = network.match(/^(\w+)-([NU])-(\w+)-n(\d+)-L(\d+)$/);
  if (!match) return network;
  const [, data, pixels, activation, n, depth] = match;
  const inputs = `${pixels === "N" ? "standardised" : "raw"} ${data === "mnist" ? "MNIST " : ""}pixels`;
  return `${ACTIVATIONS[activation] ?? activation}, ${inputs}, n = ${n}, L = ${depth}`;
}

export function titleOf({ network, layer }) {
  const name = nameOf({ network });
  return name === network ? name : `${name}, layer ${layer}`;
}
