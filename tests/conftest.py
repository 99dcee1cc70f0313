"""What all tests share: one thread, a store of their own, one style of property test, one shape of error message."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before the first import of NumPy or torch
os.environ["ISOAUX_BATCH"] = "1"  # progress bars say little

import multiprocessing
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import websites
import workers
from filelock import FileLock
from hypothesis import HealthCheck, settings

# Child processes come from one server that has imported the slow parts already, so that each starts at once.
multiprocessing.set_forkserver_preload(workers.PRELOADED)

# Examples follow from the test alone, so that a failure is found again; how long one takes is never judged.
settings.register_profile(
    "isoaux", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("isoaux")


@pytest.fixture(scope="session", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is read from or written to the reader's own store and data sets, and torch keeps to one thread.

    All processes of a run of pytest share one store, so that a network that several files need is trained and measured
    once. Where ``ISOAUX_SMOKE_STORE`` names the store that ``make reproduce`` has just filled with the same code, it
    begins as a copy of that.
    """
    place = tmp_path_factory.getbasetemp()
    place = (place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "shared-cache"
    with FileLock(f"{place}.lock"):
        if not place.exists():
            place.mkdir()
            if filled := os.environ.get("ISOAUX_SMOKE_STORE"):
                shutil.copytree(Path(filled) / "networks", place / "networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOAUX_CACHE", str(place))
        patch.delenv("ISOAUX_DATA", raising=False)
        patch.setattr(multiprocessing, "get_context", workers.stand_in())
        if torch := sys.modules.get("torch"):
            torch.set_num_threads(1)
        yield


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test alone; it does not exist yet."""
    place = tmp_path / "own-cache"
    monkeypatch.setenv("ISOAUX_CACHE", str(place))
    return place


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of this test alone, in which nothing is published yet."""
    for folder in ("book/data", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("ISOAUX_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def refused() -> Callable[..., str]:
    """Call something that must be refused; its message, one sentence that holds the given words."""

    def call(words: list[str], function: Callable[..., object], *args: object, **options: object) -> str:
        with pytest.raises(ValueError) as caught:
            function(*args, **options)
        message = str(caught.value)
        assert type(caught.value) is ValueError, f"a {type(caught.value).__name__} is no message of ours: {message}"
        assert message.endswith(".") and ". " not in message and "\n" not in message, f"not one sentence: {message}"
        assert not [word for word in words if word not in message], message
        return message

    return call


@pytest.fixture(scope="session")
def installed() -> Callable[[str, str], str]:
    """Finds a program of a Debian package; without it a test is skipped aloud, or fails where it must be there."""

    def find(program: str, package: str) -> str:
        found = shutil.which(program)
        if found is None:
            reason = f"{program} is not installed (apt-get install {package})"
            if os.environ.get("ISOAUX_REQUIRE_BROWSER") == "1":
                pytest.fail(reason)
            print(f"skipped: {reason}")
            pytest.skip(reason)
        return found

    return find


@pytest.fixture(scope="session")
def at_smoke(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives a notebook, by name, as it is after a run at the profile ``smoke``.

    ``ISOAUX_SMOKE`` names the folder in which ``make reproduce`` has left them; without it they are run.
    """

    def executed(name: str) -> Path:
        if folder := os.environ.get("ISOAUX_SMOKE"):
            path = Path(folder) / f"{name}.ipynb"
            assert "stand_in" not in path.read_text("utf-8"), f"{path} was not run"
            return path
        from isoaux.site import running

        return running.run(name, {"profile": "smoke"}, tmp_path_factory.mktemp("smoke") / f"{name}.ipynb")

    return executed


# --- the built book in a real browser (marker ``site``)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site: the one that ISOAUX_SITE names, or a fresh build in which every warning is an error."""
    if named := os.environ.get("ISOAUX_SITE"):
        return Path(named).resolve()
    pytest.importorskip("jupyter_book")
    return websites.build(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="session")
def browser(installed: Callable[[str, str], str]) -> Iterator[Any]:
    """Debian's chromium through Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = installed("chromium", "chromium")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=websites.FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site over http."""
    with websites.served(site) as found:
        yield found
