"""Mutated history files through `outlast check`, in this process: a verdict or one clear error, never anything else.

    python -m tests.cli.bad_files --files 100000 [--seed 0]

Prints each file that broke something, and in the end how many were judged and refused, and the peak memory.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.cli.mutations import Mutated, base_files, mutated

from outlast.cli.main import main as outlast

CHECKED = frozenset((0, 1, 2, 3))
SENTENCE_MAX = 1000
BOMB_EVERY = 2500
"""One file in so many is a bomb: unpacking what it holds takes a second."""


@dataclass(frozen=True)
class Result:
    """What became of one file. broken: why it is not as it should be; None: it is."""

    seed: int
    exit_code: int
    broken: str | None
    mutation: str


def checked(seed: int, folder: Path, bases: list[bytes]) -> Result:
    """One mutated file, deterministic in the seed -> what `outlast check` makes of it."""
    dice = Random(seed)
    file = mutated(dice, bases, bomb=seed % BOMB_EVERY == BOMB_EVERY - 1)
    path = folder / f"mutant{file.ending}"
    path.write_bytes(file.content)
    out, err = io.StringIO(), io.StringIO()
    sessions = folder / "sessions.ndjson"
    sessions.unlink(missing_ok=True)
    options = dice.choice(([], ["--json"], ["--explain", "20"], ["--sessions", str(sessions)]))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = outlast(["check", str(path), *options])
    except BaseException as error:  # whatever it is, it must not come out
        return Result(seed, -1, f"{type(error).__name__}: {error}"[:300], file.mutation)
    return Result(seed, code, _broken(code, file, path, out.getvalue(), err.getvalue(), options), file.mutation)


def _broken(code: int, file: Mutated, path: Path, out: str, err: str, options: list[str]) -> str | None:
    if code not in CHECKED:
        return f"exit code {code}"
    if code != 2 or "error" in out:
        return _bad_document(out) if options == ["--json"] else None
    told = err.strip()
    if not told.isprintable() or not 0 < len(told) <= SENTENCE_MAX:
        return f"not one sentence: {told[:300]!r}"
    if str(path) not in told:
        return f"does not name the file: {told[:300]!r}"
    if file.bad_line is not None and f"{path}:{file.bad_line}: " not in told:
        return f"not at line {file.bad_line}: {told[:300]!r}"
    return None


def _bad_document(out: str) -> str | None:
    try:
        json.loads(out, parse_constant=lambda name: int(name))
    except ValueError as error:
        return f"not JSON: {error}"
    return None


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="of the first one; the next has the next")
    chosen = parser.parse_args()
    began, slowest, broken, codes = time.perf_counter(), (0.0, 0), 0, dict.fromkeys((-1, *sorted(CHECKED)), 0)
    bases = base_files()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(chosen.seed, chosen.seed + chosen.files):
            start = time.perf_counter()
            result = checked(seed, Path(folder), bases)
            slowest = max(slowest, (time.perf_counter() - start, seed))
            codes[result.exit_code] = codes.get(result.exit_code, 0) + 1
            if result.broken:
                broken += 1
                print(f"seed {seed} ({result.mutation}): {result.broken}", flush=True)
            if (seed + 1) % 10_000 == 0:
                print(f"next seed {seed + 1}, {broken} broken", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{chosen.files:,} mutated files: {codes[2]:,} refused, {codes[0] + codes[1] + codes[3]:,} judged, "
        f"{broken} broken; peak {peak} MB, slowest {slowest[0]:.1f} s (seed {slowest[1]}), "
        f"{time.perf_counter() - began:.0f} s",
        flush=True,
    )
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
