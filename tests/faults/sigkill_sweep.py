"""Kills the harness at seeded random moments while it harms an attached project, and counts what is left from outside.

    python -m tests.faults.sigkill_sweep --moments 200 --seed 7

The project is the lab's own, started by plain Compose under a name of its own, so that nothing of it goes away with a
run: whatever a fault changes stays, unless it is undone. A third of the moments falls between record and effect, a
third between effect and heal, a third anywhere. Prints one line per moment and the total.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.faults.cast import CAST
from tests.faults.fingerprint import containers, differences, docker, fingerprint, ours

from outlast.faults.ledger import read
from outlast.stacks import lab
from outlast.stacks.compose import images
from outlast.stacks.compose.command import find
from outlast.stacks.compose.daemon import connect
from outlast.stacks.engine import choose

PATIENCE_S = 10.0
OWNER = Path(__file__).with_name("sigkill_owner.py")
ROOT = Path(__file__).parents[2]
PLACES = ("recorded", "struck", "anywhere")


@dataclass(frozen=True)
class Moment:
    """One death: in which fault, at which step, how long after it, and what was left 10 s later."""

    fault: str
    place: str
    after_ms: float
    clean_s: float
    left: tuple[str, ...]


@contextmanager
def standing_project(architecture: str) -> Iterator[tuple[str, Path]]:
    """(name, outlast.yaml) of a running project of the lab that is not ours to remove; taken down in the end."""
    name = f"shop{secrets.token_hex(3)}"
    files = [part for file in lab.files(architecture) for part in ("-f", str(file))]
    compose = [*find().argv, "-p", name, *files]
    with tempfile.TemporaryDirectory() as folder:
        description = Path(folder) / "outlast.yaml"
        description.write_text(_description(name, architecture))
        try:
            subprocess.run([*compose, "up", "-d", "--wait"], capture_output=True, check=True, env=_environment())
            yield name, description
        finally:
            subprocess.run([*compose, "down", "-v", "-t", "0"], capture_output=True, check=True, env=_environment())


def die(project: str, description: Path, names: list[str], dice: Random) -> Moment:
    """Let a harness work on the project until a random moment, kill it, and look what is left within 10 s."""
    wait_until_well(project)
    before = fingerprint(project)
    run_id = f"kill-{secrets.token_hex(4)}"
    place, after_ms = dice.choice(PLACES), dice.uniform(0, 60)
    if place == "anywhere":
        after_ms = dice.uniform(0, 4000)
    with tempfile.TemporaryDirectory() as folder:
        harness = subprocess.Popen(
            [sys.executable, str(OWNER), str(description), folder, run_id, str(dice.randrange(10**6)), *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=_environment() | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        fault = _until(harness, place, dice.randrange(3))
        time.sleep(after_ms / 1e3)
        os.kill(harness.pid, signal.SIGKILL)
        killed = time.monotonic()
        harness.communicate()
        left = _left(project, before, run_id)
        while (left or _guarded(Path(folder))) and time.monotonic() - killed < PATIENCE_S:
            time.sleep(0.1)
            left = _left(project, before, run_id)
        clean_s = time.monotonic() - killed
        time.sleep(0.5)  # nothing to wait for: it must stay so
        left += [f"later: {line}" for line in _left(project, before, run_id)]
        return Moment(fault, place, after_ms, clean_s, tuple(left))


def wait_until_well(project: str) -> None:
    """Until every node runs and is healthy: the next harness refuses a project that is not."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        states = docker("inspect", "--format", "{{.State.Status}}/{{.State.Health.Status}}", *containers(project))
        if set(states.split()) == {"running/healthy"}:
            return
        time.sleep(0.1)
    raise SystemExit(f"{project} did not become well again: {states}")


def _until(harness: subprocess.Popen[str], place: str, skip: int) -> str:
    """Read until the harness says that it is there, `skip` faults later; returns which fault was in hand."""
    fault = "-"
    assert harness.stdout is not None
    for line in harness.stdout:
        word, _, rest = line.strip().partition(" ")
        fault = rest if word == "recording" else fault
        if place == "anywhere" and word == "attached":
            return "any"
        if word == place:
            if not skip:
                return fault
            skip -= 1
    assert harness.stderr is not None
    raise SystemExit(f"the harness ended by itself: {harness.stderr.read()}")


def _guarded(folder: Path) -> bool:
    """Whether the guard still works: it settles the ledger when it is done."""
    return not read(folder / "ledger.ndjson").closed


def _left(project: str, before: dict[str, object], run_id: str) -> list[str]:
    try:
        return [*ours(run_id), *differences(before, fingerprint(project))]
    except subprocess.CalledProcessError:
        return ["a container went away while we looked"]


def _description(name: str, architecture: str) -> str:
    """Roles of the lab's nodes; their own x-outlast says the same."""
    stores = {"store": "store"} if architecture != "redis-sentinel" else {}
    roles = {"balancer": "balancer", "app-1": "replica", "app-2": "replica", "app-3": "replica", **stores}
    services = "".join(f"  {node}: {{role: {role}}}\n" for node, role in roles.items())
    files = ", ".join(str(file) for file in lab.files(architecture))
    return (
        f"name: shop\ncompose: [{files}]\ndoor: {{service: balancer, port: 8080}}\n"
        f"services:\n{services}driver: lab\nattach: {name}\n"
    )


def _environment() -> dict[str, str]:
    with contextlib.closing(connect()) as client:
        image = images.obtain(client, lab.folder(), os.environ, print)
    return {**os.environ, "OUTLAST_LAB_IMAGE": image}


def main() -> int:
    """Exit code 1 when anything was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--architecture", default="redis-aof")
    parser.add_argument("--faults", default=",".join(CAST))
    chosen = parser.parse_args()
    choose("auto")
    dice, kinds, dirty, slowest = Random(chosen.seed), Counter[str](), 0, 0.0
    with standing_project(chosen.architecture) as (project, description):
        for number in range(1, chosen.moments + 1):
            moment = die(project, description, chosen.faults.split(","), dice)
            kinds[f"{moment.fault} {moment.place}"] += 1
            dirty += bool(moment.left)
            slowest = max(slowest, moment.clean_s)
            print(
                f"{number}: {moment.fault}, {moment.after_ms:.0f} ms after {moment.place}: "
                f"clean after {moment.clean_s:.1f} s" + (f"; LEFT {moment.left}" if moment.left else ""),
                flush=True,
            )
    print(f"{chosen.moments} moments, seed {chosen.seed}: residue in {dirty}, slowest clean {slowest:.1f} s")
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items())))
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main())
