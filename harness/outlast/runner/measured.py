"""A run on disk -> the word that it comes to, whatever its experiment declared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from outlast.archive.plan import Plan
from outlast.archive.run import RunFolder
from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.checkers.judgement import Expectation, Judgement
from outlast.checkers.promise import BROKEN, Promise
from outlast.checkers.word import Word, word_of
from outlast.history.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """word: None where nothing was proven. shows: all anomalies found, the most frequent first. lost: sessions with
    one that breaks them. sessions: all that were judged. exposed: sessions on the victim at the onset."""

    word: Word | Anomaly | None
    shows: tuple[Anomaly, ...]
    sessions: int
    lost: int
    exposed: int


def measured(folder: RunFolder, younger_than_s: float | None = None) -> Measured:
    """A run's folder -> Measured. Raises FormatError. Cost: the judgement, once for each word that is tried."""
    plan, history = folder.plan(), folder.history()
    judged = judge(history, gates=plan.gates, minimum_rate=plan.rate_floor)
    tallies = {anomaly: tally.count - tally.allowed for anomaly, tally in judged.tallies.items()}
    shows = tuple(sorted((a for a in tallies if tallies[a] > 0), key=lambda a: -tallies[a]))
    return Measured(
        word=word_of(
            shows,
            judged.counts.failed_requests / max(1, judged.counts.operations),
            any(finding.anomaly in BROKEN and finding.fault is None for finding in judged.findings),
            partial(_holds, history, plan),
            younger_than_s,
        ),
        shows=shows,
        sessions=judged.counts.sessions,
        lost=int(judged.sessions.having(BROKEN).sum()),
        exposed=judged.exposure.sessions_on_victim,
    )


def _holds(history: History, plan: Plan, promise: Promise) -> Expectation:
    judged: Judgement = judge(history, gates=plan.gates, minimum_rate=plan.rate_floor, promise=promise, findings_max=0)
    if judged.expectation is None:
        raise AssertionError("a promise that was given is judged")
    return judged.expectation
