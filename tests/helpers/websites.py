"""The built site and a real browser, for the tests that look at pages (their fixtures are in ``conftest.py``)."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from patience import MILLISECONDS
from roots import ROOT

HOST = "127.0.0.1"

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def build(folder: Path) -> Path:
    """The site, built anew in a folder; every warning is an error."""
    command = shutil.which("jupyter-book", path=str(Path(sys.executable).parent)) or "jupyter-book"
    built = subprocess.run(
        [command, "build", str(ROOT), "--path-output", str(folder), "-W", "-n", "--keep-going", "--all"],
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1", "OMP_NUM_THREADS": "1"},
    )
    assert built.returncode == 0, built.stderr[-4000:] + built.stdout[-2000:]
    return folder / "_build" / "html"


def pages(site: Path) -> list[str]:
    """Every page that a reader can open, as a path within the site; not the one that only leads to the first."""
    found = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    return [page for page in found if not page.startswith(("_static/", "_sources/")) and page != "index.html"]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder over http."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer((HOST, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_address[1]}/"
        server.shutdown()


def explored(site: Path) -> list[str]:
    """The pages that have an explorer."""
    return [page for page in pages(site) if 'class="isoaux-explorer"' in (site / page).read_text("utf8")]


def begin(page: Any) -> None:
    """Start every explorer of a page and wait until each has drawn."""
    for explorer in page.locator(".isoaux-explorer").all():
        explorer.scroll_into_view_if_needed()
        explorer.locator("canvas.picture[data-count]").first.wait_for(timeout=MILLISECONDS)


@dataclass
class Watched:
    """A page, what it has asked for and what it has said on its console; nothing of another host is answered."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(MILLISECONDS)
        self.page.route(lambda url: not _of_the_site(url), lambda route: route.abort())
        for kind in ("request", "websocket"):
            self.page.on(kind, lambda asked: self.requests.append(asked.url))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def foreign(self) -> list[str]:
        """The requests that were not to the site itself."""
        return [url for url in self.requests if not _of_the_site(url)]


def _of_the_site(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("http", "https", "ws", "wss") or parts.hostname == HOST
