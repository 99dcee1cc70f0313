// A handle at the edge of a picture that turns the basis by hand: points follow it. It turns the two vectors that are set
// already, those of the plane that is shown, or else those of the plane with the most points.

import { keyed, make } from "./elements.mjs";
import { turns } from "./settings.mjs";

const QUARTER = 90; // degrees, either way

const KEYS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };

// The angle of the handle, in whole degrees, from where a pointer is beside the picture's centre, y upwards: that of the
// nearest end of its half circle where the pointer is outside of it.
export function angleAt(x, y) {
  if (x < 0) return y < 0 ? -QUARTER : QUARTER;
  return Math.round((Math.atan2(y, x) * 180) / Math.PI);
}

// The two vectors of a turn, as rows of the whole basis: of a turn that there is, of the plane that is shown alone, of the
// plane with the most points; or those of the setting where there is no point.
export function turnedPair([i, j, degrees], { whole, rows, view, found }) {
  if (degrees && turns([i, j], whole.length)) return [i, j];
  if (view.plane) return view.plane.map((row) => rows[row]);
  let most = 0;
  found.counts.forEach((points, at) => points > found.counts[most] && (most = at));
  if (!found.counts[most]) return turns([i, j], whole.length) ? [i, j] : [0, 1];
  return [Math.floor(most / rows.length), most % rows.length].map((row) => rows[row]);
}

export class Handle {
  // `turn` has get and set of the setting [i, j, degrees], b_i turned towards b_j.
  constructor(frame, turn) {
    Object.assign(this, { turn, pair: [0, 1] });
    this.knob = keyed(make("div", { className: "handle", role: "slider", tabIndex: 0 }));
    const { knob } = this;
    Object.assign(knob, { ariaLabel: "Turn the basis", ariaValueNow: "0", ariaValueMin: String(-QUARTER), ariaValueMax: String(QUARTER), title: "Drag to turn the basis; double click to turn it back" });
    const area = frame.lines.parentElement;
    area.append(knob);
    knob.addEventListener("pointerdown", (event) => knob.setPointerCapture(event.pointerId));
    knob.addEventListener("pointermove", (event) => {
      if (!knob.hasPointerCapture(event.pointerId)) return;
      const { left, top, width, height } = area.getBoundingClientRect();
      this.#go(angleAt(event.clientX - left - width / 2, top + height / 2 - event.clientY));
    });
    knob.addEventListener("dblclick", () => this.#go(0));
    knob.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // Points turn as the handle does, so the basis turns the other way.
  get angle() {
    const [i, j, degrees] = this.turn.get();
    return degrees && i === this.pair[0] && j === this.pair[1] ? -degrees : 0;
  }

  #pressed(event) {
    const { key } = event;
    const ends = { Home: -QUARTER, End: QUARTER, Delete: 0, Backspace: 0 };
    const to = key in ends ? ends[key] : key in KEYS ? this.angle + KEYS[key] : null;
    if (to === null) return;
    event.preventDefault();
    this.#go(Math.max(-QUARTER, Math.min(QUARTER, to)));
  }

  #go(angle) {
    const before = this.turn.get();
    const after = [...this.pair, angle ? -angle : 0];
    if (String(before) !== String(after)) this.turn.set(after);
  }

  // Where it stands, and which vectors it turns, of a panel as it is drawn.
  show(panel) {
    this.pair = turnedPair(this.turn.get(), panel);
    const { knob, angle } = this;
    const [one, other] = this.pair.map((row) => panel.nameOf(row));
    const kind = panel.ofNeurons ? "neuron" : "vector";
    knob.style.setProperty("--turned", `${angle}deg`);
    knob.dataset.words = angle ? `${angle}°`.replace("-", "−") : "";
    knob.ariaLabel = `Turn ${kind} ${one} with ${kind} ${other}`;
    knob.ariaValueNow = String(angle);
    knob.ariaValueText = `${angle} degrees`;
  }
}
