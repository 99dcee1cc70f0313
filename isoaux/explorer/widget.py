"""The explorer in JupyterLab: the page's widget, its settings as traits that Python reads, sets, observes and links."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from isoaux import arrays, bases, density, paths, ppp
from isoaux.explorer import bundle, files, packing
from isoaux.explorer.bases import random_basis, turned
from isoaux.published import representations_path

NAMED = ("standard", "random", "simplex", "given")


class Explorer(anywidget.AnyWidget):
    """Explore representations: their privileged planes, threshold and basis, in JupyterLab.

    ``latents`` is an array (N, n), several of them by name, or None for the published networks; arrays are rounded as
    the published files are.

    Traits: ``network`` and ``beside`` (names, the second may be empty), ``epoch``, ``epsilon``, ``basis``
    (``standard``, ``random`` with ``seed``, ``simplex``, or ``given`` where an array was), ``turn`` (i, j, degrees),
    ``variant``, ``plane`` (i, j) or empty, ``shared``; read only: ``count``, ``c4`` and ``s2`` of ``network`` as it is
    shown.

    Raises ValueError as :func:`isoaux.ppp.project` does.
    """

    _esm = traitlets.Unicode(bundle.for_widget()).tag(sync=True)
    _css = traitlets.Unicode((Path(__file__).parent / "explorer.css").read_text("utf-8")).tag(sync=True)
    _list = traitlets.Dict().tag(sync=True)
    network = traitlets.Unicode("cifar-U-tanh-n18-L0 k0").tag(sync=True)
    beside = traitlets.Unicode("").tag(sync=True)
    epoch = traitlets.Int(125).tag(sync=True)
    epsilon = traitlets.Float(0.75).tag(sync=True)
    basis = traitlets.Enum(NAMED, "standard").tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    turn = traitlets.List([0, 1, 0]).tag(sync=True)
    variant = traitlets.Enum(tuple(bases.VARIANTS), "combination").tag(sync=True)
    plane: traitlets.List[int] = traitlets.List([]).tag(sync=True)
    shared = traitlets.Bool(False).tag(sync=True)
    count = traitlets.Int(0).tag(sync=True)
    c4 = traitlets.Float(0.0).tag(sync=True)
    s2 = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self, latents: ArrayLike | Mapping[str, ArrayLike] | None = None, basis: ArrayLike = "standard", **traits: Any
    ) -> None:
        self._own = _named(latents)
        listed = self._described() if self._own else files.read_list(_folder())
        if not isinstance(basis, str):
            rows = arrays.rows(basis, "basis")
            listed, basis = listed | {"basis": bases.check(rows, rows.shape[1]).tolist()}, "given"
        if self._own:
            traits = {"network": listed["networks"][0]["network"] + " k0", "epoch": 0} | traits
        super().__init__(_list=listed, basis=basis, **traits)
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"Explorer(network={self.network!r}, epsilon={self.epsilon}, basis={self.basis!r})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        live, about = super()._repr_mimebundle_(**options) or ({}, {})
        return {"text/plain": repr(self), "image/png": self.picture()} | live, about

    @traitlets.validate("epsilon")
    def _fraction(self, proposal: Any) -> float:
        return arrays.fraction(proposal["value"], "epsilon")

    def directions(self) -> NDArray[np.float64]:
        """The basis rows (m, n) as they are shown, turned by hand if they are."""
        n = self._entry(self.network)["width"]
        if self.basis == "given":
            rows = np.array(self._list["basis"])
        else:
            rows = random_basis(n, self.seed) if self.basis == "random" else bases.named(self.basis, n)
        i, j, degrees = self.turn
        return turned(rows, i, j, float(np.radians(degrees))) if degrees and i != j else rows

    def representations(self) -> NDArray[np.float64]:
        """The representations (N, n) of ``network`` at ``epoch``, as they are shown, in their own units."""
        values, scale = self._values(self.network, self.epoch)
        return values.astype(np.float64) * scale

    def picture(self) -> bytes:
        """A still picture (PNG) of what is shown of ``network``."""
        from matplotlib.image import imsave

        found = ppp.project(self.representations(), self.directions(), self.epsilon, self.variant)
        shown = (found.planes[found.plane] == self.plane).all(1) if self.plane else slice(None)
        points = found.points[shown]
        image = density.render(points, density.window_for([points]), method="binned")
        out = io.BytesIO()
        imsave(out, image, vmin=0, vmax=density.limits([image])[1] or 1, cmap="magma", origin="lower", format="png")
        return out.getvalue()

    def _described(self) -> dict[str, Any]:
        networks = [
            {"network": name, "layer": 0, "width": values.shape[1], "epochs": [{"epoch": 0, "scale": scale}]}
            for name, (values, scale) in self._own.items()
        ]
        return {"networks": networks}

    def _entry(self, key: str) -> dict[str, Any]:
        return next(one for one in self._list["networks"] if f"{one['network']} k{one['layer']}" == key)

    def _values(self, key: str, epoch: int) -> tuple[packing.Steps, float]:
        entry = self._entry(key)
        if self._own:
            return self._own[entry["network"]]
        if entry.get("built"):
            published = representations_path(paths.data(), entry["network"])
            return packing.built(published.with_suffix(".npz"), entry["layer"])
        found = min(entry["epochs"], key=lambda one: abs(one["epoch"] - epoch))
        return files.read(_folder(), found["parts"], entry["width"]), found["scale"]

    def _answer(self, widget: Any, question: dict[str, Any], buffers: Any) -> None:
        answer: dict[str, Any] = {"answer": question["question"]}
        try:
            values, _ = self._values(question["network"], question["epoch"])
        except (OSError, ValueError) as error:
            self.send(answer | {"error": str(error)})
            return
        self.send(answer, buffers=[np.ascontiguousarray(values.T).tobytes()])


def _named(latents: ArrayLike | Mapping[str, ArrayLike] | None) -> dict[str, tuple[packing.Steps, float]]:
    if latents is None:
        return {}
    several = latents if isinstance(latents, Mapping) else {"representations": latents}
    return {name: files.rounded(one) for name, one in several.items()}


def _folder() -> Path:
    return paths.data() / "explorer"
