// A direction of the picture that a reader chooses, by a click or by keyboard, to light up its images wherever they are.

import { button, labelled, make } from "./elements.mjs";
import { GUIDES, edgeOf } from "./frame.mjs";

const TICK = 5; // degrees
const RAYS = 360 / TICK;

// `choose` is called with a direction in degrees, or with null where nothing is to be lit any more.
export class Beam {
  constructor(picture, frame, choose) {
    Object.assign(this, { picture, frame, choose, lit: null });
    this.angle = make("input", { type: "range", min: 0, max: 360 - TICK, step: TICK, value: 0 });
    this.value = make("span", { className: "value" });
    this.act = button("Light up", () => this.#press());
    this.words = make("p", { className: "lit", ariaLive: "polite" });
    const label = labelled("Beam at", this.angle);
    label.append(this.value);
    this.element = make("div", { className: "beam" }, label, this.act, this.words);
    this.angle.addEventListener("input", () => this.#turned());
    this.angle.addEventListener("keydown", (event) => event.key === "Enter" && this.choose(this.direction));
    for (const kind of ["focus", "blur"]) this.angle.addEventListener(kind, () => this.#draw());
    picture.addEventListener("click", (event) => this.#clicked(event));
    this.#turned();
  }

  get direction() {
    return Number(this.angle.value);
  }

  #press() {
    this.choose(this.lit === this.direction ? null : this.direction);
  }

  #clicked(event) {
    const box = this.picture.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - box.width / 2, box.height / 2 - (event.clientY - box.top)];
    const degrees = (Math.atan2(y, x) * 180) / Math.PI;
    this.angle.value = ((Math.round(degrees / TICK) + RAYS) % RAYS) * TICK;
    this.#turned();
    this.choose(this.direction);
  }

  #turned() {
    this.value.textContent = `${this.direction}°`;
    this.angle.setAttribute("aria-valuetext", `${this.direction} degrees from the horizontal axis`);
    this.#draw();
    this.#name();
  }

  #name() {
    this.act.textContent = this.lit !== null && this.lit === this.direction ? "Clear" : "Light up";
  }

  #draw() {
    const chosen = document.activeElement === this.angle || this.lit !== null;
    const direction = document.activeElement === this.angle ? this.direction : (this.lit ?? this.direction);
    this.frame.draw(chosen ? [...GUIDES, ["ray", 0, 0, ...edgeOf(direction)]] : GUIDES);
  }

  // Which direction of this picture is lit, null for none, and what there is to say of it.
  show(lit, words) {
    this.lit = lit;
    if (this.words.textContent !== words) this.words.textContent = words;
    this.#name();
    this.#draw();
  }
}
