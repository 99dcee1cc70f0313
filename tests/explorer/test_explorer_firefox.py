"""The explorer's chapter in Firefox, where it is installed (marker ``site``)."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from explored import DRAWN, SHOWN, VIEWS, check
from websites import HOST

if TYPE_CHECKING:
    from firefox import Firefox

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Firefox"]:
    pytest.importorskip("websocket")
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("there is no Firefox (apt-get install firefox-esr)")
    from firefox import started

    with started(program, tmp_path_factory.mktemp("firefox") / "profile") as found:
        yield found


@pytest.mark.parametrize("base", ["http", "file"])
def test_firefox_draws_what_numpy_finds(
    running: "Firefox", base: str, site: Path, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue("address") if base == "http" else f"{site.as_uri()}/"
    drawn = f"document.querySelector('{SHOWN}')"
    for view in VIEWS:
        running.open("about:blank")
        running.open(f"{address}book/play.html#{view.fragment}")
        running.wait(drawn)
        check(view, running.value(DRAWN))
    before = running.value(f"{drawn}.dataset.count")
    running.value("void document.querySelector('.isoaux-explorer label.epsilon input').focus()")
    running.press("\ue012")  # the left arrow
    running.wait(f"{drawn}.dataset.count !== '{before}'")
    assert int(running.value(f"{drawn}.dataset.count")) > int(before) and "epsilon=0.89" in running.value(
        "location.href"
    )
    hosts = {
        urlsplit(url).hostname for url in running.requests if urlsplit(url).scheme in ("http", "https", "ws", "wss")
    }
    assert not running.errors and hosts <= {HOST}
