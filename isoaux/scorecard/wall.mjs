// Marks of claims: a line that tells of the one under the pointer, arrow keys, rows that open, and the wall's filters.

const FILTERS = ["source", "subject", "figure"];

/** Whether a mark, by its data, is what is asked for; `leaving` names a filter that is not heeded. */
export function isAsked(data, words, asked, leaving = "") {
  if (leaving !== "verdict" && asked.verdicts.size && !asked.verdicts.has(data.verdict)) return false;
  if (FILTERS.some((name) => asked[name] && asked[name] !== data[name])) return false;
  return asked.words.every((word) => words.includes(word));
}

/** The row that a mark links to. */
const rowOf = (mark) => document.getElementById(decodeURIComponent(mark.hash.slice(1)));

/** What a row says while it is closed: its place by its mark, its verdict, its claim, its number. */
function telling(mark) {
  const text = (name) => rowOf(mark).querySelector(`summary .${name}`).textContent.trim();
  const number = text("number");
  return `${mark.getAttribute("aria-label")}. ${text("claim")}${number && ` Measured: ${number}.`}`;
}

/** Tells of the mark that has the pointer or the focus, in the line below the marks. */
function tellOf(box) {
  const readout = box.querySelector(".readout");
  readout.hidden = false;
  readout.textContent = "Point at a mark for its claim and number; a click opens its row.";
  const tell = ({ target }) => {
    const mark = target.closest("a.mark");
    if (mark) readout.textContent = telling(mark);
  };
  box.addEventListener("pointerover", tell);
  box.addEventListener("focusin", tell);
}

/**
 * One mark of a box takes part in the order of the Tab key; arrow keys, Home and End lead to the others. Gives what has
 * to be called when marks are hidden or shown.
 */
function walkMarks(box) {
  const marks = [...box.querySelectorAll("a.mark")];
  const shown = () => marks.filter((mark) => !mark.closest("[hidden]"));
  const lead = (mark) => marks.forEach((each) => (each.tabIndex = each === mark ? 0 : -1));
  box.addEventListener("focusin", ({ target }) => target.matches("a.mark") && lead(target));
  box.addEventListener("keydown", (event) => {
    const all = shown(), place = all.indexOf(event.target), last = all.length - 1;
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last }[event.key];
    if (place < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    all[Math.min(Math.max(to, 0), last)].focus();
  });
  const again = () => lead(shown().find((mark) => mark.tabIndex === 0) ?? shown()[0]);
  lead(marks[0]);
  return again;
}

/** What the fields of the form ask for. */
function askedBy(form) {
  const pressed = [...form.querySelectorAll('[aria-pressed="true"]')].map((button) => button.value);
  const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return { verdicts: new Set(pressed), words, ...Object.fromEntries(FILTERS.map((name) => [name, form.elements[name].value])) };
}

/** Shows the form, and of marks, rows and groups those that it asks for, whenever it changes. */
function filterWall(wall, again) {
  const form = wall.querySelector("form");
  const each = [...wall.querySelectorAll("a.mark")].map((mark) => {
    const row = rowOf(mark);
    return { mark, row, words: `${mark.getAttribute("aria-label")} ${row.textContent}`.toLowerCase() };
  });
  const show = () => {
    const asked = askedBy(form);
    const counts = new Map();
    let shown = 0;
    for (const { mark, row, words } of each) {
      const data = mark.dataset, is = isAsked(data, words, asked);
      mark.parentElement.hidden = row.hidden = !is;
      shown += is;
      if (isAsked(data, words, asked, "verdict")) counts.set(data.verdict, (counts.get(data.verdict) ?? 0) + 1);
    }
    for (const group of wall.querySelectorAll(".brick")) group.hidden = !group.querySelector("li:not([hidden])");
    const narrow = asked.verdicts.size || asked.words.length || asked.subject || asked.figure;
    for (const group of wall.querySelectorAll(".group")) {
      group.hidden = !group.querySelector(".claim-row:not([hidden])");
      group.open = Boolean(narrow);
    }
    for (const button of form.querySelectorAll("[aria-pressed]")) {
      button.querySelector(".count").textContent = counts.get(button.value) ?? 0;
    }
    form.querySelector("output").textContent = `${shown} of ${each.length} statements`;
    again();
  };
  const ask = (name, value) => (form.elements[name].value = value);
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("[aria-pressed]");
    if (!button) return;
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
    show();
  });
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const button of form.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", "false");
    for (const name of [...FILTERS, "search"]) ask(name, "");
    show();
  });
  const given = new URLSearchParams(location.search);
  ask("source", "claims");
  if ([...given.keys()].some((name) => FILTERS.includes(name))) FILTERS.forEach((name) => ask(name, given.get(name) ?? ""));
  if (location.hash.startsWith("#claim-")) ask("source", "");
  form.hidden = false;
  show();
}

/** Opens the row that the address names, and what it is folded in. */
function openNamed() {
  const row = location.hash.startsWith("#claim") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!row) return;
  for (let fold = row; fold; fold = fold.parentElement.closest("details")) fold.open = true;
  row.scrollIntoView({ block: "center" });
}

/** Brings the marks of a page to life. */
export function serveScorecard(page) {
  for (const box of page.querySelectorAll(".isoaux-claims, .isoaux-wall")) {
    tellOf(box);
    const again = walkMarks(box);
    if (box.matches(".isoaux-wall")) filterWall(box, again);
    box.addEventListener("click", ({ target }) => {
      if (target.closest("a.mark")?.hash === location.hash) openNamed(); // no other event, where the address stays
    });
  }
  addEventListener("hashchange", openNamed);
  openNamed();
}
