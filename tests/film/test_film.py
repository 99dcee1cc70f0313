"""The film over thresholds: its frames against NumPy, and in a real browser from disk (marker ``site``)."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bare
import javascript
import keyboard
import numpy as np
import pytest
from patience import MILLISECONDS
from roots import ROOT
from websites import Watched

from isoaux import ppp, statistics
from isoaux.explorer import files
from isoaux.film import bundle, source

FOLDER = ROOT / "book" / "data" / "explorer"
FORM = source.form(files.read_list(FOLDER)) or {}
STILL = "A still."


def frame(values: np.ndarray, epsilon: float) -> dict[str, Any]:
    """What NumPy finds of representations (N, n) at a threshold."""
    found = ppp.project(values, np.eye(values.shape[1]), epsilon)
    planes = np.bincount(found.sample, minlength=len(values))
    kept = np.sort(planes[planes > 0])
    fullest = ppp.project(values, np.eye(values.shape[1]), FORM["epsilon"]).counts.argmax()
    return {
        "epsilon": epsilon,
        "count": len(found.points),
        "c4": float(statistics.panel(found.points).c4),
        "images": len(kept),
        "planes": int(kept[len(kept) // 2]) if len(kept) else 0,
        "plane": found.planes[fullest].tolist(),
        "single": int(found.counts[fullest]),
    }


@pytest.fixture(scope="module")
def published() -> np.ndarray:
    """The representations that a page shows."""
    return files.read(FOLDER, [FORM["file"]], FORM["width"]).astype(float)


def test_frames_are_what_numpy_computes(
    installed: Callable[[str, str], str], tmp_path: Path, published: np.ndarray
) -> None:
    some = published[:400]
    frames = [frame(some, epsilon) for epsilon in (0.3, 0.5, 0.69, 0.7, 0.71, 0.72, 0.75, 0.9)]
    cases = {"values": some.T.astype(int).ravel().tolist(), "n": FORM["width"], "frames": frames}
    javascript.check(installed("node", "nodejs"), "film/frames.test.mjs", cases, tmp_path)


def test_a_list_without_the_network_has_no_film() -> None:
    assert FORM["all"] == 50_000 and source.form({"networks": []}) is None


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address, from disk, of a page with a film and no more."""
    folder = tmp_path_factory.mktemp("film")
    shutil.copy(FOLDER / f"{FORM['file']}.mjs", folder)
    style = (bundle.HERE / "film.css").read_text("utf-8")
    return bare.page(folder, "film", bundle.for_page(), style, f"<p>{STILL}</p>", json.dumps(FORM))


@pytest.fixture(scope="module")
def watched(browser: Any, address: str) -> Iterator[Watched]:
    """The page with a film that has begun; what it says on its console fails the last test that uses it."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        watched = Watched(context.new_page())
        watched.page.goto(address)
        watched.page.locator(".isoaux-film .start").press("Enter")
        watched.page.locator(".isoaux-film dl dd").first.wait_for(timeout=MILLISECONDS)
        yield watched
        assert not watched.errors and not watched.foreign


SHOWN = """(() => {
  const all = (where) => [...document.querySelectorAll(`.isoaux-film ${where}`)];
  return { numbers: all("dd").map((one) => one.innerText), words: all("[aria-live]")[0].innerText,
    labels: all("canvas").map((one) => one.ariaLabel), slider: all("input")[0].value,
    told: all("input")[0].ariaValueText };
})()"""


def number(text: str) -> float:
    return float(text.split("\n")[0].replace(",", "").replace("−", "-"))


@pytest.mark.site
def test_a_reader_with_a_keyboard_takes_a_diagonal_apart_and_nothing_moves(
    watched: Watched, published: np.ndarray
) -> None:
    """Every number beside the pictures is NumPy's, left and right of the mark, and what is announced says the same."""
    page = watched.page
    assert keyboard.walk(page, ".isoaux-film") == ["Threshold ε", "Play"]
    page.get_by_role("slider", name="Threshold").focus()
    assert page.evaluate(SHOWN)["slider"] == "0.75"
    signs = []
    for key, times in (("ArrowRight", 0), ("ArrowRight", 5), ("ArrowLeft", 5), ("ArrowLeft", 6), ("Home", 1)):
        for _ in range(times):
            page.keyboard.press(key)
        shown = page.evaluate(SHOWN)
        epsilon = float(shown["slider"])
        expected = frame(published, epsilon)
        moved, c4, alone, points = shown["numbers"]
        assert number(moved) == 0 and moved.endswith("of 10,000")
        assert number(c4) == pytest.approx(expected["c4"], abs=0.0051)
        assert number(points) == expected["count"]
        assert f"{expected['images']:,} images, each in {expected['planes']} plane" in points
        side = "below" if epsilon < np.sqrt(0.5) else "above"
        assert shown["told"] == f"{epsilon:.2f}, {side} 1/√2"
        assert shown["words"].startswith(f"Threshold {shown['told']}: {expected['images']:,} of 10,000 images")
        assert shown["words"].endswith("Representations moved: 0.") and number(alone) < -0.9
        assert f"{expected['single']:,} points" in shown["labels"][1]
        signs.append((side, np.sign(expected["c4"])))
    assert set(signs) == {("above", -1), ("below", 1)}, "a diagonal becomes two axes at the mark"


@pytest.mark.site
def test_it_plays_until_it_is_stopped(watched: Watched) -> None:
    page = watched.page
    slider = page.get_by_role("slider", name="Threshold")
    slider.fill("0.9")
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function("document.querySelector('.isoaux-film input').value <= 0.85")
    page.get_by_role("button", name="Pause").press("Enter")
    stopped = page.evaluate(SHOWN)
    assert stopped["words"].startswith(f"Threshold {float(stopped['slider']):.2f}, above")
    page.get_by_role("button", name="Play").wait_for()
    slider.press("Home")
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function("document.querySelector('.isoaux-film input').value > 0.3")
    page.get_by_role("button", name="Pause").press("Enter")


@pytest.mark.site
def test_on_a_phone_with_reduced_motion_it_fits_and_does_not_play(browser: Any, address: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(address)
        page.locator(".isoaux-film .start").click()
        page.locator(".isoaux-film dl dd").first.wait_for(timeout=MILLISECONDS)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert not page.get_by_role("button", name="Play").is_visible()
        places = page.evaluate(
            "[...document.querySelectorAll('.isoaux-film :is(.marks span, input)')].map(e => "
            "(b => [b.left, b.right])(e.getBoundingClientRect()))"
        )
        (left, right), (_, half), (paper, _) = places
        track = lambda epsilon: left + 8 + (right - left - 16) * (epsilon - 0.3) / 0.65  # noqa: E731
        assert half == pytest.approx(track(np.sqrt(0.5)), abs=2) and paper == pytest.approx(track(0.75), abs=2)
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        assert not [rule["id"] for rule in axe.run(page, context=".isoaux-film").response["violations"]]


@pytest.mark.site
def test_without_scripts_and_without_its_file_it_says_so(browser: Any, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        assert page.locator(".isoaux-film").inner_text().strip() == STILL
    with browser.new_context() as context:
        page = context.new_page()
        page.route(f"**/{FORM['file']}.mjs", lambda route: route.abort())
        page.goto(address)
        page.locator(".isoaux-film .start").click()
        told = page.get_by_role("alert").inner_text()
        assert re.fullmatch(r"The film could not be loaded: the file \w+\.mjs is missing\.", told)
        page.unroute_all()
        page.get_by_role("button", name="Try again").press("Enter")
        page.locator(".isoaux-film dl dd").first.wait_for(timeout=MILLISECONDS)
