"""Pages as axe-core sees them, in light and in dark, and as wide as a phone (marker ``site``)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import MILLISECONDS
from websites import begin, pages

pytestmark = pytest.mark.site

ALIVE = ("book/index.html", "book/play.html", "book/notebooks/fig01.html")
"""Pages on which every explorer is started."""

GRAVE = ("serious", "critical")
DESK = {"width": 1280, "height": 3000}
"""So high that the whole side bar is in sight: what is scrolled out of sight has no contrast to be judged."""

PHONE = {"width": 390, "height": 844}
FIRST = "book/index.html"
NAVIGATION = {"exclude": [[".bd-sidebar-primary"]]}
"""The contents of the book are the same on all pages; they are judged on the first."""

ALL = {"resultTypes": ["violations"]}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
"""What depends on the mode."""

MODE = "mode => Object.assign(document.documentElement.dataset, {mode, theme: mode})"
ONCE = """() => {
    const seen = new Set();
    const parts = 'article :is(tbody > tr, li, .gallery-item, .cell_output > p, section > p)';
    for (const part of document.querySelectorAll(parts)) {
        let kind = part.outerHTML.replace(/>[^<]+</g, '><');
        kind = kind.replace(/ (id|href|title|alt|src|style|aria-label)="[^"]*"/g, '');
        for (let around = part.parentElement; around.tagName !== 'ARTICLE'; around = around.parentElement) {
            kind += ` ${around.tagName} ${around.className}`;
        }
        if (seen.has(kind)) part.remove();
        seen.add(kind);
    }
}"""
"""Of rows, items and paragraphs that differ in nothing but their words, the first stays: axe-core judges each kind."""

STILL = "document.getAnimations().every((one) => one.playState !== 'running')"
WIDE = """() => document.documentElement.scrollWidth > innerWidth && [...document.querySelectorAll('main *')]
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1).map((part) => part.outerHTML.slice(0, 150))
    .slice(0, 3)"""


@pytest.fixture(scope="module")
def desk(browser: Any) -> Iterator[Any]:
    """A browser without motion and pictures: neither contrast nor width depends on what a picture shows."""
    with browser.new_context(viewport=DESK, reduced_motion="reduce") as context:
        context.route("**/*.png*", lambda route: route.abort())
        yield context


def grave(axe: Any, page: Any, **judged: Any) -> list[tuple[str, str, str]]:
    """What axe-core finds serious or critical: rule, element, and why."""
    found = axe.run(page, **judged).response
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}, "nothing was judged"
    return [
        (rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def test_axe_finds_nothing_grave_on_any_page_and_none_is_wider_than_a_phone(
    site: Path, desk: Any, address: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    faults = {}
    page = desk.new_page()
    page.set_default_timeout(MILLISECONDS)
    for name in pages(site):
        page.set_viewport_size(PHONE)
        page.goto(address + name)
        page.evaluate("document.querySelectorAll('article details').forEach((closed) => (closed.open = true))")
        if name in ALIVE:
            begin(page)
        if too_wide := page.evaluate(WIDE):
            faults[name, "width"] = too_wide
        if name in ALIVE and (found := grave(axe, page, context=NAVIGATION, options=COLOURS)):
            faults[name, "phone"] = found
        page.set_viewport_size(DESK)
        page.evaluate(ONCE)
        context = None if name == FIRST else NAVIGATION
        for mode, options in (("light", ALL), ("dark", COLOURS)):
            page.evaluate(MODE, mode)
            page.wait_for_function(STILL)
            if found := grave(axe, page, context=context, options=options):
                faults[name, mode] = found
    assert not faults, "\n".join(f"{where}: {found}" for where, found in faults.items())
