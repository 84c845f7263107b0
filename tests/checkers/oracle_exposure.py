"""Exposure, session by session and fault by fault: who lived on the victim, said again in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outlast.checkers import evidence as e
from outlast.history.history import FaultWindow
from outlast.history.operation import VIA_BALANCER, Operation

FLAGS = ("on_victim", "excluded", "alive_after", "alive_after_any", "outlasted", "alive")
WRITING = e.WRITE | e.WRITE_MAYBE | e.INCREMENT | e.INCREMENT_MAYBE
IN_TURN = ("deploy", "rolling_restart")


@dataclass(frozen=True)
class _State:
    """One session at one onset."""

    alive: bool
    doubtful: bool
    replica: str | None


def exposure_of(made: dict[str, list[Operation]], faults: Sequence[FaultWindow]) -> dict[str, set[str]]:
    """Sessions by name, faults -> the flags of each session."""
    answering = {o.replica for session in made.values() for o in session}
    asked = {o.via.removeprefix("replica:") for session in made.values() for o in session if o.via != VIA_BALANCER}
    hidden = not any(o.replica and o.via == VIA_BALANCER for session in made.values() for o in session)
    flags: dict[str, set[str]] = {}
    for name, session in made.items():
        told: set[str] = set()
        for fault in faults:
            victims = {node for node in fault.nodes if node in answering | asked}
            told |= _at(session, fault, set() if hidden else victims, faults)
        flags[name] = told - ({"excluded"} if "on_victim" in told else set())
    return flags


def writes_in_flight(made: dict[str, list[Operation]], faults: Sequence[FaultWindow]) -> int:
    """How many writes were sent before an onset and answered after it, over all faults."""
    return sum(
        o.invoked_ns <= fault.start_ns and o.returned_ns is not None and o.returned_ns >= _begins(fault)
        for fault in faults
        for session in made.values()
        for o in session
        if _roles(o) & WRITING
    )


def _begins(fault: FaultWindow) -> int:
    return fault.start_ns - round((fault.onset_error_ms or 0.0) * 1e6)


def _roles(o: Operation) -> int:
    return e.roles_of_case(o.op, o.outcome, o.seen, o.jar, o.via)


def _at(session: list[Operation], fault: FaultWindow, victims: set[str], faults: Sequence[FaultWindow]) -> set[str]:
    state = _state(session, fault)
    everyone = not victims or fault.name == "scale_out"
    exposed = state.alive and (everyone or state.replica in victims)
    told = {"alive"} if state.alive else set()
    if exposed and not state.doubtful:
        told.add("on_victim")
        nexts = [_begins(other) for other in faults if other.start_ns > fault.start_ns]
        if fault.end_ns is not None and nexts and _seen_alive(session, fault.end_ns, min(nexts)):
            told.add("outlasted")
    struck = fault.end_ns if fault.name in IN_TURN and fault.end_ns else fault.start_ns
    if _seen_alive(session, struck, None):
        told |= {"alive_after"} if exposed else set()
        told |= {"alive_after_any"} if state.alive else set()
    if state.doubtful and (exposed or state.replica is None or not state.alive):
        told.add("excluded")
    born = any(
        _roles(o) & e.LOGIN_OK and o.replica in victims and o.returned_ns is not None and o.returned_ns > fault.start_ns
        for o in session
    )
    if born and not state.alive:
        told.add("excluded")
    return told


def _state(session: list[Operation], fault: FaultWindow) -> _State:
    begun = [o for o in session if o.invoked_ns <= fault.start_ns]
    over = [o for o in begun if o.returned_ns is not None and o.returned_ns <= _begins(fault)]
    under_way = [o for o in begun if o.returned_ns is None or o.returned_ns >= _begins(fault)]
    born = any(_roles(o) & (e.LOGIN_OK | e.ALIVE) for o in over)
    ended = any(_roles(o) & (e.GONE | e.LOGOUT) for o in over)
    answers = [
        o for o in over if o.via == VIA_BALANCER and o.replica is not None and _roles(o) & (e.OK | e.ALIVE)
    ]  # fmt: skip
    answers.sort(key=lambda o: o.returned_ns or 0)
    return _State(
        alive=born and not ended,
        doubtful=any(_roles(o) & (e.LOGIN | e.LOGOUT) for o in under_way),
        replica=answers[-1].replica if answers else None,
    )


def _seen_alive(session: list[Operation], after_ns: int, before_ns: int | None) -> bool:
    return any(
        _roles(o) & e.ALIVE
        and o.invoked_ns > after_ns
        and o.returned_ns is not None
        and (before_ns is None or o.returned_ns < before_ns)
        for o in session
    )
