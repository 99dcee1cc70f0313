"""The explorer as a Python object, and its modules as one script."""

import io
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from PIL import Image
from roots import ROOT

from isoaux import bases, ppp
from isoaux.common import paths
from isoaux.explorer import bundle, checks, files, random_basis, sending, turned

pytest.importorskip("anywidget")
ipywidgets = pytest.importorskip("ipywidgets")

from isoaux.explorer import Explorer  # noqa: E402

FOLDER = ROOT / "book" / "data" / "explorer"
CLOUD = np.random.default_rng(0).normal(size=(300, 6))


def test_one_scope_holds_every_module_and_no_name_twice() -> None:
    assert not re.search(r"^(import|export)\b", bundle.joined(), flags=re.M)
    source = bundle.joined() + (bundle.HERE / "host.mjs").read_text("utf-8")
    names = re.findall(r"^(?:async )?(?:const|let|class|function\*?)\s+(\w+)", source, flags=re.M)
    assert len(names) == len(set(names)) > 40
    assert bundle.for_widget().count("export default") == 1
    page = bundle.for_page((FOLDER / files.LIST).read_text("utf-8"))
    assert page.startswith("(function isoaux(LIST, EXAMPLES) {") and not re.search(
        r"^(import|export)\b", page, flags=re.M
    )
    worker = page.index("return serve(globalThis)")
    assert worker < page.index("document.currentScript"), "what needs a page is after what a worker needs"


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
    assert settings["beside"].strip('"') == "cifar-N-isotanh-n32-L0 k0"


def test_published_networks_and_own_representations() -> None:
    assert Explorer().representations().shape == (20_000, 32)
    assert Explorer(network="cifar-U-tanh-n18-L0 k0", epoch=61).representations().shape == (4_000, 18), (
        "the nearest checkpoint"
    )
    own = Explorer(CLOUD)
    assert own.network == "representations k0"
    np.testing.assert_array_equal(own.representations(), CLOUD.astype(np.float32))
    several = Explorer({"a": CLOUD, "b": CLOUD[:, :4]}, beside="b k0")
    assert [one["width"] for one in several._list["networks"]] == [6, 4]


def test_directions_are_those_that_are_shown() -> None:
    explorer = Explorer(CLOUD, basis="random", seed=5)
    np.testing.assert_array_equal(explorer.directions(), random_basis(6, 5))
    explorer.basis, explorer.turn = "simplex", [1, 2, 30]
    np.testing.assert_array_equal(explorer.directions(), turned(bases.simplex(6), 1, 2, np.radians(30)))
    rows = random_basis(6, 9)[:3]
    np.testing.assert_allclose(Explorer(CLOUD, basis=rows).directions(), rows, atol=1e-12)


def test_a_cross_polytope_has_the_antipodes_of_the_neurons(refused: Any) -> None:
    explorer = Explorer(CLOUD, basis="cross-polytope", turn=[0, 7, 30])
    np.testing.assert_array_equal(explorer.directions(), turned(bases.cross_polytope(6), 0, 7, np.radians(30)))
    explorer.plane = [6, 11]
    for name, value in (("turn", [0, 6, 30]), ("plane", [0, 6])):
        refused(["rows 0 and 6 of the basis are parallel"], setattr, explorer, name, value)
    explorer.basis = "standard"
    np.testing.assert_array_equal(explorer.directions(), bases.standard(6))


def test_a_basis_of_too_many_vectors_is_refused(refused: Any) -> None:
    wide = np.random.default_rng(1).normal(size=(5, 49))
    refused(["basis is 'cross-polytope'", "98 vectors", "at most 96"], Explorer, wide, basis="cross-polytope")
    several = Explorer({"a": wide[:, :48], "b": wide}, basis="cross-polytope")
    assert several.directions().shape == (96, 48)
    several.network = "b k0"
    np.testing.assert_array_equal(several.directions(), bases.standard(49))


@pytest.fixture
def with_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The vectors of the second of two listed networks, in files of their own."""
    folder = tmp_path / "explorer"
    basis, networks = bases.thomson(16, 5, 3), []
    for name, more in (("a", {}), ("b", {"vectors": files.write_vectors(folder, basis)})):
        parts = files.write(folder, np.arange(50, dtype=np.int16).reshape(10, 5) - 20)
        epoch = {"epoch": 100, "samples": 10, "scale": 1.0, "parts": parts}
        networks.append({"network": name, "layer": 0, "width": 5, "epochs": [epoch]} | more)
    files.write_list(folder, {"networks": networks})
    monkeypatch.setattr(paths, "data", lambda: tmp_path)
    return files.read_vectors(folder, networks[1]["vectors"], 5)


def test_the_vectors_of_a_network_are_its_basis(with_vectors: np.ndarray, refused: Any) -> None:
    explorer = Explorer(network="b k0", basis="thomson", turn=[0, 3, 10])
    np.testing.assert_array_equal(explorer.directions(), turned(with_vectors, 0, 3, np.radians(10)))
    assert explorer.picture()
    sent: list[Any] = []
    explorer.send = lambda content, buffers=(): sent.append((content, list(buffers)))
    explorer._answer(explorer, {"question": "1", "network": "b k0", "vectors": True}, [])
    ((content, (buffer,)),) = sent
    assert content == {"answer": "1"}
    np.testing.assert_allclose(np.frombuffer(buffer, "<f4").reshape(5, 16).T, with_vectors, atol=1e-7)
    explorer.network = "a k0"
    np.testing.assert_array_equal(explorer.directions(), turned(bases.standard(5), 0, 3, np.radians(10)))
    refused(
        ["basis is 'thomson', which did not come with this network (a, 5 neurons)"],
        Explorer,
        network="a k0",
        basis="thomson",
    )
    refused(["basis is 'thomson', which did not come"], Explorer, CLOUD, basis="thomson")


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
    np.testing.assert_array_equal(np.frombuffer(buffer, "<f4").reshape(18, -1).T, values)
    monkeypatch.setattr(files, "read", lambda *_: (_ for _ in ()).throw(FileNotFoundError("a file is missing")))
    explorer._answer(explorer, {"question": 8, "network": "cifar-U-tanh-n18-L0 k0", "epoch": 60}, [])
    assert sent[1] == ({"answer": 8, "error": "a file is missing"}, [])


def test_what_cannot_be_shown_is_refused(refused: Any) -> None:
    refused(["epsilon is 1.5"], Explorer, CLOUD, epsilon=1.5)
    refused(["basis has row 0 of length 2"], Explorer, CLOUD, basis=2 * np.eye(6))
    refused(["activations holds nan at row 0, column 0"], Explorer, np.full((3, 2), np.nan))
    refused(["activations['b'] holds inf"], Explorer, {"a": CLOUD, "b": np.full((3, 2), np.inf)})
    for wrong in (CLOUD[0], CLOUD[None], CLOUD[:0], CLOUD[:, :1], CLOUD[:, :0], [["a", "b"]]):
        refused(["activations"], Explorer, wrong)
    with pytest.raises(FileNotFoundError, match="^activations is 'layer.npy', which does not exist"):
        Explorer("layer.npy")
    refused(["activations is {}"], Explorer, {})
    refused(["the name 1"], Explorer, {1: CLOUD})
    refused(["setting is 'epsilonn'", "did you mean 'epsilon'"], Explorer, CLOUD, epsilonn=0.5)


def test_what_is_sent_keeps_every_direction() -> None:
    """Also of rows beside others that are far longer, and of numbers that float32 does not have."""
    massive = with_massive_activations()
    for array in (massive, massive * 1e-300, massive * 1e300, massive.astype(np.float32) * np.float32(1e-38)):
        explorer, values = Explorer(array), sent_by(Explorer(array))
        assert values.dtype == np.float32 and np.isfinite(values).all()
        scale = explorer._list["networks"][0]["epochs"][0]["scale"]
        assert np.frexp(scale)[0] == 0.5, "a power of two"
        np.testing.assert_array_equal(values.astype(np.float64) * scale, explorer.representations())
        precision = np.abs(array).max(axis=1, keepdims=True) * 2.0**-23 + (array.dtype == np.float32) * 1e-45
        assert (np.abs(explorer.representations() - array) <= precision).all()
    for basis in ("standard", "simplex"):
        own, shown = Explorer(massive, basis=basis), []
        for rows in (massive, own.representations()):
            found = ppp.project(rows, own.directions(), 0.75)
            shown.append(set(zip(found.sample.tolist(), found.plane.tolist(), strict=True)))
        assert shown[0] == shown[1] and len(shown[0]) > 200


def test_lengths_that_float32_cannot_hold_together_are_refused(refused: Any) -> None:
    rows = CLOUD.copy()
    rows[3] *= 1e-100
    refused(["row 3", "7e75"], Explorer, rows)
    rows[3] = 0
    np.testing.assert_array_equal(Explorer(rows).representations(), rows.astype(np.float32))
    rows[3], rows[4] = 1e-30, 1e40
    values = Explorer(rows).representations()
    np.testing.assert_allclose(values[3:6], rows[3:6], rtol=1e-6)


def test_more_numbers_than_a_page_can_take_are_refused(monkeypatch: pytest.MonkeyPatch, refused: Any) -> None:
    monkeypatch.setattr(sending, "LARGEST", 1_000)
    refused(["1,800 numbers", "at most 1,000"], Explorer, CLOUD)
    refused(["6,000,000,000 numbers"], Explorer, np.broadcast_to(0.0, (10**9, 6)))
    refused(["1,800 numbers", "at most 1,000"], Explorer, CLOUD.tolist())


@pytest.mark.parametrize(
    "array", [np.zeros((5, 3)), CLOUD[:1], CLOUD * 1e300, CLOUD * 1e-300, CLOUD.astype(np.float16)]
)
def test_every_array_has_a_picture(array: np.ndarray) -> None:
    explorer = Explorer(array)
    assert np.asarray(Image.open(io.BytesIO(explorer.picture()))).shape[:2] == (200, 200)
    assert sent_by(explorer).shape == array.shape


def with_massive_activations() -> np.ndarray:
    """2,000 rows, of which the first 20 have one neuron at 13,000."""
    rows = np.random.default_rng(0).normal(size=(2_000, 6))
    rows[:20, 2] = 13_000
    return rows


def sent_by(explorer: Explorer) -> np.ndarray:
    """What its page is sent, (N, n)."""
    sent: list[Any] = []
    explorer.send = lambda content, buffers=(): sent.append((content, list(buffers)))
    explorer._answer(explorer, {"question": "1", "network": explorer.network, "epoch": 0}, [])
    ((content, (buffer,)),) = sent
    assert content == {"answer": "1"}
    return np.frombuffer(buffer, "<f4").reshape(explorer.directions().shape[1], -1).T


# --- settings that cannot be

PARALLEL = np.vstack([np.eye(6)[:2], -np.eye(6)[:1]])

WRONG: list[tuple[str, Any, list[str]]] = [
    ("network", "nope k0", ["network is 'nope k0'", "accepted: representations k0"]),
    ("network", "representations", ["did you mean 'representations k0'"]),
    ("beside", "representations k1", ["beside is 'representations k1'", "did you mean 'representations k0'"]),
    ("epsilon", 1.0, ["epsilon is 1.0"]),
    ("epsilon", float("nan"), ["epsilon is nan"]),
    ("basis", "standart", ["basis is 'standart'", "did you mean 'standard'"]),
    ("basis", "given", ["basis is 'given'"]),
    ("seed", -1, ["seed is -1"]),
    ("seed", 2**32, ["seed is 4294967296"]),
    ("variant", "both", ["variant is 'both'"]),
    ("turn", [0, 9, 10], ["turn is [0, 9, 10]", "j is 9", "0 to 5"]),
    ("turn", [0, 0, 10], ["turn is [0, 0, 10]", "both 0"]),
    ("turn", [-1, 2, 10], ["i is -1"]),
    ("turn", [0, 1.5, 10], ["j is 1.5"]),
    ("turn", [0, True, 10], ["j is True"]),
    ("turn", [0, "1", 10], ["j is '1'"]),
    ("turn", [0, 1], ["turn is [0, 1]", "[i, j, degrees]"]),
    ("turn", [0, 1, 10, 2], ["[i, j, degrees]"]),
    ("turn", [], ["[i, j, degrees]"]),
    ("turn", [0, 1, float("nan")], ["degrees is nan"]),
    ("turn", [0, 1, float("inf")], ["degrees is inf"]),
    ("turn", [0, 1, 10**400], ["degrees is a whole number beyond"]),
    ("turn", [0, 1, "x"], ["degrees is 'x'"]),
    ("plane", [0, 9], ["plane is [0, 9]", "j is 9"]),
    ("plane", [3, 3], ["both 3"]),
    ("plane", list(range(10_000)), ["plane is [0, 1, 2, 3, 4, 5, ...]"]),
    ("plane", [0, np.timedelta64(1)], ["j is np.timedelta64(1)"]),
    ("seed", 10**400, ["seed is a whole number beyond"]),
    ("plane", [3, 0], ["plane is [3, 0]", "[0, 3]", "'permutation'"]),
    ("plane", [0, -1], ["j is -1"]),
    ("plane", [0, 1.0], ["j is 1.0"]),
    ("plane", [1], ["plane is [1]", "[i, j]"]),
    ("plane", [0, 1, 2], ["[i, j]"]),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_a_setting_that_cannot_be_is_refused(name: str, value: Any, words: list[str], refused: Any) -> None:
    """In the making, when it is set later, and when the page sends it; what was there stays."""
    refused(words, Explorer, CLOUD, **{name: value})
    explorer = Explorer(CLOUD, turn=[0, 1, 5], plane=[1, 2])
    before, seen, sent = settings(explorer), list[Any](), list[Any]()
    explorer.observe(seen.append)
    explorer.send_state = lambda names=None: sent.append(names)
    refused(words, setattr, explorer, name, value)
    assert not sent
    refused(words, explorer.set_state, {name: value, "shared": True})
    assert settings(explorer) == before and not seen and not explorer.shared
    assert sent == [[name]], "the page gets back what was there"


@pytest.mark.parametrize(("name", "value"), [("epsilon", 2.0), ("plane", [0, 99]), ("seed", -1), ("turn", [0, 0, 1])])
def test_settings_that_are_set_together_are_all_taken_back(name: str, value: Any, refused: Any) -> None:
    explorer = Explorer(CLOUD, plane=[1, 2])
    before = settings(explorer)

    def together() -> None:
        with explorer.hold_trait_notifications():
            explorer.variant = "permutation"
            setattr(explorer, name, value)

    refused([f"{name} is "], together)
    assert settings(explorer) == before and explorer.picture()
    refused(["epsilon is 1.5"], setattr, explorer, "epsilon", 1.5)
    with explorer.hold_trait_notifications():
        explorer.variant, explorer.plane = "permutation", [2, 1]
    assert explorer.plane == [2, 1]


@pytest.mark.parametrize("degrees", [2**64, 1e300, -(2.0**70), np.float32(30)])
def test_any_finite_angle_can_be_shown(degrees: Any) -> None:
    explorer = Explorer(CLOUD, turn=[0, 1, degrees])
    assert np.allclose(explorer.directions() @ explorer.directions().T, np.eye(6)) and explorer.picture()


def test_numbers_of_numpy_are_taken_and_what_the_page_counts_is_not_set() -> None:
    explorer = Explorer(CLOUD, epsilon=np.float32(0.5))
    assert explorer.epsilon == 0.5 and type(explorer.epsilon) is float
    for name in ("count", "c4", "s2"):
        with pytest.raises(traitlets.TraitError, match="read-only"):
            setattr(explorer, name, 7)
        with pytest.raises(ValueError, match="^setting is "):
            Explorer(CLOUD, **{name: 7})
    explorer.set_state({"count": 7})  # as the page does
    assert explorer.count == 7


def settings(explorer: Explorer) -> dict[str, Any]:
    return {name: getattr(explorer, name) for name in checks.CHECKS}


def test_settings_of_the_wrong_kind_are_refused(refused: Any) -> None:
    explorer = Explorer(CLOUD)
    for name, value in (
        ("turn", "0,1"),
        ("plane", 3),
        ("seed", "x"),
        ("epsilon", "x"),
        ("network", 3),
        ("variant", None),
    ):
        for refusing in (partial(Explorer, CLOUD, **{name: value}), partial(setattr, explorer, name, value)):
            with pytest.raises((traitlets.TraitError, ValueError), match=name):
                refusing()
        with pytest.raises(ValueError, match=name):
            explorer.set_state({name: value})
    refused(["basis is of type ndarray"], setattr, explorer, "basis", np.eye(6))


def test_a_given_basis_has_to_fit(refused: Any) -> None:
    refused(["of 6 neurons", "rows of 5 numbers"], Explorer, CLOUD, basis=np.eye(5))
    refused(["at least two rows"], Explorer, CLOUD, basis=np.eye(6)[:1])
    refused(["basis holds nan"], Explorer, CLOUD, basis=np.full((6, 6), np.nan))
    refused(["rows 0 and 2 of the basis are parallel"], Explorer, CLOUD, basis=PARALLEL, turn=[0, 2, 10])
    refused(["rows 0 and 2 of the basis are parallel"], Explorer, CLOUD, basis=PARALLEL, plane=[0, 2])
    two = Explorer({"a": CLOUD, "b": CLOUD[:, :4]}, basis=np.eye(6))
    refused(["network is 'b k0' of 4 neurons"], setattr, two, "network", "b k0")
    refused(["beside is 'b k0' of 4 neurons"], setattr, two, "beside", "b k0")
    two.basis = "simplex"
    two.beside = "b k0"
    refused(["beside is 'b k0' of 4 neurons"], setattr, two, "basis", "given")


def test_what_another_network_does_not_have_is_passed_over() -> None:
    explorer = Explorer({"a": CLOUD, "b": CLOUD[:, :4]}, turn=[0, 5, 20], plane=[1, 5], epsilon=0.5)
    assert (explorer.directions() != bases.standard(6)).any()
    explorer.network = "b k0"
    np.testing.assert_array_equal(explorer.directions(), bases.standard(4))
    all_planes = explorer.picture()
    explorer.plane = []
    assert explorer.picture() == all_planes
    simplex = Explorer(CLOUD, basis="simplex", turn=[0, 6, 10], plane=[6, 0], variant="permutation")
    assert simplex.turn == [0, 6, 10] and simplex.plane == [6, 0]
    simplex.basis = "standard"
    np.testing.assert_array_equal(simplex.directions(), bases.standard(6))


def test_settings_may_come_as_numpy_has_them() -> None:
    explorer = Explorer(
        CLOUD, turn=(np.int64(0), np.int32(2), np.float32(30.5)), plane=tuple(np.arange(2)), seed=2**32 - 1
    )
    assert explorer.turn == [0, 2, 30.5] and explorer.plane == [0, 1]
    assert {type(part) for part in [*explorer.turn, *explorer.plane]} == {int, float}


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
