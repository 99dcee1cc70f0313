"""Network records and figure files: written, read, and refused where they are not what was written."""

import io
import json
import multiprocessing
import pickle
import tracemalloc
import zipfile
from itertools import count
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from isoaux.common import archive, disk, npz, transactions
from isoaux.common.versions import FORMAT_VERSION
from isoaux.records import reading

FACTS = {
    "profile": "paper",
    "epochs": 125,
    "seeds": [0, 1],
    "deviations": ["trained in float32 – says so"],
    "seconds": 1.5,
}


@pytest.fixture
def content() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "density": rng.integers(0, 256, (2, 3, 40, 40), np.uint8),
        "count": rng.integers(0, 10**6, (2, 17)),
        "c4": rng.standard_normal((2, 17)).astype(np.float32),
        "loss": np.array([[np.nan, np.inf, 0.0]]),
        "layer": np.array("k = 0"),
        "nothing": np.zeros((0, 4)),
    }


@pytest.fixture
def written(tmp_path: Path, content: dict[str, np.ndarray]) -> Path:
    """The path, without suffix, of a record that was written."""
    path = reading.record_path(tmp_path, "cifar-U-tanh-n18-L0")
    archive.write(path, content, FACTS)
    return path


def seal(path: Path, content: bytes, **facts: object) -> None:
    """Give a record other arrays, with the checksum that belongs to them."""
    path.with_suffix(".npz").write_bytes(content)
    about = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(about | {"sha256": disk.checksum([content])} | facts))


def test_what_was_written_is_read(written: Path, content: dict[str, np.ndarray]):
    content_read = archive.read(written)
    assert list(content_read.arrays) == list(content)
    for name, array in content.items():
        assert content_read[name].dtype == array.dtype and content_read[name].shape == array.shape
        np.testing.assert_array_equal(content_read[name], array)
    assert content_read.facts.items() >= (FACTS | {"format_version": FORMAT_VERSION}).items()
    assert written.with_suffix(".npz").parent.name == "networks"
    assert sorted(p.name for p in written.parent.iterdir()) == [f"{written.name}.json", f"{written.name}.npz"]


def test_the_facts_are_readable_by_people_and_any_program(written: Path):
    text = written.with_suffix(".json").read_text("utf-8")
    assert json.loads(text)["epochs"] == 125 and text.count("\n") >= len(FACTS) and "–" in text


def test_writing_again_gives_the_same_bytes(written: Path, tmp_path: Path, content: dict[str, np.ndarray]):
    archive.write(tmp_path / "again", {name: array.copy() for name, array in content.items()}, dict(FACTS))
    for suffix in (".npz", ".json"):
        assert (tmp_path / "again").with_suffix(suffix).read_bytes() == written.with_suffix(suffix).read_bytes()
    content_read = archive.read(written)
    archive.write(tmp_path / "copied", content_read.arrays, content_read.facts)
    assert (tmp_path / "copied.npz").read_bytes() == written.with_suffix(".npz").read_bytes()
    assert archive.read(tmp_path / "copied").facts == content_read.facts


@pytest.mark.parametrize("missing", [".npz", ".json"])
def test_what_is_not_published_is_not_found(written: Path, missing: str):
    written.with_suffix(missing).unlink()
    with pytest.raises(FileNotFoundError, match="is not published; .*status"):
        archive.read(written)


def test_a_newer_format_is_refused(written: Path, refused):
    seal(written, written.with_suffix(".npz").read_bytes(), format_version=FORMAT_VERSION + 1)
    refused([f"format_version {FORMAT_VERSION + 1}", f"up to {FORMAT_VERSION}", "newer"], archive.read, written)
    seal(written, written.with_suffix(".npz").read_bytes(), format_version=FORMAT_VERSION)
    assert archive.read(written).facts["format_version"] == FORMAT_VERSION


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_truncated_file_is_refused(written: Path, suffix: str, share: float, refused):
    file = written.with_suffix(suffix)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    refused([str(file), "truncated or was altered"], archive.read, written)


def test_one_altered_byte_is_refused_wherever_it_is(written: Path, refused):
    file = written.with_suffix(".npz")
    whole = file.read_bytes()
    for place in range(0, len(whole), len(whole) // 60):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        refused([str(file), "altered", "checksum"], archive.read, written)
    file.write_bytes(whole)
    archive.read(written)


@pytest.mark.parametrize("text", ["[1, 2]", "3", '"words"', "null"])
def test_facts_that_are_no_facts_are_refused(written: Path, text: str, refused):
    written.with_suffix(".json").write_text(text)
    refused(["truncated or was altered"], archive.read, written)


@pytest.mark.parametrize(
    "facts",
    ["[" * 100_000, "{}", *(f'{{"format_version": {given}}}' for given in ('"1"', "[1]", "NaN", "-1", "true", "null"))],
    ids=["deep", "none", "words", "list", "nan", "negative", "true", "null"],
)
def test_facts_that_cannot_be_used_are_refused(written: Path, facts: str, refused):
    written.with_suffix(".json").write_text(facts)
    refused(["truncated or was altered"], archive.read, written)


def test_an_archive_of_gigabytes_is_refused_with_little_memory(written: Path, refused):
    """Header and directory announce 2 GiB, and the checksum fits: somebody made it so."""
    head, packed = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": (2**31,)})
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("a.npy", head.getvalue() + bytes(10**6))
    content = bytearray(packed.getvalue())
    place = content.rindex(b"PK\x01\x02") + 24
    content[place : place + 4] = (2**31 + len(head.getvalue())).to_bytes(4, "little")
    seal(written, bytes(content))
    tracemalloc.start()
    refused([str(written.with_suffix(".npz")), "accepted: at most", str(npz.LIMIT)], archive.read, written)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5e6


@pytest.mark.parametrize("moved", [".npz", ".json", ""])
def test_a_pair_that_is_being_replaced_is_read_as_the_new_one(written: Path, tmp_path: Path, moved: str):
    """A process was killed before, between or after the two moves."""
    ready = tmp_path / ".publishing" / "ready" / "networks" / written.name
    archive.write(ready, {"count": np.arange(3)}, FACTS)
    if moved:
        ready.with_suffix(moved).replace(written.with_suffix(moved))
    np.testing.assert_array_equal(archive.read(written)["count"], [0, 1, 2])


def test_a_reader_gets_the_old_or_the_new_while_another_process_replaces_them(written: Path, tmp_path: Path):
    context = multiprocessing.get_context("forkserver")
    enough = context.Event()
    process = context.Process(target=_replace, args=(tmp_path, written, enough))
    process.start()
    seen = set()
    try:
        while len(seen) <= 3 and process.is_alive():
            content = archive.read(written)
            seen.add(content.facts["turn"] if "turn" in content.facts else -1)
            assert "turn" not in content.facts or (content["turn"] == content.facts["turn"]).all()
    finally:
        enough.set()
        process.join()
    assert process.exitcode == 0 and len(seen) > 3


def _replace(folder: Path, path: Path, enough: Event) -> None:
    for turn in count():
        if enough.is_set():
            return
        with transactions.together(folder) as staged:
            archive.write(staged(path), {"turn": np.full(4, turn)}, {"turn": turn})


class Bomb:
    """Unpickling this is an error of its own."""

    def __reduce__(self):
        return eval, ("(_ for _ in ()).throw(SystemExit('a pickle was loaded'))",)


def test_a_pickled_object_is_never_loaded(written: Path, refused):
    """Not as an array of objects, not as a bare .npy, not as a bare pickle; each with a checksum that fits."""
    with pytest.raises(SystemExit, match="a pickle was loaded"):
        pickle.loads(pickle.dumps(Bomb()))
    array, bare = io.BytesIO(), io.BytesIO()
    np.savez(array, fine=np.zeros(3), bomb=np.array([Bomb()], object))
    np.save(bare, np.array([Bomb()], object))
    for content in (array.getvalue(), bare.getvalue(), pickle.dumps(Bomb())):
        seal(written, content)
        refused([str(written.with_suffix(".npz")), "without pickled objects"], archive.read, written)


def test_arrays_that_are_no_archive_are_refused(written: Path, refused):
    plain = io.BytesIO()
    np.save(plain, np.zeros(3))
    for content in (plain.getvalue(), b"", b"words"):
        seal(written, content)
        refused([str(written.with_suffix(".npz")), "cannot be read"], archive.read, written)


def test_objects_are_not_published_and_the_old_file_stays(written: Path, refused):
    before = written.with_suffix(".npz").read_bytes()
    refused(["bomb", "objects"], archive.write, written, {"bomb": np.array([Bomb()], object)}, FACTS)
    assert written.with_suffix(".npz").read_bytes() == before and len(list(written.parent.iterdir())) == 2


# --- densities as bytes


@given(arrays(float, 30, elements=st.floats(0, 10)), st.floats(1e-3, 10))
def test_quantised_densities_are_monotone_clipped_and_close(image: np.ndarray, limit: float):
    levels = archive.quantise(image, limit)
    assert levels.dtype == np.uint8 and levels.shape == image.shape
    ordered = levels[np.argsort(image, kind="stable")].astype(int)
    assert (np.diff(ordered) >= 0).all()
    assert (levels[image >= limit] == 255).all() and (levels[image == 0] == 0).all()
    assert not (levels % archive.QUANTISED).any()
    error = np.abs(levels / 255 - np.minimum(image / limit, 1))
    assert error.max() <= archive.QUANTISED / 255 / 2 + 1e-12


def test_a_row_without_points_is_black():
    for limit in (0.0, -1.0):
        assert not archive.quantise(np.zeros((4, 4)), limit).any()
    assert not archive.quantise(np.zeros((4, 4)), 1.0).any()
    assert archive.quantise(np.ones((4, 4)), 1.0).all()


def test_a_name_keeps_what_looks_like_a_suffix(tmp_path: Path, content: dict[str, np.ndarray]):
    archive.write(tmp_path / "a", content, FACTS | {"seconds": 1})
    archive.write(tmp_path / "a.v1", content, FACTS | {"seconds": 2})
    archive.write(str(tmp_path / "a.npz"), content, FACTS | {"seconds": 3})
    for name, seconds in (("a", 1), ("a.v1", 2), ("a.npz", 3)):
        assert archive.read(tmp_path / name).facts["seconds"] == seconds
        assert archive.read(str(tmp_path / name)).facts["seconds"] == seconds
    with pytest.raises(FileNotFoundError, match=r"a\.v2\.npz is not published"):
        archive.read(tmp_path / "a.v2")


@pytest.mark.parametrize("path", [None, 5, b"a", "a\0b", "", ".", "/", "..", Path(), Path("/")])
def test_what_is_no_place_is_refused(path, refused):
    refused(["path is ", "without .npz or .json"], archive.read, path)
    refused(["path is ", "without .npz or .json"], archive.write, path, {}, {})


def test_facts_that_an_editor_saved_with_a_byte_order_mark_are_read(written: Path):
    file = written.with_suffix(".json")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert archive.read(written).facts["seeds"] == [0, 1]


def test_what_is_kept_is_made_once_and_again_where_it_cannot_be_read(tmp_path):
    made = []

    def make():
        made.append(len(made))
        return archive.Published({"numbers": np.arange(3) + len(made)}, {"times": len(made)})

    place = tmp_path / "kept"
    for times in (1, 1):
        stored = archive.kept(place, make)
        assert len(made) == stored.facts["times"] == times
        np.testing.assert_array_equal(stored["numbers"], np.arange(3) + times)
    assert archive.kept(place, make, anew=True).facts["times"] == archive.read(place).facts["times"] == 2
    arrays, _ = archive.files(place)
    arrays.write_bytes(arrays.read_bytes()[:-9])
    assert archive.kept(place, make).facts["times"] == archive.read(place).facts["times"] == 3
