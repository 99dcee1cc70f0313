// The exact partition of a square of a plane into polytopes of a network with ReLU or Leaky-ReLU, as
// isoaux.polytopes.partition makes it: convex polygons that share vertices, split by one neuron after the other. What takes
// long is a generator that yields its progress, from 0 to 1.

import { dot } from "../explorer/bases.mjs";

// As in isoaux.polytopes.partition.
export const JOINED = 1e-9; // in units of the half-width of the window
export const ROUNDING = 1e-13; // in units of the sum of the sizes of what is added up
export const ORTHONORMAL = 1e-9;
export const WINDOW = -1; // the mark of edges on the border of the window

const PAIRED = 2 ** 26; // more than there are vertices: two of them make a number that is exact

const reject = (words) => {
  throw new Error(words);
};

// A network from its weights: `widths` from the space of images to the logits, `leak`, and `numbers`, for every layer its
// weight by rows and its bias, one after the other, or `packed` in base 64 as isoaux.slicing.packing has them.
export function netOf({ widths, leak = 0, packed, numbers = singles(packed) }) {
  const layers = [];
  let at = 0;
  for (let k = 1; k < widths.length; k++) {
    const [rows, columns] = [widths[k], widths[k - 1]];
    if (!(rows >= 1 && columns >= 1)) reject(`layer ${k} has ${rows} x ${columns} weights; accepted: widths of at least 1.`);
    const weight = Float64Array.from(numbers.subarray(at, at + rows * columns));
    const bias = Float64Array.from(numbers.subarray(at + rows * columns, at + rows * (columns + 1)));
    at += rows * (columns + 1);
    layers.push({ rows, columns, weight, bias });
  }
  if (layers.length < 2) reject(`the network has ${layers.length} layers; accepted: at least 2, one of them hidden.`);
  if (at !== numbers.length) reject(`the network has ${numbers.length} numbers; accepted: ${at} for the widths ${widths.join(", ")}.`);
  if (!numbers.every(Number.isFinite)) reject("the network has weights that are not finite; accepted: finite numbers.");
  if (!(leak >= 0 && leak < 1)) reject(`leak is ${leak}; accepted: a number in [0, 1).`);
  return { widths, leak, layers, depth: layers.length - 1 };
}

function singles(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, k) => view.getFloat32(4 * k, true));
}

// What a layer makes of the numbers x, written to `out` from `to` on.
function affine({ rows, columns, weight, bias }, x, out, to = 0) {
  for (let i = 0; i < rows; i++) {
    let sum = bias[i];
    const row = i * columns;
    for (let k = 0; k < columns; k++) sum += weight[row + k] * x[k];
    out[to + i] = sum;
  }
}

// The same, with 0 for what rounding leaves of it.
function settled({ rows, columns, weight, bias }, x, out, to) {
  for (let i = 0; i < rows; i++) {
    let sum = bias[i];
    let size = Math.abs(sum);
    const row = i * columns;
    for (let k = 0; k < columns; k++) {
      const term = weight[row + k] * x[k];
      sum += term;
      size += Math.abs(term);
    }
    out[to + i] = Math.abs(sum) <= ROUNDING * size ? 0 : sum;
  }
}

// The pre-activations of every layer behind the space `start`, and the logits last, of one point of that space.
export function preActivations(net, x, start = 0) {
  const made = [];
  for (const layer of net.layers.slice(start)) {
    const out = new Float64Array(layer.rows);
    affine(layer, x, out);
    made.push(out);
    x = out.map((z) => (z > 0 ? z : net.leak * z));
  }
  return made;
}

// The point of every space, from 0 to the last hidden one, that an image leads to.
export function activations(net, image) {
  const z = preActivations(net, image).slice(0, -1);
  return [Float64Array.from(image), ...z.map((layer) => layer.map((value) => (value > 0 ? value : net.leak * value)))];
}

// The square around the mean of three points, in the plane through them: { origin, first, second, window }, the half-width
// being `scale` times the largest distance of two of them.
export function through(points, scale = 1) {
  const between = (a, b) => a.map((value, k) => value - b[k]);
  const [across, up, third] = [between(points[1], points[0]), between(points[2], points[0]), between(points[2], points[1])];
  const length = (vector) => Math.sqrt(dot(vector, vector));
  const distance = Math.max(length(across), length(up), length(third));
  const first = length(across) ? across.map((value) => value / length(across)) : across;
  let rest = up;
  for (let twice = 0; twice < 2; twice++) {
    const along = dot(first, rest);
    rest = rest.map((value, k) => value - along * first[k]);
  }
  if (!(length(across) && length(rest) > ORTHONORMAL * distance)) reject("the three points lie on a line; accepted: three points that span a plane.");
  const origin = points[0].map((value, k) => (value + points[1][k] + points[2][k]) / 3);
  return { origin, first, second: rest.map((value) => value / length(rest)), window: scale * distance };
}

// The point of the space at coordinates of a plane.
export const pointOf = ({ origin, first, second }, x, y) => origin.map((value, k) => value + x * first[k] + y * second[k]);

// Numbers of all vertices, `width` for each, in an array that grows.
class Table {
  constructor(width, rows = 64) {
    this.width = width;
    this.data = new Float64Array(width * rows);
  }

  hold(rows) {
    if (rows * this.width <= this.data.length) return;
    const larger = new Float64Array(2 * rows * this.width);
    larger.set(this.data);
    this.data = larger;
  }
}

const columnOf = ({ data, width }, k, count) => {
  const column = new Float64Array(count);
  for (let v = 0; v < count; v++) column[v] = data[v * width + k];
  return column;
};

// Polygons that share vertices: `count` vertices with their place `xy` and `values`, and `faces`, each a cycle of vertices
// `ring` with the `marks` of the edges behind them, and the number of the face that it was part of, `parent`.
class Complex {
  constructor(values) {
    this.count = 0;
    this.xy = new Table(2);
    this.values = values;
    this.faces = [];
    this.signs = new Int8Array(64);
  }

  // A new vertex on the edge from a to b, at a share of the way, of sign 0.
  between(a, b, share) {
    const made = this.count++;
    if (this.signs.length < this.count) {
      const larger = new Int8Array(2 * this.count);
      larger.set(this.signs);
      this.signs = larger;
    }
    this.signs[made] = 0;
    for (const table of [this.xy, this.values]) {
      table.hold(this.count);
      const { data, width } = table;
      const [from, to, into] = [a * width, b * width, made * width];
      for (let k = 0; k < width; k++) data[into + k] = data[from + k] + share * (data[to + k] - data[from + k]);
    }
    return made;
  }

  distance(a, b) {
    const { data } = this.xy;
    return Math.hypot(data[2 * a] - data[2 * b], data[2 * a + 1] - data[2 * b + 1]);
  }

  // Splits every face on which the numbers `column` of the vertices change sign, of those that are `active`; new edges get
  // `mark`. Whether there are vertices of both signs; then `signs` is 0 for those on the line between.
  split(column, mark, window, active = null) {
    if (this.signs.length < this.count) this.signs = new Int8Array(2 * this.count);
    const { signs, faces } = this;
    let [below, above] = [false, false];
    for (let v = 0; v < this.count; v++) {
      const z = column[v];
      signs[v] = z > 0 ? 1 : z < 0 ? -1 : 0;
      if (z > 0) above = true;
      else if (z < 0) below = true;
    }
    if (!(below && above)) return false;
    const changing = [];
    for (let f = 0; f < faces.length; f++) if (this.hasBoth(faces[f].ring)) changing.push(f);
    this.join(changing, column, window);
    const crossing = [];
    const touched = [];
    for (const f of changing) if (this.hasBoth(faces[f].ring)) (!active || active(faces[f]) ? crossing : touched).push(f);
    const made = new Map(); // the vertex on an edge
    for (const f of crossing) this.widen(f, column, made, true);
    if (crossing.length) for (const f of touched) this.widen(f, column, made, false);
    for (const f of crossing) this.divide(f, mark);
    return true;
  }

  // Whether a cycle has vertices on both sides.
  hasBoth(ring) {
    let [below, above] = [false, false];
    for (let i = 0; i < ring.length; i++) {
      const sign = this.signs[ring[i]];
      if (sign > 0) above = true;
      else if (sign < 0) below = true;
    }
    return below && above;
  }

  // Sets the signs of those vertices to 0 that the line of zeros passes close to along an edge.
  join(changing, column, window) {
    const near = [];
    for (const f of changing) {
      const { ring } = this.faces[f];
      let a = ring[ring.length - 1];
      for (const b of ring) {
        if (this.signs[a] * this.signs[b] < 0) {
          const share = column[a] / (column[a] - column[b]);
          const length = this.distance(a, b);
          if (share * length < JOINED * window) near.push(a);
          if ((1 - share) * length < JOINED * window) near.push(b);
        }
        a = b;
      }
    }
    for (const vertex of near) this.signs[vertex] = 0;
  }

  // Puts vertices on the edges of a face that change sign: new ones with `making`, else those that another face has made.
  widen(f, column, made, making) {
    const face = this.faces[f];
    const [ring, marks] = [[], []];
    for (let i = 0; i < face.ring.length; i++) {
      const a = face.ring[i];
      const b = face.ring[i + 1 < face.ring.length ? i + 1 : 0];
      ring.push(a);
      marks.push(face.marks[i]);
      if (this.signs[a] * this.signs[b] >= 0) continue;
      const [low, high] = a < b ? [a, b] : [b, a];
      const key = low * PAIRED + high;
      let vertex = made.get(key);
      if (vertex === undefined && making) {
        vertex = this.between(low, high, column[low] / (column[low] - column[high]));
        made.set(key, vertex);
      }
      if (vertex === undefined) continue;
      ring.push(vertex);
      marks.push(face.marks[i]);
    }
    this.faces[f] = { ...face, ring, marks };
  }

  // Makes two faces of one along its two vertices of sign 0.
  divide(f, mark) {
    const { ring, marks, parent } = this.faces[f];
    let sign = ring.map((vertex) => this.signs[vertex]);
    if (!isClean(sign)) sign = twoZeros(sign);
    if (!sign) return;
    const above = { ring: [], marks: [], parent };
    const below = { ring: [], marks: [], parent };
    for (let i = 0; i < ring.length; i++) {
      const next = sign[i + 1 < ring.length ? i + 1 : 0];
      if (sign[i] >= 0) {
        above.ring.push(ring[i]);
        above.marks.push(sign[i] === 0 && next < 0 ? mark : marks[i]);
      }
      if (sign[i] <= 0) {
        below.ring.push(ring[i]);
        below.marks.push(sign[i] === 0 && next > 0 ? mark : marks[i]);
      }
    }
    this.faces[f] = above;
    this.faces.push(below);
  }

  // The mean of a face's vertices of `table`, written to `out`.
  mean({ ring }, { data, width }, out) {
    out.fill(0);
    for (const vertex of ring) for (let k = 0; k < width; k++) out[k] += data[vertex * width + k];
    for (let k = 0; k < width; k++) out[k] /= ring.length;
    return out;
  }
}

// Whether a cycle of signs has two zeros, each between both signs.
function isClean(sign) {
  let zeros = 0;
  for (let i = 0; i < sign.length; i++) {
    if (sign[i]) continue;
    zeros++;
    if (sign[i ? i - 1 : sign.length - 1] * sign[i + 1 < sign.length ? i + 1 : 0] >= 0) return false;
  }
  return zeros === 2;
}

// A cycle of signs with one zero at either change of sign, and nothing if there are more than two changes.
function twoZeros(sign) {
  const count = sign.length;
  const begin = sign.findIndex((value) => value !== 0);
  const turned = [...sign.slice(begin), ...sign.slice(0, begin)];
  let [last, zeros] = [turned[0], []];
  for (let i = 1; i <= count; i++) {
    const value = turned[i % count];
    if (value === 0) {
      zeros.push(i);
      continue;
    }
    const kept = value === last ? 0 : 1;
    for (const z of zeros.slice(kept)) turned[z] = value;
    [last, zeros] = [value, []];
  }
  if (turned.filter((value) => value === 0).length !== 2) return null;
  return [...turned.slice(count - begin), ...turned.slice(0, count - begin)];
}

// The partition of a plane { origin, first, second, window } of the space `start`: { net, plane, start, faces, counts,
// vertices, xy, logits }, where `xy` and `logits` are those of every vertex, one after the other, `counts` the numbers of
// faces after each layer, and a face has its cycle of vertices `ring`, the neuron through all layers that made the edge
// behind each of them `marks`, and its `code`, one byte for a bit.
export function* slicing(net, plane, { start = 0, limit = 100000 } = {}) {
  checked(net, plane, start);
  const { window } = plane;
  const layer = net.layers[start];
  let values = new Table(layer.rows);
  const complex = new Complex(values);
  const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
  corners.forEach(([x, y], v) => {
    complex.count++;
    complex.xy.data.set([x * window, y * window], 2 * v);
    settled(layer, pointOf(plane, x * window, y * window), values.data, v * layer.rows);
  });
  complex.faces.push({ ring: [0, 1, 2, 3], marks: [WINDOW, WINDOW, WINDOW, WINDOW], parent: 0 });
  let codes = [new Uint8Array(0)];
  const neurons = net.widths.slice(start + 1, -1).reduce((a, b) => a + b, 0);
  const counts = [];
  let before = 0;
  for (let k = start + 1; k <= net.depth; k++) {
    const width = net.widths[k];
    for (let j = 0; j < width; j++) {
      if (complex.split(columnOf(values, j, complex.count), before + j, window)) {
        for (let v = 0; v < complex.count; v++) if (!complex.signs[v]) values.data[v * width + j] = 0;
      }
      if (complex.faces.length > limit) {
        reject(`limit is ${limit}, and layer ${k} makes at least ${complex.faces.length} faces; accepted: a larger limit, or a window smaller than ${window}.`);
      }
      yield (before + j + 1) / neurons;
    }
    counts.push(complex.faces.length);
    const mean = new Float64Array(width);
    const extended = [];
    for (const face of complex.faces) {
      complex.mean(face, values, mean);
      const code = new Uint8Array(before + width);
      code.set(codes[face.parent]);
      for (let j = 0; j < width; j++) code[before + j] = +(mean[j] > 0);
      extended.push(code);
      if (extended.length % 1024 === 0) yield (before + width) / neurons;
    }
    codes = extended;
    complex.faces.forEach((face, f) => (face.parent = f));
    before += width;
    const behind = new Table(net.widths[k + 1], complex.count);
    const active = new Float64Array(width);
    for (let v = 0; v < complex.count; v++) {
      for (let j = 0; j < width; j++) {
        const z = values.data[v * width + j];
        active[j] = z > 0 ? z : net.leak * z;
      }
      settled(net.layers[k], active, behind.data, v * behind.width);
      if (v % 256 === 255) yield before / neurons;
    }
    values = behind;
    complex.values = behind;
  }
  const faces = complex.faces.map(({ ring, marks }, f) => ({ ring, marks, code: codes[f] }));
  const vertices = complex.count;
  return {
    net, plane, start, faces, counts, vertices, xy: complex.xy.data.subarray(0, 2 * vertices),
    logits: values.data.subarray(0, vertices * values.width),
  };
}

function checked(net, { origin, first, second, window }, start) {
  if (!(Number.isInteger(start) && start >= 0 && start < net.depth)) reject(`start is ${start}; accepted: 0 to ${net.depth - 1}.`);
  for (const [name, vector] of Object.entries({ origin, first, second })) {
    if (vector.length !== net.widths[start]) reject(`${name} has width ${vector.length}; accepted: width ${net.widths[start]}.`);
  }
  const error = Math.max(Math.abs(dot(first, first) - 1), Math.abs(dot(second, second) - 1), Math.abs(dot(first, second)));
  if (!(error <= 4 * ORTHONORMAL)) reject(`first and second differ from orthonormal vectors by ${error}; accepted: ${ORTHONORMAL}.`);
  if (!(window > 0 && window < Infinity)) reject(`window is ${window}; accepted: a finite number above 0.`);
}

// The class of largest logit, the first of equal ones, among numbers from `start` on.
function leading(numbers, start, count) {
  let best = 0;
  for (let c = 1; c < count; c++) if (numbers[start + c] > numbers[start + best]) best = c;
  return best;
}

// Polygons of one class each: { xy, pieces }, a piece with its `ring` of vertices, its class `winner`, the `face` that it is
// in, and its lead, the difference of the two largest logits at the mean of its vertices.
export function* classing({ net, plane, start, faces, vertices, xy, logits }) {
  const count = net.widths.at(-1);
  const values = new Table(count, vertices);
  values.data.set(logits);
  const complex = new Complex(values);
  complex.count = vertices;
  complex.xy.hold(vertices);
  complex.xy.data.set(xy);
  const winner = Int32Array.from({ length: vertices }, (_, v) => leading(logits, v * count, count));
  const mixed = faces.map(({ ring }) => ring.some((vertex) => winner[vertex] !== winner[ring[0]]));
  complex.faces = faces.map(({ ring, marks }, f) => ({ ring, marks, parent: f }));
  const neurons = net.widths.slice(start + 1, -1).reduce((a, b) => a + b, 0);
  for (let c = 1; c < count; c++) {
    const overtaking = new Float64Array(complex.count);
    for (let v = 0; v < complex.count; v++) {
      let most = -Infinity;
      for (let k = v * count; k < v * count + c; k++) if (values.data[k] > most) most = values.data[k];
      overtaking[v] = values.data[v * count + c] - most;
    }
    complex.split(overtaking, neurons + c, plane.window, (face) => mixed[face.parent]);
    yield c / count;
  }
  const mean = new Float64Array(count);
  const pieces = [];
  for (const face of complex.faces) {
    complex.mean(face, values, mean);
    const best = leading(mean, 0, count);
    let second = -Infinity;
    for (let c = 0; c < count; c++) if (c !== best) second = Math.max(second, mean[c]);
    pieces.push({ ring: face.ring, winner: best, face: face.parent, lead: mean[best] - second });
    if (pieces.length % 1024 === 0) yield 1;
  }
  return { xy: complex.xy.data.subarray(0, 2 * complex.count), pieces };
}

// The edges between pieces of different classes, as pairs of vertices [a, b].
export function* bordering({ pieces }) {
  const beside = new Map();
  const boundaries = [];
  for (let k = 0; k < pieces.length; k++) {
    const { ring, winner } = pieces[k];
    if (k % 256 === 255) yield k / pieces.length;
    ring.forEach((a, i) => {
      const b = ring[i + 1 < ring.length ? i + 1 : 0];
      const key = Math.min(a, b) * PAIRED + Math.max(a, b);
      const other = beside.get(key);
      if (other === undefined) beside.set(key, winner);
      else if (other !== winner) boundaries.push([a, b]);
    });
  }
  return boundaries;
}

// The area of a cycle of vertices.
export function area(ring, xy) {
  const [x, y] = [xy[2 * ring[0]], xy[2 * ring[0] + 1]];
  let twice = 0;
  for (let i = 0; i < ring.length; i++) {
    const [a, b] = [ring[i], ring[i + 1 < ring.length ? i + 1 : 0]];
    twice += (xy[2 * a] - x) * (xy[2 * b + 1] - y) - (xy[2 * a + 1] - y) * (xy[2 * b] - x);
  }
  return twice / 2;
}

// The class and its lead on a grid of `size` x `size` points of the window, by rows from the lower left: a picture for the
// time until the exact one is there. { winner, lead }
export function* sampling(net, plane, { start = 0, size = 64 } = {}) {
  checked(net, plane, start);
  const count = net.widths.at(-1);
  const [winner, lead] = [new Int32Array(size * size), new Float64Array(size * size)];
  const [layer, ...behind] = net.layers.slice(start);
  const corner = (x, y) => {
    const out = new Float64Array(layer.rows);
    affine(layer, pointOf(plane, x, y), out);
    return out;
  };
  const origin = corner(0, 0);
  const across = corner(1, 0).map((value, i) => value - origin[i]);
  const up = corner(0, 1).map((value, i) => value - origin[i]);
  const room = behind.map(({ rows }) => new Float64Array(rows));
  const first = new Float64Array(layer.rows);
  for (let at = 0; at < size * size; at++) {
    const x = (((at % size) + 0.5) / size * 2 - 1) * plane.window;
    const y = ((Math.floor(at / size) + 0.5) / size * 2 - 1) * plane.window;
    for (let i = 0; i < first.length; i++) first[i] = origin[i] + x * across[i] + y * up[i];
    let z = first;
    behind.forEach((next, k) => {
      for (let i = 0; i < z.length; i++) if (!(z[i] > 0)) z[i] *= net.leak;
      affine(next, z, room[k]);
      z = room[k];
    });
    winner[at] = leading(z, 0, count);
    let second = -Infinity;
    for (let c = 0; c < count; c++) if (c !== winner[at] && z[c] > second) second = z[c];
    lead[at] = z[winner[at]] - second;
    if (at % size === size - 1) yield (at + 1) / (size * size);
  }
  return { winner, lead };
}

// Edges as { a, b, mark, faces }, each once, with the faces beside it.
export function* edging({ faces }) {
  const edges = new Map();
  for (let f = 0; f < faces.length; f++) {
    const { ring, marks } = faces[f];
    ring.forEach((a, i) => {
      const b = ring[i + 1 < ring.length ? i + 1 : 0];
      const key = Math.min(a, b) * PAIRED + Math.max(a, b);
      const edge = edges.get(key);
      if (edge) edge.faces.push(f);
      else edges.set(key, { a, b, mark: marks[i], faces: [f] });
    });
    if (f % 256 === 255) yield f / faces.length;
  }
  return [...edges.values()];
}

// The face that holds a point of the plane, -1 outside of the window.
export function faceAt({ faces, xy }, x, y) {
  const inside = ({ ring }) =>
    ring.every((a, i) => {
      const b = ring[i + 1 < ring.length ? i + 1 : 0];
      return (xy[2 * b] - xy[2 * a]) * (y - xy[2 * a + 1]) >= (xy[2 * b + 1] - xy[2 * a + 1]) * (x - xy[2 * a]);
    });
  return faces.findIndex(inside);
}

// Where the segment between two points of the space `start` crosses boundaries: { t, layer, neuron }, sorted by t. Layers are
// counted from 1, neurons from 0; ends are no crossings.
export function crossingsOf(net, p, q, start = 0) {
  let points = [p, q].map((point, t) => {
    const z = new Float64Array(net.widths[start + 1]);
    settled(net.layers[start], point, z, 0);
    return [t, z];
  });
  const crossings = [];
  for (let k = start + 1; k <= net.depth; k++) {
    const bent = [];
    points.forEach(([t, z], i) => {
      bent.push([t, z]);
      if (i + 1 === points.length) return;
      const [later, after] = points[i + 1];
      const roots = [];
      z.forEach((value, j) => {
        if (value > 0 !== after[j] > 0) roots.push([value / (value - after[j]), j]);
      });
      roots.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      for (const [share, neuron] of roots) {
        const at = t + share * (later - t);
        const there = z.map((value, j) => {
          const between = value + share * (after[j] - value);
          return Math.abs(between) <= ROUNDING * (Math.abs(value) + Math.abs(after[j])) ? 0 : between;
        });
        there[neuron] = 0;
        bent.push([at, there]);
        if (at > 0 && at < 1) crossings.push({ t: at, layer: k, neuron });
      }
    });
    points = bent.map(([t, z]) => {
      const out = new Float64Array(net.widths[k + 1]);
      settled(net.layers[k], z.map((value) => (value > 0 ? value : net.leak * value)), out, 0);
      return [t, out];
    });
  }
  return crossings.sort((a, b) => a.t - b.t || a.layer - b.layer || a.neuron - b.neuron);
}
