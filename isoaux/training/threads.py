"""How many threads torch and NumPy may use."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def limited(count: int = 1) -> Iterator[None]:
    """Context in which torch and NumPy use ``count`` threads; the number of before comes back at its end.

    One is the default because two beside another busy process were measured to be many times slower than one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)
