"""The toy model in a page that is opened from disk, in a real browser (marker ``site``)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import keyboard
import pytest
from patience import MILLISECONDS
from websites import Watched

from isoaux.toy import bundle

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address, from disk, of a page with a toy model and no more."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "toy.mjs").write_text(bundle.for_page(), "utf-8")
    style = (bundle.HERE / "toy.css").read_text("utf-8")
    (folder / "page.html").write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Toy</title><style>{style}</style>'
        '<meta name="viewport" content="width=device-width"></head><body style="font-family: sans-serif">'
        '<div class="isoaux-toy"><p>A still.</p></div><script src="toy.mjs"></script></body></html>',
        "utf-8",
    )
    return (folder / "page.html").as_uri()


@pytest.fixture
def opened(address: str, browser: Any) -> Iterator[Callable[..., Watched]]:
    """Opens the page with what its address says, in a window of some width."""
    contexts = []

    def at(hash_: str = "", width: int = 1280, **options: Any) -> Watched:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **options))
        watched = Watched(contexts[-1].new_page())
        watched.page.goto(address + hash_)
        if not hash_:  # it waits for its reader, who may ask for it
            watched.page.locator(".isoaux-toy .start").click()
        return watched

    yield at
    for context in contexts:
        context.close()


def trained(page: Any) -> str:
    """What the page says once a training is over."""
    page.locator(".isoaux-toy .train", has_text="Train again").wait_for(timeout=MILLISECONDS)
    return str(page.locator(".isoaux-toy .message").inner_text())


def test_it_trains_from_disk_and_says_what_came_out(opened: Callable[..., Watched]) -> None:
    watched = opened()
    page = watched.page
    said = trained(page)
    assert re.match(r"Features lie (more|less|on) .* of the hidden space: fourth powers 0\.\d{3}, .* p = ", said)
    numbers = page.locator(".isoaux-toy dd").all_inner_texts()
    assert re.match(r"[1-5] of 5\n", numbers[0]) and numbers[3].startswith("4,000\n")
    assert re.search(r"\d+ % of the best without ReLU, 0\.0\d+", numbers[1])
    label = page.locator(".isoaux-toy canvas").first.get_attribute("aria-label")
    assert label.startswith("Directions of 5 features in the plane of neurons 1 and 2 after 4,000 steps")
    words = page.locator(".isoaux-toy label").all_inner_texts()
    assert any("the chance of a feature to be off" in each for each in words)
    assert watched.errors == [] and watched.foreign == []


def test_a_reader_with_a_keyboard_reaches_everything_and_trains(opened: Callable[..., Watched]) -> None:
    """The Tab key goes through all settings to the button, which trains another model; what came out is announced."""
    watched = opened("#n=3&m=3&seed=2")
    page = watched.page
    trained(page)
    names = keyboard.walk(page, ".isoaux-toy")
    assert names[-1] == "Train again" and len(names) == len(set(names)) > 8, names
    seed = page.locator(".isoaux-toy [name=seed]")
    seed.focus()
    before = page.locator(".isoaux-toy .message").inner_text()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert seed.input_value() == "3"
    page.wait_for_function("words => document.querySelector('.isoaux-toy .message').innerText !== words", arg=before)
    assert trained(page) != before and page.locator(".isoaux-toy [aria-live=polite]").inner_text() == trained(page)
    page.locator(".isoaux-toy .train").press(" ")
    page.locator(".isoaux-toy .train", has_text="Stop").or_(page.locator(".train", has_text="Train again")).wait_for()
    assert page.evaluate("document.activeElement.className") == "train" and watched.errors == []


def test_settings_are_made_by_keyboard_and_bad_ones_are_said(opened: Callable[..., Watched]) -> None:
    watched = opened("#n=3&m=3&seed=2")
    page = watched.page
    assert page.locator(".isoaux-toy [name=n]").input_value() == "3"
    page.locator(".isoaux-toy [name=sparsity]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".isoaux-toy .value").inner_text() == "0.91"
    trained(page)
    page.locator(".isoaux-toy [name=m]").fill("0")
    page.keyboard.press("Enter")
    assert page.locator(".isoaux-toy .message").inner_text() == "Hidden neurons is 0; accepted: 1 to 10."
    assert page.locator(".isoaux-toy [name=m]").input_value() == "3"
    page.locator(".isoaux-toy [name=times]").select_option("100")
    assert "the loss grew beyond all bounds" in trained(page) and watched.errors == []


def test_on_a_phone_and_with_reduced_motion_it_fits_and_ends(opened: Callable[..., Watched]) -> None:
    watched = opened("#n=4&m=3&optimiser=adam", width=390, reduced_motion="reduce", has_touch=True)
    page = watched.page
    trained(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".isoaux-toy [name=plane] option").all_inner_texts() == ["1 and 2", "1 and 3", "2 and 3"]
    page.locator(".isoaux-toy [name=plane]").select_option("1,2")
    label = page.locator(".isoaux-toy canvas").first.get_attribute("aria-label")
    assert label.startswith("Directions of 4 features in the plane of neurons 2 and 3")
    assert watched.errors == []
