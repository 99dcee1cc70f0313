"""Options that several commands have, and how their values are read."""

import argparse
import re
from pathlib import Path

from isoaux.common import paths


def add_setting(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is computed, and where."""
    parser.add_argument("--profile", help="published, smoke, quick or paper")
    parser.add_argument("--dataset", help="cifar10, mnist, patches, digits or folder:PATH")
    parser.add_argument("--seeds", help="for example 0,1,2")
    parser.add_argument("--dtype", help="float64 or float32; of train and status also by figure: float32,fig01=float64")
    parser.add_argument("--depth", help="hidden blocks, where not as many as the figure has")
    parser.add_argument("--device", help="auto, cpu or cuda")
    parser.add_argument(
        "--jobs", type=count, help="processes, one thread each (default: one per core that this process may use)"
    )


def add_training(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that train."""
    parser.add_argument("--budget", type=seconds, help="stop at an epoch's end before this, like 9m or 1h30m")
    parser.add_argument("--retrain", action="store_const", const=True, help="train even what the store has")


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add the file of a report, what is taken of it, and how it is measured."""
    parser.add_argument("file", help="a file, a folder of shards or a pattern, as isoaux.open takes it")
    parser.add_argument("--key", help="the array of the file, where it has several; a pattern with * joins some")
    parser.add_argument("--layout", help="names of the axes, like 'batch tokens neurons' or 'N C H W'")
    parser.add_argument("--mask", help="the array of the file that is 0 where a row does not count")
    parser.add_argument("--dtype", help="bfloat16, where 16-bit integers hold such numbers")
    preparation = parser.add_mutually_exclusive_group()
    for name, prepare, words in (
        ("--centre", "centred", "subtract the mean first"),
        ("--whiten", "whitened", "take mean and covariance away first"),
    ):
        preparation.add_argument(
            name, dest="prepare", action="store_const", const=prepare, default="raw", help=words + " (default: nothing)"
        )
    parser.add_argument("--draws", type=whole, default=999, help="random bases to compare with (default: 999)")
    parser.add_argument("--epsilon", type=float, help="angular threshold in [0, 1) (default: by the size of the data)")
    parser.add_argument("--samples", type=whole, help="rows to draw and measure (default: about a million numbers)")
    parser.add_argument("--seed", type=whole, default=0, help="of what is drawn at random (default: 0)")
    parser.add_argument("--out", type=folder_or_file, help="folder to write to (default: NAME-report)")


def whole(text: str) -> int:
    """The whole number that an option names; argparse's error for any other text."""
    if not text.isascii() or not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number.")
    return int(text)


def folder_or_file(text: str) -> Path:
    """The absolute path that an option names; argparse's error where it is empty or has no home folder."""
    if not text:
        raise argparse.ArgumentTypeError("the path is ''; accepted: that of a folder or file.")
    try:
        return paths.absolute(text, "the path")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def seconds(text: str) -> float:
    """The seconds of a time like ``90s``, ``9m`` or ``1h30m``; argparse's error for any other text."""
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text)
    if not text or match is None:
        raise argparse.ArgumentTypeError(f"budget is {text!r}; accepted: a time like 90s, 9m or 1h30m.")
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + rest


def count(text: str) -> int:
    """The number of processes that an option names; argparse's error for anything but a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"jobs is {text!r}; accepted: a whole number from 1.")
    return int(text)
