// Spotlight resonance (SRM): the share of representations in a cone that turns through each plane, by counting the ends
// of the intervals in which each is inside. As isoaux.srm has it, at every degree, in the mean over all planes.

import { pointsOf, room, swapped } from "./projection.mjs";

export const DEGREES = 360;

// The mean share at every degree, `whole` being samples times planes.
export function* spotlight(prepared, { epsilon, variant, plane = null }, whole) {
  const changes = new Int32Array(DEGREES + 1);
  const points = room(prepared);
  const same = (i, j) => !plane || (plane[0] === i && plane[1] === j);
  for (let s = 0; s < prepared.count; s++) {
    const length = epsilon * Math.sqrt(prepared.totals[s]);
    const found = pointsOf(prepared, s, epsilon, points);
    for (let p = 0; p < found; p++) {
      const [i, j, x, y] = [points.i[p], points.j[p], points.x[p], points.y[p]];
      if (same(i, j)) lightUp(changes, length, x, y);
      if (variant === "permutation" && same(j, i)) lightUp(changes, length, ...swapped(prepared, i, j, x, y));
    }
    if (found > 256 || s % 256 === 0) yield;
  }
  let inside = 0;
  return Float64Array.from({ length: DEGREES }, (_, degree) => {
    inside += changes[degree];
    return inside / (whole || 1);
  });
}

// A point (x, y) is inside where cos(angle - its own) |(x, y)| >= length: where that begins and where it has passed.
function lightUp(changes, length, x, y) {
  const half = Math.acos(Math.min(length / Math.hypot(x, y), 1));
  const degree = DEGREES / (2 * Math.PI);
  const centre = -Math.atan2(y, x);
  const begin = Math.ceil((centre - half) * degree);
  const past = Math.floor((centre + half) * degree) + 1;
  if (past <= begin) return;
  const from = ((begin % DEGREES) + DEGREES) % DEGREES;
  const to = from + past - begin;
  changes[from]++;
  if (to <= DEGREES) changes[to]--;
  else {
    changes[DEGREES]--;
    changes[0]++;
    changes[to - DEGREES]--;
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
