"""Functions compiled by numba, and kept for other processes. numba comes with the extra ``train``."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from numba import config, njit, types
from numba.extending import intrinsic

from isoaux.common import paths

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz", "arcp"}}
"""Products may be fused and sums reordered; not-a-number and infinity stay what they are."""


def compiled(function: Callable[..., Any]) -> Any:
    """``function`` as compiled by numba, once for every arithmetic, and kept for other processes.

    It is kept where numba itself would (``NUMBA_CACHE_DIR``, beside this module, in the user's own folder), else in
    the project's cache; where nothing can be written, every process compiles its own.
    """
    return _kept(function, OPTIONS)


def compiled_exactly(function: Callable[..., Any]) -> Any:
    """The same, with every rounding as it is written: no product is fused, no sum reordered."""
    return _kept(function, OPTIONS | {"fastmath": False})


def _kept(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    with suppress(RuntimeError):  # no folder that can be written
        return njit(cache=True, **options)(function)
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = str(paths.cache() / "numba")
        return njit(cache=True, **options)(function)
    except (RuntimeError, ValueError):
        return njit(**options)(function)
    finally:
        config.CACHE_DIR = before


@intrinsic
def wide_vectors(typingctx):  # type: ignore[no-untyped-def]
    """Make LLVM use the widest vectors in the function that calls this; by default it takes half of AVX-512."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite's own list has not this one
        return context.get_dummy_value()

    return types.void(), generate
