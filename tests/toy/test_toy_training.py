"""The page's training of the toy model, under Node.js, against NumPy's from the same start and samples."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import javascript
import numpy as np

from isoaux import bases
from isoaux.representations import superposition
from isoaux.representations.superposition import Sparse
from isoaux.toy import bundle

STEPS, BATCH = 50, 24


def training(activation: str, optimiser: str) -> dict[str, Any]:
    """A start, fifty batches, and what NumPy makes of them."""
    n, m, seed = 7, 3, 11
    importance = 0.8 ** np.arange(n)
    instances = Sparse(n, m, 0.6, importance, activation)
    trained = superposition.train(instances, STEPS, seed, optimiser=optimiser, batch=BATCH)
    x = superposition.samples(n, instances.sparsity, [seed], STEPS, BATCH)
    return {
        "activation": activation,
        "optimiser": optimiser,
        "n": n,
        "m": m,
        "batch": BATCH,
        "importance": importance.tolist(),
        "W": superposition.start(n, m, [seed])[0].tolist(),
        "x": [batch[0].tolist() for batch in x],
        "after": {name: getattr(trained, name)[0].tolist() for name in ("W", "b", "losses")},
    }


def test_the_page_trains_as_numpy_does(installed: Callable[[str, str], str], tmp_path: Path) -> None:
    random = np.random.default_rng(1).standard_normal((3, 8))
    figures = [bases.simplex(3).T, 0.9 * bases.cross_polytope(2).T, random, np.array([[1.0, 0.3, -0.6]])]
    cases = {
        "trainings": [training(a, o) for a in superposition.HIDDEN for o in superposition.OPTIMISERS],
        "figures": [
            {
                "W": W.tolist(),
                "sizes": superposition.dimensionality(W).tolist(),
                "represented": int(superposition.represented(W)),
                "onAxes": float(superposition.on_axes(W)),
            }
            for W in figures
        ],
        "losses": [
            {
                "n": n,
                "m": m,
                "sparsity": s,
                "ratio": r,
                "loss": float(superposition.linear_loss(n, m, s, r ** np.arange(n))),
            }
            for n, m, s, r in ((5, 2, 0.9, 0.7), (40, 10, 0.0, 1.0), (2, 4, 0.5, 1.0))
        ],
    }
    javascript.check(installed("node", "nodejs"), "toy/training.test.mjs", cases, tmp_path)


def test_every_module_is_in_the_page() -> None:
    assert {path.stem for path in bundle.HERE.glob("*.mjs")} == {"page", *bundle.MODULES}
    page = bundle.for_page()
    assert "\nimport " not in page and "\nexport " not in page and page.startswith("(function isoauxToy() {")
