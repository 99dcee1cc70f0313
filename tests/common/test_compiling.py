"""Compiled functions are kept where something can be written, and work where nothing can."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numba
import pytest

from isoaux.common import compiling


@pytest.fixture
def doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], int]:
    """A function to compile, of a module beside which nothing can be written, by a user who has no folder either."""
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "doubling.py").write_text("def doubled(x):\n    return 2 * x\n")
    (tmp_path / "place" / "__pycache__").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "place" / "doubling.py" / "x"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    about = importlib.util.spec_from_file_location("doubling", tmp_path / "place" / "doubling.py")
    assert about is not None and about.loader is not None
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    return module.doubled


def kept(folder: Path) -> list[str]:
    """Endings of the files that numba has written."""
    return sorted({path.suffix for path in folder.rglob("*") if path.is_file()})


def test_they_are_kept_in_the_store_where_numba_has_no_folder_of_its_own(doubled, own_cache):
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(doubled)
    assert compiling.compiled(doubled)(21) == 42
    assert kept(own_cache / "numba") == [".nbc", ".nbi"]
    assert numba.config.CACHE_DIR == "", "the reader's own functions go where they went"


def test_the_readers_folder_comes_first(doubled, own_cache, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "readers"))
    assert compiling.compiled(doubled)(21) == 42
    assert kept(tmp_path / "readers") == [".nbc", ".nbi"] and not own_cache.exists()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_without_any_folder_they_are_compiled_for_this_process(doubled, place, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ISOAUX_CACHE", str(tmp_path / place))
    assert compiling.compiled(doubled)(21) == 42
