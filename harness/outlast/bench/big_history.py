"""Large valid histories, made as columns: what the judge's speed is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outlast.history.columns import ABSENT, KINDS, NEVER, NONE_YET, OUTCOMES, SEEN, Columns, Ints
from outlast.history.operation import Kind, Outcome, Seen

GAP_NS = 1_000_000
"""Between two operations of one session."""
READ, WRITE, INCREMENT, LOGIN = (KINDS.index(k) for k in (Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGIN))
OK, UNKNOWN = OUTCOMES.index(Outcome.OK), OUTCOMES.index(Outcome.UNKNOWN)
ALIVE = SEEN.index(Seen.ALIVE)

Told = dict[str, NDArray[Any]]


class Numbered:
    """Names that are computed, as a journal's are: a prefix and the position."""

    def __init__(self, prefix: str, count: int) -> None:
        self._prefix = prefix
        self._count = count

    def __getitem__(self, position: int) -> str:
        if not 0 <= position < self._count:
            raise IndexError(position)
        return f"{self._prefix}{position}"

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return (self[position] for position in range(self._count))


def big_history(
    operations: int, *, clients: int = 4, unknown: float = 0.02, length: int = 512, seed: int = 7
) -> Columns:
    """About so many operations of sessions that each do `length` of them, `clients` at a time, all interleaved.

    A login, then half reads, a quarter writes, a quarter increments, and a few reads at the end; `unknown` of these
    have no answer, half of which took effect. Each operation takes effect at an instant of its interval, so that the
    history is linearizable. Rows are in the order of invocation. Cost: O(n log n), some 1 us and 250 bytes an
    operation.
    """
    length = -(-length // clients) * clients
    sessions = max(1, operations // length)
    told = told_by(sessions, length, clients, unknown, seed)
    order = np.argsort(told["invoked_ns"], kind="stable")
    return columns_of({name: column[order] for name, column in told.items()}, sessions)


def told_by(sessions: int, length: int, clients: int, unknown: float, seed: int) -> Told:
    """Some sessions' operations, session by session: the columns that are not the same everywhere."""
    dice = np.random.default_rng(seed)
    shape = (sessions, length)
    kind = dice.choice(np.array([READ, READ, WRITE, INCREMENT], np.uint8), shape)
    kind[:, 0] = LOGIN
    kind[:, -2 * clients :] = READ
    outcome = np.where(dice.random(shape, np.float32) < unknown, UNKNOWN, OK).astype(np.uint8)
    outcome[:, 0] = outcome[:, -1] = OK
    effective = (outcome == OK) | (dice.random(shape, np.float32) < 0.5)
    value, counter = _told(kind, outcome, effective)
    invoked, returned = _intervals(dice, shape, clients)
    returned[outcome == UNKNOWN] = NEVER
    session = np.broadcast_to(np.arange(sessions, dtype=np.int32)[:, None], shape)
    answered = outcome == OK
    told = {
        "kind": kind,
        "outcome": outcome,
        "seen": ((answered & (kind != LOGIN)) * ALIVE).astype(np.uint8),
        "session": session,
        "client": _clients(outcome, shape, clients),
        "invoked_ns": invoked,
        "returned_ns": returned,
        "value": value,
        "counter": counter,
        "user": np.where(answered, session, ABSENT).astype(np.int32),
        "replica": np.where(answered, session % 3, ABSENT).astype(np.int32),
    }
    return {name: column.reshape(-1) for name, column in told.items()}


def columns_of(told: Told, sessions: int) -> Columns:
    """What `told_by` made, in any order -> Columns; what is the same everywhere takes no memory."""
    count = len(told["kind"])

    def all_are(value: int, kind: Any) -> NDArray[Any]:
        return np.broadcast_to(np.array(value, kind), count)

    same: dict[str, Any] = {
        **{name: all_are(0, np.uint8) for name in ("scope", "cookie", "jar", "via")},
        **{name: all_are(ABSENT, np.int32) for name in ("via_node", "build", "path", "effects_count")},
        "intended_ns": told["invoked_ns"],
        "boot": told["replica"],
        "attempt": all_are(ABSENT, np.int64),
        "status": all_are(0, np.int16),
        "effects_start": all_are(0, np.int64),
        "effects_offset": all_are(0, np.int64),
        "effects": np.zeros(0, np.int64),
        **told,
    }
    return Columns(
        **same,
        sessions=Numbered("s", sessions),
        tokens=Numbered("t", 2**62),
        attempts=Numbered("a", 0),
        users=Numbered("u", sessions),
        nodes=Numbered("app-", 3),
        boots=Numbered("boot-", 3),
        builds=Numbered("build-", 0),
        paths=Numbered("path-", 0),
    )


def _told(kind: NDArray[np.uint8], outcome: NDArray[np.uint8], effective: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """What each operation wrote or was told: the register and the counter, run over each session."""
    is_write = kind == WRITE
    token = np.cumsum(is_write, axis=None).reshape(kind.shape) - 1
    place = np.where(is_write & effective, np.arange(kind.shape[1]), -1)
    last = np.maximum.accumulate(place, axis=1)
    current = np.where(last >= 0, np.take_along_axis(token, np.maximum(last, 0), axis=1), NONE_YET)
    read = (kind == READ) & (outcome == OK)
    value = np.where(is_write, token, np.where(read, current, ABSENT))
    total = np.cumsum((kind == INCREMENT) & effective, axis=1)
    counts = read | ((kind == INCREMENT) & (outcome == OK))
    return value, np.where(counts, total, ABSENT)


def _intervals(dice: np.random.Generator, shape: tuple[int, int], clients: int) -> tuple[Ints, Ints]:
    """Around each operation's instant, never so wide that one client does two things at once."""
    sessions, length = shape
    reach = 0.45 * clients * GAP_NS
    instant = np.arange(length)[None, :] * GAP_NS + dice.integers(0, GAP_NS, sessions)[:, None] + clients * GAP_NS
    invoked = instant - (dice.random(shape, np.float32) * reach).astype(np.int64)
    returned = instant + (dice.random(shape, np.float32) * reach).astype(np.int64)
    returned[:, 0] = instant[:, 0]
    invoked[:, 1:] = np.maximum(invoked[:, 1:], returned[:, :1] + 1)  # nobody uses a session before its login is done
    return invoked, np.maximum(returned, invoked)


def _clients(outcome: NDArray[np.uint8], shape: tuple[int, int], clients: int) -> Ints:
    """Each session's own; after an unknown outcome a client takes a new number."""
    sessions, length = shape
    rounds = length // clients
    gone = np.cumsum((outcome == UNKNOWN).reshape(sessions, rounds, clients), axis=1)
    epoch = np.concatenate((np.zeros((sessions, 1, clients), np.int64), gone[:, :-1]), axis=1)
    first = np.ones(epoch.shape, bool)
    first[:, 1:] = epoch[:, 1:] != epoch[:, :-1]
    # every (session, seat, epoch) gets the next number, seat by seat
    by_seat = np.cumsum(first.transpose(0, 2, 1), axis=None).reshape(sessions, clients, rounds)
    return by_seat.transpose(0, 2, 1).reshape(shape)
