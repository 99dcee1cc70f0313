"""The handle that turns the basis on a picture: against NumPy, in a real browser from disk (marker ``site``)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import javascript
import numpy as np
import pytest
from explored import SHOWN, write_page
from patience import MILLISECONDS
from websites import Watched

from isoaux import bases, ppp
from isoaux.explorer import files, turned

NETWORKS = ("cifar-U-tanh-n5-L0", "cifar-U-isotanh-n5-L0")
EPSILON, SAMPLES = 0.8, 400


def test_the_handle_knows_its_angle_and_its_vectors(installed: Callable[[str, str], str], tmp_path: Path) -> None:
    javascript.check(installed("node", "nodejs"), "explorer/handle.test.mjs", {}, tmp_path)


@pytest.fixture(scope="module")
def clouds() -> list[np.ndarray]:
    """Representations of two networks: beams next to the axes of neurons 1 and 3, and none."""
    rng = np.random.default_rng(5)
    beams = rng.normal(size=(SAMPLES, 5)) + 5 * np.eye(5)[rng.choice([1, 3], SAMPLES)]
    return [files.rounded(values)[0] for values in (beams, rng.normal(size=(SAMPLES, 5)))]


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory, clouds: list[np.ndarray]) -> Iterator[Any]:
    """A page with an explorer of both; what it says on its console fails the last test that uses it."""
    folder, networks = tmp_path_factory.mktemp("handle"), []
    for name, values in zip(NETWORKS, clouds, strict=True):
        epoch = {"epoch": 1, "samples": SAMPLES, "scale": 1.0, "parts": files.write(folder, values)}
        facts = {"network": name, "layer": 0, "seed": 0, "width": 5, "epsilon": EPSILON, "dataset": "images"}
        networks.append(facts | {"all_samples": SAMPLES, "epochs": [epoch]})
    settings = {"network": f"{NETWORKS[0]} k0", "beside": f"{NETWORKS[1]} k0", "epsilon": EPSILON, "epoch": 1}
    address = write_page(folder, networks, settings)
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        watched = Watched(context.new_page())
        watched.page.goto(address)
        watched.page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
        yield watched.page
        assert not watched.errors and not watched.foreign


COUNTS = f"[...document.querySelectorAll('{SHOWN}')].map((picture) => +picture.dataset.count).join()"
HANDLES = """[...document.querySelectorAll('.isoaux-explorer .handle')].map((one) =>
  [one.ariaLabel, Number(one.ariaValueNow), one.ariaValueText])"""


def turned_by(page: Any, clouds: list[np.ndarray], pair: tuple[int, int], angle: int) -> None:
    """Wait until both pictures show what NumPy keeps in the basis whose vectors are turned against the handle."""
    basis = turned(bases.standard(5), *pair, -np.radians(angle))
    points = [len(ppp.project(values.astype(float), basis, EPSILON).points) for values in clouds]
    expected = [",".join(map(str, points)), [f"Turn neuron {pair[0]} with neuron {pair[1]}", angle, f"{angle} degrees"]]
    drawn = f"(expected) => JSON.stringify([{COUNTS}, ({HANDLES})[0]]) === JSON.stringify(expected)"
    page.wait_for_function(drawn, arg=expected)


@pytest.mark.site
def test_keys_turn_the_plane_with_the_most_points_and_back(page: Any, clouds: list[np.ndarray]) -> None:
    turned_by(page, clouds, (1, 3), 0)
    handle = page.get_by_role("slider", name="Turn neuron 1 with neuron 3").first
    handle.focus()
    for key, angle in (
        ("PageUp", 10),
        ("ArrowRight", 11),
        ("ArrowDown", 10),
        ("End", 90),
        ("ArrowUp", 90),
        ("Home", -90),
    ):
        page.keyboard.press(key)
        turned_by(page, clouds, (1, 3), angle)
    assert [angle for _, angle, _ in page.evaluate(HANDLES)] == [-90, -90], "both networks are turned"
    assert page.get_by_label("by", exact=True).input_value() == "90", "as the slider of the basis says"
    page.keyboard.press("Delete")
    turned_by(page, clouds, (1, 3), 0)
    assert page.evaluate("document.activeElement.className") == "handle"


@pytest.mark.site
def test_a_pointer_drags_it_along_the_edge_and_points_follow(page: Any, clouds: list[np.ndarray]) -> None:
    """It stands where the pointer is; a beam of the picture is there as well; two clicks turn it back."""
    handle = page.locator(".isoaux-explorer .handle").first
    handle.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    places = """() => [".handle", ".inside"].map((name) => {
      const box = document.querySelector(`.isoaux-explorer ${name}`).getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2, box.width];
    })"""
    (x, y, _), (across, up, width) = page.evaluate(places)
    assert y == pytest.approx(up, abs=0.5) and x - across == pytest.approx(0.46 * width, abs=0.5)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(across + 0.3 * width * np.cos(np.radians(30)), up - 0.3 * width * np.sin(np.radians(30)), steps=5)
    page.mouse.up()
    turned_by(page, clouds, (1, 3), 30)
    (x, y, _), _ = page.evaluate(places)
    assert np.degrees(np.arctan2(up - y, x - across)) == pytest.approx(30, abs=0.5)
    drawn = np.array(page.evaluate("[...document.querySelector('.isoaux-explorer').networks[0].found.histogram]"))
    side = round(np.sqrt(len(drawn)))
    rows, columns = np.divmod(np.flatnonzero(drawn), side)
    angles = np.degrees(np.arctan2(rows + 0.5 - side / 2, columns + 0.5 - side / 2))
    near = [drawn.ravel()[np.flatnonzero(drawn)][np.abs(angles - at) < 8].sum() for at in (30, -30)]
    assert near[0] > 2 * near[1], "the beam of neuron 1 has walked with the handle, and not against it"
    assert not page.locator(".isoaux-explorer .lit").first.inner_text(), "and nothing was lit"
    handle.dblclick()
    turned_by(page, clouds, (1, 3), 0)
