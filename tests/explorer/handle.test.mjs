// The handle on a picture, under Node.js.

import assert from "node:assert/strict";
import test from "node:test";

import { angleAt, turnedPair } from "../../isoaux/explorer/handle.mjs";

test("a pointer's direction is an angle of the right half circle", () => {
  assert.deepEqual([[1, 0], [1, 1], [1, -1], [0, 2], [0, -2]].map(([x, y]) => angleAt(x, y)), [0, 45, -45, 90, -90]);
  assert.deepEqual([[-1, 3], [-1, -0.1], [-5, 0]].map(([x, y]) => angleAt(x, y)), [90, -90, 90]);
});

test("a turn keeps its vectors, and another begins with the plane that is shown or the fullest", () => {
  const counts = new Int32Array(9);
  counts[1] = 3; // rows 0 and 1 of those that are shown
  counts[5] = 8; // rows 1 and 2
  const panel = { whole: new Array(7), rows: [1, 4, 6], view: { plane: null }, found: { counts } };
  assert.deepEqual(turnedPair([0, 3, 20], panel), [0, 3]);
  assert.deepEqual(turnedPair([0, 3, 0], panel), [4, 6]);
  assert.deepEqual(turnedPair([0, 9, 20], panel), [4, 6], "there is no such vector");
  assert.deepEqual(turnedPair([0, 3, 0], { ...panel, view: { plane: [0, 2] } }), [1, 6]);
  const empty = { ...panel, found: { counts: new Int32Array(9) } };
  assert.deepEqual([turnedPair([0, 3, 0], empty), turnedPair([0, 9, 0], empty)], [[0, 3], [0, 1]]);
});
