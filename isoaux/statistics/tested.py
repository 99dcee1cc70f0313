"""What a test of several statistics of one basis found: the answer in one sentence, and the numbers behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoaux.ppp import EPSILON
from isoaux.statistics.nulls import LEVEL, BasisTest
from isoaux.statistics.preparation import Ready
from isoaux.statistics.tally import MOMENTS, STATISTICS

NARROW = 0.5**0.5
"""The epsilon up to which a direction half way between two axes is near all planes of both, so that it raises c4."""


@dataclass(frozen=True, eq=False)
class Tested:
    """Tests of one basis in prepared activations, and their settings.

    ``tests``, a :class:`BasisTest` per statistic; ``adjusted``, their p values adjusted for their number (Holm);
    ``prepared``, the measured activations; ``chosen``, whether epsilon was chosen here; ``leading``, 0 or the number of
    directions in whose planes points are looked for, in every basis those that the activations are nearest to;
    ``planes``, the number of planes; and the other settings.
    """

    tests: Mapping[str, BasisTest]
    adjusted: Mapping[str, float]
    prepared: Ready
    preparation: str
    epsilon: float
    chosen: bool
    variant: str
    draws: int
    seed: Any
    leading: int
    planes: int

    @property
    def p(self) -> float:
        """The smallest adjusted p; where no direction is special, it is at most a with probability at most a."""
        return min(self.adjusted.values())

    @property
    def special(self) -> tuple[str, ...]:
        """The statistics whose adjusted p is at most ``LEVEL``, by p and then in the order of the table."""
        names = sorted(self.adjusted, key=self.adjusted.__getitem__)
        return tuple(name for name in names if self.adjusted[name] <= LEVEL)

    @property
    def basis_name(self) -> str:
        """The name of the measured basis in sentences."""
        return "neuron basis" if self.prepared.standard else "basis"

    @property
    def answer(self) -> str:
        """The answer whether the basis is special, with the numbers that decide it, and what the first of them says."""
        question, special = f"Is the {self.basis_name} special here?", self.special
        of = f"{len(special) or 'none'} of {len(self.tests)} statistics"
        beside = f"what {self.draws} random bases give for {self.preparation} activations"
        if not special:
            words = f"{of} lies outside {beside} (least adjusted p = {self.p:.2g})"
            return f"{question} These numbers do not say so: {words}.{self.points_words}"
        first, lie = special[0], "lies" if len(special) == 1 else "lie"
        test, form = self.tests[first], number(first)
        low, high = np.quantile(test.null, (0.025, 0.975))
        return (
            f"{question} Yes: {of} {lie} outside {beside} (adjusted p of at most {LEVEL:g}), first of all {first}, "
            f"{form(test.value)} where the middle 95% of random bases is {form(low)} to {form(high)} "
            f"(adjusted p = {self.p:.2g}). That says: {self._meaning(first)}.{self.points_words}"
        )

    @property
    def points_words(self) -> str:
        """A sentence on what points are, where they are not the paper's and are measured; else nothing."""
        lower = self.chosen and self.epsilon < EPSILON
        if not (lower or self.leading) or not any(name not in MOMENTS for name in self.tests):
            return ""
        where = "in the planes of two " + ("neurons" if self.prepared.standard else "directions")
        if self.leading:
            where += f" of the {self.leading} that the activations are nearest to"
        why = f" and not the paper's {EPSILON:g}, which would leave hardly a point of isotropic ones" if lower else ""
        return f" Points are those {where}, at epsilon = {self.epsilon:g}{why}."

    def _meaning(self, name: str) -> str:
        """What the value of a statistic beside its random bases says of the basis, in words."""
        test = self.tests[name]
        above = test.value > np.median(test.null)
        words = STATISTICS[name].above if above else STATISTICS[name].below
        if name != "quartimax" or not above:
            return words
        if self.epsilon <= NARROW:
            return f"{words}; c4 tells these apart only for an epsilon above {NARROW:.2g}"
        if (where := self.tests.get("c4")) is None:
            return f"{words}, which c4 would tell apart"
        degrees, p = np.degrees(np.arccos(self.epsilon)), self.adjusted["c4"]
        side = "above" if where.value > np.median(where.null) else "below"
        return (
            f"{words}. c4, which directions within {degrees:.0f} degrees of an axis raise and others of a plane lower, "
            f"is {number('c4')(where.value)}, {side} the median of random bases (adjusted p = {p:.2g})"
        )


def number(name: str) -> Callable[[float], str]:
    """The function that writes values of the statistic ``name``: counts as whole numbers, others to three digits."""
    return {"count": "{:,.0f}", "c4": "{:+.3f}", "s2": "{:+.3f}"}.get(name, "{:.3g}").format
