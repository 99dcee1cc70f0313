"""A notebook executed by papermill, in a kernel that nothing of the reader's set-up changes."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config
from zmq import ZMQError

from isoaux.common import paths
from isoaux.site import forked

LONGEST_SOCKET = 100
"""Bytes that the path of a socket may have; systems take 103 to 107."""


class Failed(RuntimeError):
    """The execution of a notebook ended with an error."""


def execute(source: Path, executed: Path, parameters: Mapping[str, Any], folder: Path) -> None:
    """Execute the notebook ``source`` with these parameters and write it to ``executed``.

    ``folder`` is for temporary files of the kernel. Raises :class:`Failed` where a cell raises or the kernel ends.
    """

    class Manager(AsyncKernelManager):
        """Starts kernels of this interpreter in the checkout.

        They get their folder and variables here, so that those of this process, which runs in other threads may be
        using, are left alone.
        """

        @property
        def kernel_spec(self) -> KernelSpec:
            """This interpreter, whatever else is registered on this machine as python3."""
            about = get_kernel_dict()
            return KernelSpec(**{name: about[name] for name in ("argv", "display_name", "language")})

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            if forked.AVAILABLE:
                self.provisioner = forked.ForkedProvisioner(kernel_spec=self.kernel_spec, parent=self)
            await super().start_kernel(**options | {"env": environment, "cwd": home})

    home = str(paths.home())
    environment = os.environ | paths.variables() | {"ISOAUX_BATCH": "1", "ISOAUX_HOME": home}
    reader = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")  # folders of their home
    environment |= dict.fromkeys(reader, str(folder / "jupyter")) | {"MPLBACKEND": "agg"}
    environment.pop("PYTHONSTARTUP", None)
    with _sockets(folder) as transport:
        try:
            papermill.execute_notebook(
                source,
                executed,
                parameters=dict(parameters),
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                config=Config({"KernelManager": transport | {"connection_file": str(folder / "kernel.json")}}),
                kernel_manager_class=Manager,
                store_widget_state=False,
                coalesce_streams=True,
            )
        except papermill.PapermillExecutionError as error:
            raise Failed(f"{source.name} stopped in cell {error.exec_count}: {error.ename}: {error.evalue}") from error
        except (RuntimeError, ZMQError) as error:  # the kernel did not start, or died
            raise Failed(f"{source.name} stopped: {error}.") from error


@contextmanager
def _sockets(folder: Path) -> Iterator[dict[str, str]]:
    """How to reach a kernel, as options of jupyter_client: by sockets that are files, which no other kernel can take.

    They are in ``folder`` or, where its path is too long for a socket or not ASCII, in a temporary folder with a short
    path. No options, which means TCP, where neither can be had.
    """
    with ExitStack() as stack:
        for place in (str(folder), "/tmp", "/var/tmp") if os.name == "posix" else ():
            try:
                if place != str(folder):
                    place = stack.enter_context(tempfile.TemporaryDirectory(prefix="isoaux-", dir=place))
            except OSError:
                continue
            if place.isascii() and len(place) + len("/k-5") <= LONGEST_SOCKET:
                yield {"transport": "ipc", "ip": f"{place}/k"}
                return
        yield {}
