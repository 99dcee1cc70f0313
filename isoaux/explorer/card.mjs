// One network as a reader sees it: picture, numbers, planes, spotlight. A `small` one is picture and numbers.

import { Beam } from "./beam.mjs";
import { Curve, ticksTo } from "./curve.mjs";
import { entry, make, percent, signed, whole } from "./elements.mjs";
import { Frame } from "./frame.mjs";
import { Handle } from "./handle.mjs";
import { DRAWS, Panel } from "./panel.mjs";
import { CELLS, paint } from "./picture.mjs";
import { titleOf } from "./settings.mjs";
import { Triangle } from "./triangle.mjs";

export class Card {
  // `acts` are what a reader can do: pick a plane, light up a direction, turn the basis.
  constructor(key, network, { pick, light, turn, small = false }) {
    this.key = key;
    this.small = small;
    this.panel = new Panel(network);
    this.forget();
    this.picture = make("canvas", { className: "picture", width: CELLS, height: CELLS, role: "img", ariaLabel: "The picture, not drawn yet." });
    this.about = make("p", { className: "about" });
    this.numbers = make("dl");
    this.record = make("p", { className: "record", hidden: true });
    this.note = make("p", { className: "note", hidden: true });
    this.frame = new Frame(this.picture);
    this.handle = new Handle(this.frame, turn);
    this.beam = new Beam(this.picture, this.frame, (direction) => light(this, direction));
    this.element = make("section", { className: "panel", ariaLabel: titleOf(network) });
    const title = make("div", { className: "title" }, make("p", { textContent: titleOf(network) }), this.about);
    const facts = make("div", { className: "facts" }, this.numbers, this.record, this.note);
    this.element.append(title, this.frame.element, this.beam.element, facts);
    if (small) return;
    this.triangle = new Triangle(pick);
    this.curve = new Curve();
    this.element.append(this.triangle.element, this.curve.element);
  }

  // With `shared`, an epoch is drawn in the largest window and with the largest limit of those drawn before, as a row of
  // panels in the paper is; limits are compared per representation, windows in the representations' own units.
  *projecting(view, shared) {
    const { panel, epoch } = this;
    if (shared) this.widest = Math.max(this.widest, panel.window * epoch.scale);
    this.shared = shared;
    this.window = shared ? this.widest / epoch.scale : panel.window;
    yield* panel.projecting({ ...view, window: this.window });
    this.#draw();
  }

  // Draw what has been projected so far, if anything; the rest of it may follow.
  glimpse() {
    if (this.panel.glimpse()) this.#draw();
  }

  forget() {
    this.widest = this.brightest = 0;
  }

  #draw() {
    const { panel } = this;
    this.brightest = Math.max(this.shared ? this.brightest : 0, panel.brightest);
    paint(this.picture, panel.image, this.brightest * panel.seen, panel.lit?.image);
    this.triangle?.show(panel);
    this.note.textContent = panel.note;
    this.note.hidden = !panel.note;
    this.tests = {};
    this.state = panel.rough ? "estimated from some of the samples" : `${DRAWS} random bases: computing …`;
    this.#labels();
    this.handle.show(panel);
    this.#write();
  }

  // The scale of the picture in the representations' own units, and what its axes are.
  #labels() {
    const { panel, epoch, window } = this;
    const half = window * (epoch.scale ?? 1);
    const most = ticksTo(0.9 * half).at(-1);
    const number = (value) => String(Number(value.toPrecision(6))).replace("-", "−");
    const place = (value) => (1 + value / half) / 2;
    const middle = place(most / 2);
    const [one, two] = panel.view.plane ?? [];
    const named = (vector, letter) => {
      const kind = panel.ofNeurons ? "neuron" : "vector";
      return vector === undefined ? `${kind} ${letter}` : `${kind} ${panel.nameOf(panel.rows[vector])}`;
    };
    const ticks = [-most, 0, most].map((value) => [value, number(value), value < 0 ? "" : "beside"]);
    this.frame.label(
      [...ticks.map(([value, ...rest]) => [place(value), ...rest]), [middle, `${named(one, "i")} →`, "axis"]],
      [...ticks.map(([value, ...rest]) => [1 - place(value), ...rest]), [1 - middle, `${named(two, "j")} →`, "axis"]],
    );
  }

  waiting(drawn) {
    this.state = `random bases: ${drawn} of ${DRAWS} …`;
    if (drawn % 11 === 0) this.#write();
  }

  null(tests) {
    this.tests = tests;
    this.state = "";
    this.#write();
  }

  // The images that are lit: { direction, name }, the direction one of this picture if it was chosen here.
  light(lit) {
    this.chosen = lit;
    this.panel.light(lit?.mask ?? null);
    if (!lit) this.beam.show(null, "");
  }

  #write() {
    const { panel, epoch, tests, picture } = this;
    const { found, cloud, rough } = panel;
    const about = rough ? "≈ " : "";
    const among = (name, print) => {
      if (!tests[name]) return this.state;
      const { low, high, p, draws } = tests[name];
      return `${draws} random bases: ${print(low)} to ${print(high)}, p = ${p.toFixed(2)}`;
    };
    const images = this.imagesIn(cloud.count);
    this.about.textContent = `${images}${panel.network.seed === undefined ? "" : `, epoch ${epoch.epoch}`}`;
    const planes = panel.view.plane ? "in this plane" : "in any plane";
    const share = cloud.count ? ` (${percent(found.kept / cloud.count)})` : "";
    const shape = (name, words) => entry(words, about + signed(found[name]), among(name, signed));
    this.numbers.replaceChildren(
      entry("Points", about + whole(found.count), `isotropic: ${whole(found.expected)}`, among("count", whole)),
      shape("c4", "c4 = ⟨cos 4φ⟩"),
      ...(this.small ? [] : [shape("s2", "s2 = ⟨sin 2φ⟩")]),
      entry(panel.network.seed === undefined ? "Samples kept" : "Images kept", about + whole(found.kept), `${planes}${share}`),
    );
    this.#record();
    this.#lit();
    const words = `${whole(found.count)} points of ${whole(cloud.count)} representations`;
    picture.setAttribute("aria-label", `Density of ${about}${words}; mean of cos 4 phi ${signed(found.c4)}`);
    if (rough) {
      delete picture.dataset.count;
      picture.dataset.rough = found.count;
    } else {
      delete picture.dataset.rough;
      picture.dataset.count = found.count;
    }
  }

  // The numbers in words.
  get words() {
    const { panel } = this;
    const { count, c4 } = panel.found;
    return `${titleOf(panel.network)}: ${whole(count)} points, c4 ${signed(c4)}`;
  }

  // So many images or samples, in words.
  imagesIn(count) {
    const { network } = this.panel;
    if (network.seed === undefined) return `${whole(count)} representations`;
    return `${whole(count)} ${network.images === "test" ? "test" : "training"} images`;
  }

  // The same of all training images, out of the network's record; only where it is of this very view.
  #record() {
    const { network, view } = this.panel;
    const { of_all: all } = this.epoch;
    this.record.hidden = this.small || !all;
    if (this.record.hidden) return;
    const same = view.epsilon === network.epsilon && view.variant === "combination" && !view.plane && this.panel.ofNeurons && !this.panel.isTurned;
    const from = `On record, all ${whole(network.all_samples)} images`;
    if (!same) {
      this.record.textContent = `${from} at ε = ${network.epsilon}, in the neuron basis and all planes: not this view.`;
      return;
    }
    const one = (words, { value, low, high, p, draws }, print) =>
      `${words} ${print(value)} (${draws} random bases: ${print(low)} to ${print(high)}, p = ${p.toPrecision(2)})`;
    this.record.textContent = `${from}: ${one("points", all.count, whole)}, ${one("c4", all.c4, signed)}.`;
  }

  // What there is to say of the images that are lit.
  #lit() {
    const { chosen, panel } = this;
    if (!chosen || !panel.lit) return;
    const { lit, found, planeCount, rough } = panel;
    const here = chosen.key === this.key;
    const planes = lit.counts.reduce((sum, points) => sum + (points > 0), 0);
    const images = `${whole(chosen.count)} ${chosen.kind}`;
    const who = here ? `The ${images} of this beam` : `The same ${images}`;
    const points = `${rough ? "≈ " : ""}${whole(lit.count)} of ${whole(found.count)} points`;
    const where = panel.view.plane ? "in this plane" : `in ${whole(planes)} of ${whole(planeCount)} planes`;
    this.beam.show(here ? chosen.direction : null, `${who}: ${points}, ${where}.`);
  }

  spotlight(found) {
    return this.curve?.show(found);
  }

  end() {
    this.curve?.end();
  }
}
