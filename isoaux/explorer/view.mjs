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
import { Sharing } from "./sharing.mjs";
import { pause, sliced } from "./slices.mjs";

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
    const acts = { play: () => this.#play(), open: (file) => this.#open(file), example: (file) => this.#example(file) };
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
    element.replaceChildren(this.controls.first, ...(opens ? [this.controls.own] : []), told, this.asked, this.answer, this.panels);
    if (form.small) {
      this.more = make("a", { textContent: "All networks and controls, training, your own activations: Play" });
      element.append(make("p", { className: "further" }, this.more));
    } else {
      this.sharing = new Sharing(state, () => this.networks.get(this.chosen[0]));
      element.append(this.controls.more, this.sharing.element);
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
    this.answer.replaceChildren(verdict, list);
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
    this.#tell("Loading representations …", { busy: true });
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
    return new Card(key, this.networks.get(key), { pick: (plane) => this.#pick(plane), small: this.form.small });
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

  // Within the frame if it is short, else a slice at a time; only other representations break it off.
  async #draw(going) {
    const { get } = this.state;
    const { pending, cards } = this;
    this.pending = null;
    const turn = { basis: get("basis"), seed: get("seed"), turn: get("turn"), given: this.given };
    const plane = get("plane").length ? get("plane") : null;
    const view = { epsilon: get("epsilon"), variant: get("variant"), plane };
    const shared = get("shared");
    for (const { panel } of pending === "basis" ? cards : []) {
      await sliced(panel.lookingIn(turn), going);
      if (!going()) return;
    }
    for (const card of cards) {
      await sliced(card.projecting(view, shared), going);
      if (!going()) return;
    }
    this.state.report(Object.fromEntries(["count", "c4", "s2"].map((name) => [name, cards[0].panel.found[name]])));
  }

  // What takes longer, until the reader changes something.
  async #later(going) {
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
}

const nearest = (numbers, wanted) =>
  numbers.reduce((best, number) => (Math.abs(number - wanted) < Math.abs(best - wanted) ? number : best));
