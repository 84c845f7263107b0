"""What plan and events tell the judge: phases, fault windows, reservations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.archive.test_plan import PLAN as DRY

from outlast.archive.event import Event, FaultHealed, FaultMissed, FaultStruck, PhaseBegan, RunAborted, StepTold
from outlast.archive.events import EventLog, read_events
from outlast.archive.run import header_of
from outlast.history.history import PhaseName

PLAN = replace(DRY, dry=False)


def struck(number: int, at_ns: int, fault: str = "kill", node: str = "app-1", moment: str = "") -> FaultStruck:
    return FaultStruck(
        at_ns=at_ns,
        fault=fault,
        nodes=(node,),
        proven=True,
        evidence=f"seen {at_ns}",
        scheduled_ns=at_ns,
        onset_ns=at_ns,
        onset_error_ms=0.0,
        number=number,
        moment=moment,
    )


def healed(number: int, at_ns: int, fault: str = "kill", node: str = "app-1") -> FaultHealed:
    return FaultHealed(at_ns=at_ns, fault=fault, nodes=(node,), healed=True, evidence="", end_ns=at_ns, number=number)


def windows(*events: Event) -> list[tuple[str, int, int | None]]:
    begun = PhaseBegan(at_ns=0, name=PhaseName.STEADY)
    return [(w.name, w.start_ns, w.end_ns) for w in header_of(PLAN, (begun, *events)).faults]


def test_each_strike_has_a_window_of_its_own() -> None:
    """The same fault on the same node twice: each ends with its own heal."""
    events = (struck(1, 10), healed(1, 20), struck(2, 30), healed(2, 40))

    assert [("kill", 10, 20), ("kill", 30, 40)] == windows(*events)


def test_windows_that_overlap_end_in_their_own_order() -> None:
    """The first struck is the last healed."""
    events = (struck(1, 10), struck(2, 12, "pause", "app-2"), healed(2, 18, "pause", "app-2"), healed(1, 20))

    assert [("kill", 10, 20), ("pause", 12, 18)] == windows(*events)


def test_the_same_fault_twice_at_once_is_told_apart_by_its_number() -> None:
    """Both on the same node: the inner one ends first."""
    events = (struck(1, 10), struck(2, 12), healed(2, 18), healed(1, 20))

    assert [("kill", 10, 20), ("kill", 12, 18)] == windows(*events)


def test_a_strike_without_a_heal_is_still_in_force() -> None:
    """The harness died: the heal before it is not its own."""
    assert [("kill", 10, 20), ("kill", 30, None)] == windows(struck(1, 10), healed(1, 20), struck(2, 30))


def test_events_of_an_older_version_have_no_numbers() -> None:
    """They are paired in their order."""
    events = (struck(0, 10), healed(0, 20), struck(0, 30), healed(0, 40))

    assert [("kill", 10, 20), ("kill", 30, 40)] == windows(*events)


def test_the_moment_that_was_waited_for_is_part_of_the_proof() -> None:
    """What was seen before the harm, and what was seen of it."""
    (window,) = header_of(PLAN, (PhaseBegan(at_ns=0, name=PhaseName.STEADY), struck(1, 10, moment="9 sessions"))).faults

    assert "9 sessions; seen 10" == window.proof


def test_what_was_not_done_is_a_reservation() -> None:
    """A fault whose event never came, an abort with what it left out; they survive the disk."""
    missed = FaultMissed(at_ns=5, fault="kill", nodes=(), why="200 sessions did not come", number=1)
    other = FaultMissed(at_ns=9, fault="pause", nodes=("app-1",), why="the run was aborted before", number=2)
    events = (PhaseBegan(at_ns=0, name=PhaseName.STEADY), missed, RunAborted(at_ns=8, why="too much"), other)

    assert (
        "kill: it was not done, 200 sessions did not come",
        "the run was aborted: too much",
        "pause of app-1: it was not done, the run was aborted before",
    ) == header_of(PLAN, events).reservations


def test_a_dry_run_has_one_reservation(tmp_path: Path) -> None:
    """However many faults it spared."""
    missed = FaultMissed(at_ns=5, fault="kill", nodes=("app-1",), why="this is a dry run", number=1)
    with EventLog(tmp_path / "events.ndjson") as log:
        for event in (PhaseBegan(at_ns=0, name=PhaseName.STEADY), missed, missed, StepTold(at_ns=9, text="")):
            log.write(event)
    header = header_of(DRY, read_events(tmp_path / "events.ndjson"))

    assert ("dry run: no fault was injected",) == header.reservations
    assert () == header.faults
