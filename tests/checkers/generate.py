"""Small random sessions, half of them legal: ties, unknown outcomes, failed writes, answers that do not count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from outlast.history.operation import Cookie, Jar, Kind, Operation, Outcome, Scope, Seen

Session = list[Operation]
T = TypeVar("T")


class Dice(Random):
    """Rolls twice as fast; that some faces are 1e-16 likelier than others does not matter here."""

    def choice(self, seq: Sequence[T]) -> T:
        """One of them."""
        return seq[int(self.random() * len(seq))]

    def randint(self, a: int, b: int) -> int:
        """One of a to b."""
        return a + int(self.random() * (b - a + 1))


def intervals(dice: Random, count: int) -> list[tuple[int, int, int]]:
    """(client, invoked, returned) of a few clients, each doing one thing at a time; many ties."""
    clients = dice.randint(1, 3)
    free = [dice.randint(0, 2) for _ in range(clients)]
    spans = []
    for _ in range(count):
        client = int(dice.random() * clients)
        start = free[client] + dice.choice((0, 1, 1, 2))
        end = start + dice.choice((0, 1, 1, 2, 5))
        free[client] = end + dice.choice((0, 1))
        spans.append((client, start, end))
    return spans


def points(dice: Random, spans: list[tuple[int, int, int]]) -> list[int]:
    """The order in which the operations take effect: one instant of each interval."""
    at = [(start + dice.random() * (end - start), dice.random(), i) for i, (_, start, end) in enumerate(spans)]
    return [i for _, _, i in sorted(at)]


def register(dice: Random, name: str) -> Session:
    """Reads and writes."""
    spans = intervals(dice, dice.randint(0, 7))
    kinds = [dice.choice((Kind.READ, Kind.WRITE)) for _ in spans]
    outcomes = [outcome_of(dice, kind) for kind in kinds]
    tokens = [f"{name}.{i}" for i in range(len(spans))]
    value: str | None = None
    values: list[str | None] = list(tokens)
    late: list[str] = []
    for i in points(dice, spans):
        if late and dice.random() < 0.3:
            value = late.pop()
        if kinds[i] is Kind.READ:
            values[i] = value
        elif outcomes[i] is Outcome.OK or (outcomes[i] is Outcome.UNKNOWN and dice.random() < 0.5):
            value = tokens[i]
        elif outcomes[i] is Outcome.UNKNOWN and dice.random() < 0.5:
            late.append(tokens[i])
    session = [
        answer(dice, name, kinds[i], spans[i], outcomes[i], value=values[i], has_value=True) for i in range(len(spans))
    ]
    written = [token for token, kind in zip(tokens, kinds, strict=True) if kind is Kind.WRITE]
    likely = [None, *written] * 4 + [*tokens, "nobody's", "other"]
    return _spoiled(dice, session, lambda o: replace(o, value=dice.choice(likely)))


def same_tokens(dice: Random, name: str) -> Session:
    """Reads and writes, of which some carry one token."""
    session = register(dice, name)
    written = [o.value for o in session if o.op is Kind.WRITE]
    return [
        replace(o, value=dice.choice(written)) if o.op is Kind.WRITE and dice.random() < 0.3 else o for o in session
    ]


def counter(dice: Random, name: str, blind: float = 0.0) -> Session:
    """Reads and increments; each increment hides its result with the probability `blind`."""
    spans = intervals(dice, dice.randint(0, 7))
    kinds = [dice.choice((Kind.READ, Kind.INCREMENT, Kind.INCREMENT)) for _ in spans]
    outcomes = [outcome_of(dice, kind) for kind in kinds]
    keys: list[str | None] = [None] * len(spans)
    if dice.random() < 0.4:
        keys = list(_keys(dice, name, len(spans)))
    once, stored_reply = dice.random() < 0.7, dice.random() < 0.5
    value, told, results = 0, [0] * len(spans), dict[str | None, int]()
    for i in points(dice, spans):
        if kinds[i] is Kind.INCREMENT and (
            outcomes[i] is Outcome.OK or (outcomes[i] is Outcome.UNKNOWN and dice.random() < 0.6)
        ):
            executed = once and keys[i] is not None and keys[i] in results
            value += not executed
            results.setdefault(keys[i], value)
            told[i] = results[keys[i]] if executed and stored_reply else value
        else:
            told[i] = value
    session = [
        answer(
            dice, name, kinds[i], spans[i], outcomes[i],
            counter=None if kinds[i] is Kind.INCREMENT and dice.random() < blind else told[i],
            attempt=keys[i] if kinds[i] is Kind.INCREMENT else None,
        )
        for i in range(len(spans))
    ]  # fmt: skip
    return _spoiled(dice, session, lambda o: replace(o, counter=None if o.counter is None else dice.randint(0, 5)))


def blind_counter(dice: Random, name: str) -> Session:
    """No increment tells its result."""
    return counter(dice, name, 1.0)


def mixed_counter(dice: Random, name: str) -> Session:
    """Some increments tell their result."""
    return counter(dice, name, 0.5)


def effects(dice: Random, name: str) -> Session:
    """Increments under idempotency keys, some retried, and reads of the log, some of which lost its beginning."""
    spans = intervals(dice, dice.randint(0, 7))
    kinds = [dice.choice((Kind.READ, Kind.INCREMENT)) for _ in spans]
    outcomes = [outcome_of(dice, kind) for kind in kinds]
    keys = _keys(dice, name, len(spans)) if dice.random() < 0.5 else [f"{name}.{i}" for i in range(len(spans))]
    once = dice.random() < 0.8
    log: list[str] = []
    told: list[tuple[str, ...]] = [()] * len(spans)
    offset = [0] * len(spans)
    for i in points(dice, spans):
        if kinds[i] is Kind.READ:
            offset[i] = dice.choice((0, 0, 0, min(len(log), 1)))
            told[i] = tuple(log[offset[i] :])
        elif (outcomes[i] is Outcome.OK or (outcomes[i] is Outcome.UNKNOWN and dice.random() < 0.5)) and not (
            once and keys[i] in log
        ):
            log.append(keys[i])
    session = []
    for i in range(len(spans)):
        if kinds[i] is Kind.READ:
            session.append(
                answer(dice, name, Kind.READ, spans[i], outcomes[i], effects=told[i], effects_offset=offset[i])
            )
        else:
            session.append(answer(dice, name, Kind.INCREMENT, spans[i], outcomes[i], attempt=keys[i]))
    likely = keys * 5 + ["nobody's", "another's"] if keys else keys
    return _spoiled(dice, session, lambda o: replace(o, effects=_bent(dice, o.effects, likely)))


def lifecycle(dice: Random, name: str) -> Session:
    """A login, uses, logouts; what the answers saw is made up, or follows one life."""
    spans = intervals(dice, dice.randint(0, 7))
    session = []
    if dice.random() < 0.9:
        start = dice.randint(0, 3)
        outcome = dice.choice((Outcome.OK, Outcome.OK, Outcome.OK, Outcome.UNKNOWN, Outcome.FAIL))
        session.append(
            Operation(
                op=Kind.LOGIN, session=name, client=9, invoked_ns=start, returned_ns=start + dice.choice((0, 1, 3)),
                outcome=outcome, user=f"u{int(name[1:]) // 3}{dice.choice('ab')}",
                via=dice.choice(("balancer",) * 9 + ("store",)),
            )
        )  # fmt: skip
    death = dice.choice((dice.random() * 12, 99.0))
    made_up = dice.random() < 0.5
    for span in spans:
        kind = dice.choice((Kind.READ, Kind.READ, Kind.READ, Kind.WRITE, Kind.LOGOUT))
        outcome = outcome_of(dice, kind)
        point = span[1] + dice.random() * (span[2] - span[1])
        seen = dice.choice((None, Seen.ALIVE, Seen.ALIVE, Seen.ANONYMOUS, Seen.RECREATED))
        if not made_up:
            seen = Seen.ALIVE if point < death else Seen.ANONYMOUS
        told = {"value": f"{name}.{len(session)}"} if kind is Kind.WRITE else {}
        session.append(
            answer(
                dice, name, kind, span, outcome, seen=seen,
                scope=dice.choice((Scope.SESSION, Scope.SESSION, Scope.USER)) if kind is Kind.LOGOUT else Scope.SESSION,
                cookie=dice.choice((Cookie.KEPT, Cookie.KEPT, Cookie.DELETED, Cookie.REPLACED)), **told,
            )
        )  # fmt: skip
    dice.shuffle(session)
    return session


def _keys(dice: Random, name: str, count: int) -> list[str]:
    """Idempotency keys, of which some are used again."""
    keys: list[str] = []
    for i in range(count):
        keys.append(dice.choice(keys) if keys and dice.random() < 0.4 else f"{name}.{i}")
    return keys


def outcome_of(dice: Random, kind: Kind) -> Outcome:
    """Mostly ok."""
    return dice.choices((Outcome.OK, Outcome.UNKNOWN, Outcome.FAIL), (7, 2, 1))[0]


def answer(
    dice: Random, name: str, kind: Kind, span: tuple[int, int, int], outcome: Outcome, **told: object
) -> Operation:
    """An operation, mostly through the balancer with the browser's cookie; what it says of the session is `told`."""
    client, start, end = span
    never = outcome is not Outcome.OK and dice.random() < 0.5
    fields: dict[str, object] = {"seen": dice.choice((Seen.ALIVE,) * 8 + (None, Seen.ANONYMOUS)), **told}
    if outcome is Outcome.UNKNOWN and "seen" not in told:
        fields["seen"] = None
    return Operation(
        op=kind,
        session=name,
        client=client,
        invoked_ns=start,
        returned_ns=None if never else end,
        outcome=outcome,
        jar=dice.choice((Jar.BROWSER,) * 12 + (Jar.KEPT,)),
        via=dice.choice(("balancer",) * 15 + ("replica:a",)),
        **fields,  # type: ignore[arg-type]
    )


def _spoiled(dice: Random, session: Session, change: Callable[[Operation], Operation]) -> Session:
    """Half of the time one or two reads or results are changed at random."""
    if session and dice.random() < 0.6:
        for _ in range(dice.randint(1, 2)):
            i = dice.randrange(len(session))
            if session[i].op is not Kind.WRITE:
                session[i] = change(session[i])
    dice.shuffle(session)
    return session


def _bent(dice: Random, log: tuple[str, ...] | None, keys: list[str]) -> tuple[str, ...] | None:
    if log is None:
        return None
    bent = list(log)
    for _ in range(dice.randint(1, 2)):
        act = dice.choice(("drop", "add", "swap"))
        if act == "drop" and bent:
            bent.pop(dice.randrange(len(bent)))
        elif act == "add" and keys:
            bent.insert(dice.randint(0, len(bent)), dice.choice(keys))
        elif act == "swap" and len(bent) > 1:
            i = dice.randrange(len(bent) - 1)
            bent[i], bent[i + 1] = bent[i + 1], bent[i]
    return tuple(bent)
