"""Courses, moments, aims, abort and dry run for real, on the local engine: what the command says, what is on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Outlast

from outlast.archive.run import RunFolder
from outlast.checkers.exposure import harm_begins_ns
from outlast.history.columns import ABSENT, SEEN
from outlast.history.history import FaultWindow, History, PhaseName
from outlast.history.operation import Seen

pytestmark = pytest.mark.local

EXPERIMENTS = '''
"""Experiments of a test."""

from outlast import *
from outlast import Load as _Load


def Load(**told):
    return _Load(**{"sessions": 40, "users": 20, "rate": 100, "seconds": 8, **told})


@promises({"sticky-memory": loses_exactly_the_victims()})
def test_sequence(conduct):
    """Two replicas are killed one after the other; each loses its own sessions."""
    two = sequence(Kill(named("app-1")), Kill(named("app-2")))
    conduct(faults=[two], load=Load()).must_keep_its_promise()


@promises({"sticky-memory": loses_exactly_the_victims()})
def test_overlapping(conduct):
    """One replica is dead while another is frozen."""
    both = overlapping(Kill(one("replica")), Pause(one("replica")))
    conduct(faults=[both], load=Load(), gates={"failed-request": None})


def test_randomly(conduct):
    """Three, as the seed will have it."""
    conduct(faults=[randomly(3, of=[Kill(one("replica")), Pause(one("replica"))])], load=Load())


def test_moment(conduct):
    """The busiest is killed as soon as five sessions live on it."""
    conduct(faults=[when(sessions_on_victim(5), Kill(busiest("replica")), lasting_s=1)], load=Load(seconds=6))


def test_never(conduct):
    """More sessions than there are do not come."""
    conduct(faults=[when(sessions_on_victim(500), Kill(busiest("replica")), patience_s=0.5)], load=Load(seconds=3))


def test_holder(conduct):
    """Whoever holds s7."""
    conduct(faults=[at(Kill(holder_of("s7")), share=0.4, lasting_s=1)], load=Load(mix=Mix(logout=0), seconds=6))


def test_slow(conduct):
    """A replica dies while it is at work on a slow write."""
    slow = Load(mix=Mix(logout=0, slow=5), seconds=6)
    conduct(faults=[during_slow_request(Kill(busiest("replica")), lasting_s=1)], load=slow)


def test_abort(conduct):
    """All replicas die; that is more than was allowed."""
    course = sequence(Kill(every("replica")), Pause(one("replica")))
    conduct(faults=[course], load=Load(seconds=60), abort=Abort(failed_share=0.3))


def test_calm_abort(conduct):
    """A limit that is passed with nothing lost: all are frozen for a while."""
    gates = {"failed-request": None, "stuck-user": None}
    frozen = at(Pause(every("replica")), share=0.4, lasting_s=30)
    conduct(faults=[frozen], load=Load(seconds=10, timeout_s=1), abort=Abort(failed_share=0.1), gates=gates)
'''


@pytest.fixture
def conducted(outlast: Outlast, tmp_path: Path) -> Any:
    def conduct(name: str, *options: str, architecture: str = "sticky-memory") -> Conducted:
        (tmp_path / "test_courses.py").write_text(EXPERIMENTS)
        done = outlast(
            "run", f"test_courses.py::test_{name}", "--engine", "local", "--architecture", architecture, "--seed", "7",
            *options,
        )  # fmt: skip
        return Conducted(done.returncode, done.stdout + done.stderr, tmp_path)

    return conduct


class Conducted:
    """What a run left: its exit code, its words, its folder."""

    def __init__(self, code: int, said: str, folder: Path) -> None:
        self.code = code
        self.said = said
        runs = sorted((folder / "reports" / "latest").resolve().glob("*/verdict.json"))
        assert 1 == len(runs), said
        self.run = RunFolder(runs[0].parent)
        self.verdict: dict[str, Any] = json.loads(runs[0].read_text())
        self.history: History = self.run.history()
        self.faults: tuple[FaultWindow, ...] = self.history.header.faults

    def answered(self, replica: str, fault: FaultWindow) -> int:
        """Answers of a replica to what was sent during a fault: told by the users, not by us."""
        columns = self.history.columns
        assert fault.end_ns is not None
        during = (columns.invoked_ns > fault.start_ns) & (columns.returned_ns < fault.end_ns)
        named = [name for name in columns.nodes if name == replica]
        number = list(columns.nodes).index(replica) if named else ABSENT
        return int((during & (columns.replica == number)).sum())


def test_a_sequence(conducted: Any) -> None:
    """app-1 is dead, then app-2; each is healed before the next, and each loses the sessions that were its own."""
    done = conducted("sequence")
    first, second = done.faults

    assert 0 == done.code, done.said
    assert (("app-1",), ("app-2",)) == (first.nodes, second.nodes)
    assert first.start_ns < first.end_ns < second.start_ns < second.end_ns
    assert all(fault.proven and fault.healed for fault in done.faults)
    assert (0, 0) == (done.answered("app-1", first), done.answered("app-2", second))
    assert done.answered("app-2", first) > 0
    assert done.answered("app-1", second) > 0
    assert 2 == done.verdict["exposure"]["faults"]
    columns = done.history.columns
    gone = columns.seen == SEEN.index(Seen.ANONYMOUS)
    lost = len(set(columns.session[gone & (columns.via == 0) & (columns.jar == 0)].tolist()))
    assert 0 < lost <= done.verdict["exposure"]["sessions_on_victim"]
    between = [phase for phase in done.history.header.phases if first.start_ns < phase.start_ns < second.start_ns]
    assert PhaseName.LOAD in [phase.name for phase in between]


@pytest.mark.slow
def test_overlapping(conducted: Any) -> None:
    """Two different replicas at once; the second is healed before the first."""
    dead, frozen = conducted("overlapping").faults

    assert dead.nodes != frozen.nodes
    assert dead.start_ns < frozen.start_ns < frozen.end_ns < dead.end_ns
    assert all(fault.proven and fault.healed for fault in (dead, frozen))


@pytest.mark.slow
def test_random_faults_by_the_seed(conducted: Any) -> None:
    """The plan on disk is what was done, and the same seed plans the same."""
    first, again = conducted("randomly"), conducted("randomly", "--dry-run")
    plans = [[(f.name, f.nodes, f.at_s, f.for_s) for f in done.run.plan().faults] for done in (first, again)]

    assert 3 == len(plans[0])
    assert plans[0] == plans[1]
    assert [(name, nodes) for name, nodes, _, _ in plans[0]] == [(f.name, f.nodes) for f in first.faults]
    assert all(fault.proven and fault.healed for fault in first.faults)


@pytest.mark.slow
def test_a_moment_and_the_busiest(conducted: Any) -> None:
    """The victim was found when it was struck: it is in the plan and the history, with what was seen."""
    done = conducted("moment")
    (fault,) = done.faults
    (planned,) = done.run.plan().faults

    assert fault.nodes == planned.nodes
    assert "the replica with the most living sessions" == planned.aim
    assert "5 sessions live on the victim" == planned.moment
    assert "sessions live on the victim; " in fault.proof
    assert int(fault.proof.split()[0]) >= 5
    assert 5 <= done.verdict["exposure"]["sessions_on_victim"]
    assert 0 == done.answered(fault.nodes[0], fault)


def test_a_moment_that_never_comes_is_inconclusive(conducted: Any) -> None:
    """Nobody was struck, and that is the reason; exit code 3."""
    done = conducted("never")

    assert 3 == done.code, done.said
    assert "inconclusive" == done.verdict["verdict"]
    assert (
        ["kill: it was not done, 500 sessions live on the victim did not come about (waited 0.5 s)"]
        == done.verdict["reasons"]
    )  # fmt: skip
    assert () == done.faults


@pytest.mark.slow
def test_the_holder_of_a_session(conducted: Any) -> None:
    """Session s7 lived where the fault struck: it is lost, and never alive again."""
    done = conducted("holder")
    (fault,) = done.faults
    of_s7 = [o for o in done.history.columns if o.session == "s7" and o.via == "balancer"]
    before = [o for o in of_s7 if o.returned_ns is not None and o.returned_ns < fault.start_ns]

    assert (before[-1].replica,) == fault.nodes
    assert Seen.ANONYMOUS is of_s7[-1].seen


@pytest.mark.slow
def test_in_the_middle_of_a_slow_request(conducted: Any) -> None:
    """The write that was under way lost its answer with the replica."""
    done = conducted("slow")
    (fault,) = done.faults
    session = fault.proof.split("session ")[1].split()[0]
    begins_ns = harm_begins_ns(fault)  # the answer is lost a little before the replica is seen gone
    (cut,) = [
        o
        for o in done.history.columns
        if o.session == session and o.invoked_ns < begins_ns and (o.returned_ns or 2**62) > begins_ns
    ]

    assert "write" == cut.op
    assert "unknown" == cut.outcome
    assert 1 <= done.verdict["exposure"]["writes_in_flight"]


def test_an_abort_heals_at_once_and_is_judged(conducted: Any) -> None:
    """Long before the fault was to end; what was lost is found, and the reasons say that it was aborted."""
    done = conducted("abort")
    (fault,) = done.faults
    planned, left_out = done.run.plan().faults

    assert 1 == done.code, done.said
    assert "fail" == done.verdict["verdict"]
    assert fault.healed
    assert (fault.end_ns - fault.start_ns) / 1e9 < planned.for_s
    assert any("the run was aborted: " in reason and "of 30% allowed" in reason for reason in done.verdict["reasons"])
    assert f"pause of {left_out.nodes[0]}: it was not done, the run was aborted before" in done.verdict["reasons"]


@pytest.mark.slow
def test_an_aborted_run_is_no_pass(conducted: Any) -> None:
    """Nothing was lost and no gate broken: inconclusive all the same."""
    done = conducted("calm_abort", architecture="redis-aof")

    assert 3 == done.code, done.said
    assert "inconclusive" == done.verdict["verdict"]
    assert all(gate["ok"] for gate in done.verdict["gates"])
    assert done.verdict["reasons"][0].startswith("the run was aborted: ")


def test_a_dry_run_harms_nobody(conducted: Any) -> None:
    """Stack, load and phases are there; every replica answers on, no node is started anew, exit code 3."""
    done = conducted("moment", "--dry-run")

    assert 3 == done.code, done.said
    assert ("inconclusive", ["dry run: no fault was injected"]) == (done.verdict["verdict"], done.verdict["reasons"])
    assert () == done.faults
    assert done.run.plan().dry
    assert "--dry-run" in done.run.plan().command
    phases = [phase.name.value for phase in done.history.header.phases]
    assert ["steady", "load", "fault", "heal", "settle", "audit"] == phases
    boots = {(o.replica, o.boot) for o in done.history.columns if o.replica}
    assert 3 == len(boots), "a boot of a replica more would be a start more"
    assert 0 == done.verdict["counts"]["failed_requests"]
