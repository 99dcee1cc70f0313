// A worker's side of reading a reader's own file: what takes long is done beside the page, which never waits for it.
// It is sent { file, name, answer }, the file a Blob, and sends back, in `kind`: `reading` with the share that is done,
// `question`, `read` with an array, `testing` with the number of bases, `tested` with the report's words, `refused` with a
// sentence.

import { BASES, answerOf, directionsOf, inRandomBases, meaningOf, quartimax, tested, thresholdOf } from "./quartimax.mjs";
import { LIMITS, arraysOf, questionOf, read } from "./reading.mjs";

// Serve a port: a worker's own, or an end of a MessageChannel.
export function serve(port) {
  port.onmessage = async ({ data: { file: blob, name, answer = {} } }) => {
    const file = new File([blob], name);
    try {
      await answered(file, answer, (kind, content = {}, moved = []) => port.postMessage({ kind, ...content }, moved));
    } catch (error) {
      port.postMessage({ kind: "refused", words: sentenceOf(error, file) });
    }
  };
}

// What a browser says of a file that it cannot read is no sentence of ours.
function sentenceOf({ message, name }, file) {
  if (message.includes("; accepted: ")) return message;
  if (["NotReadableError", "NotFoundError"].includes(name)) return `${file.name} cannot be read any more; accepted: a file that is still where it was.`;
  if (name === "RangeError") return `${file.name} needs more memory than this browser gives a page; accepted: a smaller file.`;
  return `${file.name} could not be read: ${message}`;
}

async function answered(file, answer, send) {
  let last = 0;
  const told = (share) => {
    if (performance.now() - last < 100) return;
    last = performance.now();
    send("reading", { share });
  };
  const arrays = await arraysOf(file, (share) => told(share / 2));
  const question = questionOf(arrays, answer);
  if (question) return send("question", question);
  const array = arrays.length === 1 ? arrays[0] : arrays.find(({ key }) => key === answer.key);
  const { tested: sample, law, ...shown } = await read(array, answer, told);
  const m = Math.min(shown.n, LIMITS.kept); // basis vectors whose planes are shown
  const planes = (m * (m - 1)) / 2;
  const epsilon = thresholdOf(shown.count, shown.dimension, planes);
  const { key, shape, type, format } = array;
  send("read", { ...shown, key, shape, type, format, epsilon, axis: answer.axis }, [shown.values.buffer, shown.totals.buffer]);
  const directions = directionsOf(sample.rows, shown.dimension);
  if (!shown.differs || directions.count < 2) return send("tested", { words: `${file.name} has too few samples that differ for a test.`, notes: [] });
  const null_ = [];
  for (const value of inRandomBases(directions, BASES)) {
    null_.push(value);
    if (performance.now() - last > 250) {
      last = performance.now();
      send("testing", { draws: null_.length });
    }
  }
  const test = tested(quartimax(directions), null_);
  const random = sample.count < shown.count ? ", drawn at random," : "";
  const drawn = `${sample.count.toLocaleString("en")} samples${random}`;
  const measured = `Tested: quartimax of ${drawn} in all ${shown.dimension.toLocaleString("en")} neurons, raw (as they came).`;
  return send("tested", { test, words: answerOf(test, epsilon), notes: [measured, meaningOf(law)] });
}
