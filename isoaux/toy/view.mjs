// The toy model as a reader sees it: settings, directions of features while they are trained, the loss, and what came
// out. `work` is a worker of serving.mjs; `state` has get, set and listen.

import { between } from "../explorer/address.mjs";
import { button, entry, labelled, line, make, whole } from "../explorer/elements.mjs";
import { ACTIVATIONS, OPTIMISERS, RATES } from "./training.mjs";
import { axesTest, dimensionalities, importanceOf, lengthsOf, linearLoss, represented, testInWords } from "./numbers.mjs";

export const STEPS = 4000;
export const BATCH = 128;

export const TOY = { n: 5, m: 2, sparsity: 0.9, ratio: 1, activation: "none", optimiser: "sgd", times: 1, seed: 1, plane: "0,1" };

const RATIOS = [1, 0.9, 0.7, 0.5];
const TIMES = [0.1, 0.3, 1, 3, 10, 100];
const WORDS = { none: "none", tanh: "tanh, on each neuron", isotanh: "isotropic tanh", sgd: "SGD with momentum", adam: "Adam" };

// What every setting may be.
export const TOY_CHECKS = new Map(
  Object.entries({
    n: between(1, 40),
    m: between(1, 10),
    sparsity: (value) => value >= 0 && value < 1,
    ratio: (value) => RATIOS.includes(value),
    activation: (value) => ACTIVATIONS.includes(value),
    optimiser: (value) => OPTIMISERS.includes(value),
    times: (value) => TIMES.includes(value),
    seed: between(0, 2 ** 31 - 1),
    plane: (value) => /^\d,\d$/.test(String(value)),
  }),
);

const choices = (values, words = String) => {
  const select = make("select");
  select.append(...values.map((value) => make("option", { value, textContent: words(value) })));
  return select;
};

const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;

export class Toy {
  constructor(element, state, work) {
    Object.assign(this, { element, state, work, losses: [], round: 0, W: null });
    this.controls = this.#controls();
    this.arrows = make("canvas", { role: "img", ariaLabel: "Directions of the features, not drawn yet." });
    this.curve = make("canvas", { role: "img", ariaLabel: "Loss by step, not drawn yet." });
    this.message = make("p", { className: "message" });
    this.message.setAttribute("aria-live", "polite");
    this.numbers = make("dl");
    this.train = button("Train", () => (this.running ? this.stop() : this.begin()));
    this.train.classList.add("train");
    const side = make("div", { className: "side" }, this.controls.element, make("div", { className: "buttons" }, this.train));
    const main = make("div", { className: "main" }, make("div", { className: "pictures" }, this.arrows, this.curve), this.message, this.numbers);
    element.replaceChildren(make("div", { className: "columns" }, side, main));
    work.onmessage = ({ data }) => this.#told(data);
    work.onerror = (event) => this.#say(`The training broke: ${event.message}.`);
    state.listen((name) => this.#changed(name));
    new ResizeObserver(() => this.#draw()).observe(this.arrows);
    this.#display();
    this.begin();
  }

  get settings() {
    const { state } = this;
    const all = Object.fromEntries(Object.keys(TOY).map((name) => [name, state.get(name)]));
    return { ...all, batch: BATCH, importance: importanceOf(all.n, all.ratio) };
  }

  begin() {
    this.losses = [];
    this.round += 1;
    this.running = true;
    this.trained = this.settings;
    this.train.textContent = "Stop";
    this.numbers.replaceChildren();
    const { n, m } = this.trained;
    this.#say(n <= m ? `${n} features in ${m} neurons: there is room for all of them, and nothing is crowded.` : "Training …");
    this.work.postMessage({ settings: { ...this.trained, round: this.round }, steps: STEPS });
  }

  stop(words = "Stopped.") {
    this.running = false;
    this.round += 1;
    this.train.textContent = "Train";
    this.work.postMessage({ settings: { ...this.settings, round: -1 }, steps: 0 });
    this.#say(words);
  }

  #told({ round, step, W, loss, done, diverged, rate, seconds }) {
    if (round !== this.round) return;
    this.W = W;
    this.step = step;
    if (Number.isFinite(loss)) this.losses.push([step, loss]);
    if (done) this.#finish(diverged, rate, seconds);
    if (done || !still()) this.#draw();
  }

  #finish(diverged, rate, seconds) {
    this.running = false;
    this.train.textContent = "Train again";
    this.element.dataset.steps = String(this.step);
    if (diverged) {
      this.#say(`With the rate ${rate.toPrecision(2)} the loss grew beyond all bounds after ${whole(this.step)} steps, and training was stopped: choose a smaller rate.`);
      return;
    }
    const { n, m } = this.trained;
    const test = axesTest(this.W, n, m);
    const loss = this.losses.at(-1)?.[1] ?? NaN;
    const linear = linearLoss(this.trained);
    const sizes = dimensionalities(this.W, n, m).filter((_, i) => lengthsOf(this.W, n, m)[i] > 0.5);
    this.#say(testInWords(test));
    this.numbers.replaceChildren(
      entry("Features represented", `${represented(this.W, n, m)} of ${n}`, `in ${m} neuron${m === 1 ? "" : "s"}`),
      entry("Loss", loss.toPrecision(3), linear > 0 ? `${Math.round((100 * loss) / linear)} % of the best without ReLU, ${linear.toPrecision(3)}` : "without ReLU it could be 0"),
      entry("Dimensions per feature", sizes.length ? `${Math.min(...sizes).toFixed(2)} to ${Math.max(...sizes).toFixed(2)}` : "none", "1 alone, 1/2 for a pair of opposites, 2/3 in a triangle"),
      entry("Steps", whole(this.step), `${seconds.toFixed(1)} s, batches of ${BATCH}`),
    );
  }

  #say(words) {
    this.message.textContent = words;
  }

  #changed(name) {
    this.#display();
    if (name === "plane") return void this.#draw();
    this.begin();
  }

  #controls() {
    const { state } = this;
    const inputs = {
      n: make("input", { type: "number", min: 1, max: 40, step: 1 }),
      m: make("input", { type: "number", min: 1, max: 10, step: 1 }),
      sparsity: make("input", { type: "range", min: 0, max: 0.99, step: 0.01 }),
      ratio: choices(RATIOS, (value) => (value === 1 ? "the same for all" : `each ${value} of the one before`)),
      activation: choices(ACTIVATIONS, (value) => WORDS[value]),
      optimiser: choices(OPTIMISERS, (value) => WORDS[value]),
      times: choices(TIMES, (value) => (value === 1 ? "as usual" : `${value} times as usual`)),
      seed: make("input", { type: "number", min: 0, max: 2 ** 31 - 1, step: 1 }),
      plane: make("select"),
    };
    const labels = {
      n: "Features",
      m: "Hidden neurons",
      sparsity: "Sparsity: the chance of a feature to be off",
      ratio: "Importance",
      activation: "Activation of the hidden neurons",
      optimiser: "Optimiser",
      times: "Learning rate",
      seed: "Seed",
      plane: "Shown: the plane of neurons",
    };
    const element = make("div", { className: "controls" });
    for (const [name, input] of Object.entries(inputs)) {
      input.name = name;
      input.addEventListener("change", () => {
        const value = ["activation", "optimiser", "plane"].includes(name) ? input.value : Number(input.value);
        if (input.value !== "" && TOY_CHECKS.get(name)(value)) state.set(name, value);
        else {
          const given = input.value || "empty";
          this.#display();
          this.#say(`${labels[name]} is ${given}; accepted: ${input.min} to ${input.max}.`);
        }
      });
      element.append(labelled(labels[name], input));
    }
    const sign = make("span", { className: "value" });
    inputs.sparsity.parentElement.querySelector("span").append(" ", sign);
    inputs.sparsity.addEventListener("input", () => (sign.textContent = Number(inputs.sparsity.value).toFixed(2)));
    return { element, inputs, sign };
  }

  #display() {
    const { inputs, sign } = this.controls;
    const m = this.state.get("m");
    const planes = [];
    for (let i = 0; i < m; i++) for (let j = i + 1; j < m; j++) planes.push(`${i},${j}`);
    const name = (pair) => pair.split(",").map((k) => Number(k) + 1).join(" and ");
    inputs.plane.replaceChildren(...planes.map((pair) => make("option", { value: pair, textContent: name(pair) })));
    inputs.plane.parentElement.hidden = m < 3;
    for (const [key, input] of Object.entries(inputs)) input.value = this.state.get(key);
    if (!planes.includes(inputs.plane.value)) inputs.plane.value = planes[0] ?? "";
    sign.textContent = Number(this.state.get("sparsity")).toFixed(2);
  }

  #draw() {
    if (!this.W) return;
    this.#drawArrows();
    this.#drawCurve();
  }

  #drawArrows() {
    const [context, side] = scaled(this.arrows, 1);
    const { n, m } = this.trained;
    const pair = this.controls.inputs.plane.value.split(",").map(Number);
    const [i, j] = m < 2 ? [0, -1] : m === 2 ? [0, 1] : pair;
    const ends = Array.from({ length: n }, (_, k) => [this.W[i * n + k], j < 0 ? 0 : this.W[j * n + k]]);
    const most = Math.max(1.15, ...lengthsOf(this.W, n, m)) * 1.15;
    const [centre, unit] = [side / 2, side / 2 / most];
    const style = getComputedStyle(this.element);
    const [ink, quiet] = [style.color, style.getPropertyValue("--line") || "#bbb"];
    context.clearRect(0, 0, side, side);
    context.strokeStyle = quiet;
    context.lineWidth = 1;
    line(context, [[0, centre], [side, centre]]);
    if (j >= 0) line(context, [[centre, 0], [centre, side]]);
    context.beginPath();
    context.arc(centre, centre, unit, 0, 2 * Math.PI);
    context.stroke();
    context.font = "11px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    ends.forEach(([x, y], k) => {
      const [px, py] = [centre + unit * x, centre - unit * y];
      context.strokeStyle = context.fillStyle = style.getPropertyValue("--accent");
      context.lineWidth = 1.8;
      line(context, [[centre, centre], [px, py]]);
      context.beginPath();
      context.arc(px, py, 3, 0, 2 * Math.PI);
      context.fill();
      const length = Math.hypot(x, y);
      if (length < 0.15) return;
      context.fillStyle = ink;
      context.fillText(String(k + 1), px + (11 * x) / length, py - (11 * y) / length);
    });
    const long = represented(this.W, n, m);
    this.arrows.ariaLabel = `Directions of ${n} features in ${j < 0 ? "one neuron" : `the plane of neurons ${i + 1} and ${j + 1}`} after ${whole(this.step)} steps; ${long} are represented.`;
  }

  #drawCurve() {
    const [context, width, height] = scaled(this.curve, 0.55);
    const style = getComputedStyle(this.element);
    const linear = linearLoss(this.trained);
    const values = this.losses.map(([, loss]) => loss);
    const top = 1.15 * Math.max(linear, ...values.slice(0, 1), 1e-9);
    const at = (step, loss) => [34 + ((width - 40) * step) / STEPS, 8 + (height - 30) * (1 - Math.min(loss / top, 1))];
    context.clearRect(0, 0, width, height);
    context.font = "11px sans-serif";
    context.fillStyle = style.color;
    context.strokeStyle = style.getPropertyValue("--line") || "#bbb";
    context.lineWidth = 1;
    line(context, [at(0, top), at(0, 0), at(STEPS, 0)]);
    context.textAlign = "right";
    context.fillText(`${whole(STEPS)} steps`, width - 4, height - 8);
    context.textAlign = "left";
    context.fillText("loss", 2, 14);
    if (linear > 0) {
      context.setLineDash([5, 4]);
      line(context, [at(0, linear), at(STEPS, linear)]);
      context.setLineDash([]);
      context.textAlign = "right";
      context.fillText("best without ReLU", width - 6, at(0, linear)[1] - 5);
    }
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineWidth = 1.8;
    if (this.losses.length > 1) line(context, this.losses.map(([step, loss]) => at(step, loss)));
    const last = values.at(-1);
    this.curve.ariaLabel = last === undefined ? "The loss, not yet known." : `The loss over the steps, at last ${last.toPrecision(3)}, beside ${linear.toPrecision(3)}, the least without ReLU.`;
  }
}

// A canvas of the pixels that it covers, `ratio` times as high as wide: its context, width and height in CSS pixels.
function scaled(canvas, ratio) {
  const width = canvas.clientWidth || 300;
  const height = width * ratio;
  const dense = globalThis.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * dense), Math.round(height * dense)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = canvas.getContext("2d");
  context.setTransform(dense, 0, 0, dense, 0, 0);
  return [context, width, height];
}
