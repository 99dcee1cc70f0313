"""Claims by what they are about: how many of each family are decided, and how many of these are contradicted."""

from dataclasses import dataclass

from isoaux.scorecard.verdicts import AGREE, CONTRADICT, OPEN, OUTCOMES, Row, Scorecard

SUBJECTS = {
    "alignment": "alignment with axes and diagonals",
    "sharpness": "the width and place of beams",
    "smoothness": "how smooth isotropic networks are",
    "training": "what changes through training",
    "counts": "the number of points",
    "brightness": "the brightness of panels",
    "depth": "depth",
    "width": "width",
    "layers": "later latent layers",
    "pixels": "standardised pixels",
    "start": "networks before training",
    "errors": "reconstruction errors",
    "artefacts": "the artefacts of Appendix A",
    "thresholds": "thresholds",
    "remedies": "robustness and corrected maps",
    "setting": "settings",
    "closed_forms": "closed forms",
    "transformer": "a sentence transformer that others trained",
    "spotlight": "the spotlight of the Spotlight Resonance Method",
    "neurons": "what single neurons tell about classes",
    "spotlight_causes": "what carries the spotlight's alignment",
    "symmetry_spotlight": "the spotlight where symmetry has nothing to see",
    "polytopes": "polytopes and classes",
    "representations": "what representations are made of",
    "superposition": "how many features fit, and where they lie",
    "symmetry_superposition": "features where symmetry has nothing to see",
    "symmetry": "isotropic networks having no preferred axes",
    "symmetry_counts": "isotropic points against the width",
}
"""What the families of claims are about."""


@dataclass(frozen=True)
class Family:
    """The ``rows`` of a family's claims, with or without an outcome."""

    name: str
    rows: tuple[Row, ...]

    @property
    def subject(self) -> str:
        """What its claims are about."""
        return SUBJECTS[self.name]

    @property
    def judged(self) -> int:
        """How many of its claims have an outcome."""
        return sum(self.outcome(name) for name in OUTCOMES)

    @property
    def decided(self) -> int:
        """How many of its claims hold, at least in part, or are contradicted."""
        return self.judged - self.outcome(OPEN)

    @property
    def contradicted(self) -> float:
        """The share of the decided claims that is contradicted; 0 where nothing is decided."""
        return self.outcome(CONTRADICT) / self.decided if self.decided else 0.0

    def outcome(self, name: str) -> int:
        """How many of its claims have an outcome."""
        return sum(row.outcome == name for row in self.rows)

    def verdict(self, name: str) -> int:
        """How many of its claims have a verdict."""
        return sum(row.verdict == name for row in self.rows)


def ranked(card: Scorecard) -> tuple[Family, ...]:
    """The families with claims, the one with the largest share of contradicted among decided claims first.

    Of equal shares the family with more decided claims is first where something is contradicted, and last where nothing
    is; families of which nothing is decided are the last ones, those with more claims before others.
    """
    members = {name: tuple(row for row in card.claims if row.family == name) for name in SUBJECTS}
    families = [Family(name, rows) for name, rows in members.items() if rows]
    return tuple(sorted(families, key=_rank))


def _rank(family: Family) -> tuple[bool, float, int]:
    rest = family.outcome(AGREE) if family.decided else -family.judged
    return not family.decided, -family.contradicted, -family.outcome(CONTRADICT) or rest
