"""Parameters of notebooks and commands: every way to write them down, and everything that is refused."""

import math
import os
import subprocess
import sys
import types
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isoaux import bases, paper
from isoaux.settings import DEFAULT, Settings, read

SMOKE = {"profile": "smoke"}


def test_nothing_given_means_the_published_figure():
    defaults = read({})
    assert defaults == Settings() and defaults.profile == "published" and not defaults.retrain
    figure = paper.figure("fig01")
    assert defaults.epsilon_for(figure) == 0.75 and defaults.seeds_for() == (0, 1, 2, 3, 4)
    assert defaults.dataset_for(figure) == "cifar10" and defaults.dtype_for() == "float64"


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("depth", "3", 3),
        ("depth", 0, 0),
        ("depth", "default", DEFAULT),
        ("retrain", "false", False),
        ("retrain", "False", False),
        ("retrain", "true", True),
        ("retrain", True, True),
        ("seeds", "[0,1,2]", (0, 1, 2)),
        ("seeds", "[0, 1]", (0, 1)),
        ("seeds", "0,1,2", (0, 1, 2)),
        ("seeds", " 3 , 1 ", (3, 1)),
        ("seeds", "(4, 2)", (4, 2)),
        ("seeds", "7", (7,)),
        ("seeds", 7, (7,)),
        ("seeds", [0, 1], (0, 1)),
        ("seeds", (5, 0), (5, 0)),
        ("seeds", "default", DEFAULT),
        ("epsilon", "1e-1", 0.1),
        ("epsilon", "0.8", 0.8),
        ("epsilon", 0.8, 0.8),
        ("epsilon", np.float64(0.5), 0.5),
        ("epsilon", "0", 0.0),
        ("epsilon", 0, 0.0),
        ("epsilon", "default", DEFAULT),
        ("dataset", "default", DEFAULT),
        ("dataset", "digits", "digits"),
        ("dataset", "folder:some where", f"folder:{Path.cwd() / 'some where'}"),
        ("dataset", "folder:~/pictures", f"folder:{Path.home() / 'pictures'}"),
        ("device", "cpu", "cpu"),
        ("dtype", "float32", "float32"),
        ("basis", "random", "random"),
        ("variant", "permutation", "permutation"),
        ("profile", "quick", "quick"),
    ],
    ids=lambda part: repr(part),
)
def test_written_and_meant(name: str, written: object, meant: object):
    value = getattr(read(SMOKE | {name: written}), name)
    assert value == meant and type(value) is type(meant)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6, unique=True))
def test_seeds_survive_every_way_of_writing_a_list(seeds: list[int]):
    written = (
        seeds,
        tuple(seeds),
        str(seeds),
        str(tuple(seeds)),
        ",".join(map(str, seeds)),
        ", ".join(map(str, seeds)),
    )
    assert {read(SMOKE | {"seeds": way}).seeds for way in written} == {tuple(seeds)}


@given(st.floats(0, 1, exclude_max=True))
def test_epsilon_survives_every_way_of_writing_a_number(epsilon: float):
    for way in (epsilon, repr(epsilon), f"{epsilon:.17e}", np.float64(epsilon)):
        value = read(SMOKE | {"epsilon": way}).epsilon
        assert value == epsilon and type(value) is float


@pytest.mark.parametrize(
    "written",
    [
        1.0,
        1,
        "1.0",
        -0.1,
        "-0.1",
        2,
        "x",
        "",
        "nan",
        math.nan,
        math.inf,
        "inf",
        True,
        None,
        [0.5],
        "[0.5]",
        "0:30",
        np.array([0.1, 0.2]),
    ],
    ids=repr,
)
def test_an_epsilon_outside_zero_to_one_is_refused(written: object, refused):
    refused(["epsilon is ", "accepted: a number in [0, 1)"], read, SMOKE | {"epsilon": written})


@pytest.mark.parametrize(
    "written",
    [
        "[]",
        [],
        (),
        "",
        "[0,0]",
        [1, 2, 1],
        "0,1,0",
        "x",
        "0,x",
        "0;1",
        "1:3",
        "0-4",
        -1,
        "-1",
        [0, -1],
        1.0,
        "1.5",
        [0.0, 1.0],
        True,
        [True, 2],
        None,
        {"0": 1},
        range(3),
        np.array([0, 1]),
    ],
    ids=repr,
)
def test_seeds_that_are_empty_repeat_or_are_no_numbers_are_refused(written: object, refused):
    refused([f"seeds is {written!r}", "accepted"], read, SMOKE | {"seeds": written})


@pytest.mark.parametrize("written", ["maybe", "", "1", 1, 0, None, [True], "[true]", "{"], ids=repr)
def test_a_flag_that_is_neither_true_nor_false_is_refused(written: object, refused):
    refused([f"retrain is {written!r}", "accepted: true or false"], read, SMOKE | {"retrain": written})


@pytest.mark.parametrize(
    ("name", "written", "near"),
    [
        ("profile", "papers", "paper"),
        ("profile", "quik", "quick"),
        ("profile", "Smoke", "smoke"),
        ("basis", "standart", "standard"),
        ("basis", "simplexes", "simplex"),
        ("variant", "permutations", "permutation"),
        ("variant", "combined", "combination"),
        ("dataset", "cifar", "cifar10"),
        ("dataset", "patch", "patches"),
        ("device", "metal", None),
        ("device", "cuda:0", "cuda"),
        ("dtype", "float16", "float64"),
        ("dtype", "double", None),
    ],
    ids=str,
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, written: str, near: str | None, refused):
    words = [name, repr(written), "accepted"] + ([f"did you mean {near!r}?"] if near else [])
    message = refused(words, read, {name: written})
    assert near or "did you mean" not in message


@pytest.mark.parametrize("name", ["profile", "basis", "variant", "dataset", "device", "dtype"])
@pytest.mark.parametrize("value", [None, 3, ["paper"], {}], ids=repr)
def test_a_name_that_is_no_text_is_refused(name: str, value: object, refused):
    refused([f"{name} is ", "accepted"], read, {name: value})


@pytest.mark.parametrize(
    ("misspelt", "near"),
    [
        ("epsilom", "epsilon"),
        ("seed", "seeds"),
        ("Profile", "profile"),
        ("bases", "basis"),
        ("re_train", "retrain"),
        ("data_set", "dataset"),
        ("threshold", None),
        ("open", None),
    ],
    ids=str,
)
@pytest.mark.parametrize("value", [0.5, "0.5", [0, 1], None, True], ids=repr)
def test_a_misspelt_parameter_is_refused_with_the_nearest(misspelt: str, near: str | None, value: object, refused):
    every = [field.name for field in fields(Settings)]
    words = ["parameter name", repr(misspelt), *every] + ([f"did you mean {near!r}?"] if near else [])
    refused(words, read, {"profile": "smoke", misspelt: value})


@pytest.mark.parametrize("written", [-1, "-1", 2.0, "2.5", "deep", True, None, [2]], ids=repr)
def test_a_depth_that_is_no_number_of_blocks_is_refused(written: object, refused):
    refused([f"depth is {written!r}", "default", "from 0"], read, SMOKE | {"depth": written})


def test_a_depth_gives_the_networks_of_another_reading(refused):
    figure = paper.figure("fig02")
    other = read(SMOKE | {"depth": 3})
    assert [n.configuration.id for n in other.networks_for(figure)[::2]] == [
        "cifar-U-tanh-n18-L3",
        "cifar-U-isotanh-n18-L3",
    ]
    assert read(SMOKE).figure_for(figure) is figure and other.figure_for(figure).depth == 3
    assert other.figure_for(figure).name == "fig02" and figure.depth == 2
    refused(
        ["depth is 2", "fig17", "layer 3", "from 3"], read(SMOKE | {"depth": 2}).networks_for, paper.figure("fig17")
    )


def test_retraining_the_published_figure_is_refused(refused):
    for given_ in ({"retrain": True}, {"retrain": "true", "profile": "published"}):
        refused(["retrain", "published", "smoke", "quick", "paper"], read, given_)
    assert read({"retrain": True, "profile": "paper"}).retrain


def test_a_parameter_is_never_passed_over_for_its_type(refused):
    """What is skipped in a notebook's namespace by its kind is still refused under a parameter's name."""
    for value in (types, read, object(), np.arange(2)):
        for field in fields(Settings):
            refused([field.name, "accepted"], read, {field.name: value})


def test_what_a_notebook_holds_beside_its_parameters_is_passed_over():
    class Local:
        pass

    held = {
        "_": 3,
        "__name__": "__main__",
        "_i1": "x",
        "In": ["a"],
        "Out": {1: 2},
        "exit": quit,
        "np": np,
        "plot": read,
        "Local": Local,
        "found": Local(),
        "figure": paper.figure("fig01"),
        "seeds": "[1]",
        "profile": "smoke",
    }
    assert read(held) == Settings(profile="smoke", seeds=(1,))


def test_the_namespace_of_ipython_itself_is_passed_over(tmp_path: Path):
    """Everything that a fresh IPython session defines, with two parameters among it."""
    pytest.importorskip("IPython")
    code = "import numpy as np; from isoaux import settings; epsilon, profile = '0.5', 'quick'\n"
    code += "print(settings.read(globals()))"
    told = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code],
        env=os.environ | {"IPYTHONDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert str(Settings(profile="quick", epsilon=0.5)) in told.stdout, told.stdout + told.stderr


def test_what_a_start_up_file_of_the_reader_defined_is_passed_over_and_nothing_else(refused):
    lists = [1], [1]
    half = 0.5
    session = types.SimpleNamespace(user_ns_hidden={"x": lists[0], "epsilom": half})
    held = {"get_ipython": lambda: session, "profile": "smoke"}
    assert read(held | {"x": lists[0], "epsilom": half}) == Settings(profile="smoke")
    refused(["parameter name is 'x'"], read, held | {"x": lists[1]})
    refused(["parameter name is 'epsilom'", "epsilon"], read, held | {"epsilom": 0.25})


def test_settings_fill_in_from_profile_and_figure():
    figure = paper.figure("fig08")
    smoke = read(SMOKE)
    assert smoke.seeds_for() == paper.PROFILES["smoke"].seeds and smoke.dataset_for(figure) == "digits"
    assert read({"profile": "paper"}).dataset_for(paper.figure("fig28")) == "mnist"
    chosen = read(SMOKE | {"seeds": "5", "dataset": "patches", "epsilon": 0.9, "dtype": "float32"})
    assert chosen.seeds_for() == (5,) and chosen.dataset_for(figure) == "patches" and chosen.epsilon_for(figure) == 0.9
    made = chosen.networks_for(figure)
    assert [(n.configuration, n.seed, n.dtype) for n in made] == [(c, 5, "float32") for c in figure.configurations]
    assert {n.recipe for n in made} == {paper.PROFILES["smoke"].recipe}


def test_every_registered_name_is_accepted():
    for name, valid in (("profile", paper.PROFILES), ("basis", bases.BASES), ("variant", bases.VARIANTS)):
        assert len(valid) >= 2
        for value in valid:
            assert getattr(read({name: value}), name) == value
