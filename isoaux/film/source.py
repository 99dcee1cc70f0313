"""The representations of which a film is made: those that the explorer has of one network."""

from collections.abc import Mapping
from typing import Any

from isoaux.paper import Configuration

SHOWN = "cifar-U-tanh-n18-L0"
"""The network: all its images lie half way between two neurons' axes (Figure 1, first seed)."""


def form(listed: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a page has to know of :data:`SHOWN`, from the list ``explorer.json``.

    ``file`` is the name of the file of its first samples after training, ``width`` its number of neurons, ``all`` the
    number of samples that there are, ``epsilon`` the threshold of the figure, and ``words`` what the network is called.
    None where the list does not have the network.
    """
    entries = [each for each in listed["networks"] if each["network"] == SHOWN and not each.get("replicate")]
    if not entries:
        return None
    entry = entries[0]
    configuration = Configuration.parse(SHOWN)
    return {
        "file": entry["epochs"][-1]["parts"][0],
        "width": entry["width"],
        "all": entry["all_samples"],
        "epsilon": entry["epsilon"],
        "words": f"{configuration.title} pixels, seed {entry['seed']}",
    }
