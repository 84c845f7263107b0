"""Rules of report.html that need no browser."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.render.made_columns import large_history
from tests.render.made_folder import Made

from outlast.archive.run import RunFolder
from outlast.history.journal_layout import JOURNAL_FILE
from outlast.render.document import document_of
from outlast.render.html import STORIES_MAX, report, write_report
from outlast.render.pages import json_for_script
from outlast.render.reading import Reading

BYTES_MAX = 500_000


@pytest.fixture
def copy(lossy: Made, tmp_path: Path) -> RunFolder:
    """A run that a test may damage."""
    shutil.copytree(lossy.folder.path, tmp_path / "run")
    return RunFolder(tmp_path / "run")


def text_of(run: RunFolder) -> str:
    return write_report(run).read_text(encoding="utf-8")


def test_the_verdict_comes_first(lossy: Made) -> None:
    """Before any number, table or picture: what happened, in one sentence, and how the promise went."""
    text = text_of(lossy.folder)
    lost, sessions = lossy.verdict["anomalies"]["lost-session"]["count"], lossy.verdict["counts"]["sessions"]

    places = [
        text.index(part)
        for part in (
            "Verdict: fail",
            f"{lost} of {sessions} sessions were lost when app-2 was killed.",
            "Promise kept",
            '<dl class="tiles">',
            'id="gates"',
            'id="harm"',
            'id="timeline"',
            'id="sessions"',
            'id="logs"',
            'id="limits"',
            'id="environment"',
            'id="again"',
        )
    ]
    assert sorted(places) == places


def test_what_a_doubter_asks_for_is_there(lossy: Made) -> None:
    """Proof of the fault and of its healing, the nodes' words, limits, versions, and both commands."""
    text = text_of(lossy.folder)

    for part in (
        "exited with 137 by the daemon",
        "running and healthy, started anew",
        "session store: memory, 0 sessions",
        "Layer4 connection problem",
        "power loss: a killed process keeps the page cache",
        "28.2.2",
        "outlast run replica_kill --architecture sticky-memory --seed 7",
        f"outlast check reports/{lossy.folder.path.parent.name}/{lossy.folder.path.name}",
        "of this session's",
    ):
        assert part in text


def test_who_served_how_much_is_told(copy: RunFolder) -> None:
    """Each replica's share, how uneven that was, and what one that joined came to serve."""
    told = {
        "replicas": {"app-1": {"operations": 1234, "sessions": 7, "read_ms_p95": 2.5}},
        "imbalance": 1.25,
        "joined": {"app-4": {"old": 90, "old_here": 8, "new": 40, "new_here": 30}},
    }
    verdict = json.loads((copy.path / "verdict.json").read_text())
    (copy.path / "verdict.json").write_text(json.dumps(verdict | {"spread": told}))
    text = text_of(copy)

    assert "the most asked replica answered 1.25 times the mean" in text
    assert re.search(r"app-1</th><td[^>]*>1,234</td><td[^>]*>7</td><td[^>]*>2.5 ms", text)
    assert "answered 8 of 90 operations of sessions that were there before it, and 30 of 40 of those" in text


def test_it_fetches_nothing(lossy: Made) -> None:
    """No address of anything outside, and a policy that would refuse it."""
    text = text_of(lossy.folder)

    assert [] == re.findall(r"(?:src|href|action|data)\s*=\s*[\"']?(?:https?:)?//", text)
    assert "url(http" not in text
    assert "default-src &#39;none&#39;" in text


@pytest.mark.parametrize(
    "hostile", ["</script><script>alert(1)</script>", "<!--", "]]>", "\u2028\u2029", "&quot;", "\ud800"]
)
def test_json_in_a_script_element_stays_in_it(hostile: str) -> None:
    """Whatever the strings, the element ends where we end it, and the script reads the same strings."""
    text = str(json_for_script({hostile: [hostile]}))

    assert not set(text) & set("<>&\u2028\u2029")
    assert {hostile: [hostile]} == json.loads(text)


def test_drawing_again_changes_nothing(copy: RunFolder) -> None:
    """The report follows from the files alone: no clock, no chance."""
    assert text_of(copy) == text_of(copy)


@pytest.mark.parametrize(
    "part", ["plan.json", "events.ndjson", JOURNAL_FILE, "environment.json", "logs", "verdict.json"]
)
def test_a_run_with_a_part_missing_still_opens(copy: RunFolder, part: str) -> None:
    """An old run, or one whose disk was full."""
    path = copy.path / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()

    text = text_of(copy)

    assert "Verdict: " + ("error" if part == "verdict.json" else "fail") in text
    if part in ("plan.json", JOURNAL_FILE):
        assert "could not be read" in text


@pytest.mark.parametrize("part", ["plan.json", "events.ndjson", JOURNAL_FILE, "environment.json", "verdict.json"])
def test_a_run_with_a_damaged_part_still_opens(copy: RunFolder, part: str) -> None:
    """What is damaged is said, and the rest is shown."""
    (copy.path / part).write_bytes(b"\x00\xff{not json\n" * 3)

    text = text_of(copy)

    assert ("it was not judged" if part == "verdict.json" else "could not be read") in text


def test_an_older_verdict_still_opens(copy: RunFolder) -> None:
    """One with the fields of formats.md 3 and no more: the witnesses are told as sessions."""
    known = ("format", "verdict", "reasons", "seed", "counts", "exposure", "anomalies", "witnesses", "faults", "gates")
    old = {name: value for name, value in copy.verdict().items() if name in known}
    copy.write_verdict(old)

    text = text_of(copy)

    assert f'id="session-{len({w["session"] for w in old["witnesses"]})}"' in text


def test_a_million_operations_fit_and_what_is_cut_is_said() -> None:
    """3,000 sessions, a third of them lost: at most 500 kB, and the caps are told in words."""
    history = large_history(sessions=3000, operations=1_000_000)
    reading = Reading(path=Path("/runs/made/sticky-memory"), document=document_of(verdict_of(1000)), history=history)

    text = report(reading)

    assert len(text.encode()) <= BYTES_MAX
    assert STORIES_MAX == text.count("<details id=")
    assert f"tells the story of {STORIES_MAX} of 1,000" in text
    assert re.search(r"2\d\d of 1,000 are drawn", text)


def test_the_first_of_each_kind_is_always_told() -> None:
    """A single leak is not cut away behind a thousand lost sessions."""
    history = large_history(sessions=3000, operations=9000)
    user = history.columns.user.copy()
    user[[0, 3000]] = (0, 1)  # s0 logged in as one, and is shown another
    leaking = replace(history, columns=replace(history.columns, user=user, users=["u0", "somebody-else"]))

    text = report(Reading(path=Path("/runs/made/a"), document=document_of(verdict_of(1000)), history=leaking))

    assert 'data-kinds="session-leak' in text


def verdict_of(lost: int) -> dict[str, Any]:
    return {
        "verdict": "fail",
        "architecture": "sticky-memory",
        "experiment": "replica_kill",
        "counts": {"operations": 1_000_000, "sessions": 3000},
        "anomalies": {"lost-session": {"count": lost}},
        "faults": [{"name": "kill", "nodes": ["app-2"], "proven": True, "healed": True}],
        "gates": [{"name": "lost-session", "limit": 0, "value": lost, "ok": False}],
    }
