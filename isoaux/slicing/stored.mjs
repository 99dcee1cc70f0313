// The files of the live slice, unpacked, as isoaux.slicing.packing writes them; and the plane through three of its images.

import { dot } from "../explorer/bases.mjs";
import { activations, netOf, through } from "./partition.mjs";

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function doubles(bytes, count) {
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: count }, (_, k) => view.getFloat64(8 * k, true));
}

const damaged = (bytes, expected) => new Error(`the file has ${bytes.length} bytes; accepted: ${expected}.`);

// The distances of `count` images of each other, and the bytes of a picture of each, `side` x `side`.
export function picturesOf(text, count, side) {
  const bytes = bytesOf(text);
  const pairs = (count * (count - 1)) / 2;
  const expected = 8 * pairs + count * side * side;
  if (bytes.length !== expected) throw damaged(bytes, expected);
  const between = doubles(bytes, pairs);
  const at = (i, j) => i * count - (i * (i + 1)) / 2 + j - i - 1;
  return {
    distance: (i, j) => (i === j ? 0 : between[at(Math.min(i, j), Math.max(i, j))]),
    pixels: (i) => bytes.subarray(8 * pairs + i * side * side, 8 * pairs + (i + 1) * side * side),
  };
}

// A network behind its first layer: what that layer makes of each of `count` images, `before`, and the numbers of the
// layers `behind` it.
export function behindOf(text, { widths, leak }, count) {
  const bytes = bytesOf(text);
  const singles = widths.slice(2).reduce((sum, rows, k) => sum + rows * (widths[k + 1] + 1), 0);
  const expected = 8 * count * widths[1] + 4 * singles;
  if (bytes.length !== expected) throw damaged(bytes, expected);
  const z = doubles(bytes, count * widths[1]);
  const view = new DataView(bytes.buffer, 8 * z.length);
  const before = Array.from({ length: count }, (_, i) => z.subarray(i * widths[1], (i + 1) * widths[1]));
  return { widths, leak, before, behind: Float32Array.from({ length: singles }, (_, k) => view.getFloat32(4 * k, true)) };
}

// The square around three images, by their places in the files, in a space of a network: { net, plane, corners }, where the
// network begins with the plane of the images instead of their space, and `corners` are the coordinates of the three. In
// that plane its first layer is affine, so that its values at the three and their distances say all of it.
export function squareThrough({ widths, leak, before, behind }, { distance }, [a, b, c], start) {
  const [across, up, third] = [distance(a, b), distance(a, c), distance(b, c)];
  const x = (across ** 2 + up ** 2 - third ** 2) / (2 * across);
  const y = Math.sqrt(Math.max(0, up ** 2 - x ** 2));
  const flat = [[0, 0], [across, 0], [x, y]];
  through(flat); // refuses three images on a line
  const rows = widths[1];
  const numbers = new Float64Array(3 * rows + behind.length);
  for (let i = 0; i < rows; i++) {
    const first = (before[b][i] - before[a][i]) / across;
    numbers.set([first, (before[c][i] - before[a][i] - x * first) / y], 2 * i);
    numbers[2 * rows + i] = before[a][i];
  }
  numbers.set(behind, 3 * rows);
  const net = netOf({ widths: [2, ...widths.slice(1)], leak, numbers });
  const points = flat.map((point) => activations(net, point)[start]);
  const plane = through(points);
  const corners = points.map((point) => {
    const from = Float64Array.from(point, (value, k) => value - plane.origin[k]);
    return [dot(from, plane.first), dot(from, plane.second)];
  });
  return { net, plane, corners };
}
