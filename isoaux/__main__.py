"""``python -m isoaux``: status, train, publish, explorer, scorecard, verify, run; no Jupyter where none is needed."""

import argparse
import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from isoaux.commands.commands import VERIFY_STATUS, explorer, publish, run, scorecard, status, train, verify
from isoaux.commands.options import (
    add_setting,
    add_training,
    folder_or_file,
)
from isoaux.common import paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status. Errors are one sentence on the standard error stream."""
    options = _parser().parse_args(arguments)
    if arguments is None:  # a cluster that ends a job is heard like Ctrl-C
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        _settle()
        if isinstance(sys.stdout, io.TextIOWrapper):  # names of files may have what the terminal's encoding has not
            sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _refuse_deleted_folder()
        return options.command(options)
    except ModuleNotFoundError as error:
        extra = "train,book" if options.command is run else "train"
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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"isoaux: {message}\n")  # one line, as for every other error; --help has the usage


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="isoaux", description="Re-run, re-draw and question the paper's figures.")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, command, words in (
        ("status", status, "what is published, what is cached, what would run and for about how long"),
        ("train", train, "train a figure's networks; resumes where it was left"),
        ("publish", publish, "write network records and figure files from what is trained"),
        ("run", run, "train, publish, run the notebooks and build the book"),
    ):
        sub = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
        sub.set_defaults(command=command)
        also = ", or of a notebook" if name == "run" else ""
        default = "every notebook" if name == "run" else "every figure that has a notebook"
        sub.add_argument("figures", nargs="*", help=f"names like fig01{also} (default: {default})")
        add_setting(sub)
        if name in ("publish", "run"):
            sub.add_argument("--epsilon", help="angular threshold in [0, 1)")
            sub.add_argument("--basis", help="standard, random or simplex")
            sub.add_argument("--variant", help="combination or permutation")
        if name in ("train", "run"):
            add_training(sub)
        if name == "train":
            sub.add_argument("--shape", action="append", help="only networks like cifar-U-n18-L0; may be given again")
            sub.add_argument("--require-finished", action="store_true", help="status 3 if another call would go on")
        if name == "publish":
            sub.add_argument(
                "--to", type=folder_or_file, help="folder to write to (default: the committed book's data)"
            )
    words = "train a figure again and compare every statistic with what is published"
    sub = commands.add_parser(
        "verify",
        help=words,
        description=f"{words}. {VERIFY_STATUS}",
        allow_abbrev=False,
    )
    sub.set_defaults(command=verify)
    sub.add_argument("figure", help="a name like fig01")
    add_setting(sub)
    add_training(sub)
    sub.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    words = "write the explorer's files from what is trained"
    sub = commands.add_parser("explorer", help=words, description=words, allow_abbrev=False)
    sub.set_defaults(command=explorer)
    sub.add_argument("--dataset", default="cifar10", help="cifar10 or folder:PATH, the images of the records")
    sub.add_argument("--to", type=folder_or_file, help="folder to write to (default: the committed book's)")
    words = "judge every claim of the paper by what is published"
    sub = commands.add_parser("scorecard", help=words, description=words, allow_abbrev=False)
    sub.set_defaults(command=scorecard)
    sub.add_argument(
        "--data", type=folder_or_file, help="folder of what is published (default: the committed book's data)"
    )
    sub.add_argument("--to", type=folder_or_file, help="file to write (default: scorecard.json in that folder)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
