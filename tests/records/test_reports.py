"""What is missing is said once, in place of every drawing and table; pages of several figures have a part for each."""

import pytest

from isoaux.common.archive import Published
from isoaux.common.tables import Table, Text
from isoaux.paper import figure
from isoaux.records.reports import NOTHING, deviations, lacking, line_of_each, or_missing, table_of_each
from isoaux.records.results import Collection, Missing, Result


def result(name: str, *seeds: int, **facts: object) -> Result:
    """A figure's data with so many seeds of its first configuration and nothing else."""
    wanted = figure(name)
    rows = [{"configuration": wanted.configurations[0].id, "seed": seed} for seed in seeds]
    return Result(wanted, Published({}, {"rows": rows, "seeds": list(seeds), "deviations": []} | facts), {}, {})


def page(*results: Result, missing: tuple[str, ...] = (), failed: dict[str, str] | None = None) -> Collection:
    names = [*(each.figure.name for each in results), *missing]
    return Collection(tuple(map(figure, names)), {each.figure.name: each for each in results}, failed or {})


ABSENT = {
    "not published": (Missing(figure("fig08")), "Figure 8 is not published yet."),
    "failed": (Missing(figure("fig08"), "the loss was nan."), "Figure 8 cannot be drawn: the loss was nan."),
    "no network": (result("fig08"), "Figure 8 cannot be drawn: no network of fig08 was finished."),
    "no page": (page(missing=("fig08", "fig09")), "Figures 8 and 9 are not published yet."),
    "all failed": (page(failed={"fig08": "it broke."}, missing=("fig08",)), "Figure 8 cannot be drawn: it broke."),
    "no list": ([], NOTHING),
}


@pytest.mark.parametrize(("data", "words"), ABSENT.values(), ids=ABSENT)
def test_what_is_missing_is_said_in_place_of_the_drawing(data, words):
    drawn = []
    draw = or_missing(lambda data, scale=1: drawn.append(data))
    assert lacking(data) == words
    assert draw(data) == draw(data, scale=2) == draw(data=data) == Text(words) and drawn == []


@pytest.mark.parametrize("data", [result("fig08", 0), page(result("fig08", 0), missing=("fig09",)), ["a network"]])
def test_what_is_there_is_drawn_with_all_arguments(data):
    @or_missing
    def draw(data: object, scale: int = 1) -> tuple[object, int]:
        """The name and the words stay."""
        return data, scale

    assert draw(data, scale=3) == (data, 3) and draw(data) == (data, 1)
    assert (draw.__name__, draw.__doc__) == ("draw", "The name and the words stay.")


@table_of_each
def seeds(data: Result) -> Table:
    return Table(("seed",), tuple((str(seed),) for _, seed in data.rows))


def test_tables_of_several_figures_are_one_with_a_column_for_the_figure():
    assert seeds(result("fig08", 0, 3)) == Table(("seed",), (("0",), ("3",)))
    both = page(result("fig08", 0, 3), result("fig09", 1), missing=("fig10",))
    labels = [both.label(figure(name)) for name in ("fig08", "fig09")]
    assert seeds(both) == Table(("figure", "seed"), ((labels[0], "0"), (labels[0], "3"), (labels[1], "1")))
    assert labels == ["8, n = 18", "9, n = 24"]
    for data, words in ABSENT.values():
        assert seeds(data) == Text(words)


@line_of_each
def sentence(data: Result) -> str:
    return f"{len(data.rows)} networks"


def test_sentences_of_several_figures_are_a_line_each_and_then_what_is_missing():
    assert sentence(result("fig08", 0, 3)) == Text("2 networks")
    both = page(result("fig08", 0, 3), result("fig09", 1), missing=("fig10",))
    lines = "- **Figure 8**: 2 networks\n- **Figure 9**: 1 networks"
    assert sentence(both) == Text(f"{lines}\n\nFigure 10 is not published yet.")
    assert sentence(page(result("fig08", 0, 3), result("fig09", 1))) == Text(lines)
    for data, words in ABSENT.values():
        assert sentence(data) == Text(words)


def test_deviations_are_a_sentence_behind_another():
    assert deviations(result("fig08", 0)) == ""
    differing = result("fig08", 0, deviations=["2 epochs instead of 125", "L = 1 instead of 0"])
    assert deviations(differing) == " Differs from the paper: 2 epochs instead of 125; L = 1 instead of 0."
