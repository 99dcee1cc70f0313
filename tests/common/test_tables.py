"""Tables and sentences: Markdown in a notebook, text in a terminal."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import isoaux
from isoaux import settings, statistics
from isoaux.commands import verification
from isoaux.common.tables import Table, Text, in_ascii, listed
from isoaux.paper import figure
from isoaux.studies import registry


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
    ("words", "enumeration"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed_as_an_enumeration(words, enumeration):
    assert listed(words) == enumeration


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


def test_what_is_printed_is_ascii_and_aligned():
    table = Table(("● holds", "p ≤ 0.05"), (("–", "5° ± 1"), ("é", "10⁴ → 2")))
    assert repr(table).splitlines()[1:] == ["–        5° ± 1", "é        10⁴ → 2"]
    lines = str(table).splitlines()
    assert lines == ["+ holds  p <= 0.05", "-        5 degrees +- 1", r"\xe9     10^4 -> 2"]
    assert f"{table}" == str(table) and str(Text("1 ≤ 2")) == "1 <= 2" and repr(Text("1 ≤ 2")) == "1 ≤ 2"


def test_every_sign_that_the_package_writes_has_a_form_in_ascii():
    signs = {
        sign: path.name
        for path in Path(isoaux.__file__).parent.rglob("*.py")
        for sign in re.findall(r"[^\x00-\x7f]", path.read_text("utf-8"))
    }
    assert len(signs) > 9
    assert not {sign: place for sign, place in signs.items() if "\\" in in_ascii(sign)}


@pytest.mark.parametrize(
    ("encoding", "command"), [("ascii:strict", "scorecard"), ("cp1252:strict", "scorecard"), ("ascii:strict", "status")]
)
def test_commands_print_in_every_encoding(encoding, command, tmp_path):
    """Verdicts and their symbols, and the name of a folder that the encoding does not have."""
    place = tmp_path / "ключ é"
    place.mkdir()
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    arguments = ["scorecard", "--data", str(place)] if command == "scorecard" else ["status", "fig01"]
    environment["ISOAUX_CACHE"] = str(place)
    done = subprocess.run([sys.executable, "-m", "isoaux", *arguments], capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr.decode("ascii", "replace")
    assert "ключ".encode("ascii", "backslashreplace") in done.stdout and not done.stderr
    assert done.stdout.decode(encoding.partition(":")[0])


def test_a_verification_and_a_report_print_in_ascii():
    result = registry.named("planes").read(figure("fig01"), settings.Settings())
    comparison = verification.compare(result, result)
    assert "–" in repr(comparison.table()) and (str(comparison.table()) + comparison.words()).isascii()
    cloud = np.random.default_rng(0).standard_normal((300, 6))
    cloud[:200, 1:] /= 100
    report = statistics.report(cloud, draws=399)
    assert report.special and report.text.isascii() and report.answer.isascii() and repr(report) == report.text
