// Tables in text, .csv and the like: what separates their cells, their decimal mark, their names of columns and a column
// that only counts the rows are found from the whole file. A cell that is no number is quoted, with its row and column.

import { LARGEST, SMALLEST } from "./types.mjs";

const SEPARATORS = ["\t", ";", "|", ",", " "]; // where several would do, the first

const IN_WORDS = new Map([["\t", "tab"], [";", "semicolon"], ["|", "bar"], [",", "comma"], [" ", "blank"]]);

const POINT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
const MISSING = /^([+-]?(nan|inf|infinity)|na|n\/a|<na>|null|none|-|)$/i; // what is no number and no name of a column

const CHUNK = 1 << 20; // bytes that are read at once
const TRIED = 50; // rows with which separators are tried

// A cell of a table, as it is quoted.
export const quoted = (cell) => (cell === "" ? "an empty cell" : JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell));

const minus = (cell) => (cell.charCodeAt(0) === 0x2212 ? `-${cell.slice(1)}` : cell); // instead of that of typesetting

const isOdd = (cell) => !POINT.test(minus(cell)) && !COMMA.test(minus(cell)) && !MISSING.test(cell);
const isName = (cell) => isOdd(cell) && !/^[+-]?\d[\d.,'\s]*$/.test(cell); // not 1.000,5

// The encoding that the first bytes of a text say, UTF-8 where they say none.
function encodingOf(bytes, name) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe && (bytes[2] || bytes[3] || bytes.length < 4)) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes.includes(0)) throw new Error(`${name} is no text that says its encoding; accepted: UTF-8, and UTF-16 with its mark.`);
  return "utf-8";
}

// What Python calls it, with a mark.
const inPython = (encoding, bytes) => (encoding !== "utf-8" ? "utf-16" : bytes[0] === 0xef ? "utf-8-sig" : "");

// The lines of a text that hold anything, in blocks: { line, row } with rows counted from 1; a quoted cell may hold line
// ends. `told` hears how much was read, from 0 to 1.
async function* linesOf(blob, encoding, name, told) {
  const decoder = new TextDecoder(encoding);
  let [rest, row, open] = ["", 1, null];
  for (let start = 0; start < blob.size; start += CHUNK) {
    const end = Math.min(start + CHUNK, blob.size);
    const bytes = await blob.slice(start, end).arrayBuffer();
    let text = rest + decoder.decode(bytes, { stream: end < blob.size });
    rest = "";
    if (end < blob.size) {
      const cut = 1 + Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r", text.length - 2)); // a last \r may become \r\n
      [text, rest] = [text.slice(0, cut), text.slice(cut)];
    }
    const block = [];
    const lines = text.split(/\r\n|\r|\n/);
    if (end < blob.size) lines.pop(); // what follows the last line end
    for (const line of lines) {
      if (open) open.line += `\n${line}`;
      else if (line.trim()) open = { line, row };
      row++;
      if (!open || (open.line.includes('"') && open.line.split('"').length % 2 === 0)) continue;
      block.push(open);
      open = null;
    }
    yield block;
    told(end / blob.size);
  }
  if (open) throw new Error(`${name} has a quote in row ${open.row} that is not closed: ${quoted(open.line)}; accepted: quotes in pairs.`);
}

// The cells of a line, without their quotes and the blanks around them.
export function cellsOf(line, separator) {
  const blank = separator === " ";
  if (!line.includes('"')) return blank ? line.trim().split(/ +/) : line.split(separator).map((cell) => cell.trim());
  const cells = [];
  let [cell, inside, start] = ["", false, true];
  const text = blank ? line.trim().replace(/ +(?=(?:[^"]*"[^"]*")*[^"]*$)/g, " ") : line;
  for (let k = 0; k < text.length; k++) {
    const sign = text[k];
    if (inside && sign === '"' && text[k + 1] === '"') cell += text[++k];
    else if (sign === '"' && (inside || start)) inside = !inside;
    else if (sign === separator && !inside) {
      cells.push(cell.trim());
      [cell, start] = ["", true];
      continue;
    } else cell += sign;
    start = start && sign === " ";
  }
  return [...cells, cell.trim()];
}

const trimmed = (line) => line.replace(/^ +| +$/g, "");

// How many of every separator are in a line; of blanks, how many cells' ends.
function countsOf(line) {
  if (line.includes('"')) return SEPARATORS.map((separator) => cellsOf(line, separator).length - 1);
  const counts = [0, 0, 0, 0, 0];
  let before = 32;
  let ended = false; // whether blanks follow the last cell
  for (let k = 0; k < line.length; k++) {
    const code = line.charCodeAt(k);
    if (code === 44) counts[3]++;
    else if (code === 59) counts[1]++;
    else if (code === 9) counts[0]++;
    else if (code === 124) counts[2]++;
    if (code === 32) {
      if (before !== 32) ended = true;
    } else if (ended) {
      counts[4]++;
      ended = false;
    }
    before = code;
  }
  return counts;
}

// What separates the cells: { first, names, separator, width, trailing }, `first` being the first line, `names` its cells, and
// `trailing` whether a separator ends every line.
async function surveyed(lines, name) {
  let [first, given, count] = [null, null, 0];
  const tallies = SEPARATORS.map(() => new Map());
  const ends = SEPARATORS.map(() => true);
  const tried = [];
  const add = ({ line, row }, weight) => {
    countsOf(line).forEach((signs, k) => {
      const seen = tallies[k].get(signs);
      if (seen) seen.lines += weight;
      else tallies[k].set(signs, { lines: weight, row, line });
      if (!trimmed(line).endsWith(SEPARATORS[k])) ends[k] = false;
    });
  };
  for await (const block of lines) {
    for (const entry of block) {
      if (!first) {
        const [, sign] = entry.line.match(/^"?sep=(.)"?$/i) ?? []; // what Excel is told
        if (sign) given = sign;
        else if (!entry.line.trimStart().startsWith("#")) first = entry;
        continue;
      }
      add(entry, 1);
      if (tried.length < TRIED) tried.push(entry.line);
      count++;
    }
  }
  if (!first) throw new Error(`${name} has no rows; accepted: samples x neurons, at least 1 x 2.`);
  if (!count) add(first, 1);
  const candidates = SEPARATORS.flatMap((separator, k) => {
    const [[signs]] = [...tallies[k]];
    if (tallies[k].size > 1 || (given && separator !== given)) return [];
    const widths = ends[k] && separator !== " " ? [signs, signs + 1] : [signs + 1]; // without an end of the line, and with it
    return widths.flatMap((width) => {
      const names = cellsOf(first.line, separator);
      if (width === signs && names.length === signs + 1 && names.at(-1) === "") names.pop();
      if (width < 2 || ![width, width - 1].includes(names.length)) return [];
      const cells = tried.flatMap((line) => cellsOf(line, separator).slice(names.length < width || names[0] === "" ? 1 : 0, width));
      return [{ first, names, separator, width, trailing: width === signs, wrong: cells.filter(isOdd).length }];
    });
  });
  if (candidates.length) return candidates.reduce((best, candidate) => (candidate.wrong < best.wrong ? candidate : best));
  if (count) add(first, 1);
  throw uneven(tallies, first, name);
}

// The refusal of rows that have not all as many cells, by the separator that most rows have.
function uneven(tallies, first, name) {
  const counted = tallies.map((tally, k) => {
    const several = [...tally].filter(([signs]) => signs > 0).sort(([a, x], [b, y]) => y.lines - x.lines || b - a);
    return several.length ? { k, signs: several[0][0], usual: several[0][1] } : null;
  });
  const most = counted.filter(Boolean).reduce((best, candidate) => (!best || candidate.usual.lines > best.usual.lines ? candidate : best), null);
  if (!most) {
    const accepted = "samples x neurons, at least two neurons, with commas, semicolons, tabs, bars or blanks between them";
    return new Error(`${name} has ${quoted(first.line.trim())} in row ${first.row} and one column; accepted: ${accepted}.`);
  }
  const { k, signs, usual } = most;
  const [others, other] = [...tallies[k]].filter(([number]) => number !== signs).sort(([, x], [, y]) => x.row - y.row)[0];
  const columns = (number) => `${number + 1} column${number ? "s" : ""}`;
  return new Error(
    `${name} has ${columns(others)} in row ${other.row} (${quoted(other.line.trim())}) and ${columns(signs)} in row ${usual.row}, with a ` +
      `${IN_WORDS.get(SEPARATORS[k])} between them; accepted: as many in each.`,
  );
}

// Whether the first line names columns: one of its cells is a name, or it is a table's unnamed columns 0, 1, 2, ...
function isHead(names, width) {
  if (names.length < width) return true;
  const counts = (from) => names.slice(from).every((cell, k) => cell === String(k));
  if (names[0] === "" && counts(1)) return true;
  const likeNumber = (cell) => /^[+-]?[.,]?\d/.test(cell); // 1d5, 3%, 2 # note
  if (names.some(isName) && names.every((cell) => isName(cell) || cell === "")) return true;
  if (!names.some((cell) => isName(cell) && !likeNumber(cell))) return false;
  return names.every((cell, k) => isName(cell) || cell === "" || [k - 1, k, k + 1].includes(Number(cell)));
}

// A table's cells as numbers, row by row: what the whole file is read into.
class Cells {
  constructor(name, { separator, width, first }) {
    Object.assign(this, { name, separator, width, rows: 0, parts: [], fractions: false, mark: separator === "," ? { sign: "." } : null });
    this.counting = width > 2 ? [0, 1] : []; // what the first column may count from
    this.room = new Float32Array(Math.max(width, Math.floor(CHUNK / 4 / width) * width));
    this.used = 0;
    this.first = first;
  }

  add({ line, row }, from) {
    const { separator, width } = this;
    const cells = cellsOf(line, separator);
    this.quotes ||= line.includes('"');
    let [largest, place] = [0, 0];
    for (let k = from; k < width; k++) {
      const value = this.#number(cells[k], row, k);
      if (Math.abs(value) > largest) [largest, place] = [Math.abs(value), k];
      this.room[this.used++] = value;
    }
    if (largest > LARGEST || (largest > 0 && largest < SMALLEST)) this.#refuse(cells[place], row, place);
    if (this.counting.length) {
      const number = Number(cells[0]);
      this.counting = this.counting.filter((start) => number === start + this.rows && /^\d+$/.test(cells[0]));
    }
    this.rows++;
    if (this.used + width > this.room.length) this.#put();
  }

  #put() {
    this.parts.push(new Blob([this.room.subarray(0, this.used)]));
    this.used = 0;
  }

  #refuse(cell, row, k) {
    const names = k === 0 && isName(cell) ? ", and a column of names where it has none itself" : "";
    throw new Error(`${this.name} has ${quoted(cell)} in row ${row}, column ${k + 1}; accepted: finite numbers that float32 can hold${names}.`);
  }

  #number(cell, row, k) {
    let text = minus(cell);
    if (POINT.test(text)) {
      if (/\D/.test(text)) this.fractions = true;
      if (text.includes(".")) this.#marked(".", cell, row, k);
    } else if (this.separator !== "," && COMMA.test(text)) {
      this.fractions = true;
      this.#marked(",", cell, row, k);
      text = text.replace(",", ".");
    } else this.#refuse(cell, row, k);
    return Number(text);
  }

  #marked(sign, cell, row, k) {
    this.mark ??= { sign, cell, row, k };
    if (this.mark.sign === sign) return;
    const before = `${quoted(this.mark.cell)} in row ${this.mark.row}, column ${this.mark.k + 1}`;
    throw new Error(`${this.name} has ${quoted(cell)} in row ${row}, column ${k + 1} and ${before}; accepted: one decimal mark.`);
  }

  blob() {
    this.#put();
    return new Blob(this.parts);
  }
}

// A table as an array of float32, as archives.mjs has them, with `notes` on how it was read; `told` hears of progress.
export async function table(file, told) {
  const { name } = file;
  const bytes = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  const encoding = encodingOf(bytes, name);
  const lines = (from) => linesOf(file, encoding, name, (share) => told(from + share / 2));
  const survey = await surveyed(lines(0), name);
  const { names, separator, width, first } = survey;
  const head = isHead(names, width);
  const index = head && (names.length < width || names[0] === "" || /^unnamed: 0$/i.test(names[0]));
  const cells = new Cells(name, survey);
  for await (const block of lines(0.5)) {
    for (const entry of block) {
      if (entry.row < first.row || (entry.row === first.row && head)) continue;
      cells.add(entry, +index);
    }
  }
  const counted = names.every((cell, k) => cell === String(k)); // such columns are unnamed, or this is a sample
  const unnamed = !head && counted && cells.fractions;
  const listed = `${names.slice(0, 3).map(quoted).join(", ")}${names.length > 3 ? ", …" : ""}`;
  if (!cells.rows) throw new Error(`${name} has names (${listed}) in row ${first.row} and no row below; accepted: samples x neurons, at least 1 x 2.`);
  const columns = width - index;
  const skip = !index && cells.counting.length && cells.rows > 2 ? 1 : 0;
  const rows = cells.rows - unnamed;
  const notes = [
    `Cells are separated by ${separator === " " ? "blanks" : `a ${IN_WORDS.get(separator)}`}` +
      `${cells.mark?.sign === "," ? ", and the decimal mark is a comma" : ""}.`,
    head && `Row ${first.row} was read as names of columns (${listed}).`,
    unnamed && `Row ${first.row}, which counts the columns from 0, was read as names and not as a sample.`,
    !head && counted && !unnamed && width > 2 && `Row ${first.row} counts the columns from 0 and was read as a sample.`,
    index && `Column 1, which has no name, was left out as the number or name of a sample.`,
    skip && `Column 1, which counts the rows from ${cells.counting[0]}, was left out.`,
  ].filter(Boolean);
  const blob = cells.blob();
  const format = {
    separator,
    comma: cells.mark?.sign === ",",
    quotes: cells.quotes,
    above: first.row - 1 + (head || unnamed),
    from: index ? 1 : skip,
    columns: width,
    trailing: survey.trailing,
    encoding: inPython(encoding, bytes),
  };
  const array = { key: "", name, type: "f4", big: false, shape: [rows, columns], skip, fortran: false, begin: 4 * columns * unnamed };
  return { ...array, whole: async () => blob, notes, format };
}
