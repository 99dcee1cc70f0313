"""What a reader does in the explorer by keyboard alone, and what is heard and seen of it (marker ``site``)."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from explored import SHOWN, write_page
from patience import MILLISECONDS
from websites import Watched

from isoaux import bases, ppp
from isoaux.explorer import files

pytestmark = pytest.mark.site

TANH, TWIN, OTHER, OTHER_TWIN = (f"cifar-{pixels}-{name}-n5-L0" for pixels in "NU" for name in ("tanh", "isotanh"))
ALONE = "cifar-N-gentanh-n5-L0-m6"
EPSILON, SAMPLES = 0.8, 600
SETTINGS = {"network": f"{TANH} k0", "beside": f"{TWIN} k0", "epsilon": EPSILON, "epoch": 2}
OF_ALL = {"value": 41_900.0, "low": 1.0, "high": 2.0, "p": 0.25, "draws": 999}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, np.ndarray]]:
    """A page of five networks, and the representations that it shows of each at the last epoch."""
    folder, rng = tmp_path_factory.mktemp("page"), np.random.default_rng(3)
    values, networks = {}, []
    for name in (TANH, TWIN, OTHER, OTHER_TWIN, ALONE):
        epochs = []
        for epoch in (1, 2):
            beams = rng.normal(size=(SAMPLES, 5)) + 4 * np.eye(5)[rng.integers(0, 5, SAMPLES)] * rng.normal(
                size=(SAMPLES, 1)
            )
            values[name], scale = files.rounded(beams)
            parts = files.write(folder, values[name])
            of_all = {"count": OF_ALL, "c4": OF_ALL | {"value": 0.5}}
            epochs.append({"epoch": epoch, "samples": SAMPLES, "scale": scale, "parts": parts, "of_all": of_all})
        facts = {"network": name, "layer": 0, "seed": 0, "width": 5, "epsilon": EPSILON, "dataset": "images"}
        networks.append(facts | {"all_samples": 50_000, "epochs": epochs})
    return write_page(folder, networks, SETTINGS), values


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    with browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce") as found:
        yield found


@pytest.fixture
def page(context: Any, made: Any) -> Iterator[Any]:
    """The page, drawn; errors and requests to other hosts fail the test."""
    watched = Watched(context.new_page())
    watched.page.goto(made[0])
    watched.page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    yield watched.page
    watched.page.close()
    assert not watched.errors and not watched.foreign


def counts(page: Any, *expected: int) -> None:
    """Wait until the pictures have so many points."""
    drawn = f"[...document.querySelectorAll('{SHOWN}')].map((picture) => +picture.dataset.count).join()"
    page.wait_for_function(f"(points) => {drawn} === points", arg=",".join(map(str, expected)))


def points(cloud: np.ndarray, epsilon: float = EPSILON) -> ppp.Projection:
    """What NumPy keeps of representations in the neuron basis."""
    return ppp.project(cloud.astype(float), bases.standard(5), epsilon)


def lit_by(found: ppp.Projection, degrees: float) -> np.ndarray:
    """The samples with a point within 7.5 degrees of a direction."""
    angles = np.degrees(np.arctan2(found.points[:, 1], found.points[:, 0]))
    return np.unique(found.sample[np.abs((angles - degrees + 180) % 360 - 180) <= 7.5])


FOCUSED = """() => {
  const e = document.activeElement;
  const name = e.labels?.length ? e.labels[0].firstChild.textContent : e.ariaLabel || e.textContent;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(e);
  return [name, (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none"];
}"""


def test_every_control_is_reached_in_the_order_of_the_page(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")
    heard = []
    while not heard or heard[-1] != "The same in Python":
        page.keyboard.press("Tab")
        name, seen = page.evaluate(FOCUSED)
        assert seen, f"{name} does not show that it has the focus"
        heard.append(name)
    wanted = [
        "Network",
        "Beside it",
        "Basis",
        "Threshold ε",
        "Beam at",
        "Light up",
        "Points by plane",
        "Beam at",
        "Light up",
    ]
    wanted += ["Points by plane", "vector", "towards vector", "by", "Epoch", "Next epoch", "Planes", "Shown"]
    wanted += ["One window and colour scale for all epochs", "Your own activations"]
    reached = iter(heard)
    assert all(any(name.startswith(each) for name in reached) for each in wanted), heard


def test_a_beam_is_lit_wherever_its_images_are(page: Any, made: Any) -> None:
    """Chosen by arrow keys and Enter, in both networks, at any threshold, until Escape."""
    _, values = made
    angle = page.get_by_label("Beam at").first
    angle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert angle.get_attribute("aria-valuetext") == "0 degrees from the horizontal axis"
    page.keyboard.press("Enter")
    images = lit_by(points(values[TANH]), 0)
    assert 20 < len(images) < SAMPLES / 2
    for epsilon in (EPSILON, 0.79):
        for place, (name, who) in enumerate(
            ((TANH, f"The {len(images)} images of this beam"), (TWIN, f"The same {len(images)} images"))
        ):
            found = points(values[name], epsilon)
            lit = np.isin(found.sample, images)
            planes = len(np.unique(found.plane[lit]))
            words = f"{who}: {lit.sum():,} of {len(lit):,} points, in {planes} of 10 planes."
            page.wait_for_function(
                "([place, words]) => document.querySelectorAll('.lit')[place].textContent === words", arg=[place, words]
            )
        page.get_by_label("Threshold ε").press("ArrowLeft")
    page.keyboard.press("Escape")
    page.wait_for_function("[...document.querySelectorAll('.lit')].every((words) => words.textContent === '')")


def test_a_click_on_the_picture_lights_its_direction(page: Any, made: Any) -> None:
    picture = page.locator("canvas.picture").nth(1)
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] / 2, "y": 0.2 * box["height"]})
    images = lit_by(points(made[1][TWIN]), 90)
    words = f"The {len(images)} images of this beam"
    page.wait_for_function("(words) => document.querySelectorAll('.lit')[1].textContent.startsWith(words)", arg=words)
    assert page.get_by_label("Beam at").nth(1).input_value() == "90"
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function("document.querySelectorAll('.lit')[1].textContent === ''")


def test_a_twin_follows_its_network_until_another_is_chosen(page: Any, made: Any) -> None:
    _, values = made
    network, beside = page.get_by_label("Network"), page.get_by_label("Beside it")
    network.select_option(f"{OTHER} k0")
    counts(page, *(len(points(values[name]).points) for name in (OTHER, OTHER_TWIN)))
    network.select_option(f"{ALONE} k0")
    counts(page, len(points(values[ALONE]).points))
    network.select_option(f"{TANH} k0")
    assert beside.input_value() == f"{TWIN} k0"
    beside.select_option(f"{OTHER} k0")
    network.select_option(f"{TWIN} k0")
    counts(page, *(len(points(values[name]).points) for name in (TWIN, OTHER)))
    assert beside.input_value() == f"{OTHER} k0"


def test_numbers_on_record_are_shown_for_the_view_that_they_are_of(page: Any) -> None:
    record = page.locator(".record").first
    assert "points 41,900" in record.inner_text()
    page.get_by_label("Threshold ε").press("ArrowLeft")
    page.wait_for_function("!document.querySelector('.record').textContent.includes('41,900')")
    assert record.inner_text().endswith("at ε = 0.8, in the neuron basis and all planes: not this view.")
    page.get_by_label("Threshold ε").press("ArrowRight")
    page.wait_for_function("document.querySelector('.record').textContent.includes('41,900')")
    page.get_by_label("Basis").select_option("random")
    page.wait_for_function("document.querySelector('.record').textContent.includes('not this view')")


def test_a_plane_is_called_the_same_on_the_page_in_the_address_and_in_python(page: Any, made: Any) -> None:
    page.locator("canvas.planes").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**plane=**")
    found = points(made[1][TANH])
    i, j = found.planes[found.counts.argmax()]
    assert page.url.endswith(f"plane={i}%2C{j}")
    assert page.locator("label.plane option:checked").inner_text() == f"plane {i}, {j}"
    assert f"plane=[{i},{j}]" in page.locator(".sharing code").text_content()
    page.wait_for_function(f"document.querySelector('.across .axis').textContent === 'neuron {i} →'")
    heard = page.locator("canvas.planes").first.get_attribute("aria-valuetext")
    assert heard == f"plane {i}, {j}: {found.counts.max():,} points"


def test_changes_are_heard_and_without_motion_an_epoch_is_shown_at_a_time(page: Any, made: Any) -> None:
    slider = page.get_by_label("Threshold ε")
    described = page.locator(f"#{slider.get_attribute('aria-describedby')}").inner_text()
    assert re.search(r"0\.71.*diagonal.*two axes.*0\.75", described)
    slider.press("ArrowRight")
    found = [len(points(made[1][name], 0.81).points) for name in (TANH, TWIN)]
    said = r"{:,} points, c4 .*; isotropic tanh, .*: {:,} points, c4".format(*found)
    page.wait_for_function("(words) => new RegExp(words).test(document.querySelector('.heard').textContent)", arg=said)
    page.get_by_role("button", name="Next epoch").click()
    page.wait_for_url("**epoch=1**")
    page.wait_for_function("document.querySelector('.about').textContent.endsWith('epoch 1')")


def test_an_address_opens_what_was_chosen_beside(page: Any, made: Any) -> None:
    page.goto("about:blank")
    page.goto(f"{made[0]}#{urlencode({'beside': ''})}")
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    page.get_by_label("Network").select_option(f"{OTHER} k0")
    counts(page, len(points(made[1][OTHER]).points))
