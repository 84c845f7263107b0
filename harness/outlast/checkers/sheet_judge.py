"""Every model, run over one sheet of sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.affinity import affinity_marks
from outlast.checkers.assets import asset_marks
from outlast.checkers.counter import counter_marks, counts_of
from outlast.checkers.counter_blind import blind_marks
from outlast.checkers.counter_mixed import mixed_marks
from outlast.checkers.doubts import Doubt, doubts_of
from outlast.checkers.effects_naming import effects_marks
from outlast.checkers.endings import Endings, endings_of
from outlast.checkers.evidence import INCREMENT, KEPT_JAR, READ, SHOWN, WRITE
from outlast.checkers.expiry import idle_ns
from outlast.checkers.identity import identity_marks
from outlast.checkers.lifecycle import Lives, lives_of
from outlast.checkers.lifecycle_naming import lifecycle_marks
from outlast.checkers.marks import Marks
from outlast.checkers.register import Clusters, clusters_of
from outlast.checkers.register_naming import register_marks
from outlast.checkers.requests import request_marks, stuck_marks
from outlast.checkers.retries import counted_once
from outlast.checkers.sheet import Sheet
from outlast.checkers.streams import stream_marks
from outlast.history.history import Guarantee


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetJudgement:
    """What the models found in some sessions. names: positions of the sessions. asked: how often each was answered.

    longest_idle_ns: the longest that any session was idle and still alive; -1 where nothing can expire.
    """

    names: NDArray[np.int64]
    marks: tuple[Marks, ...]
    doubts: dict[Doubt, NDArray[np.bool_]]
    asked: NDArray[np.int64]
    longest_idle_ns: int
    acknowledged_writes: int


def judge_sheet(sheet: Sheet) -> SheetJudgement:
    """Sheet -> what every model finds in it. Cost: O(n log n); pure."""
    endings = endings_of(sheet)
    lives = lives_of(sheet, endings)
    clusters = clusters_of(sheet)
    marks = tuple(marks for marks in _all_marks(sheet, clusters, lives, endings) if len(marks))
    answered = sheet.where(SHOWN)
    answered = answered[(sheet.roles[answered] & KEPT_JAR) == 0]
    idle = idle_ns(sheet)[1] if sheet.survey.header.ttl_s is not None else np.zeros(0, np.int64)
    return SheetJudgement(
        names=sheet.names,
        marks=marks,
        doubts=doubts_of(sheet, clusters, lives, endings),
        asked=np.bincount(sheet.session[answered], minlength=sheet.sessions),
        longest_idle_ns=int(idle.max(initial=-1)),
        acknowledged_writes=len(sheet.where(WRITE | INCREMENT)),
    )


def _all_marks(sheet: Sheet, clusters: Clusters, lives: Lives, endings: Endings) -> Iterator[Marks]:
    """The models that prove the most come first: a finding that two of them prove is told by the first."""
    yield from identity_marks(sheet)
    yield from lifecycle_marks(sheet, lives, endings)
    yield from register_marks(sheet, clusters, _late(sheet))
    yield from effects_marks(sheet)
    once = counted_once(sheet)
    yield from _counter_marks(once)
    yield from stuck_marks(sheet)
    yield from request_marks(sheet)
    yield from affinity_marks(sheet)
    yield from asset_marks(sheet)
    yield from stream_marks(sheet)


def _counter_marks(sheet: Sheet) -> Iterator[Marks]:
    """A counter of both sorts is judged as a whole only where no rule of one sort fails: it takes their order as right.
    Example: of a counter that fell nothing can be said about who filled its places."""
    plain = (*counter_marks(sheet, counts_of(sheet)), *blind_marks(sheet))
    yield from plain
    failing = {name for marks in plain for name in marks.session.tolist()}
    yield from (marks for marks in mixed_marks(sheet) if not failing.intersection(marks.session.tolist()))


def _late(sheet: Sheet) -> Clusters | None:
    """What the reads after settling tell: `eventual` promises nothing of earlier ones."""
    survey = sheet.survey
    if survey.header.guarantee is not Guarantee.EVENTUAL or survey.settled_ns is None:
        return None
    reads = sheet.where(READ)
    return clusters_of(sheet, reads[sheet.told.invoked_ns[reads] >= survey.settled_ns])
