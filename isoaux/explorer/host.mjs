// The host in a page of the book: files are scripts, the state is in the page's address (hosting.mjs).

const folder = document.currentScript.src.replace(/[^/]*$/, "");

const textOf = textsIn(folder);

const loads = new Map();

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

const CHECKS = settable(new Set(LIST.networks.map(keyOf)));

function explorer(element) {
  const { waits, settings = {}, ...form } = JSON.parse(element.dataset.explorer || "{}");
  const own = { ...SETTINGS, ...settings };
  const start = () => show(element, stateIn(own, CHECKS), source, form);
  if (!waits) return start();
  if (!addresses(location.hash, CHECKS)) return inTime(element, start);
  start();
  element.scrollIntoView();
}

function lineUpOf(element) {
  const form = JSON.parse(element.dataset.lineup);
  const start = () => lineUp(element, source, form);
  if (!addresses(location.hash, lineUpChecks(form.networks))) return inTime(element, start);
  start();
  element.scrollIntoView();
}

// What a page may hold, by class, and how an element of it is brought to life.
const LIVING = { "isoaux-explorer": explorer, "isoaux-lineup": lineUpOf };

for (const [name, begin] of Object.entries(LIVING)) {
  for (const element of document.querySelectorAll(`.${name}`)) begin(element);
}
