"""Write a figure's records and figure file where they are published, with later seeds joined to earlier ones."""

import json
import reprlib
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from isoaux.common import archive, disk, provenance, transactions
from isoaux.common.archive import Published
from isoaux.records import reading
from isoaux.records.reading import IDENTITY, figure_of, missing_networks
from isoaux.records.results import Result

Axis = Literal["seeds", "rows"]
"""What a published file has the first axis of its arrays over: records and representations over seeds."""

SHARED = ("planes", "epochs", "sample")
"""Arrays of a published file that do not start with an axis over its rows or seeds."""


def publish(result: Result, folder: Path, records_alone: bool = False) -> list[Path]:
    """Write a figure's network records, representations and figure file, if it has one; their paths, without suffix.

    With ``records_alone`` the figure file stays as it is: where ``result`` has some of a figure's networks only.

    Seeds that are there already and still fit stay; files of another measure version are replaced. All files are
    replaced together or none, however the process ends, and several processes may publish into one folder at once
    (:mod:`isoaux.common.transactions`). A file that is damaged, or whose facts were altered or do not fit its arrays,
    is replaced, with a warning. Raises ValueError for a file that a newer version of isoaux wrote, OSError that names
    what is in the way of a file.
    """
    if result.pending is not None:
        result = replace(result, records=result.pending(), pending=None)
    written: list[Path] = []

    def keep(path: Path, part: Published) -> None:
        archive.write(staged(path), part.arrays, part.facts | {"facts_sha256": _facts_checksum(part.facts)})
        written.append(path)

    with transactions.together(folder) as staged:
        for place in {folder, *(of(folder, id).parent for of, parts in _by_place(result) for id in parts)}:
            disk.sweep(place)
        for of, parts in _by_place(result):
            for id, new in parts.items():
                path = of(folder, id)
                keep(path, merge(_existing(path, new, "seeds"), new, "seeds"))
        if result.figure.has_file and not records_alone:
            path = folder / result.figure.name
            new = result.drawing
            keep(path, merge(_existing(path, new, "rows"), new, "rows") if result.records else new)
    return written


def _by_place(result: Result) -> list[tuple[Callable[[Path, str], Path], dict[str, Published]]]:
    """A figure's network records, and its representations, with what gives the place of one in a folder."""
    return [
        (reading.record_path, result.records),
        (reading.representations_path, result.representations),
    ]


def _existing(path: Path, new: Published, axis: Axis) -> Published | None:
    """What is published at a place and may be merged with ``new``; None, with a warning, where it is damaged.

    None, without one, also for what is of another measure version, whose arrays may be others.
    """
    try:
        old = archive.read(path)
        _refuse_unsealed(path, old.facts)
        if old.facts.get("measure_version") != new.facts["measure_version"]:
            return None
        _refuse_unfit(path, old, new, axis)
        return old
    except FileNotFoundError:
        return None
    except ValueError as error:
        if archive.is_newer(path):
            raise
        words = f"{str(error).rstrip('.')}; it is replaced, and seeds that only it had have to be published again."
        warnings.warn(words, RuntimeWarning, stacklevel=3)
        return None


def _facts_checksum(facts: dict[str, Any]) -> str:
    """The checksum of a file's facts less those that are added when it is written."""
    kept = {name: value for name, value in facts.items() if name not in ("format_version", "sha256", "facts_sha256")}
    return disk.checksum([json.dumps(kept, sort_keys=True).encode()])


def _refuse_unsealed(path: Path, facts: dict[str, Any]) -> None:
    """Raise ValueError where the checksum of a published file's facts, if there is one, is not that of these."""
    place = path.with_suffix(".json")
    try:
        checksum = _facts_checksum(facts)
    except RecursionError as error:
        raise ValueError(f"{place} was altered: its facts are nested too deeply.") from error
    if facts.get("facts_sha256", checksum) != checksum:
        raise ValueError(f"{place} was altered: the checksum of its facts is not the one in it.")


def _refuse_unfit(path: Path, old: Published, new: Published, axis: Axis) -> None:
    """Raise ValueError where a published file's facts are none that :func:`publish` writes, or do not fit its arrays.

    Files of earlier versions have no checksum of their facts, so the form of each fact that merging reads is looked at.
    """
    facts, place = old.facts, path.with_suffix(".json")
    for name, fits, accepted in _forms(path, facts, axis):
        if not fits:
            value = reprlib.repr(facts[name]) if name in facts else "absent"
            raise ValueError(f"{place} was altered: {name} is {value}; accepted: {accepted}.")
    for name, values in old.arrays.items():
        if name not in SHARED and values.shape[:1] != (len(facts[axis]),):
            raise ValueError(
                f"{place} was altered: {axis} has the length {len(facts[axis])}, and {name} of {path.name}.npz the "
                f"shape {values.shape}; accepted: an array that is as long."
            )
    if _same_setting(old, new):
        for name, values in new.arrays.items():
            if name not in old.arrays or not _is_alike(name, old.arrays[name], values):
                raise ValueError(
                    f"{path}.npz was altered: {name} is not of the shape and type that this version measures."
                )


def _is_alike(name: str, old: NDArray[Any], new: NDArray[Any]) -> bool:
    """Whether two arrays of this name may be joined along their first axis."""
    if name in SHARED:
        return np.array_equal(old, new)
    return old.dtype.kind == new.dtype.kind and old.shape[1:] == new.shape[1:]


def _forms(path: Path, facts: dict[str, Any], axis: Axis) -> list[tuple[str, bool, str]]:
    """Of each fact that merging reads: its name, whether it is of its form, and in words what is accepted."""
    forms = [(name, _is_list_of_texts(facts.get(name)), "a list of texts") for name in ("failed", "deviations")]
    if axis == "rows":
        accepted = f"configurations of {path.name} with a seed, none twice"
        forms.append(("figure", facts.get("figure") == path.name, path.name))
        forms.append(("rows", _are_rows(path.name, facts.get("rows")), accepted))
    else:
        forms.append(("configuration", facts.get("configuration") == path.name, path.name))
    of_rows = {row["seed"] for row in facts["rows"]} if axis == "rows" and forms[-1][1] else None
    accepted = f"whole numbers from 0, at least one and none twice{', as in the rows' if axis == 'rows' else ''}"
    return [
        *forms,
        ("seeds", _are_seeds(facts.get("seeds"), of_rows), accepted),
        ("seconds", provenance.is_time(facts.get("seconds")), "a number of seconds"),
        ("seconds_each", _are_times(facts.get("seconds_each", []), facts.get(axis)), f"one number for each of {axis}"),
        *((name, provenance.is_text(name, facts), "text") for name in (*provenance.MARKS, "versions")),
    ]


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_seeds(value: Any, of_rows: set[int] | None) -> bool:
    """Whether these are the seeds of a file, and where it has rows, those of its rows."""
    if not isinstance(value, list) or not value or not all(map(_is_seed, value)):
        return False
    return len(set(value)) == len(value) and (of_rows is None or of_rows == set(value))


def _are_times(value: Any, labels: Any) -> bool:
    """Whether this is a time for each seed or row, or none, as files of earlier versions have it."""
    if not isinstance(value, list) or not all(map(provenance.is_time, value)):
        return False
    return not value or (isinstance(labels, list) and len(value) == len(labels))


def _are_rows(name: str, rows: Any) -> bool:
    """Whether this lists networks of the figure of this name, each once; those of one depth, where it has one."""
    try:
        members = [(row["configuration"], row["seed"]) for row in rows if len(row) == 2]
        accepted = set(figure_of({"figure": name, "rows": rows}).entry["networks"])
        known = all(id in accepted and _is_seed(seed) for id, seed in members)
        return isinstance(rows, list) and known and len(rows) == len(members) == len(set(members))
    except (ValueError, TypeError, KeyError, IndexError):
        return False


def _same_setting(old: Published, new: Published) -> bool:
    """Whether two files are of one setting, so that their seeds may be joined."""
    same = all(old.facts.get(name) == new.facts[name] for name in IDENTITY)
    return same and ("rows" not in new.facts or figure_of(old.facts).depth == figure_of(new.facts).depth)


def merge(old: Published | None, new: Published, axis: str) -> Published:
    """New seeds (or rows) joined with the old ones of the same setting, in order; where both have one, the new one.

    ``axis`` is the fact that lists them, ``seeds`` or ``rows``. ``new`` alone where ``old`` is None, of another setting
    or has nothing to add.
    """
    if old is None or not _same_setting(old, new):
        return new
    labels = [*new.facts[axis], *(label for label in old.facts[axis] if label not in new.facts[axis])]
    extra = [old.facts[axis].index(label) for label in labels[len(new.facts[axis]) :]]
    if not extra:
        return new
    order = sorted(range(len(labels)), key=lambda i: _rank(labels[i], new.facts))
    arrays = {
        name: values if name in SHARED else np.concatenate([values, old.arrays[name][extra]])[order]
        for name, values in new.arrays.items()
    }
    seconds = _seconds(new, axis) + [_seconds(old, axis)[i] for i in extra]
    facts = new.facts | provenance.together([new.facts, old.facts]) | {axis: [labels[i] for i in order]}
    facts["seconds_each"] = [seconds[i] for i in order]
    facts["seconds"] = round(sum(facts["seconds_each"]), 1)
    facts["seeds"] = sorted({*new.facts["seeds"], *old.facts["seeds"]})
    facts["failed"] = new.facts["failed"] + [
        words for words in old.facts["failed"] if words.split(":")[0] not in _members(new.facts) | _failed(new.facts)
    ]
    lacked = missing_networks(new.facts)
    facts["deviations"] = [words for words in new.facts["deviations"] if words not in lacked] + missing_networks(facts)
    return Published(arrays, facts)


def _seconds(part: Published, axis: str) -> list[float]:
    """Seconds by seed (or row); files that do not say so share theirs out evenly."""
    count = len(part.facts[axis])
    each = part.facts.get("seconds_each")
    return list(each) if each and len(each) == count else [part.facts["seconds"] / count] * count


def _members(facts: dict[str, Any]) -> set[str]:
    """The networks of a file, each as its configuration and seed in words."""
    rows = facts.get("rows") or [facts | {"seed": seed} for seed in facts["seeds"]]
    return {f"{row['configuration']} seed {row['seed']}" for row in rows}


def _failed(facts: dict[str, Any]) -> set[str]:
    return {words.split(":")[0] for words in facts["failed"]}


def _rank(label: Any, facts: dict[str, Any]) -> Any:
    """What seeds (or rows) are ordered by: rows follow the figure's order of configurations."""
    if isinstance(label, int):
        return label
    order = list(figure_of(facts).entry["networks"])
    return order.index(label["configuration"]), label["seed"]
