// The explorer as a reader sees it. `state` holds the settings: get, set, listen, report, and link where a link opens the
// view; `source` has the `list` of networks, `load(network, epoch)`, a promise of numbers neuron by neuron, and
// `vectors(network)`, one of the vectors that came with a network, in the same order; where readers may bring files,
// `worker`, which makes a worker that reads them, and `examples`, which `example` loads. Of the form, `own` are the networks to offer first, by key; a `small` explorer has few controls, and `more` is where the others are.

import { question } from "./asking.mjs";
import { rowsIn } from "./bases.mjs";
import { Card } from "./card.mjs";
import { Controls } from "./controls.mjs";
import { button, coded, make, whole } from "./elements.mjs";
import { NAMED_BASES, isOffered, namesOf, shownIn, spanningNamed, vectorsOf } from "./named.mjs";
import { BASES, loweredNote } from "./quartimax.mjs";
import { SETTINGS, keyOf } from "./settings.mjs";
import { Sharing, copied } from "./sharing.mjs";
import { pause, sliced, within } from "./slices.mjs";

const AT_ONCE = 5; // milliseconds of projecting one network before what there is of it is drawn
const LATE = 300; // milliseconds of loading after which a reader is told
const QUIET = 600; // milliseconds without a change before numbers are announced

// Draw an explorer into an element; returns a function that ends it. For other scripts, and the browser's console, the
// element's `networks` are the panels as they are drawn: `element.networks[0].found.count` is the number of points.
export function show(element, state, source, form = {}) {
  const view = new View(element, state, source, form);
  Object.defineProperty(element, "networks", { get: () => view.cards.map(({ panel }) => panel), configurable: true });
  return () => view.end();
}

class View {
  constructor(element, state, source, form) {
    Object.assign(this, { element, state, source, form, cards: [], round: 0, ended: false });
    this.networks = new Map(source.list.networks.map((network) => [keyOf(network), network]));
    this.#build();
    this.stop = state.listen((name) => this.#changed(name));
    this.#reload();
  }

  end() {
    this.ended = true;
    this.round++;
    clearInterval(this.playing);
    this.cards.forEach((card) => card.end());
    this.worker?.terminate();
    this.stop();
  }

  #build() {
    const { element, source, state, form } = this;
    const acts = { play: () => this.#play(), next: () => this.#next(), open: (file) => this.#open(file), example: (file) => this.#example(file) };
    const opens = Boolean(source.worker) && !form.small;
    this.controls = new Controls(state, acts, { opens, small: form.small, examples: source.examples });
    this.controls.offer(this.networks, form.own);
    this.message = make("p", { className: "message", role: "status" });
    this.again = button("Try again", () => this.#reload());
    this.panels = make("div", { className: "panels" });
    element.classList.add("isoaux-explorer");
    element.classList.toggle("small", Boolean(form.small));
    const told = make("div", { className: "told" }, this.message, this.again);
    this.asked = make("div", { className: "asked", hidden: true });
    this.answer = make("div", { className: "answer", hidden: true });
    this.heard = make("p", { className: "heard", ariaLive: "polite" });
    element.replaceChildren(this.controls.first, told, this.asked, this.answer, this.panels, this.heard);
    element.addEventListener("keydown", ({ key }) => key === "Escape" && this.lit && this.#light(null));
    if (form.small) {
      this.more = make("a", { textContent: "All networks and controls, training, your own activations: Play" });
      element.append(make("p", { className: "further" }, this.more));
    } else {
      this.sharing = new Sharing(state, () => this.networks.get(this.chosen[0]));
      element.append(this.controls.more, ...(opens ? [this.controls.own] : []), this.sharing.element);
    }
    if (opens) this.#dropping();
  }

  #dropping() {
    const { element } = this;
    const over = (is) => (event) => {
      event.preventDefault();
      element.classList.toggle("dropping", is);
    };
    element.addEventListener("dragover", over(true));
    element.addEventListener("dragleave", over(false));
    element.addEventListener("drop", (event) => {
      over(false)(event);
      this.#open(event.dataTransfer.files[0]);
    });
  }

  // One of the files that a page has to try.
  async #example(file) {
    this.#tell(`Loading ${file} …`, { busy: true });
    try {
      this.#open(await this.source.example(file));
    } catch (error) {
      this.#tell(`${file} could not be loaded: ${error.message}`);
    }
  }

  // Representations of the reader's own, chosen or dropped; they stay in this page. A worker reads and tests them.
  #open(file, answer) {
    if (!file) return;
    this.worker?.terminate();
    const left = () => `The test of ${this.latest.network} was left for another file; open it again to have it tested.`;
    if (this.latest) this.latest.tested ??= { words: left(), notes: [] };
    this.#ask(null);
    this.#tell(`Reading ${file.name} …`, { busy: true });
    try {
      const worker = (this.worker = this.source.worker());
      const words = `${file.name} could not be read: this browser ran out of memory or does not let the page work beside itself.`;
      const failed = () => this.worker === worker && this.#tell(words);
      worker.onmessage = ({ data }) => this.worker === worker && !this.ended && this.#hear(file, data);
      worker.onerror = failed;
      worker.onmessageerror = failed;
      worker.postMessage({ file, name: file.name, answer });
    } catch (error) {
      this.#tell(`${file.name} could not be read: ${error.message}`);
    }
  }

  #hear(file, { kind, ...content }) {
    if (["refused", "question", "tested"].includes(kind)) this.worker.terminate();
    if (kind === "reading") this.#tell(`Reading ${file.name}: ${Math.round(100 * content.share)} % …`, { busy: true });
    else if (kind === "refused") this.#tell(content.words);
    else if (kind === "question") this.#ask(question(file.name, content, (answer) => this.#open(file, answer)));
    else if (kind === "read") this.#take(file, content);
    else {
      Object.assign(this.latest, kind === "tested" ? { tested: content } : { draws: content.draws });
      this.#say();
    }
  }

  #ask(asked) {
    this.asked.replaceChildren(...(asked ? [asked.form] : []));
    this.asked.hidden = !asked;
    if (!asked) return;
    this.#tell("");
    asked.focus();
  }

  // Show what was read of a file, at the threshold that the report would choose; another's is taken back later.
  #take(file, { n, count, key, epsilon, ...read }) {
    const name = key ? `${file.name}: ${key}` : file.name;
    const epochs = [{ epoch: 0, samples: count, scale: 1 }];
    const network = { ...read, network: name, file: file.name, key, layer: 0, width: n, lowered: epsilon, draws: 0, epochs };
    this.latest = network;
    this.networks.set(keyOf(network), network);
    this.controls.offer(this.networks, this.form.own);
    this.cards.forEach((card) => card.end());
    this.cards = [];
    const { state } = this;
    if (state.get("epsilon") > epsilon || state.get("epsilon") === this.lowered) {
      this.lowered = epsilon < SETTINGS.epsilon ? epsilon : undefined;
      state.set("epsilon", epsilon);
    }
    if (state.get("plane").length) state.set("plane", []);
    if (state.get("turn")[2]) state.set("turn", SETTINGS.turn);
    state.set("beside", "");
    state.set("network", keyOf(network));
  }

  // The report's words on the reader's own representations, where these are shown.
  #say() {
    const network = this.networks.get(this.state.get("network"));
    const isOwn = Boolean(network?.file);
    this.answer.hidden = !isOwn;
    if (!isOwn) return;
    const { file, tested, draws, lowered, notes, epochs, dimension } = network;
    const words = tested?.words ?? `Is the neuron basis special here? Testing: ${draws} of ${BASES} random bases …`;
    const { about } = this.source.examples.find((example) => example.file === file) ?? {};
    const size = `${about ? `${about}: ` : ""}${whole(epochs[0].samples)} samples of ${whole(dimension)} neurons.`;
    const all = [size, ...notes, lowered < SETTINGS.epsilon && loweredNote(lowered), ...(tested?.notes ?? [])].filter(Boolean);
    const list = make("ul", {}, ...all.map((note) => make("li", {}, ...coded(note))));
    const [, short = words, long = ""] = words.match(/^(.*?\? [^:]*:)(.*)$/) ?? []; // question and answer, and the numbers
    const verdict = make("p", { className: "verdict", ariaLive: tested ? "polite" : "off" }, make("strong", { textContent: short }), long);
    const copy = button("Copy", async () => {
      copy.textContent = (await copied([words, ...all].join("\n"), this.sharing.field)) ? "Copied" : "Select the text above";
    });
    this.answer.replaceChildren(verdict, list, ...(tested && this.sharing ? [copy] : []));
  }

  // Say what is going on; `busy` while it lasts, `again` where trying once more may help.
  #tell(words, { busy = false, again = false } = {}) {
    this.message.textContent = words;
    this.again.hidden = !again;
    this.panels.setAttribute("aria-busy", String(busy));
  }

  #display() {
    const { epochs, epoch, directions, given } = this;
    const network = this.networks.get(this.chosen[0]);
    const bases = [...NAMED_BASES].filter(([name]) => isOffered(name, network, given));
    const basis = shownIn(this.state.get("basis"), network, given);
    const names = namesOf(basis, network, given).slice(0, directions);
    const spans = spanningNamed(basis, network, given);
    this.controls.show({ epochs, epoch, bases, names, spans, playing: Boolean(this.playing) });
    this.#say();
    this.sharing?.show();
    if (this.more) this.more.href = this.form.more + (this.state.address?.() ?? "");
  }

  get chosen() {
    return [...new Set([this.state.get("network"), this.state.get("beside")])].filter((key) => this.networks.has(key));
  }

  // The rows of a basis that came with the explorer, if one did.
  get given() {
    return this.source.list.basis;
  }

  // The vectors that every chosen network's basis has.
  get directions() {
    const { given } = this;
    const networks = this.chosen.map((key) => this.networks.get(key));
    return Math.min(...networks.map((network) => vectorsOf(shownIn(this.state.get("basis"), network, given), network, given)));
  }

  // Epochs that every chosen network has; those of the first where they have none in common.
  get epochs() {
    const [first, ...others] = this.chosen.map((key) => this.networks.get(key).epochs.map(({ epoch }) => epoch));
    const common = first.filter((epoch) => others.every((list) => list.includes(epoch)));
    return common.length ? common : first;
  }

  // The epoch that is asked for, or the nearest one that there is.
  get epoch() {
    return nearest(this.epochs, this.state.get("epoch"));
  }

  #play() {
    if (this.playing) return this.#pause();
    this.playing = setInterval(() => {
      if (this.loading) return;
      const next = this.epochs[this.epochs.indexOf(this.epoch) + 1];
      if (next === undefined) this.#pause();
      else this.state.set("epoch", next);
    }, 500);
    if (this.epoch === this.epochs.at(-1)) this.state.set("epoch", this.epochs[0]);
    this.#display();
  }

  // The epoch after the one that is shown, or the first after the last.
  #next() {
    const { epochs, epoch } = this;
    this.state.set("epoch", epochs[epochs.indexOf(epoch) + 1] ?? epochs[0]);
  }

  // While playing, every epoch has as many samples as the first; at rest, all that there are.
  #pause() {
    if (!this.playing) return;
    clearInterval(this.playing);
    this.playing = null;
    this.#reload();
  }

  #changed(name) {
    const foreign = this.lowered !== undefined && !this.networks.get(this.state.get("network"))?.file;
    if (name === "network" && foreign && this.state.get("epsilon") === this.lowered) {
      this.lowered = undefined;
      this.state.set("epsilon", SETTINGS.epsilon);
    }
    if (name !== "epoch") this.cards.forEach((card) => card.forget());
    if (["network", "beside", "epoch"].includes(name)) this.#reload();
    else this.#schedule(["basis", "seed", "turn"].includes(name) ? "basis" : "step");
  }

  async #reload() {
    const round = ++this.round;
    if (!this.chosen.length) {
      this.#tell(`There is no network ${this.state.get("network")}; accepted: ${[...this.networks.keys()].join(", ")}.`);
      return;
    }
    this.loading = true;
    this.#display();
    const keys = this.chosen;
    clearTimeout(this.slow);
    this.slow = setTimeout(() => round === this.round && this.loading && this.#tell("Loading representations …", { busy: true }), LATE);
    try {
      const epochOf = (key) => {
        const { epochs } = this.networks.get(key);
        const there = epochs.map(({ epoch }) => epoch);
        const shown = nearest(there, there.includes(this.epoch) ? this.epoch : this.state.get("epoch"));
        return epochs[there.indexOf(shown)];
      };
      const loaded = await Promise.all(keys.map((key) => this.#load(this.networks.get(key), epochOf(key))));
      for (const key of keys) await this.#vectors(this.networks.get(key));
      if (round !== this.round) return;
      const samples = this.playing ? this.networks.get(keys[0]).epochs[0].samples : Infinity;
      const kept = new Map(this.cards.map((card) => [card.key, card]));
      this.cards.filter(({ key }) => !keys.includes(key)).forEach((card) => card.end());
      this.cards = keys.map((key) => kept.get(key) ?? this.#card(key));
      this.panels.replaceChildren(...this.cards.map(({ element }) => element));
      this.cards.forEach((card, at) => {
        card.epoch = epochOf(keys[at]);
        card.panel.take(loaded[at], samples);
      });
      if (this.lit && !keys.includes(this.lit.key)) this.lit = null;
      this.cards.forEach((card) => card.light(this.#litOf(card)));
      this.loading = false;
      this.#tell("");
      this.#schedule("basis");
    } catch (error) {
      if (round !== this.round) return;
      this.loading = false;
      clearInterval(this.playing);
      this.playing = null;
      this.#display();
      this.#tell(`These representations could not be loaded: ${error.message}`, { again: true });
    }
  }

  // A small explorer does with the first file.
  async #load(network, epoch) {
    const parts = this.form.small ? epoch.parts?.slice(0, 1) : epoch.parts;
    return network.values ?? this.source.load(network, { ...epoch, parts });
  }

  // The vectors that came with a network, once and for all.
  async #vectors(network) {
    if (network.vectors) network.privileged ??= rowsIn(await this.source.vectors(network), network.width);
  }

  #card(key) {
    const turn = { get: () => this.state.get("turn"), set: (value) => this.state.set("turn", value) };
    const acts = { pick: (plane) => this.#pick(plane), light: (card, direction) => this.#lightFrom(card, direction), turn };
    return new Card(key, this.networks.get(key), { ...acts, small: this.form.small });
  }

  // Light up the images of a direction of a card's picture wherever else they are; null for none.
  async #lightFrom(card, direction) {
    if (direction === null) return this.#light(null);
    const { panel } = card;
    const { prepared } = panel;
    const mask = await sliced(panel.pointing(direction), () => !this.ended && this.cards.includes(card) && panel.prepared === prepared);
    if (!mask) return;
    const count = mask.reduce((sum, there) => sum + there, 0);
    const kind = panel.network.seed === undefined ? "samples" : "images";
    this.#light({ key: card.key, direction, mask, count, kind });
  }

  #light(lit) {
    this.lit = lit;
    this.cards.forEach((card) => card.light(this.#litOf(card)));
    this.#schedule("step");
  }

  // What is lit of a card: nothing where its samples are not the same images.
  #litOf(card) {
    const { lit } = this;
    if (!lit) return null;
    const [one, other] = [lit.key, card.key].map((key) => this.networks.get(key));
    const published = (network) => !network?.values && !network?.array;
    const alike = published(one) && published(other) && ["dataset", "images", "built"].every((name) => one[name] === other[name]);
    return lit.key === card.key || alike ? lit : null;
  }

  #pick(plane) {
    const same = this.state.get("plane").join() === plane.join();
    this.state.set("plane", same ? [] : plane);
  }

  // One drawing per frame and one at a time, however many changes there were; a change of basis includes a step.
  #schedule(kind) {
    if (!this.chosen.length) return;
    this.#display();
    this.pending = this.pending === "basis" ? "basis" : kind;
    if (this.frame || this.loading || this.drawing) return;
    this.frame = requestAnimationFrame(async () => {
      this.frame = null;
      if (this.ended || !this.cards.length) return;
      const round = ++this.round;
      const going = () => round === this.round;
      this.drawing = true;
      try {
        await this.#draw(going);
        if (this.undrawn) this.#tell("");
        this.undrawn = false;
      } catch (error) {
        this.undrawn = true;
        this.#tell(`This could not be drawn: ${error.message}`);
        return;
      } finally {
        this.drawing = false;
      }
      if (this.pending) this.#schedule(this.pending);
      else if (going()) await this.#later(going);
    });
  }

  // What there is of each network after a short while, the rest of it later: of a basis that takes long, from some of the
  // samples. Only other representations break it off.
  async #draw(going) {
    const { get } = this.state;
    const { pending, cards } = this;
    this.pending = null;
    this.unfinished = [];
    const turn = { basis: get("basis"), seed: get("seed"), turn: get("turn"), given: this.given };
    const plane = get("plane").length ? get("plane") : null;
    const view = { epsilon: get("epsilon"), variant: get("variant"), plane };
    const shared = get("shared");
    for (const card of cards) {
      const { panel } = card;
      let step = panel.prepared?.step ?? 1; // what was left unfinished stays so
      if (pending === "basis") {
        step = panel.quickStep;
        await sliced(panel.lookingIn(turn, step), going);
        if (!going()) return;
      }
      const work = card.projecting(view, shared);
      const { done } = within(work, AT_ONCE, () => panel.tallied.tally.seen > 0);
      if (!done) card.glimpse();
      if (step > 1) this.unfinished.push(entirely(card, turn, view, shared));
      else if (!done) this.unfinished.push(work);
    }
    if (!this.unfinished.length) this.#report();
  }

  #report() {
    this.state.report(Object.fromEntries(["count", "c4", "s2"].map((name) => [name, this.cards[0].panel.found[name]])));
  }

  // What takes longer, until the reader changes something.
  async #later(going) {
    await pause();
    for (const work of this.unfinished.splice(0)) {
      if (!going()) return;
      await sliced(work, going);
    }
    if (!going()) return;
    this.#report();
    clearTimeout(this.announcing);
    this.announcing = setTimeout(() => going() && this.#announce(), QUIET);
    for (const work of this.form.small ? ["null"] : ["spotlight", "null"]) {
      for (const card of this.cards) {
        await pause();
        if (!going()) return;
        const found = await sliced(card.panel[work](), going, (drawn) => card.waiting(drawn));
        if (!going()) return;
        await card[work](found);
      }
    }
  }

  // The numbers as a screen reader hears them after a change.
  #announce() {
    this.heard.textContent = this.cards.map((card) => card.words).join("; ");
  }
}

// All samples of a network in a basis, where some have been shown.
function* entirely(card, turn, view, shared) {
  yield* card.panel.lookingIn(turn);
  yield* card.projecting(view, shared);
}

const nearest = (numbers, wanted) =>
  numbers.reduce((best, number) => (Math.abs(number - wanted) < Math.abs(best - wanted) ? number : best));
