"""The claims of the papers as data, ``paper/claims.yaml``: wording, place, and the statistic and rule that decide them.

Rules were written down before any verdict was computed, and after the data had been seen; entries that were changed
since verdicts were seen say so. Verdicts are not stored: :mod:`isoaux.scorecard.compute` computes them from what is
published.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import yaml

from isoaux.common.choices import choose, unknown
from isoaux.paper.catalogue import NAME, Figure, figure
from isoaux.paper.networks import Configuration

KINDS = {
    "share": "the share of networks, pairs or panels that do what is claimed, at least",
    "rare": "the share that does the opposite, at most",
    "above": "an effect above a line, with its interval",
    "below": "an effect below a line, with its interval",
    "within": "a number within a range, with its interval",
    "equal": "a difference from the line of at most a margin, with its interval",
    "exact": "a number to its printed digits",
    "calibrated": "p values that have to be uniform",
}
"""The kinds of rules by which a number becomes a verdict (:mod:`isoaux.scorecard.verdicts`)."""

PLACES = ("caption", "text", "footnote", "derived")
"""Where a claim is made; ``derived`` claims follow from the paper's definitions without being printed."""

FIELDS = {
    "id", "where", "claim", "section", "family", "category", "decide", "rule", "symmetry", "reason", "cutoff", "than",
    "between", "equals", "margin", "orientation", "why", "same_as", "changed",
}  # fmt: skip
"""The fields that an entry may have."""

CATEGORIES = {
    "claim": "what the paper says of its results",
    "setting": "how something was made",
    "derived": "what follows from the paper's definitions without being printed",
    "method": "what the paper on the Spotlight Resonance Method says of its results",
    "proposal": "what the paper proposes to try, without a result",
    "ours": "what this companion says of networks beyond the paper",
    "post": "what the post on the polytope lens says, tried on networks that are trained here",
    "primer": "what a primer on representations says, tried on networks that are trained here",
    "repeat": "what the paper says a second time, decided by the same evidence as another entry",
}
"""What kinds of statements there are; only claims are counted for or against the paper."""

REPEAT = "repeat"
"""The category of what is said again: shown with the verdict of the entry that it repeats, and counted once."""

SETTING = "setting"
"""The family of the statements about settings."""

ORIENTATIONS = ("author",)
"""In whose pictures up and down are meant, where it is not ours: the author's have the vertical axis pointing down."""

AT_LEAST_ONE = ("some", "any")
"""Rules of claims that something is there at all, whose p is that of its being nowhere."""

OF = ("anisotropic", "isotropic", "all")
"""The networks of a figure that a :class:`Selection` may name."""

EPOCHS = ("first", "early", "last")
"""The checkpoints that a :class:`Selection` may name."""


@dataclass(frozen=True)
class Rule:
    """How a number becomes a verdict: ``kind``, the shares from which on a claim ``holds`` or does in ``part``, why.

    ``name`` is what the paper speaks of: every, most, some, few or none of what is counted; more, less, ...
    """

    name: str
    kind: str
    why: str
    holds: float = 1.0
    part: float = 1.0


@dataclass(frozen=True)
class Selection:
    """Networks of ``figures``, their latent layer and checkpoint.

    ``of`` is ``anisotropic``, ``isotropic`` or ``all``; ``layer`` None is the layer that the figure shows; ``epoch`` is
    ``first`` (before training), ``early`` (a tenth of the training) or ``last``.
    """

    figures: tuple[str, ...]
    of: str = "all"
    layer: int | None = None
    epoch: str = "last"

    @property
    def members(self) -> tuple[tuple[Figure, Configuration], ...]:
        """Every configuration with the figure that shows it, in the figures' order."""
        return tuple(
            (shown, configuration)
            for shown in map(figure, self.figures)
            for configuration in shown.configurations
            if self.of == "all" or (configuration.group == "O(n)") == (self.of == "isotropic")
        )


@dataclass(frozen=True)
class Claim:
    """One statement of the papers, in our words.

    ``decide`` has the ``statistic``, the name of a decider of a study, and its parameters; with ``rule`` and the
    ``line``, ``between``, ``equals`` or ``margin`` that it needs, its number becomes a verdict. ``why`` are the reasons
    for these in one line. A claim that cannot be tested has a ``reason`` instead. ``family`` names the claims with
    which its p is adjusted, ``category`` is one of the :data:`CATEGORIES`. ``orientation`` is ``author`` where up and
    down are those of the author's pictures. ``same_as`` is the id of the claim that it repeats, by whose statistic and
    rule it is decided. ``changed`` says what was changed after verdicts had been seen, and why.
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
    margin: float | None = None
    why: str = ""
    symmetry: bool = False
    category: str = "claim"
    orientation: str = ""
    same_as: str = ""
    reason: str = ""
    changed: str = ""

    @cached_property
    def shown(self) -> Figure | None:
        """The figure of the paper that it is about; None for a statement of the running text."""
        return figure(self.id.partition("-")[0]) if self.id.startswith("fig") else None

    @property
    def page(self) -> str | None:
        """The name of the figure on whose page it stands: its own, or the first one that its decider uses."""
        if self.shown is not None:
            return self.shown.name
        used = [*self.decide.get("figures", []), *([self.decide["figure"]] if "figure" in self.decide else [])]
        return used[0] if used else None

    @property
    def statement(self) -> int:
        """The number of the statement in the catalogue that it is, or is a part of: 3 for ``fig01-3a``."""
        return int(re.sub(r"\D", "", self.id.rpartition("-")[2]))

    @property
    def place(self) -> str:
        """Its place in the paper, for example ``Figure 1, caption``."""
        name = f"Figure {self.shown.number}" if self.shown else self.section
        return f"{name}, {self.where}"

    @property
    def statistic(self) -> str:
        """The name of the decider."""
        return str(self.decide["statistic"])

    @property
    def selection(self) -> Selection:
        """The networks that it is about."""
        return self.selected(self.decide, None)

    @property
    def against(self) -> Selection:
        """The networks that these are compared with: the same except for the parameters of ``against``."""
        return self.selected(self.decide["against"], self.selection)

    def selected(self, given: Mapping[str, Any], other: Selection | None) -> Selection:
        """The networks that the parameters ``given`` name; what they do not name is that of ``other``, if any."""
        other = other or Selection((self.shown.name,) if self.shown else ())
        figures = tuple(given["figures"]) if "figures" in given else other.figures
        layer = given.get("layer", None if "figures" in given else other.layer)
        return Selection(figures, given.get("of", other.of), layer, given.get("epoch", other.epoch))


@dataclass(frozen=True)
class Claims:
    """All claims in the order of the paper, with the level of significance of verdicts."""

    level: float
    each: tuple[Claim, ...]


def load() -> Claims:
    """The claims of ``paper/claims.yaml``, a copy that may be changed."""
    return deepcopy(_load())


@cache
def _load() -> Claims:
    return read(yaml.load(files("isoaux.paper").joinpath("claims.yaml").read_text("utf-8"), yaml.CSafeLoader))


def read(content: Mapping[str, Any]) -> Claims:
    """The claims in the ``content`` of a file like ``claims.yaml``. Raises ValueError that names a wrong entry."""
    rules = {}
    for name, rule in content["rules"].items():
        choose("kind", rule["kind"], KINDS)
        rules[name] = Rule(name, **rule)
    claims: dict[str, Claim] = {}
    for entry in content["claims"]:
        claim = _repeat(entry, claims) if "same_as" in entry else _claim(entry, rules, content["cutoffs"])
        if claim.id in claims:
            raise ValueError(f"claim {claim.id} stands there twice; accepted: every id once.")
        claims[claim.id] = claim
    return Claims(float(content["level"]), tuple(claims.values()))


def _said(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    """The id of an entry, its sentence, and the section that it is from. Raises ValueError for a wrong field."""
    name = entry.get("id")
    if not isinstance(name, str) or not re.fullmatch(rf"({NAME}|text|(?:own-)?(?:srm|poly|rep))-\d+[a-z]?", name):
        raise ValueError(f"id is {name!r}; accepted: a name like fig01-3a, text-4a, srm-1, poly-1a or rep-1a.")
    for given in entry:
        if given not in FIELDS:
            raise unknown(f"a field of {name}", given, sorted(FIELDS))
    choose(f"where of {name}", entry.get("where"), dict.fromkeys(PLACES))
    wording = str(entry.get("claim", ""))
    if not wording.endswith("."):
        raise ValueError(f"claim of {name} is {wording!r}; accepted: one sentence.")
    section = entry.get("section") or (figure(name.partition("-")[0]).section if name.startswith("fig") else "P2")
    return name, wording, str(section)


def _repeat(entry: Mapping[str, Any], claims: Mapping[str, Claim]) -> Claim:
    """A claim that repeats one of the ``claims`` before it, with that one's statistic, rule and networks."""
    name, wording, section = _said(entry)
    other = claims.get(str(entry["same_as"]))
    if other is None or other.rule is None or other.same_as:
        raise ValueError(f"same_as of {name} is {entry['same_as']!r}; accepted: a claim before it that is decided.")
    if given := sorted({"decide", "rule", "reason", "family"} & set(entry)):
        raise ValueError(f"{name} has {given[0]} and same_as; accepted: what decides the other claim.")
    decide = dict(other.decide)
    if other.shown and "figure" not in decide:
        decide.setdefault("figures", [other.shown.name])
    return replace(
        other,
        id=name,
        where=entry["where"],
        wording=wording,
        section=section,
        decide=decide,
        category=REPEAT,
        same_as=other.id,
        changed=str(entry.get("changed", "")),
    )


def _claim(entry: Mapping[str, Any], rules: Mapping[str, Rule], cutoffs: Mapping[str, Any]) -> Claim:
    name, wording, section = _said(entry)
    if ("reason" in entry) == ("decide" in entry):
        raise ValueError(f"{name} has to have either decide, with a rule, or a reason why it cannot be tested.")
    changed, category = str(entry.get("changed", "")), _category(entry)
    if "reason" in entry:
        reason = str(entry["reason"])
        return Claim(name, entry["where"], wording, section, category=category, reason=reason, changed=changed)
    rule = choose(f"rule of {name}", entry.get("rule"), rules)
    if "family" not in entry:
        raise ValueError(f"family of {name} is missing; accepted: the name of the claims that it is adjusted with.")
    decide = entry["decide"]
    for key, accepted in (("of", OF), ("epoch", EPOCHS)):
        for given in (decide, decide.get("against")):
            if isinstance(given, dict) and key in given:
                choose(f"{key} of {name}", given[key], dict.fromkeys(accepted))
    orientation = entry.get("orientation", "")
    if orientation:
        choose(f"orientation of {name}", orientation, dict.fromkeys(ORIENTATIONS))
    line, reasons = 1.0 if decide.get("scale") == "ratio" else 0.0, [rule.why]
    if "cutoff" in entry:
        line, why = _cutoff(f"cutoff of {name}", entry["cutoff"], cutoffs)
        reasons.append(f"{line:g}: {why}")
    line = float(entry.get("than", line))
    between = tuple(map(float, entry["between"])) if "between" in entry else None
    for kind, field_of_it in (("within", "between"), ("exact", "equals"), ("equal", "margin")):
        if (rule.kind == kind) != (field_of_it in entry):
            accepted_rules = "within with between, exact with equals, equal with margin"
            raise ValueError(f"rule of {name} is {rule.name!r}; accepted: {accepted_rules}.")
    margin = None
    if "margin" in entry:
        margin, why = _cutoff(f"margin of {name}", entry["margin"], cutoffs)
        reasons.append(f"{margin:g}: {why}")
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
        margin,
        "; ".join(reasons),
        bool(entry.get("symmetry", False)),
        category,
        orientation,
        changed=changed,
    )


def _category(entry: Mapping[str, Any]) -> str:
    """The category of an entry: the one that it names, or the one that follows from its place or its family."""
    if "category" in entry:
        choose(f"category of {entry['id']}", entry["category"], CATEGORIES)
        return str(entry["category"])
    if entry["where"] == "derived":
        return "derived"
    return "setting" if entry.get("family") == SETTING else "claim"


def _cutoff(name: str, given: Any, cutoffs: Mapping[str, Any]) -> tuple[float, str]:
    """A number with the reason for it, from the name of one of the cutoffs, or given itself."""
    cutoff = given if isinstance(given, dict) else choose(name, given, cutoffs)
    return float(cutoff["value"]), str(cutoff["why"])
