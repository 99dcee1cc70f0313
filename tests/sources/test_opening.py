"""Rows are the same from whatever holds them, and drawn before they are read."""

import json
import os
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import isoaux
from isoaux import bases, ppp, statistics
from isoaux.explorer import sending
from isoaux.sources import limits, memory, opening
from isoaux.sources.parts import Held, Stored

RNG = np.random.default_rng(3)
CUBE = RNG.standard_normal((6, 5, 8)).astype(np.float16)
MATRIX = RNG.standard_normal((40, 4)).astype(np.float32)
LAYOUTS = {"batch tokens neurons": 2, "batch channels place": 1, "C x H x W": 0}


def safe(path, **arrays):
    """Write arrays as .safetensors by the format's own words: a length, a header in JSON, the numbers."""
    header, place = {"__metadata__": {"by": "hand"}}, 0
    names = {"f": "F", "i": "I", "u": "U"}
    for name, array in arrays.items():
        kind = "BF16" if name.startswith("bf16") else f"{names[array.dtype.kind]}{8 * array.itemsize}"
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [place, place := place + array.nbytes]}
    text = json.dumps(header).encode()
    numbers = b"".join(array.tobytes() for array in arrays.values())
    path.write_bytes(len(text).to_bytes(8, "little") + text + numbers)


@pytest.fixture
def places(tmp_path):
    """Files that hold the cube, each with the key that finds it."""
    np.save(tmp_path / "c.npy", CUBE)
    np.save(tmp_path / "fortran.npy", np.asfortranarray(CUBE))
    np.save(tmp_path / "big.npy", CUBE.astype(">f2"))
    np.savez(tmp_path / "plain.npz", other=CUBE[:2], acts=CUBE)
    np.savez_compressed(tmp_path / "packed.npz", other=CUBE[:2], acts=CUBE, turned=np.asfortranarray(CUBE))
    safe(tmp_path / "s.safetensors", other=MATRIX, acts=CUBE)
    keys = {"c.npy": None, "fortran.npy": None, "big.npy": None, "plain.npz": "acts", "s.safetensors": "acts"}
    return [
        *((tmp_path / name, key) for name, key in keys.items()),
        *((tmp_path / "packed.npz", k) for k in ("acts", "turned")),
    ]


@pytest.mark.parametrize("block", [2**25, 200, 20])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_those_of_the_array_in_every_file_and_layout(layout, block, places, monkeypatch):
    monkeypatch.setattr(limits, "BLOCK", block)  # by whole groups of rows, and neuron by neuron
    rows = np.moveaxis(CUBE, LAYOUTS[layout], -1).reshape(-1, CUBE.shape[LAYOUTS[layout]])
    drawn = isoaux.open(CUBE, layout=layout, samples=11, seed=4)
    assert len(drawn) == 11 < len(rows) == drawn.total
    order = [np.flatnonzero((rows == row).all(1))[0] for row in drawn.rows]
    assert (np.diff(order) > 0).all()
    for path, key in places:
        sample = isoaux.open(str(path), key=key, layout=layout)
        assert sample.rows.dtype == np.float32 and np.array_equal(sample, rows)
        assert np.array_equal(isoaux.open(path, key=key, layout=layout, samples=11, seed=4), drawn)
        assert (sample.source, sample.key, sample.stored_shape) == (path.name, key, CUBE.shape)
        assert (sample.total, sample.drawn, sample.masked, sample.not_finite) == (len(rows), len(rows), 0, 0)


def test_rows_are_those_of_the_array_in_memory_and_passing_by():
    rows = MATRIX.astype(np.float64)
    sources = [
        rows.tolist(),
        [rows[:30], rows[30:]],
        iter([rows[:30], rows[30:]]),
        (row for row in rows),
        [rows[:30].tolist(), rows[30:].tolist()],
        {"only": rows},
        {"only": [rows[:1], rows[1:]]},
        np.asfortranarray(rows),
        rows.astype(object),
    ]
    for source in sources:
        assert np.array_equal(isoaux.open(source), rows)
    assert isoaux.open(sample := isoaux.open(rows)) is sample
    assert np.shares_memory(sample.rows, rows)
    batches = [np.stack([rows, -rows]), np.stack([2 * rows, rows])]
    for source, key in ((batches, None), (iter(batches), None), ({"a": batches[0], "b": batches[1]}, "*")):
        wide = isoaux.open(source, key=key, layout="N C T")
        assert np.array_equal(wide, np.concatenate(batches).transpose(0, 2, 1).reshape(-1, 40))
    mappings = iter([{"h": batch, "ids": 0} for batch in batches])
    assert np.array_equal(isoaux.open(mappings, key="h", layout="N T C"), np.concatenate(batches).reshape(-1, 4))


@pytest.mark.parametrize("order", ["C", "F"])
def test_mapped_files_are_read_as_files(order, tmp_path):
    np.save(tmp_path / "a.npy", np.asarray(CUBE, order=order))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    for piece in (mapped, mapped[1:4], mapped[:, :, 2:5], mapped[..., ::-1], mapped[2:4]):
        part = memory.part(piece, "source")
        whole_rows = piece.flags.c_contiguous or piece.flags.f_contiguous
        assert isinstance(part, Stored if whole_rows else Held)
        for layout in LAYOUTS:
            assert np.array_equal(isoaux.open(piece, layout=layout), isoaux.open(np.array(piece), layout=layout))
    changed = np.load(tmp_path / "a.npy", mmap_mode="c")
    changed[0] = 7
    assert (isoaux.open(changed, layout="N T C").rows[:5] == 7).all()


def test_tensors_are_read_where_they_are(tmp_path):
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(CUBE).bfloat16()
    rows = tensor.float().movedim(1, -1).reshape(-1, 5).numpy()
    open_it = partial(isoaux.open, layout="N C T")
    for given in (tensor, tensor.requires_grad_(), [tensor[:2], tensor[2:]], iter([tensor])):
        assert np.array_equal(open_it(given), rows)
    whole = tensor.detach().view(torch.uint16)
    assert np.array_equal(open_it(whole, dtype="bfloat16"), rows)
    assert np.array_equal(open_it(whole.numpy(), dtype="bfloat16"), rows)
    assert open_it(tensor).stored_dtype == open_it(whole, dtype="bfloat16").stored_dtype == "bfloat16"
    np.save(tmp_path / "words.npy", whole.numpy())
    np.save(tmp_path / "lost.npy", whole.numpy().view("V2"))
    safe(tmp_path / "s.safetensors", bf16=whole.numpy())
    torch.save({"run": {"layer": tensor.detach(), "steps": 3}, "list": [tensor.detach()] * 2}, tmp_path / "t.pt")
    for name, options in {
        "words.npy": {"dtype": "bfloat16"},
        "lost.npy": {"dtype": "bfloat16"},
        "s.safetensors": {},
        "t.pt": {"key": "run.layer"},
    }.items():
        assert np.array_equal(open_it(tmp_path / name, **options), rows)
        for seed in (0, 1):
            drawn = open_it(tmp_path / name, **options, samples=9, seed=seed)
            assert np.array_equal(drawn, open_it(tensor, samples=9, seed=seed))
    assert len(open_it(tmp_path / "t.pt", key="list")) == 2 * len(rows)
    assert np.array_equal(open_it(torch.from_numpy(CUBE).view(torch.int16), dtype="float16")[:8, 0], CUBE[0, 0])


def test_the_package_writes_what_is_read_here(tmp_path):
    numpy_file = pytest.importorskip("safetensors.numpy")
    numbers = {"a": MATRIX, "b": MATRIX.astype(np.float16), "c": np.arange(12, dtype=np.int8).reshape(4, 3)}
    numpy_file.save_file(numbers, tmp_path / "s.safetensors", {"by": "the package"})
    for name, array in numbers.items():
        assert np.array_equal(isoaux.open(tmp_path / "s.safetensors", key=name), array)


def test_folders_and_patterns_are_their_files_in_order(tmp_path):
    for part in range(11):
        np.savez(tmp_path / f"part-{part}.npz", h=MATRIX + part, ids=np.arange(40))
    rows = np.concatenate([MATRIX + part for part in range(11)])
    for source in (tmp_path, f"{tmp_path}/part-*.npz", sorted(tmp_path.iterdir(), key=lambda p: int(p.stem[5:]))):
        assert np.array_equal(isoaux.open(source, key="h"), rows)
    assert np.array_equal(isoaux.open(tmp_path, key="h", samples=30), isoaux.open(rows, samples=30))
    (tmp_path / ".hidden.npy").touch()
    assert isoaux.open(tmp_path, key="h").total == 440
    (tmp_path / "notes.csv").touch()
    with pytest.raises(ValueError, match=r"files \.csv, \.npz; accepted: files of one kind"):
        isoaux.open(tmp_path, key="h")


def test_rows_without_numbers_are_dropped_and_counted():
    rows = MATRIX.copy()
    rows[3, 1], rows[4, 0], rows[7], rows[9], rows[11] = np.nan, np.inf, 0, -0.0, rows[12]
    sample = isoaux.open(rows)
    assert (len(sample), sample.drawn, sample.not_finite, sample.zeros, sample.equal) == (38, 40, 2, 2, 2)
    assert np.array_equal(sample, np.delete(rows, [3, 4], 0))
    assert "40 rows; 2 rows left out for numbers that are not finite; of these 2 are zero and 2" in sample.note
    assert sample.facts == json.loads(json.dumps(sample.facts)) and sample.facts["not_finite"] == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("copies", [0, 1, 500])
def test_equal_rows_are_counted_as_a_set_counts_them(copies, dtype):
    rows = RNG.integers(-1, 2, (700, 5)).astype(dtype) if copies else RNG.standard_normal((700, 5)).astype(dtype)
    rows = np.concatenate([rows, rows[:copies]]) * dtype(0.1)
    assert isoaux.open(rows).equal == len(rows) - len({tuple(row + 0.0) for row in rows.tolist() and rows})


def test_masks_say_which_rows_count(tmp_path):
    counts = np.tril(np.ones((6, 5)))
    visible = CUBE[counts != 0]
    cube = partial(isoaux.open, layout="batch tokens neurons")
    np.savez(tmp_path / "m.npz", acts=CUBE, attention_mask=counts)
    for sample in (
        cube(CUBE, mask=counts),
        cube(CUBE, mask=counts.ravel() == 1),
        cube({"acts": CUBE, "m": counts}, mask="m"),
        cube(tmp_path / "m.npz", mask="attention_mask"),
        cube([CUBE[:2], CUBE[2:]], mask=[counts[:2], counts[2:]]),
        cube(np.ma.masked_array(CUBE, np.broadcast_to(counts[..., None] == 0, CUBE.shape))),
        cube(iter([np.ma.masked_array(CUBE, np.broadcast_to(counts[..., None] == 0, CUBE.shape))])),
    ):
        assert np.array_equal(sample, visible)
        assert (sample.total, sample.masked, sample.drawn) == (30, 30 - len(visible), len(visible))
    drawn = cube(CUBE, mask=counts, samples=6)
    assert drawn.drawn == 6 and all((visible == row).all(1).any() for row in drawn)
    both = np.ma.masked_array(MATRIX, np.arange(160).reshape(40, 4) == 5)
    assert np.array_equal(isoaux.open(both, mask=np.arange(40) > 0), MATRIX[2:])


def test_every_row_is_drawn_with_equal_chance():
    drawn = np.zeros(40)
    for seed in range(2000):
        drawn[isoaux.open(np.arange(80.0).reshape(40, 2), samples=10, seed=seed).rows[:, 0].astype(int) // 2] += 1
    assert drawn.sum() == 20_000 and np.abs(drawn / 2000 - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / 2000)


@pytest.mark.skipif(sys.platform != "linux", reason="what a process takes is read where Linux says it")
def test_rows_are_drawn_before_they_are_read(tmp_path):
    """14 GB that are not there: a file with a hole."""
    path = tmp_path / "big.npy"
    np.lib.format.open_memmap(path, "w+", np.float16, (24_000, 128, 2_304))
    code = (
        "import sys, isoaux; sample = isoaux.open(sys.argv[1], layout='batch tokens neurons', samples=3000); "
        "print(sample.total, len(sample), open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    total, drawn, peak = map(int, done.stdout.split())
    assert (total, drawn) == (3_072_000, 3000) and path.stat().st_size > 14e9
    assert peak < 200_000  # kB, of which the sample is 28 MB


def test_instruments_take_what_the_door_takes(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, h=MATRIX)
    basis = bases.standard(4)
    tested = statistics.basis_test(MATRIX, basis, draws=9)
    for source in (path, str(path), {"h": MATRIX}, [MATRIX[:9], MATRIX[9:]], iter([MATRIX]), isoaux.open(path)):
        assert statistics.basis_test(source, basis, draws=9).value == tested.value
    assert np.array_equal(ppp.project(path, basis).points, ppp.project(MATRIX, basis).points)
    assert np.array_equal(sending.single(path)[0], MATRIX)
    report = statistics.report(path, draws=9)
    assert report.notes[0] == isoaux.open(path).note and report.notes[1:] == statistics.report(MATRIX, draws=9).notes
    broken = np.concatenate([MATRIX, np.full((1, 4), np.nan)])
    with pytest.warns(RuntimeWarning, match="1 row left out for numbers that are not finite"):
        assert np.array_equal(opening.matrix([MATRIX, broken[40:]]), MATRIX)
    with pytest.raises(ValueError, match=r"^activations\['a'\] has shape \(6, 5, 8\); accepted: a layout"):
        statistics.basis_test({"a": CUBE}, basis)
    with pytest.raises(ValueError, match="^activations holds nan at row 40"):
        statistics.basis_test(broken, basis)


def objects(path):
    np.save(path, np.array([{}, 1], dtype=object), allow_pickle=True)


def cut(path):
    np.save(path, MATRIX)
    path.write_bytes(path.read_bytes()[:-8])


def cut_archive(path):
    np.savez(path, a=MATRIX)
    path.write_bytes(path.read_bytes().replace(b"\x93NUMPY", b"\x93NUMPX"))


def broken(path):
    np.savez_compressed(path, a=RNG.standard_normal((5000, 4)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def bzipped(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.npy", bytes(500))


def module(path):
    torch = pytest.importorskip("torch")
    torch.save(torch.nn.Linear(2, 2), path)


def text(words):
    return lambda path: path.write_bytes(words)


@pytest.mark.parametrize(
    ("name", "write", "words"),
    [
        ("empty.npy", text(b""), ["empty.npy', which is empty"]),
        ("objects.npy", objects, ["objects.npy holds Python objects, which only unpickling", "numpy.stack(list)"]),
        ("none.npy", text(b"hello"), ["none.npy holds no array"]),
        ("cut.npy", cut, ["cut.npy has shape (40, 4) of float32 and takes 760 bytes"]),
        ("one.npy", lambda path: np.save(path, MATRIX[:, :1]), ["(40, 1), of 1 in the axis of neurons"]),
        ("vector.npy", lambda path: np.save(path, MATRIX[0]), ["vector.npy has shape (4,); accepted: two axes"]),
        ("none.npy", lambda path: np.save(path, MATRIX[:0]), ["none.npy has 0 rows"]),
        ("text.npy", lambda path: np.save(path, np.array([["a", "b"]])), ["has dtype <U1; accepted: real numbers"]),
        ("words.npy", lambda path: np.save(path, np.zeros((2, 2), "V2")), ["dtype='bfloat16'"]),
        ("none.npz", text(b"hello"), ["none.npz', which is no .npz archive"]),
        ("none.npz", lambda path: np.savez(path), ["none.npz holds no array"]),
        ("two.npz", lambda path: np.savez(path, a=MATRIX, b=CUBE), ["holds 2 arrays", "'a' (40, 4), 'b' (6, 5, 8)"]),
        ("cut.npz", cut_archive, ["cut.npz['a']"]),
        ("bad.npz", broken, ["bad.npz['a'] cannot be unpacked"]),
        ("pipe.npy", os.mkfifo, ["pipe.npy', which is no file"]),
        ("odd.npz", bzipped, ["odd.npz['a'] is encrypted or packed otherwise"]),
        ("short.safetensors", text(b"\x05"), ["no header of a .safetensors"]),
        ("none.safetensors", text(b"\x02" + bytes(7) + b"[]"), ["no header of a .safetensors"]),
        ("bad.safetensors", text(b"\x08" + bytes(7) + b'{"a": 1}'), ["no header of a .safetensors"]),
        ("module.pt", module, ["which only unpickling could read and isoaux never unpickles"]),
        (
            "model.pkl",
            text(b"cos\nsystem\n"),
            ["pickled objects that could run code", "numpy.save('model.npy', array)"],
        ),
        ("acts.docx", text(b"hello"), ["acts.docx'; accepted: a file .npy, .npz"]),
    ],
)
def test_files_that_cannot_be_read_are_refused(name, write, words, tmp_path, refused):
    write(tmp_path / name)
    refused(words, isoaux.open, tmp_path / name)


def test_what_does_not_fit_is_refused(tmp_path, refused):
    np.savez(tmp_path / "a.npz", **{f"blocks.{i}": MATRIX for i in range(20)})
    path = tmp_path / "a.npz"
    refused(["key is 'block.3' (did you mean 'blocks.3'?)"], isoaux.open, path, key="block.3")
    refused(["a.npz holds 20 arrays", "or one of 8 more", "'*' for all"], isoaux.open, path)
    refused(["key is 'x'", "no names; accepted: no key"], isoaux.open, MATRIX, key="x")
    refused(["source has shape (6, 5, 8)", "layout='batch tokens neurons' for 8"], isoaux.open, CUBE)
    refused(["source has shape (1, 6, 5, 8)", "'N C H W' for 6"], isoaux.open, CUBE[None])
    refused(["layout is 'N C', which names 2 axes"], isoaux.open, CUBE, layout="N C")
    refused(["which has no axis of neurons"], isoaux.open, CUBE, layout="a b c")
    refused(["which has 2 axes of neurons"], isoaux.open, CUBE, layout="units b C")
    refused(["layout is 3"], isoaux.open, CUBE, layout=3)
    for parts in ([MATRIX, MATRIX[:, :3]], iter([MATRIX, MATRIX[:, :3]])):
        refused(["has 3 neurons and", "has 4; accepted: parts of one width"], isoaux.open, parts)
    refused(["mask has shape (3,)", "the shape (40,)"], isoaux.open, MATRIX, mask=[1, 0, 1])
    refused(["mask is given for rows that pass by"], isoaux.open, iter([MATRIX]), mask=np.ones(40))
    refused(["a mask hides 40"], isoaux.open, MATRIX, mask=np.zeros(40))
    refused(["40 were drawn that all have numbers that are not finite"], isoaux.open, MATRIX * np.nan)
    refused(["dtype is 'int4'"], isoaux.open, MATRIX, dtype="int4")
    refused(["source holds float32", "whole numbers of 16 bits"], isoaux.open, MATRIX, dtype="bfloat16")
    refused(["samples is 0"], isoaux.open, MATRIX, samples=0)
    refused(["seed is -1"], isoaux.open, MATRIX, seed=-1)
    refused(["source holds no rows"], isoaux.open, iter([]))
    refused(
        ["batch 1 holds 2 arrays", "'a' (4,), 'b' (no numbers)"],
        isoaux.open,
        iter([{"a": MATRIX[0]}, {"a": MATRIX[0], "b": "x"}]),
    )
    refused(["key is []; accepted: a name"], isoaux.open, {"a": MATRIX}, key=[])
    refused(["mask is 'm', and source holds one array without a name"], isoaux.open, MATRIX, mask="m")
    refused(["source is ''"], isoaux.open, "")
    refused(["source holds no array"], isoaux.open, {})
    refused(
        ["a folder without files"], isoaux.open, tmp_path.parent / tmp_path.name / "..", key=None
    ) if False else None
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npy', which does not exist"):
        isoaux.open(Path("nowhere.npy"))
    with pytest.raises(FileNotFoundError, match="which no file fits"):
        isoaux.open(tmp_path / "*.npy")
    (tmp_path / "empty").mkdir()
    refused(["a folder without files .npy"], isoaux.open, tmp_path / "empty")
