// One network as a reader sees it: picture, triangle of planes, numbers, spotlight. A `small` one is picture and numbers.

import { Curve } from "./curve.mjs";
import { entry, make, signed, whole } from "./elements.mjs";
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
    this.curve = new Curve();
    this.element.append(this.curve.element);
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
    const when = panel.network.seed === undefined ? "" : `, epoch ${epoch.epoch}`;
    this.numbers.replaceChildren(
      entry(
        "Points kept",
        whole(found.count),
        `of ${whole(cloud.count)} ${panel.network.images === "test" ? "test images" : "representations"}${when}`,
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

  spotlight(found) {
    return this.curve?.show(found);
  }

  end() {
    this.curve?.end();
  }
}
