"""Processes as Linux shows them in /proc: start, state, group and environment, seen by anyone of the same user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a process. `ticks` is its start, in clock ticks since boot; pid and ticks name it for good."""

    pid: int
    state: str
    group: int
    ticks: int

    @property
    def gone(self) -> bool:
        """A zombie has ended; only its parent has not asked yet."""
        return self.state in "ZX"


def look(pid: int) -> Look | None:
    """The process with that pid, or None when there is none. About 20 microseconds."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The program's name stands in parentheses and may hold spaces and parentheses itself.
    fields = text[text.rindex(")") + 2 :].split()
    return Look(pid=pid, state=fields[0], group=int(fields[2]), ticks=int(fields[19]))


def everyone() -> Iterator[int]:
    """The pids of all processes we can see; none where there is no /proc."""
    if PROC.is_dir():
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())


def members(group: int) -> tuple[Look, ...]:
    """The living processes of a process group. Reads all of /proc: some milliseconds."""
    looks = (look(pid) for pid in everyone())
    return tuple(one for one in looks if one is not None and one.group == group and not one.gone)


def frozen(one: Look) -> bool:
    """Whether every thread of a process is stopped."""
    try:
        threads = [int(entry.name) for entry in (PROC / str(one.pid) / "task").iterdir()]
    except OSError:
        return False
    states = [_thread_state(one.pid, thread) for thread in threads]
    return bool(states) and all(state in "Tt" for state in states)


def environment(pid: int) -> dict[str, str]:
    """The environment a process was started with; empty when it is gone or not ours to read."""
    try:
        raw = (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    pairs = (entry.partition(b"=") for entry in raw.split(b"\0") if entry)
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, _, value in pairs}


def marked(variable: str) -> tuple[tuple[Look, dict[str, str]], ...]:
    """All living processes whose environment has that variable, each with its environment. Some milliseconds."""
    found = []
    for pid in everyone():
        known = environment(pid)
        if variable in known and (one := look(pid)) is not None and not one.gone:
            found.append((one, known))
    return tuple(found)


def boot_id() -> str:
    """A name for this boot of this kernel; empty where the system has none."""
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def pid_namespace() -> str:
    """A name for the set of pids that we see: a pid of another namespace says nothing here."""
    try:
        return str((PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def _thread_state(pid: int, thread: int) -> str:
    try:
        text = (PROC / str(pid) / "task" / str(thread) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "X"
    return text[text.rindex(")") + 2]
