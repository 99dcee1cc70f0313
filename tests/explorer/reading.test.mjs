// The reader of a reader's own file and its test, under Node.js: tables written at random and read again, every refusal in
// a sentence that quotes the cell, and files that NumPy and safetensors wrote (test_explorer_reading.py, in ISOAUX_CASES).

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { dot, uniforms } from "../../isoaux/explorer/bases.mjs";
import { literal } from "../../isoaux/explorer/npy.mjs";
import { Panel } from "../../isoaux/explorer/panel.mjs";
import * as quartimaxes from "../../isoaux/explorer/quartimax.mjs";
import { LIMITS, arraysOf, drawn, questionOf, read } from "../../isoaux/explorer/reading.mjs";
import { serve } from "../../isoaux/explorer/serving.mjs";
import { readInPython } from "../../isoaux/explorer/sharing.mjs";
import { half } from "../../isoaux/explorer/types.mjs";

const close = (found, expected, tolerance, words = "") =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${words} ${found} is not ${expected} within ${tolerance}`);

const fileOf = (name, ...parts) => new File(parts, name);

async function opened(name, content, answer = {}) {
  const arrays = await arraysOf(fileOf(name, content));
  assert.equal(questionOf(arrays, answer), null);
  const array = arrays.length === 1 ? arrays[0] : arrays.find(({ key }) => key === answer.key);
  return { ...(await read(array, answer)), array };
}

const rowsOf = ({ values, n, count }) => Array.from({ length: count }, (_, s) => Array.from({ length: n }, (_, k) => values[k * count + s]));

const refused = (name, content, ...words) =>
  assert.rejects(opened(name, content), ({ message }) => {
    assert.match(message, /^[^\n]*; accepted: [^\n]*\.$/, message);
    for (const word of words) assert.ok(message.includes(word), `${message} says ${word}`);
    return true;
  });

// --- tables

const THREE = [
  [1, 2, 3],
  [4, 5.5, -6],
];

const ALIKE = {
  "semicolons and decimal commas": "1,0;2,0;3,0\n4,0;5,5;-6,0",
  "the same under names": "a;b;c\n1,0;2,0;3,0\n4,0;5,5;-6,0\n",
  "the index of pandas": ",a,b,c\n7,1,2,3\n9,4,5.5,-6\n",
  "the index of pandas, columns unnamed": ",0,1,2\n0,1,2,3\n1,4,5.5,-6\n",
  "an index that was written twice": "Unnamed: 0,a,b,c\n0,1,2,3\n1,4,5.5,-6\n",
  "an index of names": ",a,b,c\ncat,1,2,3\ndog,4,5.5,-6\n",
  "columns of pandas unnamed, without an index": "0,1,2\n1,2,3\n4,5.5,-6\n",
  "row names of R": '"a" "b" "c"\n"1" 1 2 3\n"2" 4 5.5 -6\n',
  "the quotes of R": '"","a","b","c"\n"1",1,2,3\n"2",4,5.5,-6\n',
  "every cell in quotes": '"a","b","c"\r\n"1","2","3"\r\n"4","5.5","-6"\r\n',
  "quotes, decimal commas": '"1,0","2,0","3,0"\n"4,0","5,5","-6,0"'.replaceAll('","', '";"'),
  "names with blanks": "unit 1,unit 2,unit 3\n1,2,3\n4,5.5,-6",
  "names with separators and line ends in quotes": '"a, b";"c\nd";"e ""f"""\n1;2;3\n4;5.5;-6',
  "old line ends": "1,2,3\r4,5.5,-6\r",
  "empty lines": "\n\n1 2 3\n   \n4 5.5 -6\n\n",
  "blanks in front, between and behind": "  1   2 3  \n 4 5.5    -6 ",
  "blanks and commas": "1, 2, 3\n4, 5.5, -6",
  "commas behind blanks": "1 ,2 ,3\n4 ,5.5 ,-6",
  "blanks and decimal commas": "1,0 2,0 3,0\n4,0 5,5 -6,0",
  "tabs and decimal commas": "1,0\t2,0\t3,0\n4,0\t5,5\t-6,0",
  bars: "a|b|c\n1|2|3\n4|5.5|-6",
  "a separator at every end": "1,2,3,\n4,5.5,-6,\n",
  "the head of numpy.savetxt": "# a b c\n1.0e+00 2e0 +3.\n4 5.5 -6",
  "what Excel is told": "sep=;\n1;2;3\n4;5,5;-6",
  "a mark of UTF-8": "\ufeff1,2,3\n4,5.5,-6",
  "a minus sign of typesetting": "1,2,3\n4,5.5,−6",
};

for (const [words, text] of Object.entries(ALIKE)) {
  test(`a table with ${words} has three neurons`, async () => assert.deepEqual(rowsOf(await opened("x.csv", text)), THREE));
}

test("an encoding is what its mark says", async () => {
  const bytes = Buffer.from("\ufeffä;b;c\n1;2;3\n4;5,5;-6", "utf16le");
  assert.deepEqual(rowsOf(await opened("x.csv", bytes)), THREE);
  assert.deepEqual(rowsOf(await opened("x.txt", Buffer.from(bytes).swap16())), THREE);
  await refused("x.csv", bytes.subarray(2), "no text that says its encoding");
});

test("what was read as names or left out is said", async () => {
  const said = async (text) => (await opened("x.csv", text)).notes.join(" ");
  assert.match(await said(",a,b\n5,1,2\n7,3,5"), /Row 1 was read as names .* Column 1, which has no name, was left out/);
  assert.match(await said("0,1,2\n1.5,2,3\n4,5,7"), /Row 1, which counts the columns from 0, was read as names/);
  assert.match(await said("0,1,2\n5,2,3\n4,5,7"), /Row 1 counts the columns from 0 and was read as a sample/);
  assert.match(await said("1,0;2,5\n3;4"), /separated by a semicolon, and the decimal mark is a comma/);
  assert.match(await said("a,b,c\n0,.5,2\n1,.7,3\n2,.1,9"), /Column 1, which counts the rows from 0, was left out/);
  assert.match(await said("1,2,3\n1,4,5"), /1 of 3 neurons never change and were left out/);
});

test("a cell that is no number is quoted, with its row and column in the file", async () => {
  const cells = [
    ["1\t\t3\n4\t5\t\n", "an empty cell", "row 1, column 2"],
    ["1,,3\n4,5,6", "an empty cell", "row 1, column 2"],
    ["1,2\n3,", "an empty cell", "row 2, column 2"],
    ["nan,nan,nan\n1,2,3", '"nan"', "row 1, column 1"],
    ["a,b\n1,2\n3,nan", '"nan"', "row 3, column 2"],
    ["# head\n\n1,2\n3,NA", '"NA"', "row 4, column 2"],
    ["1,2,3\n4,5,cat", '"cat"', "row 2, column 3"],
    ["4,5.5,cat\n1,2,3", '"cat"', "row 1, column 3"],
    ["1,2\n3,inf", '"inf"', "row 2, column 2"],
    [",a,b\n0,1,2\n1,-Infinity,4", '"-Infinity"', "row 3, column 2"],
    ["1,2\n3,1e300", '"1e300"', "row 2, column 2"],
    ["1,2\n1e-50,3e-50", '"3e-50"', "row 2, column 2"],
    ["1,2\n3,0x10", '"0x10"', "row 2, column 2"],
    ["1,2\n3,1_000", '"1_000"', "row 2, column 2"],
    ["1.000,5;2\n3;4", '"1.000,5"', "row 1, column 1"],
    ["1,5;2\n3;4.5", '"4.5" in row 2, column 2', '"1,5" in row 1, column 1', "one decimal mark"],
    ["1,2\n3", '1 column in row 2 ("3")', "2 columns in row 1"],
    ["a,b\n1,2\n3,4,5", '3 columns in row 3 ("3,4,5")'],
    ['1,2\n3,"4', "a quote in row 2 that is not closed"],
    ["1\n2", '"1" in row 1', "one column"],
    ["\n\n", "no rows"],
    ["a,b\n", '("a", "b") in row 1 and no row below'],
    ["1d5,2\n3,4", '"1d5"', "row 1, column 1"],
    ["1,2 # note\n3,4", '"2 # note"', "row 1, column 2"],
    ["name,a\ncat,2", '"cat"', "row 2, column 1", "a column of names where it has none itself"],
    [Array(LIMITS.neurons + 1).fill(1).join(), "1 sample of 4,097 neurons"],
  ];
  for (const [text, ...words] of cells) await refused("x.csv", text, ...words);
});

test("a table is what was written, whatever separates its cells", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const draw = uniforms(seed);
    const among = (list) => list[Math.floor(list.length * draw())];
    const [rows, n] = [2 + Math.floor(12 * draw()), 2 + Math.floor(6 * draw())];
    const separator = among([",", ";", "\t", "|", " "]);
    const mark = separator === "," ? "." : among([".", ","]);
    const [end, index, head, quotes] = [among(["\n", "\r", "\r\n"]), draw() < 0.4, draw() < 0.5, draw() < 0.3];
    const encoding = among(["utf8", "utf8 mark", "utf16le", "utf16be"]);
    const quote = (text) => (quotes || text.includes(separator) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text);
    const number = () => {
      const value = (draw() - 0.5) * 10 ** Math.floor(8 * draw() - 4);
      return among([value.toFixed(3), value.toExponential(4), String(Math.fround(value)), `${value < 0 ? "" : "+"}${value.toPrecision(6)}`]);
    };
    const cells = Array.from({ length: rows }, () => Array.from({ length: n }, number));
    const names = Array.from({ length: n }, (_, k) => among([`unit ${k}`, `n"${k}`, `w_${k}`, `a${separator}${k}`]));
    const lines = cells.map((row, s) => [...(index && head ? [quote(`i${s}`)] : []), ...row.map((cell) => quote(cell.replace(".", mark)))]);
    if (head) lines.unshift([...(index ? [separator === " " ? '""' : quote("")] : []), ...names.map(quote)]);
    const text = lines.map((line) => line.join(separator)).join(end) + among(["", end]);
    const utf16 = Buffer.from(`\ufeff${text}`, "utf16le");
    const bytes = { utf8: Buffer.from(text), "utf8 mark": Buffer.from(`\ufeff${text}`), utf16le: utf16, utf16be: Buffer.from(utf16).swap16() }[encoding];
    const { array, ...found } = await opened("x.csv", bytes);
    const words = JSON.stringify({ seed, text, notes: found.notes });
    const expected = cells.map((row) => row.map((cell) => Math.fround(Number(cell))));
    assert.deepEqual(rowsOf(found), expected.map((row) => row.filter((_, k) => expected.some((other) => other[k] !== expected[0][k]))), words);
  }
});

test("a table longer than what is read at once has all its rows, wherever they are cut", async () => {
  for (const end of ["\n", "\r", "\r\n"]) {
    const rows = Array.from({ length: 150000 }, (_, s) => `${(s * 7) % 1001}.5,${s % 10},"${s % 3}"`);
    const { values, n, count } = await opened("x.csv", rows.join(end));
    assert.deepEqual([n, count], [3, 150000]);
    for (let s = 0; s < count; s++) if (values[s] !== ((s * 7) % 1001) + 0.5 || values[count + s] !== s % 10) assert.fail(`row ${s}`);
  }
});

// --- NumPy's files

const headOf = (text, version = 1) => {
  const length = Buffer.from(text.padEnd(118) + "\n");
  const size = version === 1 ? Buffer.from([length.length & 255, length.length >> 8]) : Buffer.from([length.length & 255, length.length >> 8, 0, 0]);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from("NUMPY"), Buffer.from([version, 0]), size, length]);
};

test("a Python literal is what Python reads", () => {
  const found = literal(` {"a" : 'b"', u'c':(5L, 3L ,), "d": (4), "e": (), 'f': [( "x", '<f4')], "g": False, "h": None,} \n`);
  assert.deepEqual(Object.fromEntries(found), { a: 'b"', c: [5, 3], d: 4, e: [], f: [["x", "<f4"]], g: false, h: null });
  for (const text of ["", "{", "{'a': 1", "{'a' 1}", "(1 2)", "(,)", "{'a': x}", "1 2", "'a", "(1.5,)", "__import__('os')"]) {
    assert.throws(() => literal(text), { message: /no Python literal/ }, text);
  }
});

test("a head is read however it is written", async () => {
  const data = Buffer.from(Float32Array.from([1, 2, 3, 4, 5.5, -6]).buffer);
  const doubles = Buffer.from(Float64Array.from([1, 2, 3, 4, 5.5, -6]).buffer);
  const heads = [
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", data],
    ["{'descr':'<f4','fortran_order':False,'shape':(2,3)}", data],
    ['{"descr": "<f4", "fortran_order": False, "shape": (2, 3)}', data],
    ["{'shape': (2L, 3L), 'fortran_order': False, 'descr': '=f4'}", data],
    ["{'descr': 'f4', 'fortran_order': False, 'shape': (2, 3)}", data],
    ["{'descr': 'float64', 'fortran_order': False, 'shape': [2, 3]}", doubles],
    ["{ 'descr' : u'<f8' ,\n 'fortran_order' :False, 'shape' : ( 2 ,3, )}", doubles],
  ];
  for (const [head, numbers] of heads) {
    for (const version of [1, 2, 3]) {
      const { array, ...found } = await opened("x.NPY", Buffer.concat([headOf(head, version), numbers, Buffer.from("trailing")]));
      assert.deepEqual(rowsOf(found), THREE, head);
    }
  }
  const whole = (descr, shape, more = "") => headOf(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}${more}}`);
  const wrong = [
    [whole("'<f4'", "(2, 3)"), "truncated: it has 129 bytes of 153"],
    [whole("'<f4'", "(2, -3)"), "without a shape"],
    [whole("'<f4'", "(5)"), "without a shape"],
    [whole("'<f4'", "(2, 3"), "a head that cannot be read"],
    [whole("'<f4'", "(6,)"), "has shape (6,)"],
    [whole("'<f4'", "()"), "has shape ()"],
    [whole("'<f4'", "(2, 99999)"), "2 samples of 99,999 neurons"],
    [whole("'<f4'", "(9999999, 30)"), "1,200 MB"],
    [whole("'|O'", "(2, 3)"), "Python objects"],
    [whole("'<c8'", "(2, 3)"), "complex numbers"],
    [whole("'<U5'", "(2, 3)"), "text"],
    [whole("'<M8[s]'", "(2, 3)"), "dates"],
    [whole("[('x', '<f4')]", "(2, 3)"), "records"],
    [whole("'<f16'", "(2, 3)"), 'the type \\"<f16\\"'.replaceAll("\\", "")],
    [whole("'<constructor'", "(2, 3)"), "numbers of the type"],
    [whole("'<f4'", "(2, 3)").subarray(0, 40), "truncated in its head"],
    [Buffer.from([0x93, ...Buffer.from("NUMPY"), 9, 0, 2, 0, 123, 125]), "version 9"],
  ];
  for (const [bytes, words] of wrong) await refused("x.npy", bytes, words);
});

test("what cannot be read is refused with what to do", async () => {
  const text = (words) => Buffer.from(words);
  await refused("x.npy", text("version https://git-lfs.github.com/spec/v1\n"), "pointer of Git LFS", "git lfs pull");
  await refused("x.npy", text("no such thing"), "is not a .npy file");
  await refused("x.pkl", Buffer.from([0x80, 4, 149, 1]), "a pickle", "numpy.save");
  await refused("x.csv.gz", Buffer.from([0x1f, 0x8b, 8]), "unpack it");
  await refused("x.parquet", text("PAR1...."), "Parquet");
  await refused("x.h5", Buffer.from([0x89, 0x48, 0x44, 0x46]), "HDF5");
  await refused("x.npz", Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), "without a whole directory");
  await refused("x.safetensors", Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]), "truncated");
  await refused("x.safetensors", Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]), "holds no array");
  await refused("x.csv", "", "x.csv is empty");
  for (const name of ["x.doc", "constructor", "x.__proto__", "toString"]) await refused(name, "1,2", `${name} is of no kind that can be read`);
});

test("numbers of 16 bits are those of the closed form", () => {
  for (let bits = 0; bits < 1 << 16; bits++) {
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    const text = `${exponent ? "1" : "0"}${fraction.toString(2).padStart(10, "0")}`;
    const expected = exponent === 31 ? (fraction ? NaN : sign / 0) : sign * parseInt(text, 2) * 2 ** (Math.max(exponent, 1) - 25);
    assert.ok(Object.is(half(bits), expected) || (half(bits) === 0 && expected === 0), String(bits));
  }
});

test("samples that are drawn are different, in order, and each as often as others", () => {
  const seen = new Array(10).fill(0);
  for (let seed = 1; seed <= 2000; seed++) {
    const found = [...drawn(10, 4, seed)];
    assert.deepEqual(found, [...new Set(found)].sort((a, b) => a - b));
    assert.equal(found.length, 4);
    found.forEach((k) => seen[k]++);
  }
  seen.forEach((times) => close(times, 800, 4 * Math.sqrt(2000 * 0.4 * 0.6)));
  assert.deepEqual([...drawn(5, 9, 1)], [0, 1, 2, 3, 4]);
});

// --- wide arrays

const npy = (descr, shape, data, fortran = false) =>
  Buffer.concat([headOf(`{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape.join(", ")},), }`), Buffer.from(data.buffer)]);

const noise = (size, seed) => {
  const draw = uniforms(seed);
  return Float32Array.from({ length: size }, () => draw() + draw() + draw() - 1.5);
};

test("of a wide array those neurons are kept that carry the most variance, and lengths are those in all", async () => {
  const [rows, n] = [300, 700];
  const loud = Array.from({ length: LIMITS.kept }, (_, k) => (k ? 10 * k + 3 : 0));
  const values = noise(rows * n, 1).map((value, at) => 5 + (loud.includes(at % n) ? 3 * value : value));
  for (let s = 0; s < rows; s++) [values[s * n], values[s * n + 1]] = [s, 7]; // the sample's number, and one that never changes
  const { array, ...found } = await opened("x.npy", npy("<f4", [rows, n], values));
  assert.deepEqual([...found.neurons], loud);
  assert.deepEqual([found.n, found.count, found.dimension], [LIMITS.kept, 240, n - 1]);
  assert.match(found.notes.join(" "), /1 of 700 neurons never change.*There are 699 neurons; shown are the 64 .* in 60 samples, which are not shown, so 2,016 of 243,951 pairs/);
  for (let place = 0; place < found.count; place++) {
    const s = found.values[place];
    const row = values.subarray(s * n, (s + 1) * n).filter((_, k) => k !== 1);
    close(found.totals[place], row.reduce((sum, value) => sum + value * value, 0), 1e-6 * found.totals[place]);
    found.neurons.forEach((k, h) => assert.equal(found.values[h * found.count + place], values[s * n + k]));
  }
  assert.deepEqual([found.tested.count, found.tested.rows.length], [256, 256 * 699]);
  close(found.law.means[1], values.filter((_, at) => at % n === 2).reduce((a, b) => a + b) / rows, 1e-6);
});

test("choosing neurons makes no points: wide isotropic samples have as many as are expected", async () => {
  const [rows, n, draws] = [400, 600, 6];
  let ratio = 0;
  for (let draw = 1; draw <= draws; draw++) {
    const { array, ...found } = await opened("x.npy", npy("<f4", [rows, n], Float32Array.from(quartimaxes.normal(rows, n, draw))));
    const panel = new Panel({ ...found, width: found.n });
    panel.take(found.values, Infinity);
    panel.lookIn({ basis: "standard", seed: 1, turn: [0, 1, 0] });
    panel.project({ epsilon: quartimaxes.thresholdOf(found.count, n, 2016), variant: "combination", plane: null });
    ratio += panel.found.count / panel.found.expected / draws;
    assert.equal(panel.nameOf(5), String(found.neurons[5]));
  }
  close(ratio, 1, 0.25); // 1.9 where neurons are chosen in the samples that are shown
});

test("of very many samples some are drawn, and only those are looked at", async () => {
  const [rows, n] = [LIMITS.samples + 30000, 2];
  const values = Float32Array.from({ length: rows * n }, (_, at) => (at % 2 ? (at >> 1) % 7 : at >> 1));
  const { array, ...found } = await opened("x.npy", npy("<f4", [rows, n], values));
  assert.equal(found.count, LIMITS.samples);
  const drawnRows = found.values.subarray(0, found.count);
  assert.ok(drawnRows.every((s, k) => (!k || s > drawnRows[k - 1]) && found.values[found.count + k] === s % 7));
  assert.match(found.notes.join(" "), /Of 230,000 samples 200,000 were drawn at random/);
});

test("an array of any layout is the same as the one whose last axis are the neurons", async () => {
  const shape = [3, 4, 5, 2];
  const data = noise(120, 3);
  const index = ([a, b, c, d]) => ((a * 4 + b) * 5 + c) * 2 + d;
  const all = shape.reduce((list, size) => list.flatMap((one) => Array.from({ length: size }, (_, k) => [...one, k])), [[]]);
  const turned = new Float32Array(120); // the same array, first axis fastest
  for (const [a, b, c, d] of all) turned[a + 3 * (b + 4 * (c + 5 * d))] = data[index([a, b, c, d])];
  for (let axis = 0; axis < 4; axis++) {
    const samples = all.filter((one) => one[axis] === 0);
    const expected = samples.map((one) => Array.from({ length: shape[axis] }, (_, k) => data[index(one.with ? one.with(axis, k) : Object.assign([...one], { [axis]: k }))]));
    const plain = await opened("x.npy", npy("<f4", shape, data), { axis });
    assert.deepEqual(rowsOf(plain), expected);
    const fortran = await opened("x.npy", npy("<f4", shape, turned, true), { axis });
    assert.deepEqual(rowsOf(fortran).map(String).sort(), expected.map(String).sort());
  }
  const [array] = await arraysOf(fileOf("x.npy", npy("<f4", shape, data)));
  const { arrays, chosen } = questionOf([array]);
  assert.deepEqual([arrays[chosen].shape, arrays.length], [shape, 1]);
  assert.equal(questionOf([array], { axis: 3 }), null);
});

test("a number that is not finite is refused with its place in any layout", async () => {
  const data = noise(60, 4);
  data[(2 * 4 + 1) * 5 + 3] = NaN;
  await refused("x.npy", npy("<f4", [12, 5], data), "NaN in row 10, column 4");
  const arrays = await arraysOf(fileOf("x.npy", npy("<f4", [3, 4, 5], data)));
  for (const axis of [0, 1, 2]) await assert.rejects(read(arrays[0], { axis }), /NaN in index \[2, 1, 3\]/);
  const tiny = Float64Array.from([1, 2, 1e-60, 3e-60]);
  await refused("x.npy", npy("<f8", [2, 2], tiny), "1e-60 in row 2, column 1");
  assert.equal((await opened("x.npy", npy("<f8", [2, 2], Float64Array.from([1, 2, 1, 3e-60])))).count, 2);
});

// --- the test

const rowsAndLength = (directions, draws) => [...quartimaxes.inRandomBases(directions, draws)];

test("quartimax is 1 on the axes, 1 / n between all of them, and 3 / (n + 2) of isotropic directions", () => {
  const [n, count] = [8, 20000];
  close(quartimaxes.quartimax(quartimaxes.directionsOf(Float32Array.from([3, 0, 0, -2, 0, 0]), 2)), 1, 1e-12);
  close(quartimaxes.quartimax(quartimaxes.directionsOf(new Float32Array(8).fill(-2), 8)), 1 / 8, 1e-12);
  const isotropic = quartimaxes.directionsOf(quartimaxes.normal(count, n, 5), n);
  close(quartimaxes.quartimax(isotropic), 3 / (n + 2), 0.005);
  rowsAndLength(isotropic, 3).forEach((value) => close(value, 3 / (n + 2), 0.005));
  assert.equal(quartimaxes.directionsOf(Float32Array.from([0, 0, 1, 1]), 2).zeros, 1);
});

test("fewer samples than neurons are measured in orthonormal frames, and as in whole random bases", () => {
  const [n, count] = [7, 3];
  const directions = quartimaxes.directionsOf(quartimaxes.normal(count, n, 2), n);
  const draws = 4000;
  const short = rowsAndLength(directions, draws);
  const whole = Array.from({ length: draws }, (_, draw) => {
    const basis = quartimaxes.basisOf(n, draw + 1);
    let sum = 0;
    for (let s = 0; s < count; s++) for (const row of basis) sum += dot(row, directions.units.subarray(s * n, (s + 1) * n)) ** 4;
    return sum / count;
  });
  const [one, other] = [short, whole].map((values) => Float64Array.from(values).sort());
  let apart = 0; // Kolmogorov and Smirnov's, 1.95 sqrt(2 / 4000) once in 1,000 times
  one.forEach((value, k) => (apart = Math.max(apart, Math.abs((k + 1) / draws - other.filter((each) => each <= value).length / draws))));
  assert.ok(apart < 1.95 * Math.sqrt(2 / draws), String(apart));
  const twice = quartimaxes.directionsOf(Float32Array.from([...directions.units, ...directions.units]), n);
  assert.ok(twice.count < n && rowsAndLength(twice, 5).every((value, k) => Math.abs(value - rowsAndLength(directions, 5)[k]) < 1), "repeated samples");
});

test("a triangular factor gives its matrix back, also of too few directions", () => {
  const matrix = Float64Array.from([4, 2, 2, 2, 1, 1, 2, 1, 3]);
  const factor = quartimaxes.cholesky(Float64Array.from(matrix), 3);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += factor[3 * i + k] * factor[3 * j + k];
      close(sum, matrix[3 * i + j], 1e-9);
    }
  }
});

test("where no direction is special, p is uniform", () => {
  const found = Array.from({ length: 200 }, (_, seed) => {
    const directions = quartimaxes.directionsOf(quartimaxes.normal(30, 4, 1000 + seed), 4);
    return quartimaxes.tested(quartimaxes.quartimax(directions), rowsAndLength(directions, 39)).p;
  });
  for (const level of [0.1, 0.5]) close(found.filter((p) => p <= level).length / 200, level, 4 * Math.sqrt((level * (1 - level)) / 200));
});

// --- beside the page

const answers = (file, answer) =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    serve(port2);
    const heard = [];
    port1.onmessage = ({ data }) => {
      heard.push(data);
      if (!["question", "tested", "refused"].includes(data.kind)) return;
      port1.close();
      done(heard);
    };
    port1.postMessage({ file, name: file.name, answer });
  });

test("a page hears of a file's representations, and of the test after them", async () => {
  const values = noise(2000 * 5, 9).map((value, at) => (at % 5 === 2 ? 4 * value ** 3 : value));
  const heard = await answers(fileOf("x.npy", npy("<f4", [2000, 5], values)));
  if (heard.at(-1).kind === "refused") assert.fail(heard.at(-1).words);
  const [array, last] = [heard.find(({ kind }) => kind === "read"), heard.at(-1)];
  assert.deepEqual([array.n, array.count, array.epsilon, last.test.null.length], [5, 2000, 0.75, 199]);
  assert.match(last.words, /^Is the neuron basis special here\? /);
  assert.match(last.notes[0], /quartimax of 2,000 samples in all 5 neurons/);
  const question = await answers(fileOf("x.npy", npy("<f4", [20, 50, 10], values)));
  assert.deepEqual([question.length, question[0].kind], [1, "question"]);
  const answered = await answers(fileOf("x.npy", npy("<f4", [20, 50, 10], values)), { axis: 0 });
  assert.equal(answered.find(({ kind }) => kind === "read").n, 20);
  const wrong = await answers(fileOf("x.csv", "1,2\n3,cat"));
  assert.deepEqual(wrong.at(-1).kind, "refused");
  const same = await answers(fileOf("x.csv", "1,2\n1,2\n1,2"));
  assert.match(same.at(-1).words, /too few samples that differ/);
});

// --- the same as Python

const folder = process.env.ISOAUX_CASES;
const expected = folder && JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));

test("what Python wrote is read, and how Python reads it is said", { skip: !folder }, async () => {
  const codes = [];
  const said = ({ key, shape, type, format }, file, answer, rows) => {
    const { imports, array } = readInPython({ file, key, shape, type, format, axis: answer.axis });
    codes.push({ file, code: `${imports.join("\n")}\nrows = ${array}`, rows });
  };
  for (const { file, rows, answer } of expected.saved) {
    const content = readFileSync(join(folder, file));
    const { array, ...found } = await opened(file, content, answer);
    assert.deepEqual(rowsOf(found), rows.map((row) => row.map(Math.fround)), file);
    said(array, file, answer, rowsOf(found));
  }
  for (const [k, text] of Object.values(ALIKE).entries()) {
    if (text.includes("\u2212") || text.includes("c\nd")) continue; // NumPy reads no such sign, and skips lines and not rows
    const { array } = await opened(`alike${k}.csv`, text);
    writeFileSync(join(folder, `alike${k}.csv`), text);
    said(array, `alike${k}.csv`, {}, THREE);
  }
  writeFileSync(join(folder, "codes.json"), JSON.stringify(codes));
  for (const { file, words, answer } of expected.refused) {
    const content = readFileSync(join(folder, file));
    await assert.rejects(opened(file, content, answer), ({ message }) => message.includes(words) && message.endsWith("."), `${file}: ${words}`);
  }
  for (const { file, keys } of expected.several) {
    const arrays = await arraysOf(fileOf(file, readFileSync(join(folder, file))));
    assert.deepEqual(questionOf(arrays).arrays.map(({ key, shape }) => [key, shape]), keys, file);
  }
});

test("numbers are written as Python writes them", { skip: !folder }, () => {
  for (const { value, digits, text } of expected.formatted) assert.equal(quartimaxes.general(value, digits), text);
  for (const { samples, width, planes, epsilon } of expected.thresholds) assert.equal(quartimaxes.thresholdOf(samples, width, planes), epsilon);
});

test("the bases, values and words of every test go to Python", { skip: !folder }, () => {
  const done = expected.tested.map(({ rows, epsilon }) => {
    const n = rows[0].length;
    const directions = quartimaxes.directionsOf(Float32Array.from(rows.flat()), n);
    const null_ = rowsAndLength(directions, quartimaxes.BASES);
    const found = quartimaxes.tested(quartimaxes.quartimax(directions), null_);
    const square = directions.count >= n;
    const drawn = Array.from({ length: quartimaxes.BASES }, (_, k) =>
      square ? quartimaxes.basisOf(n, k + 1).map((row) => [...row]) : [...quartimaxes.normal(n, directions.count, k + 1)],
    );
    return { value: found.value, p: found.p, low: found.low, high: found.high, null: null_, words: quartimaxes.answerOf(found, epsilon), square, drawn };
  });
  writeFileSync(join(folder, "tested.json"), JSON.stringify(done));
});

test("what may be enough for a small p is said as Python says it", { skip: !folder }, async () => {
  for (const { file, meaning } of expected.meanings) {
    const { law } = await opened(file, readFileSync(join(folder, file)));
    assert.equal(quartimaxes.meaningOf(law).replace("in Python, ", ""), meaning);
  }
});
