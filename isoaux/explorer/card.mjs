// One network as a reader sees it: picture, triangle of planes, numbers, spotlight. A `small` one is picture and numbers.

import { captioned, entry, line, make, percent, signed, whole } from "./elements.mjs";
import { DRAWS, Panel } from "./panel.mjs";
import { CELLS, paint } from "./picture.mjs";
import { titleOf } from "./settings.mjs";
import { Triangle } from "./triangle.mjs";

export class Card {
  constructor(key, network, { pick, small = false }) {
    this.key = key;
    this.small = small;
    this.panel = new Panel(network);
    this.forget();
    this.picture = make("canvas", { className: "picture", width: CELLS, height: CELLS, role: "img" });
    this.numbers = make("dl");
    this.note = make("p", { className: "note", hidden: true });
    this.element = make("section", { className: "panel", ariaLabel: titleOf(network) });
    const figures = make("div", { className: "figures" }, this.picture);
    this.element.append(make("p", { className: "title", textContent: titleOf(network) }), figures, this.numbers, this.note);
    if (small) return;
    this.triangle = new Triangle(pick);
    figures.append(this.triangle.element);
    this.curve = make("canvas", { className: "curve", width: 720, height: 200, role: "img" });
    this.element.append(captioned("Mean spotlight from 0° to 360°; dashed: isotropic expectation.", this.curve));
  }

  // With `shared`, an epoch is drawn in the largest window and with the largest limit of those drawn before, as a row of
  // panels in the paper is; limits are compared per representation, windows in the representations' own units.
  *projecting(view, shared) {
    const { panel, epoch } = this;
    if (shared) this.widest = Math.max(this.widest, panel.window * epoch.scale);
    yield* panel.projecting({ ...view, window: shared ? this.widest / epoch.scale : panel.window });
    this.brightest = Math.max(shared ? this.brightest : 0, panel.limit / panel.cloud.count);
    this.#draw(this.brightest * panel.cloud.count);
  }

  forget() {
    this.widest = this.brightest = 0;
  }

  #draw(limit) {
    const { panel } = this;
    paint(this.picture, panel.image, limit);
    this.triangle?.show(panel);
    this.note.textContent = panel.note;
    this.note.hidden = !panel.note;
    this.tests = {};
    this.state = `${DRAWS} random bases: computing …`;
    this.#write();
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

  #write() {
    const { panel, epoch, tests } = this;
    const { found, cloud } = panel;
    const among = (name, print) => {
      if (!tests[name]) return this.state;
      const { low, high, p, draws } = tests[name];
      return `${draws} random bases: ${print(low)} to ${print(high)}, p = ${p.toFixed(2)}`;
    };
    const when = epoch.of_all ? `, epoch ${epoch.epoch}` : "";
    this.numbers.replaceChildren(
      entry(
        "Points kept",
        whole(found.count),
        `of ${whole(cloud.count)} representations${when}`,
        `isotropic expectation: ${whole(found.expected)}`,
        among("count", whole),
      ),
      entry("⟨cos 4φ⟩", signed(found.c4), "isotropic expectation: 0", among("c4", signed)),
    );
    if (!this.small) {
      this.numbers.append(entry("⟨sin 2φ⟩", signed(found.s2), "isotropic expectation: 0", among("s2", signed)));
      if (epoch.of_all) this.numbers.append(...this.#record());
    }
    const words = `${whole(found.count)} points of ${whole(cloud.count)} representations`;
    this.picture.setAttribute("aria-label", `Density of ${words}; mean of cos 4 phi ${signed(found.c4)}`);
    this.picture.dataset.count = found.count;
  }

  // The same of all training images, out of the network's record.
  #record() {
    const { network } = this.panel;
    const ofAll = (name, print) => {
      const { value, low, high, p, draws } = this.epoch.of_all[name];
      return [print(value), `${draws} random bases: ${print(low)} to ${print(high)}, p = ${p.toPrecision(2)}`];
    };
    const setting = `on record: all ${whole(network.all_samples)}, ε = ${network.epsilon}, standard basis`;
    const words = [["Points", "count", whole], ["⟨cos 4φ⟩", "c4", signed]];
    return words.map(([term, name, print]) => entry(`${term}, all images`, ...ofAll(name, print), setting));
  }

  spotlight({ shares, expected }) {
    if (this.small) return;
    const context = this.curve.getContext("2d");
    const { width, height } = this.curve;
    const most = Math.max(expected * 1.5, shares.reduce((a, b) => Math.max(a, b), 0)) * 1.05 || 1;
    const at = (share) => height - 1 - (share / most) * (height - 4);
    const style = getComputedStyle(this.curve);
    context.clearRect(0, 0, width, height);
    context.lineWidth = 2;
    context.strokeStyle = style.color;
    context.globalAlpha = 0.5;
    context.setLineDash([8, 8]);
    line(context, [[0, at(expected)], [width, at(expected)]]);
    context.globalAlpha = 1;
    context.setLineDash([]);
    line(context, Array.from(shares, (share, degree) => [(degree * width) / shares.length, at(share)]));
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    const words = `Mean spotlight: ${percent(mean)} on average, at most ${percent(Math.max(...shares))}; isotropic ${percent(expected)}`;
    this.curve.setAttribute("aria-label", words);
  }
}
