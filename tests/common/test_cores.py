"""Cores are those that this process may use, not those that the machine has."""

import os
import subprocess
import sys

import pytest

from isoaux.common import cores

ONE_CORE = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from isoaux.commands import overview
from isoaux.common import cores, work
print(cores.allowed(), overview.machine().splitlines()[0], sep="\\n")
print({process == os.getpid() for process in work.each(lambda _: os.getpid(), range(4), "piece")})
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot keep a process to some cores")
def test_a_process_kept_to_one_core_counts_one_and_starts_no_other():
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_CPU_COUNT"}
    done = subprocess.run([sys.executable, "-c", ONE_CORE], capture_output=True, text=True, env=environment)
    count, machine, alone = done.stdout.splitlines()
    present = os.cpu_count()
    assert count == "1" and alone == "{True}", done.stderr
    assert (f", 1 of {present} cores, " if present != 1 else ", 1 core, ") in machine


@pytest.mark.parametrize(
    ("known", "allowed", "words"),
    [
        (
            {"process_cpu_count": lambda: 3, "sched_getaffinity": lambda _: {0}, "cpu_count": lambda: 8},
            3,
            "3 of 8 cores",
        ),
        ({"process_cpu_count": lambda: None, "cpu_count": lambda: None}, 1, "1 core"),
        ({"sched_getaffinity": lambda _: {1, 5}, "cpu_count": lambda: 8}, 2, "2 of 8 cores"),
        ({"sched_getaffinity": lambda _: {0, 1}, "cpu_count": lambda: 2}, 2, "2 cores"),
        ({"cpu_count": lambda: 8}, 8, "8 cores"),
        ({"cpu_count": lambda: None}, 1, "1 core"),
    ],
)
def test_what_the_system_can_say_is_used(known, allowed, words, monkeypatch):
    """Python 3.13 and later, Linux before, and systems on which only the number of cores is known."""
    for name in ("process_cpu_count", "sched_getaffinity"):
        monkeypatch.delattr(os, name, raising=False)
    for name, value in known.items():
        monkeypatch.setattr(os, name, value, raising=False)
    assert (cores.allowed(), cores.words()) == (allowed, words)
