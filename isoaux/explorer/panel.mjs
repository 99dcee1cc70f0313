// One network under the reader's controls: its representations in a basis, what is kept, and what takes longer.

import { dot, random, simplex, standard, turned } from "./bases.mjs";
import { CELLS, blurred, limitOf } from "./picture.mjs";
import { Kept, accepted, cloud, expectedCount, first, inBasis, measure, planes, windowOf } from "./projection.mjs";
import { Spotlight, expectedShare } from "./spotlight.mjs";

export const DRAWS = 99;

const SLICE = 20000; // points of the spotlight between two looks at the reader's input

const draws = new Kept();

export class Panel {
  constructor(network) {
    this.network = network;
    this.kept = new Kept();
  }

  get n() {
    return this.network.width;
  }

  // Take representations: whole numbers neuron by neuron, of which `samples` are used.
  take(values, samples) {
    this.cloud = first(cloud(values, this.n), samples);
    this.window = windowOf(this.cloud);
  }

  // Look at them in a basis: { basis, seed, turn: [i, j, degrees], given }, `given` being the rows of a basis of that name.
  lookIn({ basis, seed, turn, given }) {
    const named = { standard, simplex, random: (n) => random(n, seed), given: () => given.map((row) => Float64Array.from(row)) };
    const start = named[basis](this.n);
    const [i, j, degrees] = turn;
    const turns = degrees !== 0 && i !== j && Math.max(i, j) < start.length;
    this.basis = turns ? turned(start, i, j, (degrees * Math.PI) / 180) : start;
    this.prepared = inBasis(this.cloud, this.basis);
  }

  // Project: { epsilon, variant, plane }; what is found is kept as `found` and `image`.
  project({ epsilon, variant, plane }) {
    const listed = planes(this.basis.length, variant);
    const there = plane && listed.some(([i, j]) => i === plane[0] && j === plane[1]);
    this.view = { epsilon, variant, plane: there ? plane : null };
    accepted(this.prepared, epsilon, this.kept);
    this.found = measure(this.prepared, this.kept, { ...this.view, window: this.window, cells: CELLS });
    this.planeCount = there ? 1 : listed.length;
    this.found.expected = expectedCount(this.cloud.count, this.n, this.planeCount, epsilon);
    this.image = blurred(this.found.histogram);
    this.limit = limitOf(this.image);
  }

  // The mean spotlight of the view, a slice at a time.
  *spotlight() {
    const curve = new Spotlight(this.prepared, this.kept, this.view);
    while (!curve.done) {
      curve.advance(SLICE);
      yield null;
    }
    yield { shares: curve.shares(this.planeCount), expected: expectedShare(this.n, this.view.epsilon) };
  }

  // Count, c4 and s2 in random rotations of the basis, one at a time.
  *null() {
    const found = { count: [], c4: [], s2: [] };
    for (let draw = 0; draw < DRAWS; draw++) {
      const rotation = random(this.n, draw + 1);
      const rotated = this.basis.map((row) => Float64Array.from(rotation, (other) => dot(row, other)));
      const prepared = inBasis(this.cloud, rotated);
      const one = measure(prepared, accepted(prepared, this.view.epsilon, draws), this.view);
      for (const name of Object.keys(found)) found[name].push(one[name]);
      yield draw === DRAWS - 1 ? summary(this.found, found) : null;
    }
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
