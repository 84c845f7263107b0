"""Valid histories, judged: every alarm is a false one; a command, and what the tests call.

python -m tests.checkers.alarms --histories 1000 --operations 100000 [--seed 0]
"""

from __future__ import annotations

import argparse
import gc
import time
from dataclasses import dataclass

from tests.checkers.valid.history import valid_history

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.checkers.verdict import Verdict


@dataclass(frozen=True)
class Quiet:
    """One valid history: how large it was, how many sessions were found wrong by name, and what the verdict was."""

    seed: int
    operations: int
    sessions: int
    verdict: Verdict
    alarms: dict[str, int]


def judged(seed: int, operations: int) -> Quiet:
    """Seed and size -> what the judge says of the valid history. Failed requests are no alarm: they did fail."""
    history = valid_history(seed, operations)
    judgement = judge(history, processes=1, findings_max=1)
    alarms = {
        tally.anomaly.value: tally.count - tally.allowed
        for tally in judgement.tallies.values()
        if tally.count > tally.allowed and tally.anomaly is not Anomaly.FAILED_REQUEST
    }
    return Quiet(seed, len(history.columns), judgement.counts.sessions, judgement.verdict, alarms)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=20)
    parser.add_argument("--operations", type=int, default=100_000, help="of each history (default: 100000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first one; the next has the next")
    chosen = parser.parse_args()
    gc.disable()  # a history is a million small objects without cycles: looking for them takes a fifth of the time
    began, operations, sessions, loud = time.perf_counter(), 0, 0, 0
    for number in range(chosen.histories):
        one = judged(chosen.seed + number, chosen.operations)
        operations, sessions = operations + one.operations, sessions + one.sessions
        if one.alarms or one.verdict is Verdict.FAIL:
            loud += 1
            print(f"seed {one.seed}: {one.verdict}, {one.alarms}", flush=True)
        if (number + 1) % 20 == 0:
            print(f"{number + 1} histories, {loud} with alarms", flush=True)
    seconds = time.perf_counter() - began
    print(
        f"{chosen.histories:,} valid histories, {operations:,} operations, {sessions:,} sessions, "
        f"{loud} with alarms, {seconds:.0f} s",
        flush=True,
    )
    return 1 if loud else 0


if __name__ == "__main__":
    raise SystemExit(main())
