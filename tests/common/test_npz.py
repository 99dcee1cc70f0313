"""Archives of arrays that are larger, or other, than they say: refused before memory is taken."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from isoaux.common import npz


def header(shape: str, dtype: str = "|u1") -> bytes:
    """The header of an array of this shape, as text."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def archive(content: bytes, method: int = zipfile.ZIP_BZIP2, members: int = 1) -> bytes:
    """An archive of arrays ``a0``, ``a1``, ... of this content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for i in range(members):
            file.writestr(f"a{i}.npy", content)
    return out.getvalue()


def announcing(size: int, content: bytes, method: int) -> bytes:
    """An archive whose directory announces ``size`` bytes of one member, and whose member unpacks to ``content``."""
    whole = bytearray(archive(content, method))
    place = whole.rindex(b"PK\x01\x02")
    whole[place + 24 : place + 28] = struct.pack("<I", size)
    return bytes(whole)


def peak(function, *arguments) -> float:
    """The most memory that a call takes beside what was there, in MB; errors pass."""
    tracemalloc.start()
    try:
        function(*arguments)
    except ValueError:
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


@pytest.fixture(scope="module")
def zeros() -> bytes:
    """An array of 60 million zeros as a file."""
    return header("(60000000,)") + bytes(60_000_000)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED], ids=["bzip2", "deflate"])
@pytest.mark.parametrize("announced", [None, 200], ids=["announced", "announced as small"])
def test_what_unpacks_to_much_is_refused_before_it_is_unpacked(zeros: bytes, method: int, announced, refused):
    bomb = archive(zeros, method) if announced is None else announcing(announced, zeros, method)
    assert len(bomb) < 100_000
    words = ["x.npz", "accepted: at most" if announced is None else "accepted: as many bytes as the shape takes"]
    refused(words, npz.unpack, bomb, "x.npz", 50_000_000)
    assert peak(npz.unpack, bomb, "x.npz", 50_000_000) < 20


def test_what_unpacks_to_more_than_is_announced_is_refused(zeros: bytes, refused):
    """Directory and header agree on 1,000 bytes; the packed member holds 60 MB."""
    start = header("(1000,)")
    bomb = announcing(len(start) + 1000, start + zeros, zipfile.ZIP_BZIP2)
    refused(["x.npz", "'a0'", "not the announced one"], npz.unpack, bomb, "x.npz")
    assert peak(npz.unpack, bomb, "x.npz") < 20


def test_arrays_count_together(refused):
    many = archive(header("(1000,)") + bytes(1000), members=30)
    assert len(npz.unpack(many, "x.npz", 40_000)) == 30
    refused(["30 arrays", "at most"], npz.unpack, many, "x.npz", 30_000)


@pytest.mark.parametrize(
    "shape",
    [
        "(1125899906842624,)",
        "(2147483648, 2147483648, 4)",
        "(0, 1125899906842624, 3)",
        "(-1, -50)",
        "(True,)",
        "('a',)",
    ],
)
def test_a_header_that_announces_another_size_is_refused(shape: str, refused):
    content = archive(header(shape) + bytes(50))
    refused(["x.npz"], npz.unpack, content, "x.npz")
    assert peak(npz.unpack, content, "x.npz") < 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"words",
        header("(3,)")[:20],
        b"\x93NUMPY\x09\x00" + bytes(80),
        header("(" * 900 + ")" * 900),
        header("-" * 9000 + "1"),
        header("(2,)", "|O") + bytes(16),
    ],
    ids=["empty", "no array", "truncated", "unknown version", "nested", "signs", "objects"],
)
def test_what_is_no_array_of_numbers_is_refused(content: bytes, refused):
    refused(["x.npz", "without pickled objects"], npz.unpack, archive(content), "x.npz")


def test_other_packings_and_encrypted_members_are_refused(refused):
    array = header("(5,)") + bytes(5)
    refused(["x.npz"], npz.unpack, archive(array, zipfile.ZIP_LZMA), "x.npz")
    locked = bytearray(archive(array))
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    refused(["x.npz"], npz.unpack, bytes(locked), "x.npz")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_arrays_come_back_as_numpy_reads_them(method: int):
    expected = {
        "scalar": np.array(1.5),
        "none": np.zeros((0, 4)),
        "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        "text": np.array(["k = 0", "ü"]),
        "big": np.arange(5, dtype=">i4"),
        "bytes": np.arange(256, dtype=np.uint8).reshape(4, 8, 8),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, array in expected.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    arrays = npz.unpack(out.getvalue(), "x.npz")
    out.seek(0)
    with np.load(out, allow_pickle=False) as stored:
        assert list(arrays) == stored.files
        for name in arrays:
            np.testing.assert_array_equal(arrays[name], stored[name])
            assert arrays[name].dtype == stored[name].dtype and arrays[name].shape == stored[name].shape
            assert arrays[name].flags.f_contiguous == stored[name].flags.f_contiguous
            assert arrays[name].flags.writeable


def test_a_file_is_not_read_when_it_is_too_large(tmp_path, refused):
    path = tmp_path / "x.npz"
    with path.open("wb") as file:
        file.truncate(2**40)  # takes no room on the disk
    refused([str(path), str(2**40), str(npz.LIMIT)], npz.read, path)
