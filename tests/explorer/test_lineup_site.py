"""The line-up on Figure 1's page, in a real browser (marker ``site``)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patience import MILLISECONDS
from roots import ROOT
from websites import Watched

from isoaux import ppp
from isoaux.explorer import files

pytestmark = pytest.mark.site

FOLDER = ROOT / "book" / "data" / "explorer"
PANELS = 20


@pytest.fixture
def opened(site: Path, browser: Any) -> Iterator[Callable[..., Watched]]:
    """Opens Figure 1's page at its line-up."""
    with browser.new_context() as context:
        context.set_default_timeout(MILLISECONDS)

        def at(**options: Any) -> Watched:
            watched = Watched(context.new_page())
            watched.page.set_viewport_size(options or {"width": 1280, "height": 900})
            watched.page.goto((site / "book" / "notebooks" / "fig01.html").as_uri())
            watched.page.locator(".isoaux-lineup").scroll_into_view_if_needed()
            watched.page.locator(".isoaux-lineup .pictures button:enabled").first.wait_for()
            return watched

        yield at


def counts(page: Any) -> list[tuple[str, int]]:
    """What every picture turns out to be, and its number of points, once one is picked."""
    names = page.locator(".isoaux-lineup .pictures button").evaluate_all("all => all.map(one => one.ariaLabel)")
    found = [re.fullmatch(r"Picture \d+ of 20: (.*), ([\d,]+) points", name) for name in names]
    return [(match[1], int(match[2].replace(",", ""))) for match in found if match]


def test_the_right_picture_is_the_neuron_basis(opened: Callable[..., Watched]) -> None:
    watched = opened()
    page = watched.page
    pictures = page.locator(".isoaux-lineup .pictures button")
    before = pictures.evaluate_all("all => all.map(one => one.outerHTML.replaceAll(/\\d+/g, '0'))")
    assert len(before) == PANELS and len(set(before)) == 1, "nothing but the picture tells them apart"
    pictures.first.press("Enter")
    found = counts(page)
    assert [name for name, _ in found].count("neuron basis") == 1 and len(found) == PANELS
    place = [name for name, _ in found].index("neuron basis")
    said = page.locator(".isoaux-lineup [role=status]").inner_text()
    assert said.startswith("Right" if place == 0 else f"It was picture {place + 1} ")
    entry = next(one for one in files.read_list(FOLDER)["networks"] if one["network"] == "cifar-U-tanh-n18-L0")
    part = files.read(FOLDER, entry["epochs"][-1]["parts"][:1], 18)
    assert found[place][1] == len(ppp.project(part, np.eye(18), 0.75).points)
    assert not watched.errors and not watched.foreign


def test_a_number_repeats_a_line_up_and_only_a_first_pick_is_a_test(opened: Callable[..., Watched]) -> None:
    page = opened().page
    number = page.get_by_label("Line-up number")

    def again(wanted: int) -> list[tuple[str, int]]:
        number.fill(str(wanted))
        number.press("Enter")
        number.blur()
        page.locator(".isoaux-lineup .pictures button:enabled").first.wait_for()
        page.locator(".isoaux-lineup .pictures button").nth(3).click()
        return counts(page)

    said = page.locator(".isoaux-lineup [role=status]")
    first = again(11)
    assert "practice" not in said.inner_text()
    other = again(12)
    assert again(11) == first != other and "practice and no test" in said.inner_text()
    page.get_by_role("group", name="Twenty pictures").get_by_role("button").first.wait_for()
    page.locator(".isoaux-lineup select").select_option(index=1)
    page.locator(".isoaux-lineup .pictures button:enabled").first.wait_for()
    page.locator(".isoaux-lineup .pictures button").first.click()
    assert len(counts(page)) == PANELS
    assert "practice" not in said.inner_text(), "another network is another test"


def test_it_fits_a_phone(opened: Callable[..., Watched]) -> None:
    page = opened(width=390, height=844).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".isoaux-lineup .pictures button").first.bounding_box()["width"] > 40
