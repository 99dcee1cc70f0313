// The worker: it trains, and tells of weights and losses some thirty times a second. It is asked { settings, steps } and
// answers { step, W, loss } and at last { done, diverged, seconds }; another question ends the one before.

import { drawnFrom, trainer } from "./training.mjs";

const EVERY = 30; // milliseconds between two answers

export function serveToy(port) {
  let round = 0;
  port.onmessage = ({ data: { settings, steps } }) => {
    const own = ++round;
    const work = trainer(settings);
    const fill = drawnFrom(settings.seed, settings.sparsity);
    const x = new Float64Array(settings.batch * settings.n);
    const begun = performance.now();
    const tell = (loss, more = {}) => port.postMessage({ round: settings.round, step: work.steps, W: work.network.W.slice(), loss, ...more });
    const go = () => {
      if (own !== round) return;
      const until = performance.now() + EVERY;
      let [sum, count] = [0, 0];
      while (performance.now() < until && work.steps < steps && !work.diverged) {
        fill(x);
        sum += work.step(x);
        count += 1;
      }
      const done = work.steps >= steps || work.diverged;
      tell(sum / Math.max(count, 1), done && { done, diverged: work.diverged, rate: work.rate, seconds: (performance.now() - begun) / 1000 });
      if (!done) setTimeout(go);
    };
    tell(NaN);
    setTimeout(go);
  };
}
