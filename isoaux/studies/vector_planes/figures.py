"""The planes of Thomson-like bases through training, in panels."""

from isoaux.drawing.look import COLOURS, Drawn
from isoaux.drawing.panels import halved, sheet, small
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.vector_planes import report


@or_missing
def panels(result: Result) -> Drawn:
    """A row per basis, of its first network, and a panel per checkpoint; below each the number of points."""
    drawing = result.drawing
    first = [rows[0] for rows in result.by_configuration.values()]
    titles = [[f"{count:,}" for count in drawing["count"][row]] for row in first]
    labels = []
    for configuration in result.by_configuration:
        words = f"m = {report.vectors(configuration)}\nn = {configuration.n}"
        labels.append((words, COLOURS[configuration.group]))
    heads = [f"epoch {epoch}" if place == 0 else str(epoch) for place, epoch in enumerate(drawing["epochs"])]
    return Drawn(
        sheet(drawing["density"], titles, labels, heads), report.sentence(result), finding=report.finding(result)
    )


def thumbnail(result: Result) -> bytes:
    """A small PNG for the gallery: the last panel of every basis."""
    return small(halved(result.drawing["density"][:, -1])[None])
