"""The profiles, sizes in which every figure can be run."""

from dataclasses import dataclass

from isoaux.paper.networks import Recipe


@dataclass(frozen=True)
class Profile:
    """The size of a run: recipe, seeds, images and dtype of training."""

    name: str
    recipe: Recipe
    seeds: tuple[int, ...]
    dataset: str | None
    """The source of images that replaces the figure's; None for the figure's."""
    draws: int
    """The number of random bases that each checkpoint is compared with."""
    final_draws: int
    """The number of random bases that the last checkpoint is compared with."""
    dtype: str = "float64"
    samples: int = 60_000
    """Samples of each panel of Appendix A."""
    columns: int = 8
    """Panels in a row of Appendix A; each row has one seed."""

    @property
    def full(self) -> bool:
        """Whether it is of the size that is published, or takes the figure's own images."""
        return self.dataset is None


PROFILES = {
    "published": Profile("published", Recipe(), (0, 1, 2, 3, 4), None, 99, 999),
    "smoke": Profile("smoke", Recipe().shortened(2), (0, 1), "digits", 19, 99, samples=4000, columns=3),
    "quick": Profile("quick", Recipe().shortened(40), (0, 1, 2, 3, 4), "patches", 49, 199, samples=20_000),
    "paper": Profile("paper", Recipe(), (0, 1, 2, 3, 4), None, 99, 999),
}
"""The profiles by name; ``published`` draws what ``paper`` has published in the book."""
