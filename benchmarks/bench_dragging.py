"""How smoothly the explorer follows its threshold while a reader drags it, in Chromium.

python benchmarks/bench_dragging.py
"""

import html
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from common import Row, machine, save
from playwright.sync_api import Page, sync_playwright

from isoaux.common import paths
from isoaux.explorer import bundle

BENCH = "dragging"
FRAME = 1000 / 30
"""Milliseconds from one drawing of both networks to the next, while the threshold is dragged."""

PAIRS = {
    18: ("cifar-U-tanh-n18-L0 k0", "cifar-U-isotanh-n18-L0 k0"),
    32: ("cifar-N-tanh-n32-L0 k0", "cifar-N-isotanh-n32-L0 k0"),
}
"""Two networks side by side, by their number of neurons."""

BASES = ("standard", "random", "simplex")
EPSILONS = (0.9, 0.75, 0.5, 0.0)
SECONDS = 2.0
"""How long each drag lasts."""

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

DRAWN = """(count) => [...document.querySelectorAll(".isoaux-explorer canvas.picture[data-count]")].length === count"""

DRAG = """async ([epsilon, seconds]) => {
  const slider = document.querySelector(".isoaux-explorer .epsilon input");
  const pictures = [...document.querySelectorAll(".isoaux-explorer canvas.picture")];
  const drawn = [];
  const watch = new MutationObserver(() => drawn.push(performance.now()));
  watch.observe(pictures.at(-1), { attributes: true, attributeFilter: ["data-count", "data-rough"] });
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const begun = performance.now();
  for (let step = 0; performance.now() - begun < 1000 * seconds; step++) {
    const offset = Math.abs((step % 8) - 4) / 100;
    slider.value = epsilon + (epsilon > 0.5 ? -offset : offset);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await frame();
  }
  await new Promise((done) => setTimeout(done));
  watch.disconnect();
  return drawn.length ? (drawn.at(-1) - begun) / drawn.length : Infinity;
}"""
"""Moves the slider to and fro near a threshold at every frame; milliseconds from drawing to drawing."""


def page_with(folder: Path, data: Path) -> str:
    """The address, from disk, of a page with an explorer of all published networks."""
    shutil.copytree(data, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.json"))
    content = (data / "explorer.json").read_text("utf-8")
    (folder / "explorer.mjs").write_text(bundle.for_page(content), "utf-8")
    style = (bundle.HERE / "explorer.css").read_text("utf-8")
    form = html.escape(json.dumps({}))
    (folder / "page.html").write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorer</title><style>{style}</style>'
        f'</head><body style="font-family: sans-serif"><div class="isoaux-explorer" data-explorer="{form}"></div>'
        '<script src="explorer.mjs"></script></body></html>',
        "utf-8",
    )
    return (folder / "page.html").as_uri()


def dragged(page: Page, address: str, pair: tuple[str, str], basis: str, epsilon: float) -> tuple[float, float]:
    """Milliseconds from drawing to drawing, and those of them that the page's main thread computes."""
    page.goto("about:blank")
    settings = {"network": pair[0], "beside": pair[1], "basis": basis, "epsilon": epsilon}
    page.goto(f"{address}#{urlencode(settings)}")
    page.wait_for_function(DRAWN, arg=len(pair))
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(DRAG, [epsilon, 0.3])
    before = _busy(session)
    frame = float(page.evaluate(DRAG, [epsilon, SECONDS]))
    drawings = 1000 * SECONDS / frame
    return frame, 1000 * (_busy(session) - before) / drawings


def _busy(session: Any) -> float:
    """Seconds of processor time that the page's main thread has used."""
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def rows(page: Page, address: str) -> list[Row]:
    """A row for every pair of networks, basis and threshold."""
    made = []
    for n, pair in PAIRS.items():
        for basis in BASES:
            for epsilon in EPSILONS:
                frame, busy = dragged(page, address, pair, basis, epsilon)
                what = f"dragging epsilon near {epsilon:g}, two networks, {basis} basis"
                note = f"{1000 / frame:.0f} frames a second; {busy:.0f} ms of the main thread each"
                made.append(Row(BENCH, what, unit="ms", n=n, value=frame, target=FRAME, note=note))
    return made


def main() -> None:
    """Measure everything."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is not installed (apt-get install chromium).")
    about = machine()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        address = page_with(Path(folder), paths.data() / "explorer")
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        made = rows(page, address)
        about |= {"browser": browser.version}
        browser.close()
    save(BENCH, made, about)


if __name__ == "__main__":
    main()
