// Spotlight resonance (SRM): the share of representations in a cone that turns through each plane, by counting the ends
// of the intervals in which each is inside. As isoaux.srm has it, at every degree, in the mean over all planes.

export const DEGREES = 360;

// A curve that is filled from kept points, a slice at a time, so that a page can draw in between.
export class Spotlight {
  constructor(prepared, kept, { epsilon, variant, plane = null }) {
    Object.assign(this, { prepared, kept, epsilon, variant, plane, next: 0 });
    this.changes = new Float64Array(DEGREES + 1);
  }

  get done() {
    return this.next >= this.kept.length;
  }

  // Count the next `size` points.
  advance(size) {
    const { kept, plane, variant } = this;
    const end = Math.min(this.next + size, kept.length);
    for (let p = this.next; p < end; p++) {
      const [s, i, j] = [kept.sample[p], kept.i[p], kept.j[p]];
      if (!plane || (plane[0] === i && plane[1] === j)) this.#count(s, i, j);
      if (variant === "permutation" && (!plane || (plane[0] === j && plane[1] === i))) this.#count(s, j, i);
    }
    this.next = end;
  }

  #count(s, i, j) {
    const { m, gram, sine, orthonormal, coordinates, totals } = this.prepared;
    const x = coordinates[s * m + i];
    let y = coordinates[s * m + j];
    if (!orthonormal) y = (y - gram[i * m + j] * x) / sine[i * m + j];
    const half = Math.acos(Math.min((this.epsilon * Math.sqrt(totals[s])) / Math.hypot(x, y), 1));
    const degree = DEGREES / (2 * Math.PI);
    const centre = -Math.atan2(y, x);
    const begin = Math.ceil((centre - half) * degree);
    const past = Math.floor((centre + half) * degree) + 1;
    if (past <= begin) return;
    const from = ((begin % DEGREES) + DEGREES) % DEGREES;
    const to = from + past - begin;
    this.changes[from]++;
    if (to <= DEGREES) this.changes[to]--;
    else {
      this.changes[DEGREES]--;
      this.changes[0]++;
      this.changes[to - DEGREES]--;
    }
  }

  // The mean share over `planeCount` planes at every degree.
  shares(planeCount) {
    let inside = 0;
    const whole = planeCount * this.prepared.count;
    return Float64Array.from({ length: DEGREES }, (_, degree) => {
      inside += this.changes[degree];
      return whole ? inside / whole : 0;
    });
  }
}

// The share of uniform directions of R^n in any spotlight (isoaux.srm.expected), from the integral of sin^(n-2).
export function expectedShare(n, epsilon) {
  return integral(n - 2, Math.acos(epsilon)) / integral(n - 2, Math.PI);
}

function integral(power, end, steps = 2000) {
  let sum = 0;
  for (let k = 0; k <= steps; k++) {
    const weight = k === 0 || k === steps ? 1 : k % 2 ? 4 : 2;
    sum += weight * Math.sin((end * k) / steps) ** power;
  }
  return (sum * end) / (3 * steps);
}
