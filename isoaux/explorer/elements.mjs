// Elements of a page, and numbers in words.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

// JupyterLab takes arrow keys from elements that do not say they want them.
export function keyed(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}

export const labelled = (words, input) => make("label", {}, make("span", { textContent: words }), keyed(input));

export function button(words, act) {
  const found = make("button", { type: "button", textContent: words });
  found.addEventListener("click", act);
  return found;
}

export const captioned = (words, picture) =>
  make("div", { className: "captioned" }, picture, make("small", { textContent: words }));

export function entry(term, value, ...notes) {
  const small = notes.filter(Boolean).map((textContent) => make("small", { textContent }));
  return make("div", {}, make("dt", { textContent: term }), make("dd", {}, value, ...small));
}

// Words with code between backticks, as parts of an element.
export const coded = (words) => words.split("`").map((part, k) => (k % 2 ? make("code", { textContent: part }) : part));

export function line(context, points) {
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

export const whole = (value) => Math.round(value).toLocaleString("en");
export const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
export const percent = (value) => `${(100 * value).toPrecision(3)} %`;
export const degrees = (epsilon) => ((Math.acos(epsilon) * 180) / Math.PI).toFixed(1);
