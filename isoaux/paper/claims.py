"""The paper's claims as data: what is said where, and what decides it; ``paper/claims.yaml`` holds them.

A claim names a statistic and a rule that were fixed before any verdict was computed. The verdict itself is nowhere
written down: :mod:`isoaux.scorecard.compute` computes it from what is published.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from isoaux.common.choices import choose, unknown
from isoaux.paper.catalogue import NAME, Figure, figure
from isoaux.paper.names import GROUPS
from isoaux.paper.networks import Configuration

KINDS = {
    "share": "the share of networks, pairs or panels that do what is claimed, at least",
    "rare": "the share that does the opposite, at most",
    "above": "an effect above a line, with its interval",
    "below": "an effect below a line, with its interval",
    "within": "a number within a range",
    "equal": "a difference whose interval holds 0",
    "exact": "a number to its printed digits",
    "calibrated": "p values that have to be uniform",
}
"""How a rule makes a verdict of a number (:mod:`isoaux.scorecard.verdicts`)."""

PLACES = ("caption", "text", "footnote", "derived")
"""Where a claim is made; ``derived`` is what follows from the paper's definitions without being printed."""

FIELDS = {
    "id", "where", "claim", "section", "family", "decide", "rule", "symmetry", "reason", "cutoff", "than", "between",
    "equals", "why", "changed",
}  # fmt: skip
"""What an entry may have; a verdict is not among it."""

OF = ("anisotropic", "isotropic", "all")
EPOCHS = ("first", "early", "last")


@dataclass(frozen=True)
class Rule:
    """How a number becomes a verdict: its kind, from which share it holds and holds in part, and why."""

    name: str
    kind: str
    why: str
    holds: float = 1.0
    part: float = 1.0


@dataclass(frozen=True)
class Selection:
    """Networks to look at: of these figures, one half of their rows, at a latent layer and a checkpoint.

    ``layer`` None is the one that the figure shows; ``epoch`` is ``first`` (before training), ``early`` (a tenth of the
    training) or ``last``.
    """

    figures: tuple[str, ...]
    of: str = "all"
    layer: int | None = None
    epoch: str = "last"

    @property
    def members(self) -> tuple[tuple[Figure, Configuration], ...]:
        """Every configuration with the figure that shows it, in the figures' order."""
        return tuple(
            (shown, own)
            for shown in map(figure, self.figures)
            for own in shown.configurations
            if self.of == "all" or (GROUPS[own.activation] == "O(n)") == (self.of == "isotropic")
        )


@dataclass(frozen=True)
class Claim:
    """One thing that the paper says, in our words.

    ``decide`` has the ``statistic``, a key of the ``DECIDERS`` of a study, and its parameters; with ``rule`` and the
    ``line``, ``between`` or ``equals`` that it needs, its number becomes a verdict. ``why`` are the reasons of these in
    one line. A claim that cannot be tested has a ``reason`` instead of them. ``changed`` says what of the entry was
    changed once verdicts had been seen, and why.
    """

    id: str
    where: str
    wording: str
    section: str
    family: str = ""
    decide: Mapping[str, Any] = field(default_factory=dict)
    rule: Rule | None = None
    line: float = 0.0
    between: tuple[float, float] | None = None
    equals: float | None = None
    why: str = ""
    symmetry: bool = False
    reason: str = ""
    changed: str = ""

    @property
    def shown(self) -> Figure | None:
        """The figure of the paper that it is said of; None for a statement of the running text."""
        return figure(self.id.partition("-")[0]) if self.id.startswith("fig") else None

    @property
    def page(self) -> str | None:
        """The figure on whose page it is shown: its own or, of a statement of the running text, the first one used."""
        if self.shown is not None:
            return self.shown.name
        used = [*self.decide.get("figures", []), *([self.decide["figure"]] if "figure" in self.decide else [])]
        return used[0] if used else None

    @property
    def statement(self) -> int:
        """Which statement of the catalogue it is, or is a part of: 3 for ``fig01-3a``."""
        return int(re.sub(r"\D", "", self.id.rpartition("-")[2]))

    @property
    def place(self) -> str:
        """Where in the paper it is made, for example ``Figure 1, caption``."""
        name = f"Figure {self.shown.number}" if self.shown else self.section
        return f"{name}, {self.where}"

    @property
    def statistic(self) -> str:
        """The name of what decides it."""
        return str(self.decide["statistic"])

    @property
    def selection(self) -> Selection:
        """The networks that it is about."""
        return self.selected(self.decide, None)

    @property
    def against(self) -> Selection:
        """The networks that these are compared with: the same but for what ``against`` names."""
        return self.selected(self.decide["against"], self.selection)

    def selected(self, given: Mapping[str, Any], other: Selection | None) -> Selection:
        """The networks that some parameters name; what they do not name is as in another selection."""
        own = self.shown
        fallback = (own.name,) if own else ()
        if other is None:
            other = Selection(fallback)
        figures = tuple(given["figures"]) if "figures" in given else other.figures
        layer = given.get("layer", None if "figures" in given else other.layer)
        return Selection(figures, given.get("of", other.of), layer, given.get("epoch", other.epoch))


@dataclass(frozen=True)
class Claims:
    """All claims in the order of the paper, with the level at which p is judged."""

    level: float
    each: tuple[Claim, ...]


def load() -> Claims:
    """The claims of ``paper/claims.yaml``; a copy that may be changed."""
    return deepcopy(_load())


@cache
def _load() -> Claims:
    return read(yaml.load(files("isoaux.paper").joinpath("claims.yaml").read_text("utf-8"), yaml.CSafeLoader))


def read(content: Mapping[str, Any]) -> Claims:
    """Claims from what a file like ``claims.yaml`` holds; raises ValueError that names the entry and what is wrong."""
    rules = {}
    for name, about in content["rules"].items():
        choose("kind", about["kind"], KINDS)
        rules[name] = Rule(name, **about)
    found: dict[str, Claim] = {}
    for entry in content["claims"]:
        claim = _claim(entry, rules, content["cutoffs"])
        if claim.id in found:
            raise ValueError(f"claim {claim.id} stands there twice; accepted: every id once.")
        found[claim.id] = claim
    return Claims(float(content["level"]), tuple(found.values()))


def _claim(entry: Mapping[str, Any], rules: Mapping[str, Rule], cutoffs: Mapping[str, Any]) -> Claim:
    name = entry.get("id")
    if not isinstance(name, str) or not re.fullmatch(rf"({NAME}|text|srm)-\d+[a-z]?", name):
        raise ValueError(f"id is {name!r}; accepted: a name like fig01-3a, text-4a or srm-1.")
    for given in entry:
        if given not in FIELDS:
            raise unknown(f"a field of {name}", given, sorted(FIELDS))
    choose(f"where of {name}", entry.get("where"), dict.fromkeys(PLACES))
    wording = str(entry.get("claim", ""))
    if not wording.endswith("."):
        raise ValueError(f"claim of {name} is {wording!r}; accepted: one sentence.")
    section = entry.get("section") or (figure(name.partition("-")[0]).section if name.startswith("fig") else "P2")
    if ("reason" in entry) == ("decide" in entry):
        raise ValueError(f"{name} has to have either decide, with a rule, or a reason why it cannot be tested.")
    changed = str(entry.get("changed", ""))
    if "reason" in entry:
        return Claim(name, entry["where"], wording, section, reason=str(entry["reason"]), changed=changed)
    rule = choose(f"rule of {name}", entry.get("rule"), rules)
    if "family" not in entry:
        raise ValueError(f"family of {name} is missing; accepted: the name of the claims that it is adjusted with.")
    decide = entry["decide"]
    for key, accepted in (("of", OF), ("epoch", EPOCHS)):
        for given in (decide, decide.get("against")):
            if isinstance(given, dict) and key in given:
                choose(f"{key} of {name}", given[key], dict.fromkeys(accepted))
    line, reasons = 1.0 if decide.get("scale") == "ratio" else 0.0, [rule.why]
    if "cutoff" in entry:
        cutoff = entry["cutoff"]
        cutoff = cutoff if isinstance(cutoff, dict) else choose(f"cutoff of {name}", cutoff, cutoffs)
        line = float(cutoff["value"])
        reasons.append(f"{line:g}: {cutoff['why']}")
    line = float(entry.get("than", line))
    between = tuple(map(float, entry["between"])) if "between" in entry else None
    if (rule.kind == "within") != (between is not None) or (rule.kind == "exact") != ("equals" in entry):
        raise ValueError(f"rule of {name} is {rule.name!r}; accepted: within with between, exact with equals.")
    if "why" in entry:
        reasons.append(str(entry["why"]))
    return Claim(
        name,
        entry["where"],
        wording,
        section,
        str(entry["family"]),
        decide,
        rule,
        line,
        (between[0], between[1]) if between else None,
        entry.get("equals"),
        "; ".join(reasons),
        bool(entry.get("symmetry", False)),
        changed=changed,
    )
