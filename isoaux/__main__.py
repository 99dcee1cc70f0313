"""``python -m isoaux``: status, train, publish, explorer, scorecard, verify, run; no Jupyter where none is needed."""

import argparse
import errno
import io
import json
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from isoaux import cache, paths, settings
from isoaux.choices import choose
from isoaux.paper import Figure, Network, figure, figures

BUILT = (
    "ppp_grid",
    "ppp_ensemble_artefact",
    "ppp_thresholds",
    "perturbation",
    "corrections",
    "reconstruction_curves",
)
"""The kinds of figure that can be made today: those of :mod:`isoaux.kinds`, which takes long to import."""

VERIFY_STATUS = (
    "Exit status: 0 all agree, 1 something disagrees, 2 an error (a spent budget too), 3 not comparable: "
    "both sides are printed, and nothing is judged, because they are not of one data set and profile."
)


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
            if paths.can_be_written(root := cache.root()):
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
        for variable, named in zip(paths.VARIABLES, (cache.root, cache.downloads, paths.home), strict=True):
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
        _add_setting(sub)
        if name in ("publish", "run"):
            sub.add_argument("--epsilon", help="angular threshold in [0, 1)")
            sub.add_argument("--basis", help="standard, random or simplex")
            sub.add_argument("--variant", help="combination or permutation")
        if name in ("train", "run"):
            _add_training(sub)
        if name == "train":
            sub.add_argument("--shape", action="append", help="only networks like cifar-U-n18-L0; may be given again")
            sub.add_argument("--require-finished", action="store_true", help="status 3 if another call would go on")
        if name == "publish":
            sub.add_argument("--to", type=_place, help="folder to write to (default: the committed book's data)")
    words = "train a figure again and compare every statistic with what is published"
    sub = commands.add_parser(
        "verify",
        help=words,
        description=f"{words}. {VERIFY_STATUS}",
        allow_abbrev=False,
    )
    sub.set_defaults(command=verify)
    sub.add_argument("figure", help="a name like fig01")
    _add_setting(sub)
    _add_training(sub)
    sub.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    words = "write the explorer's files from what is trained"
    sub = commands.add_parser("explorer", help=words, description=words, allow_abbrev=False)
    sub.set_defaults(command=explorer)
    sub.add_argument("--dataset", default="cifar10", help="cifar10 or folder:PATH, the images of the records")
    sub.add_argument("--to", type=_place, help="folder to write to (default: the committed book's)")
    words = "judge every claim of the paper by what is published"
    sub = commands.add_parser("scorecard", help=words, description=words, allow_abbrev=False)
    sub.set_defaults(command=scorecard)
    sub.add_argument("--data", type=_place, help="folder of what is published (default: the committed book's data)")
    sub.add_argument("--to", type=_place, help="file to write (default: scorecard.json in that folder)")
    return parser


def _add_setting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", help="published, smoke, quick or paper")
    parser.add_argument("--dataset", help="cifar10, mnist, patches, digits or folder:PATH")
    parser.add_argument("--seeds", help="for example 0,1,2")
    parser.add_argument("--dtype", help="float64 or float32")
    parser.add_argument("--depth", help="hidden blocks, where not as many as the figure has")
    parser.add_argument("--device", help="auto, cpu or cuda")
    parser.add_argument(
        "--jobs", type=_count, help="processes, one thread each (default: one per core that this process may use)"
    )


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--budget", type=_seconds, help="stop at an epoch's end before this, like 9m or 1h30m")
    parser.add_argument("--retrain", action="store_const", const=True, help="train even what the store has")


def _place(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the path is ''; accepted: that of a folder or file.")
    try:
        return paths.absolute(text, "the path")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text)
    if not text or match is None:
        raise argparse.ArgumentTypeError(f"budget is {text!r}; accepted: a time like 90s, 9m or 1h30m.")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"jobs is {text!r}; accepted: a whole number from 1.")
    return int(text)


def _settings(options: argparse.Namespace, default_profile: str) -> settings.Settings:
    names = ("profile", "dataset", "dtype", "depth", "seeds", "device", "epsilon", "basis", "variant", "retrain")
    given = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    return settings.read({"profile": default_profile} | given)


def chosen_figures(names: Sequence[str]) -> list[Figure]:
    """The figures that these names mean: no name, every one with a notebook. Only kinds that are ``BUILT``."""
    from isoaux import notebooks

    found = [figure(name) for name in names or notebooks.holding()]
    for wanted in found:
        if wanted.kind not in BUILT:
            raise ValueError(
                f"figure is {wanted.name!r}, which cannot be made yet; accepted: figures of the kind "
                f"{', '.join(BUILT)} ({', '.join(n for n, f in figures().items() if f.kind in BUILT)})."
            )
    return found


def _wanted(figures: list[Figure], chosen: settings.Settings, shapes: Sequence[str] | None) -> dict[str, list[Network]]:
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


def train(options: argparse.Namespace) -> int:
    """Train the networks of some figures."""
    from isoaux import data, group, training

    deadline = None if options.budget is None else time.monotonic() + options.budget
    chosen = _settings(options, "paper")
    if chosen.profile == "published":
        raise ValueError("profile is 'published', which trains nothing; accepted: smoke, quick or paper.")
    states: list[str] = []
    for source, members in _wanted(chosen_figures(options.figures), chosen, options.shape).items():
        if states and deadline is not None and time.monotonic() >= deadline:
            outcomes = group.ended("paused", members, group.SPENT)
        else:
            images = data.load(source)
            outcomes = training.train(
                members,
                images,
                device=chosen.device,
                jobs=options.jobs,
                budget=None if deadline is None else max(0.0, deadline - time.monotonic()),
                retrain=chosen.retrain,
            )
        states += [outcome.state for outcome in outcomes]
        for outcome in outcomes:
            if outcome.state != "complete":
                print(f"{outcome.network.id}: {outcome.state}, {outcome.reason}")
    counts = ", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(states))
    print(f"{len(states)} networks: {counts or 'nothing to train'}")
    if options.require_finished:  # a network that failed has been tried, and is published as missing
        return 3 if {"paused", "broken"} & set(states) else 0
    return 1 if {"failed", "broken"} & set(states) else 0


def publish(options: argparse.Namespace) -> int:
    """Write records and figure files of what is trained."""
    from isoaux.kinds import KINDS

    chosen = _settings(options, "paper")
    if chosen.profile == "published":
        raise ValueError("profile is 'published', which has been published; accepted: smoke, quick or paper.")
    for wanted in chosen_figures(options.figures):
        kind = KINDS[wanted.kind]
        found = kind.compute(wanted, chosen, jobs=options.jobs, train=False)
        for path in kind.publish(found, options.to or paths.data()):
            print(path)
    return 0


def explorer(options: argparse.Namespace) -> int:
    """Write the explorer's files."""
    from isoaux import data
    from isoaux.explorer import collection

    folder = options.to or paths.data() / "explorer"
    source = settings.read({"dataset": options.dataset}).dataset
    print(collection.write(data.load(source), paths.data(), folder, collection.SHOWN))
    return 0


def scorecard(options: argparse.Namespace) -> int:
    """Write the verdicts, and say what they come to."""
    from isoaux import scorecard as cards
    from isoaux import scorecard_report
    from isoaux.tables import in_ascii

    folder = options.data or paths.data()
    if not folder.is_dir():
        raise FileNotFoundError(f"data is {str(folder)!r}, where nothing is; accepted: a folder of published files.")
    card = cards.compute(folder)
    print(scorecard_report.by_verdict(card))
    print(in_ascii("\n".join(scorecard_report.sentences(card))))
    print(cards.write(card, options.to or folder / "scorecard.json"))
    return 0


def run(options: argparse.Namespace) -> int:
    """Train, publish, run the notebooks, build the book: all of it on one machine."""
    from isoaux import notebooks, site

    chosen = _settings(options, "published")
    known = notebooks.sources()
    if figures_alone := [name for name in options.figures if name not in known]:
        chosen_figures(figures_alone)
    page = site.make(options.figures or list(known), chosen, jobs=options.jobs, budget=options.budget)
    print(page)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Compare a figure of the store, trained where it is missing, with what is published."""
    from isoaux import verification
    from isoaux.kinds import KINDS

    chosen = _settings(options, "paper")
    if chosen.profile == "published":
        raise ValueError("profile is 'published', which is one side already; accepted: smoke, quick or paper.")
    wanted = figure(options.figure)
    if wanted.kind not in verification.READ:
        raise ValueError(
            f"figure is {wanted.name!r}, of which nothing is trained; accepted: "
            f"{', '.join(name for name, other in figures().items() if other.kind in verification.READ)}."
        )
    kind = KINDS[wanted.kind]
    there = kind.read(wanted, settings.Settings())
    own = kind.compute(wanted, chosen, jobs=options.jobs, budget=options.budget)
    found = verification.compare(there, own)
    print(json.dumps(found.as_json(), indent=1) if options.json else f"{found.table()}\n\n{found.words()}")
    return found.status


def status(options: argparse.Namespace) -> int:
    """Say what is there and what would be done; compute and download nothing."""
    from isoaux import overview

    chosen = _settings(options, "paper")
    chosen_figures = [figure(name) for name in options.figures] or list(figures().values())
    print(overview.machine())
    print(overview.table([f for f in chosen_figures if f.kind in BUILT], chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
