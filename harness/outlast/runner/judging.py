"""Judges what is on disk: a run of the archive by its own plan, or any file of the form outlast-history/1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from outlast.archive.plan import Plan
from outlast.archive.run import RunFolder
from outlast.checkers.document import verdict_document
from outlast.checkers.judge import judge
from outlast.checkers.judgement import Judgement
from outlast.checkers.promise import Promise, promise_of
from outlast.checkers.resuming import stream_figures
from outlast.checkers.spread import spread_of
from outlast.checkers.verdict import Verdict
from outlast.errors import FormatError, OutlastError
from outlast.history.history import Guarantee, Header, History
from outlast.history.interchange import read_history

ALWAYS_NOT_TESTED = (
    "power loss: a killed process keeps the page cache",
    "users on other machines: the load runs beside the stack, on one clock",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a user sets for one judgement over what the file or the plan says; None: as it says."""

    guarantee: Guarantee | None = None
    ttl_s: float | None = None
    gates: Mapping[str, float | None] | None = None

    def apply(self, header: Header) -> Header:
        """The header under these terms."""
        changes: dict[str, Any] = {}
        if self.guarantee is not None:
            changes["guarantee"] = self.guarantee
        if self.ttl_s is not None:
            changes["ttl_s"] = self.ttl_s
        return replace(header, **changes)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement with the history it is about and the document that says it."""

    history: History
    judgement: Judgement
    document: dict[str, Any]


def judge_file(path: Path, terms: Terms) -> Judged:
    """A file -> what it comes to. Raises FormatError with the line, UsageError for bad gates."""
    read = read_history(path)
    history = History(terms.apply(read.header), read.columns)
    judgement = judge(history, gates=terms.gates)
    document = verdict_document(judgement, history.columns, streams=stream_figures(history), spread=spread_of(history))
    return Judged(history, judgement, document)


def judge_run(folder: RunFolder, terms: Terms | None = None) -> Judged:
    """A run's folder -> what it comes to, by the gates and the promise of its plan. Raises FormatError."""
    plan = folder.plan()
    recorded = folder.history()
    history = History((terms or Terms()).apply(recorded.header), recorded.columns)
    gates = {**plan.gates, **((terms.gates if terms else None) or {})}
    judgement = judge(history, gates=gates, minimum_rate=plan.rate_floor, promise=_promise(folder, plan))
    document = verdict_document(
        judgement,
        history.columns,
        experiment=plan.experiment,
        architecture=plan.architecture,
        engine=plan.engine,
        not_tested=(*plan.not_tested, *ALWAYS_NOT_TESTED),
        streams=stream_figures(history),
        spread=spread_of(history),
    )
    return Judged(history, judgement, document)


def broken_document(folder: RunFolder, sentence: str) -> dict[str, Any]:
    """The verdict of a run that broke: an error with its reason, and all findings of what was recorded until then."""
    try:
        document = judge_run(folder).document
    except OutlastError:  # it broke before anything was recorded
        plan = folder.plan()
        document = {
            "format": "outlast-verdict/1",
            "seed": plan.seed,
            "experiment": plan.experiment,
            "architecture": plan.architecture,
            "engine": plan.engine,
            "reasons": [],
        }
    if document.get("expectation"):
        document["expectation"]["kept"] = None
    return document | {"verdict": Verdict.ERROR.value, "reasons": [sentence, *document["reasons"]]}


def _promise(folder: RunFolder, plan: Plan) -> Promise | None:
    if plan.promise is None:
        return None
    try:
        return promise_of(plan.promise)
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(str(folder.path / "plan.json"), None, f"its promise is not one ({error}).") from error
