// Panels by width with a slider: one width at a time. All of them are in the page already, and stay there without scripts.

import { labelled, make } from "../explorer/elements.mjs";

export class Widths {
  constructor(element) {
    this.figures = [...element.querySelectorAll("figure")];
    const last = this.figures.length - 1;
    this.slider = make("input", { type: "range", min: 0, max: last, step: 1, value: last });
    this.told = make("p", { className: "told", role: "status" });
    this.marks = make("div", { className: "marks", ariaHidden: "true" });
    this.marks.append(...this.figures.map(({ dataset }) => make("span", { textContent: dataset.width })));
    const controls = make("div", { className: "controls" }, labelled("Neurons of the layer", this.slider), this.marks);
    this.slider.addEventListener("input", () => this.#show());
    element.prepend(this.told, controls);
    element.classList.add("live");
    // Pictures that are hidden are fetched once a reader is about to ask for them.
    for (const event of ["focus", "pointerenter", "touchstart"]) {
      this.slider.addEventListener(event, () => element.querySelectorAll("img").forEach((picture) => (picture.loading = "eager")), { passive: true });
    }
    this.#show();
  }

  #show() {
    const at = Number(this.slider.value);
    const shown = this.figures[at];
    this.figures.forEach((figure) => (figure.hidden = figure !== shown));
    [...this.marks.children].forEach((mark, k) => mark.classList.toggle("here", k === at));
    this.slider.ariaValueText = `${shown.dataset.width} neurons`;
    const words = [...shown.querySelector("figcaption").childNodes].map((node) => node.cloneNode(true));
    this.told.replaceChildren(...words);
  }
}
