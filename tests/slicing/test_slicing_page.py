"""The live slice in a real browser, over http and from disk, on a page of its own (marker ``site``)."""

import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import keyboard
import numpy as np
import pytest
from patience import MILLISECONDS
from roots import ROOT
from websites import Watched, served
from widgets import render

from isoaux.polytopes import Net, partition, segments
from isoaux.polytopes.partition import Plane
from isoaux.slicing import collection, files

pytestmark = pytest.mark.site

FOLDER = ROOT / "book" / "data" / "slicing"
SHOWN = ".isoaux-slice .frame[data-faces]"
STILL = "A still picture of a slice."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of one page, with a live slice."""
    application = pytest.importorskip("sphinx.application")
    docutils = pytest.importorskip("sphinx.util.docutils")
    root = tmp_path_factory.mktemp("slice")
    (root / "src").mkdir()
    (root / "src" / "index.md").write_text(f"# Book\n\nWords.\n\n```{{slice}} figX10\n{STILL}\n```\n")
    warnings = StringIO()
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    settings = {"extensions": ["myst_parser", "isoaux_slicing"], "html_theme": "basic"}
    with docutils.patch_docutils(), docutils.docutils_namespace():
        places = (str(root / "src"), None, str(root / "out"), str(root / "doctrees" / "here"))
        app = application.Sphinx(*places, "html", settings, status=None, warning=warnings, freshenv=True)
        app.build()
    sys.path.remove(str(ROOT / "book" / "_ext"))
    assert not warnings.getvalue()
    return root / "out"


@pytest.fixture(scope="module")
def http(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield f"{address}index.html"


@pytest.fixture
def opened(browser: Any, http: str) -> Iterator[Any]:
    """A page of its own; errors and requests to other hosts fail the test."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        watched = Watched(context.new_page())
        yield watched.page
        assert not [text for text in watched.errors if "ERR_FAILED" not in text], watched.errors
        assert not watched.foreign


def go(page: Any, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)
    page.evaluate("document.querySelector('.isoaux-slice .start')?.click()")


def control(page: Any, words: str) -> Any:
    return page.locator(f".isoaux-slice label:has(span:text-is('{words}')) select")


def faces(page: Any, number: int) -> None:
    page.wait_for_function(f"document.querySelector('{SHOWN}')?.dataset.faces === '{number}'", timeout=MILLISECONDS)


def published(space: int, epoch: int) -> list[int]:
    """The faces after each layer that the figure of slices has, of the network that a page begins with."""
    from isoaux import workflow
    from isoaux.settings import Settings

    result = workflow.result("figX10", Settings())
    row = next(row for row, (c, seed) in enumerate(result.rows) if (c.id, seed) == (collection.SHOWN, 100))
    return result.drawing["faces"][row, [0, 1, 10].index(epoch), space, space:].tolist()


class Deep:
    """The last space of the network that a page begins with, in Python, from the published files."""

    def __init__(self) -> None:
        from isoaux import workflow
        from isoaux.settings import Settings
        from isoaux.studies.polytopes import data

        drawing = workflow.result("figX10", Settings()).drawing
        listed = files.read_list(FOLDER)
        entry = next(each for each in listed["networks"] if each["network"] == collection.SHOWN)["epochs"][-1]
        content = files.read(FOLDER, entry["part"]).content
        before = np.frombuffer(content, "<f8", len(listed["images"]) * 64).reshape(-1, 64)
        stored = data.stored(drawing, collection.SHOWN, entry["epoch"])
        self.net = Net([(np.eye(64), np.zeros(64)), *stored.affine[1:]])
        self.spaces = self.net.activations(before)
        self.places = {image["index"]: at for at, image in enumerate(listed["images"])}

    def plane(self, images: list[int]) -> Plane:
        return partition.through(*self.spaces[2][[self.places[at] for at in images]])


# --- what is cut


@pytest.mark.parametrize("way", ["http", "file"])
def test_a_page_cuts_what_is_published(opened: Any, folder: Path, http: str, way: str) -> None:
    """As many faces after every layer as Python counted on the images themselves; from disk too."""
    page = opened
    go(page, http if way == "http" else (folder / "index.html").as_uri())
    last = published(0, 10)
    faces(page, last[-1])
    words = page.locator(".isoaux-slice [aria-live]").first.inner_text()
    assert words.startswith(f"{last[-1]:,} faces") and words.endswith("V − E + F = 1.")
    assert all(f"{number:,} after layer {k}" in words for k, number in enumerate(last, 1))
    control(page, "Plane in space").select_option("2")
    faces(page, published(2, 10)[-1])
    control(page, "After epoch").select_option("0")
    faces(page, published(2, 0)[-1])
    assert page.url.endswith("#epoch=0&space=2")


# --- what a reader does


def test_keys_zoom_set_a_segment_and_the_address_opens_the_view_again(opened: Any, http: str) -> None:
    """In view are the faces of a slice of that square; the segment crosses what it crosses in Python."""
    page, deep = opened, Deep()
    go(page, f"{http}#space=2")
    whole = deep.plane([0, 1, 2])
    frame = page.get_by_role("application")
    faces(page, published(2, 10)[-1])
    control(page, "Segment").select_option("hand")
    for key in ("Enter", "ArrowRight", "ArrowUp", "ArrowUp", "Enter", "+", "+", "ArrowLeft"):
        frame.press(key)
    page.wait_for_function("location.hash.includes('view=0.1')")
    x, y, zoom = (
        float(text) for text in page.evaluate("new URLSearchParams(location.hash.slice(1)).get('view')").split(",")
    )
    assert zoom == 2.25 and (x, y) == pytest.approx((0.25 - 0.25 / 2.25, 0.5), rel=1e-4)
    origin = whole.points([[x * whole.window, y * whole.window]])[0]
    view = partition.slice(deep.net, origin, whole.first, whole.second, whole.window / zoom, 2)
    faces(page, view.faces)
    p, q = whole.points(whole.window * np.array([[0, 0], [0.25, 0.5]]))
    crossed = segments.breakpoints(deep.net, p, q, 2)
    words = page.locator(".isoaux-slice [aria-live]").nth(1).inner_text()
    assert words.startswith(f"The segment crosses {len(crossed.t)} boundar")
    page.reload()
    faces(page, view.faces)
    assert control(page, "Segment").input_value() == "hand"
    page.locator(SHOWN).focus()
    frame.press("0")
    faces(page, published(2, 10)[-1])


def test_a_reader_with_a_keyboard_reaches_everything_and_cuts_elsewhere(opened: Any, http: str) -> None:
    """The Tab key goes through all controls and the picture; a choice made with arrow keys cuts what was published."""
    page = opened
    go(page, f"{http}#space=2")
    faces(page, published(2, 10)[-1])
    names = keyboard.walk(page, ".isoaux-slice")
    assert len(names) == len(set(names)) > 5, names
    control(page, "After epoch").focus()
    page.keyboard.press("Home")
    faces(page, published(2, 0)[-1])
    assert page.locator(".isoaux-slice [aria-live]").first.inner_text().startswith(f"{published(2, 0)[-1]:,} faces")
    assert page.evaluate("document.activeElement.localName") == "select", "the keyboard keeps its place"


def test_images_are_chosen_with_keys_and_change_places(opened: Any, http: str) -> None:
    page, deep = opened, Deep()
    go(page, f"{http}#space=2")
    faces(page, published(2, 10)[-1])
    offers = page.get_by_role("group", name="Test images")
    first, second = list(deep.places)[:2]
    offers.get_by_role("button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function(f"location.hash.includes('images={second}%2C1%2C2')")
    plane = deep.plane([second, 1, 2])
    made = partition.slice(deep.net, plane.origin, plane.first, plane.second, plane.window, 2)
    faces(page, made.faces)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press(" ")  # in the place of B
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # A becomes C, and C becomes A
    page.wait_for_function(f"location.hash.includes('images=2%2C{first}%2C{second}')")
    names = (
        page.get_by_role("group", name="The three images")
        .get_by_role("button")
        .evaluate_all("all => all.map(one => one.ariaLabel.split(',')[0])")
    )
    assert names == ["A: test image 2", f"B: test image {first}", f"C: test image {second}"]
    assert offers.get_by_role("button").evaluate_all("all => all.filter(one => one.tabIndex === 0).length") == 1


def test_a_mouse_zooms_where_it_points_drags_and_sets_a_segment(opened: Any, http: str) -> None:
    page = opened
    go(page, f"{http}#space=2")
    faces(page, published(2, 10)[-1])
    control(page, "Segment").select_option("hand")
    page.locator(SHOWN).scroll_into_view_if_needed()
    box = page.locator(SHOWN).bounding_box()
    at = lambda u, v: (box["x"] + box["width"] * (u + 1) / 2, box["y"] + box["height"] * (1 - v) / 2)  # noqa: E731
    page.mouse.click(*at(-0.5, 0))
    page.wait_for_timeout(400)  # two clicks that follow at once are a double click
    page.mouse.click(*at(0.5, 0.5))
    page.wait_for_function("location.hash.includes('segment=')")
    ends = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('segment')").split(",")
    np.testing.assert_allclose([float(end) for end in ends], [-0.5, 0, 0.5, 0.5], atol=0.01)
    page.mouse.move(*at(0, 0))
    page.mouse.down()
    page.mouse.move(*at(0.2, -0.1), steps=4)
    page.mouse.up()
    page.wait_for_function("location.hash.includes('view=')")
    x, y, zoom = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('view')").split(",")
    np.testing.assert_allclose([float(x), float(y), float(zoom)], [-0.2, 0.1, 1], atol=0.02)


def test_two_fingers_zoom_and_one_scrolls_the_page(browser: Any, http: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        page.goto(f"{http}#space=2")
        faces(page, published(2, 10)[-1])
        page.locator(SHOWN).scroll_into_view_if_needed()
        box, driver = page.locator(SHOWN).bounding_box(), context.new_cdp_session(page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

        def touch(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": a, "y": b, "id": k} for k, (a, b) in enumerate(places)]
            driver.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", (x - 30, y))
        touch("touchStart", (x - 30, y), (x + 30, y))
        for k in range(1, 7):
            touch("touchMove", (x - 30 - 5 * k, y), (x + 30 + 5 * k, y))
        touch("touchEnd")
        page.wait_for_function("location.hash.includes('view=')")
        view = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('view')").split(",")
        np.testing.assert_allclose([float(part) for part in view], [0, 0, 2], atol=0.02)
        before = page.evaluate("scrollY")
        touch("touchStart", (x, y))
        for k in range(1, 8):
            touch("touchMove", (x, y - 20 * k))
        touch("touchEnd")
        page.wait_for_function(f"scrollY > {before}")
        assert page.evaluate("new URLSearchParams(location.hash.slice(1)).get('view')").split(",") == view


def test_no_script_shows_a_still_and_a_phone_has_room(browser: Any, http: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(http)
        assert STILL in page.inner_text(".isoaux-slice")
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{http}#space=2")
        faces(page, published(2, 10)[-1])
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for control in page.locator(".isoaux-slice :is(select, button, [role=application], canvas[role=img])").all():
            named = control.evaluate("e => e.ariaLabel || (e.labels?.length ? e.labels[0].textContent : e.textContent)")
            assert named.strip(), control
        assert page.locator(".isoaux-slice .offers button").first.bounding_box()["width"] > 24
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        found = axe.run(page, context=".isoaux-slice").response
        assert not [rule["id"] for rule in found["violations"]] and "color-contrast" in {
            r["id"] for r in found["passes"]
        }


# --- what goes wrong


@pytest.mark.parametrize("damage", ["missing", "cut off"])
def test_a_file_that_is_missing_or_damaged_is_said_and_tried_again(opened: Any, http: str, damage: str) -> None:
    page = opened
    listed = files.read_list(FOLDER)
    part = next(each for each in listed["networks"] if each["network"] == collection.SHOWN)["epochs"][-1]["part"]
    short = files.read(FOLDER, part).script[:-200] + '";\n'
    spoil = {
        "missing": lambda route: route.abort(),
        "cut off": lambda route: route.fulfill(body=short, content_type="text/javascript"),
    }
    page.route(f"**/{part}.mjs", spoil[damage])
    go(page, f"{http}#space=2")
    page.wait_for_function(
        "document.querySelector('.isoaux-slice .message')?.textContent.includes('could not be loaded')"
    )
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    faces(page, published(2, 10)[-1])


SEND = """({question, name}) => listeners["msg:custom"][0]({answer: question, text: given[name]})"""


def test_traits_and_the_picture_follow_each_other(opened: Any, http: str) -> None:
    """The module that anywidget loads, with a model like anywidget's."""
    pytest.importorskip("anywidget")
    from isoaux.slicing.widget import Slice

    widget, page = Slice(space=2), opened
    texts = {name: files.read(FOLDER, name).text for name in files.named(widget._list)}
    page.goto(http)
    render(page, widget, SEND, texts)
    faces(page, published(2, 10)[-1])
    assert page.evaluate("model.get('faces')") == published(2, 10)[-1] and page.evaluate("model.get('crossed')") > 0
    page.evaluate("model.set('epoch', 0)")
    faces(page, published(2, 0)[-1])
    control(page, "After epoch").select_option("1")
    widget.epoch = page.evaluate("model.get('epoch')")
    assert widget.epoch == 1
