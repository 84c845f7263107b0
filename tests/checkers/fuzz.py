"""Many small random sessions, judged as one history, against the exhaustive search; a command, and what the tests call.

    python -m tests.checkers.fuzz register --sessions 1000000 --processes 2 [--seed 7]

Prints one line per batch, so that it can be stopped and taken up again at any seed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random

from tests.checkers import generate
from tests.checkers.oracle_counter import counter_is_legal
from tests.checkers.oracle_effects import effects_are_legal
from tests.checkers.oracle_lifecycle import life_is_legal, names_by_rule
from tests.checkers.oracle_register import register_is_legal
from tests.checkers.oracle_session_order import order_is_kept

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.history.columns import Columns
from outlast.history.history import Guarantee, Header, History, Refresh
from outlast.history.interchange_line import fields_of
from outlast.history.operation import Operation

BATCH = 2000
TOLD_APART = ("op", "session", "invoked_ns", "returned_ns", "outcome")
A, LATE = Anomaly, Anomaly.LATE_WRITE
STRANGE = {A.GARBAGE_READ, A.ABORTED_READ, A.FUTURE_READ, A.SESSION_LEAK}
REGISTER = STRANGE | {A.LOST_WRITE, A.STALE_READ, A.NON_MONOTONIC_READ}
COUNTER = {A.LOST_UPDATE, A.DUPLICATE_EXECUTION}
LIFECYCLE = {
    A.LOST_SESSION, A.RECREATED_SESSION, A.FLICKERING_SESSION, A.CLIENT_EVICTED, A.LOGIN_NOT_STORED,
    A.RESURRECTED_SESSION, A.LATE_EXPIRY, A.PREMATURE_EXPIRY,
}  # fmt: skip
EFFECTS = COUNTER | STRANGE | {A.SPLIT_BRAIN, A.STALE_READ, A.NON_MONOTONIC_READ}


@dataclass(frozen=True)
class Disagreement:
    """A session on which the judge and the oracle differ."""

    model: str
    seed: int
    session: tuple[Operation, ...]
    judge_says: str
    oracle_says: str


@dataclass(frozen=True)
class Model:
    """One model: how sessions are made, under which headers, and what the oracle expects of each.

    expected: (session, all operations, header) -> what the judge must say, given the names that it found.
    """

    make: Callable[[Random, str], generate.Session]
    headers: tuple[Header, ...]
    judge_says: Callable[[set[Anomaly], set[Anomaly]], object]
    oracle_says: Callable[[list[Operation], list[Operation], Header], object]


def _legal(family: set[Anomaly]) -> Callable[[set[Anomaly], set[Anomaly]], object]:
    return lambda found, allowed: not found & family


def _session_order(session: list[Operation], everything: list[Operation], header: Header) -> object:
    kept, timely = order_is_kept(session, header.clock_error_ns)
    return kept and timely


PLAIN = (Header(), Header(clock_error_ns=1))
ORDERED = (Header(guarantee=Guarantee.SESSION), Header(guarantee=Guarantee.SESSION, clock_error_ns=1))
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
    "register": Model(
        generate.register, PLAIN, _legal(REGISTER), lambda s, e, h: register_is_legal(s, h.clock_error_ns)
    ),
    "session-order": Model(
        generate.register, ORDERED,
        lambda found, allowed: None if found & STRANGE else not (found - allowed) & (REGISTER | {LATE}),
        _session_order,
    ),
    "counter": Model(generate.counter, PLAIN, _legal(COUNTER), lambda s, e, h: counter_is_legal(s, h.clock_error_ns)),
    "blind-counter": Model(
        generate.blind_counter, PLAIN, _legal(COUNTER), lambda s, e, h: counter_is_legal(s, h.clock_error_ns)
    ),
    "mixed-counter": Model(
        generate.mixed_counter, PLAIN, _legal(COUNTER), lambda s, e, h: counter_is_legal(s, h.clock_error_ns)
    ),
    "effects": Model(generate.effects, PLAIN, _legal(EFFECTS), lambda s, e, h: effects_are_legal(s, h.clock_error_ns)),
    "life": Model(
        lambda dice, name: [o for o in generate.lifecycle(dice, name) if o.scope is generate.Scope.SESSION],
        PLAIN, _legal(LIFECYCLE), lambda s, e, h: life_is_legal(s, h.clock_error_ns),
    ),
    "lifecycle": Model(
        generate.lifecycle, (*PLAIN, *EXPIRING, *EVICTING),
        lambda found, allowed: {_unclustered(a).value for a in found & LIFECYCLE}, names_by_rule,
    ),
}  # fmt: skip


def _unclustered(anomaly: Anomaly) -> Anomaly:
    """Which losses cluster at one age is a matter of all sessions; the oracle looks at one."""
    return A.LOST_SESSION if anomaly is A.PREMATURE_EXPIRY else anomaly


@dataclass(frozen=True)
class Compared:
    """One batch: where the judge and the oracle differ, and how many sessions the oracle finds wrong."""

    seed: int
    sessions: int
    wrong: int
    differing: tuple[Disagreement, ...]


def compare(name: str, seed: int, sessions: int = BATCH) -> Compared:
    """One batch: so many random sessions in one history. Deterministic in the seed."""
    model = MODELS[name]
    header, made, everything = batch(name, seed, sessions)
    judgement = judge(History(header, Columns.of(everything)), processes=1, findings_max=1)
    bits = judgement.sessions
    places = {bits.names[i]: i for i in range(len(bits.names))}
    around = _related(made)
    wrong, differing = 0, []
    for session, operations in made.items():
        place = places.get(session)
        word, permitted = (int(bits.anomalies[place]), int(bits.allowed[place])) if place is not None else (0, 0)
        found = {a for bit, a in enumerate(Anomaly) if word >> bit & 1}
        allowed = {a for bit, a in enumerate(Anomaly) if permitted >> bit & 1}
        judge_says = _alike(model.judge_says(found, allowed))
        if judge_says is None or not operations:
            continue
        oracle_says = _alike(model.oracle_says(operations, around(session), header))
        wrong += oracle_says is False or (isinstance(oracle_says, set) and bool(oracle_says))
        if judge_says != oracle_says:
            differing.append(Disagreement(name, seed, tuple(operations), str(judge_says), str(oracle_says)))
    return Compared(seed, sessions, wrong, tuple(differing))


def batch(name: str, seed: int, sessions: int) -> tuple[Header, dict[str, list[Operation]], list[Operation]]:
    """The header, the sessions by name, and all their operations in the order in which they are recorded: any."""
    model = MODELS[name]
    dice = Random(f"{name}:{seed}")
    made = {f"s{i}": model.make(dice, f"s{i}") for i in range(sessions)}
    everything = [operation for session in made.values() for operation in session]
    everything.append(
        Operation(
            op=generate.Kind.WRITE, session="other", client=0, invoked_ns=0, returned_ns=1,
            outcome=generate.Outcome.OK, value="other", seen=generate.Seen.ALIVE,
        )
    )  # fmt: skip
    dice.shuffle(everything)
    return model.headers[seed % len(model.headers)], made, everything


def _alike(names: object) -> object:
    """Premature expiry is named from all sessions together: here it counts as the loss that it is."""
    if isinstance(names, set):
        return {"lost" if name in ("lost-session", "recreated-session") else name for name in names}
    return names


def _related(made: dict[str, list[Operation]]) -> Callable[[str], list[Operation]]:
    """A few sessions share their users: only these can end one another."""
    everything = [operation for session in made.values() for operation in session]
    crossing: dict[int, list[Operation]] = {}
    for o in everything:
        if o.op is generate.Kind.LOGIN or o.scope is generate.Scope.USER:
            crossing.setdefault(int(o.session[1:]) // 3, []).append(o)
    near = {session: crossing.get(int(session[1:]) // 3, []) for session in made}
    return lambda session: [*made[session], *(o for o in near[session] if o.session != session)]


def _compare(task: tuple[str, int, int]) -> Compared:
    return compare(*task)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(MODELS), help=f"of {', '.join(MODELS)} (default: all)")
    parser.add_argument("--sessions", type=int, default=20_000, help="of each model (default: 20000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first batch; the next has the next")
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args()
    return max(_fuzz(name, chosen) for name in chosen.models)


def _fuzz(name: str, chosen: argparse.Namespace) -> int:
    began, done, wrong, differing = time.perf_counter(), 0, 0, 0
    tasks = [(name, chosen.seed + i, chosen.batch) for i in range(-(-chosen.sessions // chosen.batch))]
    with ProcessPoolExecutor(chosen.processes) as pool:
        for compared in pool.map(_compare, tasks):
            done, wrong = done + compared.sessions, wrong + compared.wrong
            differing += len(compared.differing)
            for disagreement in compared.differing[:2]:
                _tell(disagreement)
            if done % (chosen.batch * 50) == 0:
                print(
                    f"{name}: {done:,} sessions, {differing} disagreements, next seed {compared.seed + 1}", flush=True
                )
    seconds = time.perf_counter() - began
    print(f"{name}: {done:,} sessions, {wrong:,} of them wrong, {differing} disagreements, {seconds:.1f} s", flush=True)
    return 1 if differing else 0


def _tell(disagreement: Disagreement) -> None:
    print(f"{disagreement.model} seed {disagreement.seed}: ", end="")
    print(f"the judge says {disagreement.judge_says}, the oracle {disagreement.oracle_says}:")
    for operation in sorted(disagreement.session, key=lambda o: o.invoked_ns):
        told = {k: v for k, v in fields_of(operation).items() if k not in TOLD_APART}
        span = f"[{operation.invoked_ns}, {operation.returned_ns}]"
        print(f"    {span:10} {operation.op.value} {operation.outcome.value} {told}")


if __name__ == "__main__":
    raise SystemExit(main())
