// The film as a reader sees it: a slider of thresholds, all planes in one panel, one plane by itself, and what changes.

import { button, captioned, entry, labelled, make, signed, whole } from "../explorer/elements.mjs";
import { CELLS, paint } from "../explorer/picture.mjs";
import { Frames, HALF_WAY } from "./frames.mjs";

const [LEAST, MOST, APART] = [0.3, 0.95, 0.01];
const EVERY = 70; // milliseconds between two frames

const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;

const sideOf = (epsilon) => (epsilon < HALF_WAY ? "below 1/√2" : "above 1/√2");

// A picture, and faint lines along its axes.
function framed(canvas, { image, limit }) {
  paint(canvas, image, limit);
  const context = canvas.getContext("2d");
  context.fillStyle = "rgb(255 255 255 / 25%)";
  context.fillRect(0, CELLS / 2 - 0.25, CELLS, 0.5);
  context.fillRect(CELLS / 2 - 0.25, 0, 0.5, CELLS);
}

// A frame in words, of so many samples.
export function inWords({ epsilon, pooled, images, planes, moved }, samples) {
  const drawn = `${whole(images)} of ${whole(samples)} images are drawn, each in ${whole(planes)} ${planes === 1 ? "plane" : "planes"} (median)`;
  return `Threshold ${epsilon.toFixed(2)}, ${sideOf(epsilon)}: ${drawn}; c4 is ${signed(pooled.c4)}. Representations moved: ${whole(moved)}.`;
}

export class Film {
  // `form` is that of isoaux.film.source, `values` the whole numbers of its file.
  constructor(element, form, values) {
    Object.assign(this, { form, frames: new Frames(values, form.width, form.epsilon) });
    const [i, j] = this.frames.plane; // counted from 0, as in the explorer
    this.pooled = make("canvas", { width: CELLS, height: CELLS, role: "img", ariaLabel: "All planes, not drawn yet." });
    this.single = make("canvas", { width: CELLS, height: CELLS, role: "img", ariaLabel: "One plane, not drawn yet." });
    this.slider = make("input", { type: "range", min: LEAST, max: MOST, step: APART, value: form.epsilon });
    this.value = make("output");
    this.message = make("p", { className: "message", ariaLive: "polite" });
    this.numbers = make("dl");
    this.play = button("Play", () => (this.timer ? this.#stop() : this.#run()));
    this.play.hidden = Boolean(still());
    this.slider.addEventListener("input", () => this.#show());
    this.slider.addEventListener("change", () => this.#stop());
    const pictures = make("div", { className: "pictures" });
    const some = `${form.words}; the first ${whole(this.frames.cloud.count)} of ${whole(form.all)} images`;
    pictures.append(captioned(`All planes in one panel: ${some}`, this.pooled));
    pictures.append(captioned(`The plane of neurons ${i} and ${j} by itself, which holds most images`, this.single));
    const slider = make("div", { className: "threshold" }, labelled("Threshold ε", this.slider), this.#marks(), this.value);
    element.replaceChildren(pictures, make("div", { className: "controls" }, slider, this.play), this.numbers, this.message);
    this.#show();
    this.#say();
  }

  // Marks below the slider: where half way between two axes ends, and the threshold of the paper.
  #marks() {
    const marks = make("div", { className: "marks", ariaHidden: "true" });
    for (const [at, words, side] of [[HALF_WAY, "1/√2", "before"], [this.form.epsilon, `${this.form.epsilon}, the paper’s`, "behind"]]) {
      const mark = make("span", { className: side, textContent: words });
      mark.style.setProperty("--at", (at - LEAST) / (MOST - LEAST));
      marks.append(mark);
    }
    return marks;
  }

  // From the largest threshold down to the smallest, or on from where it was stopped.
  #run() {
    if (Number(this.slider.value) <= LEAST) this.slider.value = MOST;
    this.play.textContent = "Pause";
    this.timer = setInterval(() => {
      this.slider.value = Number(this.slider.value) - APART;
      this.#show();
      if (Number(this.slider.value) <= LEAST) this.#stop();
    }, EVERY);
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.play.textContent = "Play";
    this.#say();
  }

  #show() {
    const { frames, slider } = this;
    const frame = (this.frame = frames.at(Number(slider.value)));
    const { epsilon, pooled, single, images, planes, moved } = frame;
    const samples = frames.cloud.count;
    framed(this.pooled, pooled);
    framed(this.single, single);
    this.pooled.ariaLabel = `All planes at threshold ${epsilon.toFixed(2)}: ${whole(pooled.count)} points, c4 ${signed(pooled.c4)}`;
    this.single.ariaLabel = `One plane at threshold ${epsilon.toFixed(2)}: ${whole(single.count)} points, c4 ${signed(single.c4)}`;
    this.value.textContent = epsilon.toFixed(2);
    slider.ariaValueText = `${epsilon.toFixed(2)}, ${sideOf(epsilon)}`;
    this.numbers.replaceChildren(
      entry("Representations moved", whole(moved), `since the first frame, of ${whole(samples)}`),
      entry("c4 of all planes", signed(pooled.c4), "above 0: next to axes; below 0: half way between"),
      entry("c4 of the one plane", signed(single.c4)),
      entry("Points in all planes", whole(pooled.count), `${whole(images)} images, each in ${whole(planes)} ${planes === 1 ? "plane" : "planes"} (median)`),
    );
  }

  #say() {
    this.message.textContent = inWords(this.frame, this.frames.cloud.count);
  }
}
