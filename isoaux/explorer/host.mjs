// The host in a page of the book: files are scripts (all that a page opened from disk may load), the state is in the
// page's address.

const folder = document.currentScript.src.replace(/[^/]*$/, "");

const loads = new Map();

function load(name) {
  const pending = new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `${folder}${name}.mjs`;
    script.onload = () => done(globalThis.isoauxFiles[name]);
    script.onerror = () => failed(new Error(`the file ${name}.mjs is missing.`));
    document.head.append(script);
  }).then(unpacked);
  pending.catch(() => loads.delete(name));
  loads.set(name, pending);
  return pending;
}

const source = {
  list: LIST,
  opens: true,
  load: async ({ width }, { parts }) => joined(await Promise.all(parts.map((name) => loads.get(name) ?? load(name))), width),
};

const KEYS = LIST.networks.map(keyOf);

const between = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;

// What an address may say of every setting; anything else is passed over.
const SAID = {
  network: (value) => KEYS.includes(value),
  beside: (value) => value === "" || KEYS.includes(value),
  epoch: between(0, 1e6),
  epsilon: (value) => value >= 0 && value < 1,
  basis: (value) => ["standard", "random", "simplex"].includes(value),
  seed: between(0, 2 ** 32 - 1),
  turn: ([i, j, angle, ...more]) => between(0, 255)(i) && between(0, 255)(j) && between(-90, 90)(angle) && !more.length,
  variant: (value) => ["combination", "permutation"].includes(value),
  plane: (value) => value.length === 0 || (value.length === 2 && value.every(between(0, 255))),
  shared: (value) => typeof value === "boolean",
};

// A setting out of the address as the kind of value that its own is.
function valueOf(own, text) {
  if (Array.isArray(own)) return text === "" ? [] : text.split(",").map(Number);
  if (typeof own === "number") return text === "" ? NaN : Number(text);
  return typeof own === "boolean" ? text === "true" : text;
}

// Whether the page's address says anything of settings.
const addresses = () => [...new URLSearchParams(location.hash.slice(1)).keys()].some((name) => name in SAID);

// What the address says, and an explorer's own where it says nothing.
function said(own) {
  const settings = { ...own };
  for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
    if (!(name in SAID)) continue;
    const value = valueOf(own[name], text);
    if (SAID[name](value)) settings[name] = value;
  }
  return settings;
}

// Settings in the address, which follow it when the reader changes it; only those that differ from an explorer's own are
// written.
function addressed(own) {
  let settings = said(own);
  const listeners = new Set();
  const tell = (name) => listeners.forEach((listener) => listener(name));
  const differ = (one, other) => Object.keys(own).filter((name) => String(one[name]) !== String(other[name]));
  addEventListener("hashchange", () => {
    if (!addresses()) return;
    const before = settings;
    settings = said(own);
    differ(settings, before).forEach(tell);
  });
  return {
    get: (name) => settings[name],
    set: (name, value) => {
      settings[name] = value;
      const address = new URLSearchParams(differ(settings, own).map((key) => [key, String(settings[key])])).toString();
      history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
      tell(name);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    report: () => {},
    address: () => location.hash,
    link: () => location.href,
  };
}

// Start once: when the element comes into view, or when its reader asks for it.
function inTime(element, start) {
  const once = () => {
    watch.disconnect();
    asked.remove();
    start();
  };
  const asked = button("Start", once);
  asked.classList.add("start");
  element.prepend(asked);
  const watch = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && once(), { rootMargin: "-15% 0px" });
  if (!navigator.connection?.saveData) watch.observe(element);
}

function explorer(element) {
  const { waits, settings = {}, ...form } = JSON.parse(element.dataset.explorer || "{}");
  const own = { ...SETTINGS, ...settings };
  const start = () => show(element, addressed(own), source, form);
  if (!waits) return start();
  if (!addresses()) return inTime(element, start);
  start();
  element.scrollIntoView();
}

function lineUpOf(element) {
  inTime(element, () => lineUp(element, source, JSON.parse(element.dataset.lineup)));
}

// What a page may hold, by class, and how an element of it is brought to life.
const LIVING = { "isoaux-explorer": explorer, "isoaux-lineup": lineUpOf };

for (const [name, begin] of Object.entries(LIVING)) {
  for (const element of document.querySelectorAll(`.${name}`)) begin(element);
}
