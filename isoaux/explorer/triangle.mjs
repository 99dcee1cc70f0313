// All planes at once, brighter where there are more points; one may be chosen by pointer or keyboard to be seen alone.

import { captioned, keyed, make, whole } from "./elements.mjs";
import { Frame } from "./frame.mjs";
import { MAGMA } from "./picture.mjs";
import { planes } from "./projection.mjs";

const SIDE = 480; // pixels
const LABELS = 12; // numbers along an edge, at most
const HINT = "Points by plane, counted from 0: the brighter, the more. Choose one to see it alone.";
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Triangle {
  constructor(pick) {
    this.pick = pick;
    this.canvas = keyed(make("canvas", { className: "planes", role: "slider", tabIndex: 0 }));
    this.frame = new Frame(this.canvas, { upper: true });
    this.element = captioned(HINT, this.frame.element);
    this.element.classList.add("triangle");
    this.words = this.element.querySelector("small");
    this.#pointed();
    this.#pressed();
  }

  // What a panel found in each plane.
  show(panel) {
    const { rows, found, view } = panel;
    Object.assign(this, { panel, rows, m: rows.length, counts: found.counts, view });
    const listed = (this.listed = planes(this.m, view.variant).filter((plane) => this.#there(plane)));
    this.fullest = listed.reduce((best, plane) => (this.#count(plane) > this.#count(best) ? plane : best), listed[0]);
    if (this.at && !this.#there(this.at)) this.at = null;
    this.#draw();
    const most = this.fullest ? `most points, ${whole(this.#count(this.fullest))}, in ${this.#name(this.fullest)}` : "none";
    this.canvas.setAttribute("aria-label", `Points by plane: ${most}. Arrow keys move, Enter shows a plane alone or all again.`);
    this.#say();
    const every = Math.ceil(this.m / LABELS);
    const labels = Array.from(this.rows, (row, k) => [(k + 0.5) / this.m, panel.nameOf(row)]).filter((_, k) => k % every === 0);
    this.frame.label(labels, labels);
  }

  // What a screen reader hears of the plane that is pointed at.
  #say() {
    const plane = this.at ?? this.view.plane ?? this.fullest;
    const place = plane ? this.listed.findIndex((one) => String(one) === String(plane)) : 0;
    const { canvas } = this;
    canvas.setAttribute("aria-valuemin", 0);
    canvas.setAttribute("aria-valuemax", Math.max(0, this.listed.length - 1));
    canvas.setAttribute("aria-valuenow", Math.max(0, place));
    canvas.setAttribute("aria-valuetext", plane ? `${this.#name(plane)}: ${whole(this.#count(plane))} points` : "no plane");
  }

  // Planes are named by the rows of the whole basis, of which a wide one shows some.
  #name([i, j], letter = "p") {
    return `${letter}lane ${[i, j].map((place) => this.panel.nameOf(this.rows[place])).join(", ")}`;
  }

  #choose(plane) {
    if (plane) this.pick(plane.map((place) => this.rows[place]));
  }

  #count([i, j]) {
    return this.counts[i * this.m + j];
  }

  #there([i, j]) {
    const inside = i >= 0 && j >= 0 && i < this.m && j < this.m;
    const spanned = inside && this.panel.prepared.sine[i * this.m + j] > 0;
    return spanned && (i < j || this.view.variant === "permutation");
  }

  #draw() {
    const { m, canvas, view } = this;
    const side = m * Math.max(2, Math.floor(SIDE / m));
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const cells = make("canvas", { width: m, height: m });
    const bytes = new ImageData(m, m);
    const most = this.fullest ? this.#count(this.fullest) || 1 : 1;
    for (const [i, j] of this.listed) {
      const colour = 3 * Math.min(255, Math.round(40 + (215 * this.#count([i, j])) / most));
      const pixel = 4 * (i * m + j);
      for (let k = 0; k < 3; k++) bytes.data[pixel + k] = MAGMA[colour + k];
      bytes.data[pixel + 3] = 255;
    }
    cells.getContext("2d").putImageData(bytes, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(cells, 0, 0, side, side);
    const outlined = (plane, colour) => {
      if (!plane) return;
      const cell = side / m;
      context.lineWidth = Math.max(2, cell / 6);
      context.strokeStyle = colour;
      context.strokeRect(plane[1] * cell, plane[0] * cell, cell, cell);
    };
    outlined(this.at, "#fff");
    outlined(view.plane, "#36c5f0");
  }

  #pointed() {
    const { canvas } = this;
    const under = (event) => {
      const box = canvas.getBoundingClientRect();
      const place = (offset, size) => Math.floor((offset / size) * this.m);
      const plane = [place(event.clientY - box.top, box.height), place(event.clientX - box.left, box.width)];
      return this.#there(plane) ? plane : null;
    };
    canvas.addEventListener("click", (event) => this.#choose(under(event)));
    canvas.addEventListener("pointermove", (event) => this.#move(under(event)));
    canvas.addEventListener("pointerleave", () => this.#move(null));
  }

  #pressed() {
    const { canvas } = this;
    canvas.addEventListener("focus", () => this.#move(this.at ?? this.view.plane ?? this.fullest));
    canvas.addEventListener("blur", () => this.#move(null));
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") this.#choose(this.at);
      else if (Object.hasOwn(STEPS, event.key) && this.at) this.#step(STEPS[event.key]);
      else return;
      event.preventDefault();
    });
  }

  // To the next plane in a direction; the diagonal, where there is none, is crossed.
  #step([down, right]) {
    const [i, j] = this.at;
    const next = [1, 2].map((steps) => [i + steps * down, j + steps * right]).find((plane) => this.#there(plane));
    if (next) this.#move(next);
  }

  #move(plane) {
    if (String(plane) === String(this.at)) return;
    this.at = plane;
    this.words.textContent = plane ? `${this.#name(plane, "P")}: ${whole(this.#count(plane))} points` : HINT;
    this.#say();
    this.#draw();
  }
}
