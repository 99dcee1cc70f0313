"""``python -m isoaux``: the commands with their options, and the one line that is printed of an error.

A command's module is imported when it is called: only some of them need torch or Jupyter.
"""

import argparse
import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from isoaux.commands.options import add_report, add_setting, add_training, folder_or_file
from isoaux.common import paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, by default the one of this process' arguments, and return its exit status.

    An error is printed as one sentence on the standard error stream; the status is 2 then, 130 after Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    if arguments is None:  # a cluster that ends a job is heard like Ctrl-C
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        _settle()
        if isinstance(sys.stdout, io.TextIOWrapper):  # names of files may have what the terminal's encoding has not
            sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _refuse_deleted_folder()
        return int(import_module(f"isoaux.commands.{options.command}").execute(options))
    except ModuleNotFoundError as error:
        extra = "train,book" if options.command == "run" else "train"
        print(f"isoaux: {error.name} is not installed; `pip install -e '.[{extra}]'` brings it.", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        print("isoaux: memory ran out; fewer jobs or smaller images need less.", file=sys.stderr)
        return 2
    except (ValueError, OSError, RuntimeError, Warning) as error:  # a warning: where the reader made them errors
        print(f"isoaux: {_sentence(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "isoaux: stopped; what was finished is kept, the rest goes on from its last resume point.", file=sys.stderr
        )
        return 130


HOMELESS = {
    "MPLCONFIGDIR": "matplotlib",
    "IPYTHONDIR": "jupyter",
    "JUPYTER_CONFIG_DIR": "jupyter",
    "JUPYTER_DATA_DIR": "jupyter",
    "JUPYTER_RUNTIME_DIR": "jupyter",
}
"""Variables of folders that other packages look for in the user's home, and a folder of the cache for each."""


def _settle() -> None:
    """Of this process and its children: no window is opened, and what wants a home is given the cache for one."""
    os.environ["MPLBACKEND"] = "agg"
    if not os.access(os.path.expanduser("~"), os.W_OK):
        with suppress(ValueError):  # without a cache too
            if paths.can_be_written(root := paths.cache()):
                for variable, folder in HOMELESS.items():
                    os.environ.setdefault(variable, str(root / folder))


def _refuse_deleted_folder() -> None:
    """Raise ValueError where the command is run from a folder that is no longer there: torch ends the process then."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise ValueError("the current folder was deleted; accepted: a folder that is there, by cd.") from None


UNUSABLE = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.ENOENT,
    errno.EEXIST,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOSPC,
)
"""What the system says of a folder or a file that cannot be used."""


def _sentence(error: Exception) -> str:
    """What an error says; where it is about a folder that a variable can name, with that variable."""
    if isinstance(error, OSError) and error.errno in UNUSABLE and isinstance(error.filename, str):
        place = Path(error.filename).absolute()
        for variable, named in zip(paths.VARIABLES, (paths.cache, paths.downloads, paths.home), strict=True):
            with suppress(ValueError, OSError):
                folder = named()
                if place.is_relative_to(folder) or folder.is_relative_to(place):
                    return (
                        f"{variable} is {str(folder)!r}, where {str(place)!r} cannot be used ({error.strerror}); "
                        "accepted: a folder that can be read and written."
                    )
    return str(error)


VERIFY_STATUS = (
    ". Exit status: 0 all agree, 1 something disagrees, 2 an error (a spent budget too), 3 not comparable: "
    "both sides are printed, and nothing is judged, because they are not of one data set and profile."
)
"""What the help of ``verify`` says behind its first sentence."""


REPORT_FILES = (
    ". Prints the answer, a table and notes, and writes them as report.html, .md and .json, and the figure as .png "
    "and .svg. Exit status: 0 whatever the answer is, 2 an error."
)
"""What the help of ``report`` says behind its first sentence."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"isoaux: {message}\n")  # one line, as for every other error; --help has the usage


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="isoaux", description="Re-run, re-draw and question the paper's figures.")
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")

    def add(name: str, words: str, more: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=words + more, allow_abbrev=False)

    for name, words in (
        ("status", "what is published, what is cached, what would run and for about how long"),
        ("train", "train networks, and measure and publish them where asked; resumes where it was left"),
        ("publish", "write network records and figure files from what is trained"),
        ("run", "train, publish, run the notebooks and build the book"),
    ):
        command = add(name, words)
        also = ", or of a notebook" if name == "run" else ""
        default = "every notebook" if name == "run" else "every figure that has a notebook"
        command.add_argument("figures", nargs="*", help=f"names like fig01{also} (default: {default})")
        add_setting(command)
        if name in ("publish", "run"):
            command.add_argument("--epsilon", help="angular threshold in [0, 1)")
            command.add_argument("--basis", help="standard, random or simplex")
            command.add_argument("--variant", help="combination or permutation")
        if name in ("train", "run"):
            add_training(command)
        if name == "train":
            words = "only networks like cifar-U-n18-L0; may be given again"
            command.add_argument("--shape", action="append", help=words)
            command.add_argument("--require-finished", action="store_true", help="status 3 if another call would go on")
            words = "measure each network, write each record as soon as its seeds are trained, and each figure"
            command.add_argument("--publish", action="store_true", help=words)
            command.add_argument("--all", action="store_true", help="--publish with every figure that has a notebook")
        if name in ("publish", "train"):
            words = "folder to write to (default: the committed book's data)"
            command.add_argument("--to", type=folder_or_file, help=words)
    command = add("verify", "train a figure again and compare every statistic with what is published", VERIFY_STATUS)
    command.add_argument("figure", help="a name like fig01")
    add_setting(command)
    add_training(command)
    command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add_report(add("report", "whether the neuron basis is special in the activations of a file", REPORT_FILES))
    command = add("explorer", "write the explorer's files from what is trained")
    command.add_argument("--dataset", default="cifar10", help="cifar10 or folder:PATH, the images of the records")
    command.add_argument("--to", type=folder_or_file, help="folder to write to (default: the committed book's)")
    words = "add networks of the Spotlight Resonance Method on test images of --dataset, mnist, instead"
    command.add_argument("--spotlight", action="store_true", help=words)
    words = "write the files of the live slice, through test images of --dataset, mnist, instead"
    command.add_argument("--slices", action="store_true", help=words)
    command = add("scorecard", "judge every claim of the paper by what is published")
    words = "folder of what is published (default: the committed book's data)"
    command.add_argument("--data", type=folder_or_file, help=words)
    command.add_argument("--to", type=folder_or_file, help="file to write (default: scorecard.json in that folder)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
