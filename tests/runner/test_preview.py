"""What stands in the way of an experiment is told with its plan, and refused before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.archive.invocation import new_invocation
from outlast.clock import MonotonicClock
from outlast.errors import UsageError
from outlast.faults.aim import named, one
from outlast.faults.kill import Kill
from outlast.faults.recreate import Recreate
from outlast.runner.conductor import Conductor
from outlast.runner.course import Course, at, courses_of, during_slow_request, overlapping, randomly, sequence
from outlast.runner.experiment import Experiment
from outlast.runner.preview import preview
from outlast.stacks.engine import open_stack
from outlast.stacks.own import OwnStack
from outlast.stacks.own_rules import Rules
from outlast.workloads.workload import Load

RECREATE, KILL = Recreate(named("app-1")), Kill(one("replica"))
COURSES = [
    at(RECREATE),
    sequence(KILL, RECREATE),
    overlapping(RECREATE, KILL),
    randomly(1, of=[KILL, KILL, RECREATE]),
    during_slow_request(RECREATE),
]


def experiment(course: Course, *allow: str, own: bool = True) -> Experiment:
    stack = OwnStack(
        name="shop", files=(), driver="lab", allow=allow, attach=None, roles={}, rules=Rules({}, {}, {}, ())
    )
    return Experiment(
        name="mine",
        hypothesis="Whatever.",
        architecture="sticky-memory",
        courses=courses_of([course]),
        load=Load(),
        seed=7,
        own=stack if own else None,
    )


@pytest.mark.parametrize("course", COURSES)
def test_what_cannot_be_undone_needs_consent_wherever_it_stands(course: Course, tmp_path: Path) -> None:
    """In any course, drawn by the seed or not: refused before anything is started, by name."""
    conductor = Conductor(new_invocation(tmp_path, "mine", 7), "compose", "as you chose", MonotonicClock())

    with pytest.raises(UsageError, match=r"recreate cannot be undone; .* shop, write `allow: \[recreate\]`"):
        conductor.conduct(experiment(course))
    assert not list(tmp_path.glob("*/*/ledger.ndjson"))


@pytest.mark.parametrize("course", COURSES[:3])
def test_the_plan_tells_what_would_be_refused(course: Course, tmp_path: Path) -> None:
    """With what to write; with consent, and in the lab, nothing is said."""
    stack = open_stack("local", "sticky-memory", "plan", tmp_path)
    told = [
        preview(asked, stack, "")
        for asked in (experiment(course), experiment(course, "recreate"), experiment(course, own=False))
    ]

    assert [True, False, False] == [
        "REFUSED until the outlast.yaml of shop says `allow: [recreate]`" in t for t in told
    ]


def test_the_plan_tells_what_the_engine_cannot_do(tmp_path: Path) -> None:
    """The run would be skipped with this reason."""

    class Partition(Kill):
        needs = ("network",)

    stack = open_stack("local", "sticky-memory", "plan", tmp_path)
    told = preview(experiment(at(Partition(one("replica"))), own=False), stack, "")

    assert "SKIPPED: The local engine has no power to network" in told
