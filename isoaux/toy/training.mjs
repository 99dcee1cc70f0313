// The toy model of superposition, x' = ReLU(W' f(W x) + b), trained by its gradient in closed form, as
// isoaux.representations.superposition. W is held row by row, m rows of n numbers; samples are rows of n numbers.

import { gaussians, uniforms } from "../explorer/bases.mjs";

export const RATES = { sgd: (n) => 0.15 * n, adam: () => 0.003 }; // the usual ones, as in Python
const MOMENTUM = 0.9;
const [FIRST, SECOND, LEAST] = [0.9, 0.999, 1e-8];
const TOO_LARGE = 1000; // times the mean importance: training is stopped

const lengthOf = (vector, start, m) => {
  let sum = 0;
  for (let k = start; k < start + m; k++) sum += vector[k] * vector[k];
  return Math.sqrt(sum);
};

// The hidden activations: what they make of m numbers from `at` on, in place, and of gradients with respect to these
// numbers `z` before.
const HIDDEN = {
  none: { forward: () => {}, pull: () => {} },
  tanh: {
    forward: (a, at, m) => {
      for (let k = at; k < at + m; k++) a[k] = Math.tanh(a[k]);
    },
    pull: (g, z, at, m) => {
      for (let k = at; k < at + m; k++) g[k] *= 1 - Math.tanh(z[k]) ** 2;
    },
  },
  isotanh: {
    forward: (a, at, m) => {
      const r = lengthOf(a, at, m);
      if (r > 0) for (let k = at; k < at + m; k++) a[k] *= Math.tanh(r) / r;
    },
    pull: (g, z, at, m) => {
      const r = lengthOf(z, at, m);
      if (r === 0) return;
      const [ratio, slope] = [Math.tanh(r) / r, 1 - Math.tanh(r) ** 2];
      let along = 0;
      for (let k = at; k < at + m; k++) along += (z[k] / r) * g[k];
      for (let k = at; k < at + m; k++) g[k] = ratio * g[k] + ((slope - ratio) * along * z[k]) / r;
    },
  },
};

export const ACTIVATIONS = Object.keys(HIDDEN);

// A network at its start: normal weights with standard deviation sqrt(2 / (n + m)), and no biases.
export function begun({ n, m, seed }) {
  const normal = gaussians(seed);
  const W = Float64Array.from({ length: m * n }, () => normal() * Math.sqrt(2 / (n + m)));
  return { W, b: new Float64Array(n) };
}

// Fills `x` with fresh samples: a feature is on where a uniform number u is below 1 - S, and is then u / (1 - S).
export function drawnFrom(seed, sparsity) {
  const [next, on] = [uniforms(seed, 0x2545f491), 1 - sparsity];
  return (x) => {
    for (let k = 0; k < x.length; k++) {
      const u = next();
      x[k] = u < on ? u / on : 0;
    }
  };
}

// Computes loss and gradients on a batch: `at(network, x)` gives the loss and leaves the gradients in `dW` and `db`.
export function gradients({ n, m, batch, activation, importance }) {
  const hidden = HIDDEN[activation];
  const [h, a, d, back] = [new Float64Array(m), new Float64Array(m), new Float64Array(n), new Float64Array(m)];
  const [dW, db] = [new Float64Array(m * n), new Float64Array(n)];
  const scale = 2 / (batch * n);
  const at = ({ W, b }, x) => {
    dW.fill(0);
    db.fill(0);
    let loss = 0;
    for (let start = 0; start < batch * n; start += n) {
      h.fill(0);
      for (let i = 0; i < n; i++) {
        const value = x[start + i];
        if (value) for (let k = 0; k < m; k++) h[k] += W[k * n + i] * value;
      }
      a.set(h);
      hidden.forward(a, 0, m);
      d.set(b);
      for (let k = 0; k < m; k++) {
        const [factor, row] = [a[k], k * n];
        for (let i = 0; i < n; i++) d[i] += factor * W[row + i];
      }
      for (let i = 0; i < n; i++) {
        const error = Math.max(d[i], 0) - x[start + i];
        loss += importance[i] * error * error;
        d[i] = d[i] > 0 ? scale * importance[i] * error : 0;
        db[i] += d[i];
      }
      for (let k = 0; k < m; k++) {
        const [factor, row] = [a[k], k * n];
        let sum = 0;
        for (let i = 0; i < n; i++) {
          dW[row + i] += factor * d[i];
          sum += W[row + i] * d[i];
        }
        back[k] = sum;
      }
      hidden.pull(back, h, 0, m);
      for (let i = 0; i < n; i++) {
        const value = x[start + i];
        if (value) for (let k = 0; k < m; k++) dW[k * n + i] += back[k] * value;
      }
    }
    return loss / (batch * n);
  };
  return { at, dW, db };
}

// Changes numbers by their gradients, step after step.
const STEPPERS = {
  sgd: (size) => {
    const velocity = new Float64Array(size);
    return (numbers, gradient, rate) => {
      for (let k = 0; k < size; k++) {
        velocity[k] = MOMENTUM * velocity[k] + gradient[k];
        numbers[k] -= rate * velocity[k];
      }
    };
  },
  adam: (size) => {
    const [mean, square] = [new Float64Array(size), new Float64Array(size)];
    return (numbers, gradient, rate, number) => {
      const [first, second] = [1 - FIRST ** number, 1 - SECOND ** number];
      for (let k = 0; k < size; k++) {
        mean[k] += (1 - FIRST) * (gradient[k] - mean[k]);
        square[k] += (1 - SECOND) * (gradient[k] * gradient[k] - square[k]);
        numbers[k] -= (rate * (mean[k] / first)) / (Math.sqrt(square[k] / second) + LEAST);
      }
    };
  },
};

export const OPTIMISERS = Object.keys(STEPPERS);

// Trains a network: `step(x)` takes one step on a batch and gives its loss; a loss that is no number or far too large
// ends it, which `diverged` says.
export function trainer(settings, network = begun(settings)) {
  const { n, m, optimiser, importance } = settings;
  const rate = RATES[optimiser](n) * (settings.times ?? 1);
  const { at, dW, db } = gradients(settings);
  const [ofW, ofB] = [STEPPERS[optimiser](m * n), STEPPERS[optimiser](n)];
  const limit = (TOO_LARGE * importance.reduce((sum, value) => sum + value, 0)) / n;
  let steps = 0;
  return {
    network,
    rate,
    get steps() {
      return steps;
    },
    diverged: false,
    step(x) {
      const loss = at(network, x);
      if (!(loss <= limit)) {
        this.diverged = true;
        return loss;
      }
      steps += 1;
      ofW(network.W, dW, rate, steps);
      ofB(network.b, db, rate, steps);
      return loss;
    },
  };
}
