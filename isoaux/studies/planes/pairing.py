"""Networks in pairs of one seed: of two selections that claims compare, and of an activation and its isotropic partner.

Paired networks start from the same weights and see the same images, so that what depends on the seed cancels.
"""

from dataclasses import replace

import numpy as np

from isoaux.paper import figure
from isoaux.paper.claims import Selection
from isoaux.records.error_curves import panels
from isoaux.records.evidence import NotPublished, Reader
from isoaux.records.panel_values import Sample, samples


def pairs(first: Selection, second: Selection, reader: Reader) -> tuple[list[Sample], list[Sample]]:
    """The networks of two selections, configuration by configuration, where both of a pair are published.

    Raises ValueError for selections of different numbers of configurations, NotPublished where no pair is published.
    """
    if len(first.members) != len(second.members):
        raise ValueError(f"{first} and {second} have different numbers of configurations; accepted: pairs.")
    sides: tuple[list[Sample], list[Sample]] = [], []
    for members in zip(first.members, second.members, strict=True):
        published = [reader.record(configuration) is not None for _, configuration in members]
        if all(published):
            for side, selection, (shown, configuration) in zip(sides, (first, second), members, strict=True):
                there = samples(replace(selection, figures=(shown.name,)), reader)
                side += [sample for sample in there if sample.configuration == configuration]
    if not sides[0]:
        raise NotPublished("No pair of networks is published.")
    return sides


def partners(figures: list[str], reader: Reader) -> list[tuple[Sample, Sample]]:
    """Every anisotropic configuration of figures of error curves, with its isotropic partner, at the last checkpoint.

    Each once, in layer 0, where both of a pair are published.
    """
    couples: dict[tuple[str, str], tuple[Sample, Sample]] = {}
    for shown in map(figure, figures):
        for panel in panels(shown).values():
            for pair in panel.pairs:
                records = [reader.record(configuration) for configuration in pair]
                first, second = (
                    Sample(shown, configuration, 0, len(record.epochs) - 1, record, reader) if record else None
                    for configuration, record in zip(pair, records, strict=True)
                )
                if first and second:
                    couples[first.configuration.id, second.configuration.id] = first, second
    return list(couples.values())


def log_ratio(first: float, second: float) -> float:
    """The logarithm of first over second; NaN where one of the two is not above 0."""
    return float(np.log(first / second)) if first > 0 and second > 0 else np.nan
