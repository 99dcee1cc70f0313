// The spotlight in a picture: above, a faint line for every plane; below, their mean beside the basis itself and the
// isotropic expectation; each with a scale.

import { line, make, percent, signed, whole } from "./elements.mjs";
import { pause, sliced } from "./slices.mjs";
import { ANGLES, DEGREES } from "./spotlight.mjs";

const TURNS = ["0", "π/2", "π", "3π/2", "2π"];
const FONT = 11; // pixels
const [TOP, BOTTOM, RIGHT] = [20, 18, 12]; // pixels of the page: of a panel's title, of the angles, of the last one's half

// Ticks from 0 to `top`, two to five of them, a step of 1, 2 or 5 apart.
export function ticksTo(top) {
  const power = 10 ** Math.floor(Math.log10(top / 2));
  const step = [5, 2, 1].map((digit) => digit * power).find((size) => size * 2 <= top);
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, k) => k * step);
}

// Shares as percentages, with as many digits as their step needs.
export function tickLabels(ticks) {
  const digits = Math.max(0, Math.ceil(-Math.log10(100 * ticks[1]) - 1e-9));
  return ticks.map((tick) => (digits > 5 && tick ? `${(100 * tick).toExponential(0)} %` : `${(100 * tick).toFixed(Math.min(digits, 5))} %`));
}

// How many lines pass through every pixel of a panel, row 0 on top, `top` being the number at its upper edge.
export function* crossed(lines, top, width, height, thick = 1) {
  const pixels = new Uint16Array(width * height);
  const place = (count) => Math.round((1 - count / top) * (height - thick));
  let drawn = 0;
  for (const counts of lines) {
    for (let start = 0; start < counts.length; start += ANGLES) {
      let before = place(counts[start]);
      for (let x = 0; x < width; x++) {
        const angle = (x * DEGREES) / Math.max(1, width - 1);
        const degree = Math.min(Math.floor(angle), DEGREES - 1);
        const [one, other] = [counts[start + degree], counts[start + degree + 1]];
        const here = place(one + (angle - degree) * (other - one));
        const [from, to] = here > before ? [before + 1, here] : here < before ? [here, before - 1] : [here, here];
        for (let y = Math.max(0, from); y < Math.min(to + thick, height); y++) pixels[y * width + x]++;
        before = here;
      }
      if (++drawn % 32 === 0) yield;
    }
  }
  return pixels;
}

// The numbers of a spotlight in words.
export function wordsOf({ mean, numbers, expected, planes }, share = percent) {
  const shares = mean.subarray(0, DEGREES);
  const average = shares.reduce((a, b) => a + b, 0) / DEGREES;
  const lit = `${share(average)} on average, at most ${share(Math.max(...shares))}; isotropic ${share(expected)}`;
  const long = `Spotlight through ${whole(planes)} ${planes === 1 ? "plane" : "planes"}: mean share of the representations ${lit}`;
  if (!numbers) return { long, short: "" };
  const { resonance, phase, reach } = numbers;
  const way = Math.abs(resonance) < 5e-7 ? "" : ` (${resonance > 0 ? "with" : "against"} the vectors)`;
  const size = `${resonance < 0 ? "−" : "+"}${share(Math.abs(resonance))}`;
  const short = `Resonance ${size}${way}, phase ${signed(phase)}, reach ${share(reach)}.`;
  return { long: `${long}. ${short}`, short };
}

export class Curve {
  constructor() {
    this.canvas = make("canvas", { className: "curve", role: "img", ariaLabel: "The spotlight, not drawn yet." });
    this.keys = make("p", { className: "keys" });
    this.words = make("small");
    this.element = make("div", { className: "captioned spotlight" }, this.canvas, this.keys, this.words);
    this.watch = new ResizeObserver(() => this.#again());
    this.watch.observe(this.canvas);
    this.look = new MutationObserver(() => this.#again());
    this.look.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  }

  // Nothing is drawn any more.
  end() {
    this.found = null;
    this.watch.disconnect();
    this.look.disconnect();
  }

  // What spotlit returns.
  show(found) {
    this.found = found;
    const most = Math.max(...found.mean, found.expected);
    const height = Math.max(...found.itself);
    this.factor = height > 0 ? (most || 1) / height : 0;
    const { long, short } = wordsOf(found);
    this.canvas.setAttribute("aria-label", long);
    const factor = this.factor ? `, × ${Number(this.factor.toPrecision(2))}` : "";
    const entry = (kind, words) => make("span", {}, make("i", { className: kind, ariaHidden: "true" }), words);
    this.keys.replaceChildren(
      entry("plane", "each plane"),
      entry("mean", "mean"),
      entry("itself", `the basis itself${factor}`),
      entry("isotropic", "isotropic expectation"),
    );
    this.words.textContent = short;
    return this.#paint();
  }

  async #again() {
    const asked = (this.asked = {});
    await pause(); // several at once are one
    if (this.found && this.asked === asked) await this.#paint();
  }

  // A slice at a time, until another is to be painted.
  async #paint() {
    const { canvas, found } = this;
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    const round = (this.round = {});
    const going = () => this.round === round && this.found === found;
    const style = getComputedStyle(canvas);
    const context = canvas.getContext("2d");
    const font = `${FONT}px ${style.fontFamily}`;
    context.font = font;
    const tops = [found.most / (found.samples || 1), Math.max(...found.mean, found.expected)].map((top) => 1.05 * top || 1);
    const ticks = tops.map(ticksTo);
    const labels = ticks.map(tickLabels);
    const left = Math.ceil(Math.max(...labels.flat().map((words) => context.measureText(words).width))) + 6;
    const room = { width: width - left - RIGHT, height: (height - 2 * TOP - BOTTOM) / 2 };
    const size = [room.width, room.height].map((pixels) => Math.max(1, Math.round(pixels * ratio)));
    const pixels = await sliced(crossed(found.lines, tops[0] * (found.samples || 1), ...size, Math.round(ratio)), going);
    if (!pixels || !going()) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    Object.assign(this, { context, room, left });
    canvas.labels = []; // [words, left, upper, right, lower edge], for other scripts
    context.scale(ratio, ratio);
    context.font = font;
    const colours = { text: style.color, accent: style.getPropertyValue("--accent").trim() || style.color };
    const names = ["Each plane: share of the data", "Mean: share of the data"];
    names.forEach((name, k) => this.#frame(name, k, ticks[k], labels[k], tops[k], colours.text));
    this.#faint(pixels, size, colours.text);
    this.#lines(0, tops[0], colours, ["mean"]);
    this.#lines(1, tops[1], colours, ["isotropic", "itself", "mean"]);
    canvas.dataset.drawn = tops.join();
  }

  // The upper edge of panel 0 or 1.
  #edge(k) {
    return TOP + k * (TOP + this.room.height);
  }

  #frame(name, k, ticks, labels, top, colour) {
    const { context, room, left } = this;
    const edge = this.#edge(k);
    const foot = edge + room.height;
    Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth: 1 });
    context.setLineDash([]);
    this.#write(name, left, edge - 9, "left", room.width + RIGHT);
    context.globalAlpha = 0.22;
    TURNS.forEach((_, turn) => {
      const x = left + (turn * room.width) / 4;
      line(context, [[x, edge], [x, foot]]);
    });
    context.globalAlpha = 0.5;
    line(context, [[left, foot], [left + room.width, foot]]);
    context.globalAlpha = 1;
    ticks.forEach((tick, at) => {
      const y = foot - (tick / top) * room.height;
      this.#write(labels[at], left - 5, y, "right");
      line(context, [[left - 3, y], [left, y]]);
    });
    if (k === 0) return;
    TURNS.forEach((words, turn) => this.#write(words, left + (turn * room.width) / 4, foot + 11, "center"));
  }

  // Words at a height, in at most so many pixels.
  #write(words, x, y, align, most = Infinity) {
    const { context, canvas } = this;
    Object.assign(context, { textAlign: align, textBaseline: "middle" });
    const width = Math.min(most, context.measureText(words).width);
    const begin = x - width * { left: 0, center: 0.5, right: 1 }[align];
    context.fillText(words, x, y, width + 1);
    canvas.labels.push([words, begin, y - FONT / 2, begin + width, y + FONT / 2]);
  }

  // Lines on top of each other, as if each covered a part of what is below.
  #faint(pixels, [width, height], colour) {
    const { context, room, left, found } = this;
    const cover = Math.min(0.55, Math.max(0.1, 3 / Math.sqrt(found.planes)));
    const darkness = Float64Array.from({ length: 64 }, (_, count) => 255 * Math.min(0.6, 1 - (1 - cover) ** count));
    const layer = make("canvas", { width, height });
    const sketch = layer.getContext("2d");
    sketch.fillStyle = colour;
    sketch.fillRect(0, 0, width, height);
    const image = sketch.getImageData(0, 0, width, height);
    for (let at = 0; at < pixels.length; at++) image.data[4 * at + 3] = darkness[Math.min(63, pixels[at])];
    sketch.putImageData(image, 0, 0);
    context.drawImage(layer, left, this.#edge(0), room.width, room.height);
  }

  #lines(k, top, { text, accent }, kinds) {
    const { context, room, left, found, factor } = this;
    const foot = this.#edge(k) + room.height;
    const curves = {
      mean: { values: found.mean, colour: text, dash: [7, 4], width: 2 },
      itself: { values: found.itself.map((share) => factor * share), colour: accent, dash: [], width: 1.5 },
      isotropic: { values: found.mean.map(() => found.expected), colour: text, dash: [1.5, 3], width: 1.5 },
    };
    for (const kind of kinds) {
      const { values, colour, dash, width } = curves[kind];
      Object.assign(context, { strokeStyle: colour, lineWidth: width, globalAlpha: 1 });
      context.setLineDash(dash);
      line(context, Array.from(values, (share, degree) => [left + (degree * room.width) / DEGREES, foot - (share / top) * room.height]));
    }
    context.setLineDash([]);
  }
}
