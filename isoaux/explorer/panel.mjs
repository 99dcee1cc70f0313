// One network under the reader's controls: its representations in a basis, what is kept, and what takes longer.

import { drawing, rotating, spanning, turned } from "./bases.mjs";
import { JUDGED, cloud, first, fullest, inBasis, thinned, windowOf } from "./cloud.mjs";
import { MOST_VECTORS, missingNote, namesOf, rowsNamed, shownIn } from "./named.mjs";
import { CELLS, blurred, limitOf } from "./picture.mjs";
import { Tally, expectedCount, masked, measured, planes, pointing } from "./projection.mjs";
import { turns } from "./settings.mjs";
import { finished, timed } from "./slices.mjs";
import { spotlit } from "./spotlight.mjs";

export const DRAWS = 99;

export const MOST = 64; // neurons whose planes are shown

export const WITHIN = 7.5; // degrees to either side that belong to a direction of the picture

const QUICK = 8; // milliseconds in which a basis that changes is shown first, from some of the samples

// What takes long is a generator (slices.mjs); one that is left before its end changes nothing.
export class Panel {
  constructor(network) {
    this.network = network;
  }

  // Neurons that are held, of as many dimensions as there are neurons.
  get n() {
    return this.network.width;
  }

  get dimensions() {
    return this.network.dimension ?? this.n;
  }

  // Take representations: numbers neuron by neuron, of which `samples` are used.
  take(values, samples) {
    const { totals, window } = this.network;
    this.cloud = first(cloud(values, this.n, totals), samples);
    this.window = window ?? windowOf(this.cloud);
    this.looked = null;
  }

  // Every how many-th sample can be looked at in a basis at once; 1 before it is known how long all of them take.
  get quickStep() {
    const { time = 0, count = 1, m = 1 } = this.looked ?? {};
    return Math.max(1, Math.min(Math.ceil(time / QUICK), Math.floor((count * m) / 8192)));
  }

  // What a row of the basis is called: a neuron by its number, from 0.
  nameOf(row) {
    return this.names[row];
  }

  // Look at them in a basis: { basis, seed, turn: [i, j, degrees], given }, `given` being the rows of a basis of that name;
  // in the standard one where there is none of that name. Of the `whole` basis, `rows` are shown: they make up the
  // `basis` that everything else counts from 0. With a `step`, one sample in so many is looked at.
  *lookingIn({ basis: name, seed, turn, given }, step = 1) {
    const basis = shownIn(name, this.network, given);
    const start = basis === "random" ? yield* drawing(this.n, seed) : rowsNamed(basis, this.network, given);
    if (start[0].length !== this.n) {
      const found = `the given basis has vectors of ${start[0].length} numbers and ${this.network.network} ${this.n} neurons`;
      throw new Error(`${found}; accepted: as many of both.`);
    }
    const [i, j, degrees] = turn;
    const turning = degrees !== 0 && turns(turn, start.length) && spanning(start, i, j);
    const whole = turning ? turned(start, i, j, (degrees * Math.PI) / 180) : start;
    const rows = yield* this.#shown(whole);
    const own = rows.map((row) => whole[row]);
    const spent = { time: 0, count: this.cloud.count, m: own.length };
    const prepared = yield* timed(inBasis(thinned(this.cloud, step), own), spent);
    prepared.step = step;
    if (step === 1) this.looked = spent;
    this.litPart = null;
    const names = namesOf(basis, this.network, given);
    Object.assign(this, { whole, rows, basis: own, prepared, names, ofNeurons: basis === "standard", isTurned: turning, missing: missingNote(name, this.network, given) });
  }

  lookIn(settings) {
    finished(this.lookingIn(settings));
  }

  // The rows that are shown: all of a basis of more vectors than neurons, if there are not too many of them.
  *#shown(whole) {
    const most = whole.length > this.n ? MOST_VECTORS : MOST;
    if (whole.length <= most) return [...whole.keys()];
    return yield* fullest(this.cloud, whole, most);
  }

  // What a reader has to know about the basis and which planes are shown: nothing, if it is the one that was asked for and
  // these are all of them.
  get note() {
    const [all, most] = [this.whole.length, this.rows.length];
    if (all === most) return this.missing;
    const pairs = (m) => ((m * (m - 1)) / 2).toLocaleString("en");
    const judged = Math.min(this.cloud.count, JUDGED).toLocaleString("en");
    const cut =
      `There are ${all} basis vectors; shown are the ${most} in which the representations are largest ` +
      `(mean share of the squared length in ${judged} samples), so ${pairs(most)} of ${pairs(all)} pairs.`;
    return `${this.missing} ${cut}`.trim();
  }

  // Project: { epsilon, variant, plane, window }, the plane by its rows of the whole basis; what is found is kept as
  // `found` and `image`, that of the samples that are lit as `lit`. Before it ends, `glimpse` keeps what there is.
  *projecting({ epsilon, variant, plane, window = this.window }) {
    const { m, sine } = this.prepared;
    const listed = planes(m, variant).filter(([a, b]) => sine[a * m + b] > 0);
    const [i, j] = (plane ?? []).map((row) => this.rows.indexOf(row));
    const there = listed.some(([a, b]) => a === i && b === j);
    const view = { epsilon, variant, plane: there ? [i, j] : null };
    const planeCount = there ? 1 : listed.length;
    const tally = new Tally(this.prepared, { ...view, window, cells: CELLS });
    const lit = this.mask ? new Tally((this.litPart ??= masked(this.prepared, this.mask)), tally.view) : null;
    this.tallied = { view, planeCount, tally, lit };
    yield* tally.ready();
    if (lit) yield* lit.ready();
    while (tally.block < tally.blocks) {
      tally.next();
      while (lit && lit.block * tally.blocks < tally.block * lit.blocks) lit.next();
      yield;
    }
    this.glimpse();
  }

  // Keep what has been projected so far, as an estimate of all samples where some are still missing; whether anything was.
  glimpse() {
    const { view, planeCount, tally, lit } = this.tallied;
    const { count } = this.cloud;
    if (count && !tally.seen) return false;
    const share = count ? tally.seen / count : 1;
    this.rough = share < 1;
    const whole = (found, part) => {
      if (part === 1) return found;
      const counts = found.counts.map((points) => Math.round(points / part));
      return { ...found, counts, count: Math.round(found.count / part), kept: Math.round(found.kept / part) };
    };
    const own = tally.found();
    const found = whole(own, share);
    found.expected = expectedCount(count, this.dimensions, planeCount, view.epsilon);
    const image = blurred(own.histogram);
    const brightest = limitOf(image) / (tally.seen || 1); // of one representation
    Object.assign(this, { view, found, planeCount, image, brightest, seen: tally.seen, lit: null });
    if (lit) {
      const some = lit.found();
      const shown = whole(some, lit.prepared.count ? Math.max(lit.seen / lit.prepared.count, 1e-9) * (this.prepared.count / count) : 1);
      this.lit = { ...shown, image: blurred(some.histogram) };
    }
    return true;
  }

  // The density that is drawn brightest.
  get limit() {
    return this.brightest * this.seen;
  }

  // The samples that have a point of the view near a direction of the picture, in degrees: a mask.
  *pointing(direction) {
    return yield* pointing(this.prepared, this.view, direction, WITHIN);
  }

  // Light up the points of some samples, a mask, from the next projection on; null for none.
  light(mask) {
    Object.assign(this, { mask, litPart: null });
    if (!mask) this.lit = null;
  }

  project(view) {
    finished(this.projecting(view));
  }

  // The spotlight of the view.
  *spotlight() {
    const { prepared, basis, view, cloud, dimensions } = this;
    return yield* spotlit(prepared, basis, view, cloud.count, dimensions);
  }

  // Where count, c4 and s2 lie among those in random rotations of the basis; tells how many are done.
  *null() {
    const { found, view } = this;
    const nulls = { count: [], c4: [], s2: [] };
    for (let draw = 1; draw <= DRAWS; draw++) {
      const basis = yield* rotating(this.whole, draw);
      const rows = yield* this.#shown(basis);
      const prepared = yield* inBasis(this.cloud, rows.map((row) => basis[row]), view.epsilon);
      const one = yield* measured(prepared, view);
      for (const name of Object.keys(nulls)) nulls[name].push(one[name]);
      yield draw;
    }
    return summary(found, nulls);
  }
}

// Where values lie among those in random bases: median, the middle 95 %, two-sided p (isoaux.statistics).
export function summary(values, nulls) {
  return Object.fromEntries(
    Object.entries(nulls).map(([name, null_]) => {
      const sorted = Float64Array.from(null_).sort();
      const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
      const above = null_.filter((value) => value >= values[name]).length;
      const below = null_.filter((value) => value <= values[name]).length;
      const p = Math.min(1, (2 * (1 + Math.min(above, below))) / (1 + null_.length));
      return [name, { low: at(0.025), median: at(0.5), high: at(0.975), p, draws: null_.length }];
    }),
  );
}
