// What a reader sees of a plane: the square in view, its picture on a canvas, and the same in words. A square further in is
// a slice of its own, so that it is exact at every zoom.

import { WINDOW, area, crossingsOf, pointOf, preActivations } from "./partition.mjs";

// How far a reader may zoom out and in: further in, rounding would be as large as the distance at which vertices are joined.
export const ZOOMS = { least: 1 / 8, most: 1e5 };

export const START = { x: 0, y: 0, zoom: 1 };

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

const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const percentOf = (share) => (share > 0 && share < 0.01 ? "under 1 %" : `${Math.round(100 * share)} %`);

// A slice in words: its faces, the classes in it, and the check V - E + F, from the number of `edges`.
export function sliceInWords(partition, pieces, edges, names = String) {
  const { faces, counts, vertices, start, plane } = partition;
  const made = counts.length > 1 ? ` (${counts.map((number, k) => `${number.toLocaleString("en")} after layer ${start + 1 + k}`).join(", ")})` : "";
  const shares = sharesOf({ plane }, pieces).map(({ winner, share }) => `${names(winner)} ${percentOf(share)}`);
  return `${counted(faces.length, "face")}${made}. Classes: ${shares.join(", ")}. V − E + F = ${vertices - edges + faces.length}.`;
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
// its part of the largest one, from 0 to 1; then the edges of each layer with the width `widths[layer]`, in `ink`.
export function draw(context, size, partition, { xy, pieces }, edges, { fill, ink, widths }) {
  const { window } = partition.plane;
  const most = pieces.reduce((largest, { lead }) => Math.max(largest, lead), 0) || 1;
  for (const { ring, winner, lead } of pieces) {
    context.beginPath();
    outlined(context, ring, xy, window, size);
    context.fillStyle = fill(winner, Math.max(0, lead) / most);
    context.fill();
  }
  context.strokeStyle = ink;
  for (const [layer, width] of Object.entries(widths)) {
    context.lineWidth = width;
    context.beginPath();
    for (const { a, b, mark } of edges) {
      if (mark === WINDOW || layerOf(partition, mark) !== +layer) continue;
      context.moveTo(...placed(partition.xy, a, window, size));
      context.lineTo(...placed(partition.xy, b, window, size));
    }
    context.stroke();
  }
}
