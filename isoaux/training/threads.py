"""How many threads torch and NumPy may use."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def limited(count: int = 1) -> Iterator[None]:
    """Run with so many threads, in torch and NumPy; two beside another busy process are many times slower than one."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)
