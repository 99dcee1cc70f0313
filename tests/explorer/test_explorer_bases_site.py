"""Bases of more vectors than neurons, and the spotlight of all planes, in a real browser (marker ``site``)."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from explored import SHOWN, write_page
from patience import MILLISECONDS
from websites import Watched

from isoaux import bases, ppp, srm
from isoaux.explorer import files

pytestmark = pytest.mark.site

WITH, WITHOUT = "mnist-S-gentanh-n5-L0-m16", "mnist-S-tanh-n4-L0"
EPSILON = 0.8
CURVE = ".isoaux-explorer canvas.curve[data-drawn]"
SETTINGS = {"network": f"{WITH} k0", "beside": "", "epsilon": EPSILON, "epoch": 100}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, np.ndarray], np.ndarray]:
    """A page of two networks, their representations, and the vectors of the first."""
    folder, rng = tmp_path_factory.mktemp("page"), np.random.default_rng(2)
    basis, values, networks = bases.thomson(16, 5, 3), {}, []
    for name, n, more in ((WITH, 5, {"vectors": files.write_vectors(folder, basis)}), (WITHOUT, 4, {})):
        beams = (basis if n == 5 else np.eye(n))[rng.integers(0, n, 400)] * rng.gamma(4, 0.5, (400, 1))
        values[name], scale = files.rounded(beams + 0.2 * rng.normal(size=(400, n)))
        epoch = {"epoch": 100, "samples": 400, "scale": scale, "parts": files.write(folder, values[name])}
        facts = {"network": name, "layer": 0, "seed": 0, "width": n, "images": "test", "epsilon": EPSILON}
        networks.append(facts | {"epochs": [epoch]} | more)
    rows = files.read_vectors(folder, networks[0]["vectors"], 5)
    return write_page(folder, networks, SETTINGS), values, rows


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of its own; errors and requests to other hosts fail the test."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        watched = Watched(context.new_page())
        yield watched.page
        assert not watched.errors and not watched.foreign


def count_of(page: Any, points: int) -> None:
    """Wait until the first picture has so many points, or as good as."""
    drawn = f"document.querySelector('{SHOWN}')?.dataset.count"
    page.wait_for_function(f"(points) => Math.abs({drawn} - points) <= 2", arg=points)


def words_of(page: Any) -> dict[str, float]:
    """The numbers that a screen reader hears of the first spotlight, once it is drawn."""
    page.wait_for_selector(CURVE, timeout=MILLISECONDS)
    said = page.locator(CURVE).first.get_attribute("aria-label").replace("−", "-")
    numbers = r"Spotlight through ([\d,]+) planes?.*Resonance (\S+) %.*, phase (\S+), reach (\S+) %\.$"
    found = [float(number.replace(",", "")) for number in re.match(numbers, said).groups()]
    return dict(zip(("planes", "resonance", "phase", "reach"), found, strict=True))


def test_the_vectors_of_a_network_are_a_basis_and_its_spotlight_is_heard(page: Any, made: Any) -> None:
    address, values, rows = made
    page.goto(address)
    page.get_by_label("Basis").select_option("thomson")
    cloud = values[WITH].astype(float)
    count_of(page, len(ppp.project(cloud, rows, EPSILON).points))
    page.wait_for_url("**basis=thomson**")
    heard, numbers = words_of(page), srm.numbers(srm.curve(cloud, rows, EPSILON))
    assert heard["planes"] == len(bases.pairs(rows)[0]) == 16 * 15 // 2
    assert heard["resonance"] == pytest.approx(100 * numbers.resonance, rel=5e-3)
    assert heard["phase"] == pytest.approx(numbers.phase, abs=6e-3)
    assert heard["reach"] == pytest.approx(100 * numbers.reach, rel=5e-3)
    shown = page.locator(".isoaux-explorer .spotlight small").inner_text()
    assert shown.startswith("Resonance ") and page.locator(CURVE).get_attribute("aria-label").endswith(shown)
    assert "the basis itself, × " in page.locator(".keys").inner_text()


def test_a_basis_that_is_not_there_is_not_offered_and_said(page: Any, made: Any) -> None:
    address, values, _ = made
    page.goto(f"{address}#network={WITHOUT}+k0&basis=thomson")
    count_of(page, len(ppp.project(values[WITHOUT].astype(float), np.eye(4), EPSILON).points))
    offered = page.get_by_label("Basis").locator("option").all_inner_texts()
    assert offered == ["standard", "random rotation", "simplex", "cross-polytope"]
    assert page.get_by_label("Basis").input_value() == "standard"
    note = "No vectors of a Thomson basis came with this network. Shown is its standard basis."
    assert page.locator(".note").inner_text() == note
    page.get_by_label("Network").select_option(f"{WITH} k0")
    page.wait_for_function("document.querySelector('.note').hidden")
    assert page.get_by_label("Basis").input_value() == "thomson"


def test_the_keyboard_chooses_a_basis_and_passes_over_antipodes(page: Any, made: Any) -> None:
    address, values, _ = made
    page.goto(f"{address}#network={WITHOUT}+k0")
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    page.get_by_label("Basis").focus()
    page.keyboard.type("cross")
    cloud, rows = values[WITHOUT].astype(float), bases.cross_polytope(4)
    found = ppp.project(cloud, rows, EPSILON)
    count_of(page, len(found.points))
    planes = page.locator("label.plane option").all_inner_texts()[1:]
    assert len(planes) == len(found.planes) == 24 and "plane 0, −0" not in planes and "plane 0, −1" in planes
    page.locator("canvas.planes").focus()
    heard = page.locator(".captioned:has(canvas.planes) small")
    seen = set()
    for key in ["ArrowUp"] * 8 + ["ArrowLeft"] * 8 + ["ArrowRight"] * 8:
        page.keyboard.press(key)
        seen.add(re.match(r"Plane (\S+), (\S+): ", heard.inner_text()).groups())
    assert {("0", second) for second in ("1", "2", "3", "−1", "−2", "−3")} <= seen and ("0", "−0") not in seen
    page.keyboard.press("Enter")
    page.wait_for_url("**plane=**")
    plane = [int(row) for row in parse_qs(page.url.partition("#")[2])["plane"][0].split(",")]
    count_of(page, int((found.planes[found.plane] == plane).all(1).sum()))
    page.wait_for_function(f"document.querySelector('{CURVE}').ariaLabel.startsWith('Spotlight through 1 plane:')")
    high = srm.spotlight(cloud, rows, EPSILON, angles=np.radians(np.arange(360)))
    assert words_of(page)["reach"] == pytest.approx(100 * high[(found.planes == plane).all(1)].max(), rel=5e-3)


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_the_spotlight_fits(page: Any, made: Any, width: int) -> None:
    """Nothing is wider than the page, labels do not overlap, and curves stand side by side at one height."""
    address, _, _ = made
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}#beside={WITHOUT}+k0&basis=thomson")
    page.wait_for_function(f"document.querySelectorAll('{CURVE}').length === 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.locator(CURVE).evaluate_all("(all) => all.map((curve) => curve.getBoundingClientRect().toJSON())")
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    for labels in page.evaluate(f"[...document.querySelectorAll('{CURVE}')].map((curve) => curve.labels)"):
        assert [words for words, *_ in labels if "π" in words] == ["π/2", "π", "3π/2", "2π"]
        for k, (words, left, top, right, foot) in enumerate(labels):
            assert left >= 0 and right <= boxes[0]["width"] and top >= 0 and foot <= boxes[0]["height"], words
            for other, *box in labels[k + 1 :]:
                apart = right <= box[0] or box[2] <= left or foot <= box[1] or box[3] <= top
                assert apart, (width, words, other)


def test_it_is_drawn_again_in_other_colours_and_sizes(page: Any, made: Any) -> None:
    address, _, _ = made
    page.goto(f"{address}#basis=cross-polytope")
    page.wait_for_selector(CURVE, timeout=MILLISECONDS)
    pixels = f"document.querySelector('{CURVE}').toDataURL()"
    before = page.evaluate(pixels)
    page.evaluate("document.body.style.color = 'rgb(200, 220, 255)'; document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"(before) => {pixels} !== before", arg=before)
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function(
        f"(e => e.width === Math.round(e.clientWidth * devicePixelRatio))(document.querySelector('{CURVE}'))"
    )
