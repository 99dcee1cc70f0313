"""The sentences of the front page, against the published files read without the functions that make them."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from roots import DATA, ROOT

from isoaux.scorecard.verdicts import AGREE, CONTRADICT, OPEN
from isoaux.site import findings

LINK = re.compile(r"\[([^]]+)\]\(/([^)]+)\)")


@pytest.fixture(scope="module")
def found() -> list[str]:
    return findings.sentences(DATA)


def test_there_are_few_sentences_each_with_a_number_and_a_link(found: list[str]) -> None:
    assert 3 <= len(found) <= 5
    for words in found:
        links = LINK.findall(words)
        assert links and all(re.search(r"\d", shown) for shown, _ in links)
        for _, page in links:
            assert (ROOT / f"{page}.md").is_file() or (ROOT / "notebooks" / f"{Path(page).name}.ipynb").is_file(), page


def test_the_verdicts_are_those_of_the_scorecard(found: list[str]) -> None:
    rows = json.loads((DATA / "scorecard.json").read_text("utf-8"))["rows"]
    outcomes = Counter(row["outcome"] for row in rows if row["category"] == "claim")
    total = sum(outcomes.values())
    (words,) = (each for each in found if each.startswith("**Verdicts**"))
    assert f"[{total} claims]" in words and f" {outcomes[AGREE]} hold" in words
    assert f"{outcomes[CONTRADICT]} are contradicted" in words and f"{outcomes[OPEN]} are open" in words
    assert f"and {outcomes[None]} cannot be judged yet" in words


def test_the_first_sentence_has_the_ratios_of_the_records(found: list[str]) -> None:
    assert found[0].startswith("**Yes**")
    for activation in ("tanh", "isotanh"):
        ratios = []
        for n in (18, 24, 32):
            with np.load(DATA / "networks" / f"cifar-N-{activation}-n{n}-L0.npz") as record:
                counts, null = record["count"][:, -1, 0], record["final_null_count"][:, 0]
            ratio = float(np.median(counts / np.median(null, axis=1)))
            ratios.append(f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}")
        assert f"{ratios[0]}, {ratios[1]} and {ratios[2]} times" in re.sub(r"[][]", "", found[0])


def test_nothing_is_said_of_what_is_not_published(tmp_path: Path) -> None:
    assert findings.sentences(tmp_path) == []
    card = json.loads((DATA / "scorecard.json").read_text("utf-8"))
    card["rows"] = [row for row in card["rows"] if row["category"] == "claim" and row["verdict"] == "holds"][:3]
    (tmp_path / "scorecard.json").write_text(json.dumps(card))
    (words,) = findings.sentences(tmp_path)
    assert words.startswith("**Verdicts**: of [3 claims]") and "3 hold, 0 of them in part, 0 are contradicted" in words
