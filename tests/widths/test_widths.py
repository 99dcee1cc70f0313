"""Panels by width: their numbers against published records, and in a real browser from disk (marker ``site``)."""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import bare
import keyboard
import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image
from roots import ROOT
from websites import Watched

from isoaux import workflow
from isoaux.settings import Settings
from isoaux.studies.planes import report
from isoaux.widths import bundle, panels

NUMBERS = re.compile(r"^\s*([\d,.]+) ×")


def test_numbers_are_those_of_the_page_and_of_the_panel() -> None:
    """The medians over the seeds are those of the page's table; points and picture are those of the first seed."""
    found = panels.widths()
    assert [width.n for width in found] == [12, 18, 24, 32]
    for name, width in zip(panels.SHOWN, found, strict=True):
        result = workflow.result(name, Settings())
        table = {row[0]: row for row in report.summary(result).rows}
        for panel, row in zip(width.panels, (0, len(result.rows) // 2), strict=True):
            assert table[panel.activation][2] == panels.number(panel.median)
            last = result.of_row(row, "count")[-1]
            assert (panel.points, panel.seed) == (last, result.rows[row][1])
            assert panel.times[0] == last / np.median(result.of_row(row, "final_null_count"))
            picture = np.array(Image.open(BytesIO(panel.png)).convert("RGB")).astype(int)
            density = result.drawing["density"][row, -1][::-1]
            colours = (mpl.colormaps["magma"](density.astype(int))[..., :3] * 255).astype(int)
            assert np.abs(picture - colours).mean() < 2, "the picture is the panel, up to its palette"
    ratios = [width.panels[0].median for width in found]
    assert ratios == sorted(ratios) and all(0.5 < width.panels[1].median < 2 for width in found)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address, from disk, of a page with the panels and no more."""
    pytest.importorskip("sphinx")
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    import isoaux_widths

    sys.path.remove(str(ROOT / "book" / "_ext"))
    folder = tmp_path_factory.mktemp("widths")
    for width in panels.widths():
        for panel in width.panels:
            (folder / f"{panel.name}.png").write_bytes(panel.png)
    style = (bundle.HERE / "widths.css").read_text("utf-8")
    content = "".join(isoaux_widths.figure(width, ".") for width in panels.widths())
    return bare.page(folder, "widths", bundle.for_page(), style, content)


@pytest.fixture(scope="module")
def watched(browser: Any, address: str) -> Iterator[Watched]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        watched = Watched(context.new_page())
        watched.page.goto(address)
        yield watched
        assert not watched.errors and not watched.foreign


SHOWN = """(() => {
  const all = (where) => [...document.querySelectorAll(`.isoaux-widths ${where}`)];
  return { told: all("[role=status]")[0].innerText, value: all("input")[0].ariaValueText,
    figures: all("figure").filter((one) => !one.hidden).map((one) => one.dataset.width),
    alts: all("figure:not([hidden]) img").map((one) => one.alt), here: all(".here").map((one) => one.innerText) };
})()"""


@pytest.mark.site
def test_a_reader_with_a_keyboard_goes_from_width_to_width(watched: Watched) -> None:
    """At every width one pair of panels is left, and the number and its sentence are announced."""
    page = watched.page
    assert keyboard.walk(page, ".isoaux-widths") == ["Neurons of the layer"]
    page.get_by_role("slider").press("End")
    for width in reversed(panels.widths()):
        shown = page.evaluate(SHOWN)
        assert (shown["figures"], shown["value"], shown["here"]) == (
            [str(width.n)],
            f"{width.n} neurons",
            [str(width.n)],
        )
        first, second = width.panels
        assert NUMBERS.match(shown["told"])[1] == panels.number(first.median)
        assert shown["told"].split("\n")[-1].strip() == width.sentence
        for alt, panel in zip(shown["alts"], (first, second), strict=True):
            assert f"{panel.points:,} points" in alt and panel.activation in alt
        page.get_by_role("slider").press("ArrowLeft")
    page.get_by_role("slider").press("Home")
    page.wait_for_function(
        "[...document.querySelectorAll('.isoaux-widths img')].every((one) => one.naturalWidth === 200)"
    )


@pytest.mark.site
def test_without_scripts_all_widths_are_there_and_a_phone_has_room(browser: Any, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        told = page.locator(".isoaux-widths figcaption").all_inner_texts()
        assert [NUMBERS.match(words)[1] for words in told] == [
            panels.number(w.panels[0].median) for w in panels.widths()
        ]
        assert all(picture.is_visible() for picture in page.locator(".isoaux-widths img").all())
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        sides = page.evaluate(
            "[...document.querySelectorAll('figure:not([hidden]) img')].map(e => [e.offsetWidth, e.offsetHeight])"
        )
        assert len(sides) == 2 and all(wide == high > 150 for wide, high in sides)
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        assert not [rule["id"] for rule in axe.run(page, context=".isoaux-widths").response["violations"]]
