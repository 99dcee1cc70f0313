// The square of a slice on the screen: its picture, marks upon it, and a reader who moves it with mouse, fingers or keys.
// Coordinates are in units of the half-width of the whole square, whose middle is 0, 0; a view is [x, y, zoom].

import { button, keyed, make } from "../explorer/elements.mjs";
import { LETTERS } from "./choosing.mjs";
import { START, ZOOMS, moved, zoomed } from "./sight.mjs";

const CLOSER = 1.5; // how much closer a button or a key goes
const WIDEST = 1400; // pixels of a side
const UNIT = { window: 1 }; // the whole square in its own units
const SETTLED = 160; // milliseconds without a change after which a view is cut again

const KEYS_OF_MAP = "Arrow keys move, plus and minus zoom, 0 shows the whole square; Enter sets an end of the segment at the middle.";

export const seenAt = ([x, y, zoom]) => ({ x, y, zoom });

const rounded = (value) => Number(value.toPrecision(6));

// Whether three numbers are a view.
export const isView = (view) =>
  view.length === 3 && view.every(Number.isFinite) && view[2] >= ZOOMS.least && view[2] <= ZOOMS.most && Math.hypot(view[0], view[1]) <= 100;

export class Plot {
  // `settled` hears of a view at which a reader stays, `pointed` of a place that is clicked, or chosen by a key.
  constructor({ settled, pointed }) {
    Object.assign(this, { settled, pointed, view: START, marks: null, held: new Map() });
    this.picture = make("canvas", { role: "img", ariaLabel: "The slice, not drawn yet." });
    this.above = make("canvas", { className: "above" });
    this.above.setAttribute("aria-hidden", "true");
    this.frame = keyed(make("div", { className: "frame", tabIndex: 0, role: "application", ariaLabel: `The slice. ${KEYS_OF_MAP}` }));
    this.frame.append(this.picture, this.above);
    const buttons = make("div", { className: "buttons" });
    this.whole = button("Whole square", () => this.#see(START));
    buttons.append(
      button("Zoom in", () => this.#see(zoomed(UNIT, this.view, CLOSER))),
      button("Zoom out", () => this.#see(zoomed(UNIT, this.view, 1 / CLOSER))),
      this.whole,
    );
    this.buttons = buttons;
    this.element = make("div", { className: "plot" });
    this.element.append(this.frame, buttons);
    this.#listen();
    this.resized = new ResizeObserver(() => this.redraw());
    this.resized.observe(this.frame);
  }

  end() {
    clearTimeout(this.waiting);
    this.resized.disconnect();
  }

  // Pixels of a side.
  get size() {
    return Math.max(64, Math.min(WIDEST, Math.round(this.frame.clientWidth * (globalThis.devicePixelRatio || 1))));
  }

  // Show a view that a setting says.
  look(view) {
    clearTimeout(this.waiting);
    this.view = view;
    this.redraw();
  }

  // Show a `picture`, a canvas, of a view.
  take(picture, view, words) {
    this.latest = { picture, view };
    if (words) this.picture.setAttribute("aria-label", words);
    this.redraw();
  }

  // The `corners`, a `segment` [from, to] with the places `ticks` of its crossings as shares of the way, an end that is set
  // alone, `begun`, and `places` of regions with the names of their classes, in parts of the view `of`.
  mark(marks) {
    this.marks = marks;
    this.redraw();
  }

  // What is known of the view: the latest picture, moved and scaled, and the marks.
  redraw() {
    const { size, view, latest } = this;
    for (const canvas of [this.picture, this.above]) if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = this.picture.getContext("2d");
    context.fillStyle = "#e8e8e8";
    context.fillRect(0, 0, size, size);
    if (latest) {
      const scale = view.zoom / latest.view.zoom;
      const [x, y] = this.#placed(latest.view.x, latest.view.y);
      const width = size * scale;
      context.imageSmoothingEnabled = latest.picture.width > 200;
      context.drawImage(latest.picture, x - width / 2, y - width / 2, width, width);
    }
    this.#overlay();
  }

  // Where a point is on the canvas.
  #placed(x, y) {
    const half = this.size / 2;
    return [half + (x - this.view.x) * this.view.zoom * half, half - (y - this.view.y) * this.view.zoom * half];
  }

  #overlay() {
    const { size, marks } = this;
    const context = this.above.getContext("2d");
    context.clearRect(0, 0, size, size);
    if (!marks) return;
    const unit = size / this.frame.clientWidth || 1;
    const written = (words, x, y, pixels, weight = "bold") => {
      context.font = `${weight} ${pixels * unit}px system-ui, sans-serif`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      context.lineWidth = 3.5 * unit;
      context.strokeStyle = "#fffd";
      context.strokeText(words, x, y);
      context.fillStyle = "#111";
      context.fillText(words, x, y);
    };
    const { of, places = [] } = marks;
    for (const { winner, x, y, radius } of places) {
      const [left, up] = this.#placed(of.x + (2 * x - 1) / of.zoom, of.y + (2 * y - 1) / of.zoom);
      const pixels = Math.min(26, 1.1 * radius * this.frame.clientWidth * (this.view.zoom / of.zoom));
      if (pixels >= 9) written(String(winner), left, up, pixels, "normal");
    }
    if (marks.segment) this.#line(context, unit, marks);
    if (marks.begun) this.#spot(context, this.#placed(...marks.begun), unit);
    marks.corners.forEach((corner, k) => {
      const at = this.#placed(...corner);
      this.#spot(context, at, unit);
      written(LETTERS[k], at[0], at[1] - 13 * unit, 15);
    });
    if (this.aiming) {
      context.strokeStyle = "#111";
      context.lineWidth = 1.5 * unit;
      for (const [x, y] of [[9, 0], [0, 9]]) {
        context.beginPath();
        context.moveTo(size / 2 - x * unit, size / 2 - y * unit);
        context.lineTo(size / 2 + x * unit, size / 2 + y * unit);
        context.stroke();
      }
    }
  }

  #spot(context, [x, y], unit) {
    context.beginPath();
    context.arc(x, y, 4 * unit, 0, 2 * Math.PI);
    context.fillStyle = "#111";
    context.fill();
    context.lineWidth = 1.5 * unit;
    context.strokeStyle = "#fff";
    context.stroke();
  }

  #line(context, unit, { segment, ticks }) {
    const [[x, y], [right, down]] = segment.map((end) => this.#placed(...end));
    const length = Math.hypot(right - x, down - y) || 1;
    const across = [(-(down - y) / length) * 4 * unit, ((right - x) / length) * 4 * unit];
    for (const [ink, width, tick] of [["#fff", 4.5, 0], ["#111", 1.8, 1.2]]) {
      context.strokeStyle = ink;
      context.lineWidth = width * unit;
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(right, down);
      context.stroke();
      if (!tick) continue;
      context.lineWidth = tick * unit;
      context.beginPath();
      for (const t of ticks) {
        const at = [x + t * (right - x), y + t * (down - y)];
        context.moveTo(at[0] - across[0], at[1] - across[1]);
        context.lineTo(at[0] + across[0], at[1] + across[1]);
      }
      context.stroke();
    }
  }

  #see(view) {
    const zoom = rounded(view.zoom);
    const placed = (value) => Number((Math.round(value * zoom * 1e5) / (zoom * 1e5)).toPrecision(10)); // finer than a pixel
    this.view = { x: placed(view.x) || 0, y: placed(view.y) || 0, zoom };
    const shown = [this.view.x, this.view.y, this.view.zoom];
    if (!isView(shown)) return this.#see(START);
    this.redraw();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.settled(shown), SETTLED);
    return undefined;
  }

  // Where an event is in the view, from -1 to 1.
  #within({ clientX, clientY }) {
    const { left, top, width } = this.frame.getBoundingClientRect();
    return [((clientX - left) / width) * 2 - 1, 1 - ((clientY - top) / width) * 2];
  }

  #point(u, v) {
    const { x, y, zoom } = this.view;
    this.pointed([rounded(x + u / zoom), rounded(y + v / zoom)]);
  }

  #listen() {
    const { frame, held } = this;
    frame.addEventListener("keydown", (event) => this.#key(event));
    frame.addEventListener("focus", () => this.#aim(frame.matches(":focus-visible")));
    frame.addEventListener("blur", () => this.#aim(false));
    frame.addEventListener("dblclick", (event) => this.#see(zoomed(UNIT, this.view, CLOSER ** 2, ...this.#within(event))));
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== frame) return; // a page is scrolled over it
      event.preventDefault();
      this.#see(zoomed(UNIT, this.view, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), ...this.#within(event)));
    }, { passive: false });
    for (const name of ["touchstart", "touchmove"]) {
      frame.addEventListener(name, (event) => event.touches.length > 1 && event.preventDefault(), { passive: false }); // two fingers are ours
    }
    frame.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      held.set(event.pointerId, this.#within(event));
      this.travelled = held.size > 1 ? 1 : 0;
      if (event.pointerType === "mouse") frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", (event) => this.#drag(event));
    frame.addEventListener("pointerup", (event) => {
      if (held.delete(event.pointerId) && this.travelled < 0.02) this.#point(...this.#within(event));
    });
    frame.addEventListener("pointercancel", (event) => held.delete(event.pointerId));
  }

  // The mouse moves the view; two fingers move and scale it. One finger scrolls the page.
  #drag(event) {
    const { held } = this;
    const before = held.get(event.pointerId);
    if (!before) return;
    const after = this.#within(event);
    const others = [...held].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.travelled += Math.hypot(after[0] - before[0], after[1] - before[1]);
    held.set(event.pointerId, after);
    if (others.length === 1) {
      const [[u, v]] = others;
      const middle = ([a, b]) => [(a + u) / 2, (b + v) / 2];
      const factor = Math.hypot(after[0] - u, after[1] - v) / (Math.hypot(before[0] - u, before[1] - v) || 1);
      const [from, to] = [middle(before), middle(after)];
      this.#see(zoomed(UNIT, moved(UNIT, this.view, from[0] - to[0], from[1] - to[1]), factor || 1, ...to));
    } else if (!others.length && event.pointerType === "mouse" && this.travelled >= 0.02) {
      this.#see(moved(UNIT, this.view, before[0] - after[0], before[1] - after[1]));
    }
  }

  #aim(aiming) {
    this.aiming = aiming;
    this.redraw();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [-0.25, 0], ArrowRight: [0.25, 0], ArrowUp: [0, 0.25], ArrowDown: [0, -0.25] };
    const factors = { "+": CLOSER, "=": CLOSER, "-": 1 / CLOSER, _: 1 / CLOSER };
    if (moves[event.key]) this.#see(moved(UNIT, this.view, ...moves[event.key]));
    else if (factors[event.key]) this.#see(zoomed(UNIT, this.view, factors[event.key]));
    else if (event.key === "0" || event.key === "Home") this.#see(START);
    else if (event.key === "Enter") this.#point(0, 0);
    else return;
    event.preventDefault();
    if (event.key !== "Enter" || !this.aiming) this.#aim(true);
  }
}
