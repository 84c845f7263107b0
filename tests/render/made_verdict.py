"""The verdict.json of a made-up run, by the real judge."""

from __future__ import annotations

from typing import Any

from tests.render.made_run import Shape

from outlast.checkers.document import verdict_document
from outlast.checkers.judge import judge
from outlast.checkers.promise import Promise
from outlast.checkers.spread import spread_of
from outlast.history.history import History


def made_verdict(history: History, shape: Shape, promise: Promise | None = None) -> dict[str, Any]:
    """History -> verdict document, judged as a run is."""
    judgement = judge(history, gates={"recovery_s": 5.0}, promise=promise, processes=1)
    return verdict_document(
        judgement,
        history.columns,
        experiment="replica_kill",
        architecture="sticky-memory" if shape.lossy else "redis-aof",
        engine="compose",
        not_tested=("power loss: a killed process keeps the page cache", "a network partition"),
        spread=spread_of(history),
    )
