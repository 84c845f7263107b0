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

from tests.checkers.generate import Dice
from tests.checkers.models import MODELS

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.history.columns import Columns
from outlast.history.history import Header, History
from outlast.history.interchange_line import fields_of
from outlast.history.operation import Kind, Operation, Outcome, Scope, Seen

BATCH = 2000
TOLD_APART = ("op", "session", "invoked_ns", "returned_ns", "outcome")


OTHER = tuple(
    Operation(
        op=kind, session="other", client=0, invoked_ns=start, returned_ns=start + 1, outcome=Outcome.OK,
        seen=Seen.ALIVE, **told,
    )
    for kind, start, told in (
        (Kind.WRITE, 0, {"value": "other"}), (Kind.INCREMENT, 2, {"attempt": "another's"}), (Kind.READ, 98, {}),
    )
)  # fmt: skip
"""A session whose values and attempts others may show, and which is answered to the end."""


@dataclass(frozen=True)
class Disagreement:
    """A session on which the judge and the oracle differ."""

    model: str
    seed: int
    session: tuple[Operation, ...]
    judge_says: str
    oracle_says: str


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
    """The header, the sessions by name, and all their operations: both in the order of the record, which is any."""
    model = MODELS[name]
    dice = Dice(f"{name}:{seed}")
    made = {f"s{i}": model.make(dice, f"s{i}") for i in range(sessions)}
    everything = [operation for session in made.values() for operation in session]
    everything += OTHER
    dice.shuffle(everything)
    for session in made.values():
        session.clear()
    for operation in everything:
        made.get(operation.session, []).append(operation)
    return model.headers[seed % len(model.headers)], made, everything


def _alike(names: object) -> object:
    """Which losses cluster at one age is a matter of all sessions: here each counts as the loss that it is."""
    if isinstance(names, set):
        losses = ("lost-session", "recreated-session", "premature-expiry")
        return {"lost" if name in losses else name for name in names}
    return names


def _related(made: dict[str, list[Operation]]) -> Callable[[str], list[Operation]]:
    """A few sessions share their users: only these can end one another. One session is there for all."""
    everything = [operation for session in made.values() for operation in session]
    crossing: dict[int, list[Operation]] = {}
    for o in everything:
        if o.op is Kind.LOGIN or o.scope is Scope.USER:
            crossing.setdefault(int(o.session[1:]) // 3, []).append(o)
    near = {session: crossing.get(int(session[1:]) // 3, []) for session in made}
    return lambda session: [*OTHER, *made[session], *(o for o in near[session] if o.session != session)]


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
