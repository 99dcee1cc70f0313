// The controls of an explorer: they set `state` and show what it says. `acts` are what else they can do: play, open.

import { button, degrees, labelled, make } from "./elements.mjs";
import { planes } from "./projection.mjs";
import { keyOf, nameOf, pixelsOf, turns, twinOf } from "./settings.mjs";

const LISTED = 48; // vectors of which every plane is offered by name

// Thresholds that are marked on the slider.
const MARKS = [[Math.SQRT1_2, "0.71", "before"], [0.75, "0.75", "after"]];
const OF_MARKS = "Left of 0.71 a diagonal looks like two axes; 0.75 is the paper’s.";

const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

export class Controls {
  static marked = 0; // sliders so far, of which each has a sentence of its own

  constructor(state, acts, { opens = false, small = false, examples = [] }) {
    this.state = state;
    this.network = small ? this.#pair() : this.#network(["Network", "Layer", "Seed"], "network", "beside");
    this.beside = small ? null : this.#network(["Beside it", "Its layer", "Its seed"], "beside", "network");
    this.epsilon = this.#slider("Threshold ε", "epsilon", { min: 0, max: 0.99, step: 0.01 });
    this.#marked(this.epsilon);
    this.basis = this.#select("Basis", "basis", []);
    this.again = button("New rotation", () => state.set("seed", (state.get("seed") % 4294967295) + 1));
    this.basis.label.append(this.again);
    this.turn = this.#turning();
    this.epoch = this.#slider("Epoch", "epoch", { min: 0, max: 0, step: 1 }, (at) => this.epochs[at]);
    this.play = button("Play", () => (still() ? acts.next() : acts.play())); // without motion, an epoch at a time
    this.epoch.label.append(this.play);
    this.variant = this.#select("Planes", "variant", [["combination", "each pair once"], ["permutation", "both orders"]]);
    this.plane = this.#select("Shown", "plane", [["", "all planes together"]], (text) => (text ? text.split(",").map(Number) : []));
    this.shared = make("input", { type: "checkbox" });
    this.shared.addEventListener("change", () => state.set("shared", this.shared.checked));
    const shared = labelled("One window and colour scale for all epochs", this.shared);
    this.first = make("div", { className: "controls first", role: "group", ariaLabel: "What is shown" });
    this.first.append(...[this.network, this.beside].filter(Boolean).map(({ element }) => element), this.basis.label, this.epsilon.element);
    this.more = make("div", { className: "controls more", role: "group", ariaLabel: "More controls" });
    this.more.append(this.turn.group, this.epoch.label, this.variant.label, this.plane.label, shared);
    if (opens) this.own = this.#opening(acts, examples);
  }

  // Offer networks by key, those of `first` before all others.
  offer(networks, first = []) {
    this.networks = networks;
    const listed = [...networks.values()].filter(({ network }, k, all) => all.findIndex((one) => one.network === network) === k);
    const groups = new Map();
    for (const one of listed) {
      const name = first.some((key) => networks.get(key)?.network === one.network) ? "On this page" : groupOf(one);
      groups.set(name, [...(groups.get(name) ?? []), [keyOf(one), nameOf(one)]]);
    }
    const order = ["Your own", "On this page", STANDARDISED];
    const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
    const sorted = [...groups].sort(([a], [b]) => place(a) - place(b));
    this.network.fill(sorted);
    this.beside?.fill([["", [["", "nothing"]]], ...sorted]);
  }

  // `bases` are those that are offered, [name, words]; `names` are those of the basis vectors, in their order; `spans` says
  // whether two of them span a plane.
  show({ epochs, epoch, bases, names, spans, playing }) {
    const directions = names.length;
    const { get } = this.state;
    this.epochs = epochs;
    this.network.show(get("network"));
    this.beside?.show(get("beside"));
    if (this.listed !== String(bases)) this.basis.fill(bases);
    this.listed = String(bases);
    for (const name of ["basis", "variant"]) this[name].show(get(name));
    this.epsilon.display(get("epsilon"), `${get("epsilon").toFixed(2)} (${degrees(get("epsilon"))}°)`);
    this.epoch.input.max = epochs.length - 1;
    this.epoch.label.hidden = epochs.length < 2;
    this.epoch.display(epochs.indexOf(epoch), String(epoch));
    this.play.textContent = still() ? "Next epoch" : playing ? "Pause" : "Play";
    this.again.hidden = get("basis") !== "random";
    this.again.textContent = `New rotation (seed ${get("seed")})`;
    this.shared.checked = get("shared");
    this.turn.show(get("turn"), names);
    const listed = directions > LISTED ? [] : planes(directions, get("variant")).filter(([a, b]) => spans(a, b));
    const chosen = get("plane");
    const others = chosen.length && directions > LISTED ? [chosen] : [];
    const offered = `${names} ${listed.length} ${others}`;
    if (this.offered !== offered) {
      const options = [...listed, ...others].map(([a, b]) => [`${a},${b}`, `plane ${names[a]}, ${names[b]}`]);
      this.plane.fill([["", "all planes together"], ...options]);
      this.offered = offered;
    }
    this.plane.show(chosen.join(","));
  }

  #select(words, name, options, read = String) {
    const input = make("select");
    const fill = (list) => input.replaceChildren(...list.map(option));
    fill(options);
    input.addEventListener("change", () => this.state.set(name, read(input.value)));
    const label = labelled(words, input);
    label.classList.add(name);
    return { label, input, fill, show: (value) => choose(input, value) };
  }

  // A network and, where several are there, its layer and its seed; together they are the setting of this name. Where the
  // network of the `other` setting has the same seed, it follows to the next one: both began with the same weights.
  #network(words, name, other) {
    const [input, layer, seed] = words.map(() => make("select"));
    const [element, layerLabel, seedLabel] = [input, layer, seed].map((select, k) => labelled(words[k], select));
    const fill = (groups) =>
      input.replaceChildren(
        ...groups.flatMap(([label, options]) => (label ? [make("optgroup", { label }, ...options.map(option))] : options.map(option))),
      );
    const alike = (key) => [...this.networks.values()].filter(({ network }) => network === this.networks.get(key)?.network);
    const layersOf = (key) => alike(key).filter(({ replicate }) => !replicate);
    const seedsOf = (key) => alike(key).filter((one) => one.layer === this.networks.get(key).layer);
    // Of these the one that is most like the one chosen now.
    const nearest = (there) => {
      const chosen = this.networks.get(this.state.get(name)) ?? {};
      const [onLayer, ofSeed] = ["layer", "seed"].map((each) => (one) => one[each] === chosen[each]);
      return there.find((one) => onLayer(one) && ofSeed(one)) ?? there.find(onLayer) ?? there.find(ofSeed) ?? there[0];
    };
    // The network beside follows as the twin of the one that is chosen, unless a reader has set it to something else.
    const set = (key) => {
      const follows = name === "network" && this.state.get(other) === (twinOf(this.networks, this.state.get(name)) ?? "");
      const twin = twinOf(this.networks, key) ?? "";
      if (follows && this.state.get(other) !== twin) this.state.set(other, twin);
      this.state.set(name, key);
    };
    input.addEventListener("change", () => set(input.value && keyOf(nearest(alike(input.value)))));
    layer.addEventListener("change", () => set(keyOf(nearest(seedsOf(layer.value)))));
    seed.addEventListener("change", () => {
      const before = this.networks.get(this.state.get(name));
      const following = this.networks.get(this.state.get(other));
      const next = this.networks.get(seed.value);
      const same = following?.seed === before.seed && seedsOf(keyOf(following)).find((one) => one.seed === next.seed);
      if (same) this.state.set(other, keyOf(same)); // which shows all controls anew, this one too
      this.state.set(name, keyOf(next));
    });
    const show = (key) => {
      const there = layersOf(key);
      const seeds = there.length ? seedsOf(key) : [];
      input.value = there.length ? keyOf(there[0]) : key;
      layerLabel.hidden = there.length < 2;
      layer.replaceChildren(...there.map((one) => option([keyOf(one), String(one.layer)])));
      if (seeds.length) layer.value = keyOf(seeds.find(({ replicate }) => !replicate));
      seedLabel.hidden = seeds.length < 2;
      seed.replaceChildren(...seeds.map((one) => option([keyOf(one), String(one.seed)])));
      seed.value = key;
    };
    return { element: make("div", { className: "network" }, element, layerLabel, seedLabel), fill, show };
  }

  // A network and its isotropic partner, chosen together.
  #pair() {
    const input = make("select");
    const fill = () => {
      const paired = [...this.networks].filter(([key, one]) => !one.replicate && !/-iso\w+-n/.test(one.network) && twinOf(this.networks, key));
      const standardised = ([, one]) => Number(groupOf(one) !== STANDARDISED);
      paired.sort((one, other) => standardised(one) - standardised(other));
      input.replaceChildren(...paired.map(([key, one]) => option([key, `${nameOf(one)}, and its isotropic form`])));
    };
    input.addEventListener("change", () => {
      this.state.set("beside", twinOf(this.networks, input.value));
      this.state.set("network", input.value);
    });
    return { element: labelled("Networks", input), fill, show: (key) => (input.value = key) };
  }

  #slider(words, name, limits, valueAt = Number) {
    const input = make("input", { type: "range", ...limits });
    const output = make("span", { className: "value" });
    const label = labelled(words, input);
    label.append(output);
    label.classList.add(name);
    input.addEventListener("input", () => this.state.set(name, valueAt(input.value)));
    const display = (place, text) => {
      input.value = place;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    };
    return { label, input, display };
  }

  // Marks below a slider at thresholds that mean something, and what they mean.
  #marked(slider) {
    const { min, max } = slider.input;
    const marks = make("span", { className: "marks", ariaHidden: "true" });
    marks.append(
      ...MARKS.map(([value, words, side]) => {
        const mark = make("i", { className: side }, make("b", { textContent: words }));
        mark.style.setProperty("--at", (value - min) / (max - min));
        return mark;
      }),
    );
    const words = make("small", { textContent: OF_MARKS, id: `isoaux-marks-${++Controls.marked}` });
    slider.input.setAttribute("aria-describedby", words.id);
    const track = make("span", { className: "track" });
    slider.input.replaceWith(track);
    track.append(slider.input, marks);
    slider.element = make("div", { className: "epsilon" }, slider.label, words);
  }

  // Two basis vectors and the angle by which the first is turned towards the second.
  #turning() {
    const [i, j] = [0, 1].map(() => make("select"));
    const angle = make("input", { type: "range", min: -90, max: 90, step: 1 });
    const output = make("span", { className: "value" });
    const change = () => this.state.set("turn", [i.selectedIndex, j.selectedIndex, Number(angle.value)]);
    const apart = (input, other) => {
      if (input.selectedIndex === other.selectedIndex) other.selectedIndex = input.selectedIndex ? 0 : 1;
      change();
    };
    i.addEventListener("change", () => apart(i, j));
    j.addEventListener("change", () => apart(j, i));
    angle.addEventListener("input", change);
    const group = make("fieldset", { className: "turning" }, make("legend", { textContent: "Turn the basis by hand" }));
    group.append(labelled("vector", i), labelled("towards vector", j), labelled("by", angle), output);
    let named = "";
    const show = (turn, names) => {
      const [first, second, degree] = turns(turn, names.length) ? turn : [0, 1, 0]; // as it is drawn
      if (named !== String(names)) {
        for (const input of [i, j]) input.replaceChildren(...names.map((name, k) => option([String(k), name])));
        named = String(names);
      }
      i.value = String(first);
      j.value = String(second);
      angle.value = degree;
      output.textContent = `${degree}°`;
      angle.setAttribute("aria-valuetext", `${degree} degrees`);
    };
    return { group, show };
  }

  // Where readers bring files, and `examples` of such, each { file, words }.
  #opening({ open, example }, examples) {
    const input = make("input", { type: "file", accept: ".npy,.npz,.safetensors,.csv,.tsv,.txt,.dat" });
    input.addEventListener("change", () => {
      open(input.files[0]);
      input.value = ""; // so that the same file can be chosen again
    });
    const words = "Your own activations: drop a .npy, .npz, .safetensors or .csv file here (samples × neurons); it does not leave this page";
    const own = make("div", { className: "own", role: "group", ariaLabel: "Your own activations" }, labelled(words, input));
    if (examples.length) {
      const buttons = examples.map(({ file, words: label }) => button(label, () => example(file)));
      own.append(make("p", { className: "examples" }, make("span", { textContent: "Or try" }), ...buttons));
    }
    return own;
  }
}

// Choose what is listed, or else the first.
function choose(input, value) {
  input.value = String(value);
  if (input.selectedIndex < 0) input.selectedIndex = 0;
}

const option = ([value, textContent]) => make("option", { value, textContent });

const STANDARDISED = "CIFAR-10, standardised pixels";

// The group in which a network is offered: by its data.
function groupOf(network) {
  if (network.values) return "Your own";
  return pixelsOf(network) ?? "Representations";
}
