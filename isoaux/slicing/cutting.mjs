// The live slice as a reader sees it. `state` holds the settings: get, set, listen, and link where a link opens the view;
// `source` has the `list` of networks and images, and `text(name)`, a promise of the text of a file.

import { between } from "../explorer/address.mjs";
import { button, entry, labelled, make, whole } from "../explorer/elements.mjs";
import { pause, sliced } from "../explorer/slices.mjs";
import { Choice, LETTERS } from "./choosing.mjs";
import { bordering, classing, edging, pointOf, sampling, slicing } from "./partition.mjs";
import { Plot, isView, seenAt } from "./plot.mjs";
import { labelPlaces } from "./regions.mjs";
import { START, classesAlong, inView, percentOf, segmentInWords, segmentOf, sharesOf, sliceInWords, tracing } from "./sight.mjs";
import { behindOf, picturesOf, squareThrough } from "./stored.mjs";

const GRID = 64; // cells of the first picture

const HAND = /^-?[\d.]+(?:e-?\d+)?(?:,-?[\d.]+(?:e-?\d+)?){3}$/;

const SEGMENTS = ["AB", "AC", "BC"];

const SPACES = ["0: images", "1: activations of layer 1", "2: activations of layer 2"];

// The colours of classes, by their place, as in all figures (isoaux.drawing.look).
// prettier-ignore
const CLASS_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#b3478c", "#8a6d00", "#3f9fd8", "#111111", "#7a3fa0", "#b0281a", "#6f8f2f"]
  .map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));

const [LIGHT, DARK] = [0.1, 0.62]; // how much of its class's colour the faintest and the strongest shade have

const colourOf = (winner, lead) => {
  const share = LIGHT + (DARK - LIGHT) * lead;
  return `rgb(${CLASS_COLOURS[winner % CLASS_COLOURS.length].map((value) => Math.round(255 - share * (255 - value))).join(" ")})`;
};

// Widths of the edges of layers, for a square of 640 pixels, and how black they are.
const WIDTHS = [[1.1, 0.8], [0.65, 0.65], [0.4, 0.55]];

// The settings at the start, from the list of files.
export const cutSettings = ({ shown, networks }) => ({
  network: shown.network,
  epoch: networks.find(({ network }) => network === shown.network).epochs.at(-1).epoch,
  space: 0,
  images: shown.images,
  view: [START.x, START.y, START.zoom],
  segment: "AB",
});

// What every setting may be.
export const cuttable = ({ networks, images }) => {
  const indices = images.map(({ index }) => index);
  return new Map(
    Object.entries({
      network: (value) => networks.some(({ network }) => network === value),
      epoch: between(0, 1e6),
      space: between(0, 2),
      images: (value) => value.length === 3 && new Set(value).size === 3 && value.every((index) => indices.includes(index)),
      view: isView,
      segment: (value) => value === "none" || SEGMENTS.includes(value) || (HAND.test(value) && value.split(",").every((text) => Math.abs(Number(text)) <= 100)),
    }),
  );
};

// Draw a live slice into an element; returns a function that ends it. For other scripts the element's `slice` is what is
// drawn: { partition, pieces, edges, segment }.
export function cut(element, state, source) {
  const cutting = new Cutting(element, state, source);
  Object.defineProperty(element, "slice", { get: () => cutting.made, configurable: true });
  return () => cutting.end();
}

class Cutting {
  constructor(element, state, source) {
    Object.assign(this, { element, state, source, round: 0, files: new Map() });
    this.#build();
    this.stop = state.listen((name) => this.#changed(name));
    this.plot.look(seenAt(state.get("view")));
    this.#reload();
  }

  end() {
    this.round++;
    this.plot.end();
    this.stop();
  }

  #build() {
    const { state, source, element } = this;
    const { list } = source;
    this.choice = new Choice(state, list);
    this.network = select("Network", list.networks.map(({ network, title }) => [network, title]), (value) => state.set("network", value));
    this.epoch = select("After epoch", [], (value) => state.set("epoch", Number(value)));
    this.space = select("Plane in space", SPACES.map((words, k) => [k, words]), (value) => {
      this.#whole();
      state.set("space", Number(value));
    });
    const segments = SEGMENTS.map((ends) => [ends, `from ${ends[0]} to ${ends[1]}`]);
    this.segment = select("Segment", [...segments, ["hand", "by hand: two places in the picture"], ["none", "none"]], (value) => this.#segment(value));
    this.plot = new Plot({ settled: (view) => state.set("view", view), pointed: (place) => this.#pointed(place) });
    this.message = make("p", { className: "message", role: "status" });
    this.again = button("Try again", () => this.#reload());
    this.again.hidden = true;
    this.numbers = make("dl");
    this.legend = make("ul", { className: "legend", ariaLabel: "Classes and their share of the picture" });
    this.words = make("p", { className: "words", ariaLive: "polite" });
    this.told = make("p", { className: "words", ariaLive: "polite" });
    this.hint = make("p", { className: "hint", role: "status" });
    const controls = make("div", { className: "controls", role: "group", ariaLabel: "What is cut" });
    controls.append(this.network.label, this.epoch.label, this.space.label, this.segment.label);
    this.plot.buttons.append(button("Save as PNG", () => this.#save()));
    if (state.link) this.plot.buttons.append(button("Copy link", () => this.#copy()));
    const side = make("div", { className: "side" });
    side.append(this.choice.element, controls);
    const told = make("div", { className: "told" });
    told.append(this.message, this.again);
    const picture = make("div", { className: "main" });
    picture.append(this.hint, this.plot.element, told);
    const about = make("div", { className: "about" });
    about.append(this.legend, this.numbers, this.words, this.told);
    element.classList.add("isoaux-slice");
    const columns = make("div", { className: "columns" });
    columns.append(side, picture, about);
    element.replaceChildren(columns);
  }

  get #listed() {
    return this.source.list.networks.find(({ network }) => network === this.state.get("network"));
  }

  // The epoch that is there and nearest to the one that is asked for.
  get #epoch() {
    const distance = ({ epoch }) => Math.abs(epoch - this.state.get("epoch"));
    return this.#listed.epochs.reduce((best, each) => (distance(each) < distance(best) ? each : best));
  }

  #display() {
    const { get } = this.state;
    const { epochs } = this.#listed;
    this.network.show(get("network"));
    this.epoch.fill(epochs.map(({ epoch }) => [epoch, epoch ? String(epoch) : "0, before training"]));
    this.epoch.show(this.#epoch.epoch);
    this.space.show(get("space"));
    this.segment.show(this.begun || !SEGMENTS.concat("none").includes(get("segment")) ? "hand" : get("segment"));
    this.choice.show();
  }

  // Another plane is seen as a whole, and its segment goes between its images.
  #whole() {
    this.begun = null;
    this.hint.textContent = "";
    this.still = true;
    this.state.set("view", [START.x, START.y, START.zoom]);
    this.plot.look(START);
    if (!SEGMENTS.concat("none").includes(this.state.get("segment"))) this.state.set("segment", "AB");
    this.still = false;
  }

  #segment(value) {
    this.begun = value === "hand" ? [] : null;
    this.hint.textContent = value === "hand" ? "Set both ends: click two places in the picture, or move its middle there with the arrow keys and press Enter." : "";
    if (value !== "hand") this.state.set("segment", value);
  }

  #pointed(place) {
    if (!this.begun) return;
    if (!this.begun.length) {
      this.begun = place;
      this.hint.textContent = "The segment begins here; now its other end.";
      this.#mark();
      return;
    }
    const ends = [...this.begun, ...place];
    this.begun = [];
    this.hint.textContent = "Two more places make another segment.";
    this.state.set("segment", ends.join(","));
  }

  #changed(name) {
    if (this.still) return;
    if (name === "images") this.#whole();
    this.#display();
    if (name === "segment") return void this.#measure();
    if (name === "view") this.plot.look(seenAt(this.state.get("view")));
    if (name === "network" || name === "epoch") return void this.#reload();
    this.#cut();
  }

  #tell(words, again = false) {
    this.message.textContent = words;
    this.again.hidden = !again;
  }

  #text(name) {
    if (!this.files.has(name)) {
      const pending = this.source.text(name);
      pending.catch(() => this.files.delete(name));
      this.files.set(name, pending);
    }
    return this.files.get(name);
  }

  async #reload() {
    const round = ++this.round;
    const { list } = this.source;
    this.#display();
    this.#tell("Loading …");
    try {
      const [shown, network] = await Promise.all([this.#text(list.pictures), this.#text(this.#epoch.part)]);
      if (round !== this.round) return;
      if (!this.pictures) this.choice.take((this.pictures = picturesOf(shown, list.images.length, list.side)));
      this.stored = behindOf(network, this.#listed, list.images.length);
    } catch (error) {
      this.files.clear(); // what was damaged is asked for again
      if (round === this.round) this.#tell(`This slice could not be loaded: ${error.message}`, true);
      return;
    }
    await this.#cut();
  }

  // First a coarse picture, then the exact one; a change of the settings breaks it off.
  async #cut() {
    if (!this.stored) return;
    const round = ++this.round;
    const going = () => round === this.round;
    const { get } = this.state;
    const start = get("space");
    const view = seenAt(get("view"));
    const began = performance.now();
    try {
      this.square = squareThrough(this.stored, this.pictures, this.choice.places, start);
      const { net, plane } = this.square;
      const seen = inView(plane, { ...view, x: view.x * plane.window, y: view.y * plane.window });
      const { winner, lead } = await sliced(sampling(net, seen, { start, size: GRID }), going) ?? {};
      if (!going()) return;
      this.places = null;
      this.plot.take(coarse(winner, lead), view);
      const first = performance.now() - began;
      await pause();
      if (!going()) return;
      this.places = { of: view, places: labelPlaces(winner, GRID) };
      this.#measure();
      await pause();
      if (!going()) return;
      let last = 0;
      const told = (share) => {
        if (performance.now() - last < 250) return;
        last = performance.now();
        this.#tell(`Cutting: ${Math.round(100 * share)} % of the neurons …`);
      };
      const partition = await sliced(slicing(net, seen, { start }), going, told);
      if (!going()) return;
      const pieces = await sliced(classing(partition), going);
      if (!going()) return;
      const edges = await sliced(edging(partition), going);
      if (!going()) return;
      const boundaries = await sliced(bordering(pieces), going);
      if (!going()) return;
      const canvas = make("canvas");
      canvas.width = canvas.height = this.plot.size;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(this.plot.latest.picture, 0, 0, canvas.width, canvas.height); // under the seams between polygons
      const looks = { fill: colourOf, strokes: strokesOf(canvas.width, partition) };
      await sliced(atOnce(context, tracing(context, canvas.width, partition, pieces, edges, boundaries, looks)), going);
      if (!going()) return;
      this.made = { ...this.made, partition, pieces, edges, first, milliseconds: performance.now() - began };
      const shares = sharesOf(partition, pieces);
      await pause();
      if (!going()) return;
      this.#say(canvas, view, shares);
      this.#tell("");
    } catch (error) {
      if (going()) this.#tell(`This plane could not be cut: ${error.message}`);
    }
  }

  #say(canvas, view, shares) {
    const { partition, edges } = this.made;
    const { faces, counts, vertices, start } = partition;
    const words = sliceInWords(partition, shares, edges.length, (winner) => `class ${winner}`);
    this.plot.take(canvas, view, words);
    this.words.textContent = words;
    this.plot.frame.dataset.faces = faces.length;
    this.state.report({ faces: faces.length });
    const made = counts.map((number, k) => `${whole(number)} after layer ${start + 1 + k}`);
    this.numbers.replaceChildren(
      entry("Faces", whole(faces.length), made.length > 1 ? made.join(", ") : ""),
      entry("V − E + F", String(vertices - edges.length + faces.length), `${whole(vertices)} − ${whole(edges.length)} + ${whole(faces.length)}`),
      this.crossed ?? "",
    );
    this.legend.replaceChildren(
      ...shares.map(({ winner, share }) => {
        const swatch = make("i");
        swatch.style.background = colourOf(winner, 1);
        return make("li", {}, swatch, make("b", { textContent: String(winner) }), ` ${percentOf(share)}`);
      }),
    );
  }

  // The ends of the segment in parts of the square, and nothing without one.
  get #ends() {
    const { plane, corners } = this.square;
    const segment = this.state.get("segment");
    if (segment === "none") return null;
    if (SEGMENTS.includes(segment)) return [...segment].map((letter) => corners[LETTERS.indexOf(letter)].map((value) => value / plane.window));
    const [x, y, right, down] = segment.split(",").map(Number);
    return [[x, y], [right, down]];
  }

  #measure() {
    if (!this.square) return;
    const { net, plane } = this.square;
    const start = this.state.get("space");
    const ends = this.#ends;
    if (this.crossed?.isConnected) this.crossed.remove();
    this.crossed = null;
    this.found = null;
    if (ends) {
      const [from, to] = ends.map((end) => end.map((value) => value * plane.window));
      const found = segmentOf(net, plane, from, to, start);
      const { first, changes } = classesAlong(net, ...[from, to].map(([x, y]) => pointOf(plane, x, y)), start);
      const passed = [first, ...changes.map(({ after }) => after)];
      const words = segmentInWords(found, start);
      this.told.textContent = `${words} Classes along it: ${passed.join(", ")}.`;
      const each = found.byLayer.map((number, k) => `${number} of layer ${start + 1 + k}`).join(", ");
      this.crossed = entry("Crossed by the segment", whole(found.crossings.length), each, `bits that differ: ${found.differing}`, `classes: ${passed.join(" → ")}`);
      this.numbers.append(this.crossed);
      this.found = { ...found, passed };
    } else this.told.textContent = "";
    this.made = { ...this.made, segment: this.found };
    this.state.report({ crossed: this.found?.crossings.length ?? 0 });
    this.#mark();
  }

  #mark() {
    const { plane, corners } = this.square;
    const ends = this.#ends;
    this.plot.mark({
      corners: corners.map((corner) => corner.map((value) => value / plane.window)),
      segment: ends,
      ticks: this.found ? this.found.crossings.map(({ t }) => t) : [],
      begun: this.begun?.length ? this.begun : null,
      ...this.places,
    });
  }

  // The picture with its marks.
  #save() {
    const { picture, above } = this.plot;
    const canvas = make("canvas");
    canvas.width = canvas.height = picture.width;
    const context = canvas.getContext("2d");
    for (const layer of [picture, above]) context.drawImage(layer, 0, 0);
    const link = make("a", { href: canvas.toDataURL("image/png"), download: "slice.png" });
    link.click();
  }

  async #copy() {
    const link = this.state.link();
    try {
      await navigator.clipboard.writeText(link);
      this.#tell("Copied the link.");
    } catch {
      this.#tell(`This browser does not let pages copy; the link is in the address: ${link}`);
    }
  }
}

function select(words, options, act) {
  const input = make("select");
  const fill = (list) => {
    if (input.dataset.listed === String(list)) return;
    input.replaceChildren(...list.map(([value, textContent]) => make("option", { value, textContent })));
    input.dataset.listed = String(list);
  };
  fill(options);
  input.addEventListener("change", () => act(input.value));
  return { label: labelled(words, input), input, fill, show: (value) => (input.value = String(value)) };
}

// A small picture of classes on a grid, by rows from the lower left.
function coarse(winner, lead) {
  const canvas = make("canvas", { width: GRID, height: GRID });
  const context = canvas.getContext("2d");
  winner.forEach((value, at) => {
    context.fillStyle = colourOf(value, Math.tanh(lead[at] / 2));
    context.fillRect(at % GRID, GRID - 1 - Math.floor(at / GRID), 1, 1);
  });
  return canvas;
}

// What is drawn bit by bit, at once: a browser would keep it and draw all of it in the end.
function* atOnce(context, work) {
  for (const _ of work) {
    context.getImageData(0, 0, 1, 1);
    yield;
  }
}

// How edges are drawn: those of the first layers wide, of the last ones fine, all the fainter the more there are; those
// between classes the widest.
function strokesOf(size, { net, start, faces }) {
  const unit = size / 640;
  const crowd = Math.min(1, Math.sqrt(3000 / Math.max(1, faces.length)));
  const layers = Array.from({ length: net.depth - start }, (_, k) => {
    const [width, ink] = WIDTHS[Math.min(k, WIDTHS.length - 1)];
    return [start + 1 + k, { width: Math.max(0.35, width * unit), ink: `rgb(0 0 0 / ${(ink * crowd).toFixed(2)})` }];
  });
  return { ...Object.fromEntries(layers), classes: { width: 1.7 * unit, ink: "#000" } };
}
