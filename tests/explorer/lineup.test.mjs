// Picks of line-ups and what they are worth, under Node.js; test_lineup_page.py hands over what SciPy computes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { PANELS, lineUpChecks, scored, worth } from "../../isoaux/explorer/lineup.mjs";
import { Picks, byGuessing } from "../../isoaux/explorer/picks.mjs";
import { addressed } from "../../isoaux/explorer/address.mjs";

const cases = JSON.parse(readFileSync(join(process.env.ISOAUX_CASES, "cases.json"), "utf8"));

test("the chance of so many right picks is the exact binomial tail", () => {
  assert.equal(PANELS, cases.pictures);
  for (const { right, tests, p } of cases.tails) {
    const found = byGuessing(right, tests, PANELS);
    assert.ok(Math.abs(found - p) <= 1e-12 * p, `${right} of ${tests}: ${found} is not ${p}`);
  }
});

test("only the first pick of a network counts, also after the page is loaded again", () => {
  const kept = new Map();
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) };
  const picks = new Picks(storage, "picks");
  picks.add("one", false);
  picks.add("one", true);
  picks.add("two", true);
  for (const each of [picks, new Picks(storage, "picks")]) {
    assert.deepEqual(each.score(["one", "two", "three"]), { tests: 2, right: 1 });
    assert.deepEqual([each.first("one"), each.first("three"), each.right("one"), each.right("two")], [false, true, false, true]);
  }
  picks.forget();
  assert.deepEqual(new Picks(storage, "picks").score(["one", "two"]), { tests: 0, right: 0 });
});

test("a browser that keeps nothing, or something else, counts all the same", () => {
  const refuses = { getItem: () => { throw new Error("no"); }, setItem: () => { throw new Error("no"); } };
  for (const storage of [null, refuses, { getItem: () => "{", setItem: () => {} }]) {
    const picks = new Picks(storage, "picks");
    picks.add("one", true);
    assert.deepEqual(picks.score(["one"]), { tests: 1, right: 1 });
  }
});

test("a score names its p, and nothing is said of no picks", () => {
  assert.equal(scored({ right: 0, tests: 0 }, "You"), "");
  assert.equal(scored({ right: 0, tests: 3 }, "You"), "You: 0 of 3 right; by guessing, at least that many with p = 1.");
  assert.equal(scored({ right: 2, tests: 2 }, "You"), "You: 2 of 2 right; by guessing, at least that many with p = 0.0025.");
});

test("a pick is worth something the first time, and luck where the network is isotropic", () => {
  assert.match(worth(true, true, false), /once in 20 times: p = 0\.05\.$/);
  assert.match(worth(false, true, false), /no evidence/);
  assert.match(worth(true, true, true), /only luck is right here\.$/);
  for (const right of [true, false]) assert.match(worth(right, false, false), /practice and does not count/);
});

test("an address opens a line-up that there is, and no other", () => {
  const own = { lineup: 5, "lineup-network": "a k0" };
  const at = (hash) => Object.values(addressed(hash, own, lineUpChecks(["a k0", "b k0"])));
  assert.deepEqual(at("#lineup=12&lineup-network=b+k0"), [12, "b k0"]);
  assert.deepEqual(at("#lineup=0&lineup-network=c+k0"), [5, "a k0"]);
  assert.deepEqual(at("#lineup=1000001&network=b+k0"), [5, "a k0"]);
});
