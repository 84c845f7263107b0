"""How exactly faults strike: from the scheduled instant to what was seen from outside, beside the plain tool."""

from __future__ import annotations

import itertools
import secrets
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from outlast.bench.contest import Contest
from outlast.bench.contests import contests
from outlast.bench.figure import Figure, median, percentile
from outlast.bench.striking import Measured, Striking
from outlast.errors import Unsupported
from outlast.faults.guard import guarded
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.stack import Stack


def measure(runs: int, only: Sequence[str] = (), tell: Callable[[str], None] = lambda text: None) -> list[Figure]:
    """Strike and heal nodes of the lab again and again on the compose engine, each time in turn with the plain tool.

    Each architecture is started once. `only`: names of contests, all by default. What this host cannot do is left out,
    and `tell` hears why; named in `only` it raises Unsupported. Raises UnknownName and UsageError for a name of `only`
    that is not measured, EngineError without Docker.
    """
    chosen = contests(only)
    choose("auto")
    figures: dict[str, list[Figure]] = {}
    by_architecture = sorted(chosen, key=lambda contest: contest.architecture)
    for architecture, some in itertools.groupby(by_architecture, key=lambda contest: contest.architecture):
        with _standing(architecture) as (stack, striking):
            for contest in some:
                if lacking := _lacking(contest, stack):
                    if contest.name in only:
                        raise Unsupported(lacking)
                    tell(f"{contest.name} is not measured: {lacking}")
                    continue
                tell(f"{contest.name} is measured beside: {contest.by_hand}")
                figures[contest.name] = figures_of(contest, striking.measure(contest, runs * contest.strikes))
    return [figure for contest in chosen for figure in figures.get(contest.name, [])]


def figures_of(contest: Contest, measured: Measured) -> list[Figure]:
    """What is told of a contest: onset, the plain tool, how much later than its median we are, and the heal."""
    name = contest.name
    plain = "docker_cli_ms_median" if name == "kill" else "plain_ms_median"
    over = [onset_ms - statistics.median(measured.plain_ms) for onset_ms in measured.onset_ms]
    return [
        median(f"{name}.onset_ms_median", "ms", measured.onset_ms),
        percentile(f"{name}.onset_ms_p95", "ms", measured.onset_ms, 0.95),
        median(f"{name}.{plain}", "ms", measured.plain_ms, note=contest.by_hand),
        median(f"{name}.over_plain_ms", "ms", over),
        median(f"{name}.heal_ms_median", "ms", measured.heal_ms),
    ]


@contextmanager
def _standing(architecture: str) -> Iterator[tuple[Stack, Striking]]:
    """A stack of the lab with a guard, as in a run: a bench that is killed leaves nothing either."""
    run_id = secrets.token_hex(4)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with guarded(folder / "undo.ndjson", run_id, "compose") as ledger:
            stack = open_stack("compose", architecture, run_id, folder)
            try:
                stack.start()
                with Striking.on(stack, ledger, folder / "events.ndjson") as striking:
                    yield stack, striking
            finally:
                stack.remove()


def _lacking(contest: Contest, stack: Stack) -> str:
    return next((why for power in contest.fault.needs if (why := stack.unsupported(power))), "")
