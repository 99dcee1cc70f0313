// Three images of a few, chosen by their small pictures: `state` holds their places in the data set as `images`.

import { button, make } from "../explorer/elements.mjs";

export const LETTERS = ["A", "B", "C"];

// Draws a picture of `side` x `side` bytes on a canvas of as many pixels.
function inked(canvas, pixels, side) {
  const context = canvas.getContext("2d");
  const bytes = context.createImageData(side, side);
  for (let k = 0; k < bytes.data.length; k++) bytes.data[k] = k % 4 === 3 ? 255 : pixels[k >> 2];
  context.putImageData(bytes, 0, 0);
}

const pictureOf = (side) => make("canvas", { width: side, height: side });

export class Choice {
  constructor(state, { images, side }) {
    Object.assign(this, { state, images, side, turn: 0 });
    this.slots = LETTERS.map((letter, k) => this.#slot(letter, k));
    this.offers = images.map((image, k) => this.#offer(image, k));
    const chosen = make("div", { className: "chosen", role: "group", ariaLabel: "The three images" });
    chosen.append(...this.slots.map(({ choice }) => choice));
    const all = make("div", { className: "offers", role: "group", ariaLabel: "Test images: one of them takes the place of the marked one" });
    all.append(...this.offers.map(({ choice }) => choice));
    all.addEventListener("keydown", (event) => this.#keyed(event));
    this.offers[0].choice.tabIndex = 0;
    this.element = make("div", { className: "choice" });
    this.element.append(chosen, all);
  }

  // The places among the images of those that are chosen.
  get places() {
    return this.state.get("images").map((index) => this.images.findIndex((image) => image.index === index));
  }

  // Show the small pictures, once they are there.
  take(pictures) {
    this.pictures = pictures;
    this.offers.forEach(({ picture }, k) => inked(picture, pictures.pixels(k), this.side));
    this.show();
  }

  show() {
    const { places } = this;
    this.slots.forEach(({ choice, picture }, k) => {
      const { index, label } = this.images[places[k]];
      if (this.pictures) inked(picture, this.pictures.pixels(places[k]), this.side);
      choice.ariaPressed = String(k === this.turn);
      choice.ariaLabel = `${LETTERS[k]}: test image ${index}, a ${label}; press to choose another one for it`;
    });
    this.offers.forEach(({ choice, mark }, k) => {
      const { index, label } = this.images[k];
      const letter = LETTERS[places.indexOf(k)] ?? "";
      mark.textContent = letter;
      choice.ariaLabel = `Test image ${index}, a ${label}${letter && `; it is ${letter}`}`;
    });
  }

  #slot(letter, k) {
    const picture = pictureOf(this.side);
    const choice = button("", () => {
      this.turn = k;
      this.show();
    });
    choice.append(make("span", { textContent: letter }), picture);
    return { choice, picture };
  }

  // An image that is another one's already changes places with it.
  #offer(image, k) {
    const picture = pictureOf(this.side);
    const mark = make("span");
    const choice = button("", () => {
      const images = [...this.state.get("images")];
      const before = images.indexOf(image.index);
      if (before >= 0) images[before] = images[this.turn];
      images[this.turn] = image.index;
      this.turn = (this.turn + 1) % LETTERS.length;
      this.#focus(k);
      this.state.set("images", images);
    });
    choice.tabIndex = -1;
    choice.dataset.lmSuppressShortcuts = "true";
    choice.append(picture, mark);
    return { choice, picture, mark };
  }

  #focus(k) {
    this.offers.forEach(({ choice }, at) => (choice.tabIndex = at === k ? 0 : -1));
    this.offers[k].choice.focus();
  }

  // One stop of the tabulator; arrow keys go from picture to picture.
  #keyed(event) {
    const at = this.offers.findIndex(({ choice }) => choice === document.activeElement);
    const last = this.offers.length - 1;
    const columns = getComputedStyle(event.currentTarget).gridTemplateColumns.split(" ").length;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to <= last) this.#focus(to);
  }
}
