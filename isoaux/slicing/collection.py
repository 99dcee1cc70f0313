"""The files of the live slice: networks whose weights are published, behind their first layer, and test images in it.

The images are somebody else's and are not among the files. A slice through three of them needs their distances and
what the first layer makes of them, and no pixel. Their small pictures are what that layer's numbers give back.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common.archive import Published
from isoaux.paper import Classifier, figure
from isoaux.polytopes import Net
from isoaux.settings import Settings
from isoaux.slicing import files, packing
from isoaux.slicing.packing import File
from isoaux.studies.polytopes import data
from isoaux.training.data import Images

FIGURE = "figX10"
"""The figure whose networks are sliced."""

EACH = 4
"""Test images of each class."""

SHOWN = "poly-mnist-relu-w64-d3-pytorch"
"""The network that a page begins with; its first layer gives the small pictures."""


def write(images: Images, folder: Path) -> Path:
    """Write the files of the live slice to ``folder``; the path of their list.

    ``images`` are those that the networks of the published figure of slices were trained on. Raises ValueError for
    others, and for a figure of which nothing is published.
    """
    drawing = data.read(figure(FIGURE), Settings()).drawing
    facts = drawing.facts
    if images.labels_test is None or images.checksum != facts["checksum"]:
        raise ValueError(
            f"dataset is {images.source!r}, but {FIGURE} was published from {facts['dataset']}; "
            "accepted: the same images."
        )
    which = chosen(images.labels_test, drawing.arrays["corners"])
    x = images.test[which] / 255.0
    small = kept(data.stored(drawing, SHOWN, int(facts["epochs"])), images.train / 255.0, x)
    listed, parts = _networks(drawing, x)
    shown = packing.pictures(x, small)
    for file in (*parts, shown):
        files.write(folder, file)
    content = {
        "format_version": 1,
        "figure": FIGURE,
        "dataset": images.name,
        "images": [{"index": int(at), "label": int(images.labels_test[at])} for at in which],
        "pictures": shown.name,
        "side": packing.SIDE,
        "shown": {"network": SHOWN, "images": [int(at) for at in drawing.arrays["corners"]]},
        "networks": listed,
    }
    return files.write_list(folder, content)


def chosen(labels: NDArray[Any], corners: NDArray[Any]) -> NDArray[np.int64]:
    """The first :data:`EACH` images of each class, by class, and the ``corners`` among them: indices into ``labels``.

    Corners that are not among the first of their class take the places of the last of these.
    """
    rows = []
    for label in np.unique(labels):
        those = [int(at) for at in corners if labels[at] == label]
        others = [int(at) for at in np.flatnonzero(labels == label)[: EACH + len(those)] if at not in those]
        rows.append(sorted((those + others)[:EACH]))
    return np.concatenate(rows).astype(np.int64)


def kept(net: Net, train: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.uint8]:
    """What the first layer keeps of images ``x`` (N, d), as bytes of pixels.

    The pixels are the affine function of the layer's pre-activations that is closest to the images ``train`` (M, d) in
    the mean square, cut to [0, 1].
    """
    weight, bias = net.affine[0]
    z = np.column_stack([train @ weight.T + bias, np.ones(len(train))])
    back = np.linalg.lstsq(z.T @ z, z.T @ train, rcond=None)[0]
    pixels = np.column_stack([x @ weight.T + bias, np.ones(len(x))]) @ back
    return np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)


def _networks(drawing: Published, x: NDArray[np.float64]) -> tuple[list[dict[str, Any]], list[File]]:
    listed: dict[str, dict[str, Any]] = {}
    parts = []
    for name, epoch in data.weights_of(drawing):
        net = data.stored(drawing, name, epoch)
        file = packing.network(net, x)
        parts.append(file)
        about = {
            "network": name,
            "title": Classifier.parse(name).title,
            "seed": int(drawing.facts["seeds"][0]),
            "widths": list(net.widths),
            "leak": net.leak,
            "epochs": [],
        }
        listed.setdefault(name, about)["epochs"].append({"epoch": epoch, "part": file.name})
    return list(listed.values()), parts
