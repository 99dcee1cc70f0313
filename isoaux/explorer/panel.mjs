// One network under the reader's controls: its representations in a basis, what is kept, and what takes longer.

import { drawing, rotating, spanning, turned } from "./bases.mjs";
import { JUDGED, cloud, first, fullest, inBasis, windowOf } from "./cloud.mjs";
import { MOST_VECTORS, missingNote, namesOf, rowsNamed, shownIn } from "./named.mjs";
import { CELLS, blurred, limitOf } from "./picture.mjs";
import { expectedCount, measured, planes } from "./projection.mjs";
import { turns } from "./settings.mjs";
import { finished } from "./slices.mjs";
import { spotlit } from "./spotlight.mjs";

export const DRAWS = 99;

export const MOST = 64; // neurons whose planes are shown

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
  }

  // What a row of the basis is called: a neuron by its number, from 1.
  nameOf(row) {
    return this.names[row];
  }

  // Look at them in a basis: { basis, seed, turn: [i, j, degrees], given }, `given` being the rows of a basis of that name;
  // in the standard one where there is none of that name. Of the `whole` basis, `rows` are shown: they make up the
  // `basis` that everything else counts from 0.
  *lookingIn({ basis: name, seed, turn, given }) {
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
    const prepared = yield* inBasis(this.cloud, own);
    const names = namesOf(basis, this.network, given);
    Object.assign(this, { whole, rows, basis: own, prepared, names, missing: missingNote(name, this.network, given) });
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
  // `found` and `image`.
  *projecting({ epsilon, variant, plane, window = this.window }) {
    const { m, sine } = this.prepared;
    const listed = planes(m, variant).filter(([a, b]) => sine[a * m + b] > 0);
    const [i, j] = (plane ?? []).map((row) => this.rows.indexOf(row));
    const there = listed.some(([a, b]) => a === i && b === j);
    const view = { epsilon, variant, plane: there ? [i, j] : null };
    const found = yield* measured(this.prepared, { ...view, window, cells: CELLS });
    const planeCount = there ? 1 : listed.length;
    found.expected = expectedCount(this.cloud.count, this.dimensions, planeCount, epsilon);
    const image = blurred(found.histogram);
    Object.assign(this, { view, found, planeCount, image, limit: limitOf(image) });
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
