"""Operations as numpy columns: the form that the journal is read into and that every checker reads.

Each list of strings is interned: a column holds positions in a `Names` table. All arrays have one entry per operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from outlast.history.operation import (
    VIA_BALANCER,
    VIA_REPLICA,
    VIA_STORE,
    Cookie,
    Jar,
    Kind,
    Operation,
    Outcome,
    Scope,
    Seen,
)

KINDS: Final = tuple(Kind)
OUTCOMES: Final = tuple(Outcome)
SEEN: Final = (None, *Seen)
SCOPES: Final = tuple(Scope)
COOKIES: Final = tuple(Cookie)
JARS: Final = tuple(Jar)
VIAS: Final = (VIA_BALANCER, VIA_REPLICA, VIA_STORE)

NEVER: Final = np.iinfo(np.int64).max
"""returned_ns of an operation that was never answered."""
ABSENT: Final = -2
"""value, counter, user ... that the answer did not touch."""
NONE_YET: Final = -1
"""value of a read that saw the session alive with nothing written in it yet."""

Ints = NDArray[np.int64]
SmallInts = NDArray[np.int32]
Bytes = NDArray[np.uint8]


class Names(Protocol):
    """Position -> string; a list, or something that computes the string."""

    def __getitem__(self, position: int, /) -> str: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Stream:
    """What a stream operation received: rare, so kept beside the columns."""

    from_offset: int | None
    to_offset: int | None
    cut: bool | None
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A history's operations, column by column, in the order in which they were recorded.

    kind, outcome, seen, scope, cookie, jar, via: codes, positions in KINDS, OUTCOMES, SEEN (0 = not told), SCOPES ...
    session: position in `sessions`. value: position in `tokens`, or NONE_YET, or ABSENT. user, replica, boot, build,
    attempt, path, via_node: position in their table, or ABSENT. effects of row i:
    `effects[effects_start[i] : effects_start[i] + effects_count[i]]` (positions in `attempts`), effects_count ABSENT
    when the answer told no log. status: 0 when there was none.
    """

    kind: Bytes
    outcome: Bytes
    seen: Bytes
    scope: Bytes
    cookie: Bytes
    jar: Bytes
    via: Bytes
    session: SmallInts
    client: Ints
    invoked_ns: Ints
    returned_ns: Ints
    intended_ns: Ints
    value: Ints
    counter: Ints
    user: SmallInts
    via_node: SmallInts
    replica: SmallInts
    boot: SmallInts
    build: SmallInts
    attempt: Ints
    status: NDArray[np.int16]
    path: SmallInts
    effects_start: Ints
    effects_count: SmallInts
    effects_offset: Ints
    effects: Ints
    sessions: Names
    tokens: Names
    attempts: Names
    users: Names
    nodes: Names
    """Replica names, for `replica` and `via_node`."""
    boots: Names
    builds: Names
    paths: Names
    streams: dict[int, Stream] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.kind.shape[0])

    def __iter__(self) -> Iterator[Operation]:
        return (self.operation(row) for row in range(len(self)))

    def operation(self, row: int) -> Operation:
        """Row -> Operation, strings and all. Cost: constant."""
        returned = int(self.returned_ns[row])
        value = int(self.value[row])
        via = VIAS[self.via[row]]
        count = int(self.effects_count[row])
        start = int(self.effects_start[row])
        stream = self.streams.get(row)
        return Operation(
            op=KINDS[self.kind[row]],
            session=self.sessions[int(self.session[row])],
            client=int(self.client[row]),
            invoked_ns=int(self.invoked_ns[row]),
            returned_ns=None if returned == NEVER else returned,
            outcome=OUTCOMES[self.outcome[row]],
            intended_ns=int(self.intended_ns[row]),
            seen=SEEN[self.seen[row]],
            value=self.tokens[value] if value >= 0 else None,
            has_value=value != ABSENT,
            counter=None if self.counter[row] == ABSENT else int(self.counter[row]),
            user=_name(self.users, self.user[row]),
            scope=SCOPES[self.scope[row]],
            cookie=COOKIES[self.cookie[row]],
            jar=JARS[self.jar[row]],
            via=f"{VIA_REPLICA}{self.nodes[int(self.via_node[row])]}" if via == VIA_REPLICA else via,
            replica=_name(self.nodes, self.replica[row]),
            boot=_name(self.boots, self.boot[row]),
            build=_name(self.builds, self.build[row]),
            attempt=_name(self.attempts, self.attempt[row]),
            effects=None
            if count == ABSENT
            else tuple(self.attempts[int(e)] for e in self.effects[start : start + count]),
            effects_offset=int(self.effects_offset[row]),
            status=int(self.status[row]) or None,
            path=_name(self.paths, self.path[row]),
            from_offset=stream.from_offset if stream else None,
            to_offset=stream.to_offset if stream else None,
            cut=stream.cut if stream else None,
            digest=stream.digest if stream else None,
        )

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Columns:
        """Operations -> columns; O(n). For tests and small histories: big ones are read into columns directly."""
        return columns_of(tuple(operations))


def _name(names: Names, position: np.integer) -> str | None:
    return names[int(position)] if position >= 0 else None


class _Interned:
    """Hands out positions for strings as they come."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._positions: dict[str, int] = {}

    def __call__(self, name: str | None) -> int:
        if name is None:
            return ABSENT
        position = self._positions.get(name)
        if position is None:
            position = self._positions[name] = len(self.names)
            self.names.append(name)
        return position


def columns_of(operations: Sequence[Operation]) -> Columns:
    """Operations -> columns, interning their strings."""
    sessions, tokens, attempts, users, nodes, boots, builds, paths = (_Interned() for _ in range(8))
    effects: list[int] = []
    starts: list[int] = []
    for operation in operations:
        starts.append(len(effects))
        effects.extend(attempts(effect) for effect in operation.effects or ())

    def bytes_of(codes: Iterable[int]) -> Bytes:
        return np.fromiter(codes, np.uint8, len(operations))

    def ints_of(values: Iterable[int]) -> Ints:
        return np.fromiter(values, np.int64, len(operations))

    def small_of(values: Iterable[int]) -> SmallInts:
        return np.fromiter(values, np.int32, len(operations))

    def value_of(operation: Operation) -> int:
        if operation.value is not None:
            return tokens(operation.value)
        return NONE_YET if operation.has_value else ABSENT

    return Columns(
        kind=bytes_of(KINDS.index(o.op) for o in operations),
        outcome=bytes_of(OUTCOMES.index(o.outcome) for o in operations),
        seen=bytes_of(SEEN.index(o.seen) for o in operations),
        scope=bytes_of(SCOPES.index(o.scope) for o in operations),
        cookie=bytes_of(COOKIES.index(o.cookie) for o in operations),
        jar=bytes_of(JARS.index(o.jar) for o in operations),
        via=bytes_of(1 if o.via.startswith(VIA_REPLICA) else VIAS.index(o.via) for o in operations),
        session=small_of(sessions(o.session) for o in operations),
        client=ints_of(o.client for o in operations),
        invoked_ns=ints_of(o.invoked_ns for o in operations),
        returned_ns=ints_of(NEVER if o.returned_ns is None else o.returned_ns for o in operations),
        intended_ns=ints_of(o.invoked_ns if o.intended_ns is None else o.intended_ns for o in operations),
        value=ints_of(value_of(o) for o in operations),
        counter=ints_of(ABSENT if o.counter is None else o.counter for o in operations),
        user=small_of(users(o.user) for o in operations),
        via_node=small_of(
            nodes(o.via.removeprefix(VIA_REPLICA)) if o.via.startswith(VIA_REPLICA) else ABSENT for o in operations
        ),
        replica=small_of(nodes(o.replica) for o in operations),
        boot=small_of(boots(o.boot) for o in operations),
        build=small_of(builds(o.build) for o in operations),
        attempt=ints_of(attempts(o.attempt) for o in operations),
        status=np.fromiter((o.status or 0 for o in operations), np.int16, len(operations)),
        path=small_of(paths(o.path) for o in operations),
        effects_start=ints_of(starts),
        effects_count=small_of(ABSENT if o.effects is None else len(o.effects) for o in operations),
        effects_offset=ints_of(o.effects_offset for o in operations),
        effects=np.array(effects, np.int64),
        sessions=sessions.names,
        tokens=tokens.names,
        attempts=attempts.names,
        users=users.names,
        nodes=nodes.names,
        boots=boots.names,
        builds=builds.names,
        paths=paths.names,
        streams={
            row: Stream(o.from_offset, o.to_offset, o.cut, o.digest)
            for row, o in enumerate(operations)
            if o.op is Kind.STREAM
        },
    )
