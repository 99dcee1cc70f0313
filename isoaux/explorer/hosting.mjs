// What a page of the book gives an element of it that lives: files, which are scripts (all that a page opened from disk may
// load), settings in the page's address, and the time to start.

import { addressed, addresses } from "./address.mjs";
import { button } from "./elements.mjs";

// Loads the text that a script of this name in a folder leaves behind.
export const textsIn = (folder) => (name) =>
  new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = `${folder}${name}.mjs`;
    element.onload = () => done(globalThis.isoauxFiles[name]);
    element.onerror = () => failed(new Error(`the file ${name}.mjs is missing.`));
    document.head.append(element);
  });

const WRITES = 4; // of the address in a second: more of them keep a page busy, and browsers allow some hundreds in all

// A function that does `write` now, or a little later where it has been called often, for all calls until then; `flush`
// does at once what is still to be done.
function seldom(write) {
  let recent = [];
  let waiting = null;
  const now = () => {
    clearTimeout(waiting);
    waiting = null;
    recent = [...recent.slice(1 - WRITES), performance.now()];
    write();
  };
  const asked = () => {
    if (recent.length < WRITES || performance.now() - recent[0] > 1000) now();
    else waiting ??= setTimeout(now, 1000 / WRITES);
  };
  return Object.assign(asked, { flush: () => waiting !== null && now() });
}

// Settings in the address, which follow it when the reader changes it; only those that differ from an element's own are
// written. `checks` are those of address.mjs.
export function stateIn(own, checks) {
  let settings = addressed(location.hash, own, checks);
  const listeners = new Set();
  const tell = (name) => listeners.forEach((listener) => listener(name));
  const differ = (one, other) => Object.keys(own).filter((name) => String(one[name]) !== String(other[name]));
  const write = seldom(() => {
    const address = new URLSearchParams(differ(settings, own).map((key) => [key, String(settings[key])])).toString();
    history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
  });
  addEventListener("pagehide", write.flush);
  addEventListener("hashchange", () => {
    if (!addresses(location.hash, checks)) return;
    const before = settings;
    settings = addressed(location.hash, own, checks);
    differ(settings, before).forEach(tell);
  });
  return {
    get: (name) => settings[name],
    set: (name, value) => {
      settings[name] = value;
      write();
      tell(name);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    report: () => {},
    address: () => location.hash,
    link: () => {
      write.flush();
      return location.href;
    },
  };
}

// Start once: when the element comes into view, or when its reader asks for it.
export function inTime(element, start) {
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
