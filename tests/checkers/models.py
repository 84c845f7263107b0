"""The models: how random sessions of each are made, and what the judge and the exhaustive search say of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.checkers import generate, generate_answers
from tests.checkers.oracle_affinity import affinity_is_kept
from tests.checkers.oracle_counter import counter_is_legal
from tests.checkers.oracle_effects import effects_are_legal
from tests.checkers.oracle_identity import identity_is_legal
from tests.checkers.oracle_lifecycle import life_is_legal, names_by_rule
from tests.checkers.oracle_register import register_is_legal
from tests.checkers.oracle_requests import request_names
from tests.checkers.oracle_session_order import order_is_kept
from tests.checkers.oracle_streams import stream_names

from outlast.checkers.anomaly import Anomaly
from outlast.history.history import FaultWindow, Guarantee, Header, Phase, PhaseName, Refresh
from outlast.history.operation import Kind, Operation, Scope

A, LATE = Anomaly, Anomaly.LATE_WRITE
STRANGE = {A.GARBAGE_READ, A.ABORTED_READ, A.FUTURE_READ, A.SESSION_LEAK}
REGISTER = STRANGE | {A.LOST_WRITE, A.STALE_READ, A.NON_MONOTONIC_READ}
COUNTER = {A.LOST_UPDATE, A.DUPLICATE_EXECUTION}
LIFECYCLE = {
    A.LOST_SESSION, A.RECREATED_SESSION, A.FLICKERING_SESSION, A.CLIENT_EVICTED, A.LOGIN_NOT_STORED,
    A.RESURRECTED_SESSION, A.LATE_EXPIRY, A.PREMATURE_EXPIRY,
}  # fmt: skip
EFFECTS = COUNTER | STRANGE | {A.SPLIT_BRAIN, A.STALE_READ, A.NON_MONOTONIC_READ}

Says = Callable[[set[Anomaly], set[Anomaly]], object]
Oracle = Callable[[list[Operation], list[Operation], Header], object]


@dataclass(frozen=True)
class Model:
    """How sessions are made, under which headers, and what the judge and the oracle say of each.

    judge_says: (names that it found, those among them that are allowed) -> its answer, None where it has none to
    compare. oracle_says: (session, those that can touch it, header) -> its answer.
    """

    make: Callable[[Random, str], generate.Session]
    headers: tuple[Header, ...]
    judge_says: Says
    oracle_says: Oracle


def _legal(family: set[Anomaly]) -> Says:
    return lambda found, allowed: not found & family


def _named(family: set[Anomaly]) -> Says:
    return lambda found, allowed: {anomaly.value for anomaly in found & family}


def _one(legal: Callable[[Sequence[Operation], int], bool]) -> Oracle:
    return lambda session, everything, header: legal(session, header.clock_error_ns)


def _session_order(session: list[Operation], everything: list[Operation], header: Header) -> object:
    kept, timely = order_is_kept(session, header.clock_error_ns)
    return kept and timely


def _after_settling(session: list[Operation], everything: list[Operation], header: Header) -> object:
    """Eventual: what was read before the audit proves nothing."""
    told = [o for o in session if o.op is not Kind.READ or o.invoked_ns >= header.phases[-1].start_ns]
    return register_is_legal(told, header.clock_error_ns)


def _ordinary(found: set[Anomaly], allowed: set[Anomaly]) -> object:
    """Of strange values the oracles of weaker guarantees know nothing."""
    return None if found & STRANGE else not (found - allowed) & (REGISTER | {LATE})


def _life(dice: Random, name: str) -> generate.Session:
    """Nobody logs out everywhere: then a session can be judged alone."""
    return [o for o in generate.lifecycle(dice, name) if o.scope is Scope.SESSION]


PLAIN = (Header(), Header(clock_error_ns=1))
ORDERED = tuple(replace(header, guarantee=Guarantee.SESSION) for header in PLAIN)
EVENTUAL = tuple(
    replace(header, guarantee=Guarantee.EVENTUAL, phases=(Phase(PhaseName.AUDIT, start_ns, 99),))
    for header in PLAIN
    for start_ns in (0, 4, 8)
)
STRUCK = tuple(
    Header(
        faults=tuple(
            FaultWindow(name="kill", nodes=("app-1",), start_ns=start_ns, end_ns=end_ns, proven=True, healed=True)
            for start_ns, end_ns in windows
        )
    )
    for windows in ((), ((2, 4),), ((0, 0),), ((2, 3), (5, 6)))
)
_SECOND = 1e-9  # a time to live of so many "seconds" is so many nanoseconds, as the instants of small histories are
EXPIRING = tuple(
    Header(ttl_s=ttl * _SECOND, granularity_s=fine * _SECOND, ttl_refresh=refresh, clock_error_ns=error)
    for ttl in (2, 5)
    for fine in (0, 1)
    for refresh in Refresh
    for error in (0, 1)
)
EVICTING = (Header(max_sessions_per_user=1), Header(max_sessions_per_user=2, clock_error_ns=1))

MODELS = {
    "register": Model(generate.register, PLAIN, _legal(REGISTER), _one(register_is_legal)),
    "same-tokens": Model(
        generate.same_tokens, PLAIN,
        lambda found, allowed: None if not found & REGISTER else False,  # where tokens repeat it need not find a thing
        _one(register_is_legal),
    ),
    "session-order": Model(generate.register, ORDERED, _ordinary, _session_order),
    "eventual": Model(generate.register, EVENTUAL, _ordinary, _after_settling),
    "counter": Model(generate.counter, PLAIN, _legal(COUNTER), _one(counter_is_legal)),
    "blind-counter": Model(generate.blind_counter, PLAIN, _legal(COUNTER), _one(counter_is_legal)),
    "mixed-counter": Model(generate.mixed_counter, PLAIN, _legal(COUNTER), _one(counter_is_legal)),
    "effects": Model(generate.effects, PLAIN, _legal(EFFECTS), _one(effects_are_legal)),
    "life": Model(_life, PLAIN, _legal(LIFECYCLE), _one(life_is_legal)),
    "lifecycle": Model(generate.lifecycle, (*PLAIN, *EXPIRING, *EVICTING), _named(LIFECYCLE), names_by_rule),
    "identity": Model(
        generate_answers.identity, PLAIN, _legal({A.SESSION_LEAK}), lambda s, e, h: identity_is_legal(s)
    ),
    "requests": Model(
        generate_answers.requests, STRUCK, _named({A.FAILED_REQUEST, A.STUCK_USER}), request_names
    ),
    "affinity": Model(
        generate_answers.affinity, STRUCK, _legal({A.AFFINITY_FLAP}), lambda s, e, h: affinity_is_kept(s, h)
    ),
    "streams": Model(
        generate_answers.streams, PLAIN, _named({A.CUT_STREAM, A.LOST_MESSAGE, A.DUPLICATE_MESSAGE}),
        lambda s, e, h: stream_names(s),
    ),
}  # fmt: skip
