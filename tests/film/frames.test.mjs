// The film's computing, under Node.js: facts, and what NumPy computes of the same numbers (test_film.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { Frames, HALF_WAY } from "../../isoaux/film/frames.mjs";
import { inWords } from "../../isoaux/film/view.mjs";

const { values, n, frames } = JSON.parse(readFileSync(join(process.env.ISOAUX_CASES, "cases.json"), "utf8"));

test("frames are what NumPy projects", () => {
  const film = new Frames(Int16Array.from(values), n, 0.75);
  for (const expected of frames) {
    const { pooled, images, planes, moved, single } = film.at(expected.epsilon);
    assert.deepEqual([pooled.count, images, planes, moved], [expected.count, expected.images, expected.planes, 0]);
    assert.deepEqual([film.plane, single.count], [expected.plane, expected.single]);
    assert.ok(Math.abs(pooled.c4 - expected.c4) < 1e-9, `${pooled.c4} is not ${expected.c4}`);
  }
});

test("a representation that moves is counted", () => {
  const numbers = Int16Array.from(values);
  const film = new Frames(numbers, n, 0.75);
  numbers[3] += 1;
  numbers[numbers.length - 1] -= 2;
  assert.equal(film.at(0.5).moved, 2);
  assert.match(inWords(film.at(0.5), values.length / n), /Representations moved: 2\.$/);
});

test("half way between two neurons is in one plane above the mark and next to both axes below it", () => {

  const three = Int16Array.from([1000, 700, 1000, 700, 0, 0]); // two images, neuron by neuron
  const film = new Frames(three, 3, 0.75);
  assert.deepEqual(film.plane, [0, 1]);
  assert.deepEqual([film.at(HALF_WAY + 0.01).planes, film.at(HALF_WAY - 0.01).planes], [1, 3]);
});
