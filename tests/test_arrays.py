"""Representations in, checked NumPy out."""

import subprocess
import sys

import numpy as np
import pytest

from isoaux import arrays


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.float32, np.float32),
        (np.float16, np.float32),
        (np.float64, np.float64),
        (np.int64, np.float64),
        (np.uint8, np.float64),
        (bool, np.float64),
    ],
)
def test_dtypes(given, kept):
    array = arrays.rows(np.ones((3, 2), dtype=given), "activations")
    assert array.dtype == kept
    assert array.shape == (3, 2)


def test_float_arrays_are_not_copied():
    array = np.ones((3, 2), dtype=np.float32)
    assert arrays.rows(array, "activations") is array


def test_nested_lists_and_empty_matrices_are_accepted():
    assert arrays.rows([[1, 2], [3, 4]], "activations").tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert arrays.rows(np.empty((0, 5)), "activations").shape == (0, 5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_with_their_place(bad):
    array = np.zeros((4, 3))
    array[2, 1] = bad
    with pytest.raises(ValueError, match=rf"^activations holds {bad} at row 2, column 1; accepted: finite"):
        arrays.rows(array, "activations")


def test_shapes_and_kinds_are_refused_in_one_sentence():
    with pytest.raises(ValueError, match=r"^points has shape \(3,\); accepted: a matrix \(N, n\)"):
        arrays.rows(np.zeros(3), "points")
    with pytest.raises(ValueError, match=r"^points has width 3; accepted: width 2\.$"):
        arrays.rows(np.zeros((4, 3)), "points", 2)
    with pytest.raises(ValueError, match=r"^points has dtype complex128; accepted: real numbers\.$"):
        arrays.rows(np.zeros((4, 3), dtype=complex), "points")


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "3", None])
def test_whole_refuses(bad):
    with pytest.raises(ValueError, match=r"^draws is .*; accepted: a whole number of at least 1\.$"):
        arrays.whole(bad, "draws")


@pytest.mark.parametrize("bad", [0, -1.0, np.inf, np.nan, "3", None])
def test_positive_refuses(bad):
    with pytest.raises(ValueError, match=r"^window is .*; accepted: a finite number above 0\.$"):
        arrays.positive(bad, "window")


@pytest.mark.parametrize("bad", [1, -0.1, 2, np.nan, "0.75", None])
def test_fraction_refuses(bad):
    with pytest.raises(ValueError, match=r"^epsilon is .*; accepted: a number in \[0, 1\)\.$"):
        arrays.fraction(bad, "epsilon")


def test_scalars_of_numpy_are_scalars():
    assert arrays.whole(np.int32(3), "draws") == 3
    assert arrays.positive(np.float32(0.5), "window") == 0.5
    assert arrays.fraction(np.int64(0), "epsilon") == 0.0


def test_tensors_of_every_kind_come_in_and_go_back():
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        tensor = torch.ones(3, 2, dtype=dtype, requires_grad=True)
        array = arrays.rows(tensor, "activations")
        assert array.dtype == (np.float64 if dtype == torch.float64 else np.float32)
        assert arrays.like(array, tensor).dtype == dtype
        assert arrays.like(np.arange(3), tensor).dtype == torch.int64
    assert arrays.rows(torch.ones(3, 2, dtype=torch.int32), "activations").dtype == np.float64
    assert arrays.like(np.ones(2), torch.ones(2, dtype=torch.int32)).dtype == torch.float64


def test_arrays_go_back_as_arrays():
    array = np.ones(3)
    assert arrays.like(array, np.zeros(1)) is array


def test_measuring_never_imports_torch():
    code = "import isoaux.statistics, isoaux.density, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
