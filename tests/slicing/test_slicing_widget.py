"""What the live slice's widget accepts, and what it answers its page."""

from typing import Any

import pytest

from isoaux.slicing import collection
from isoaux.slicing.widget import Slice


@pytest.fixture
def widget() -> Slice:
    return Slice()


def test_it_opens_on_the_last_epoch_of_the_published_network(widget: Slice) -> None:
    assert (widget.network, widget.epoch, widget.space, widget.images) == (collection.SHOWN, 10, 0, [0, 1, 2])
    assert Slice(network="poly-mnist-lrelu-w64-d3", epoch=1, view=(0.5, 0, 4)).view == [0.5, 0.0, 4.0]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("network", "poly-mnist-rely-w64-d3", "did you mean"),
        ("epoch", -1, "epoch is -1; accepted: a whole number"),
        ("space", 3, "space is 3; accepted"),
        ("images", [0, 0, 1], r"images is \[0, 0, 1\]; accepted: three different ones of 0, 1, 2,"),
        ("images", [0, 1, 9999], "images is"),
        ("view", [0, 0, 0], r"view is \[0.* accepted: \[x, y, zoom\]"),
        ("view", [0.0, float("nan"), 1.0], "view is"),
        ("segment", "AD", "segment is 'AD'; accepted: AB, AC, BC, none"),
        ("segment", "1,2,3,inf", "segment is"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_changes(
    widget: Slice, name: str, value: Any, words: str
) -> None:
    before = getattr(widget, name)
    with pytest.raises(ValueError, match=words):
        setattr(widget, name, value)
    assert getattr(widget, name) == before
    with pytest.raises(ValueError, match=words):
        Slice(**{name: value})


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="did you mean 'space'"):
        Slice(spaces=1)


def test_the_page_is_sent_files_and_told_of_those_that_are_not_there(
    widget: Slice, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(widget, "send", sent.append)
    name = widget._list["pictures"]
    widget._answer(widget, {"question": "q1", "name": name}, [])
    widget._answer(widget, {"question": "q2", "name": "nothing"}, [])
    assert sent[0]["answer"] == "q1" and sent[0]["text"]
    assert sent[1]["answer"] == "q2" and "nothing.mjs is missing" in sent[1]["error"]
