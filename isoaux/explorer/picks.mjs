// What a reader picked in line-ups, and how likely so many right picks are by guessing.

// The exact chance of at least `right` right picks in `tests` line-ups of so many pictures each, if every pick is a guess.
export function byGuessing(right, tests, pictures) {
  if (right === 0) return 1;
  const hit = 1 / pictures;
  let term = hit ** tests; // of exactly k right picks, from k = tests down
  let sum = 0;
  for (let k = tests; k >= right; k--) {
    sum += term;
    term *= (k * (1 - hit)) / ((tests - k + 1) * hit);
  }
  return sum;
}

// The first pick of every network: `first` says whether a pick of one is still to come, `score` counts those of some
// networks. They are kept in `storage`, where there is one, so that a page that is loaded again knows them.
export class Picks {
  constructor(storage, name) {
    Object.assign(this, { storage, name, made: new Map() });
    try {
      this.made = new Map(Object.entries(JSON.parse(storage.getItem(name)) ?? {}));
    } catch {
      // nothing is kept, or nothing that can be read
    }
  }

  first(key) {
    return !this.made.has(key);
  }

  right(key) {
    return this.made.get(key) === true;
  }

  add(key, right) {
    if (!this.first(key)) return;
    this.made.set(key, right);
    this.#keep();
  }

  forget() {
    this.made.clear();
    this.#keep();
  }

  score(keys) {
    const tests = keys.filter((key) => !this.first(key));
    return { tests: tests.length, right: tests.filter((key) => this.right(key)).length };
  }

  #keep() {
    try {
      this.storage.setItem(this.name, JSON.stringify(Object.fromEntries(this.made)));
    } catch {
      // a browser may refuse to keep anything
    }
  }
}
