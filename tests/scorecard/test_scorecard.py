"""Verdicts on altered copies of the published data, and the published file.

Every decider is tested on numbers by hand in ``tests/studies/claims``.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from roots import ROOT

from isoaux import settings, workflow
from isoaux.__main__ import main
from isoaux.common import archive
from isoaux.paper import claims, figures
from isoaux.paper.claims import Claims
from isoaux.records import publishing, reading
from isoaux.scorecard import compute as scorecard
from isoaux.scorecard import figures as scorecard_figures
from isoaux.scorecard import report as scorecard_report
from isoaux.scorecard import summary
from isoaux.scorecard.verdicts import (
    AGREE,
    CONTRADICT,
    HOLDS,
    NOT,
    OPEN,
    UNPUBLISHED,
    UNTESTABLE,
    Row,
    Scorecard,
)
from isoaux.site import notebooks

DATA = ROOT / "book" / "data"
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")
PAGES = ("notebooks", "book/notebooks")
KNOWN = claims.load()
BY_ID = {claim.id: claim for claim in KNOWN.each}

ALONE = {"fig37-1", "fig37-2", "text-29a", "text-29b", "text-29c", "text-29d", "rep-5", "rep-6", "rep-7", "own-rep-3"}
"""What the library decides without published files."""

NEWER = ("off_both", "quartimax_whitened")
"""Values that records of measure version 2 do not have."""


# --- verdicts follow the data


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the published records that some claims need."""
    for name in ("cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0", "cifar-N-tanh-n18-L0", "cifar-N-isotanh-n18-L0"):
        for suffix in (".npz", ".json"):
            place = tmp_path / "networks" / f"{name}{suffix}"
            place.parent.mkdir(exist_ok=True)
            shutil.copy(DATA / "networks" / place.name, place)
    return tmp_path


def alter(folder: Path, id: str, name: str, change: object) -> None:
    place = reading.record_path(folder, id)
    old = archive.read(place)
    facts = {key: value for key, value in old.facts.items() if key != "sha256"}
    archive.write(place, old.arrays | {name: change(old[name].copy())}, facts)


def verdict_on(name: str, folder: Path) -> Row:
    (row,) = scorecard.compute(folder, Claims(KNOWN.level, (BY_ID[name],))).rows
    return row


def last(values: np.ndarray, to: float) -> np.ndarray:
    values[:, -1] = to
    return values


def test_another_number_in_the_data_is_another_verdict(copied):
    isotropic, tanh = "cifar-U-isotanh-n18-L0", "cifar-U-tanh-n18-L0"
    before = verdict_on("fig01-10b", copied)
    alter(copied, isotropic, "count", lambda v: last(v, 2000))
    after = verdict_on("fig01-10b", copied)
    assert (before.verdict, after.verdict) == (NOT, HOLDS) and after.number == 2000
    assert after.files == (f"networks/{isotropic}.npz",) and after.networks == 5
    assert verdict_on("fig01-10c", copied).outcome == AGREE, "the tanh networks have hundreds of times 2,000 points"
    alter(copied, tanh, "count", lambda v: last(v, 2000))
    assert verdict_on("fig01-10c", copied).outcome == CONTRADICT


def test_an_error_that_changes_sides_changes_the_verdict(copied):
    row = verdict_on("fig31-1", copied)
    assert row.verdict == HOLDS and row.words.startswith("1 of 1 pairs") and len(row.missing) == 22
    alter(copied, "cifar-N-isotanh-n18-L0", "test_error_sigma", lambda v: 2 * v)
    assert verdict_on("fig31-1", copied).outcome == CONTRADICT


def test_without_data_nothing_is_decided(tmp_path):
    card = scorecard.compute(tmp_path)
    verdicts = [row.verdict for row in card.rows]
    assert verdicts.count(UNTESTABLE) == sum(claim.rule is None for claim in KNOWN.each)
    judged = {row.id for row in card.rows if row.outcome}
    assert judged == ALONE
    assert verdicts.count(UNPUBLISHED) == len(KNOWN.each) - verdicts.count(UNTESTABLE) - len(ALONE)
    assert set(card.outcomes.values()) == {0} and all(summary.sentences(card))


# --- the published file


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return scorecard.compute(DATA)


def test_families_are_judged_alone_as_among_all(card):
    names = scorecard_report.EARLY
    rows = scorecard.of_families(names, DATA).rows
    assert rows == tuple(row for row in card.rows if row.family in names) and {row.family for row in rows} == set(names)


def test_the_committed_scorecard_is_up_to_date_with_todays_code(card):
    """Whether its verdicts are right is what ``tests/studies/claims`` asks, by hand."""
    kept = json.loads((DATA / "scorecard.json").read_text("utf-8"))
    again = json.loads(json.dumps(scorecard.content(card)))
    rows, others = ({row["id"]: row for row in one.pop("rows")} for one in (kept, again))
    assert kept == again, "run `python -m isoaux scorecard` again"
    assert list(rows) == list(others)
    for name, row in rows.items():
        for key, value in row.items():
            if isinstance(value, float):
                assert value == pytest.approx(others[name][key], rel=1e-4, abs=1e-9), (name, key)
            elif key in ("said", "words", "label"):  # on another processor a last digit may be rounded the other way
                both = [NUMBER.split(text) for text in (value, others[name][key])]
                assert both[0] == both[1], (name, key)
                numbers = [[float(n.replace(",", "")) for n in NUMBER.findall(t)] for t in (value, others[name][key])]
                assert numbers[0] == pytest.approx(numbers[1], rel=0.02), (name, key)
            else:
                assert value == others[name][key], (name, key)
    assert scorecard.read(DATA).counts == card.counts


def test_every_number_is_traceable_to_published_files(card):
    for row in card.rows:
        assert all((DATA / name).is_file() for name in row.files), row.id
        if row.number is not None:
            assert row.files or row.id in ALONE, row.id
            assert row.words and row.statistic
        for id in row.missing:
            assert not reading.record_path(DATA, id).with_suffix(".npz").exists(), (row.id, id)


def test_the_page_says_what_the_data_say(card):
    source, page = (json.loads((ROOT / place / "own_scorecard.ipynb").read_text("utf-8"))["cells"] for place in PAGES)
    assert [cell["source"] for cell in page] == [cell["source"] for cell in source], "run the page again"
    shown = {cell["id"]: cell["outputs"] for cell in page if cell["cell_type"] == "code"}
    for name, made in (
        ("summary", summary.in_short(card)),
        ("counted", summary.summary(card)),
        ("counts", scorecard_report.by_verdict(card)),
        ("meanings", scorecard_report.meanings(card)),
        ("rules", summary.rules(card.rows)),
        ("changes", scorecard_report.changes(card)),
    ):
        assert "".join(shown[name][0]["data"]["text/markdown"]) == made._repr_markdown_(), "run the page again"
    alt = scorecard_figures.bars(card).alt
    assert "".join(shown["bars"][0]["data"]["text/plain"]) == alt and "reconstruction errors" in alt


def test_every_page_of_a_figure_shows_its_claims():
    for name, path in notebooks.sources().items():
        text = "".join("".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"])
        asked = set(" ".join(re.findall(r"```{claims} (.*)", text)).split())
        wanted = set(notebooks.figures_of(path)) & {claim.page for claim in KNOWN.each}
        assert wanted <= asked <= figures().keys(), name
    shown = {claim.page for claim in KNOWN.each if claim.shown}
    assert shown <= {*notebooks.holding(), "fig37"}


def test_verdicts_need_no_torch():
    code = (
        "import sys; from pathlib import Path; from isoaux.scorecard import compute, figures; "
        f"figures.bars(compute.compute(Path({str(ROOT / 'book')!r}))); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_verdicts_have_what_they_rest_on(card):
    assert len(KNOWN.each) == len(card.rows)
    for row, claim in zip(card.rows, KNOWN.each, strict=True):
        assert (row.id, row.category, row.orientation) == (claim.id, claim.category, claim.orientation)
        assert bool(row.outcome) == (row.number is not None) and (row.verdict == UNTESTABLE) == (not row.statistic)
        assert row.share == (row.yes is not None) == bool(row.unit), row.id
        assert bool(row.preparation) <= (row.p is not None), row.id
        assert row.p_adjusted is None or row.p_adjusted >= row.p, row.id
        assert row.seeds <= row.networks, row.id
        assert not (row.verdict == UNPUBLISHED and not row.missing and claim.decide.get("value") not in NEWER), row.id


def test_what_follows_from_symmetry_is_not_contradicted(card):
    by_symmetry = [row for row in card.rows if row.symmetry]
    assert len(by_symmetry) >= 8
    assert all(row.outcome != CONTRADICT for row in by_symmetry)


def test_every_change_is_said_once_with_its_reason(card):
    changed = [claim for claim in KNOWN.each if claim.changed]
    first, _, *lines = str(scorecard_report.changes(card)).split("\n")
    assert f" {len(changed)} of the {len(card.rows)} entries" in first
    assert f" {len(changed)}, marked †, were changed or added since" in summary.rules(card.rows).words
    named = [
        name
        for line in lines
        for group in re.findall(r"\(([^)]*)\)", line.partition("): ")[0] + ")")
        for name in group.split(", ")
    ]
    assert sorted(named) == sorted(claim.id.rpartition("-")[2] for claim in changed)
    assert len(lines) == len({claim.changed for claim in changed})


def test_no_outcome_of_an_interval_that_holds_its_line_is_decided(card):
    """Said again here, of the numbers that the file shows: the sign of a mean decides nothing."""
    effects = [row for row in card.rows if row.rule in ("more", "less") and row.outcome]
    assert len(effects) > 50
    for row in effects:
        low, high = (-np.inf if row.low is None else row.low), (np.inf if row.high is None else row.high)
        assert (low <= row.line <= high) == (row.outcome == OPEN), row.id


def test_the_command_writes_the_same_file(copied, capsys):
    assert main(["scorecard", "--data", str(copied), "--to", str(copied / "mine.json")]) == 0
    first = (copied / "mine.json").read_bytes()
    assert main(["scorecard", "--data", str(copied)]) == 0
    assert (copied / "scorecard.json").read_bytes() == first
    shown = capsys.readouterr().out
    assert "contradicted" in shown and "were changed or added since" in shown and shown.isascii()
    assert main(["scorecard", "--data", str(copied / "nowhere")]) == 2
    assert "data is" in capsys.readouterr().err


@pytest.mark.smoke
def test_networks_of_another_size_are_judged_too(tmp_path):
    chosen = settings.read({"profile": "smoke", "device": "cpu"})
    for name in ("fig01", "fig04"):
        publishing.publish(workflow.result(name, chosen, jobs=1), tmp_path)
    card = scorecard.compute(tmp_path)
    assert card.counts[UNPUBLISHED] > 0
    decided = [row for row in card.rows if row.figure in ("fig01", "fig04") and row.statistic]
    assert decided and {row.id for row in decided if not row.outcome} == {"fig01-8", "fig01-9"}, "two epochs: no trend"
