"""Claims about polytopes: made-up networks of two spaces, with evidence and verdict worked out by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from handmade import T_OF_TWO, Files, cauchy, decided, decides, drawing, undecidable

from isoaux.paper import claims as entries
from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, UNDECIDED
from isoaux.studies.polytopes import claims

RELU, PYTORCH = "poly-mnist-relu-w64-d3", "poly-mnist-relu-w64-d3-pytorch"
ROWS = [(RELU, 100), (RELU, 101), (PYTORCH, 100), (PYTORCH, 101)]
NAN = np.nan


def trained(values: Any, *before: int) -> np.ndarray:
    """An array (rows, states, places, ...) with these numbers (rows, places) at the end, 9 before and elsewhere."""
    numbers = np.asarray(values, np.float64)
    array = np.full((len(numbers), 2, numbers.shape[1], *(place + 2 for place in before)), 9.0)
    array[(slice(None), 1, slice(None), *before)] = numbers
    return array


def effects(values: Any, column: int = 0, untrained: Any = 0.0) -> np.ndarray:
    """Effects (rows, states, spaces, counts, 3) of codes, in one column."""
    array = np.full((len(values), 2, len(values[0]), 3, 3), 9.0)
    array[:, 1, :, 0, column] = values
    array[:, 0, :, 0, column] = untrained
    return array


@decides("polytope_cells")
def test_cells_of_single_networks_are_counted() -> None:
    claim = (
        "id: poly-1a, section: x, decide: {statistic: polytope_cells, figure: figX12, number: monosemantic_codes, "
        'above: 0.5, unit: layers, words: "of networks are pure"}, rule: most'
    )

    def codes(values: Any) -> Files:
        return drawing("figX12", ROWS[: len(values)], codes=trained(values, 3))

    own, verdict = decided(claim, codes([[0.6, 0.5], [0.9, 1.0], [0.7, NAN], [0.4, 0.8]]))  # 0.5 is not above 0.5
    assert (own.yes, own.against, own.undecided, own.networks, verdict) == (5, 2, 1, 4, HOLDS)
    assert own.words == "5 of 8 layers of networks are pure, 1 undecided" and own.unit == "layers"
    assert decided(claim, codes([[0.6, 0.5], [0.4, 0.1]]))[1] == PART, "one of four"
    assert decided(claim, codes([[0.1, 0.2]] * 4))[1] == UNDECIDED, "none of eight reaches up to 0.37"
    other = claim.replace("above: 0.5", "below: 0.5")
    assert decided(other, codes([[0.6, 0.5], [0.4, 0.1]]))[0].yes == 3
    assert undecidable(claim, {}) == "figX12 is not published."
    leaky = drawing("figX12", [(RELU.replace("relu", "lrelu"), 100)], codes=trained([[1, 1]], 3))
    assert undecidable(claim, leaky) == "figX12 has no network of relu."


@decides("polytope_intervals")
def test_cells_count_whose_interval_over_seeds_lies_above_the_line() -> None:
    claim = (
        "id: poly-2a, section: x, decide: {statistic: polytope_intervals, figure: figX11, number: auc, above: 0.5, "
        'unit: cells, words: "of start and space lie above"}, rule: every'
    )
    # Two seeds at m - h and m + h have m -+ 12.7 h: 0.6 -+ 0.0127, 0.6 -+ 0.254, 0.55 -+ 0.0127, 0.3 -+ 0.127.
    values = [[0.599, 0.58], [0.601, 0.62], [0.549, 0.29], [0.551, 0.31]]
    own, verdict = decided(claim, drawing("figX11", ROWS, effect=effects(values)))
    assert T_OF_TWO == pytest.approx(12.7, abs=0.01)
    assert (own.yes, own.against, own.undecided, verdict) == (2, 1, 1, PART)
    rest = [[0.599, 0.29], [0.601, 0.31]]
    assert decided(claim, drawing("figX11", ROWS[:2], effect=effects(rest)))[1] == PART
    below = [[0.29, 0.29], [0.31, 0.31]]
    assert decided(claim, drawing("figX11", ROWS[:2], effect=effects(below)))[1] == COUNTER
    assert decided(claim, drawing("figX11", ROWS[:1], effect=effects(rest[:1])))[1] == UNDECIDED, (
        "a seed has no interval"
    )
    lacking = drawing("figX11", ROWS[:2], effect=effects([[0.6, NAN], [0.6, 0.6]]))
    assert undecidable(claim, lacking) == "A network that is compared has no such number."


@decides("polytope_mean")
def test_seeds_are_the_units_of_a_mean() -> None:
    claim = (
        "id: poly-4, section: x, decide: {statistic: polytope_mean, figure: figX12, number: partial, "
        "words: correlation}, rule: more"
    )
    # Means over starts and layers: seed 100 (0.1 + 0.3 + 0.2) / 3 = 0.2, seed 101 (0.2 + 0.4 + 0.1 + 0.5) / 4 = 0.3.
    values = [[0.1, 0.3], [0.2, 0.4], [0.2, NAN], [0.1, 0.5]]
    own, verdict = decided(claim, drawing("figX12", ROWS, relation=trained(values, 2)))
    assert (own.number, own.networks) == (pytest.approx(0.25), 4)
    assert own.low == pytest.approx(0.25 - 0.05 * T_OF_TWO) and own.high == pytest.approx(0.25 + 0.05 * T_OF_TWO)
    assert own.p == pytest.approx(cauchy(5)) and verdict == UNDECIDED, "0.25 -+ 0.64"
    tight = [[0.5, 0.5], [0.501, 0.501]]
    assert decided(claim, drawing("figX12", ROWS[:2], relation=trained(tight, 2)))[1] == HOLDS
    assert decided(claim + ", than: 0.6", drawing("figX12", ROWS[:2], relation=trained(tight, 2)))[1] == NOT


@decides("polytope_mean")
def test_other_activations_are_taken_off_in_the_same_seeds() -> None:
    claim = (
        "id: own-poly-2, where: derived, section: x, decide: {statistic: polytope_mean, figure: figX14, "
        "with: tanh lrelu, less: isotanh isolrelu, number: variation, words: difference}, rule: more"
    )
    names = ["tanh", "lrelu", "isotanh", "isolrelu"]
    rows = [(f"poly-mnist-{name}-w64-d3", seed) for name in names for seed in (100, 101)]
    # 100: (0.4 - 0.1 + 0.6 - 0.3) / 2 = 0.3; 101: (0.4 - 0.1 + 0.6 - 0.296) / 2 = 0.302.
    values = np.array([0.4, 0.4, 0.6, 0.6, 0.1, 0.1, 0.3, 0.296])[:, None] * [1, 1]
    own, verdict = decided(claim, drawing("figX14", rows, variation=trained(values, 1)))
    assert (own.number, own.networks, verdict) == (pytest.approx(0.301), 8, HOLDS)
    # The last network did not learn, and 101 keeps the pair of tanh: 0.4 - 0.1.
    accuracy = np.array([[0.1, 0.9]] * 7 + [[0.9, 0.1]])
    claim_of_learnt = claim.replace("number:", "learnt: 0.5, number:")
    own, _ = decided(claim_of_learnt, drawing("figX14", rows, variation=trained(values, 1), accuracy=accuracy))
    assert (own.number, own.networks) == (pytest.approx((0.3 + 0.3) / 2), 6)
    alone = drawing("figX14", rows[:4], variation=trained(values[:4], 1))
    assert undecidable(claim, alone) == "figX14 has no network of isotanh isolrelu."


@decides("polytope_rays")
def test_rays_are_counted_over_networks() -> None:
    claim = "id: poly-3f, section: x, decide: {statistic: polytope_rays, figure: figX13}, rule: some"
    rays, changed = np.full((2, 2, 2), 50), trained([[0.1, 0.3], [0.2, 0.4]])
    own, verdict = decided(claim, drawing("figX13", ROWS[:2], rays=rays, changed=changed))
    assert (own.yes, own.of, own.networks, verdict) == (5 + 15 + 10 + 20, 200, 2, HOLDS)
    few = trained([[0.1, 0.02], [0.02, 0.02]])
    assert decided(claim, drawing("figX13", ROWS[:2], rays=rays, changed=few))[1] == NOT, "4 of 100: at most 0.1"


PLACES: dict[str, Callable[[], tuple[Files, list[float]]]] = {
    "monosemantic_activations": lambda: (drawing("figX12", activations=trained([[0.1, 0.2]], 3)), [0.1, 0.2]),
    "information_kept": lambda: (
        drawing("figX12", activations=trained([[0.5, 0.5]], 4), codes=trained([[0.4, 0.7]], 4)),
        [-0.1, 0.2],
    ),
    "polysemantic_neurons": lambda: (drawing("figX12", directions=trained([[0.3, 0.4]], 0, 1)), [0.3, 0.4]),
    "entropy_drop": lambda: (
        drawing("figX12", drop=np.array([[[[9, 9, 9, 9]] * 2, [[0.5, 0.2, 9, 9], [0.4, 0.3, 9, 9]]]])),
        [0.3, 0.1],
    ),
    "neighbours": lambda: (
        drawing("figX12", neighbours=trained([[0.9, 0.8]]), pixels_neighbours=[0.7]),
        [0.2, 0.1],
    ),
    "raw": lambda: (drawing("figX11", effect=effects([[0.1, 0.2]], 1)), [0.1, 0.2]),
    "slope": lambda: (drawing("figX11", effect=effects([[0.1, 0.4, 0.4]], 2)), [0.15]),
    "beyond_untrained": lambda: (drawing("figX11", effect=effects([[0.1, 0.2]], 2, 0.3)), [-0.2, -0.1]),
    "ratio": lambda: (drawing("figX11", ratio=trained([[1.1, 1.2]])), [1.1]),
    "middle": lambda: (drawing("figX11", middle=[[[[9, 9]] * 2, [[1.0, 1.2], [1.1, 1.0]]]]), [0.2, -0.1]),
    "shell": lambda: (drawing("figX13", peak=trained([[0, 1]], 0, 2)), [0, 1]),
    "shell_gaussian": lambda: (drawing("figX13", peak=trained([[0, 1]], 1, 2)), [0, 1]),
    "trend": lambda: (drawing("figX13", trend=trained([[-0.9, -1]], 0)), [-0.9, -1]),
    "percentile": lambda: (drawing("figX13", percentile=trained([[0.5, 0.6]], 0)), [0.5, 0.6]),
    "gates": lambda: (drawing("figX14", gates=trained([[0.5, 0.6]], 4)), [0.5, 0.6]),
    "beyond_norm": lambda: (
        drawing("figX14", gates=trained([[0.5, 0.6]], 4), norms=trained([[0.2, 0.7]], 4)),
        [0.3, -0.1],
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_number_is_read_where_it_is(name: str) -> None:
    files, expected = PLACES[name]()
    (published,) = files.values()
    assert claims.VALUES[name](published, 0) == pytest.approx(expected)


def test_the_share_of_factors_is_beyond_random_directions_of_the_same_number() -> None:
    directions = np.full((1, 2, 2, 7, 3), 9.0)
    directions[0, 1, :, :, 0] = [[0, 0, 0, 0.5, 0.3, 0.1, 0.2], [0, 0, 0, 0.7, 0.7, 0.2, 0.4]]
    (published,) = drawing("figX12", directions=directions).values()
    assert claims.VALUES["nmf"](published, 0) == pytest.approx([(0.4 + 0.1) / 2, (0.5 + 0.3) / 2])


def test_every_number_of_a_claim_is_one_that_is_read() -> None:
    ours = [claim for claim in entries.load().each if claim.family == "polytopes"]
    used = {claim.decide["number"] for claim in ours if "number" in claim.decide}
    assert used == claims.VALUES.keys() and len(ours) == 24
