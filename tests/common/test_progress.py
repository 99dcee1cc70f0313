"""Long work is announced on the standard error stream, short work never; the items are what they were."""

import sys
from itertools import count

import pytest

from isoaux.common import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that the work itself moves, in seconds."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])

    def work(items, seconds):
        for item in items:
            now[0] += seconds
            yield item

    return work


@pytest.mark.parametrize("total", [0, 1, 2, 3, 100])
@pytest.mark.parametrize("seconds", [0.001, 1.0])
def test_the_items_stay_the_same(total, seconds, clock, capsys):
    items = list(range(total))
    assert list(progress.tracked(clock(items, seconds), total, "bases")) == items
    told = capsys.readouterr()
    assert told.out == "" and bool(told.err) == (total == 100 and seconds == 1)


def test_an_estimate_comes_before_most_of_the_work(clock, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    for at, _ in enumerate(progress.tracked(clock(count(), 2.0), 999, "bases of 768 neurons")):
        if at == progress.BEFORE + 1:
            assert capsys.readouterr().err == "isoaux: 999 bases of 768 neurons will take about 33 minutes.\n"
        if at == 40:
            break
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["isoaux: 19 of 999 bases of 768 neurons", "isoaux: 35 of 999 bases of 768 neurons"]


def test_a_terminal_has_a_bar_where_tqdm_is(clock, capsys, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    list(progress.tracked(clock(range(40), 1.0), 40, "bases"))
    told = capsys.readouterr().err
    assert "40 bases will take about 40 seconds" in told and "/40" in told


@pytest.mark.parametrize(("seconds", "words"), [(11.4, "11 seconds"), (119, "119 seconds"), (181, "3 minutes")])
def test_times_are_read_at_a_glance(seconds, words):
    assert progress.duration(seconds) == words
