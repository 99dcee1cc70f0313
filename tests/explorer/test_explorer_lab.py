"""The explorer in a real JupyterLab: controls and traits follow each other (marker ``site``)."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from laboratory import Kernel, Laboratory, started
from patience import MILLISECONDS
from websites import Watched

from isoaux import ppp

pytest.importorskip("jupyterlab")
pytest.importorskip("anywidget")
nbformat = pytest.importorskip("nbformat")
playwright = pytest.importorskip("playwright.sync_api")

from isoaux.explorer import Explorer  # noqa: E402

pytestmark = pytest.mark.site

CELL = """import ipywidgets
from isoaux.explorer import Explorer

explorer = Explorer(epsilon=0.6)
changes = []
explorer.observe(lambda change: changes.append(change["new"]), "count")
linked = ipywidgets.FloatSlider(value=explorer.epsilon, min=0, max=0.99, step=0.01, description="linked")
ipywidgets.link((linked, "value"), (explorer, "epsilon"))
ipywidgets.VBox([linked, explorer])"""


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, folder / "explorer.ipynb")
    with started(folder) as found:
        yield found


@pytest.fixture
def opened(laboratory: Laboratory, browser: Any) -> Iterator[tuple[Any, Kernel]]:
    """A notebook's page whose cells have been run, and Python in its kernel; requests to other hosts fail the test."""
    with browser.new_context(viewport={"width": 1400, "height": 1600}) as context:
        context.set_default_timeout(MILLISECONDS)
        watched = Watched(context.new_page())
        watched.page.goto(laboratory.page("explorer.ipynb"))
        watched.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        with laboratory.kernel("explorer.ipynb", watched.page) as kernel:
            run_all(watched.page)
            yield watched.page, kernel
        assert not watched.foreign


def run_all(page: Any) -> None:
    """Run all cells until the explorer is there: a page whose kernel is not connected yet passes over the command."""
    for seconds in (40, 80, 160, 320, 640):
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)")
        with suppress(playwright.TimeoutError):
            page.locator(".isoaux-explorer canvas.picture").first.wait_for(timeout=1000 * seconds)
            return
    raise AssertionError("the notebook's cells show no explorer")


def counted(explorer: Explorer) -> int:
    """How many points NumPy keeps of what this explorer shows."""
    found = ppp.project(explorer.representations(), explorer.directions(), explorer.epsilon, explorer.variant)
    return int((found.planes[found.plane] == explorer.plane).all(1).sum() if explorer.plane else found.counts.sum())


def test_traits_and_page_follow_each_other(opened: tuple[Any, Kernel]) -> None:
    page, kernel = opened
    alike = Explorer(epsilon=0.6)

    def same() -> None:
        expected = counted(alike)
        slack = 0 if alike.basis == "standard" else 2
        drawn = "document.querySelector('.isoaux-explorer canvas.picture')?.dataset.count"
        page.wait_for_function(f"([count, slack]) => Math.abs({drawn} - count) <= slack", arg=[expected, slack])
        kernel.wait(f"abs(explorer.count - {expected}) <= {slack}")

    same()
    slider = page.get_by_label("Threshold ε")
    for _ in range(2):
        slider.press("ArrowRight")
    kernel.wait("explorer.epsilon == 0.62 and linked.value == 0.62")
    alike.epsilon = 0.62
    same()
    assert kernel.value("changes[-1] == explorer.count and len(set(changes)) > 1")

    page.get_by_label("Basis").select_option("random")
    kernel.wait("explorer.basis == 'random'")
    alike.basis = "random"
    same()

    kernel.run("explorer.epsilon = 0.9; explorer.basis = 'standard'")
    alike.epsilon, alike.basis = 0.9, "standard"
    same()
    assert slider.input_value() == "0.9" and page.get_by_label("Basis").input_value() == "standard"

    kernel.run("linked.value = 0.5; explorer.plane = [0, 3]")
    alike.epsilon, alike.plane = 0.5, [0, 3]
    same()
    assert slider.input_value() == "0.5"
