// Could this be noise? Twenty pictures of one network, nineteen in random bases and one in the neuron basis: who picks
// that one by looking has rejected, with p = 1/20, that no basis is special (the line-up protocol of visual inference).

import { addressed, addresses, between } from "./address.mjs";
import { random, standard, uniforms } from "./bases.mjs";
import { button, keyed, labelled, make, whole } from "./elements.mjs";
import { Panel } from "./panel.mjs";
import { Picks, byGuessing } from "./picks.mjs";
import { CELLS, paint } from "./picture.mjs";
import { keyOf, nameOf } from "./settings.mjs";
import { copied } from "./sharing.mjs";
import { pause, sliced } from "./slices.mjs";

export const PANELS = 20;

const SEEDS = 1e6;

// Where the neuron basis stands among the panels, and the seeds of the others, from a line-up's number.
export function arranged(number) {
  const draw = uniforms(number);
  const whole = (size) => Math.floor(size * draw());
  return { place: whole(PANELS), seeds: Array.from({ length: PANELS }, () => whole(2 ** 32)) };
}

// The neuron basis, its vectors in random order and with random signs: as true a picture of it as the one that is seen
// elsewhere, and not that very one.
export function shuffled(n, seed) {
  const draw = uniforms(seed);
  const rows = standard(n).map((row) => (draw() < 0.5 ? row.map((value) => -value) : row));
  for (let k = n - 1; k > 0; k--) {
    const other = Math.floor((k + 1) * draw());
    [rows[k], rows[other]] = [rows[other], rows[k]];
  }
  return rows;
}

// What a pick is worth. Who has been told once knows what the neuron basis of that network looks like; of an isotropic
// network, the `control`, it looks like any other basis.
export function worth(right, first, control) {
  if (!first) return "You were shown this network's neuron basis before, so this pick is practice and does not count.";
  const chance = right
    ? `A guess is right once in ${PANELS} times: p = ${1 / PANELS}.`
    : `A guess is wrong ${PANELS - 1} times in ${PANELS}: no evidence that the neuron basis is special.`;
  return control ? `${chance} This network is isotropic: by symmetry, only luck is right here.` : chance;
}

// A score in words, of some first picks and with the chance to do as well by guessing; nothing without picks.
export function scored({ right, tests }, whose) {
  if (!tests) return "";
  const p = byGuessing(right, tests, PANELS);
  return `${whose}: ${right} of ${tests} right; by guessing, at least that many with p = ${shortest(p)}.`;
}

const shortest = (p) => String(Number(p.toPrecision(2)));

// The picture of a network in every basis of a line-up, each with its own colour limit; tells how many are done.
export function* pictures(panel, number, view) {
  const { place, seeds } = arranged(number);
  const found = [];
  for (let k = 0; k < PANELS; k++) {
    const given = k === place ? shuffled(panel.n, seeds[k]) : random(panel.n, seeds[k]);
    yield* panel.lookingIn({ basis: "given", given, turn: [0, 1, 0] });
    yield* panel.projecting(view);
    found.push({ image: panel.image, limit: panel.limit, count: panel.found.count });
    yield k + 1;
  }
  return found;
}

// What the page's address may say of a line-up of these networks.
export const lineUpChecks = (keys) => new Map([["lineup", between(1, SEEDS)], ["lineup-network", (key) => keys.includes(key)]]);

// Draw a line-up of the given networks into an element: the one of the page's address, or else a new one.
export function lineUp(element, source, { networks }) {
  new LineUp(element, source, networks);
}

class LineUp {
  constructor(element, source, keys) {
    Object.assign(this, { source, keys, picks: new Picks(kept(), "isoaux-lineup") });
    this.networks = new Map(source.list.networks.map((network) => [keyOf(network), network]));
    this.chosen = make("select", { ariaLabel: "Network" });
    this.chosen.append(...keys.map((key) => new Option("", key)));
    this.number = make("input", { type: "number", min: 1, max: SEEDS, step: 1, inputMode: "numeric" });
    this.next = button("Next network", () => this.#goOn());
    const another = button("Another line-up of it", () => this.#begin(anyNumber()));
    this.chosen.addEventListener("change", () => this.#begin(anyNumber()));
    this.number.addEventListener("change", () => this.#begin(this.number.valueAsNumber));
    this.message = make("p", { className: "message", role: "status" });
    this.score = make("p", { className: "score", ariaLive: "polite" });
    this.forget = button("Forget my picks", () => this.#forget());
    this.field = keyed(make("textarea", { className: "copying", readOnly: true, hidden: true, ariaLabel: "To be copied" }));
    this.panels = Array.from({ length: PANELS }, (_, k) => this.#panel(k));
    const controls = make("div", { className: "controls" });
    controls.append(labelled("Network", this.chosen), labelled("Line-up number", this.number));
    const group = make("div", { className: "pictures", role: "group", ariaLabel: "Twenty pictures; choose the odd one out" });
    group.append(...this.panels.map(({ choice }) => choice));
    group.addEventListener("keydown", (event) => this.#moved(event));
    const buttons = make("div", { className: "buttons" }, this.next, another);
    buttons.append(button("Copy link to this line-up", () => this.#copy()), this.forget);
    element.replaceChildren(controls, group, this.message, this.score, buttons, this.field);
    const checks = lineUpChecks(keys);
    addEventListener("hashchange", () => addresses(location.hash, checks) && this.#open(checks));
    this.#open(checks);
  }

  // The line-up of the page's address.
  #open(checks) {
    const own = { lineup: anyNumber(), "lineup-network": this.chosen.value };
    const { lineup, "lineup-network": key } = addressed(location.hash, own, checks);
    this.chosen.value = key;
    this.#begin(lineup);
  }

  // The next network that its reader has not been shown, and the choice among its pictures.
  #goOn() {
    const at = this.keys.indexOf(this.chosen.value);
    this.chosen.value = [...this.keys.slice(at + 1), ...this.keys.slice(0, at)].find((key) => this.picks.first(key));
    this.#begin(anyNumber());
    this.panels[0].choice.focus();
  }

  #forget() {
    this.picks.forget();
    this.#begin(anyNumber());
    this.chosen.focus();
  }

  // What was picked so far: beside the networks' names, and counted.
  #tell() {
    const { keys, picks } = this;
    for (const option of this.chosen.options) {
      const name = nameOf(this.networks.get(option.value));
      option.textContent = picks.first(option.value) ? name : `${picks.right(option.value) ? "right" : "wrong"}: ${name}`;
    }
    const isControl = (key) => isotropic(this.networks.get(key));
    const one = scored(picks.score(keys.filter((key) => !isControl(key))), "Your eye so far");
    const other = scored(picks.score(keys.filter(isControl)), "Isotropic networks, the control");
    this.score.textContent = `${one} ${other}`.trim();
    this.next.hidden = !keys.some((key) => picks.first(key) && key !== this.chosen.value);
    this.forget.hidden = !this.score.textContent;
  }

  #panel(k) {
    const picture = make("canvas", { width: CELLS, height: CELLS });
    const choice = button("", () => this.#pick(k));
    choice.append(picture, make("span", { textContent: String(k + 1) }));
    return { choice, picture };
  }

  // Arrow keys go from picture to picture, as they are laid out.
  #moved(event) {
    const from = this.panels.findIndex(({ choice }) => choice === document.activeElement);
    const across = getComputedStyle(event.currentTarget).gridTemplateColumns.split(" ").length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (from < 0 || !step) return;
    event.preventDefault();
    this.panels[from + step]?.choice.focus();
  }

  async #copy() {
    const { href, hash } = location;
    const settings = new URLSearchParams({ lineup: this.number.value, "lineup-network": this.chosen.value });
    const done = await copied(`${href.slice(0, href.length - hash.length)}#${settings}`, this.field);
    this.message.textContent = done ? "Copied the link: it opens this line-up." : "This browser does not let pages copy; select the text below.";
    if (!done) this.field.select();
  }

  async #begin(wanted) {
    const number = Math.min(SEEDS, Math.max(1, Math.round(wanted) || 1));
    const round = (this.round = {});
    const going = () => this.round === round;
    Object.assign(this, { found: null, place: arranged(number).place });
    this.number.value = number;
    this.field.hidden = true;
    this.#tell();
    this.panels.forEach(({ choice, picture }, k) => {
      choice.ariaDisabled = "true"; // it keeps the keyboard's place
      choice.classList.remove("right", "picked");
      choice.setAttribute("aria-label", `Picture ${k + 1} of ${PANELS}`);
      picture.getContext("2d").clearRect(0, 0, CELLS, CELLS);
    });
    this.message.textContent = "Loading representations …";
    try {
      const network = this.networks.get(this.chosen.value);
      const epoch = network.epochs.at(-1);
      const values = await this.source.load(network, { ...epoch, parts: epoch.parts.slice(0, 1) });
      if (!going()) return;
      const panel = new Panel(network);
      panel.take(values, Infinity);
      const view = { epsilon: network.epsilon ?? 0.75, variant: "combination", plane: null };
      await pause();
      const told = (done) => (this.message.textContent = `Drawing: ${done} of ${PANELS} …`);
      const found = await sliced(pictures(panel, number, view), going, told);
      if (!found || !going()) return;
      this.#show(found);
    } catch (error) {
      if (going()) this.message.textContent = `The line-up could not be drawn: ${error.message}`;
    }
  }

  #show(found) {
    this.found = found;
    this.panels.forEach(({ choice, picture }, k) => {
      paint(picture, found[k].image, found[k].limit);
      choice.ariaDisabled = "false";
    });
    this.message.textContent = "One of these is in the neuron basis. Which one is unlike the others?";
  }

  #pick(k) {
    if (!this.found) return;
    const { place, found } = this;
    this.found = null;
    const right = k === place;
    const key = this.chosen.value;
    const first = this.picks.first(key);
    this.picks.add(key, right);
    this.panels.forEach(({ choice }, at) => {
      const what = at === place ? "neuron basis" : "random basis";
      choice.ariaDisabled = "true";
      choice.classList.toggle("right", at === place);
      choice.classList.toggle("picked", at === k);
      choice.setAttribute("aria-label", `Picture ${at + 1} of ${PANELS}: ${what}, ${whole(found[at].count)} points`);
    });
    const others = found.filter((_, at) => at !== place).map(({ count }) => count);
    const points = `${whole(found[place].count)} points, the others ${whole(Math.min(...others))} to ${whole(Math.max(...others))}`;
    const answer = right
      ? `Right: picture ${place + 1} is in the neuron basis (${points}).`
      : `It was picture ${place + 1} (${points}); picture ${k + 1} is in a random basis.`;
    this.message.textContent = `${answer} ${worth(right, first, isotropic(this.networks.get(key)))}`;
    this.#tell();
  }
}

const isotropic = ({ network }) => /-iso/.test(network);

// The browser's storage; nothing where it lets a page have none.
function kept() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

const anyNumber = () => 1 + Math.floor(Math.random() * SEEDS);
