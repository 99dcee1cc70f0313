"""Compositions, mixtures, directions and offsets in sentences and tables."""

from isoaux.paper import Figure

SUBJECTS = {
    "pairs": "pairs of a colour and a shape that were not seen together",
    "purple": "a mixture of two colours that was not seen",
    "linearity": "growing intensity, and two qualities that add up",
    "offsets": "what transformations of digits add to hidden layers",
}
"""What the figures show, by their part."""


def words(figure: Figure) -> str:
    """What a figure shows, in one line."""
    return f"{SUBJECTS[figure.entry['part']]}; {figure.entry['dataset'].partition(',')[0]}"
