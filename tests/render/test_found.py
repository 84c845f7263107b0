"""Rules of where the findings of a page come from."""

from __future__ import annotations

from dataclasses import replace

from tests.render.made_folder import Made

from outlast.render.document import Count
from outlast.render.found import finds_of
from outlast.render.reading import read


def test_all_findings_not_just_the_witnesses(lossy: Made) -> None:
    """verdict.json names eight of each anomaly; the page tells of every lost session."""
    lost = lossy.verdict["anomalies"]["lost-session"]["count"]

    finds = finds_of(read(lossy.folder))

    assert lost > len(lossy.verdict["witnesses"])
    assert lost == sum(found.anomaly == "lost-session" for found in finds.findings) == finds.sessions
    assert "" == finds.differs


def test_they_carry_the_operations_that_prove_them(lossy: Made) -> None:
    """The same ones that the verdict's witness has."""
    witness = next(w for w in lossy.verdict["witnesses"] if w["anomaly"] == "lost-session")

    found = next(f for f in finds_of(read(lossy.folder)).findings if f.session == witness["session"])

    assert tuple((o["invoked_ns"], o["client"]) for o in witness["operations"]) == found.moments
    assert witness["because"] == found.because


def test_failed_requests_make_no_session_affected(clean: Made) -> None:
    """They have the curves; a session that merely waited was not lost."""
    assert clean.verdict["counts"]["failed_requests"] > 0
    reading = read(clean.folder)
    unjudged = replace(reading, document=replace(reading.document, anomalies={}))

    for each in (reading, unjudged):  # as the verdict has it, and judged anew
        assert ((), 0) == (finds_of(each).findings, finds_of(each).sessions)


def test_a_verdict_of_another_judge_is_not_hidden(lossy: Made) -> None:
    """Where the verdict on disk counts otherwise, both numbers are told."""
    reading = read(lossy.folder)
    anomalies = {**reading.document.anomalies, "lost-session": Count(name="lost-session", found=5)}

    finds = finds_of(replace(reading, document=replace(reading.document, anomalies=anomalies)))

    assert "the verdict counts 5, judged again there are" in finds.differs


def test_without_a_history_the_witnesses_are_told(lossy: Made) -> None:
    """What cannot be judged again is told as far as the verdict has it."""
    finds = finds_of(replace(read(lossy.folder), history=None))

    assert {w["session"] for w in lossy.verdict["witnesses"] if w["anomaly"] == "lost-session"} == {
        found.session for found in finds.findings
    }
