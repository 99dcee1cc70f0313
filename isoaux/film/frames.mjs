// What a threshold shows of representations that stay where they are: a frame for each threshold.

import { standard } from "../explorer/bases.mjs";
import { cloud, inBasis, windowOf } from "../explorer/cloud.mjs";
import { CELLS, blurred, limitOf } from "../explorer/picture.mjs";
import { measured, pointsOf, room } from "../explorer/projection.mjs";
import { finished } from "../explorer/slices.mjs";

// Half way between two axes, a direction has this share of its length on both.
export const HALF_WAY = Math.SQRT1_2;

// Frames of representations, whole numbers neuron by neuron, in the neuron basis; the plane that holds most of them at
// `epsilon` is shown by itself as well.
export class Frames {
  constructor(values, n, epsilon) {
    Object.assign(this, { values, n, begun: values.slice() });
    this.cloud = cloud(values, n);
    this.prepared = finished(inBasis(this.cloud, standard(n)));
    this.window = windowOf(this.cloud);
    this.room = room(this.prepared);
    const { counts } = this.#measured(epsilon, null);
    const fullest = counts.indexOf(Math.max(...counts));
    this.plane = [Math.floor(fullest / n), fullest % n];
  }

  // At a threshold: `pooled` and `single`, numbers and pictures of all planes and of the fullest; of how many `images` there
  // is a point, in how many `planes` each of these is drawn (median), and how many representations `moved` since the first.
  at(epsilon) {
    const { cloud, prepared, room } = this;
    const found = [];
    for (let s = 0; s < cloud.count; s++) {
      const planes = pointsOf(prepared, s, epsilon, room);
      if (planes) found.push(planes);
    }
    found.sort((a, b) => a - b);
    const [pooled, single] = [null, this.plane].map((plane) => this.#measured(epsilon, plane));
    return { epsilon, pooled, single, images: found.length, planes: found[found.length >> 1] ?? 0, moved: this.moved() };
  }

  // Representations of which any number is another one than when they were loaded.
  moved() {
    const { values, begun, n } = this;
    const { count } = this.cloud;
    let moved = 0;
    for (let s = 0; s < count; s++) {
      let same = true;
      for (let k = 0; same && k < n; k++) same = values[k * count + s] === begun[k * count + s];
      if (!same) moved++;
    }
    return moved;
  }

  #measured(epsilon, plane) {
    const view = { epsilon, variant: "combination", plane, window: this.window, cells: CELLS };
    const found = finished(measured(this.prepared, view));
    const image = blurred(found.histogram);
    return { ...found, image, limit: limitOf(image) };
  }
}
