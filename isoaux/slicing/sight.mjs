// What a reader sees of a plane: the square in view, its picture on a canvas, and the same in words. A square further in is
// a slice of its own, so that it is exact at every zoom.

import { WINDOW, area, crossingsOf, pointOf, preActivations } from "./partition.mjs";

// How far a reader may zoom out and in: further in, rounding would be as large as the distance at which vertices are joined.
export const ZOOMS = { least: 1 / 8, most: 1e5 };

export const START = { x: 0, y: 0, zoom: 1 };

const SHADES = 12; // shades of a class

const MANY = 400; // polygons, or edges, that are drawn at once

const clamp = (value, [least, most]) => Math.min(most, Math.max(least, value));

// The square in view as a plane of its own: `x` and `y` are its middle in coordinates of `plane`, of whose half-width it has
// the part 1 / `zoom`.
export const inView = (plane, { x, y, zoom }) => ({ ...plane, origin: pointOf(plane, x, y), window: plane.window / zoom });

// The view `factor` times closer, around the point at `u`, `v` of the view, from -1 to 1, which stays where it is.
export function zoomed(plane, { x, y, zoom }, factor, u = 0, v = 0) {
  const closer = clamp(zoom * factor, [ZOOMS.least, ZOOMS.most]);
  const shift = plane.window * (1 / zoom - 1 / closer);
  return { x: x + u * shift, y: y + v * shift, zoom: closer };
}

// The view moved by parts of its half-width.
export const moved = (plane, { x, y, zoom }, u, v) => ({ x: x + (u * plane.window) / zoom, y: y + (v * plane.window) / zoom, zoom });

// The layer whose neuron made an edge, counted from 1 through the network; 0 for the border of the window.
export function layerOf({ net, start }, mark) {
  if (mark === WINDOW) return 0;
  let [layer, behind] = [start + 1, net.widths[start + 1]];
  while (mark >= behind) behind += net.widths[++layer];
  return layer;
}

// The shares of the window that classes have, the largest first: { winner, share }.
export function sharesOf({ plane }, { xy, pieces }) {
  const areas = new Map();
  for (const { ring, winner } of pieces) areas.set(winner, (areas.get(winner) ?? 0) + area(ring, xy));
  const shares = [...areas].map(([winner, size]) => ({ winner, share: size / (4 * plane.window ** 2) }));
  return shares.sort((a, b) => b.share - a.share || a.winner - b.winner);
}

// The boundaries between two points of a plane at coordinates `from` and `to`: how many, by layer, the number of bits in
// which the ends differ, and the distance of the ends.
export function segmentOf(net, plane, from, to, start = 0) {
  const [p, q] = [from, to].map(([x, y]) => pointOf(plane, x, y));
  const crossings = crossingsOf(net, p, q, start);
  const byLayer = Array.from({ length: net.depth - start }, (_, k) => crossings.filter(({ layer }) => layer === start + 1 + k).length);
  const [a, b] = [p, q].map((point) => preActivations(net, point, start).slice(0, -1));
  const differing = a.reduce((sum, z, k) => sum + z.reduce((bits, value, j) => bits + (value > 0 !== b[k][j] > 0), 0), 0);
  return { crossings, byLayer, differing, length: Math.hypot(to[0] - from[0], to[1] - from[1]) };
}

// The classes along the segment between two points of the space `start`: the `first`, and the changes { t, before, after },
// exactly, since the logits are linear between crossings; of equal ones the first class counts.
export function classesAlong(net, p, q, start = 0) {
  const bends = [0, ...crossingsOf(net, p, q, start).map(({ t }) => t), 1];
  const at = bends.map((t) => preActivations(net, p.map((value, k) => value + t * (q[k] - value)), start).at(-1));
  const first = at[0].indexOf(Math.max(...at[0]));
  const changes = [];
  let winner = first;
  for (let i = 1; i < bends.length; i++) {
    const [left, right] = [at[i - 1], at[i]];
    for (let share = 0; ; ) {
      const overtakes = (k) => {
        const [behind, ahead] = [left[winner] - left[k], right[k] - right[winner]];
        return ahead > 0 && k !== winner ? Math.max(share, behind / (behind + ahead)) : Infinity;
      };
      const shares = Array.from(left, (_, k) => overtakes(k));
      const next = Math.min(...shares);
      if (next === Infinity) break;
      const those = shares.flatMap((value, k) => (value === next ? [k] : []));
      const after = those.reduce((best, k) => (right[k] - left[k] > right[best] - left[best] ? k : best));
      changes.push({ t: bends[i - 1] + next * (bends[i] - bends[i - 1]), before: winner, after });
      [winner, share] = [after, next];
    }
  }
  return { first, changes };
}

const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
export const percentOf = (share) => (share > 0 && share < 0.01 ? "under 1 %" : `${Math.round(100 * share)} %`);

// A slice in words: its faces, the `shares` of its classes, and the check V - E + F, from the number of `edges`.
export function sliceInWords({ faces, counts, vertices, start }, shares, edges, names = String) {
  const made = counts.length > 1 ? ` (${counts.map((number, k) => `${number.toLocaleString("en")} after layer ${start + 1 + k}`).join(", ")})` : "";
  const each = shares.map(({ winner, share }) => `${names(winner)} ${percentOf(share)}`);
  return `${counted(faces.length, "face")}${made}. Classes: ${each.join(", ")}. V − E + F = ${vertices - edges + faces.length}.`;
}

// A segment in words.
export function segmentInWords({ crossings, byLayer, differing }, start = 0) {
  const each = byLayer.map((number, k) => `${number} of layer ${start + 1 + k}`).join(", ");
  return `The segment crosses ${crossings.length === 1 ? "1 boundary" : `${crossings.length} boundaries`}${crossings.length ? ` (${each})` : ""}; its ends differ in ${counted(differing, "bit")}.`;
}

// Where a vertex is on a square canvas of `size`, whose y points down.
const placed = (xy, vertex, window, size) => [(xy[2 * vertex] / window + 1) * (size / 2), (1 - xy[2 * vertex + 1] / window) * (size / 2)];

function outlined(context, ring, xy, window, size) {
  ring.forEach((vertex, i) => {
    const [x, y] = placed(xy, vertex, window, size);
    if (i) context.lineTo(x, y);
    else context.moveTo(x, y);
  });
  context.closePath();
}

// Draws the pieces of a slice on a canvas' `context`, a square of `size`: each filled with `fill(winner, lead)`, lead being
// the difference of the two largest probabilities if there were no others, in steps from 0 to 1; then the edges of each
// layer, and the `boundaries` between classes, with `strokes[layer]` and `strokes.classes`, { width, ink }.
export function* tracing(context, size, partition, { xy, pieces }, edges, boundaries, { fill, strokes }) {
  const { window } = partition.plane;
  const groups = new Map();
  for (const piece of pieces) {
    const style = fill(piece.winner, Math.round(SHADES * Math.tanh(Math.max(0, piece.lead) / 2)) / SHADES);
    if (!groups.has(style)) groups.set(style, []);
    groups.get(style).push(piece);
  }
  for (const [style, group] of groups) {
    context.fillStyle = style;
    for (const some of parts(group)) {
      context.beginPath();
      for (const { ring } of some) outlined(context, ring, xy, window, size);
      context.fill();
      yield;
    }
  }
  const lines = function* (segments, from, { width, ink }) {
    context.lineWidth = width;
    context.strokeStyle = ink;
    for (const some of parts(segments)) {
      context.beginPath();
      for (const [a, b] of some) {
        context.moveTo(...placed(from, a, window, size));
        context.lineTo(...placed(from, b, window, size));
      }
      context.stroke();
      yield;
    }
  };
  const byLayer = new Map();
  for (const { a, b, mark } of edges) {
    const layer = layerOf(partition, mark);
    if (!byLayer.has(layer)) byLayer.set(layer, []);
    byLayer.get(layer).push([a, b]);
  }
  for (const [layer, segments] of byLayer) if (layer) yield* lines(segments, partition.xy, strokes[layer]);
  yield* lines(boundaries, xy, strokes.classes);
}

const parts = (all) => Array.from({ length: Math.ceil(all.length / MANY) }, (_, k) => all.slice(k * MANY, (k + 1) * MANY));
