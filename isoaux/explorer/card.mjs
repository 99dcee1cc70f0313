// One network as a reader sees it: picture, triangle of planes, numbers, spotlight.

import { captioned, entry, line, make, percent, signed, whole } from "./elements.mjs";
import { DRAWS, Panel } from "./panel.mjs";
import { CELLS, MAGMA, painted } from "./picture.mjs";
import { planes } from "./projection.mjs";
import { titleOf } from "./settings.mjs";

export class Card {
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
