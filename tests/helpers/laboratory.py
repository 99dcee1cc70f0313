"""A real JupyterLab of a test's own, and Python in a notebook's kernel beside the page that shows it."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import patience
from roots import ROOT
from websites import HOST

CONFIGURATION = {
    "ServerApp": {"open_browser": False, "terminals_enabled": False},
    "LabApp": {
        "expose_app_in_browser": True,
        "extension_manager": "readonly",
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "news_url": None,
    },
}
"""Nothing is asked of the network, and the page's commands can be called by name."""


def until(found: Callable[[], Any], what: str, rest: Callable[[float], object] = time.sleep) -> Any:
    """Ask again until the answer is not None, after a rest of some seconds; its failure says what was waited for."""
    end = time.monotonic() + patience.SECONDS
    while (answer := found()) is None:
        assert time.monotonic() < end, f"{what}: nothing in {patience.SECONDS} seconds"
        rest(0.2)
    return answer


class Laboratory:
    """A running server: the addresses of its notebooks' pages, and its kernels."""

    def __init__(self, folder: Path, port: int, token: str) -> None:
        self.folder, self._base, self._token = folder, f"http://{HOST}:{port}", token

    def page(self, notebook: str) -> str:
        """The address of a notebook's page."""
        return f"{self._base}/lab/tree/{notebook}?reset&token={self._token}"

    def sessions(self) -> list[dict[str, Any]] | None:
        """What runs, or None where the server does not answer yet."""
        try:
            with urlopen(f"{self._base}/api/sessions?token={self._token}", timeout=30) as answer:
                return list(json.load(answer))
        except OSError:
            return None

    @contextmanager
    def kernel(self, notebook: str, page: Any) -> Iterator["Kernel"]:
        """Python in the kernel of a notebook whose page is open; the page goes on while this waits."""
        from jupyter_client import BlockingKernelClient

        def connection() -> Path | None:
            running = [one["kernel"]["id"] for one in self.sessions() or [] if one["path"] == notebook]
            return self.folder / "runtime" / f"kernel-{running[0]}.json" if running else None

        def rest(seconds: float) -> None:
            page.wait_for_timeout(1000 * seconds)

        client = BlockingKernelClient(connection_file=str(until(connection, "the notebook's kernel", rest)))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=patience.SECONDS)
            yield Kernel(client, rest)
        finally:
            client.stop_channels()


class Kernel:
    """Python beside the page, in the same kernel."""

    def __init__(self, client: Any, rest: Callable[[float], object]) -> None:
        self._client, self._rest = client, rest

    def run(self, code: str) -> None:
        """Run statements."""
        answer = self._client.execute(code, reply=True, timeout=patience.SECONDS)["content"]
        assert answer["status"] == "ok", answer

    def value(self, expression: str) -> Any:
        """The value of an expression, as JSON has it; None where it cannot be had yet."""
        asked = {"value": f"__import__('json').dumps({expression})"}
        answer = self._client.execute("", user_expressions=asked, reply=True, timeout=patience.SECONDS)["content"]
        found = answer["user_expressions"]["value"]
        return json.loads(eval(found["data"]["text/plain"])) if found["status"] == "ok" else None

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        until(lambda: self.value(condition) or None, condition, self._rest)


@contextmanager
def started(folder: Path) -> Iterator[Laboratory]:
    """JupyterLab on a free port, with notebooks, settings, kernels and a home in this folder; ended afterwards."""
    for name in ("runtime", "config", "settings/@jupyterlab/apputils-extension"):
        (folder / name).mkdir(parents=True)
    (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(CONFIGURATION), "utf8")
    quiet = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
    chosen = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    chosen.write_text(json.dumps(quiet), "utf8")
    with closing(socket.socket()) as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    own = {
        "HOME": folder,
        "IPYTHONDIR": folder / "ipython",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "JUPYTER_TOKEN": token,
        "PYTHONPATH": ROOT,
    }
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", f"--ip={HOST}", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    environment = os.environ | {name: str(value) for name, value in own.items()}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        laboratory = Laboratory(folder, port, token)

        def answering() -> bool | None:
            assert process.poll() is None, (folder / "log").read_text()[-3000:]
            return True if laboratory.sessions() is not None else None

        try:
            until(answering, "JupyterLab")
            yield laboratory
        finally:
            process.terminate()  # ends its kernels too
