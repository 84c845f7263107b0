"""Small random runs with a fault, and when they recovered: the judge's figure against trying every instant; a command.

python -m tests.checkers.fuzz_recovery --runs 1000000 [--seed 0]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.checkers.oracle_recovery import recovery_ns

from outlast.checkers.recovery import stalls_of
from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History, Phase, PhaseName
from outlast.history.operation import Kind, Operation, Outcome

S = 1_000_000_000
UNIT = S // 4
"""Instants are multiples of it, so that they meet each other and the ends of the windows."""


@dataclass(frozen=True)
class Compared:
    """One run: what the judge and the oracle say, in seconds; None: not recovered."""

    seed: int
    judge_s: float | None
    oracle_s: float | None
    operations: tuple[Operation, ...]


def compare(seed: int) -> Compared:
    """One random run. Deterministic in the seed."""
    header, operations = run(Random(seed))
    oracle = recovery_ns(operations, header)
    judge = stalls_of(History(header, Columns.of(operations))).recovery_s
    return Compared(seed, judge, None if oracle is None else oracle / 1e9, operations)


def run(dice: Random) -> tuple[Header, tuple[Operation, ...]]:
    """A load of half a minute, of which some requests fail or are slow, mostly after the fault."""
    onset, end = dice.randint(0, 30) * UNIT, dice.choice((30, 80, 120)) * UNIT
    fault = FaultWindow(name="kill", nodes=("a",), start_ns=onset, end_ns=onset + UNIT, proven=True, healed=True)
    phases = [Phase(PhaseName.AUDIT, dice.choice((end - 8 * UNIT, end)), 2 * end)]
    if dice.random() < 0.5:
        phases.append(Phase(PhaseName.STEADY, 0, dice.randint(1, 40) * UNIT))
    trouble = dice.choice((0.0, 0.1, 0.4))
    operations = tuple(_request(dice, end, onset, trouble) for _ in range(dice.choice((0, 1, 10, 30, 60))))
    return Header(faults=(fault,), phases=tuple(phases)), operations


def _request(dice: Random, end: int, onset: int, trouble: float) -> Operation:
    start = dice.randint(0, end // UNIT) * UNIT
    bad = dice.random() < (trouble if onset <= start < onset + 20 * UNIT else 0.02)
    outcome = dice.choice((Outcome.UNKNOWN, Outcome.FAIL, Outcome.OK)) if bad else Outcome.OK
    length = dice.choice((0, 1, 1, 2)) * UNIT * (dice.choice((1, 8, 30)) if bad else 1)
    never = outcome is not Outcome.OK and dice.random() < 0.3
    return Operation(
        op=Kind.READ, session="s", client=1, invoked_ns=start, returned_ns=None if never else start + length,
        intended_ns=start - dice.choice((0, 0, 0, 1, 4)) * UNIT, outcome=outcome,
        status=dice.choice((None, 200, 503)) if outcome is not Outcome.OK else None,
        via=dice.choice(("balancer",) * 9 + ("replica:a",)),
    )  # fmt: skip


def differing(seeds: range) -> Iterator[Compared]:
    """Those on which the judge and the oracle differ."""
    return (one for one in map(compare, seeds) if one.judge_s != one.oracle_s)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first one; the next has the next")
    chosen = parser.parse_args()
    began, count = time.perf_counter(), 0
    for one in differing(range(chosen.seed, chosen.seed + chosen.runs)):
        count += 1
        print(f"seed {one.seed}: the judge says {one.judge_s}, the oracle {one.oracle_s}", flush=True)
    print(f"recovery: {chosen.runs:,} runs, {count} disagreements, {time.perf_counter() - began:.1f} s", flush=True)
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main())
