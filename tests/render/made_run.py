"""A made-up run that looks like a real one: 300 sessions on 3 replicas, one killed; the same seed, the same run."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import pairwise

from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History, Phase, PhaseName
from outlast.history.operation import Cookie, Jar, Kind, Operation, Outcome, Seen

S = 1_000_000_000
MS = 1_000_000
ZERO_NS = 4_000 * S
"""The start of the steady phase on the run's clock."""
WALL_NS = 1_760_000_000 * S
STRUCK_S, HEALED_S, SETTLED_S, ASKED_S, ENDED_S = 7.5, 11.25, 12.1, 17.5, 18.4
DETECTED_S = 0.9
"""How long the balancer goes on sending requests to the dead replica."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the made-up run is like. `lossy`: a replica keeps its sessions in its own memory."""

    sessions: int = 300
    replicas: int = 3
    rate: float = 300.0
    lossy: bool = True
    proven: bool = True
    seed: int = 7
    user_prefix: str = "user"
    node_prefix: str = "app"

    @property
    def victim(self) -> str:
        """The replica that is killed."""
        return f"{self.node_prefix}-2"


@dataclass(slots=True)
class _Session:
    name: str
    home: int
    alive: bool = True
    counter: int = 0
    value: str | None = None
    client: int = 0
    born_s: float = 0.0
    busy_s: float = -10.0
    """Until when its client waits for an answer: one client does one thing at a time."""


def made_history(shape: Shape) -> History:
    """Shape -> history, through the same records that a real run has."""
    dice = random.Random(shape.seed)
    operations: list[Operation] = []
    sessions = [_Session(f"s{i}", i % shape.replicas, client=i) for i in range(shape.sessions)]
    for i, session in enumerate(sessions):
        operations.append(_login(session, shape, dice, -1.4 + 1.2 * i / shape.sessions))
    ticks = int(ASKED_S * shape.rate)
    for tick in range(ticks):
        at = tick / shape.rate
        position = dice.randrange(len(sessions))
        session = sessions[position]
        operations.append(_use(session, shape, dice, at))
        if operations[-1].op is Kind.LOGOUT:
            fresh = _Session(f"s{shape.sessions + tick}", position % shape.replicas, client=session.client, born_s=at)
            fresh.busy_s = session.busy_s
            if STRUCK_S <= at < HEALED_S and shape.replicas > 1 and fresh.home == 1:
                fresh.home = 0
            sessions[position] = fresh
            operations.append(_login(fresh, shape, dice, at + 0.02))
    for i, session in enumerate(sessions):
        operations.extend(_audit(session, shape, dice, ASKED_S + 0.8 * i / len(sessions)))
    return History(made_header(shape), Columns.of(operations))


def made_header(shape: Shape) -> Header:
    """The phases and the one fault of the made-up run."""
    bounds = (0, 5, STRUCK_S, HEALED_S, SETTLED_S, ASKED_S, ENDED_S)
    phases = [
        Phase(name, ZERO_NS + int(start * S), ZERO_NS + int(end * S))
        for name, (start, end) in zip(PhaseName, pairwise(bounds), strict=True)
    ]
    fault = FaultWindow(
        name="kill",
        nodes=(shape.victim,),
        start_ns=ZERO_NS + int(STRUCK_S * S),
        end_ns=ZERO_NS + int(HEALED_S * S),
        proven=shape.proven,
        healed=True,
        onset_error_ms=3.1,
        proof=f"{shape.victim}: exited with 137 by the daemon's event 3.1 ms after it was due"
        if shape.proven
        else f"{shape.victim}: still running, same pid 4711",
        heal_proof=f"{shape.victim}: running and healthy, started anew (pid 5120)",
    )
    return Header(seed=shape.seed, phases=tuple(phases), faults=(fault,), ttl_s=1800)


def _replica(shape: Shape, home: int) -> str:
    return f"{shape.node_prefix}-{home + 1}"


def _boot(shape: Shape, home: int, at: float) -> str:
    return f"{_replica(shape, home)}/{'b2' if home == 1 and at > HEALED_S else 'b1'}"


def _operation(session: _Session, kind: Kind, at: float, took_ms: float) -> Operation:
    began = max(at, session.busy_s + 1e-6)
    session.busy_s = began + took_ms / 1000
    start = ZERO_NS + int(began * S)
    return Operation(
        op=kind,
        session=session.name,
        client=session.client,
        invoked_ns=start,
        returned_ns=start + int(took_ms * MS),
        intended_ns=ZERO_NS + int(at * S),
        outcome=Outcome.OK,
        status=200,
    )


def _login(session: _Session, shape: Shape, dice: random.Random, at: float) -> Operation:
    return replace(
        _operation(session, Kind.LOGIN, at, dice.lognormvariate(2.2, 0.3)),
        seen=Seen.ALIVE,
        user=f"{shape.user_prefix}-{session.name}",
        replica=_replica(shape, session.home),
        boot=_boot(shape, session.home, at),
        cookie=Cookie.REPLACED,
    )


def _use(session: _Session, shape: Shape, dice: random.Random, at: float) -> Operation:
    kind = dice.choices((Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT), (50, 25, 24, 1))[0]
    took = dice.lognormvariate(1.3, 0.45)
    if session.home == 1 and at >= HEALED_S:
        session.alive = session.alive and not (shape.lossy and session.born_s < STRUCK_S)
    if session.home == 1 and STRUCK_S <= at < HEALED_S:
        waits = STRUCK_S + DETECTED_S - at
        if waits > 0 and dice.random() < 0.25:
            session.client += 10_000
            return replace(
                _operation(session, kind, at, 0), outcome=Outcome.UNKNOWN, returned_ns=None, status=None, value=None
            )
        took += max(0.0, waits) * 1000
        session.home = dice.choice([home for home in range(shape.replicas) if home != 1])
        session.alive = session.alive and not shape.lossy
    operation = _operation(session, kind, at, took)
    operation = replace(operation, replica=_replica(shape, session.home), boot=_boot(shape, session.home, at))
    if not session.alive:
        outcome, status = (Outcome.OK, 200) if kind is Kind.READ else (Outcome.FAIL, 401)
        kind = Kind.READ if kind is Kind.LOGOUT else kind
        return replace(operation, op=kind, outcome=outcome, status=status, seen=Seen.ANONYMOUS, cookie=Cookie.DELETED)
    return _alive(session, shape, operation, dice)


def _alive(session: _Session, shape: Shape, operation: Operation, dice: random.Random) -> Operation:
    user = f"{shape.user_prefix}-{session.name}"
    if operation.op is Kind.WRITE:
        session.value = f"{session.name}-{dice.getrandbits(32):08x}"
        return replace(operation, seen=Seen.ALIVE, value=session.value, user=user)
    if operation.op is Kind.INCREMENT:
        session.counter += 1
        return replace(operation, seen=Seen.ALIVE, counter=session.counter, user=user)
    if operation.op is Kind.READ:
        return replace(
            operation, seen=Seen.ALIVE, has_value=True, value=session.value, counter=session.counter, user=user
        )
    return operation


def _audit(session: _Session, shape: Shape, dice: random.Random, at: float) -> list[Operation]:
    asked = []
    if shape.lossy and session.home == 1 and session.born_s < STRUCK_S:
        session.alive = False
    for step, (jar, via) in enumerate(
        [(Jar.BROWSER, "balancer"), (Jar.KEPT, "balancer")]
        + [(Jar.KEPT, f"replica:{_replica(shape, home)}") for home in range(shape.replicas)]
    ):
        home = int(via[-1]) - 1 if via.startswith("replica:") else session.home
        operation = _operation(session, Kind.READ, at + 0.012 * step, dice.lognormvariate(1.0, 0.3))
        operation = replace(operation, jar=jar, via=via, replica=_replica(shape, home), boot=_boot(shape, home, at))
        knows = session.alive and (not shape.lossy or home == session.home)
        asked.append(_alive(session, shape, operation, dice) if knows else replace(operation, seen=Seen.ANONYMOUS))
    return asked
