"""The page's reader and its test, under Node.js, against what NumPy, PyTorch and the report make of the same."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import javascript
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from isoaux import statistics
from isoaux.statistics import basis as basis_tests
from isoaux.statistics.preparation import threshold

TYPES = ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|i1", "|u1", "<i2", ">i2", "<u2", "<i4", ">i4", "<u4", "<i8", ">i8",
         "<u8", "|b1")  # fmt: skip

RNG = np.random.default_rng(0)


def numbers() -> NDArray[np.float64]:
    """Whole numbers that every type holds, no column all the same."""
    rows = RNG.integers(0, 120, (7, 3)).astype(float)
    rows[:2] = [[0, 1, 0], [1, 0, 1]]
    return rows


def saved(folder: Path) -> list[dict[str, Any]]:
    """Files that NumPy and safetensors wrote, with the rows that they hold."""
    rows, found = numbers(), []

    def add(name: str, values: Any, **answer: Any) -> None:
        found.append({"file": name, "rows": np.asarray(values, float).tolist(), "answer": answer})

    for k, kind in enumerate(TYPES):
        for order in "CF":
            name = f"{k}{order}.npy"
            np.save(folder / name, np.asarray(rows.astype(kind), order=order))
            add(name, rows.astype(kind).astype(float))
    halves = np.array([[6e-8, -65504, 1.5, 0.1], [-0.0, 2**-14, 3e-5, 1]], np.float16)
    np.save(folder / "halves.npy", halves)
    add("halves.npy", halves)
    brain = torch.tensor(RNG.normal(size=(5, 4)) * 1e20).to(torch.bfloat16)
    np.save(folder / "brain.npy", brain.view(torch.int16).numpy().view("V2"))
    add("brain.npy", brain.float().numpy())
    deep = RNG.normal(size=(4, 3, 5))
    np.save(folder / "deep.npy", deep)
    for axis in range(3):
        add("deep.npy", np.moveaxis(deep, axis, 2).reshape(-1, deep.shape[axis]), axis=axis)
    np.savez(folder / "two.npz", a=rows, b=deep)
    np.savez_compressed(folder / "packed.npz", **{"a": rows, "layer.3/mlp": np.asfortranarray(rows * 1.5), "b": deep})
    np.savez_compressed(folder / "single.npz", rows.astype(np.float16))
    add("single.npz", rows)
    for name in ("two.npz", "packed.npz"):
        add(name, rows, key="a")
        add(name, deep.reshape(-1, 5), key="b", axis=2)
    add("packed.npz", rows * 1.5, key="layer.3/mlp")
    tensors = {"x": brain, "half": torch.tensor(halves), "long": torch.tensor(rows).long(), "deep": torch.tensor(deep)}
    save_file(tensors | {"flags": torch.tensor(rows > 60)}, folder / "several.safetensors", {"made": "here"})
    add("several.safetensors", brain.float().numpy(), key="x")
    add("several.safetensors", halves, key="half")
    add("several.safetensors", rows, key="long")
    add("several.safetensors", deep.reshape(-1, 5), key="deep", axis=2)
    add("several.safetensors", rows > 60, key="flags")
    for name, options in {"a.csv": {}, "b.csv": {"header": "u v w"}, "c.tsv": {"delimiter": "\t"}}.items():
        np.savetxt(folder / name, rows / 7, **options)
        add(name, rows / 7)
    return found


def wrong(folder: Path) -> list[dict[str, Any]]:
    """Files that are refused, and words of why."""
    rows = numbers()
    np.save(folder / "flat.npy", rows.ravel())
    np.save(folder / "nan.npy", np.where(rows == rows[3, 1], np.nan, rows)[3:4])
    np.save(folder / "over.npy", np.array([[1, 2], [3, 1e39]]))
    np.save(folder / "objects.npy", np.array([[{}, 1]], dtype=object), allow_pickle=True)
    np.save(folder / "none.npy", rows[:0])
    (folder / "cut.npy").write_bytes((folder / "0C.npy").read_bytes()[:-1])
    torch.save(torch.tensor(rows), folder / "x.pt")
    np.savez_compressed(folder / "damaged.npz", a=RNG.normal(size=(300, 30)))
    content = bytearray((folder / "damaged.npz").read_bytes())
    content[len(content) // 2] ^= 255
    (folder / "damaged.npz").write_bytes(bytes(content))
    with zipfile.ZipFile(folder / "empty.npz", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    save_file({"x": torch.tensor(rows).to(torch.float8_e4m3fn)}, folder / "eighth.safetensors")
    return [
        {"file": "flat.npy", "words": "flat.npy has shape (21,)"},
        {"file": "nan.npy", "words": "NaN in row 1, column 2"},
        {"file": "over.npy", "words": "1e+39 in row 2, column 2"},
        {"file": "objects.npy", "words": "Python objects"},
        {"file": "none.npy", "words": "0 samples of 3 neurons"},
        {"file": "cut.npy", "words": "truncated"},
        {"file": "x.pt", "words": 'torch.load("x.pt", weights_only=True)'},
        {"file": "damaged.npz", "words": "a in damaged.npz is damaged"},
        {"file": "empty.npz", "words": "without .npy files"},
        {"file": "eighth.safetensors", "words": 'numbers of the type "F8_E4M3"'},
    ]


def to_be_tested() -> list[NDArray[np.float32]]:
    """Activations of narrow and wide layers, some with zeros, some of fewer samples than neurons."""
    rng = np.random.default_rng(1)
    special = rng.normal(size=(400, 6)) * rng.exponential(size=(400, 6))
    zeros = np.maximum(rng.normal(size=(300, 5)) - 1, 0)
    return [
        each.astype(np.float32)
        for each in (rng.normal(size=(500, 4)), special, zeros, rng.normal(size=(12, 30)), special[:5])
    ]


def complete(frame: NDArray[np.float64], units: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthogonal matrix that takes the span of ``units`` (r, n), as Cholesky has it, to ``frame`` (n, r)."""
    span = np.linalg.solve(np.linalg.cholesky(units @ units.T), units)
    r = len(units)
    rest, other = np.linalg.qr(frame, "complete")[0][:, r:], np.linalg.qr(span.T, "complete")[0][:, r:]
    return np.asarray(frame @ span + rest @ other.T)


@pytest.fixture
def node(installed: Callable[[str, str], str]) -> str:
    """Node.js, without which the page's side cannot be run."""
    return installed("node", "nodejs")


def test_the_page_reads_what_python_wrote_and_says_what_the_report_says(
    node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = to_be_tested()
    meanings = []
    for k, rows in enumerate(arrays):
        np.save(tmp_path / f"tested{k}.npy", rows)
        report = statistics.report(rows, statistics="quartimax", draws=40)
        note = next(note for note in report.notes if note.startswith("A small p"))
        meanings.append({"file": f"tested{k}.npy", "meaning": note})
    sizes = [(100, 2, 1), (10_000, 18, 153), (21_701, 2304, 2016), (2_000, 64, 2016), (50_000, 256, 2016), (5, 4, 6)]
    values = [0.0, 1.0, 0.05, 0.123456, 1e-5, 0.00012345, 123.456, 999.9, 1234.5, 0.5, 2 / 200, 9.995e-5]
    cases = {
        "saved": saved(tmp_path),
        "refused": wrong(tmp_path),
        "several": [
            {"file": "packed.npz", "keys": [["a", [7, 3]], ["layer.3/mlp", [7, 3]], ["b", [4, 3, 5]]]},
            {"file": "two.npz", "keys": [["a", [7, 3]], ["b", [4, 3, 5]]]},
        ],
        "formatted": [{"value": v, "digits": d, "text": f"{v:.{d}g}"} for v in values for d in (2, 3)],
        "thresholds": [{"samples": s, "width": w, "planes": p, "epsilon": threshold(s, w, p)} for s, w, p in sizes],
        "tested": [{"rows": rows.tolist(), "epsilon": 0.75 if k % 2 else 0.3} for k, rows in enumerate(arrays)],
        "meanings": meanings,
    }
    javascript.check(node, "explorer/reading.test.mjs", cases, tmp_path)
    monkeypatch.chdir(tmp_path)
    codes = json.loads((tmp_path / "codes.json").read_text())
    for each in codes:
        scope: dict[str, Any] = {}
        exec(each["code"], scope)
        np.testing.assert_allclose(scope["rows"], np.asarray(each["rows"], float), rtol=1e-6, err_msg=each["code"])
    assert len(codes) > 60
    for page, case in zip(json.loads((tmp_path / "tested.json").read_text()), cases["tested"], strict=True):
        same_as_the_report(page, case, monkeypatch)


def same_as_the_report(page: dict[str, Any], case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The report, given the page's random bases, has the page's value, null values, p and words."""
    rows = np.array(case["rows"])
    n = rows.shape[1]
    bases = np.array(page["drawn"])
    if not page["square"]:
        units = rows[rows.any(1)] / np.linalg.norm(rows[rows.any(1)], axis=1, keepdims=True)
        gaussian = bases.reshape(len(bases), n, -1)
        frames = [g @ np.linalg.inv(np.linalg.cholesky(g.T @ g).T) for g in gaussian]
        bases = np.stack([complete(frame, units) for frame in frames])
    np.testing.assert_allclose(bases @ bases.transpose(0, 2, 1), np.tile(np.eye(n), (len(bases), 1, 1)), atol=1e-9)

    def given_bases(basis: NDArray[np.float64], draws: int, seed: int, at_once: int) -> Iterator[NDArray[np.float64]]:
        assert draws == len(bases)
        return iter(np.array_split(bases, -(-draws // at_once)))

    monkeypatch.setattr(basis_tests, "rotations", given_bases)
    report = statistics.report(
        rows, statistics="quartimax", draws=len(bases), epsilon=case["epsilon"], samples=len(rows)
    )
    test = statistics.basis_test(rows, np.eye(n), "quartimax", draws=len(bases))
    for python in (report.tests["quartimax"], test):
        np.testing.assert_allclose(page["value"], python.value, rtol=1e-9)
        np.testing.assert_allclose(page["null"], python.null, rtol=1e-9)
        assert page["p"] == python.p
        np.testing.assert_allclose([page["low"], page["high"]], np.quantile(python.null, (0.025, 0.975)), rtol=1e-9)
    assert page["words"] == report.answer
