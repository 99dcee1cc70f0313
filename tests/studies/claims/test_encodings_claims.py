"""Claims that need no network: compression, recovery and noise, with what they count put in by hand."""

from typing import Any

import numpy as np
import pytest
from handmade import decided, decides

from isoaux.representations import trials
from isoaux.representations.trials import Failed, Residual
from isoaux.scorecard.verdicts import HOLDS, NOT


@decides("printed_failures")
def test_failures_of_all_precisions_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = "id: rep-5, section: x, decide: {statistic: printed_failures}, rule: exact, equals: 0"
    monkeypatch.setattr(trials, "failed", lambda precision: Failed(precision, 100, int(precision == 2) * 3, 0, ()))
    found, verdict = decided(claim, {})
    assert (found.number, found.words, verdict) == (3, "pairs of 700 that are not returned", NOT)
    monkeypatch.setattr(trials, "failed", lambda precision: Failed(precision, 100, 0, 5, ()))
    assert decided(claim, {})[1] == HOLDS


def residuals(*pairs: tuple[float, float]) -> Any:
    return lambda kind: tuple(Residual(3, 3, dot, dual, 0.5) for dot, dual in pairs)


@decides("orthogonal_recovery")
def test_sets_count_whose_scalar_products_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = "id: rep-6, section: x, decide: {statistic: orthogonal_recovery}, rule: exact, equals: 0"
    monkeypatch.setattr(trials, "recoveries", residuals((1e-15, 1.0), (2e-9, 0.0), (1e-16, 1.0)))
    assert decided(claim, {})[0].number == 1 and decided(claim, {})[1] == NOT
    monkeypatch.setattr(trials, "recoveries", residuals((1e-15, 1.0)))
    assert decided(claim, {})[1] == HOLDS


@decides("independent_recovery")
def test_sets_count_that_are_read_by_their_dual_basis(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = "id: rep-7, section: x, decide: {statistic: independent_recovery}, rule: exact, equals: 0"
    monkeypatch.setattr(trials, "recoveries", residuals((1.0, 1e-15), (1.0, 1e-12), (1.0, 0.1)))
    assert decided(claim, {})[0].number == 2 and decided(claim, {})[1] == NOT
    monkeypatch.setattr(trials, "recoveries", residuals((1.0, 0.1)))
    assert decided(claim, {})[1] == HOLDS


@decides("noise_ratio")
def test_the_ratio_of_errors_is_a_geometric_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = (
        "id: own-rep-3, where: derived, section: x, decide: {statistic: noise_ratio, sd: 0.001, precision: 1}, "
        "rule: more, than: 1"
    )
    given = dict(zip(trials.SEEDS, [8.0, 2.0, 4.0, 4.0, 4.0], strict=True))
    monkeypatch.setattr(trials, "ratio", lambda sd, precision, seed: given[seed])
    found, verdict = decided(claim, {})
    # Logarithms to the base of 2: 3, 1, 2, 2, 2, of standard error 0.5^0.5 / 5^0.5; t of 4 degrees of freedom 2.776.
    assert found.number == pytest.approx(4) and found.low == pytest.approx(2 ** (2 - 2.7764 * np.sqrt(0.1)), rel=1e-4)
    assert verdict == HOLDS
