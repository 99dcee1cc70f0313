"""The explorer as a Python object, and its modules as one script."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from isoaux import bases
from isoaux.explorer import bundle, files, packing, random_basis, turned

pytest.importorskip("anywidget")
ipywidgets = pytest.importorskip("ipywidgets")

from isoaux.explorer import Explorer  # noqa: E402

FOLDER = Path(__file__).resolve().parents[1] / "book" / "data" / "explorer"
CLOUD = np.random.default_rng(0).normal(size=(300, 6))


def test_one_scope_holds_every_module_and_no_name_twice() -> None:
    assert not re.search(r"^(import|export)\b", bundle.joined(), flags=re.M)
    source = bundle.joined() + (bundle.HERE / "host.mjs").read_text("utf-8")
    names = re.findall(r"^(?:async )?(?:const|let|class|function\*?)\s+(\w+)", source, flags=re.M)
    assert len(names) == len(set(names)) > 40
    assert bundle.for_widget().count("export default") == 1
    page = bundle.for_page((FOLDER / files.LIST).read_text("utf-8"))
    assert (
        page.startswith("(() => {") and "export" not in re.sub('"[^"]*"', "", page).split("document.currentScript")[1]
    )


def test_every_module_is_in_the_bundle() -> None:
    hosts = {"host", "widget"}
    assert {path.stem for path in bundle.HERE.glob("*.mjs")} == hosts | set(bundle.MODULES)


def test_settings_are_those_of_the_page() -> None:
    """A trait under every name that the page's settings have, with the same value but for the second network."""
    source = (bundle.HERE / "settings.mjs").read_text("utf-8")
    block = source[source.index("SETTINGS = {") : source.index("};")]
    settings = dict(re.findall(r"^  (\w+): (.*),$", block, flags=re.M))
    explorer = Explorer()
    for name, text in settings.items():
        value = {"true": True, "false": False}.get(text, text)
        if name != "beside":
            own = explorer.trait_values()[name]
            assert (
                value == own if isinstance(own, bool) else str(own).replace("'", '"').strip('"') == text.strip('"')
            ), name
    assert settings["beside"].strip('"') == "cifar-U-isotanh-n18-L0 k0"


def test_published_networks_and_own_representations() -> None:
    assert Explorer().representations().shape == (20_000, 18)
    assert Explorer(epoch=61).representations().shape == (4_000, 18), "the nearest checkpoint"
    own = Explorer(CLOUD)
    assert own.network == "representations k0"
    assert np.abs(own.representations() - CLOUD).max() <= np.abs(CLOUD).max() / packing.STEPS
    several = Explorer({"a": CLOUD, "b": CLOUD[:, :4]}, beside="b k0")
    assert [one["width"] for one in several._list["networks"]] == [6, 4]


def test_directions_are_those_that_are_shown() -> None:
    explorer = Explorer(CLOUD, basis="random", seed=5)
    np.testing.assert_array_equal(explorer.directions(), random_basis(6, 5))
    explorer.basis, explorer.turn = "simplex", [1, 2, 30]
    np.testing.assert_array_equal(explorer.directions(), turned(bases.simplex(6), 1, 2, np.radians(30)))
    rows = random_basis(6, 9)[:3]
    np.testing.assert_allclose(Explorer(CLOUD, basis=rows).directions(), rows, atol=1e-12)


def test_a_still_picture_goes_with_the_widget() -> None:
    explorer = Explorer(CLOUD, epsilon=0.5)
    bundle_of_types, _ = explorer._repr_mimebundle_()
    assert {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"} <= set(bundle_of_types)
    assert "0x" not in bundle_of_types["text/plain"]
    whole = np.asarray(Image.open(io.BytesIO(explorer.picture())).convert("RGB")).astype(int)
    assert whole.shape == (200, 200, 3) and whole.sum(2).max() > 400
    explorer.plane = [0, 3]
    one = np.asarray(Image.open(io.BytesIO(explorer.picture())).convert("RGB")).astype(int)
    assert (one.sum(2) > 100).sum() < (whole.sum(2) > 100).sum()


def test_representations_are_sent_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    explorer = Explorer()
    monkeypatch.setattr(explorer, "send", lambda content, buffers=(): sent.append((content, list(buffers))))
    explorer._answer(explorer, {"question": 7, "network": "cifar-U-tanh-n18-L0 k0", "epoch": 60}, [])
    content, (buffer,) = sent[0]
    entry = next(epoch for epoch in explorer._list["networks"][0]["epochs"] if epoch["epoch"] == 60)
    values = files.read(FOLDER, entry["parts"], 18)
    assert content == {"answer": 7}
    np.testing.assert_array_equal(np.frombuffer(buffer, np.int16).reshape(18, -1).T, values)
    monkeypatch.setattr(files, "read", lambda *_: (_ for _ in ()).throw(FileNotFoundError("a file is missing")))
    explorer._answer(explorer, {"question": 8, "network": "cifar-U-tanh-n18-L0 k0", "epoch": 60}, [])
    assert sent[1] == ({"answer": 8, "error": "a file is missing"}, [])


def test_what_cannot_be_shown_is_refused(refused: Any) -> None:
    refused(["epsilon is 1.5"], Explorer, CLOUD, epsilon=1.5)
    refused(["basis has row 0 of length 2"], Explorer, CLOUD, basis=2 * np.eye(6))
    refused(["representations"], Explorer, np.full((3, 2), np.nan))


# --- ipywidgets' own ways with traits


def test_traits_can_be_observed() -> None:
    explorer, seen = Explorer(CLOUD), list[tuple[str, Any]]()
    explorer.observe(
        lambda change: seen.append((change["name"], change["new"])), ["epsilon", "basis", "plane", "count"]
    )
    explorer.epsilon = 0.4
    explorer.basis = "random"
    explorer.plane = [1, 2]
    explorer.set_state({"count": 12, "epsilon": 0.3})  # as the page reports it
    assert seen == [("epsilon", 0.4), ("basis", "random"), ("plane", [1, 2]), ("count", 12), ("epsilon", 0.3)]


def test_traits_can_be_linked_both_ways() -> None:
    explorer, slider = Explorer(CLOUD, epsilon=0.6), ipywidgets.FloatSlider(min=0, max=0.99)
    link = ipywidgets.link((explorer, "epsilon"), (slider, "value"))
    assert slider.value == 0.6
    slider.value = 0.25
    assert explorer.epsilon == 0.25
    explorer.set_state({"epsilon": 0.8})
    assert slider.value == 0.8
    link.unlink()
    slider.value = 0.1
    assert explorer.epsilon == 0.8
    other = Explorer(CLOUD)
    ipywidgets.link((explorer, "variant"), (other, "variant"))
    other.variant = "permutation"
    assert explorer.variant == "permutation"


def test_interactive_follows_the_explorers_traits() -> None:
    explorer = Explorer(CLOUD)
    shown = ipywidgets.interactive(
        lambda epsilon, basis: (epsilon, basis), epsilon=ipywidgets.FloatSlider(max=0.99), basis=["standard", "random"]
    )
    for control in shown.children[:2]:
        ipywidgets.link((explorer, control.description), (control, "value"))
    explorer.epsilon, explorer.basis = 0.5, "random"
    assert shown.result == (0.5, "random")
