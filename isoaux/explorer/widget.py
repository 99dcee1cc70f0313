"""The explorer in JupyterLab: the page's widget, its settings as traits that Python reads, sets, observes and links."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from matplotlib.image import imsave
from numpy.typing import ArrayLike, NDArray

from isoaux import bases, density, ppp
from isoaux.common import archive, arrays, paths
from isoaux.common.choices import unknown
from isoaux.explorer import bundle, checks, files, packing, sending
from isoaux.explorer.bases import turned
from isoaux.records import reading
from isoaux.records.representations import Representations
from isoaux.sources import opening

READ_ONLY = ("count", "c4", "s2")
"""What only the page sets."""


class _Refused(ValueError, traitlets.TraitError):
    """A setting that cannot be, where traitlets takes back what was set together with it."""


class _Number(traitlets.Float):
    """A number of Python or NumPy."""

    def validate(self, obj: Any, value: Any) -> float:
        return super().validate(obj, float(value) if isinstance(value, np.floating) else value)


class Explorer(anywidget.AnyWidget):
    """Explore representations: their privileged planes, threshold and basis, in JupyterLab.

    Parameters: ``activations`` (N, n), an array or tensor or what else :func:`isoaux.open` takes, several of them by
    name, or None for the published networks; the page is sent float32, times a power of two where float32 cannot hold
    them as they are. ``basis`` is a name or unit rows (m, n), of as many numbers as there are neurons; ``traits`` are
    further settings.

    Traits: ``network`` and ``beside`` (names, the second may be empty), ``epoch``, ``epsilon``, ``basis``
    (``standard``, ``random`` with ``seed``, ``simplex``, ``cross-polytope``, ``thomson`` where vectors came with the
    network, or ``given`` where an array was), ``turn`` (i, j, degrees), ``variant``, ``plane`` (i, j) or empty,
    ``shared``; read only: ``count``, ``c4`` and ``s2`` of ``network`` as it is shown. Rows of the basis are counted
    from 0. Where the network or the basis is changed to one without the rows of ``turn`` or ``plane``, the basis is
    shown as it is without a turn, and all planes; a network without the basis is shown in its standard basis.

    Raises ValueError for activations as :func:`isoaux.ppp.project` does, for less than one sample of two neurons, for
    more than 51,200,000 numbers, for rows whose lengths float32 cannot hold together, and for settings that cannot be,
    here and where they are set later (there traitlets' TraitError for one of the wrong type).
    """

    _held = 0  # how many times settings are set together just now
    _esm = traitlets.Unicode(bundle.for_widget()).tag(sync=True)
    _css = traitlets.Unicode((Path(__file__).parent / "explorer.css").read_text("utf-8")).tag(sync=True)
    _list = traitlets.Dict().tag(sync=True)
    network = traitlets.Unicode("cifar-N-tanh-n32-L0 k0").tag(sync=True)
    beside = traitlets.Unicode("").tag(sync=True)
    epoch = traitlets.Int(125).tag(sync=True)
    epsilon = _Number(0.75).tag(sync=True)
    basis = traitlets.Any("standard").tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    turn = traitlets.List([0, 1, 0]).tag(sync=True)
    variant = traitlets.Unicode("combination").tag(sync=True)
    plane: traitlets.List[int] = traitlets.List([]).tag(sync=True)
    shared = traitlets.Bool(False).tag(sync=True)
    count = traitlets.Int(0, read_only=True).tag(sync=True)
    c4 = traitlets.Float(0.0, read_only=True).tag(sync=True)
    s2 = traitlets.Float(0.0, read_only=True).tag(sync=True)

    def __init__(
        self,
        activations: opening.Source | Mapping[str, opening.Source] | None = None,
        basis: ArrayLike = "standard",
        **traits: Any,
    ) -> None:
        self._given: dict[str, sending.Sent] = {} if activations is None else sending.named(activations)
        for name in traits:
            if name not in self.trait_names() or name in READ_ONLY:
                raise unknown("setting", name, ["activations", "epoch", "shared", *checks.CHECKS])
        listed = self._described() if self._given else files.read_list(_folder())
        if not isinstance(basis, str):
            listed, basis = listed | {"basis": _directions(basis).tolist()}, "given"
        if self._given:
            traits = {"network": listed["networks"][0]["network"] + " k0", "epoch": 0} | traits
        super().__init__(_list=listed, basis=basis, **traits)
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"Explorer(network={self.network!r}, epsilon={self.epsilon}, basis={self.basis!r})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        live, about = super()._repr_mimebundle_(**options) or ({}, {})
        return {"text/plain": repr(self), "image/png": self.picture()} | live, about

    @traitlets.validate(*checks.CHECKS)
    def _accepted(self, proposal: Any) -> Any:
        name = proposal["trait"].name
        try:
            return checks.checked(name, self._settings() | {name: proposal["value"]}, self._list)
        except ValueError as error:
            raise (_Refused if self._held else ValueError)(str(error)) from None

    @contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        """Settings that are set together: checked at the end, and all as before where one of them cannot be."""
        self._held += 1
        try:
            with super().hold_trait_notifications():
                yield
        except _Refused as error:
            raise ValueError(str(error)) from None
        finally:
            self._held -= 1

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take settings from the page; what cannot be is refused, and the page gets back what was there."""
        settings = self._settings() | sync_data
        try:
            for name in checks.CHECKS:
                if name in sync_data:
                    checks.checked(name, settings, self._list)
        except ValueError:
            self.send_state([name for name in checks.CHECKS if name in sync_data])
            raise
        super().set_state(sync_data)

    def _settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in checks.CHECKS}

    def directions(self) -> NDArray[np.float64]:
        """The basis rows (m, n) as they are shown, turned by hand if they are."""
        rows = checks.rows(self._settings(), self._list)
        if not checks.is_turned(self._settings(), self._list):
            return rows
        i, j, degrees = self.turn
        return turned(rows, i, j, float(np.radians(float(degrees))))

    def representations(self) -> NDArray[np.float64]:
        """The representations (N, n) of ``network`` at ``epoch``, as they are shown, in their own units."""
        values, scale = self._values(self.network, self.epoch)
        return values.astype(np.float64) * scale

    def picture(self) -> bytes:
        """A still picture (PNG) of what is shown of ``network``."""
        values, _ = self._values(self.network, self.epoch)  # in units that no square of theirs overflows
        projection = ppp.project(values.astype(np.float64), self.directions(), self.epsilon, self.variant)
        alone = checks.is_plane(self.plane, self._settings(), self._list)
        shown = (projection.planes[projection.plane] == self.plane).all(1) if alone else slice(None)
        points = projection.points[shown]
        image = density.render(points, density.window_for([points]), method="binned")
        out = io.BytesIO()
        imsave(out, image, vmin=0, vmax=density.limits([image])[1] or 1, cmap="magma", origin="lower", format="png")
        return out.getvalue()

    def _described(self) -> dict[str, Any]:
        networks = [
            {
                "network": name,
                "layer": 0,
                "width": values.shape[1],
                "array": True,
                "epochs": [{"epoch": 0, "scale": scale}],
            }
            for name, (values, scale) in self._given.items()
        ]
        return {"networks": networks}

    def _entry(self, key: str) -> dict[str, Any]:
        return checks.entry(key, self._list)

    def _values(self, key: str, epoch: int) -> tuple[packing.Steps | NDArray[np.float32], float]:
        entry = self._entry(key)
        if self._given:
            return self._given[entry["network"]]
        if entry.get("built"):
            place = reading.representations_path(paths.data(), entry["network"])
            return packing.built(Representations(archive.read(place)), entry["layer"])
        nearest = min(entry["epochs"], key=lambda each: abs(each["epoch"] - epoch))
        return files.read(_folder(), nearest["parts"], entry["width"]), nearest["scale"]

    def _answer(self, widget: Any, question: dict[str, Any], buffers: Any) -> None:
        answer: dict[str, Any] = {"answer": question["question"]}
        try:
            if question.get("vectors"):
                entry = self._entry(question["network"])
                values: NDArray[Any] = files.read_vectors(_folder(), entry["vectors"], entry["width"])
            else:
                values, _ = self._values(question["network"], question["epoch"])
        except (OSError, ValueError) as error:
            self.send(answer | {"error": str(error)})
            return
        self.send(answer, buffers=[np.ascontiguousarray(values.T, "<f4").tobytes()])


def _directions(basis: ArrayLike) -> NDArray[np.float64]:
    rows = arrays.rows(basis, "basis")
    if len(rows) < 2:
        raise ValueError(f"basis has shape {rows.shape}; accepted: at least two rows, which span a plane.")
    return bases.check(rows, rows.shape[1])


def _folder() -> Path:
    return paths.data() / "explorer"
