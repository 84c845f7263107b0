"""A schedule carried out by a clock of the test's own: each strike and heal in its time, on one who can be struck."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from tests.faults.scenes import NODES, REPLICAS

from outlast.archive.event import FaultHealed, FaultMissed, FaultStruck, PhaseBegan, RunAborted
from outlast.archive.events import EventLog, read_events
from outlast.errors import HealError, StackError
from outlast.faults.aim import Named, named
from outlast.faults.aim_late import busiest, holder_of
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.ledger import Ledger
from outlast.faults.moment import sessions_on_victim
from outlast.runner.abort import Abort, Recent
from outlast.runner.course import Course, at, overlapping, sequence, when
from outlast.runner.execution import Execution, Terms
from outlast.runner.nemesis import DryNemesis, Nemesis
from outlast.runner.schedule import Strike, schedule_of
from outlast.runner.watch import LoadWatch
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status
from outlast.workloads.status import Glance, LoadStatus
from outlast.workloads.workload import Load

S = 10**9
LOAD = Load(seconds=60)


@dataclass
class World:
    """A clock that only waiting moves, and what there is to see at each instant."""

    now_s: float = 0.0
    alive_on: Callable[[float], dict[str, int]] = lambda now_s: {}
    recent: Callable[[float], Recent] = lambda now_s: Recent()
    engine = "paper"
    run_id = "x"

    def now_ns(self) -> int:
        return round(self.now_s * S)

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def nodes(self) -> tuple[Node, ...]:
        return NODES

    def state(self, node: Node) -> NodeState:
        return NodeState(status=Status.RUNNING, identity=node.name)

    def crowd(self, sessions: Collection[str]) -> Glance:
        self.now_s += 0.005
        return Glance(status=LoadStatus(), alive_on=self.alive_on(self.now_s))


@dataclass
class Watch:
    """The load's, of which an execution uses two verbs."""

    world: World

    def pause(self, seconds: float) -> None:
        assert 0 <= seconds <= 0.1
        self.world.sleep(max(seconds, 0.001))

    def recent(self) -> Recent:
        return self.world.recent(self.world.now_s)


@dataclass(frozen=True)
class Harm:
    """A fault whose strike and heal take time."""

    world: World = field(compare=False)
    aim: Aim
    takes_s: float = 0.0
    heals: bool = True
    instant: bool = False
    name: str = "harm"
    needs: tuple[Power, ...] = ()
    irreversible: bool = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="start")

    def strike(self, stack: Stack, node: Node) -> Proof:
        if self.takes_s < 0:
            raise StackError("the engine refused")
        seen_ns = self.world.now_ns()
        self.world.sleep(self.takes_s)
        return Proof(True, "gone", seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        self.world.sleep(self.takes_s)
        return Proof(self.heals, "back", self.world.now_ns())


@dataclass
class Stage:
    folder: Path
    world: World = field(default_factory=World)
    found: list[Strike] = field(default_factory=list)
    ledger: Ledger | None = None

    def harm(self, *names: str, aim: Aim | None = None, **told: object) -> Harm:
        return Harm(self.world, aim or Named(names), **told)  # type: ignore[arg-type]  # a test's own table

    def play(self, *courses: Course, abort: Abort | None = None, dry: bool = False) -> list[tuple[object, ...]]:
        """Carry it out -> what happened, with seconds rounded to tenths."""
        self.ledger = Ledger(self.folder / "ledger.ndjson", "x", "paper")
        stack = cast(Stack, self.world)
        with EventLog(self.folder / "events.ndjson") as log:
            nemesis = (DryNemesis if dry else Nemesis)(stack, self.ledger, log, self.world)
            terms = Terms(
                stack=stack,
                nemesis=nemesis,
                log=log,
                clock=self.world,
                crowd=self.world.crowd,
                tell=self.found.append,
                seed=7,
                slow_s=1.0,
                abort=abort,
            )
            schedule = schedule_of(courses, LOAD, NODES, 7)
            execution = Execution(terms, schedule, 0, cast(LoadWatch, Watch(self.world)))
            try:
                execution.carry_out()
            finally:
                nemesis.heal()
        return self.told()

    def told(self) -> list[tuple[object, ...]]:
        happened: list[tuple[object, ...]] = []
        for event in read_events(self.folder / "events.ndjson"):
            when_s = round(event.at_ns / S, 1)
            if isinstance(event, FaultStruck):
                happened.append(("struck", *event.nodes, round(event.onset_ns / S, 1)))
            elif isinstance(event, FaultHealed):
                happened.append(("healed", *event.nodes, when_s))
            elif isinstance(event, FaultMissed):
                happened.append(("missed", *event.nodes, event.why))
            elif isinstance(event, RunAborted):
                happened.append(("aborted", when_s))
        return happened

    def phases(self) -> list[tuple[str, float]]:
        events = read_events(self.folder / "events.ndjson")
        return [(e.name.value, round(e.at_ns / S, 1)) for e in events if isinstance(e, PhaseBegan)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    if stage.ledger is not None:
        stage.ledger.close(settled=False)


def test_one_fault_is_struck_and_healed_in_time(stage: Stage) -> None:
    """The phases follow it."""
    assert [("struck", "app-1", 24.0), ("healed", "app-1", 26.0)] == stage.play(
        at(stage.harm("app-1"), share=0.4, lasting_s=2)
    )
    assert [("load", 0.0), ("fault", 24.0), ("heal", 26.0)] == stage.phases()


def test_a_sequence_heals_each_before_the_next(stage: Stage) -> None:
    """In between nothing is harmed, and the phase says so."""
    done = stage.play(sequence(stage.harm("app-1"), stage.harm("app-2")))

    assert [
        ("struck", "app-1", 24.0), ("healed", "app-1", 34.0), ("struck", "app-2", 39.0), ("healed", "app-2", 49.0),
    ] == done  # fmt: skip
    assert ["load", "fault", "load", "fault", "heal"] == [name for name, _ in stage.phases()]


def test_a_heal_that_is_late_delays_the_next_and_shortens_nothing(stage: Stage) -> None:
    """Each takes nine seconds to strike and nine to heal: the second begins when the first is over, and lasts."""
    done = stage.play(sequence(stage.harm("app-1", takes_s=9.0), stage.harm("app-2", takes_s=9.0)))

    assert [
        ("struck", "app-1", 24.0), ("healed", "app-1", 43.0), ("struck", "app-2", 43.0), ("healed", "app-2", 62.0),
    ] == done  # fmt: skip


def test_a_fault_that_lasts_longer_than_its_turn_holds_up_the_next(stage: Stage) -> None:
    """They never meet in a sequence, whatever the user asks for."""
    done = stage.play(sequence(stage.harm("app-1"), stage.harm("app-2"), lasting_s=20))

    assert [
        ("struck", "app-1", 24.0), ("healed", "app-1", 44.0), ("struck", "app-2", 44.0), ("healed", "app-2", 64.0),
    ] == done  # fmt: skip


def test_overlapping_faults_are_in_force_together_and_healed_in_reverse(stage: Stage) -> None:
    """Both end at three quarters, the latest first."""
    done = stage.play(overlapping(stage.harm("app-1"), stage.harm("app-2")))

    assert [
        ("struck", "app-1", 30.0), ("struck", "app-2", 33.8), ("healed", "app-2", 45.0), ("healed", "app-1", 45.0),
    ] == done  # fmt: skip
    assert [("load", 0.0), ("fault", 30.0), ("heal", 45.0)] == stage.phases()


def test_an_instant_fault_is_proven_over_at_once(stage: Stage) -> None:
    """However long its window is."""
    assert [("struck", "app-1", 30.0), ("healed", "app-1", 30.0)] == stage.play(at(stage.harm("app-1", instant=True)))


def test_a_moment_is_struck_at_when_it_comes(stage: Stage) -> None:
    """On the victim, whose sessions grow by one each second; the onset counts from when it was seen."""
    stage.world.alive_on = lambda now_s: {"app-1": 90, "app-2": int(now_s)}
    done = stage.play(when(sessions_on_victim(25), stage.harm("app-2"), lasting_s=3))

    assert [("struck", "app-2", 25.0), ("healed", "app-2", 28.0)] == done
    struck = next(e for e in read_events(stage.folder / "events.ndjson") if isinstance(e, FaultStruck))
    assert "25 sessions live on the victim" == struck.moment
    assert (struck.onset_error_ms or 0) < 10


def test_a_moment_that_never_comes_strikes_nobody(stage: Stage) -> None:
    """And the reason is told, with how long it was waited for."""
    done = stage.play(when(sessions_on_victim(25), stage.harm("app-2"), patience_s=4))

    assert [("missed", "app-2", "25 sessions live on the victim did not come about (waited 4 s)")] == done
    assert 24 <= stage.world.now_s < 24.2
    assert ["load"] == [name for name, _ in stage.phases()]


def test_a_moment_may_come_while_another_fault_is_in_force(stage: Stage) -> None:
    """Its victim is not the one that is struck already."""
    stage.world.alive_on = lambda now_s: {"app-1": 40, "app-2": int(now_s)}
    done = stage.play(
        at(stage.harm("app-1")), when(sessions_on_victim(35), stage.harm(aim=busiest("replica")), lasting_s=20)
    )

    assert ("struck", "app-1", 20.0) == done[0], "at once: 40 live on the busiest"
    assert [("struck", "app-1", 30.0), ("healed", "app-1", 40.0)] == done[1:3]


def test_the_busiest_is_found_at_the_strike_and_told(stage: Stage) -> None:
    """At 24 s it was another than at 39 s."""
    stage.world.alive_on = lambda now_s: {"app-1": 30, "app-2": int(now_s)}
    aims = [stage.harm(aim=busiest("replica")) for _ in range(2)]
    done = stage.play(sequence(*aims))

    assert ["app-1", "app-2"] == [what[1] for what in done if what[0] == "struck"]
    assert [(1, (REPLICAS[0],)), (2, (REPLICAS[1],))] == [(strike.number, strike.nodes) for strike in stage.found]


def test_the_busiest_is_another_while_one_is_struck(stage: Stage) -> None:
    """Who is down keeps the sessions that nobody has asked since; it is not struck twice."""
    stage.world.alive_on = lambda now_s: {"app-1": 30, "app-2": 20}
    done = stage.play(overlapping(*[stage.harm(aim=busiest("replica")) for _ in range(2)]))

    assert ["app-1", "app-2"] == [what[1] for what in done if what[0] == "struck"]


def test_a_late_aim_that_finds_nobody_strikes_nobody(stage: Stage) -> None:
    """Never somebody else in its place."""
    (missed,) = stage.play(at(stage.harm(aim=holder_of("s17"))))

    assert "missed" == missed[0]
    assert "No replica holds session s17" in str(missed[1])


def test_an_abort_heals_at_once_and_leaves_out_the_rest(stage: Stage) -> None:
    """Eleven sessions are gone 27 s after the start; what was to come is told as not done."""
    stage.world.recent = lambda now_s: Recent(100, 0, 11 if now_s >= 27 else 0)
    done = stage.play(sequence(stage.harm("app-1"), stage.harm("app-2")), abort=Abort(lost_sessions=10))

    assert [
        ("struck", "app-1", 24.0), ("aborted", 27.0), ("missed", "app-2", "the run was aborted before"),
        ("healed", "app-1", 27.0),
    ] == done  # fmt: skip
    assert [("load", 0.0), ("fault", 24.0), ("heal", 27.0)] == stage.phases()


def test_a_dry_run_does_everything_but_the_harm(stage: Stage) -> None:
    """The phases are there and nothing is struck, healed or written into the undo log."""
    done = stage.play(sequence(stage.harm("app-1"), stage.harm("app-2")), dry=True)

    assert [("missed", name, "this is a dry run") for name in ("app-1", "app-2")] == done
    assert ["load", "fault", "load", "fault", "heal"] == [name for name, _ in stage.phases()]
    assert stage.ledger is not None
    assert 0 == stage.ledger.harms_open
    assert 1 == len((stage.folder / "ledger.ndjson").read_text().splitlines())


def test_a_strike_that_raises_takes_all_harms_back(stage: Stage) -> None:
    """Also the one that was in force before it."""
    with pytest.raises(StackError, match="refused"):
        stage.play(overlapping(stage.harm("app-1"), stage.harm("app-2", takes_s=-1.0)))

    assert ["healed", "healed"] == [what[0] for what in stage.told()[1:]]


def test_a_heal_that_is_not_proven_ends_it_after_all_were_tried(stage: Stage) -> None:
    """The next of the sequence is not struck; the error names what is left."""
    with pytest.raises(HealError, match="harm on app-1"):
        stage.play(sequence(stage.harm("app-1", heals=False), Harm(stage.world, named("app-2"))))

    assert ["struck", "healed"] == [what[0] for what in stage.told()]
