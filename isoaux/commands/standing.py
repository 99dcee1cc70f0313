"""What is left to do for networks, each counted once, in numbers and words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from isoaux.common.numbers import counted
from isoaux.paper import Network


@dataclass(frozen=True)
class Left:
    """What is left to do for a network of a figure, and the seconds that one process needs for it.

    ``epochs`` of training, which take ``training`` seconds; the seconds of the ``measurements`` that were not made, by
    name. ``failed`` for good; ``runs``: a process is at it.
    """

    network: Network
    epochs: int = 0
    training: float = 0.0
    measurements: Mapping[str, float] = field(default_factory=dict)
    failed: bool = False
    runs: bool = False


@dataclass(frozen=True)
class Standing:
    """How many networks are done, failed, running, to be trained and to be measured, and the seconds of what is left.

    A network is done where it is trained and measured; one that is to be trained is not counted as to be measured.
    """

    networks: int
    done: int
    failed: int
    running: int
    to_train: int
    epochs: int
    to_measure: int
    seconds: float

    @classmethod
    def of(cls, each: Iterable[Left]) -> "Standing":
        """The standing of networks, of which several figures may each have something left."""
        epochs: dict[Network, int] = {}
        training: dict[Network, float] = {}
        measuring: dict[Network, dict[str, float]] = {}
        failed, running = set(), set()
        for left in each:
            epochs[left.network] = max(left.epochs, epochs.get(left.network, 0))
            training[left.network] = max(left.training, training.get(left.network, 0.0))
            measuring.setdefault(left.network, {}).update(left.measurements)
            failed |= {left.network} if left.failed else set()
            running |= {left.network} if left.runs else set()
        to_train = [network for network, count in epochs.items() if count]
        to_measure = [network for network, names in measuring.items() if names and not epochs[network]]
        return cls(
            len(epochs),
            len(epochs) - len(failed) - len(to_train) - len(to_measure),
            len(failed),
            len(running),
            len(to_train),
            sum(epochs.values()),
            len(to_measure),
            sum(training.values()) + sum(sum(names.values()) for names in measuring.values()),
        )

    @property
    def done_words(self) -> str:
        """What is done, like ``8 of 10 networks, 1 failed``."""
        return f"{self.done} of {counted(self.networks, 'network')}" + f", {self.failed} failed" * bool(self.failed)

    @property
    def left_words(self) -> str:
        """What is left, like ``1 to train (125 epochs), 2 to measure``; empty where nothing is."""
        words = [f"{self.to_train} to train ({counted(self.epochs, 'epoch')})"] * bool(self.to_train)
        return ", ".join([*words, *[f"{self.to_measure} to measure"] * bool(self.to_measure)])


def duration(seconds: float) -> str:
    """A time in words, like ``0.2 min`` or ``3.5 h``."""
    minutes = seconds / 60
    return f"{max(minutes, 0.1):.1f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
