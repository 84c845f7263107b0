"""How fast histories are judged: from 1 to 30 million operations, under concurrency and doubt, and from NDJSON."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from outlast.bench.big_history import big_history
from outlast.bench.figure import Figure, median
from outlast.bench.mapped_history import make_mapped
from outlast.bench.one_judgement import OneJudgement
from outlast.errors import OutlastError
from outlast.history.history import Header, History
from outlast.history.interchange import write_history

_CHECK: Final = "import sys; from outlast.cli.main import main; sys.exit(main())"
_READ_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many operations: each step of the growth, each of two histories that are compared, and the NDJSON file."""

    growth: tuple[int, ...] = (1_000_000, 3_000_000, 10_000_000, 30_000_000)
    compared: int = 5_000_000
    ndjson: int = 2_000_000


def measure(runs: int, sizes: Sizes | None = None) -> list[Figure]:
    """All models over generated, valid histories in columns, each judgement in a process of its own; then NDJSON.

    The files were just written and lie in the page cache. A slowdown is the median ratio of two histories judged in
    turn. The ceilings are what reading the same files once, in one process, would allow. 2.5 GB of temporary files and
    some six minutes for 5 runs. Raises OutlastError if a judgement is not what it must be.
    """
    sizes = sizes or Sizes()
    return [
        *_growth(runs, sizes.growth),
        *_slowdown("judge.slowdown_clients_64", runs, sizes.compared, {"clients": 1}, {"clients": 64}),
        *_slowdown("judge.slowdown_unknown_20", runs, sizes.compared, {"unknown": 0.0}, {"unknown": 0.2}),
        *_ndjson(runs, sizes.ndjson),
    ]


def _growth(runs: int, sizes: Sequence[int]) -> list[Figure]:
    """The table of sizes; the figures without a size are those of the largest."""
    figures: list[Figure] = []
    for operations in sizes:
        with tempfile.TemporaryDirectory() as folder:
            make_mapped(Path(folder), operations)
            done = [_judged(folder) for _ in range(runs)]
            ceiling = [one.operations / _seconds_to_read(Path(folder)) for one in done]
        size = f"{operations / 1e6:g}m"
        rates = [one.operations / one.seconds for one in done]
        peaks = [one.peak_mb for one in done]
        figures.append(median(f"judge.seconds.{size}", "s", [one.seconds for one in done]))
        figures.append(median(f"judge.cpu_s.{size}", "s", [one.cpu_s for one in done]))
        figures.append(median(f"judge.ops_per_s.{size}", "1/s", rates))
        figures.append(median(f"judge.peak_mb_per_process.{size}", "MB", peaks))
    return [
        median("judge.ops_per_s", "1/s", rates),
        median("judge.ceiling_ops_per_s", "1/s", ceiling),
        median("judge.peak_mb_per_process", "MB", peaks),
        *figures,
    ]


def _slowdown(name: str, runs: int, operations: int, easy: dict[str, Any], hard: dict[str, Any]) -> list[Figure]:
    """Of the time, and of the computing alone."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        make_mapped(Path(one), operations, **easy)
        make_mapped(Path(other), operations, **hard)
        pairs = [(_judged(one), _judged(other)) for _ in range(runs)]
    more = pairs[0][0].operations / pairs[0][1].operations
    return [
        median(name, "ratio", [b.seconds / a.seconds * more for a, b in pairs]),
        median(f"{name}.cpu", "ratio", [b.cpu_s / a.cpu_s * more for a, b in pairs]),
    ]


def _judged(folder: str) -> OneJudgement:
    told = json.loads(_told([sys.executable, "-m", "outlast.bench.one_judgement", folder]))
    one = OneJudgement(**told)
    if one.verdict != "pass":
        raise OutlastError(f"A valid history was judged {one.verdict}, so its time says nothing.")
    return one


def _ndjson(runs: int, operations: int) -> list[Figure]:
    """`outlast check FILE --json` from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.ndjson"
        columns = big_history(operations)
        write_history(History(Header(), columns), path)
        rates, ceiling = [], []
        for _ in range(runs):
            began = time.perf_counter()
            document = json.loads(_told([sys.executable, "-c", _CHECK, "check", str(path), "--json"]))
            rates.append(len(columns) / (time.perf_counter() - began))
            if (document["verdict"], document["counts"]["operations"]) != ("pass", len(columns)):
                raise OutlastError("A valid history in NDJSON was not judged a pass as a whole: its time says nothing.")
            ceiling.append(len(columns) / _seconds_to_read(Path(folder)))
    return [
        median("judge.ndjson_ops_per_s", "1/s", rates),
        median("judge.ndjson_ceiling_ops_per_s", "1/s", ceiling),
    ]


def _told(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OutlastError(f"A judgement could not be measured: {done.stderr.strip()[-300:] or done.returncode}")
    return done.stdout


def _seconds_to_read(folder: Path) -> float:
    """All files of a folder, once, from the page cache."""
    buffer = bytearray(_READ_BYTES)
    began = time.perf_counter()
    for path in folder.iterdir():
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass
    return time.perf_counter() - began
