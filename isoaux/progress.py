"""One progress bar for everything that takes long."""

import os
import sys
from typing import Any

from tqdm import tqdm


def bar(total: float | None, description: str, unit: str, **options: Any) -> tqdm:
    """A plain tqdm bar with its rate; in batch runs (``ISOAUX_BATCH`` set, or no terminal) a line every 30 s."""
    batch = bool(os.environ.get("ISOAUX_BATCH")) or not sys.stderr.isatty()
    return tqdm(
        total=total, desc=description, unit=unit, mininterval=30 if batch else 0.5, dynamic_ncols=not batch, **options
    )
