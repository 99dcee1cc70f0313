"""Representations in, checked NumPy out."""

import datetime
import subprocess
import sys
import warnings
from array import array as buffer
from collections import deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from isoaux import bases, statistics
from isoaux.common import arrays, choices
from isoaux.statistics import clouds

NUMBERS = np.arange(6.0).reshape(3, 2)
HIDDEN = np.ma.masked_array(NUMBERS, [[0, 0], [0, 1], [0, 0]])
ACCEPTED = "accepted: a matrix (N, n), one vector per row"


class Library(Exception):
    """What another library raises."""


class Lazy:
    """What other libraries hand over: numbers behind ``__array__``, here with the names of its columns."""

    def __init__(self, numbers, columns=()):
        self.numbers, self.columns = numbers, columns

    def __array__(self, dtype=None, copy=None):
        if self.numbers is None:
            raise RuntimeError("Array has been deleted. It was donated.")
        if isinstance(self.numbers, Exception):
            raise self.numbers
        return self.numbers


class Exported:
    """Numbers that only ``__dlpack__`` hands over."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __dlpack__(self, **options):
        return self.numbers.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.numbers.__dlpack_device__()


class Raising(np.ndarray):
    """Numbers whose library raises an error of its own kind where an attribute is read."""

    @property
    def mask(self):
        raise Library("no. mask\nhere")


class Frame:
    """A frame or a series as Polars has them: dtypes that say what they are, and numbers for all of them."""

    def __init__(self, names):
        made = [Dtype(name) for name in ([names] if isinstance(names, str) else names)]
        if isinstance(names, str):
            self.dtype = made[0]
        else:
            self.dtypes, self.columns = made, ["a", "t"][: len(made)]

    def __array__(self, dtype=None, copy=None):
        return np.array([[1.0, 1.7e15]])


class Dtype:
    """A dtype of Polars."""

    def __init__(self, name):
        self.name = name

    def is_temporal(self):
        return self.name in ("Date", "Datetime", "Duration", "Time")

    def __repr__(self):
        return self.name


def nested(deep):
    """A number in lists within lists."""
    held = 1.0
    for _ in range(deep):
        held = [held]
    return held


CYCLE = [[1.0]]
CYCLE.append(CYCLE)


class Missing:
    """A missing number, as pandas has them."""

    def __repr__(self):
        return "<NA>"


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


BAD_SEEDS = [-1, 1.5, True, None, "3", b"ab", [], [1, -1], [0.5], [[1, 2]], np.array(5), np.timedelta64(5), 10**5000]


@pytest.mark.parametrize(
    "bad", [*BAD_SEEDS, [10**5000], bytearray(b"ab"), np.random.SeedSequence(1), Missing()], ids=type
)
def test_seeds_are_whole_numbers(bad, refused):
    refused(["seed is ", "accepted: a whole number of at least 0"], arrays.seed, bad)


def test_whatever_is_taken_as_a_seed_draws_numbers():
    rows = np.random.default_rng(0).standard_normal((50, 3))
    for good in (0, np.int64(3), 2**200, (1, 2), np.array([1, 2]), range(2)):
        assert arrays.seed(good) is good
        assert clouds.named("uniform", good, 3, 2).shape == (3, 2)
        assert statistics.basis_test(rows, np.eye(3), draws=3, seed=good).draws == 3
    for bad in (np.random.SeedSequence(1), b"ab", np.array(5)):
        for draw in (
            lambda seed: clouds.named("normal", seed, 3, 2),
            lambda seed: statistics.null_draws(rows, 2, seed),
        ):
            with pytest.raises(ValueError, match="^seed is .*; accepted: a whole number"):
                draw(bad)
    stream = np.random.SeedSequence(1)  # of which a basis alone is drawn
    np.testing.assert_array_equal(bases.named("random", 3, stream), bases.random_orthogonal(3, 1))


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "3", None, np.timedelta64(5), np.array(5)])
def test_whole_refuses(bad):
    with pytest.raises(ValueError, match=r"^draws is .*; accepted: a whole number of at least 1\.$"):
        arrays.whole(bad, "draws")


@pytest.mark.parametrize("bad", [0, -1.0, np.inf, np.nan, "3", None, True, 10**400])
def test_positive_refuses(bad):
    with pytest.raises(ValueError, match=r"^window is .*; accepted: a finite number above 0\.$"):
        arrays.positive(bad, "window")


@pytest.mark.parametrize("bad", [1, -0.1, 2, np.nan, "0.75", None, False])
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
        assert arrays.like(array, tensor).dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
        assert arrays.like(np.arange(3), tensor).dtype == torch.int64
    assert arrays.rows(torch.ones(3, 2, dtype=torch.int32), "activations").dtype == np.float64
    assert arrays.like(np.ones(2), torch.ones(2, dtype=torch.int32)).dtype == torch.float64
    for dtype in (torch.bool, torch.int8, torch.uint16, torch.float8_e4m3fn, torch.float8_e5m2):
        assert arrays.rows(torch.ones(3, 2).to(dtype), "activations").tolist() == np.ones((3, 2)).tolist()


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked_array(NUMBERS, np.ma.nomask),
        np.ma.masked_array(NUMBERS, np.zeros((3, 2), dtype=bool)),
        list(np.ma.masked_array(NUMBERS)),
        NUMBERS.astype(object),
        NUMBERS.astype(np.longdouble),
        np.asfortranarray(NUMBERS),
        np.asmatrix(NUMBERS),
        NUMBERS.astype(">f4"),
        memoryview(NUMBERS),
        deque(NUMBERS.tolist()),
        tuple(buffer("d", row) for row in NUMBERS),
        [[Decimal(0), Fraction(1)], [np.float16(2), np.int8(3)], [4, 5.0]],
        Lazy(NUMBERS),
        Lazy(NUMBERS.astype(object)),
        Exported(NUMBERS),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_holds_numbers_is_taken(value):
    assert arrays.rows(value, "activations").tolist() == NUMBERS.tolist()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ["activations is None", ACCEPTED]),
        (np.array(None), ["activations is array(None, dtype=object)", ACCEPTED]),
        ([np.array([1.0]), np.array(["2020"], "M8[D]")], ["activations[1] has dtype datetime64[D]", "real numbers"]),
        ([np.array([1]), np.array([5], "m8[D]")], ["activations[1] has dtype timedelta64[D]"]),
        ([np.array([1.0]), np.array([b"ab"], "V2")], ["activations[1] has dtype |V2"]),
        ([np.array([1.0]), np.array(["a"], np.dtypes.StringDType())], ["activations[1] has dtype StringDType()"]),
        ([[1.0, np.datetime64("2020")]], ["activations holds np.datetime64('2020') at row 0, column 1"]),
        (np.array([[1, np.timedelta64(5, "s")]], object), ["activations holds np.timedelta64(5,'s') at row 0"]),
        (
            np.array([[np.ones(2)], [1]], object),
            ["holds array([1., 1.]) at row 0, column 0", "numpy.stack"],
        ),
        (nested(33), ["activations has lists within lists, more than 32 deep"]),
        (nested(100_000), ["activations has lists within lists, more than 32 deep"]),
        (CYCLE, ["activations has lists within lists, more than 32 deep"]),
        (Lazy(Library("no. numbers")), ["activations is a Lazy that NumPy cannot read", ACCEPTED]),
        (Lazy(OSError("no. file")), ["activations is a Lazy that NumPy cannot read", ACCEPTED]),
        (np.ones((2, 2)).view(Raising), ["activations is a Raising that NumPy cannot read", ACCEPTED]),
        (Lazy(np.array([[np.nan]]), None), ["activations holds nan at row 0, column 0;"]),
        (Lazy(np.array([[np.nan]]), 5), ["activations holds nan at row 0, column 0;"]),
        (Frame(["Float64", "Datetime"]), ["activations is a Frame with Datetime in column 1 ('t')", "real numbers"]),
        (Frame(["Time"]), ["activations is a Frame with Time in column 0 ('a')"]),
        (Frame("Duration"), ["activations is a Frame with Duration; accepted: real numbers"]),
        ("activations.npy", ["activations is 'activations.npy'", "isoaux.open"]),
        (Path("activations.npy"), ["Path", "isoaux.open"]),
        ({"layer": NUMBERS}, ["activations is a dict of length 1", "the value of one of its keys"]),
        ((row for row in NUMBERS), ["activations is a generator", "numpy.concatenate"]),
        (map(list, NUMBERS), ["activations is a map", "numpy.concatenate"]),
        ({1, 2}, ["activations is a set", ACCEPTED]),
        (len, ["activations is a builtin_function_or_method", ACCEPTED]),
        (3.0, ["activations has shape ()", ACCEPTED]),
        (Lazy(None), ["activations is a Lazy that NumPy cannot read", ACCEPTED]),
        (HIDDEN, ["activations has a mask that hides 1 of 6 numbers", "without hidden numbers"]),
        (Lazy(HIDDEN), ["activations has a mask that hides 1 of 6 numbers"]),
        (list(HIDDEN), ["activations[1] has a mask that hides 1 of 2 numbers"]),
        ([[1.0, np.ma.masked], [2.0, 3.0]], ["activations[0][1] has a mask"]),
        (
            [np.ones((64, 8)), np.ones((64, 8)), np.ones((44, 8))],
            ["[0] has shape (64, 8)", "[2] has shape (44, 8)", "concatenate"],
        ),
        ([np.ones((4, 8)), np.ones((4, 8))], ["activations has shape (2, 4, 8)", "concatenate", "torch.cat"]),
        (np.ones((2, 3, 4)), ["activations has shape (2, 3, 4)", ".reshape(-1, 4)"]),
        ([[1, 2], [3]], ["activations[0] has shape (2,) and activations[1] has shape (1,)"]),
        (np.array([np.ones(2), np.ones(3)], dtype=object), ["activations[1] has shape (3,)"]),
        ([[1, 2], None], ["activations[1] has shape ()"]),
        ([{"layer": 1}], ["activations[0] is a dict"]),
        ([[1.0, None]], ["activations holds None at row 0, column 1", "finite numbers"]),
        ([["1", 2.0]], ["activations holds '1' at row 0, column 0"]),
        ([[1, 10**5000]], ["activations holds a whole number beyond 1.8e+308 at row 0, column 1"]),
        (np.full((1, 2), np.longdouble("1e400")), ["activations holds 1e+400 at row 0, column 0", "double precision"]),
        (
            Lazy(np.array([[1, Missing()]], dtype=object), ["a", "b"]),
            ["activations holds <NA> at row 0, column 1 ('b')"],
        ),
        (Lazy(np.array([[1, np.nan]]), ["a", "b"]), ["activations holds nan at row 0, column 1 ('b')"]),
        (np.zeros((2, 2), "V2"), ["activations has dtype |V2", "bfloat16"]),
        (np.zeros((2, 2), "datetime64[s]"), ["activations has dtype datetime64[s]"]),
        (np.ones((2, 2), complex), ["activations has dtype complex128", "real numbers"]),
        (np.rec.array([(1.0, 2.0)], dtype=[("a", float), ("b", float)]), ["activations has dtype", "real numbers"]),
        *(
            (make(NUMBERS), ["activations is a sparse", ".toarray()"])
            for make in (
                sparse.csr_matrix,
                sparse.csr_array,
                sparse.coo_array,
                sparse.lil_matrix,
                sparse.dok_matrix,
                sparse.dia_array,
            )
        ),
    ],
)
def test_what_holds_no_matrix_of_numbers_is_refused(value, words, refused):
    if isinstance(value, np.ndarray) and value.dtype == np.longdouble and not np.isfinite(value).all():
        pytest.skip("no numbers beyond double precision here")
    refused(words, arrays.rows, value, "activations")


def test_lists_of_tensors_are_taken_as_hooks_collect_them(refused):
    torch = pytest.importorskip("torch")
    rows = torch.arange(6.0).reshape(3, 2)
    for given in (rows.bfloat16(), rows.double().requires_grad_(), rows.half()):
        assert arrays.rows(list(given), "activations").tolist() == NUMBERS.tolist()
    assert arrays.rows([rows[0], NUMBERS[1], [4, 5]], "activations").tolist() == NUMBERS.tolist()
    assert arrays.rows([[torch.tensor(1.0), torch.tensor(2.0)]], "activations").tolist() == [[1.0, 2.0]]
    assert arrays.rows(Exported(rows.bfloat16()), "activations").tolist() == NUMBERS.tolist()
    refused(
        ["[0] has shape (3, 2) and activations[1] has shape (2, 2)", "torch.cat"],
        arrays.rows,
        [rows, rows[1:]],
        "activations",
    )
    refused(["activations has shape (2, 3, 2)", "torch.cat"], arrays.rows, [rows, rows], "activations")


def test_tensors_that_hold_no_readable_numbers_are_refused(refused):
    torch = pytest.importorskip("torch")
    dense = torch.ones(4, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # prototypes of torch
        from torch.masked import masked_tensor

        masked, whole = (masked_tensor(dense, torch.eye(4) < limit) for limit in (1, 2))
        cases = [
            (dense.to_sparse(), "sparse_coo", ".to_dense()"),
            (dense.to_sparse_csr(), "sparse_csr", ".to_dense()"),
            (dense.to_sparse_bsr((2, 2)), "sparse_bsr", ".to_dense()"),
            (torch.quantize_per_tensor(dense, 0.1, 0, torch.qint8), "quantised", ".dequantize()"),
            (torch.nested.nested_tensor([dense, dense[:2]]), "nested", "torch.cat"),
            (torch.nested.nested_tensor([dense, dense[:2]], layout=torch.jagged), "nested", "torch.cat"),
            (dense.to("meta"), "device meta", "with numbers"),
            (masked, "a mask that hides 4 of 16 numbers", "without hidden numbers"),
            (torch.complex(dense, dense).conj(), "complex64", "real numbers"),
            (torch.nn.UninitializedParameter(), "UninitializedParameter", "on any device"),
        ]
    for tensor, *words in cases:
        refused(["activations is a", *words], arrays.rows, tensor, "activations")
        refused(["activations[0] is a", *words], arrays.rows, [tensor], "activations")
    assert (arrays.rows(whole, "activations") == 1).all()
    assert (arrays.rows(torch.complex(dense, dense).conj().imag, "activations") == -1).all()


def test_numbers_of_other_packages_dtypes_are_widened(refused):
    for name, wider in (
        ("bfloat16", np.float32),
        ("float8_e4m3fn", np.float32),
        ("uint4", np.float64),
        ("other", None),
    ):
        assert arrays._wider_dtype(SimpleNamespace(kind="V", type=float, name=name)) is wider
    types = pytest.importorskip("ml_dtypes")
    for dtype in (types.bfloat16, types.float8_e4m3fn, types.float8_e5m2, types.int4):
        given = NUMBERS.astype(dtype)
        assert arrays.rows(given.astype(object), "activations").tolist() == NUMBERS.tolist()
        assert arrays.rows(given, "activations").tolist() == arrays.rows(list(given), "a").tolist() == NUMBERS.tolist()
    refused(
        ["activations holds nan at row 0, column 0"],
        arrays.rows,
        np.full((1, 2), np.nan, types.bfloat16),
        "activations",
    )


@pytest.mark.parametrize("kind", ["date", "datetime", "time", "timedelta"])
def test_dates_and_times_of_polars_are_no_neurons(kind, refused):
    polars = pytest.importorskip("polars")
    kinds = {"date": (2020, 1, 1), "datetime": (2020, 1, 1), "time": (1,), "timedelta": (1,)}
    frame = polars.DataFrame({"a": [1.0, 2.0], "t": [getattr(datetime, kind)(*kinds[kind])] * 2})
    refused(["activations is a DataFrame with ", "in column 1 ('t')"], arrays.rows, frame, "activations")
    refused(["angles is a Series with "], arrays.numbers, frame["t"], "angles")
    assert arrays.rows(frame.with_columns(t=polars.lit(3)), "activations").tolist() == [[1, 3], [2, 3]]


def test_messages_say_what_a_mask_or_a_tensor_without_numbers_leaves(refused):
    torch = pytest.importorskip("torch")
    refused([".compressed()"], arrays.numbers, HIDDEN[1], "angles")
    refused(["compress_rows"], arrays.numbers, HIDDEN, "angles")
    refused(["of dtype torch.bits8"], arrays.rows, torch.empty((2, 2), dtype=torch.bits8), "activations")


def test_values_are_shown_in_one_short_line():
    class Unprintable:
        def __repr__(self):
            raise Library("none")

    torch = pytest.importorskip("torch")
    for value in (np.ones((50, 50)), torch.ones(50, 50), "x" * 100_000, [10**5000], -(10**5000), Unprintable(), CYCLE):
        text = choices.shown(value)
        assert 0 < len(text) < 120 and "\n" not in text and ". " not in text


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_nullable_data_frames_are_taken_and_missing_numbers_named(backend, refused):
    pandas = pytest.importorskip("pandas")
    if backend == "pyarrow":
        pytest.importorskip("pyarrow")
    frame = pandas.DataFrame({"a": [0.0, 2.0, 4.0], "b": [1, 3, 5], "c": [True, False, True]})
    given = frame.convert_dtypes(dtype_backend=backend)
    assert arrays.rows(given, "activations").tolist() == [[0, 1, 1], [2, 3, 0], [4, 5, 1]]
    given.loc[1, "b"] = pandas.NA
    refused(["activations holds <NA> at row 1, column 1 ('b')"], arrays.rows, given, "activations")
    refused(["activations holds 'x' at row 0, column 3 ('d')"], arrays.rows, frame.assign(d="x"), "activations")


def test_arrays_of_any_shape_are_checked_alike(refused):
    assert arrays.numbers([1, 2], "angles").tolist() == [1, 2]
    assert arrays.numbers(np.ones((2, 3, 4), np.float16), "images").dtype == np.float32
    refused(["angles holds nan at place 1"], arrays.numbers, [1, np.nan], "angles")
    refused(["images holds inf at index (0, 1, 0)"], arrays.numbers, [[[1], [np.inf]]], "images")
    refused(["angles is None; accepted: an array of numbers"], arrays.numbers, None, "angles")


def test_what_the_readers_session_does_with_errors_of_numpy_does_not_matter():
    tiny, gone = np.full((2, 2), 1e-310), np.full((1, 2), np.longdouble("1e-4000"))
    with np.errstate(all="raise"):
        assert (arrays.rows(tiny.tolist(), "activations") == tiny).all()
        assert not arrays.rows(gone, "activations").any()
        assert arrays.rows(np.array([[1, 1e-320]], dtype=object), "activations")[0, 1] == 1e-320


def test_arrays_go_back_as_arrays():
    array = np.ones(3)
    assert arrays.like(array, np.zeros(1)) is array


def test_measuring_never_imports_torch():
    code = "import isoaux.statistics, isoaux.density, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
