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
  load: async ({ width }, { parts }) => joined(await Promise.all(parts.map((name) => loads.get(name) ?? load(name))), width),
};

// Settings in the address; only those that differ from an explorer's own are written.
function addressed(own) {
  const settings = { ...own };
  for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
    const accepted = name in own && readable(own[name], text);
    if (accepted !== false) settings[name] = accepted;
  }
  const listeners = new Set();
  return {
    get: (name) => settings[name],
    set: (name, value) => {
      settings[name] = value;
      const changed = Object.keys(own).filter((key) => String(settings[key]) !== String(own[key]));
      const address = new URLSearchParams(changed.map((key) => [key, String(settings[key])])).toString();
      history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
      listeners.forEach((listener) => listener(name));
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    report: () => {},
  };
}

// A setting out of the address as the kind of value that it has to be, or false.
function readable(own, text) {
  if (Array.isArray(own)) {
    const numbers = text === "" ? [] : text.split(",").map(Number);
    return numbers.every(Number.isInteger) && [own.length, 0, 2].includes(numbers.length) ? numbers : false;
  }
  if (typeof own === "number") return text !== "" && Number.isFinite(Number(text)) ? Number(text) : false;
  if (typeof own === "boolean") return text === "true";
  return text;
}

for (const element of document.querySelectorAll(".isoaux-explorer")) {
  show(element, addressed({ ...SETTINGS, ...JSON.parse(element.dataset.settings || "{}") }), source);
}
