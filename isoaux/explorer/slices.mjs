// Work that a page does in slices, so that it never keeps a reader waiting: generators that yield every millisecond or
// so, now and then with their progress, and return what they found.

const SLICE = 10; // milliseconds between two looks at the reader's input

// All of it at once.
export function finished(work) {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

// What work returns within so many milliseconds, as { done, value }, or later if there is not `enough` yet; what is left of
// it goes on from there.
export function within(work, milliseconds, enough = () => true) {
  const until = performance.now() + milliseconds;
  for (;;) {
    const { done, value } = work.next();
    if (done || (performance.now() >= until && enough())) return { done, value };
  }
}

// Work whose computing time is added to `spent.time`, in milliseconds.
export function* timed(work, spent) {
  for (;;) {
    const start = performance.now();
    const { done, value } = work.next();
    spent.time += performance.now() - start;
    if (done) return value;
    yield value;
  }
}

// What it returns, and undefined if `going` said no after a slice; `told` hears of its progress. Work that is shorter
// than a slice is done before this returns.
export async function sliced(work, going, told = () => {}) {
  for (;;) {
    const until = performance.now() + SLICE;
    do {
      const { done, value } = work.next();
      if (done) return value;
      if (value !== undefined) told(value);
    } while (performance.now() < until);
    await pause();
    if (!going()) return undefined;
  }
}

export const pause = () => new Promise((resume) => setTimeout(resume));
