"""A made-up history too large to be made operation by operation: columns filled with numpy."""

from __future__ import annotations

import numpy as np
from tests.render.made_run import STRUCK_S, ZERO_NS, S, Shape, made_header

from outlast.history.columns import ABSENT, KINDS, OUTCOMES, SEEN, Columns
from outlast.history.history import History
from outlast.history.operation import Kind, Outcome, Seen


def large_history(sessions: int, operations: int, seconds: float = 17.0) -> History:
    """Sessions by turns on three replicas; those of the second are gone from the kill on."""
    dice = np.random.default_rng(7)
    rows = np.arange(operations)
    session = rows % sessions
    at_ns = ZERO_NS + (rows * (seconds * S / operations)).astype(np.int64)
    took_ns = dice.lognormal(15.2, 0.5, operations).astype(np.int64)
    home = session % 3
    struck = (home == 1) & (at_ns > ZERO_NS + int(STRUCK_S * S))
    replica = np.where(struck, 0, home)
    absent = np.full(operations, ABSENT)
    zeros = np.zeros(operations, np.uint8)
    return History(
        made_header(Shape()),
        Columns(
            kind=np.where(rows < sessions, KINDS.index(Kind.LOGIN), KINDS.index(Kind.READ)).astype(np.uint8),
            outcome=np.full(operations, OUTCOMES.index(Outcome.OK), np.uint8),
            seen=np.where(struck, SEEN.index(Seen.ANONYMOUS), SEEN.index(Seen.ALIVE)).astype(np.uint8),
            scope=zeros,
            cookie=zeros,
            jar=zeros,
            via=zeros,
            session=session.astype(np.int32),
            client=session.astype(np.int64),
            invoked_ns=at_ns,
            returned_ns=at_ns + took_ns,
            intended_ns=at_ns,
            value=absent,
            counter=absent,
            user=absent.astype(np.int32),
            via_node=absent.astype(np.int32),
            replica=replica.astype(np.int32),
            boot=absent.astype(np.int32),
            build=absent.astype(np.int32),
            attempt=absent,
            status=np.full(operations, 200, np.int16),
            path=absent.astype(np.int32),
            effects_start=np.zeros(operations, np.int64),
            effects_count=absent.astype(np.int32),
            effects_offset=np.zeros(operations, np.int64),
            effects=np.zeros(0, np.int64),
            sessions=[f"s{n}" for n in range(sessions)],
            tokens=[],
            attempts=[],
            users=[],
            nodes=["app-1", "app-2", "app-3"],
            boots=[],
            builds=[],
            paths=[],
        ),
    )
