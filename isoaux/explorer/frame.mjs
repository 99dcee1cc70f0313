// A picture in its frame: labels along its lower or upper edge and its left one, and lines on top of it.

import { make } from "./elements.mjs";

const SVG = "http://www.w3.org/2000/svg";

export class Frame {
  // `upper` puts the labels that run across above the picture.
  constructor(picture, { upper = false } = {}) {
    this.across = make("div", { className: "across" });
    this.along = make("div", { className: "along" });
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("viewBox", "-1 -1 2 2");
    for (const part of [this.across, this.along, this.lines]) part.setAttribute("aria-hidden", "true");
    const inside = make("div", { className: "inside" }, picture, this.lines);
    this.element = make("div", { className: `frame${upper ? " upper" : ""}` }, this.along, inside, this.across);
  }

  // Labels [place, words], their place from 0 at the left or upper end to 1.
  label(across, along) {
    const words = (parent, listed, side) => {
      const text = JSON.stringify(listed);
      if (parent.dataset.shown === text) return;
      parent.dataset.shown = text;
      parent.replaceChildren(
        ...listed.map(([place, textContent, className = ""]) => {
          const label = make("span", { textContent, className });
          label.style[side] = `${100 * place}%`;
          return label;
        }),
      );
    };
    words(this.across, across, "left");
    words(this.along, along, "top");
  }

  // Lines [class, x1, y1, x2, y2], from -1 to 1 with y upwards.
  draw(listed) {
    this.lines.replaceChildren(
      ...listed.map(([name, ...ends]) => {
        const line = document.createElementNS(SVG, "line");
        line.setAttribute("class", name);
        ["x1", "y1", "x2", "y2"].forEach((end, k) => line.setAttribute(end, k % 2 ? -ends[k] : ends[k]));
        return line;
      }),
    );
  }
}

// The end of a ray from the centre of a square at so many degrees, on its edge.
export function edgeOf(direction) {
  const [x, y] = [Math.cos((direction * Math.PI) / 180), Math.sin((direction * Math.PI) / 180)];
  const far = Math.max(Math.abs(x), Math.abs(y));
  return [x / far, y / far];
}

// The guides of every picture: axes and diagonals.
export const GUIDES = [
  ["guide", -1, 0, 1, 0],
  ["guide", 0, -1, 0, 1],
  ["guide diagonal", -1, -1, 1, 1],
  ["guide diagonal", -1, 1, 1, -1],
];
