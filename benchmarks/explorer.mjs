// The explorer's computing, timed: median milliseconds of every kind of step, as JSON.
// node explorer.mjs FOLDER NETWORK..., the folder being that of the published files.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Panel } from "../isoaux/explorer/panel.mjs";
import { joined, unpacked } from "../isoaux/explorer/numbers.mjs";

const ROUNDS = 21;
const EPSILONS = [0.9, 0.75, 0.5, 0];

const [folder, ...names] = process.argv.slice(2);
const list = JSON.parse(readFileSync(join(folder, "explorer.json"), "utf8"));

async function opened(name) {
  const network = list.networks.find((one) => one.network === name && one.layer === 0);
  const scripts = network.epochs.at(-1).parts.map((part) => readFileSync(join(folder, `${part}.mjs`), "utf8"));
  const panel = new Panel(network);
  panel.take(joined(await Promise.all(scripts.map((text) => unpacked(text.split('"')[3]))), network.width), Infinity);
  return panel;
}

function median(step) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    step(round);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1];
}

// How long work takes in all, and its longest stretch between two pauses.
function stretches(work) {
  const start = performance.now();
  let [before, longest] = [start, 0];
  for (let done = false; !done; ) {
    ({ done } = work.next());
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return { all: before - start, longest };
}

const found = {};
for (const name of names) {
  const panel = await opened(name);
  const look = (basis, seed, degrees = 0) => panel.lookIn({ basis, seed, turn: [0, 1, degrees] });
  const view = (epsilon) => ({ epsilon, variant: "combination", plane: null });
  const own = { samples: panel.cloud.count, width: panel.n, steps: {}, kept: {} };
  look("standard", 1);
  for (const epsilon of EPSILONS) {
    own.steps[epsilon] = median((round) => panel.project(view(epsilon + 1e-7 * round)));
    own.kept[epsilon] = panel.found.count;
  }
  const basis = (kind) => median((round) => { look(kind, round + 1, round + 1); panel.project(view(0.75)); });
  own.bases = { standard: basis("standard"), random: basis("random"), simplex: basis("simplex") };
  look("standard", 1);
  panel.project(view(0.75));
  own.spotlight = stretches(panel.spotlight());
  own.null = stretches(panel.null());
  found[name] = own;
}
console.log(JSON.stringify(found));
