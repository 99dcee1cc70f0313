"""Pages as axe-core sees them, in light and in dark, on a desk and on a phone (marker ``site``)."""

from pathlib import Path
from typing import Any

import pytest
from patience import MILLISECONDS
from websites import begin

pytestmark = pytest.mark.site

PAGES = ("book/index.html", "book/play.html", "book/notebooks/fig01.html")
GRAVE = ("serious", "critical")
SIZES = {"desk": {"width": 1280, "height": 3000}, "phone": {"width": 390, "height": 844}}
"""A desk so high that the whole side bar is in sight: what is scrolled out of sight has no contrast to be judged."""


@pytest.mark.parametrize(("mode", "size"), [("light", "desk"), ("dark", "desk"), ("dark", "phone")])
def test_axe_finds_nothing_grave(mode: str, size: str, site: Path, browser: Any, address: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for name in PAGES:
        with browser.new_context(viewport=SIZES[size], reduced_motion="reduce") as context:
            context.add_init_script(f"localStorage.setItem('mode', '{mode}'); localStorage.setItem('theme', '{mode}')")
            page = context.new_page()
            page.set_default_timeout(MILLISECONDS)
            page.goto(address + name)
            begin(page)
            page.evaluate("document.querySelectorAll('article details').forEach((closed) => (closed.open = true))")
            page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")  # fading in
            found = axe.run(page).response
            assert page.evaluate("document.documentElement.dataset.theme") == mode
            assert "color-contrast" in {rule["id"] for rule in found["passes"]}, "nothing was judged"
            grave = [rule for rule in found["violations"] if rule["impact"] in GRAVE]
            assert not [(rule["id"], node["html"][:200]) for rule in grave for node in rule["nodes"]], (
                name,
                mode,
                size,
            )
