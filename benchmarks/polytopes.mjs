// CPU time of slices in the page's JavaScript, under Node.js: reads { net, plane, rounds } from the file named by the first
// argument and prints { faces, pieces, first, fresh, slice, classes }: seconds of the
// first picture and of the first slice, before anything is compiled, and medians of `rounds`.

import { readFileSync } from "node:fs";

import { classing, netOf, sampling, slicing } from "../isoaux/slicing/partition.mjs";

const { net: given, plane, rounds } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const net = netOf(given);

const now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1];

const times = { fresh: [], slice: [], classes: [] };
let made, pieces;

const finished = (work) => {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
};

const begun = now();
finished(sampling(net, plane));
const first = now() - begun;

for (let round = 0; round <= rounds; round++) {
  const started = now();
  made = finished(slicing(net, plane));
  const cut = now();
  pieces = finished(classing(made)).pieces;
  times[round ? "slice" : "fresh"].push(cut - started);
  if (round) times.classes.push(now() - cut);
}

const answer = { faces: made.faces.length, pieces: pieces.length, first, fresh: times.fresh[0] };
console.log(JSON.stringify({ ...answer, slice: median(times.slice), classes: median(times.classes) }));
