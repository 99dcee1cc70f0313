// A view in words that open it elsewhere, and the buttons that copy them.

import { button, keyed, make } from "./elements.mjs";
import { shownIn, vectorsOf } from "./named.mjs";
import { SETTINGS, isPlane, turns } from "./settings.mjs";

const OF_NOTEBOOKS = ["standard", "random", "simplex"]; // bases that their parameters name

// The basis in which a network is shown.
const basisIn = (get, network) => (get("basis") === "given" ? "given" : shownIn(get("basis"), network));

// Python that opens the same view in JupyterLab; settings that are at their default there are left out, and those that
// are passed over since this network has no such vectors.
export function pythonOf(get, network) {
  const own = Boolean(network.values);
  const standing = { ...SETTINGS, beside: "", ...(own && { network: get("network"), epoch: get("epoch") }) };
  if (network.array) Object.assign(standing, { network: "representations k0", epoch: 0 });
  const basis = basisIn(get, network);
  const vectors = basis === "given" ? Infinity : (vectorsOf(basis, network) ?? Infinity);
  standing.basis = basis === get("basis") ? standing.basis : get("basis"); // another one is passed over
  if (!turns(get("turn"), vectors)) standing.turn = get("turn");
  if (!isPlane(get("plane"), vectors, get("variant"))) standing.plane = get("plane");
  const changed = Object.keys(SETTINGS).filter((name) => String(get(name)) !== String(standing[name]));
  const literal = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value));
  const settings = changed.map((name) => (name === "basis" && get(name) === "given" ? "basis=basis" : `${name}=${literal(get(name))}`));
  if (network.array) return `from isoaux.explorer import Explorer\n\nExplorer(${["activations", ...settings].join(", ")})`;
  if (!own) return `from isoaux.explorer import Explorer\n\nExplorer(${settings.join(", ")})`;
  const { imports, array } = readInPython(network);
  const wide = network.neurons && network.dimension > network.neurons.length; // whose neurons have other numbers there
  const kept = wide ? settings.filter((words) => !/^(turn|plane)=/.test(words)) : settings;
  return `${[...imports, "from isoaux.explorer import Explorer"].join("\n")}\n\nExplorer(${[array, ...kept].join(", ")})`;
}

// Python that reads what was read of a file: { imports, array }.
export function readInPython({ file, key, shape, axis, type, format }) {
  const name = JSON.stringify(file);
  const imports = ["import numpy as np"];
  let array = `np.load(${name})`;
  if (format) {
    const options = [
      format.separator !== " " && `delimiter=${JSON.stringify(format.separator)}`,
      format.above && `skiprows=${format.above}`,
      (format.from || format.trailing) && `usecols=range(${format.from}, ${format.columns})`,
      format.quotes && "quotechar='\"'",
      format.comma && 'converters=lambda cell: float(cell.replace(",", "."))',
      format.encoding && `encoding=${JSON.stringify(format.encoding)}`,
    ].filter(Boolean);
    array = `np.loadtxt(${[name, ...options].join(", ")})`;
  } else if (/\.safetensors$/i.test(file)) {
    imports[0] = "from safetensors.torch import load_file";
    array = `load_file(${name})[${JSON.stringify(key)}].float().numpy()`;
  } else {
    if (key) array += `[${JSON.stringify(key)}]`;
    if (type === "bf16") array = `(${array}.view(np.uint16).astype(np.uint32) << 16).view(np.float32)`;
  }
  if (shape?.length > 2) {
    if (axis !== shape.length - 1) {
      if (!imports.includes("import numpy as np")) imports.unshift("import numpy as np");
      array = `np.moveaxis(${array}, ${axis}, -1)`;
    }
    array += `.reshape(-1, ${shape[axis]})`;
  }
  return { imports, array };
}

// The command that draws the figure in which the network is, with the threshold, basis and planes of the view, and what
// it does otherwise than the view; nothing for a network that no figure shows. What is published is drawn as it is; any
// other setting projects the representations again, of networks that the command trains where they are not yet.
export function papermillOf(get, network) {
  if (!network.notebook) return null;
  const [, , angle] = get("turn");
  const basis = basisIn(get, network);
  const changed = Object.entries({
    epsilon: get("epsilon") === network.epsilon ? null : get("epsilon"),
    basis: basis !== "standard" && OF_NOTEBOOKS.includes(basis) ? basis : null,
    variant: get("variant") === "combination" ? null : get("variant"),
  }).filter(([, value]) => value !== null);
  const options = (changed.length ? [["profile", "paper"], ...changed] : []).map(([name, value]) => ` -p ${name} ${value}`);
  const otherwise = [
    changed.length && "it trains networks first where they are not trained yet",
    get("basis") === "random" && "it draws a random rotation of its own",
    !OF_NOTEBOOKS.includes(basis) && "it uses the standard basis",
    angle && "it does not turn the basis by hand",
    get("plane").length && "it shows all planes",
  ].filter(Boolean);
  return { command: `papermill notebooks/${network.notebook}.ipynb out.ipynb${options.join("")}`, otherwise };
}

// Put text on the clipboard; false where the browser does not let a page.
export async function copied(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field.hidden = false;
    field.value = text;
    field.select();
    const done = document.execCommand("copy"); // what a page without a clipboard of its own can do
    field.hidden = done;
    return done;
  }
}

// Buttons that copy the view: as a link where `state` has one, as the command of its figure, as Python.
export class Sharing {
  constructor(state, networkOf) {
    this.state = state;
    this.networkOf = networkOf;
    this.said = make("p", { className: "said", ariaLive: "polite" });
    this.field = keyed(make("textarea", { className: "copying", readOnly: true, hidden: true, ariaLabel: "To be copied" }));
    this.papermill = button("Copy as a papermill command", () => this.#copyCommand());
    const buttons = make("div", { className: "buttons" });
    if (state.link) buttons.append(button("Copy link", () => this.#copyLink()));
    buttons.append(this.papermill, button("Copy as Python", () => this.#copy("the Python", pythonOf(state.get, networkOf()))));
    this.code = make("code");
    const code = make("details", { className: "code" }, make("summary", { textContent: "The same in Python" }));
    code.append(make("pre", { tabIndex: 0 }, this.code));
    this.element = make("div", { className: "sharing" }, buttons, this.said, this.field, code);
  }

  show() {
    const network = this.networkOf();
    this.code.textContent = pythonOf(this.state.get, network);
    this.papermill.hidden = !papermillOf(this.state.get, network);
    this.said.textContent = "";
    this.field.hidden = true;
  }

  #copyLink() {
    const but = this.networkOf().values ? " Your own file is not part of it." : "";
    return this.#copy("the link", this.state.link(), but);
  }

  #copyCommand() {
    const { command, otherwise } = papermillOf(this.state.get, this.networkOf());
    const but = otherwise.length ? ` Unlike this view, ${otherwise.join(", and ")}.` : "";
    return this.#copy(command, command, but);
  }

  async #copy(words, text, more = "") {
    const done = await copied(text, this.field);
    this.said.textContent = done ? `Copied ${words}.${more}` : `This browser does not let pages copy; select the text below.${more}`;
    if (!done) this.field.select();
  }
}
