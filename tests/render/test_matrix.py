"""The lab's table as a page, as Markdown and as JSON."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from tests.render.axe import violations
from tests.render.browser import Browser

from outlast.archive.lab_table import Cell, Claim, Measurement, Table, read_table
from outlast.checkers.anomaly import Anomaly
from outlast.checkers.word import Word
from outlast.render.matrix import claims_markdown, matrix_document, matrix_markdown, matrix_page, write_matrix

RUN = "20261125-kill/sticky"
HOSTILE = "<img src=x onerror=alert(1)>"


def measured(word: Word | Anomaly, run: str = "") -> Measurement:
    return Measurement(
        word=word, shows=(Anomaly.AFFINITY_FLAP,), on=datetime.date(2026, 11, 25), engine="compose", seed=11, run=run,
        sessions=339, exposed=101, lost=100,
    )  # fmt: skip


TABLE = Table(
    columns={"kill": "a replica is killed", "flush": "the store is flushed"},
    rows={"sticky": 2, "shared": None, "unsaid": None},
    cells={
        "sticky": {
            "kill": Cell(
                predicted=Word.VICTIMS, set="must-lose", measured=measured(Word.VICTIMS, "20261125-kill/sticky")
            ),
            "flush": Cell(predicted=Word.NONE, why="it has no store"),
        },
        "shared": {
            "kill": Cell(predicted=Word.OK, measured=measured(Anomaly.STALE_READ), why=HOSTILE),
            "flush": Cell(predicted=Word.ALL),
        },
    },
    claims={"A4": Claim(says=f"memory is lost {HOSTILE}", result="confirmed", figure="101 of 339")},
)


def test_in_markdown_what_is_not_measured_is_in_brackets() -> None:
    """A cell that differs says what was predicted; a row of nothing is left out."""
    assert matrix_markdown(TABLE).splitlines() == [
        "| architecture | a replica is killed | the store is flushed |",
        "|---|---|---|",
        "| `sticky` | 1/N | n/a |",
        "| `shared` | stale-read (predicted OK) | (ALL) |",
    ]
    assert matrix_markdown(TABLE, ["flush"]).splitlines()[2:] == ["| `sticky` | n/a |", "| `shared` | (ALL) |"]
    assert claims_markdown(TABLE).splitlines()[2].endswith("| confirmed | 101 of 339 |")


def test_as_json_it_is_what_scripts_rely_on() -> None:
    document = matrix_document(TABLE)

    assert document["cells"][0] == {
        "architecture": "sticky", "fault": "kill", "predicted": "1/N", "measured": "1/N", "shows": ["affinity-flap"],
        "engine": "compose", "run": "20261125-kill/sticky", "why": "", "set": "must-lose",
    }  # fmt: skip
    assert [None, "stale-read", None] == [cell["measured"] for cell in document["cells"][1:]]
    assert [("A4", "confirmed", "101 of 339", None)] == [
        (claim["id"], claim["result"], claim["figure"], claim["run"]) for claim in document["claims"]
    ]


def test_a_cell_leads_to_its_report_where_that_is_there(tmp_path: Path) -> None:
    report = tmp_path / "lab" / "20261125-kill" / "sticky" / "report.html"
    link = 'href="lab/20261125-kill/sticky/report.html"'

    assert link not in matrix_page(TABLE, tmp_path)
    report.parent.mkdir(parents=True)
    report.touch()
    assert link in write_matrix(TABLE, tmp_path).read_text()


def test_the_page_says_how_much_of_it_is_measured(tmp_path: Path) -> None:
    page = matrix_page(TABLE, tmp_path)

    assert "2 of 3 cells measured, 1 not as predicted." in page
    assert HOSTILE not in page
    assert "&lt;img" in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, tmp_path: Path, scheme: str) -> None:
    """Colour is never alone: each word stands beside a sign of its own."""
    browser.open(write_matrix(TABLE, tmp_path), scheme=scheme)

    assert [] == violations(browser)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_cut_off(browser: Browser, tmp_path: Path, width: int) -> None:
    """The table scrolls in its own box."""
    browser.open(write_matrix(read_table(), tmp_path), width=width)

    assert browser.evaluate("document.documentElement.scrollWidth") <= width
