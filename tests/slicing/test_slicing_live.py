"""The files of the live slice: a slice without the images, under Node.js, against that through the images."""

import json
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import javascript
import numpy as np
import pytest
from random_nets import random_layers
from roots import ROOT

from isoaux.drawing.look import HUES
from isoaux.polytopes import Net, codes, partition, segments
from isoaux.slicing import bundle, collection, files, packing
from isoaux.slicing.packing import File

FOLDER = ROOT / "book" / "data" / "slicing"
COUNT = 6
LEAK = 0.01


@pytest.fixture(scope="module")
def net() -> Net:
    """A random network whose numbers float32 holds."""
    return packing.single(Net(random_layers((20, 14, 14, 14, 5), 3), LEAK))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return 3 * np.random.default_rng(4).standard_normal((COUNT, 20))


def case(net: Net, images: np.ndarray, three: list[int], start: int) -> dict[str, Any]:
    """The slice through three images as Python makes it of the images themselves."""
    points = net.activations(images[three])[start]
    plane = partition.through(*points)
    made = partition.slice(net, plane.origin, plane.first, plane.second, plane.window, start)
    pieces = made.classes()
    lines = []
    for i, j in combinations(range(3), 2):
        p, q = points[i], points[j]
        layers = segments.breakpoints(net, p, q, start).layer
        changed = segments.class_changes(net, p, q, start)
        lines.append(
            {
                "ends": [i, j],
                "byLayer": [int((layers == k).sum()) for k in range(start + 1, net.depth + 1)],
                "differing": int(np.logical_xor(*codes(net, points[[i, j]], start)).sum()),
                "changes": list(zip(changed.t.tolist(), changed.before.tolist(), changed.after.tolist(), strict=True)),
            }
        )
    away = points - plane.origin
    return {
        "three": three,
        "start": start,
        "window": plane.window,
        "corners": np.column_stack([away @ plane.first, away @ plane.second]).tolist(),
        "facesByLayer": made.faces_by_layer,
        "codes": sorted("".join(map(str, row.astype(int))) for row in made.codes),
        "areas": pieces.areas(net.widths[-1]).tolist(),
        "between": float(np.linalg.norm(np.diff(pieces.boundaries(), axis=1), axis=2).sum()),
        "segments": lines,
    }


def test_a_slice_needs_no_pixel(
    net: Net, images: np.ndarray, installed: Callable[[str, str], str], tmp_path: Path
) -> None:
    small = np.random.default_rng(5).integers(0, 256, (COUNT, packing.SIDE**2)).astype(np.uint8)
    texts = [file.text for file in (packing.pictures(images, small), packing.network(net, images))]
    cases = [case(net, images, three, start) for three in ([0, 1, 2], [5, 0, 3]) for start in range(net.depth)]
    assert all(len(one["codes"]) > 10 for one in cases)
    given = {"pictures": texts[0], "network": texts[1], "widths": net.widths, "leak": LEAK, "count": COUNT}
    given |= {"side": packing.SIDE, "small": small.tolist(), "cases": cases}
    javascript.check(installed("node", "nodejs"), "slicing/live.test.mjs", given, tmp_path)


def test_a_file_is_named_after_its_bytes_and_reads_back() -> None:
    file = File(bytes(range(256)))
    assert File.of_script(file.script) == file and len(file.name) == 20
    assert file.name != File(bytes(255)).name
    with pytest.raises(ValueError, match="text is no script"):
        File.of_script("nothing")


def test_images_are_the_first_of_their_class_and_the_corners() -> None:
    labels = np.array([1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0])
    chosen = collection.chosen(labels, np.array([10, 9, 1]))
    assert chosen.tolist() == [1, 2, 3, 10, 0, 6, 7, 9]


def test_small_pictures_are_the_nearest_that_a_layer_gives_back(net: Net) -> None:
    """Of images that are an affine function of the layer's numbers nothing is lost; a constant pixel stays."""
    weight, bias = net.affine[0]
    rng = np.random.default_rng(6)
    train = rng.uniform(0, 1, (400, 20)) @ np.linalg.pinv(weight) @ weight  # in the span of its weights
    train = 0.5 + 0.4 * train / np.abs(train).max()
    x = train[:5]
    z = np.column_stack([train @ weight.T + bias, np.ones(len(train))])
    residual = train - z @ np.linalg.lstsq(z, train, rcond=None)[0]
    kept = collection.kept(net, train, x)
    assert np.abs(kept / 255 - (x - residual[:5])).max() <= 0.5 / 255 + 1e-9


# --- what is published


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    return files.read_list(FOLDER)


def test_published_files_are_those_of_the_list_and_light(listed: dict[str, Any]) -> None:
    assert {path.stem for path in FOLDER.glob("*.mjs")} == files.named(listed)
    for name in files.named(listed):
        assert len(files.read(FOLDER, name).script) < 100_000
    labels = [image["label"] for image in listed["images"]]
    assert np.bincount(labels).tolist() == [collection.EACH] * 10


def test_networks_are_those_of_the_figure_and_slices_have_its_faces(listed: dict[str, Any]) -> None:
    """Of every stored network the slice through the figure's images, in its cheapest space, from the files alone."""
    from isoaux import workflow
    from isoaux.settings import Settings
    from isoaux.studies.polytopes import data

    result = workflow.result("figX10", Settings())
    drawing = result.drawing
    places = [[image["index"] for image in listed["images"]].index(at) for at in drawing.arrays["corners"]]
    checkpoints = [0, 1, 10]
    rows = {(configuration.id, seed): row for row, (configuration, seed) in enumerate(result.rows)}
    for about in listed["networks"]:
        for epoch in about["epochs"]:
            stored = data.stored(drawing, about["network"], epoch["epoch"])
            content = files.read(FOLDER, epoch["part"]).content
            before = np.frombuffer(content, "<f8", len(listed["images"]) * 64).reshape(-1, 64)
            behind = Net([(np.eye(64), np.zeros(64)), *stored.affine[1:]], stored.leak)
            assert content[before.nbytes :] == packing._numbers(stored, 1)
            last = behind.activations(before[places])[behind.depth - 1]
            plane = partition.through(*last)
            made = partition.slice(behind, plane.origin, plane.first, plane.second, plane.window, behind.depth - 1)
            row, at = rows[about["network"], about["seed"]], checkpoints.index(epoch["epoch"])
            assert made.faces == drawing.arrays["faces"][row, at, -1, -1], (about["network"], epoch["epoch"])
    first = np.frombuffer(files.read(FOLDER, listed["pictures"]).content, "<f8", 40 * 39 // 2)
    i, j = np.triu_indices(40, 1)
    apart = {(a, b): d for a, b, d in zip(i.tolist(), j.tolist(), first.tolist(), strict=True)}
    widest = max(apart[min(a, b), max(a, b)] for a, b in combinations(places, 2))
    assert widest == pytest.approx(drawing.arrays["window"][0, 0, 0], rel=1e-12)


def test_other_images_than_those_of_the_figure_are_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    from isoaux.training import data

    digits = data.load("digits")
    refused(["dataset is 'digits'", "figX10 was published from MNIST"], collection.write, digits, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_list_or_a_file_that_is_missing_or_altered_is_said(tmp_path: Path, listed: dict[str, Any]) -> None:
    with pytest.raises(FileNotFoundError, match=r"slicing.json is missing; `python -m isoaux explorer --slices"):
        files.read_list(tmp_path)
    name = listed["pictures"]
    with pytest.raises(FileNotFoundError, match=f"{name}.mjs is missing"):
        files.read(tmp_path, name)
    whole = (FOLDER / f"{name}.mjs").read_text("ascii")
    for text in (whole[:-200], "", whole.replace('= "A', '= "B', 1).replace('= "0', '= "1', 1)[:-100]):
        (tmp_path / f"{name}.mjs").write_text(text)
        with pytest.raises(ValueError, match="is truncated or was altered"):
            files.read(tmp_path, name)


def test_every_module_is_in_the_page() -> None:
    assert {path.stem for path in bundle.HERE.glob("*.mjs")} == {"page", "widget"} | set(bundle.MODULES)
    page = bundle.for_page(json.dumps({"a": 1}))
    assert "import " not in page.replace("// import", "") and page.startswith("(function isoauxSlice(LIST) {")


def test_classes_have_the_colours_of_all_figures() -> None:
    source = (bundle.HERE / "cutting.mjs").read_text("utf-8")
    colours = re.search(r"CLASS_COLOURS = \[(.*?)\]", source)
    assert colours and json.loads(f"[{colours[1]}]") == list(HUES)
