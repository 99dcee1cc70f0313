// A view in words that open it elsewhere.

import { SETTINGS } from "./settings.mjs";

// Python that opens the same view in JupyterLab; settings that are at their default there are left out.
export function pythonOf(get, network) {
  const own = Boolean(network.values);
  const standing = { ...SETTINGS, beside: "", ...(own && { network: get("network"), epoch: get("epoch") }) };
  const changed = Object.keys(SETTINGS).filter((name) => String(get(name)) !== String(standing[name]));
  const literal = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value));
  const settings = changed.map((name) => `${name}=${literal(get(name))}`);
  if (!own) return `from isoaux.explorer import Explorer\n\nExplorer(${settings.join(", ")})`;
  const file = JSON.stringify(network.network);
  const read = network.network.toLowerCase().endsWith(".npy") ? `np.load(${file})` : `np.loadtxt(${file}, delimiter=",")`;
  return `import numpy as np\nfrom isoaux.explorer import Explorer\n\nExplorer(${[read, ...settings].join(", ")})`;
}
