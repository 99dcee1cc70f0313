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
