"""Train the large networks of the Spotlight Resonance Method and measure what their neurons tell about classes."""

from dataclasses import asdict
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.paper import Figure
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.srm import embedding
from isoaux.studies import steps
from isoaux.studies.neurons import measuring
from isoaux.studies.neurons.data import AFTER, check
from isoaux.studies.neurons.measuring import PREPARATIONS, Setting
from isoaux.training import data, snapshots
from isoaux.training.data import Images
from isoaux.training.store import Entry


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure of single neurons: what is measured of each network, and curves by class of the first one.

    Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`; ValueError also for settings that
    :func:`isoaux.studies.neurons.data.check` refuses, and for images without classes.
    """
    check(figure, settings)
    options["images"] = images = options.get("images") or data.load(settings.dataset_for(figure))
    labels(images)
    size = settings.size
    setting = Setting(settings.epsilon_for(figure), int(figure.entry["neurons"]), size.draws, size.final_draws)
    rows = steps.rows(figure, settings, partial(_measure, setting=setting), reads="test", **options)
    first = next(iter(rows.measured))
    entry = Entry(first, images.checksum)
    chosen = [rows.measured[first][name][AFTER, PREPARATIONS.index("raw")] for name in ("chosen", "partners")]
    planes = [(int(i), int(j)) for i, j in zip(*chosen, strict=True) if i >= 0]
    method = method_for(settings)
    more = measurement.cached(
        entry,
        "neurons-planes",
        asdict(setting) | {"method": method},
        lambda: _shown(entry, images, setting, planes, method),
    )
    about = {"images": len(images.test), "classes": list(images.classes), "embedding": method}
    return steps.result(rows, more, about)


def method_for(settings: Settings) -> str:
    """What makes the picture of the representations: UMAP where it is installed, else PCA.

    PCA also with the profile ``smoke``, whose seconds the import of UMAP alone would exceed.
    """
    return "UMAP" if settings.profile != "smoke" and find_spec("umap") else "PCA"


def labels(images: Images) -> NDArray[Any]:
    """The classes (M,) of the test images; ValueError where the source has none."""
    if images.labels_test is None:
        raise ValueError(f"dataset is {images.source!r}, which has no classes; accepted: images with labels.")
    return images.labels_test


def _ends(entry: Entry, images: Images) -> list[NDArray[np.float32]]:
    """Representations (M, n) of the test set before and after training."""
    return [layers[0] for layers in snapshots.of_tests(entry, images, (0, entry.network.recipe.epochs))]


def _measure(entry: Entry, images: Images, setting: Setting) -> Arrays:
    """:func:`isoaux.studies.neurons.measuring.measured` for one network; cached beside its snapshots."""

    def make() -> Arrays:
        return measuring.measured(_ends(entry, images), labels(images), setting, entry.network.seed)

    return measurement.cached(entry, "neurons", asdict(setting), make)


def _shown(entry: Entry, images: Images, setting: Setting, planes: list[tuple[int, int]], method: str) -> Arrays:
    """What is shown of one network: its curves by class, and a picture of its representations after training.

    ``curves`` (2, planes, K, 361) before and after training, ``labels`` (M,), ``places`` (M, 2) in the picture, and
    ``neighbours`` (spaces, 3), the share of nearest neighbours with the same label in each of
    :data:`isoaux.srm.embedding.SPACES`, its p and the median for permuted labels.
    """
    ends, classes = _ends(entry, images), labels(images)
    curves = np.stack([measuring.class_curves(z, classes, setting.epsilon, planes) for z in ends])
    picture = embedding.embed(ends[-1], method, entry.network.seed)
    tests = embedding.neighbours(ends[-1], picture, classes, setting.final_draws, entry.network.seed)
    near = [[test.value, test.p, float(np.median(test.null))] for test in map(tests.__getitem__, embedding.SPACES)]
    return {
        "curves": curves,
        "labels": classes.astype(np.uint8),
        "places": picture.places,
        "neighbours": np.array(near),
    }
