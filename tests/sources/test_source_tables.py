"""Tables in text and in .parquet: what separates cells, what is a head or an index, and which cell is no number."""

import numpy as np
import pytest

import isoaux
from isoaux.sources import tables

ROWS = [[1, 2.5, -3], [4, 5, 6e3]]


def written(folder, text, encoding="utf-8"):
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "1,2.5,-3\n4,5,6e3\n",
        "1;2,5;-3\n4;5;6e3",
        "1\t2,5\t-3\r\n\r\n4\t5\t6000\r\n",
        "1\t2.5\t-3\r4\t5\t6000\r",
        " 1  2.5 -3\n4 5 6e3\n",
        "# of numpy.savetxt\n1 2.5 -3\n4 5 6e3\n",
        "a,b,c\n1,2.5,-3\n4,5,6e3\n",
        "0,1,2\n1,2.5,-3\n4,5,6e3\n",
        ",a,b,c\n0,1,2.5,-3\n1,4,5,6e3\n",
        '"","a","b","c"\n"x 1","1","2.5","-3"\n"x, 2","4","5","6e3"\n',
        "a b c\nfirst 1 2.5 -3\nsecond 4 5 6e3\n",
        ",0,1,2\n0,1,2.5,-3\n1,4,5,6e3\n",
        '"unit 1","unit 2","unit 3"\n1,2.5,-3\n4,5,6e3\n',
        "unit 1;unit 2;unit 3\n1;2,5;-3\n4;5;6000,0\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_numbers_are_read_as_they_were_meant(text, encoding, tmp_path):
    sample = isoaux.open(written(tmp_path, text, encoding))
    assert sample.rows.dtype == np.float64 and sample.rows.tolist() == ROWS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3,cat\n", ["table.csv holds 'cat' in line 2, column 2"]),
        ("1,2\n\n3,\n", ["table.csv holds '' in line 3, column 2"]),
        ("1\t\t3\n4\t5\t6\n", ["table.csv holds '' in line 1, column 2"]),
        ("1,2,3\n4,5\n", ["has 3 cells in line 1 and 2 before"]),
        ("1,2,3\n4,5,6\n7,8\n", ["has 2 cells in line 3 and 3 before"]),
        ("a,b\n", ["holds no line of numbers"]),
        ("a,1\n2,3\n", ["table.csv holds 'a' in line 1, column 1"]),
        ("\n\n", ["holds no line of numbers"]),
        ("1.234,5;2\n3;4\n", ["'1.234,5'"]),
        ("1\n2\n", ["of 1 in the axis of neurons"]),
    ],
)
def test_what_is_no_table_of_numbers_is_refused_with_its_cell(text, words, tmp_path, refused):
    refused(words, isoaux.open, written(tmp_path, text))


def test_a_key_and_bytes_are_refused(tmp_path, refused):
    refused(["key is 'x', and table.csv holds one table"], isoaux.open, written(tmp_path, "1,2\n"), key="x")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfd1,2\n")
    refused(["b.csv is no text in utf-8"], isoaux.open, tmp_path / "b.csv")


def test_rows_that_are_not_finite_are_counted_and_long_tables_sampled(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "CELLS", 30)
    rows = np.arange(600.0).reshape(200, 3)
    np.savetxt(tmp_path / "t.txt", rows)
    assert np.array_equal(isoaux.open(tmp_path / "t.txt"), rows)
    assert np.array_equal(isoaux.open(tmp_path / "t.txt", samples=20), isoaux.open(iter([rows]), samples=20))
    sample = isoaux.open(written(tmp_path, "nan,nan\n1,2\n3,inf\n"))
    assert (sample.rows.tolist(), sample.total, sample.not_finite) == ([[1, 2]], 3, 2)


def test_missing_numbers_of_a_data_frame_are_not_finite():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.arange(8.0).reshape(4, 2)).convert_dtypes()
    frame.iloc[2, 1] = pandas.NA
    sample = isoaux.open(frame)
    assert sample.not_finite == 1 and sample.rows.tolist() == [[0, 1], [2, 3], [6, 7]]


def test_parquet(tmp_path, refused):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    rows = np.arange(12.0).reshape(4, 3)
    path = tmp_path / "t.parquet"
    frame = pandas.DataFrame(rows, columns=list("abc"), index=[3, 1, 4, 1])
    frame.to_parquet(path)
    assert np.array_equal(isoaux.open(path), rows)
    frame.iloc[1, 1] = None
    frame.to_parquet(path)
    assert isoaux.open(path).not_finite == 1
    listed = pandas.DataFrame({"id": list("wxyz"), "h": list(rows.astype(np.float32)), "g": list(-rows)})
    listed[["id", "h"]].to_parquet(path)
    assert np.array_equal(isoaux.open(path), rows) and isoaux.open(path).rows.dtype == np.float32
    listed.to_parquet(path)
    assert np.array_equal(isoaux.open(path, key="g"), -rows)
    refused(["the column 'id' of", "or key with one of h, g"], isoaux.open, path)
    refused(["key is 'gg'", "accepted: h, g"], isoaux.open, path, key="gg")
    pandas.DataFrame({"h": [[1.0, 2.0], [3.0]]}).to_parquet(path)
    refused(["lists of 1 to 2 numbers in the column 'h'"], isoaux.open, path)
    path.write_bytes(b"PAR1")
    refused(["which pyarrow cannot read"], isoaux.open, path)
