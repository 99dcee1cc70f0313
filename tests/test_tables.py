"""Tables and sentences: Markdown in a notebook, text in a terminal."""

import pytest

from isoaux.tables import Table, Text, listed


def test_a_table_is_markdown_in_a_notebook_and_aligned_text_elsewhere():
    table = Table(("a", "long head"), (("1", "x"), ("22,000", "y")))
    assert table._repr_markdown_().splitlines() == ["| a | long head |", "| --- | --- |", "| 1 | x |", "| 22,000 | y |"]
    lines = repr(table).splitlines()
    assert [line.split() for line in lines] == [["a", "long", "head"], ["1", "x"], ["22,000", "y"]]
    assert len({line.index(word) for line, word in zip(lines, ("long", "x", "y"), strict=True)}) == 1
    assert not [line for line in lines if line != line.rstrip()]


def test_a_table_without_rows_is_its_head():
    assert repr(Table(("a", "b"), ())) == "a  b"


def test_text_is_markdown_in_a_notebook_and_itself_elsewhere():
    text = Text("**Tanh**: yes.")
    assert repr(text) == text._repr_markdown_() == "**Tanh**: yes."


@pytest.mark.parametrize(
    ("words", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed_as_one_says_them(words, said):
    assert listed(words) == said


def test_a_cell_keeps_to_its_place():
    """Bars and ends of lines in a cell end neither the cell nor the row; bars of formulas are escaped once."""
    table = Table(("a", "b"), (("x | y", "one\ntwo"), (r"$\|x\|$", "1 < 2")))
    rows = [r"| x \| y | one two |", r"| $\|x\|$ | 1 < 2 |"]
    assert table._repr_markdown_().splitlines() == ["| a | b |", "| --- | --- |", *rows]
    assert repr(table).splitlines()[1].split("    ") == ["x | y", "one two"]


def test_words_have_no_html():
    words = "**a** <b>b</b> <!-- c --> $x<y$ 1 < 2"
    assert Text(words)._repr_markdown_() == "**a** &lt;b>b&lt;/b> &lt;!-- c --> $x&lt;y$ 1 < 2"
    assert repr(Text(words)) == words
