"""The catalogue of figures and networks against the paper's own numbers (spec. sections 7, 8 and 16)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isoaux import paper
from isoaux.activations import ACTIVATIONS
from isoaux.paper import Configuration, Network, Recipe

INCREMENTS = (1, 1, 2, 2, 2, 5, 5, 6, 6, 10, 10, 10, 15, 15, 15, 20)  # App. E
GROUPS = [  # spec. section 16: data set, normalised, activations, widths and depths, configurations
    ("cifar", True, ("tanh", "isotanh"), itertools.product((18, 24, 32), range(4)), 24),
    ("cifar", False, ("tanh", "isotanh"), [*itertools.product((18,), range(4)), (32, 2)], 10),
    ("cifar", True, ("lrelu", "isolrelu"), itertools.product((18,), range(4)), 8),
    ("cifar", False, ("lrelu", "isolrelu"), itertools.product((18,), range(4)), 8),
    ("cifar", True, ("bnlrelu_elem", "bnlrelu_max"), [(18, 2), (18, 3)], 4),
    ("cifar", False, ("bnlrelu_elem", "bnlrelu_max"), [(18, 1)], 2),
    ("mnist", True, ("tanh", "isotanh"), itertools.product((18, 24, 32), range(4)), 24),
    ("mnist", False, ("tanh", "isotanh"), [(18, 0)], 2),
]
every_figure = list(paper.figures().values())
figures = [figure for figure in every_figure if isinstance(figure.number, int)]
ppp_figures = [figure for figure in figures if figure.has_planes]


def test_checkpoints_are_the_running_sums_of_the_increments():
    assert paper.CHECKPOINTS == tuple(itertools.accumulate(INCREMENTS, initial=0))
    assert len(paper.CHECKPOINTS) == 17 and paper.CHECKPOINTS[-1] == Recipe().epochs == 125


def test_the_recipe_is_that_of_appendix_e():
    recipe, defaults = Recipe(), paper.catalogue()["training_defaults"]
    assert (recipe.batch_size, recipe.learning_rate, recipe.momentum) == (24, 0.08, 0.9)
    assert (defaults["batch_size"], defaults["learning_rate"], defaults["epochs"]) == (24, 0.08, recipe.epochs)
    assert tuple(defaults["checkpoints"]) == recipe.checkpoints == paper.CHECKPOINTS
    assert Network(paper.configurations()[0], 0).dtype == defaults["dtype"] == "float64"


def test_there_are_82_configurations_and_410_networks():
    configurations = paper.configurations()
    assert len(configurations) == len(set(configurations)) == 82
    assert sum(entry["seeds"] for entry in paper.catalogue()["paper1_networks"]) == 410
    assert len({Network(c, s).id for c in configurations for s in paper.PROFILES["paper"].seeds}) == 410


def test_the_configurations_are_those_of_the_specification():
    expected = []
    for dataset, normalised, activations, sizes, count in GROUPS:
        group = [Configuration(dataset, normalised, key, n, depth) for n, depth in sizes for key in activations]
        assert len(group) == count
        expected += group
    assert set(paper.configurations()) == set(expected)


def test_the_list_is_the_union_over_the_figures():
    listed = {entry["id"]: entry for entry in paper.catalogue()["paper1_networks"]}
    drawn = {c.id: [f.number for f in figures if c in f.configurations] for f in figures for c in f.configurations}
    assert drawn.keys() == listed.keys() == {c.id for c in paper.configurations()}
    for name, entry in listed.items():
        assert entry["figures"] == drawn[name], name
        described = Configuration(*(entry[field] for field in ("dataset", "normalised", "activation", "n", "L")))
        assert described == Configuration.parse(name)


def test_the_projection_figures_need_30_configurations_and_150_networks():
    needed = {c for figure in ppp_figures for c in figure.configurations}
    assert len(needed) == 30 and len(needed) * len(paper.PROFILES["paper"].seeds) == 150


def test_every_figure_has_a_number_and_a_name():
    our_figures = [figure for figure in every_figure if figure not in figures]
    assert [figure.number for figure in figures] == list(range(1, 38))
    kinds = {"X": "figures of ours", "S": "figures on the Spotlight Resonance Method"}
    numbers = [[figure.number for figure in our_figures if figure.number[0] == kind] for kind in kinds]
    assert numbers == [[f"{kind}{i + 1}" for i in range(len(each))] for kind, each in zip(kinds, numbers, strict=True)]
    assert sum(numbers, []) == [figure.number for figure in our_figures]
    assert list(paper.figures()) == [figure.name for figure in [*figures, *our_figures]]
    assert figures[0].name == "fig01" and our_figures[0].name == "figX1"
    assert paper.figure("fig37").number == 37


@pytest.mark.parametrize(
    "figure", [figure for figure in every_figure if figure.has_planes], ids=lambda figure: figure.name
)
def test_a_projection_figure_says_what_it_draws(figure: paper.Figure):
    shapes = {(c.dataset, c.normalised, c.n, c.L) for c in figure.configurations}
    ((dataset, normalised, n, depth),) = shapes
    assert 0 <= figure.layer <= depth and 0 <= figure.epsilon < 1
    assert all(c.activation in ACTIVATIONS for c in figure.configurations)
    assert figure.entry["planes"] == n * (n - 1) // 2
    assert figure.entry["normalised"] is normalised and figure.entry["n"] == n and figure.entry["L"] == depth
    assert ("MNIST" in figure.entry["dataset"]) == (dataset == "mnist")
    titles = (paper.TITLES[c.activation] for c in figure.configurations)
    for part in (f"n = {n}", f"L = {depth}", f"k = {figure.layer}", *titles):
        assert part in figure.setting


def test_figure_1():
    figure = paper.figure("fig01")
    assert [c.id for c in figure.configurations] == ["cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0"]
    assert (figure.layer, figure.epsilon, figure.study) == (0, 0.75, "planes")


@pytest.mark.parametrize(
    ("name", "near"), [("fig1", "fig01"), ("figure01", "fig01"), ("fig38", None), ("", None), (1, None)]
)
def test_an_unknown_figure_is_refused(name: object, near: str | None, refused):
    refused(["figure", repr(name), "accepted"] + (["did you mean 'fig"] if near else []), paper.figure, name)


# --- names and recipes


@given(
    st.builds(
        Configuration,
        st.sampled_from(["cifar", "mnist"]),
        st.booleans(),
        st.sampled_from(sorted(ACTIVATIONS)),
        st.integers(2, 999),
        st.integers(0, 20),
    )
)
def test_an_id_names_its_configuration(configuration: Configuration):
    assert Configuration.parse(configuration.id) == configuration


def test_another_depth_is_another_reading_of_the_same_figure():
    second = paper.figure("fig02")
    other = second.at_depth(3)
    assert second.depth == 2 and other.depth == 3 and second.at_depth(2) == second
    assert [c.id for c in other.configurations] == ["cifar-U-tanh-n18-L3", "cifar-U-isotanh-n18-L3"]
    assert set(other.configurations) <= set(paper.configurations()), "the paper trains it, too"
    assert (other.name, other.layer, other.epsilon) == (second.name, second.layer, second.epsilon)
    with pytest.raises(
        ValueError, match=r"depth is 2, but fig17 shows latent layer 3; accepted: whole numbers from 3\."
    ):
        paper.figure("fig17").at_depth(2)


@pytest.mark.parametrize(("name", "original"), [("figX1", "fig02"), ("figX2", "fig03")])
def test_the_other_reading_is_the_same_figure_at_another_depth(name: str, original: str):
    assert paper.figure(name).configurations == paper.figure(original).at_depth(3).configurations
    assert paper.figure(name).layer == paper.figure(original).layer


def test_one_figure_is_drawn_brighter_than_the_rule():
    assert [f.name for f in paper.figures().values() if f.brightness != 1] == ["fig29"]


def test_a_shape_is_what_networks_of_one_step_share():
    assert Configuration("cifar", False, "tanh", 18, 0).shape == "cifar-U-n18-L0"
    assert Configuration("mnist", True, "dnlrelu", 24, 3).shape == "mnist-N-n24-L3"
    for c in paper.configurations():
        assert c.shape == c.id.replace(f"-{c.activation}-", "-")
    assert len({c.shape for figure in ppp_figures for c in figure.configurations}) == 10


@pytest.mark.parametrize(
    "name", ["", "cifar-U-tanh-n18", "cifar-X-tanh-n18-L0", "cifar-U-tanh-n18-L0.npz", "cifar-U-tanh-n-L0"]
)
def test_what_is_no_id_is_refused(name: str, refused):
    refused(["configuration", repr(name), "cifar-U-tanh-n18-L0"], Configuration.parse, name)


@given(st.integers(0, 125))
def test_a_shortened_recipe_keeps_the_early_checkpoints_and_ends_with_one(epochs: int):
    short = Recipe().shortened(epochs)
    assert short.epochs == epochs == short.checkpoints[-1]
    assert list(short.checkpoints) == sorted(set(short.checkpoints)) and short.checkpoints[0] == 0
    assert set(short.checkpoints) - {epochs} == {e for e in paper.CHECKPOINTS if e < epochs}
    assert (short.batch_size, short.learning_rate, short.momentum) == (24, 0.08, 0.9)


def test_the_whole_recipe_is_not_shortened():
    assert Recipe().shortened(125) == Recipe()


def test_profiles():
    assert list(paper.PROFILES) == ["published", "smoke", "quick", "paper"]
    assert all(profile.name == name for name, profile in paper.PROFILES.items())
    for name in ("published", "paper"):
        profile = paper.PROFILES[name]
        assert profile.recipe == Recipe() and profile.seeds == (0, 1, 2, 3, 4) and profile.dataset is None
        assert (profile.draws, profile.final_draws, profile.dtype) == (99, 999, "float64")
    for name in ("smoke", "quick"):  # nothing is downloaded
        assert paper.PROFILES[name].dataset in ("digits", "patches")
        assert paper.PROFILES[name].recipe.epochs < 125


def test_the_networks_of_a_figure_are_every_configuration_with_every_seed():
    figure, profile = paper.figure("fig01"), paper.PROFILES["paper"]
    networks = paper.networks(figure, profile.recipe, profile.seeds, profile.dtype)
    assert [(n.configuration.activation, n.seed) for n in networks] == [
        (key, seed) for key in ("tanh", "isotanh") for seed in range(5)
    ]
    assert {(n.recipe, n.dtype) for n in networks} == {(profile.recipe, profile.dtype)}


def test_networks_are_grouped_by_what_can_be_trained_in_one_step():
    networks = tuple(Network(c, seed) for c in paper.configurations() for seed in (0, 1))
    groups = paper.by_shape(networks)
    assert sorted(n.id for group in groups for n in group) == sorted(n.id for n in networks)
    shapes = [
        {(n.configuration.dataset, n.configuration.normalised, n.configuration.n, n.configuration.L) for n in g}
        for g in groups
    ]
    assert all(len(shape) == 1 for shape in shapes) and len(set.union(*shapes)) == len(groups)
    mixed = (
        networks[0],
        Network(networks[0].configuration, 0, dtype="float32"),
        Network(networks[0].configuration, 0, Recipe(learning_rate=0.1)),
    )
    assert len(paper.by_shape(mixed)) == 3


def test_the_catalogue_is_not_changed_by_who_reads_it():
    plain = paper.figure("fig02").entry["L"]
    paper.figure("fig02").entry["L"] = paper.figures()["fig02"].entry["L"] = 99
    paper.catalogue()["paper1_figures"].clear()
    paper.figures().clear()
    assert paper.figure("fig02").entry["L"] == plain and paper.catalogue()["paper1_figures"]
