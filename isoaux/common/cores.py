"""The number of processor cores that this process may use."""

import os


def allowed() -> int:
    """The number of cores that this process may use: under ``taskset`` or in a cluster's job fewer than there are."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13 on; heeds PYTHON_CPU_COUNT
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def words() -> str:
    """The number of cores that this process may use in words, ``2 cores`` or ``1 of 2 cores``."""
    here, all_of_them = allowed(), os.cpu_count() or 1
    counted = f"{here} of {all_of_them}" if here < all_of_them else f"{here}"
    return f"{counted} {'core' if counted == '1' else 'cores'}"
