"""The built book in a real browser, over http and from disk (marker ``site``).

``ISOAUX_SITE`` names a site that is built already; ``ISOAUX_REQUIRE_BROWSER=1`` turns a missing browser from a skip
into a failure.
"""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import numpy as np
import pytest

from isoaux import bases, notebooks, ppp, results, scorecard
from isoaux.explorer import files, random_basis
from isoaux.kinds import KINDS
from isoaux.paper import figure, figures

pytestmark = [pytest.mark.site, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
HEAVIEST = 6_000_000
"""Bytes that a page may weigh before its reader asks for more."""

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site: the one that ISOAUX_SITE names, or a fresh build in which every warning is an error."""
    if named := os.environ.get("ISOAUX_SITE"):
        return Path(named).resolve()
    pytest.importorskip("jupyter_book")
    folder = tmp_path_factory.mktemp("book")
    command = shutil.which("jupyter-book", path=str(Path(sys.executable).parent)) or "jupyter-book"
    built = subprocess.run(
        [command, "build", str(ROOT), "--path-output", str(folder), "-W", "-n", "--keep-going", "--all"],
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1", "OMP_NUM_THREADS": "1"},
        timeout=500,
    )
    assert built.returncode == 0, built.stderr[-4000:] + built.stdout[-2000:]
    return folder / "_build" / "html"


def pages(site: Path) -> list[str]:
    """Every page that a reader can open, as a path within the site."""
    found = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    return [page for page in found if not page.startswith(("_static/", "_sources/"))]


@dataclass
class Visit:
    """What happened while a page was open."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    formulas: int = 0
    text: str = ""
    captions: list[str] = field(default_factory=list)
    wide: bool = False


@pytest.fixture(scope="session")
def browser(installed: Callable[[str, str], str]) -> Iterator[Any]:
    """Debian's chromium through Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = installed("chromium", "chromium")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site over http."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer((HOST, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_address[1]}/"
        server.shutdown()


def visit(browser: Any, url: str) -> Visit:
    """Open a page in a fresh profile, note everything that it asks for and says."""
    found = Visit()
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()

    def route(handler: Any) -> None:
        if urlsplit(handler.request.url).hostname in (HOST, None, ""):
            handler.continue_()
        else:
            handler.abort()

    page.route("**/*", route)
    page.on("request", lambda request: found.requests.append(request.url))
    page.on("console", lambda message: found.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.goto(url, wait_until="networkidle")
    found.images = page.eval_on_selector_all(
        "img", "all => all.map(e => ({src: e.currentSrc || e.src, alt: e.getAttribute('alt'), lazy: e.loading}))"
    )
    found.formulas = page.locator("math").count()
    found.text = page.inner_text("body")
    found.captions = page.locator("figure .caption-number").all_inner_texts()
    found.wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    context.close()
    return found


@pytest.fixture(scope="session", params=["http", "file"])
def visits(request: pytest.FixtureRequest, site: Path, browser: Any) -> dict[str, Visit]:
    """Every page, opened once by http and once from disk."""
    base = request.getfixturevalue("address") if request.param == "http" else f"{site.as_uri()}/"
    return {page: visit(browser, base + page) for page in pages(site)}


def test_no_page_asks_anything_of_another_host(visits: dict[str, Visit]) -> None:
    foreign = {
        page: [url for url in seen.requests if urlsplit(url).scheme in ("http", "https", "ws", "wss")
               and urlsplit(url).hostname != HOST]
        for page, seen in visits.items()
    }  # fmt: skip
    assert not {page: urls for page, urls in foreign.items() if urls}


def test_no_page_reports_an_error(visits: dict[str, Visit]) -> None:
    assert not {page: seen.errors for page, seen in visits.items() if seen.errors}


def test_every_picture_has_alternative_text(visits: dict[str, Visit]) -> None:
    for page, seen in visits.items():
        for image in seen.images:
            alternative = (image["alt"] or "").strip()
            assert len(alternative) > 20, (page, image)
            assert not re.search(r"[0-9a-f]{32}|\.(png|svg)$", alternative), (page, image)


def test_pictures_below_the_first_load_late(visits: dict[str, Visit]) -> None:
    for page, seen in visits.items():
        assert all(image["lazy"] == "lazy" for image in seen.images[1:]), page


def test_pages_are_light(visits: dict[str, Visit], site: Path) -> None:
    for page, seen in visits.items():
        paths = {unquote(urlsplit(url).path) for url in seen.requests if not url.startswith("data:")}
        files = {site / path.removeprefix(str(site)).lstrip("/") for path in paths}
        weight = sum(file.stat().st_size for file in files)
        assert 500_000 < weight < HEAVIEST, (page, weight)


def test_mathematics_is_mathml(visits: dict[str, Visit]) -> None:
    assert visits["book/idea.html"].formulas > 50
    assert visits["book/method.html"].formulas > 30
    assert visits["book/errata.html"].formulas > 50


def test_no_markup_is_left_over(visits: dict[str, Visit]) -> None:
    for page, seen in visits.items():
        assert not re.search(r"```\{|:::|\{(eq|cite|numref|ref|erratum)\}|\$\$|\\(frac|norm|text)\b", seen.text), page


def test_no_page_is_wider_than_the_window(visits: dict[str, Visit]) -> None:
    assert [page for page, seen in visits.items() if seen.wide] == []


def test_the_page_of_a_figure_has_numbered_figures(visits: dict[str, Visit]) -> None:
    """Every figure that the page shows has its number of the paper, further pictures of it a number below that."""
    figures = {page: seen for page, seen in visits.items() if page.startswith("book/notebooks/")}
    assert "book/notebooks/fig01.html" in figures
    for page, seen in figures.items():
        assert seen.images, page
        source = ROOT / "notebooks" / f"{Path(page).stem}.ipynb"
        held = {str(figure(name).number): figure(name) for name in notebooks.figures_of(source)}
        numbers = [caption.strip().removeprefix("Figure ") for caption in seen.captions]
        if not held:  # pictures of a model or a formula, with the paper's number or a letter of their own
            assert numbers and all(re.fullmatch(r"[A-W]|37(\.\d)?", number) for number in numbers), page
            continue
        drawn = [n for n, one in held.items() if results.is_published(one, ROOT / "book" / "data")]
        assert sorted(n for n in numbers if "." not in n) == sorted(drawn), page
        assert all(n.split(".")[0] in held for n in numbers), seen.captions


def test_the_gallery_leads_to_every_published_figure(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    tree = soup((site / "book" / "gallery.html").read_text("utf8"), "html.parser").find("article")
    published = {path.stem for path in (ROOT / "book" / "data").glob("fig*.json")}
    items = tree.select(".gallery-item")
    assert {re.search(r"fig\w\d", item.find("img")["src"])[0] for item in items} == published
    holders = notebooks.holding()
    for item in items:
        name = re.search(r"fig\w\d", item.find("img")["src"])[0]
        assert {link["href"] for link in item.find_all("a")} == {f"notebooks/{holders[name]}.html"}
        assert re.search(r"\d", item.find(class_="kind").get_text()), "a finding has numbers"
    rest = tree.get_text()
    shown = [one for one in figures().values() if getattr(KINDS.get(one.kind), "small", None)]
    assert all(f"Figure\xa0{one.number}" in rest for one in shown) and len(shown) >= 30
    assert rest.count("not published yet") == len(shown) - len(published)


def test_the_scorecard_has_every_claim_and_leads_to_every_figure(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    tree = soup((site / "book" / "notebooks" / "own_scorecard.html").read_text("utf8"), "html.parser").find("article")
    rows = tree.select("table.claims tbody tr")
    card = scorecard.read(ROOT / "book" / "data")
    assert [row.find(class_="verdict").get_text().split(" ", 1) for row in rows] == [
        [row.symbol, row.verdict] for row in card.rows
    ]
    for row, known in zip(rows, card.rows, strict=True):
        assert known.claim in row.get_text().replace("’", "'") and row.find_all("td")[2].get_text().strip(), known.id
    for number in range(1, 38):
        section = tree.find(id=f"claims-fig{number:02}")
        page = section.find("a", string=re.compile("To the page"))["href"].partition("#")[0]
        claims = soup((site / "book" / "notebooks" / page).read_text("utf8"), "html.parser").select("table.claims tr")
        known = [row.claim for row in card.rows if row.figure == f"fig{number:02}"]
        said = " ".join(row.get_text() for row in claims).replace("’", "'")
        assert known and all(claim in said for claim in known), number


# --- the explorer ---

PLAY = "book/play.html"
SHOWN = ".isoaux-explorer canvas.picture[data-count]"
EXPLORED = [
    (network, epsilon, basis, variant, plane)
    for network in ("cifar-U-tanh-n18-L0", "cifar-N-isotanh-n24-L0", "cifar-N-bnlrelu_elem-n18-L2")
    for epsilon, basis, variant, plane in (
        (0.3, "standard", "permutation", None),
        (0.5, "random", "combination", None),
        (0.75, "standard", "combination", [2, 5]),
        (0.75, "simplex", "permutation", None),
        (0.9, "standard", "combination", None),
    )
]


def explored(settings: tuple[str, float, str, str, list[int] | None]) -> int:
    """How many points NumPy keeps of the same whole numbers."""
    network, epsilon, basis, variant, plane = settings
    folder = ROOT / "book" / "data" / "explorer"
    entry = next(one for one in files.read_list(folder)["networks"] if one["network"] == network)
    n = entry["width"]
    values = files.read(folder, entry["epochs"][-1]["parts"], n).astype(float)
    rows = random_basis(n, 1) if basis == "random" else bases.named(basis, n)
    found = ppp.project(values, rows, epsilon, variant)
    return int(found.counts[(found.planes == plane).all(1)][0] if plane else found.counts.sum())


@pytest.fixture(params=["http", "file"])
def play(request: pytest.FixtureRequest, site: Path, browser: Any) -> Iterator[Any]:
    """A page of its own, and the address of the chapter by http or from disk; errors on the console fail the test."""
    base = request.getfixturevalue("address") if request.param == "http" else f"{site.as_uri()}/"
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page, base + PLAY
    context.close()
    assert not [text for text in errors if "ERR_FAILED" not in text], errors


def test_a_page_counts_what_numpy_counts(play: Any) -> None:
    page, address = play
    for settings in EXPLORED:
        network, epsilon, basis, variant, plane = settings
        chosen = {"network": f"{network} k0", "beside": "", "epsilon": epsilon, "basis": basis, "variant": variant}
        chosen |= {"plane": ",".join(map(str, plane))} if plane else {}
        page.goto("about:blank")
        page.goto(f"{address}#{urlencode(chosen)}")
        count = int(page.wait_for_selector(SHOWN, timeout=60_000).get_attribute("data-count"))
        expected = explored(settings)
        slack = 0 if basis == "standard" else max(2, 2e-5 * expected)
        assert abs(count - expected) <= slack, (settings, count, expected)


def test_the_keyboard_moves_the_threshold_and_the_address(play: Any) -> None:
    page, address = play
    page.goto(address)
    before = int(page.wait_for_selector(SHOWN, timeout=60_000).get_attribute("data-count"))
    page.get_by_label("Threshold ε").press("ArrowLeft")
    page.wait_for_function(f"document.querySelector('{SHOWN}').dataset.count != '{before}'")
    assert int(page.get_attribute(SHOWN, "data-count")) > before
    assert page.url.endswith("#epsilon=0.74")
    page.get_by_label("Basis").select_option("random")
    page.get_by_role("button", name="New rotation (seed 1)").click()
    assert "seed=2" in page.url
    page.reload()
    page.wait_for_selector(SHOWN, timeout=60_000)
    assert page.get_by_label("Threshold ε").input_value() == "0.74"
    assert page.get_by_role("button", name="New rotation (seed 2)").is_visible()


def test_python_opens_the_same_view(play: Any) -> None:
    pytest.importorskip("anywidget")
    page, address = play
    chosen = {"epsilon": "0.6", "basis": "random", "seed": "4", "turn": "0,3,20", "plane": "1,2", "shared": "true"}
    page.goto(f"{address}#{urlencode(chosen)}")
    count = int(page.wait_for_selector(SHOWN, timeout=60_000).get_attribute("data-count"))
    page.get_by_text("The same in Python").click()
    scope: dict[str, Any] = {}
    lines = page.locator(".isoaux-explorer pre").inner_text().splitlines()
    exec("\n".join([*lines[:-1], f"found = {lines[-1]}"]), scope)
    explorer = scope["found"]
    projection = ppp.project(explorer.representations(), explorer.directions(), explorer.epsilon, explorer.variant)
    assert abs((projection.planes[projection.plane] == [1, 2]).all(1).sum() - count) <= 2 and explorer.shared
    assert explorer.beside == "cifar-U-isotanh-n18-L0 k0"


def test_a_file_of_ones_own_is_explored_and_a_wrong_one_is_said(play: Any, tmp_path: Path) -> None:
    page, address = play
    page.goto(address)
    page.wait_for_selector(SHOWN, timeout=60_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    cloud = np.random.default_rng(0).normal(size=(500, 7)).astype(np.float32)
    np.save(tmp_path / "layer.npy", cloud)
    np.savetxt(tmp_path / "wrong.csv", np.full((3, 2), np.nan), delimiter=",")
    expected = int(ppp.project(cloud, bases.standard(7), 0.75).counts.sum())
    chooser = page.get_by_label("Your own activations")
    chooser.set_input_files(tmp_path / "layer.npy")
    page.wait_for_function(f"document.querySelector('{SHOWN}')?.dataset.count === '{expected}'")
    chooser.set_input_files(tmp_path / "wrong.csv")
    page.wait_for_function("document.querySelector('.message').textContent.includes('NaN in row 1')")
    assert page.get_attribute(SHOWN, "data-count") == str(expected) and not asked


def test_every_control_has_a_name(play: Any) -> None:
    page, address = play
    page.goto(address)
    page.wait_for_selector(SHOWN, timeout=60_000)
    for control in page.locator(".isoaux-explorer :is(input, select, button)").all():
        named = control.evaluate("e => e.labels?.length ? e.labels[0].textContent : e.textContent")
        assert named.strip(), control
    for picture in page.locator(".isoaux-explorer canvas[role=img]").all():
        page.wait_for_function("e => e.getAttribute('aria-label')?.length > 20", arg=picture.element_handle())


def test_an_address_that_means_nothing_shows_what_it_can(play: Any) -> None:
    page, address = play
    page.goto(f"{address}#epsilon=7&basis=skew&network=none&plane=400,500&turn=x&variant=both&seed=-3&epoch=61")
    page.wait_for_selector(SHOWN, timeout=60_000)


def test_a_missing_file_is_said(play: Any) -> None:
    page, address = play
    entry = files.read_list(ROOT / "book" / "data" / "explorer")["networks"][0]
    page.route(f"**/{entry['epochs'][-1]['parts'][1]}.mjs", lambda route: route.abort())
    page.goto(address)
    words = page.get_by_role("status")
    page.wait_for_function("e => e.textContent.includes('could not be loaded')", arg=words.element_handle())
    page.unroute_all()
    page.get_by_label("Beside it").select_option("")
    page.wait_for_selector(SHOWN, timeout=60_000)


MODEL = """(source, traits, bytes) => import(URL.createObjectURL(new Blob([source], {type: "text/javascript"}))).then(
  ({default: {render}}) => {
    const listeners = {};
    const model = {
      get: (name) => traits[name],
      set: (name, value) => {
        traits[name] = value;
        (listeners[`change:${name}`] ?? []).forEach((listener) => listener());
      },
      on: (name, listener) => (listeners[name] ??= []).push(listener),
      off: () => {},
      save_changes: () => {},
      send: ({question}) =>
        listeners["msg:custom"][0]({answer: question}, [new DataView(Int16Array.from(bytes).buffer)]),
    };
    globalThis.model = model;
    const el = document.createElement("div");
    document.body.replaceChildren(el);
    render({model, el});
  })"""


def test_traits_and_controls_follow_each_other(browser: Any, address: str) -> None:
    """The module that anywidget loads, with a model like anywidget's."""
    pytest.importorskip("anywidget")
    from isoaux.explorer import Explorer

    explorer = Explorer(np.random.default_rng(0).normal(size=(400, 5)), epsilon=0.6)
    names = [*explorer.traits(sync=True)]
    traits = {name: getattr(explorer, name) for name in names if name not in ("layout", "tabbable", "tooltip")}
    values = explorer._own["representations"][0].T.ravel().tolist()
    page = browser.new_page()
    page.goto(address + PLAY)
    page.evaluate(f"([source, traits, bytes]) => ({MODEL})(source, traits, bytes)", [explorer._esm, traits, values])

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


# --- the files themselves ---


def test_no_file_of_the_site_loads_from_another_host(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    for page in pages(site):
        text = (site / page).read_text("utf8")
        tree = soup(text, "html.parser")
        loaded = [tag.get("src") for tag in tree.find_all(["script", "img", "iframe", "source", "video"])]
        loaded += [tag.get("href") for tag in tree.find_all("link")]
        assert not [url for url in loaded if url and re.match("(https?:)?//", url)], page
        inline = "\n".join(tag.get_text() for tag in tree.find_all(["script", "style"]))
        assert not re.search(r"https?://", inline), page
    for sheet in (site / "_static").rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", sheet.read_text("utf8")), sheet


def test_every_local_link_leads_somewhere(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    trees = {page: soup((site / page).read_text("utf8"), "html.parser") for page in pages(site)}
    for page, tree in trees.items():
        for tag in tree.find_all("a", href=True):
            link = urlsplit(tag["href"])
            if link.scheme or link.netloc or not (link.path or link.fragment):
                continue
            target = (site / page).parent / unquote(link.path) if link.path else site / page
            assert target.exists(), (page, tag["href"])
            name = target.resolve().relative_to(site.resolve()).as_posix()
            if link.fragment and name in trees:
                assert trees[name].find(id=unquote(link.fragment)), (page, tag["href"])
