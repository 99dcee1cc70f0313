"""Options of the commands, and what they mean."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from isoaux import settings
from isoaux.common import paths
from isoaux.common.choices import choose
from isoaux.paper import Figure, Network, figure, figures


def add_setting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", help="published, smoke, quick or paper")
    parser.add_argument("--dataset", help="cifar10, mnist, patches, digits or folder:PATH")
    parser.add_argument("--seeds", help="for example 0,1,2")
    parser.add_argument("--dtype", help="float64 or float32")
    parser.add_argument("--depth", help="hidden blocks, where not as many as the figure has")
    parser.add_argument("--device", help="auto, cpu or cuda")
    parser.add_argument(
        "--jobs", type=count, help="processes, one thread each (default: one per core that this process may use)"
    )


def add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--budget", type=seconds, help="stop at an epoch's end before this, like 9m or 1h30m")
    parser.add_argument("--retrain", action="store_const", const=True, help="train even what the store has")


def folder_or_file(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the path is ''; accepted: that of a folder or file.")
    try:
        return paths.absolute(text, "the path")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def seconds(text: str) -> float:
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text)
    if not text or match is None:
        raise argparse.ArgumentTypeError(f"budget is {text!r}; accepted: a time like 90s, 9m or 1h30m.")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"jobs is {text!r}; accepted: a whole number from 1.")
    return int(text)


def chosen_settings(options: argparse.Namespace, default_profile: str) -> settings.Settings:
    names = ("profile", "dataset", "dtype", "depth", "seeds", "device", "epsilon", "basis", "variant", "retrain")
    given = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    return settings.read({"profile": default_profile} | given)


def chosen_figures(names: Sequence[str]) -> list[Figure]:
    """The figures that these names mean: no name, every one with a notebook. ValueError for one that has no data."""
    from isoaux.site import notebooks
    from isoaux.studies import registry

    found = [figure(name) for name in names or notebooks.holding()]
    for wanted in found:
        if registry.of(wanted).read is None:
            accepted = ", ".join(name for name, each in figures().items() if registry.of(each).read is not None)
            raise ValueError(f"figure is {wanted.name!r}, of which no data are published; accepted: {accepted}.")
    return found


def networks_by_source(
    figures: list[Figure], chosen: settings.Settings, shapes: Sequence[str] | None
) -> dict[str, list[Network]]:
    """The networks to train, by source of images, each once; of these shapes only, where any is named."""
    found: dict[str, dict[Network, None]] = {}
    for wanted in figures:
        if not wanted.configurations:  # nothing behind it is trained
            continue
        source = chosen.dataset_for(wanted)
        found.setdefault(source, {}).update(dict.fromkeys(chosen.networks_for(wanted)))
    known = {network.configuration.shape: None for members in found.values() for network in members}
    for shape in shapes or ():
        choose("shape", shape, known)
    kept = {source: [n for n in found[source] if n.configuration.shape in (shapes or known)] for source in found}
    return {source: members for source, members in kept.items() if members}
