"""Try how outlast.yaml speaks to the app: one user by hand, every request shown, and the first thing that is wrong."""

from __future__ import annotations

import argparse
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from outlast.cli.say import complain, say
from outlast.drivers.catalogue import driver_named
from outlast.drivers.front import Front
from outlast.errors import UsageError
from outlast.faults.guard import guarded
from outlast.runner.entry import Door
from outlast.runner.interrupts import deferred_interrupts
from outlast.runner.probe import probe
from outlast.stacks.engine import open_own
from outlast.stacks.own import OwnStack, read_own

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class _At:
    host: str
    port: int


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stack", default=Path("outlast.yaml"), type=Path, help="default: outlast.yaml")
    parser.add_argument("--at", metavar="HOST:PORT", help="the app runs there already; else its stack is started")
    parser.add_argument("--allow-target", action="append", default=[], metavar="HOST", help="ask this host too")


def act(chosen: argparse.Namespace) -> int:
    own = read_own(chosen.stack)
    driver, front = driver_named(own.driver), Front(**own.front)
    front.context()  # raises for a file that holds no certificates, before anything is started
    with _door(own, chosen) as door:
        wrong = probe(driver, door, say, front)
    if wrong:
        complain(wrong)
        return 1
    lacking = [verb for verb in ("write", "increment", "logout") if verb not in {kind.value for kind in driver.can}]
    say("All is well." + (f" Not offered, and so not judged: {', '.join(lacking)}." if lacking else ""))
    return 0


@contextmanager
def _door(own: OwnStack, chosen: argparse.Namespace) -> Iterator[Door]:
    if chosen.at:
        yield _address(chosen.at, (*LOOPBACK, *chosen.allow_target))
        return
    with tempfile.TemporaryDirectory(prefix="outlast-probe-") as name:
        folder, run_id = Path(name), secrets.token_hex(4)
        stack = open_own("compose", own, run_id, folder, say)
        with guarded(folder / "ledger.ndjson", run_id, "compose"):
            try:
                say("starting the stack" if own.attach is None else f"looking at the project {own.attach}")
                stack.start()
                yield stack.door()
            finally:
                with deferred_interrupts():
                    stack.remove()


def _address(text: str, allowed: tuple[str, ...]) -> _At:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--at must be HOST:PORT; it is {text!r}.")
    if host not in allowed:
        raise UsageError(f"{host} is not this machine: say --allow-target {host} if it is yours to ask.")
    return _At(host, int(port))
