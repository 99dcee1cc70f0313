"""Every kind of figure has the same bytes whatever the reader's matplotlib settings are."""

import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patheffects import withStroke

import isoaux
from isoaux import paper, settings, statistics, workflow
from isoaux.common import paths
from isoaux.drawing.look import Drawn
from isoaux.explorer import interactive
from isoaux.paper import Configuration, figure
from isoaux.scorecard import compute
from isoaux.scorecard import figures as scorecard_figures
from isoaux.statistics import report_figure
from isoaux.studies import registry
from isoaux.studies.affine_maps import figures as affine_maps_figures
from isoaux.studies.architecture import figures as architecture_figures
from isoaux.studies.architecture import networks as architecture_networks
from isoaux.studies.architecture import notation
from isoaux.studies.architecture.figures import Diagram
from isoaux.studies.artefacts import figures as artefacts_figures
from isoaux.studies.artefacts import rotated
from isoaux.studies.calibration import figures as calibration_figures
from isoaux.studies.calibration import networks as calibration_networks
from isoaux.studies.calibration import report as calibration_report
from isoaux.studies.compositions import figures as compositions_figures
from isoaux.studies.emergence import courses
from isoaux.studies.emergence import figures as emergence_figures
from isoaux.studies.encodings import figures as encodings_figures
from isoaux.studies.generalised_tanh import compute as generalised_tanh
from isoaux.studies.generalised_tanh import figures as generalised_tanh_figures
from isoaux.studies.gradient_flow import figures as gradient_flow_figures
from isoaux.studies.gradient_flow.compute import deflection, map_steps
from isoaux.studies.gradient_flow.compute.batches import INPUTS
from isoaux.studies.gradient_flow.data import SIZES, BatchAngles
from isoaux.studies.neurons import figures as neurons_figures
from isoaux.studies.perturbation import figures as perturbation_figures
from isoaux.studies.planes import anatomy as planes_anatomy
from isoaux.studies.planes import figures as planes_figures
from isoaux.studies.polytopes import figures as polytopes_figures
from isoaux.studies.polytopes import (
    figures_autoencoders,
    figures_boundaries,
    figures_gates,
    figures_regions,
    figures_scaling,
    figures_slices,
)
from isoaux.studies.reconstruction import figures as reconstruction_figures
from isoaux.studies.remainder import discreteness, prepared
from isoaux.studies.remainder import figures as remainder_figures
from isoaux.studies.spotlight import figures as spotlight_figures
from isoaux.studies.superposition import figures as superposition_figures
from isoaux.studies.thresholds import figures as thresholds_figures
from isoaux.studies.transformer import figures as transformer_figures
from isoaux.studies.vector_planes import figures as vector_planes_figures

HOSTILE: dict[str, Any] = {
    "axes.autolimit_mode": "round_numbers",
    "axes.axisbelow": False,
    "axes.edgecolor": "lime",
    "axes.formatter.limits": (0, 0),
    "axes.formatter.use_locale": True,
    "axes.formatter.use_mathtext": True,
    "axes.grid": True,
    "axes.labelpad": 20,
    "axes.labelweight": "bold",
    "axes.linewidth": 4,
    "axes.prop_cycle": mpl.cycler(color=["lime", "cyan"], marker=["*", "x"]),
    "axes.titlecolor": "lime",
    "axes.titlepad": 20,
    "axes.unicode_minus": False,
    "axes.xmargin": 0.3,
    "boxplot.notch": True,
    "errorbar.capsize": 9,
    "figure.autolayout": True,
    "figure.constrained_layout.use": True,
    "figure.dpi": 37,
    "figure.figsize": (2, 2),
    "figure.frameon": False,
    "figure.titlesize": 30,
    "font.family": "monospace",
    "font.size": 21,
    "hatch.color": "lime",
    "image.aspect": "auto",
    "image.cmap": "jet",
    "image.composite_image": False,
    "image.interpolation": "lanczos",
    "image.origin": "lower",
    "image.resample": False,
    "interactive": True,
    "legend.fancybox": False,
    "legend.fontsize": 20,
    "legend.framealpha": 0.1,
    "legend.numpoints": 4,
    "lines.antialiased": False,
    "lines.dash_capstyle": "round",
    "lines.dashed_pattern": (9, 9),
    "lines.marker": "*",
    "lines.markersize": 15,
    "lines.scale_dashes": False,
    "markers.fillstyle": "none",
    "mathtext.default": "rm",
    "mathtext.fontset": "cm",
    "patch.force_edgecolor": True,
    "patch.linewidth": 5,
    "path.effects": [withStroke(linewidth=9, foreground="lime")],
    "path.simplify": False,
    "path.sketch": (5, 60, 4),
    "path.snap": False,
    "savefig.bbox": "tight",
    "savefig.dpi": 37,
    "savefig.facecolor": "black",
    "savefig.pad_inches": 2,
    "savefig.transparent": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "another",
    "svg.image_inline": False,
    "text.antialiased": False,
    "text.color": "lime",
    "text.hinting": "none",
    "text.parse_math": False,
    "text.usetex": True,
    "xtick.bottom": False,
    "xtick.direction": "in",
    "xtick.labelsize": 20,
    "xtick.minor.visible": True,
    "xtick.top": True,
    "ytick.direction": "inout",
    "ytick.labelleft": False,
    "ytick.minor.visible": True,
    "ytick.right": True,
}
"""Settings that a reader may have, on top of the style ``dark_background``."""


@contextmanager
def hostile() -> Iterator[None]:
    """The reader's settings, which are still theirs when all is drawn."""
    with mpl.rc_context():
        mpl.style.use("dark_background")
        mpl.rcParams.update(HOSTILE)
        before = dict(mpl.rcParams)
        yield
        assert dict(mpl.rcParams) == before


@cache
def result(name: str) -> Any:
    return workflow.result(name, settings.Settings())


@cache
def page(*names: str) -> Any:
    return workflow.collect(names, settings.Settings())


all_courses = cache(courses.courses)


def one_course() -> list[courses.Course]:
    return courses.family(all_courses(), "isotanh")[:1]


@cache
def report() -> statistics.Report:
    return statistics.report(np.random.default_rng(0).normal(size=(300, 4)) * (3, 1, 1, 1), draws=19)


@cache
def effects() -> list[BatchAngles]:
    angles = np.linspace(10, 80, 101)[None]
    return [
        BatchAngles(kind, "tanh", angles, angles + 5, np.linspace(0, 80, len(SIZES)), 0.5, (0.75, -0.25))
        for kind in INPUTS
    ]


@cache
def few_distances() -> Any:
    """How far generalised tanh on a few bases is from isotropic tanh, in few directions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generalised_tanh, "SERIES", {2: (3, 4, 7, 8), 3: (6, 12), 10: (11, 20)})
        patch.setattr(generalised_tanh, "DIRECTIONS", 500)
        return generalised_tanh.distances()


@cache
def built_in() -> Any:
    return calibration_networks.built_in(paths.data())


@cache
def narrow() -> list[prepared.Prepared]:
    """The layers of the narrowest networks."""
    return prepared.of_figures([figure("figX3")], paths.data())


def lines() -> list[discreteness.Lines]:
    """Layers of a network and of its isotropic partner, before and behind an activation."""
    pair = [Configuration.parse(f"cifar-N-{name}-n18-L1") for name in ("tanh", "isotanh")]
    return [discreteness.Lines(own, layer, 0, 0.5 / (1 + i), 18) for i, own in enumerate(pair) for layer in (0, 1)]


EVERY: dict[Callable[..., Any], Callable[[], Any]] = {
    affine_maps_figures.by_map: lambda: affine_maps_figures.by_map(page("figX7", "figX8")),
    affine_maps_figures.curves: lambda: affine_maps_figures.curves(page("figX7", "figX8")),
    affine_maps_figures.panels_by_map: lambda: affine_maps_figures.panels_by_map(result("figX7")),
    architecture_figures.diagram: lambda: architecture_figures.diagram(Configuration.parse("cifar-U-dnlrelu-n12-L2")),
    artefacts_figures.panel_grid: lambda: artefacts_figures.panel_grid(result("fig04")),
    artefacts_figures.rotated: lambda: artefacts_figures.rotated(rotated.networks(["fig01"])),
    artefacts_figures.scatter: lambda: artefacts_figures.scatter(page("fig04", "fig05", "fig06", "fig07")),
    calibration_figures.power: lambda: calibration_figures.power(calibration_report.simulated()),
    calibration_figures.uniform: lambda: calibration_figures.uniform(built_in()),
    compositions_figures.by_pair: lambda: compositions_figures.by_pair(result("figX18")),
    compositions_figures.curves: lambda: compositions_figures.curves(result("figX20")),
    compositions_figures.draw: lambda: compositions_figures.draw(result("figX19")),
    compositions_figures.offsets: lambda: compositions_figures.offsets(result("figX21")),
    compositions_figures.pairs: lambda: compositions_figures.pairs(result("figX18")),
    compositions_figures.plane: lambda: compositions_figures.plane(result("figX18")),
    compositions_figures.purple: lambda: compositions_figures.purple(result("figX19")),
    emergence_figures.settling: lambda: emergence_figures.settling(all_courses()),
    emergence_figures.shares: lambda: emergence_figures.shares(all_courses()),
    emergence_figures.through_training: lambda: emergence_figures.through_training(one_course(), "isotanh"),
    gradient_flow_figures.angle_maps: lambda: gradient_flow_figures.angle_maps([deflection.plane("tanh")]),
    gradient_flow_figures.batch_angles: lambda: gradient_flow_figures.batch_angles(effects()),
    gradient_flow_figures.by_length: lambda: gradient_flow_figures.by_length(map_steps.by_length()),
    interactive.redrawn: lambda: interactive.redrawn("fig01"),
    perturbation_figures.curves: lambda: perturbation_figures.curves(result("figX6")),
    planes_anatomy.reading_guide: lambda: planes_anatomy.reading_guide(result("fig08"))[1],
    planes_figures.by_cluster: lambda: planes_figures.by_cluster(result("fig01")),
    planes_figures.compared: lambda: planes_figures.compared(page("fig01", "fig02")),
    planes_figures.panel_grid: lambda: planes_figures.panel_grid(result("fig01")),
    planes_figures.plane_grid: lambda: planes_figures.plane_grid(result("fig01")),
    planes_figures.through_training: lambda: planes_figures.through_training(result("fig01")),
    reconstruction_figures.curves: lambda: reconstruction_figures.curves(result("fig31")),
    reconstruction_figures.differences: lambda: reconstruction_figures.differences(page("fig31", "fig32")),
    remainder_figures.effects: lambda: remainder_figures.effects(narrow(), deep=False),
    remainder_figures.line_ratios: lambda: remainder_figures.line_ratios(lines()),
    report_figure.of: lambda: report_figure.of(report()),
    scorecard_figures.bars: lambda: scorecard_figures.bars(compute.read()),
    thresholds_figures.curves: lambda: thresholds_figures.curves(result("figX5")),
    thresholds_figures.panel_grid: lambda: thresholds_figures.panel_grid(result("figX5")),
    transformer_figures.by_layer: lambda: transformer_figures.by_layer(result("figX9")),
    transformer_figures.neurons: lambda: transformer_figures.neurons(result("figX9")),
    transformer_figures.planes: lambda: transformer_figures.planes(result("figX9")),
    architecture_networks.networks: lambda: architecture_networks.networks(Configuration.parse("mnist-S-tanh-n10-L0")),
    notation.legend: notation.legend,
    generalised_tanh_figures.along: lambda: generalised_tanh_figures.along(generalised_tanh.along()),
    generalised_tanh_figures.planes: lambda: generalised_tanh_figures.planes(generalised_tanh.planes()),
    generalised_tanh_figures.distances: lambda: generalised_tanh_figures.distances(few_distances()),
    neurons_figures.by_class: lambda: neurons_figures.by_class(result("figS4")),
    neurons_figures.spread: lambda: neurons_figures.spread(result("figS4")),
    neurons_figures.areas: lambda: neurons_figures.areas(result("figS4")),
    spotlight_figures.planes: lambda: spotlight_figures.planes(result("figS6")),
    spotlight_figures.three_bases: lambda: spotlight_figures.three_bases(result("figS2")),
    spotlight_figures.curves: lambda: spotlight_figures.curves(result("figS13")),
    spotlight_figures.through_training: lambda: spotlight_figures.through_training(result("figS6")),
    spotlight_figures.shares: lambda: spotlight_figures.shares(result("figS6")),
    spotlight_figures.series: lambda: spotlight_figures.series(result("figS14")),
    spotlight_figures.cones: lambda: spotlight_figures.cones(result("figS15")),
    spotlight_figures.draw: lambda: spotlight_figures.draw(result("figS8")),
    polytopes_figures.draw: lambda: polytopes_figures.draw(result("figX11")),
    polytopes_figures.numbers: lambda: polytopes_figures.numbers(result("figX12")),
    figures_slices.training: lambda: figures_slices.training(result("figX10")),
    figures_slices.spaces: lambda: figures_slices.spaces(result("figX10")),
    figures_slices.leaks: lambda: figures_slices.leaks(result("figX10")),
    figures_slices.counts: lambda: figures_slices.counts(result("figX10")),
    figures_boundaries.distributions: lambda: figures_boundaries.distributions(result("figX11")),
    figures_boundaries.effects: lambda: figures_boundaries.effects(result("figX11")),
    figures_boundaries.interpolation: lambda: figures_boundaries.interpolation(result("figX11")),
    figures_boundaries.flow: lambda: figures_boundaries.flow(result("figX11")),
    figures_regions.clusters: lambda: figures_regions.clusters(result("figX12")),
    figures_regions.directions: lambda: figures_regions.directions(result("figX12")),
    figures_regions.split: lambda: figures_regions.split(result("figX12")),
    figures_regions.cosines: lambda: figures_regions.cosines(result("figX12")),
    figures_gates.variation: lambda: figures_gates.variation(result("figX14")),
    figures_gates.information: lambda: figures_gates.information(result("figX14")),
    figures_autoencoders.cells: lambda: figures_autoencoders.cells(result("figX17")),
    figures_autoencoders.classes: lambda: figures_autoencoders.classes(result("figX17")),
    figures_scaling.profiles: lambda: figures_scaling.profiles(result("figX13")),
    figures_scaling.logarithmic: lambda: figures_scaling.logarithmic(result("figX13")),
    figures_scaling.classes: lambda: figures_scaling.classes(result("figX13")),
    encodings_figures.compression_map: encodings_figures.compression_map,
    encodings_figures.reading: encodings_figures.reading,
    superposition_figures.arrows: lambda: superposition_figures.arrows(result("figX23")),
    superposition_figures.dimensions: lambda: superposition_figures.dimensions(result("figX24")),
    superposition_figures.phases: lambda: superposition_figures.phases(result("figX25")),
    superposition_figures.geometry: lambda: superposition_figures.geometry(result("figX26")),
    superposition_figures.alignment: lambda: superposition_figures.alignment(result("figX27")),
    superposition_figures.draw: lambda: superposition_figures.draw(result("figX23")),
    vector_planes_figures.panels: lambda: vector_planes_figures.panels(result("figS16")),
}
"""Every public function that draws, of published data where it can be."""


SMALL = [name for name in registry.names() if registry.named(name).thumbnail is not None]
"""Studies whose figures have a small picture in the gallery."""


VECTOR = (planes_figures.panel_grid, planes_figures.through_training, reconstruction_figures.curves)
"""Figures that are compared as vector graphics too: pictures, lines, and both with words."""


def content(drawn: Any, folder: Path, vector: bool) -> dict[str, bytes]:
    """The files of a figure, the SVG only if ``vector``, and what a notebook shows of a diagram."""
    assert isinstance(drawn, Drawn)
    small = replace(drawn, dpi=30)  # few pixels are as hostile as many
    if vector:
        small.save(folder / "figure")
    else:
        (folder / "figure.png").write_bytes(small.png())
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return files | ({"diagram": drawn.svg().encode()} if isinstance(drawn, Diagram) else {})


def test_every_function_that_draws_is_tried():
    drawing = set()
    for module in pkgutil.walk_packages(isoaux.__path__, "isoaux."):
        if module.name.endswith(("__main__", "compiled")):
            continue
        for name, member in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            returned = str(inspect.signature(member).return_annotation)
            if member.__module__ == module.name and not name.startswith("_") and re.search("Drawn|Diagram", returned):
                drawing.add(member)
    assert drawing == EVERY.keys()


def label(function: Callable[..., Any]) -> str:
    return f"{function.__module__.removeprefix('isoaux.')}.{function.__name__}"


@pytest.mark.parametrize("function", EVERY, ids=label)
def test_a_figure_is_drawn_from_matplotlibs_defaults_whatever_the_readers_settings(function, tmp_path):
    for folder in ("usual", "other"):
        (tmp_path / folder).mkdir()
    vector = function in VECTOR
    usual = content(EVERY[function](), tmp_path / "usual", vector)
    with hostile():
        other = content(EVERY[function](), tmp_path / "other", vector)
    assert usual.keys() >= ({"figure.png", "figure.svg"} if vector else {"figure.png"})
    assert [part for part in usual if usual[part] != other.get(part)] == []


@pytest.mark.parametrize("name", SMALL)
def test_so_is_the_small_picture_of_the_gallery(name):
    shown = result(next(id for id, figure in paper.figures().items() if figure.study == name))
    usual = registry.named(name).thumbnail(shown)
    with hostile():
        assert registry.named(name).thumbnail(shown) == usual


def test_so_is_the_still_picture_of_the_explorer():
    pytest.importorskip("anywidget")
    from isoaux.explorer import Explorer

    shown = Explorer(np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32))
    usual = shown.picture()
    with hostile():
        assert shown.picture() == usual


def test_a_file_of_settings_that_matplotlib_reads_when_it_is_imported_changes_nothing(tmp_path):
    settings_file = tmp_path / "matplotlibrc"
    settings_file.write_text("text.usetex: True\naxes.facecolor: black\nfont.size: 30\nsavefig.bbox: tight\n")
    code = "import sys, test_look; sys.stdout.buffer.write(test_look.report().figure().png())"
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        env=os.environ | {"MATPLOTLIBRC": str(settings_file), "MPLBACKEND": "svg"},
        capture_output=True,
        check=True,
    )
    assert made.stdout == report().figure().png()
