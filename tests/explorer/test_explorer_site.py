"""The explorer on the site's pages, in a real browser, over http and from disk (marker ``site``)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import numpy as np
import pytest
from explored import DRAWN, FOLDER, SHOWN, VIEWS, check
from patience import MILLISECONDS
from roots import ROOT
from websites import Watched
from widgets import render

from isoaux import bases, ppp
from isoaux.explorer import checks, examples, files
from isoaux.statistics.preparation import threshold

pytestmark = pytest.mark.site

PLAY = "book/play.html"
FIRST_FIGURE = ("cifar-U-tanh-n18-L0 k0", "cifar-U-isotanh-n18-L0 k0")


@pytest.fixture
def base(request: pytest.FixtureRequest, address: str, site: Path) -> str:
    """The address of the site, by http; from disk for tests of what is loaded or written to the address."""
    return f"{site.as_uri()}/" if getattr(request, "param", "http") == "file" else address


both_ways = pytest.mark.parametrize("base", ["http", "file"], indirect=True)


@pytest.fixture
def play(base: str, browser: Any) -> Iterator[tuple[Any, str]]:
    """A page of its own, and the address of the chapter; errors and requests to other hosts fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    watched = Watched(context.new_page())
    yield watched.page, base + PLAY
    context.close()
    assert not [text for text in watched.errors if "ERR_FAILED" not in text], watched.errors
    assert not watched.foreign


# --- what is counted


@both_ways
def test_a_page_draws_what_numpy_finds(play: tuple[Any, str]) -> None:
    """The same points in the same cells, before blurring; every setting with some network (Node has all of them)."""
    page, address = play
    firsts = list({view.network: view for view in reversed(VIEWS)}.values())
    for view in firsts if address.startswith("file") else [v for i, v in enumerate(VIEWS) if (i // 6 + i) % 2 == 0]:
        page.goto("about:blank")
        page.goto(f"{address}#{view.fragment}")
        count = int(page.wait_for_selector(SHOWN, timeout=MILLISECONDS).get_attribute("data-count"))
        drawn = page.evaluate(DRAWN)
        assert count == drawn["count"]
        check(view, drawn)


# --- what a reader does


@both_ways
def test_the_keyboard_moves_the_threshold_and_the_address(play: tuple[Any, str]) -> None:
    page, address = play
    page.goto(address)
    before = int(page.wait_for_selector(SHOWN, timeout=MILLISECONDS).get_attribute("data-count"))
    page.get_by_label("Threshold ε").press("ArrowLeft")
    page.wait_for_function(f"document.querySelector('{SHOWN}').dataset.count != '{before}'")
    assert int(page.get_attribute(SHOWN, "data-count")) > before
    page.wait_for_url("**#epsilon=0.74")
    page.get_by_label("Basis").select_option("random")
    page.get_by_role("button", name="New rotation (seed 1)").click()
    page.wait_for_url("**seed=2**")
    page.reload()
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    assert page.get_by_label("Threshold ε").input_value() == "0.74"
    assert page.get_by_role("button", name="New rotation (seed 2)").is_visible()


def test_a_seed_is_chosen_for_both_networks(play: tuple[Any, str]) -> None:
    page, address = play
    page.goto(f"{address}#{urlencode({'network': FIRST_FIGURE[0], 'beside': FIRST_FIGURE[1]})}")
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    page.get_by_label("Seed").first.select_option(label="3")
    key = "cifar-U-tanh-n18-L0 k0 seed 3"
    entry = checks.entry(key, files.read_list(FOLDER))
    (parts,) = [epoch["parts"] for epoch in entry["epochs"]]
    values = files.read(FOLDER, parts, entry["width"]).astype(np.float64)
    expected = ppp.project(values, bases.standard(entry["width"]), 0.75).counts.sum()
    page.wait_for_function(f"Math.abs(document.querySelector('{SHOWN}')?.dataset.count - {expected}) <= 2")
    page.wait_for_url("**seed+3**seed+3**")
    assert parse_qs(urlsplit(page.url).fragment) == {"network": [key], "beside": [key.replace("tanh", "isotanh")]}
    page.reload()
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    assert page.get_by_label("Its seed").evaluate("select => select.selectedOptions[0].text") == "3"
    page.get_by_label("Network").select_option("cifar-N-tanh-n18-L0 k0")
    assert page.get_by_label("Seed").first.is_hidden()


def test_python_opens_the_same_view(play: tuple[Any, str]) -> None:
    pytest.importorskip("anywidget")
    page, address = play
    chosen = {"epsilon": "0.6", "basis": "random", "seed": "4", "turn": "0,3,20", "plane": "1,2", "shared": "true"}
    page.goto(f"{address}#{urlencode(chosen)}")
    count = int(page.wait_for_selector(SHOWN, timeout=MILLISECONDS).get_attribute("data-count"))
    page.get_by_text("The same in Python").click()
    scope: dict[str, Any] = {}
    lines = page.locator(".isoaux-explorer pre").inner_text().splitlines()
    exec("\n".join([*lines[:-1], f"found = {lines[-1]}"]), scope)
    explorer = scope["found"]
    projection = ppp.project(explorer.representations(), explorer.directions(), explorer.epsilon, explorer.variant)
    assert abs((projection.planes[projection.plane] == [1, 2]).all(1).sum() - count) <= 2 and explorer.shared
    assert explorer.beside == "cifar-N-isotanh-n32-L0 k0"


def test_a_file_of_ones_own_is_explored_and_a_wrong_one_is_said(play: tuple[Any, str], tmp_path: Path) -> None:
    page, address = play
    page.goto(address)
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    cloud = np.random.default_rng(0).normal(size=(500, 7)).astype(np.float32)
    np.save(tmp_path / "layer.npy", cloud)
    np.savetxt(tmp_path / "wrong.csv", np.full((3, 2), np.nan), delimiter=",")
    expected = int(ppp.project(cloud, bases.standard(7), 0.75).counts.sum())
    chooser = page.get_by_label("Your own activations: drop")
    chooser.set_input_files(tmp_path / "layer.npy")
    page.wait_for_function(f"document.querySelector('{SHOWN}')?.dataset.count === '{expected}'")
    page.wait_for_function("document.querySelector('.verdict').textContent.includes('199 random bases give')")
    chooser.set_input_files(tmp_path / "wrong.csv")
    words = '"nan" in row 1, column 1'
    page.wait_for_function(f"document.querySelector('.message').textContent.includes('{words}')")
    assert page.get_attribute(SHOWN, "data-count") == str(expected)
    of_site = (urljoin(address, "../_static/"), "blob:")  # a logo may be asked for late
    assert not [url for url in asked if not url.startswith(of_site)], "a file goes nowhere"


DROP = """(input) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(input.files[0]);
  document.querySelector(".isoaux-explorer").dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
}"""
FIRST = "[...document.querySelector('.isoaux-explorer').networks[0].cloud.values.subarray(0, 480)]"
INPUT = (
    "() => document.body.appendChild(Object.assign(document.createElement('input'), { type: 'file', id: 'dropped' }))"
)


@both_ways
def test_a_wide_file_is_dropped_and_its_neurons_are_asked_for(play: tuple[Any, str], tmp_path: Path) -> None:
    """A worker reads it, also from disk; the threshold is the report's, of the planes that are shown."""
    page, address = play
    page.goto(address)
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    rows = np.random.default_rng(1).normal(size=(30, 20, 300)) * np.repeat([1, 3], (236, 64))
    rows[:, :, 236] = (np.arange(600).reshape(30, 20) - 300) / 64  # another number in every sample
    np.savez_compressed(tmp_path / "cache.npz", layer=rows.astype(np.float16), tokens=np.arange(20))
    page.evaluate(INPUT)
    page.set_input_files("#dropped", tmp_path / "cache.npz")
    page.evaluate(DROP, page.query_selector("#dropped"))
    page.get_by_role("button", name="Open", exact=True).click()
    page.wait_for_function("document.querySelector('.verdict')?.textContent.includes('199 random bases give')")
    epsilon = threshold(480, 300, 64 * 63 // 2)
    drawn = page.evaluate(DRAWN)
    values = rows.reshape(-1, 300).astype(np.float16).astype(float)
    shown = values[np.isin(values[:, 236], page.evaluate(FIRST))]  # the loud neurons are chosen in the others
    loud, lengths = shown[:, 236:], (shown**2).sum(1)
    i, j = np.triu_indices(64, 1)
    assert drawn["count"] == int((loud[:, i] ** 2 + loud[:, j] ** 2 > epsilon**2 * lengths[:, None]).sum())
    assert page.get_by_label("Threshold ε").input_value() == f"{epsilon:g}" and drawn["samples"] == len(shown) == 480
    page.locator(".isoaux-explorer .network select").first.select_option("cifar-U-tanh-n18-L0 k0")
    page.wait_for_function("document.querySelector('.epsilon input').value === '0.75'")


@both_ways
def test_an_example_is_tried(play: tuple[Any, str]) -> None:
    page, address = play
    page.goto(address)
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    for example in examples.published(ROOT / "book" / "data" / "samples"):
        page.get_by_role("button", name=example.words).click()
        page.wait_for_function(
            "(about) => document.querySelector('.answer').textContent.includes(about)", arg=example.about
        )
    page.wait_for_function("document.querySelector('.verdict').textContent.includes('199 random bases give')")


def test_pictures_are_large_and_the_threshold_stays_in_reach(play: tuple[Any, str]) -> None:
    page, address = play
    page.goto(address)
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    sizes = page.evaluate(SIZES)
    assert min(sizes["picture"]) >= 420 and min(sizes["planes"]) >= 200, sizes
    assert not sizes["beyond"], "nothing is wider than the page"
    page.locator("canvas.planes").first.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.isoaux-explorer dl').scrollIntoView({ block: 'end' })")
    assert page.evaluate(COVERED) == "range", "the slider lies above what scrolls"


SIZES = """(() => {
  const width = (kind) => [...document.querySelectorAll(`canvas.${kind}`)].map((e) => e.getBoundingClientRect().width);
  const beyond = document.documentElement.scrollWidth > innerWidth;
  return { picture: width("picture"), planes: width("planes"), beyond };
})()"""
COVERED = """(() => {
  const box = document.querySelector(".isoaux-explorer .epsilon input").getBoundingClientRect();
  return document.elementFromPoint(box.left + box.width / 3, box.top + box.height / 2)?.type;
})()"""


def test_every_control_has_a_name(play: tuple[Any, str]) -> None:
    page, address = play
    page.goto(address)
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)
    for control in page.locator(".isoaux-explorer :is(input, select, button)").all():
        named = control.evaluate("e => e.labels?.length ? e.labels[0].textContent : e.textContent")
        assert named.strip(), control
    for picture in page.locator(".isoaux-explorer canvas[role=img]").all():
        page.wait_for_function("e => e.getAttribute('aria-label')?.length > 20", arg=picture.element_handle())


def test_an_address_that_means_nothing_shows_what_it_can(play: tuple[Any, str]) -> None:
    page, address = play
    inherited = "&".join(f"{name}=1" for name in ("__proto__", "constructor", "toString", "valueOf"))
    wrong = "epsilon=7&basis=skew&network=none&plane=400,500&turn=x&variant=both&seed=-3&epoch=61"
    for fragment in (wrong, inherited, "%E0%A4%A=%", f"network=toString&beside=__proto__&{'x' * 100_000}"):
        page.goto("about:blank")
        page.goto(f"{address}#{fragment}")
        page.wait_for_selector(SHOWN, timeout=MILLISECONDS)


def test_a_missing_file_is_said(play: tuple[Any, str]) -> None:
    page, address = play
    entry = checks.entry("cifar-N-tanh-n32-L0 k0", files.read_list(FOLDER))
    page.route(f"**/{entry['epochs'][-1]['parts'][1]}.mjs", lambda route: route.abort())
    page.goto(address)
    words = page.get_by_role("status")
    page.wait_for_function("e => e.textContent.includes('could not be loaded')", arg=words.element_handle())
    page.unroute_all()
    page.get_by_label("Beside it").select_option("")
    page.wait_for_selector(SHOWN, timeout=MILLISECONDS)


SEND = """({question}) =>
  listeners["msg:custom"][0]({answer: question}, [new DataView(Float32Array.from(given).buffer)])"""


def test_traits_and_controls_follow_each_other(browser: Any, address: str) -> None:
    """The module that anywidget loads, with a model like anywidget's."""
    pytest.importorskip("anywidget")
    from isoaux.explorer import Explorer

    explorer = Explorer(np.random.default_rng(0).normal(size=(400, 5)), epsilon=0.6)
    values = explorer._given["representations"][0].T.ravel().tolist()
    page = browser.new_page()
    page.set_default_timeout(MILLISECONDS)
    page.goto(address + PLAY)
    render(page, explorer, SEND, values)

    def counted() -> int:
        expected = int(ppp.project(explorer.representations(), explorer.directions(), explorer.epsilon).counts.sum())
        page.wait_for_function(f"document.querySelector('{SHOWN}')?.dataset.count === '{expected}'")
        assert page.evaluate("model.get('count')") == expected
        return expected

    first = counted()
    explorer.epsilon = 0.8
    page.evaluate("model.set('epsilon', 0.8)")
    assert counted() < first and page.get_by_label("Threshold ε").input_value() == "0.8"
    page.get_by_label("Threshold ε").press("ArrowRight")
    explorer.epsilon = page.evaluate("model.get('epsilon')")
    assert explorer.epsilon == 0.81
    counted()
    page.evaluate("model.set('network', 'another')")
    assert "accepted: representations k0." in page.locator(".message").inner_text()
    page.close()
