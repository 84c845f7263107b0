"""One history judged in a process of its own, so that its memory is its own: folder -> seconds and peak as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from outlast.bench.mapped_history import open_mapped
from outlast.checkers.judge import judge
from outlast.history.history import Header, History


@dataclass(frozen=True, slots=True)
class OneJudgement:
    """seconds: from the columns in their files to the judgement. cpu_s: what all its processes computed for it, which
    other jobs on the machine change less. peak_mb: of whichever process had the highest peak,
    the file pages it looked at among it."""

    seconds: float
    cpu_s: float
    peak_mb: float
    operations: int
    verdict: str


def judged(folder: Path) -> OneJudgement:
    """A folder of `make_mapped` -> what judging it cost. `peak_mb` is of this process since it began."""
    began, cpu_s = time.perf_counter(), _cpu_s()
    judgement = judge(History(Header(), open_mapped(folder)))
    seconds, cpu_s = time.perf_counter() - began, _cpu_s() - cpu_s
    peak_kb = max(_own_peak_kb(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return OneJudgement(seconds, cpu_s, peak_kb / 1024, judgement.counts.operations, judgement.verdict.value)


def _cpu_s() -> float:
    """Of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _own_peak_kb() -> int:
    """Of this program alone; getrusage would tell the peak of the one that started it, if that was higher."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("this system does not tell a process's peak in /proc/self/status")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(judged(Path(sys.argv[1])))))
