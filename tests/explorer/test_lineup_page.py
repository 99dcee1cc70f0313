"""The line-up: its score against SciPy, and in a real browser on a page of its own, from disk (marker ``site``)."""

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
from scipy.stats import binomtest
from websites import Watched

from isoaux import ppp
from isoaux.explorer import bundle, files

FOLDER = ROOT / "book" / "data" / "explorer"
PANELS = 20
SHOWN = ["cifar-N-tanh-n32-L0", "cifar-N-isotanh-n32-L0", "cifar-U-tanh-n18-L0"]
READY = ".isoaux-lineup .pictures button[aria-disabled=false]"
SCORE = r"(?:Your eye so far: (\d) of (\d) right; by guessing, at least that many with p = ([\d.]+)\.)? ?(.*)"


def test_the_score_is_what_scipy_computes(installed: Callable[[str, str], str], tmp_path: Path) -> None:
    tails = [
        {"right": right, "tests": tests, "p": binomtest(right, tests, 1 / PANELS, alternative="greater").pvalue}
        for tests in (1, 2, 7, 12, 60)
        for right in range(tests + 1)
    ]
    cases = {"pictures": PANELS, "tails": tails}
    javascript.check(installed("node", "nodejs"), "explorer/lineup.test.mjs", cases, tmp_path)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address, from disk, of a page with a line-up of three published networks and no more."""
    folder = tmp_path_factory.mktemp("lineup")
    networks = [entry for entry in files.read_list(FOLDER)["networks"] if entry["network"] in SHOWN]
    networks = [entry for entry in networks if entry["layer"] == 0 and not entry.get("replicate")]
    for entry in networks:
        for part in entry["epochs"][-1]["parts"]:
            shutil.copy(FOLDER / f"{part}.mjs", folder)
    content = files.read_list(FOLDER) | {"networks": networks}
    form = json.dumps({"networks": [f"{name} k0" for name in SHOWN]})
    style = (bundle.HERE / "explorer.css").read_text("utf-8")
    return bare.page(folder, "lineup", bundle.for_page(json.dumps(content)), style, "<p>Words.</p>", form)


@pytest.fixture
def opened(address: str, browser: Any) -> Iterator[Callable[..., Watched]]:
    """Opens the page with what its address says; all pages of a test share what their browser keeps."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])

        def at(hash_: str = "", width: int = 1280) -> Watched:
            watched = Watched(context.new_page())
            watched.page.set_viewport_size({"width": width, "height": 900})
            watched.page.goto(address + hash_)
            if not hash_:  # it waits for its reader, who may ask for it
                watched.page.locator(".isoaux-lineup .start").click()
            watched.page.locator(READY).first.wait_for(timeout=MILLISECONDS)
            return watched

        yield at


def counts(page: Any) -> list[tuple[str, int]]:
    """What every picture turns out to be, and its number of points, once one is picked."""
    names = page.locator(".isoaux-lineup .pictures button").evaluate_all("all => all.map(one => one.ariaLabel)")
    found = [re.fullmatch(r"Picture \d+ of 20: (.*), ([\d,]+) points", name) for name in names]
    return [(match[1], int(match[2].replace(",", ""))) for match in found if match]


def place(page: Any) -> int:
    """Where the neuron basis stands, once one is picked."""
    return [name for name, _ in counts(page)].index("neuron basis")


def again(page: Any, number: int) -> None:
    """Opens the line-up of a number."""
    field = page.get_by_label("Line-up number")
    field.fill(str(number))
    field.press("Enter")
    page.locator(READY).first.wait_for()


def score(page: Any) -> tuple[str, ...]:
    """The reader's score in words: right, tests, p, and what is said of the control."""
    return re.fullmatch(SCORE, page.locator(".isoaux-lineup .score").inner_text()).groups()


@pytest.mark.site
def test_the_right_picture_is_the_neuron_basis_of_the_widest_network(opened: Callable[..., Watched]) -> None:
    watched = opened()
    page = watched.page
    pictures = page.locator(".isoaux-lineup .pictures button")
    before = pictures.evaluate_all("all => all.map(one => one.outerHTML.replaceAll(/\\d+/g, '0'))")
    assert len(before) == PANELS and len(set(before)) == 1, "nothing but the picture tells them apart"
    assert page.locator(".isoaux-lineup select").input_value() == f"{SHOWN[0]} k0"
    pictures.first.press("Enter")
    found = counts(page)
    at = place(page)
    assert [name for name, _ in found].count("neuron basis") == 1 and len(found) == PANELS
    told = page.locator(".isoaux-lineup [role=status]").inner_text()
    assert told.startswith("Right" if at == 0 else f"It was picture {at + 1} ")
    entry = next(one for one in files.read_list(FOLDER)["networks"] if one["network"] == SHOWN[0])
    part = files.read(FOLDER, entry["epochs"][-1]["parts"][:1], 32)
    assert found[at][1] == len(ppp.project(part, np.eye(32), 0.75).points)
    assert not watched.errors and not watched.foreign


@pytest.mark.site
def test_a_reader_with_a_keyboard_plays_and_the_score_is_exact(opened: Callable[..., Watched]) -> None:
    """Every key that a reader needs, the exact p of picks right and wrong, and practice that changes nothing."""
    page = opened("#lineup=11").page
    pictured = [f"Picture {k} of {PANELS}" for k in range(1, PANELS + 1)]
    behind = ["Next network", "Another line-up of it", "Copy link to this line-up"]
    assert keyboard.walk(page, ".isoaux-lineup") == ["Network", "Line-up number", *pictured, *behind]
    pictures = page.locator(".isoaux-lineup .pictures button")
    key = page.keyboard
    focused = "[...document.querySelectorAll('.isoaux-lineup .pictures button')].indexOf(document.activeElement)"
    pictures.first.focus()
    for pressed, at in (("ArrowRight", 1), ("ArrowDown", 6), ("ArrowLeft", 5), ("ArrowUp", 0), ("ArrowUp", 0)):
        key.press(pressed)
        assert page.evaluate(focused) == at
    key.press("Enter")
    right, first = place(page), counts(page)
    p = binomtest(int(right == 0), 1, 1 / PANELS, alternative="greater").pvalue
    assert score(page) == (str(int(right == 0)), "1", f"{p:.2g}", "") and page.evaluate(focused) == 0
    again(page, 12)
    pictures.nth(3).press("Enter")
    assert counts(page) != first
    again(page, 11)
    pictures.nth(right).press(" ")
    told = page.locator(".isoaux-lineup [role=status]")
    assert "practice" in told.inner_text() and score(page)[:2] == (str(int(right == 0)), "1"), "only the first counts"
    assert counts(page) == first, "a number is a line-up"
    page.get_by_role("button", name="Next network").press("Enter")
    page.locator(READY).first.wait_for()
    assert page.evaluate(focused) == 0 and page.locator(".isoaux-lineup select").input_value() == f"{SHOWN[1]} k0"
    again(page, 11)
    pictures.nth(right).press("Enter")
    assert place(page) == right and score(page)[3].startswith("Isotropic networks, the control: 1 of 1 right")
    assert "only luck is right here" in told.inner_text() and score(page)[1] == "1", "a control is counted by itself"
    page.locator(".isoaux-lineup select").press("ArrowDown")
    page.locator(READY).first.wait_for()
    again(page, 11)
    pictures.nth(right).press("Enter")
    hits = 1 + (right == 0)
    p = binomtest(hits, 2, 1 / PANELS, alternative="greater").pvalue
    assert score(page)[:3] == (str(hits), "2", f"{p:.2g}")
    assert not page.get_by_role("button", name="Next network").is_visible(), "there is none left"
    options = page.locator(".isoaux-lineup option").all_inner_texts()
    assert [text.partition(": ")[0] for text in options] == ["right" if right == 0 else "wrong", "right", "right"]


@pytest.mark.site
def test_a_link_opens_the_line_up_and_picks_are_kept_until_they_are_forgotten(opened: Callable[..., Watched]) -> None:
    page = opened(f"#lineup=12&lineup-network={SHOWN[1]}+k0").page
    assert page.get_by_label("Line-up number").input_value() == "12"
    page.get_by_role("button", name="Copy link").press("Enter")
    page.locator(".isoaux-lineup [role=status]", has_text="Copied the link").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{page.url.partition('#')[0]}#lineup=12&lineup-network={SHOWN[1]}+k0"
    page.locator(".isoaux-lineup .pictures button").nth(2).press("Enter")
    first = counts(page)
    other = opened(link.partition(".html")[2]).page
    other.locator(".isoaux-lineup .pictures button").nth(4).press("Enter")
    assert counts(other) == first and "practice" in other.locator(".isoaux-lineup [role=status]").inner_text()
    assert score(other)[3].startswith("Isotropic networks, the control: ")
    other.get_by_role("button", name="Forget my picks").press("Enter")
    other.locator(READY).first.wait_for()
    assert score(other) == (None, None, None, "")
    other.evaluate("location.hash = '#lineup=13'")
    other.wait_for_function("document.querySelector('.isoaux-lineup input').value === '13'")


@pytest.mark.site
def test_it_fits_a_phone(opened: Callable[..., Watched]) -> None:
    page = opened(width=390).page
    found = page.evaluate(
        "[document.documentElement.scrollWidth, document.querySelector('.isoaux-lineup .pictures button').offsetWidth]"
    )
    assert found[0] <= 390 and found[1] > 40
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert not [rule["id"] for rule in axe.run(page, context=".isoaux-lineup").response["violations"]]
