// The explorer as a reader sees it. `state` holds the settings (get, set, listen); `source` has the `list` of networks,
// `load(network, epoch)`, a promise of whole numbers neuron by neuron, and `opens`, whether readers may bring files.

import { planes } from "./projection.mjs";
import { CELLS, MAGMA, painted } from "./picture.mjs";
import { DRAWS, Panel } from "./panel.mjs";
import { opened } from "./reading.mjs";

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
};

export const keyOf = ({ network, layer }) => `${network} k${layer}`;

// A name for people: "tanh, raw pixels, n = 18, L = 0, layer 0"; representations of one's own have one already.
export function titleOf({ network, layer }) {
  const match = network.match(/^\w+-([NU])-(\w+)-n(\d+)-L(\d+)$/);
  if (!match) return network;
  const [, pixels, activation, n, depth] = match;
  const inputs = pixels === "N" ? "standardised" : "raw";
  return `${ACTIVATIONS[activation] ?? activation}, ${inputs} pixels, n = ${n}, L = ${depth}, layer ${layer}`;
}

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

// Draw an explorer into an element; returns a function that ends it. For other scripts, and the browser's console, the
// element's `networks` are the panels as they are drawn: `element.networks[0].found.count` is the number of points.
export function show(element, state, source) {
  const view = new View(element, state, source);
  Object.defineProperty(element, "networks", { get: () => view.cards.map(({ panel }) => panel), configurable: true });
  return () => view.end();
}

class View {
  constructor(element, state, source) {
    Object.assign(this, { element, state, source, cards: [], round: 0, ended: false });
    this.networks = new Map(source.list.networks.map((network) => [keyOf(network), network]));
    this.#build();
    this.stop = state.listen((name) => this.#changed(name));
    this.#reload();
  }

  end() {
    this.ended = true;
    this.round++;
    clearInterval(this.playing);
    this.stop();
  }

  // --- controls

  #build() {
    const given = this.source.list.basis ? [["given", "given"]] : [];
    const titles = [...this.networks].map(([key, network]) => [key, titleOf(network)]);
    this.element.replaceChildren();
    this.element.classList.add("isoaux-explorer");
    const controls = make("div", { className: "controls", role: "group", ariaLabel: "What is shown" });
    this.controls = {
      network: this.#select("Network", "network", titles),
      beside: this.#select("Beside it", "beside", [["", "nothing"], ...titles]),
      epsilon: this.#slider("Threshold ε", "epsilon", { min: 0, max: 0.99, step: 0.01 }),
      epoch: this.#slider("Epoch", "epoch", { min: 0, max: 0, step: 1 }, (at) => this.epochs[at]),
      basis: this.#select("Basis", "basis", [["standard", "standard"], ["random", "random rotation"], ["simplex", "simplex"], ...given]),
      variant: this.#select("Planes", "variant", [["combination", "each pair once"], ["permutation", "both orders"]]),
      plane: this.#select("Shown", "plane", [["", "all planes together"]]),
    };
    controls.append(...Object.values(this.controls).map(({ label }) => label));
    this.again = button("New rotation", () => this.state.set("seed", (this.state.get("seed") % 4294967295) + 1));
    this.play = button("Play", () => this.#play());
    this.controls.basis.label.append(this.again);
    this.controls.epoch.label.append(this.play);
    controls.append(this.#turning());
    this.shared = make("input", { type: "checkbox" });
    this.shared.addEventListener("change", () => this.state.set("shared", this.shared.checked));
    controls.append(labelled("One window and colour scale for all epochs", this.shared));
    this.message = make("p", { className: "message", role: "status" });
    this.panels = make("div", { className: "panels" });
    this.code = make("code");
    const code = make("details", { className: "code" });
    const block = make("pre", { tabIndex: 0 });
    block.append(this.code);
    code.append(make("summary", { textContent: "The same in Python" }), block);
    if (this.source.opens) controls.append(this.#opening());
    this.element.append(controls, this.message, this.panels, code);
  }

  #select(words, name, options) {
    const input = make("select");
    const fill = (list) => input.replaceChildren(...list.map(([value, text]) => make("option", { value, textContent: text })));
    fill(options);
    const read = () => (name === "plane" ? (input.value ? input.value.split(",").map(Number) : []) : input.value);
    input.addEventListener("change", () => this.state.set(name, read()));
    return { label: labelled(words, input), input, fill, show: (value) => (input.value = String(value)) };
  }

  #slider(words, name, limits, valueAt = Number) {
    const input = make("input", { type: "range", ...limits });
    const output = make("span", { className: "value" });
    const label = labelled(words, input);
    label.append(output);
    input.addEventListener("input", () => this.state.set(name, valueAt(input.value)));
    const display = (place, text) => {
      input.value = place;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    };
    return { label, input, display };
  }

  // Two basis vectors and the angle by which the first is turned towards the second.
  #turning() {
    const group = make("fieldset", { className: "turning" });
    const [i, j] = [0, 1].map(() => make("select"));
    const angle = make("input", { type: "range", min: -90, max: 90, step: 1 });
    const output = make("span", { className: "value" });
    const change = () => this.state.set("turn", [Number(i.value), Number(j.value), Number(angle.value)]);
    for (const [input, event] of [[i, "change"], [j, "change"], [angle, "input"]]) input.addEventListener(event, change);
    group.append(make("legend", { textContent: "Turn the basis by hand" }));
    group.append(labelled("vector", i), labelled("towards vector", j), labelled("by", angle), output);
    this.turn = { i, j, angle, output };
    return group;
  }

  // Representations of the reader's own, chosen or dropped; they stay in this page.
  #opening() {
    const input = make("input", { type: "file", accept: ".npy,.csv" });
    input.addEventListener("change", () => this.#open(input.files[0]));
    this.element.addEventListener("dragover", (event) => event.preventDefault());
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#open(event.dataTransfer.files[0]);
    });
    return labelled("Your own activations: drop a .npy or .csv file (samples × neurons) here; it does not leave this page", input);
  }

  async #open(file) {
    if (!file) return;
    try {
      const { values, n, count } = opened(file.name, await file.arrayBuffer());
      const network = { network: file.name, layer: 0, width: n, values, epochs: [{ epoch: 0, samples: count, scale: 1 }] };
      this.networks.set(keyOf(network), network);
      const titles = [...this.networks].map(([key, one]) => [key, titleOf(one)]);
      this.controls.network.fill(titles);
      this.controls.beside.fill([["", "nothing"], ...titles]);
      this.cards = [];
      this.state.set("beside", "");
      this.state.set("network", keyOf(network));
    } catch (error) {
      this.message.textContent = error.message;
    }
  }

  #display() {
    const { get } = this.state;
    for (const name of ["network", "beside", "basis", "variant"]) this.controls[name].show(get(name));
    const epsilon = get("epsilon");
    this.controls.epsilon.display(epsilon, `${epsilon.toFixed(2)} (${degrees(epsilon)}°)`);
    const place = this.epochs.indexOf(this.epoch);
    this.controls.epoch.input.max = this.epochs.length - 1;
    this.controls.epoch.input.disabled = this.play.disabled = this.epochs.length < 2;
    this.controls.epoch.display(place, String(this.epoch));
    this.again.hidden = get("basis") !== "random";
    this.again.textContent = `New rotation (seed ${get("seed")})`;
    this.shared.checked = get("shared");
    const m = this.directions;
    const names = Array.from({ length: m }, (_, k) => [String(k), String(k + 1)]);
    const [i, j, angle] = get("turn");
    for (const [input, value] of [[this.turn.i, i], [this.turn.j, j]]) {
      if (input.length !== m) input.replaceChildren(...names.map(([own, text]) => make("option", { value: own, textContent: text })));
      input.value = String(value);
    }
    this.turn.angle.value = angle;
    this.turn.output.textContent = `${angle}°`;
    this.turn.angle.setAttribute("aria-valuetext", `${angle} degrees`);
    const listed = planes(m, get("variant"));
    if (this.controls.plane.input.length !== listed.length + 1) {
      const options = listed.map(([a, b]) => [`${a},${b}`, `plane ${a + 1}, ${b + 1}`]);
      this.controls.plane.fill([["", "all planes together"], ...options]);
    }
    this.controls.plane.show(get("plane").join(","));
    this.code.textContent = pythonOf(get, this.networks.get(this.chosen[0]));
  }

  get chosen() {
    return [...new Set([this.state.get("network"), this.state.get("beside")])].filter((key) => this.networks.has(key));
  }

  get directions() {
    const widths = this.chosen.map((key) => this.networks.get(key).width);
    if (this.state.get("basis") === "given") return this.source.list.basis.length;
    return Math.min(...widths) + (this.state.get("basis") === "simplex" ? 1 : 0);
  }

  // Epochs that every chosen network has.
  get epochs() {
    const [own, ...others] = this.chosen.map((key) => this.networks.get(key).epochs.map(({ epoch }) => epoch));
    return own.filter((epoch) => others.every((list) => list.includes(epoch)));
  }

  // The epoch that is asked for, or the nearest one that there is.
  get epoch() {
    const wanted = this.state.get("epoch");
    return this.epochs.reduce((best, epoch) => (Math.abs(epoch - wanted) < Math.abs(best - wanted) ? epoch : best));
  }

  #play() {
    if (this.playing) return this.#pause();
    this.play.textContent = "Pause";
    if (this.epoch === this.epochs.at(-1)) this.state.set("epoch", this.epochs[0]);
    this.playing = setInterval(() => {
      if (this.loading) return;
      const next = this.epochs[this.epochs.indexOf(this.epoch) + 1];
      if (next === undefined) this.#pause();
      else this.state.set("epoch", next);
    }, 500);
  }

  #pause() {
    clearInterval(this.playing);
    this.playing = null;
    this.play.textContent = "Play";
  }

  // --- what follows from a change

  #changed(name) {
    if (name !== "epoch") this.cards.forEach((card) => card.forget());
    if (["network", "beside", "epoch"].includes(name)) this.#reload();
    else this.#schedule(["basis", "seed", "turn"].includes(name) ? "basis" : "step");
  }

  async #reload() {
    const round = ++this.round;
    if (!this.chosen.length) {
      this.message.textContent = `There is no network ${this.state.get("network")}; accepted: ${[...this.networks.keys()].join(", ")}.`;
      return;
    }
    this.loading = true;
    this.#display();
    const keys = this.chosen;
    const few = this.epochs.length > 1;
    this.message.textContent = "Loading representations …";
    try {
      const epochOf = (key) => this.networks.get(key).epochs.find(({ epoch }) => epoch === this.epoch);
      const loaded = await Promise.all(keys.map((key) => this.#load(this.networks.get(key), epochOf(key))));
      if (round !== this.round) return;
      const samples = few && this.playing ? this.networks.get(keys[0]).epochs[0].samples : Infinity;
      const kept = new Map(this.cards.map((card) => [card.key, card]));
      this.cards = keys.map((key) => kept.get(key) ?? new Card(key, this.networks.get(key), (plane) => this.#pick(plane)));
      this.panels.replaceChildren(...this.cards.map(({ element }) => element));
      this.cards.forEach((card, at) => {
        card.epoch = epochOf(keys[at]);
        card.panel.take(loaded[at], samples);
      });
      this.message.textContent = "";
      this.loading = false;
      this.#schedule("basis");
    } catch (error) {
      if (round !== this.round) return;
      this.loading = false;
      this.#pause();
      this.message.textContent = `These representations could not be loaded: ${error.message}`;
    }
  }

  async #load(network, epoch) {
    return network.values ?? this.source.load(network, epoch);
  }

  #pick(plane) {
    const same = this.state.get("plane").join() === plane.join();
    this.state.set("plane", same ? [] : plane);
  }

  // One drawing per frame, however many changes there were; a change of basis includes a step.
  #schedule(kind) {
    if (!this.chosen.length) return;
    this.#display();
    this.pending = this.pending === "basis" ? "basis" : kind;
    if (this.frame || this.loading) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      const { get } = this.state;
      const pending = this.pending;
      this.pending = null;
      if (this.ended || !this.cards.length) return;
      const plane = get("plane").length ? get("plane") : null;
      for (const card of this.cards) {
        if (pending === "basis") {
          const given = this.source.list.basis;
          card.panel.lookIn({ basis: get("basis"), seed: get("seed"), turn: get("turn"), given });
        }
        card.project({ epsilon: get("epsilon"), variant: get("variant"), plane }, get("shared"));
      }
      this.state.report(Object.fromEntries(["count", "c4", "s2"].map((name) => [name, this.cards[0].panel.found[name]])));
      this.#later(++this.round);
    });
  }

  // What takes longer, a slice at a time until the reader changes something.
  async #later(round) {
    for (const work of ["spotlight", "null"]) {
      for (const card of this.cards) {
        let drawn = 0;
        for (const result of card.panel[work]()) {
          await new Promise((resume) => setTimeout(resume));
          if (round !== this.round) return;
          if (work === "null") card.waiting(++drawn);
          if (result) card[work](result);
        }
      }
    }
  }
}

// --- one network: picture, triangle of planes, numbers, spotlight

class Card {
  constructor(key, network, pick) {
    this.key = key;
    this.panel = new Panel(network);
    this.forget();
    this.picture = make("canvas", { className: "picture", width: CELLS, height: CELLS, role: "img" });
    this.planes = make("canvas", { className: "planes", role: "img", title: "Planes, brighter where there are more points" });
    this.curve = make("canvas", { className: "curve", width: 360, height: 120, role: "img" });
    this.numbers = make("dl");
    this.planes.addEventListener("click", (event) => {
      const m = this.panel.basis.length;
      const box = this.planes.getBoundingClientRect();
      const i = Math.floor(((event.clientY - box.top) / box.height) * m);
      const j = Math.floor(((event.clientX - box.left) / box.width) * m);
      if (i < j || (i !== j && this.panel.view.variant === "permutation")) pick([i, j]);
    });
    this.element = make("section", { className: "panel", ariaLabel: titleOf(network) });
    const figures = make("div", { className: "figures" });
    figures.append(this.picture, captioned("Points by plane; a click shows one plane.", this.planes));
    this.element.append(make("p", { className: "title", textContent: titleOf(network) }), figures, this.numbers);
    this.element.append(captioned("Mean spotlight from 0° to 360°; dashed: isotropic expectation.", this.curve));
  }

  // With `shared`, an epoch is drawn in the largest window and with the largest limit of those drawn before, as a row of
  // panels in the paper is; limits are compared per representation, windows in the representations' own units.
  project(view, shared) {
    const { panel, epoch } = this;
    const own = panel.window;
    if (shared) {
      this.widest = Math.max(this.widest, own * epoch.scale);
      panel.window = this.widest / epoch.scale;
    }
    panel.project(view);
    panel.window = own;
    this.brightest = Math.max(shared ? this.brightest : 0, panel.limit / panel.cloud.count);
    this.#draw(this.brightest * panel.cloud.count);
  }

  forget() {
    this.widest = this.brightest = 0;
  }

  #draw(limit) {
    const { panel } = this;
    const context = this.picture.getContext("2d");
    const bytes = context.createImageData(CELLS, CELLS);
    painted(panel.image, limit, bytes.data);
    context.putImageData(bytes, 0, 0);
    this.#drawPlanes();
    this.tests = {};
    this.state = `comparing with ${DRAWS} random bases …`;
    this.#write();
  }

  #drawPlanes() {
    const { basis, found, view } = this.panel;
    const m = basis.length;
    this.planes.width = this.planes.height = m;
    const context = this.planes.getContext("2d");
    const most = found.counts.reduce((a, b) => Math.max(a, b), 0) || 1;
    for (const [i, j] of planes(m, view.variant)) {
      const colour = 3 * Math.min(255, Math.round(40 + (215 * found.counts[i * m + j]) / most));
      const chosen = view.plane && view.plane[0] === i && view.plane[1] === j;
      context.fillStyle = chosen ? "#36c5f0" : `rgb(${MAGMA.subarray(colour, colour + 3).join()})`;
      context.fillRect(j, i, 1, 1);
    }
    const fullest = planes(m, view.variant).reduce((a, b) => (found.counts[b[0] * m + b[1]] > found.counts[a[0] * m + a[1]] ? b : a));
    this.planes.setAttribute("aria-label", `Points by plane: most in plane ${fullest[0] + 1}, ${fullest[1] + 1}`);
  }

  waiting(drawn) {
    this.state = `comparing with random bases: ${drawn} of ${DRAWS}`;
    if (drawn % 11 === 0) this.#write();
  }

  null(tests) {
    this.tests = tests;
    this.state = "";
    this.#write();
  }

  #write() {
    const { panel, epoch, tests } = this;
    const { found, cloud } = panel;
    const when = epoch.of_all ? ` at epoch ${epoch.epoch}` : "";
    const words = `${whole(found.count)} points of ${whole(cloud.count)} representations${when}`;
    const among = (name, print) =>
      tests[name] ? `random bases: ${print(tests[name].low)} to ${print(tests[name].high)}, p = ${tests[name].p.toFixed(2)}` : this.state;
    const record = epoch.of_all ? this.#record() : [];
    this.numbers.replaceChildren(
      ...entry("Points", words, `isotropic expectation ${whole(found.expected)}; ${among("count", whole)}`),
      ...entry("⟨cos 4φ⟩", signed(found.c4), among("c4", signed)),
      ...entry("⟨sin 2φ⟩", signed(found.s2), among("s2", signed)),
      ...record,
    );
    this.picture.setAttribute("aria-label", `Density of ${words}; mean of cos 4 phi ${signed(found.c4)}`);
    this.picture.dataset.count = found.count;
  }

  // The same of all training images, out of the network's record.
  #record() {
    const { network } = this.panel;
    const ofAll = (name, print, unit = "") => {
      const { value, low, high, p, draws } = this.epoch.of_all[name];
      return `${print(value)}${unit} (${draws} random bases: ${print(low)} to ${print(high)}, p = ${p.toPrecision(2)})`;
    };
    const all = `all ${whole(network.all_samples)}, ε = ${network.epsilon}, standard basis`;
    return entry(`From the record (${all})`, ofAll("count", whole, " points"), `⟨cos 4φ⟩ ${ofAll("c4", signed)}`);
  }

  spotlight({ shares, expected }) {
    const context = this.curve.getContext("2d");
    const { width, height } = this.curve;
    const most = Math.max(expected * 1.5, shares.reduce((a, b) => Math.max(a, b), 0)) * 1.05 || 1;
    const at = (share) => height - 1 - (share / most) * (height - 4);
    const colour = getComputedStyle(this.curve).color;
    context.clearRect(0, 0, width, height);
    context.strokeStyle = colour;
    context.globalAlpha = 0.5;
    context.setLineDash([4, 4]);
    line(context, [[0, at(expected)], [width, at(expected)]]);
    context.globalAlpha = 1;
    context.setLineDash([]);
    line(context, Array.from(shares, (share, degree) => [degree, at(share)]));
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    const words = `Mean spotlight: ${percent(mean)} on average, at most ${percent(Math.max(...shares))}; isotropic ${percent(expected)}`;
    this.curve.setAttribute("aria-label", words);
  }
}

// --- small things

function make(tag, properties = {}) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  return element;
}

// JupyterLab takes arrow keys from inputs that do not say they want them.
function labelled(words, input) {
  input.dataset.lmSuppressShortcuts = "true";
  const label = make("label");
  label.append(make("span", { textContent: words }), input);
  return label;
}

function button(words, act) {
  const found = make("button", { type: "button", textContent: words });
  found.addEventListener("click", act);
  return found;
}

function captioned(words, picture) {
  const figure = make("div", { className: "captioned" });
  figure.append(picture, make("small", { textContent: words }));
  return figure;
}

function entry(term, value, note) {
  const found = make("dd", { textContent: value });
  found.append(make("small", { textContent: note }));
  return [make("dt", { textContent: term }), found];
}

function line(context, points) {
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

const whole = (value) => Math.round(value).toLocaleString("en");
const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
const percent = (value) => `${(100 * value).toPrecision(3)} %`;
const degrees = (epsilon) => ((Math.acos(epsilon) * 180) / Math.PI).toFixed(1);
