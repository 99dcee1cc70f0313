"""A headless Firefox by WebDriver BiDi, for the one page that is looked at in a second browser.

Playwright drives a Firefox of its own only. The protocol is JSON over a web socket; a few of its commands are enough.
"""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import patience
import websocket

QUIET = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
"""
"""A profile that asks nothing of the network by itself."""


class Firefox:
    """One window of it: what it is told, what its page says on the console and asks for."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(f"{address}/session", timeout=patience.SECONDS, suppress_origin=True)
        self._asked = 0
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.version = self.command("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.command("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._window = self.command("browsingContext.getTree")["contexts"][0]["context"]

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; events that come before it are noted."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv())
            if said["type"] == "event":
                self._note(said["method"], said["params"])
            elif said.get("id") == self._asked:
                assert said["type"] == "success", (method, said)
                return dict(said["result"])

    def _note(self, event: str, content: dict[str, Any]) -> None:
        if event == "network.beforeRequestSent":
            self.requests.append(content["request"]["url"])
        elif content["level"] == "error":
            self.errors.append(content["text"])

    def open(self, url: str) -> None:
        """Open a page, with all that it loads."""
        self.command("browsingContext.navigate", context=self._window, url=url, wait="complete")

    def value(self, expression: str) -> Any:
        """The value of an expression or promise in the page, as JSON has it."""
        script = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        target = {"context": self._window}
        found = self.command("script.evaluate", expression=script, target=target, awaitPromise=True)
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def wait(self, condition: str) -> None:
        """Wait until an expression in the page is true."""
        self.value(
            f"new Promise((done) => {{ const look = () => {condition} ? done() : setTimeout(look, 50); look(); }})"
        )

    def press(self, key: str) -> None:
        """Press and release a key, given as WebDriver writes it."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.command("input.performActions", context=self._window, actions=[source])

    def close(self) -> None:
        """End the session."""
        self.command("session.end")
        self._socket.close()


@contextmanager
def started(program: str, profile: Path) -> Iterator[Firefox]:
    """A Firefox with a profile of its own, ended afterwards."""
    profile.mkdir()
    (profile / "user.js").write_text(QUIET, "utf8")
    command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            listening = (re.search(r"WebDriver BiDi listening on (ws://\S+)", line) for line in process.stderr)
            address = next((found[1] for found in listening if found), None)
            assert address, "Firefox ended before it listened"
            threading.Thread(target=process.stderr.read, daemon=True).start()
            firefox = Firefox(address)
            yield firefox
            firefox.close()
        finally:
            process.terminate()
