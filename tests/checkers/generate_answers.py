"""Small random sessions about what is around a session's state: users, failed requests, servers, streams."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.checkers.generate import Session, answer, intervals, outcome_of

from outlast.history.operation import VIA_BALANCER, Kind, Operation, Outcome, Seen

USERS = ("ann", "ben")


def identity(dice: Random, name: str) -> Session:
    """A login, perhaps, and answers that name a user, of whom now and then one is another."""
    session: Session = []
    mine = dice.choice(USERS)
    if dice.random() < 0.7:
        told = dice.choice((mine, mine, None))
        session.append(replace(_login(dice, name), user=told))
    stray = dice.choice((0.0, 0.05, 0.3))
    for span in intervals(dice, dice.randint(0, 6)):
        kind = dice.choice((Kind.READ, Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT))
        user = dice.choice(USERS) if dice.random() < stray else mine
        told = {"value": f"{name}.{len(session)}"} if kind is Kind.WRITE else {}
        o = answer(dice, name, kind, span, outcome_of(dice, kind), **told)
        session.append(replace(o, user=dice.choice((user, user, None)) if o.outcome is not Outcome.UNKNOWN else None))
    dice.shuffle(session)
    return session


def requests(dice: Random, name: str) -> Session:
    """Requests that come to something, to nothing, or to a refusal; some sessions meet nothing else."""
    luck = dice.choice((0.0, 0.3, 0.8, 1.0))
    session = [_login(dice, name)] if dice.random() < 0.5 else []
    for span in intervals(dice, dice.randint(0, 7)):
        good = dice.random() < luck
        outcome = Outcome.OK if good else dice.choice((Outcome.UNKNOWN, Outcome.FAIL))
        seen = dice.choice((None, None, None, Seen.ALIVE, Seen.ANONYMOUS)) if outcome is not Outcome.UNKNOWN else None
        status = dice.choice((None, 200, 204)) if good else dice.choice((None, 401, 409, 500, 503, 504))
        session.append(replace(answer(dice, name, Kind.READ, span, outcome, seen=seen), status=status))
    dice.shuffle(session)
    return session


def affinity(dice: Random, name: str) -> Session:
    """Answers of a few servers; most sessions stay where they are, or move once."""
    servers, move = ("app-1", "app-2", "app-3"), dice.choice((0.0, 0.1, 0.5))
    server, session = dice.choice(servers), []
    for span in intervals(dice, dice.randint(0, 8)):
        server = dice.choice(servers) if dice.random() < move else server
        o = answer(dice, name, Kind.READ, span, outcome_of(dice, Kind.READ))
        session.append(replace(o, replica=dice.choice((server, server, server, None))))
    dice.shuffle(session)
    return session


def streams(dice: Random, name: str) -> Session:
    """Pieces of one or two streams, each from where the last one ended, but for some that are not."""
    reached, session = {"/a": 0, "/b": 0}, []
    for span in intervals(dice, dice.randint(0, 6)):
        path, length = dice.choice(("/a", "/a", "/b")), dice.randint(0, 3)
        start = max(0, reached[path] + dice.choice((0, 0, 0, 0, 0, 0, -1, 1)))
        o = answer(dice, name, Kind.STREAM, span, outcome_of(dice, Kind.STREAM))
        told = dice.random() < 0.9
        session.append(
            replace(
                o, path=path, cut=dice.choice((None, None, False, False, True)),
                from_offset=start if told else None, to_offset=start + length if told else None,
            )
        )  # fmt: skip
        if told and o.via == VIA_BALANCER:
            reached[path] = start + length
    dice.shuffle(session)
    return session


def _login(dice: Random, name: str) -> Operation:
    start = dice.randint(0, 2)
    return Operation(
        op=Kind.LOGIN, session=name, client=9, invoked_ns=start, returned_ns=start + dice.choice((0, 1)),
        outcome=dice.choice((Outcome.OK, Outcome.OK, Outcome.OK, Outcome.UNKNOWN, Outcome.FAIL)), user="ann",
    )  # fmt: skip
