"""Kernels forked from a process that has loaded what pages load: they start in a tenth of the CPU time.

The server of forks is :mod:`multiprocessing`'s: it runs no threads and has begun nothing with a GPU. It starts with the
first kernel and ends with the process that started it. Where it cannot be had, kernels start as elsewhere.
"""

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from typing import Any

import matplotlib
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

AVAILABLE = "forkserver" in multiprocessing.get_all_start_methods()
"""Whether this system can fork."""

LOADED = ("isoaux.site.kernels", "matplotlib.pyplot", "scipy.stats", "isoaux.workflow")
"""The modules that the server loads before it forks, with those of ``TRAINING`` where this process has torch."""

TRAINING = ("isoaux.studies.steps",)


class ForkedProvisioner(LocalProvisioner):
    """Starts the kernel of a manager as a fork; everything else is as for a local kernel."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel with the arguments of ``cmd`` behind its program, in the folder and environment of kwargs."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*LOADED, *(TRAINING if "torch" in sys.modules else ())])
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        process = context.Process(target=_kernel, args=(arguments, dict(kwargs["env"]), str(kwargs["cwd"])))
        try:
            process.start()
        except OSError:  # the path of the temporary folder is too long for the server's socket, for example
            return await super().launch_kernel(cmd, **kwargs)
        self.process = _Child(process)  # type: ignore[assignment]
        self.pid = self.pgid = process.pid  # it leads a group of its own
        self.cwd = kwargs["cwd"]
        return self.connection_info


class _Child:
    """A process of :mod:`multiprocessing` with the methods of :class:`subprocess.Popen` that a provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        assert process.pid is not None
        self.process, self.pid = process, process.pid

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self.process.exitcode

    def wait(self) -> int | None:
        """The exit status, once it has ended."""
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it the signal ``number``."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _kernel(arguments: list[str], environment: Mapping[str, str], folder: str) -> None:
    """Be a kernel that is started with ``arguments``, until it is shut down or the server is gone."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    matplotlib.use(environment["MPLBACKEND"])
    # Quiet: a manager interrupts the kernel that it shuts down, which would be logged as an error.
    IPKernelApp.launch_instance(arguments, parent_handle=os.getppid(), log_level=logging.CRITICAL)
