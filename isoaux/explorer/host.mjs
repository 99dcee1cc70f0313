// The host in a page of the book: files are scripts (all that a page opened from disk may load), the state is in the
// page's address.

const folder = document.currentScript.src.replace(/[^/]*$/, "");

const loads = new Map();

// The text that a script of this name leaves behind.
function textOf(name) {
  return new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = `${folder}${name}.mjs`;
    element.onload = () => done(globalThis.isoauxFiles[name]);
    element.onerror = () => failed(new Error(`the file ${name}.mjs is missing.`));
    document.head.append(element);
  });
}

function load(name) {
  const pending = textOf(name).then(unpacked);
  pending.catch(() => loads.delete(name));
  loads.set(name, pending);
  return pending;
}

// An example as a file, as if its reader had it.
async function example(name) {
  const bytes = Uint8Array.from(atob(await textOf(name)), (letter) => letter.charCodeAt(0));
  return new File([bytes], name);
}

let script; // the address of this very function as a script, which is what a page opened from disk may start as a worker

const source = {
  list: LIST,
  worker: () => new Worker((script ??= URL.createObjectURL(new Blob([`(${isoaux})()`], { type: "text/javascript" })))),
  examples: EXAMPLES,
  example,
  load: async ({ width }, { parts }) => joined(await Promise.all(parts.map((name) => loads.get(name) ?? load(name))), width),
  vectors: (network) => source.load(network, { parts: [network.vectors.part] }),
};

const KEYS = new Set(LIST.networks.map(keyOf));

// Settings in the address, which follow it when the reader changes it; only those that differ from an explorer's own are
// written.
function stateOf(own) {
  let settings = addressed(location.hash, own, KEYS);
  const listeners = new Set();
  const tell = (name) => listeners.forEach((listener) => listener(name));
  const differ = (one, other) => Object.keys(own).filter((name) => String(one[name]) !== String(other[name]));
  addEventListener("hashchange", () => {
    if (!addresses(location.hash)) return;
    const before = settings;
    settings = addressed(location.hash, own, KEYS);
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
  const start = () => show(element, stateOf(own), source, form);
  if (!waits) return start();
  if (!addresses(location.hash)) return inTime(element, start);
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
