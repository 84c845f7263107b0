"""Assets that are missing, by how many replicas run the new build."""

from __future__ import annotations

from tests.checkers.operations import alive, op

from outlast.checkers.rollout import Stage, stages_of
from outlast.history.columns import Columns


def asset(at: tuple[int, int], status: int = 200, **told):
    return op("asset", at, outcome="ok" if status == 200 else "fail", status=status, path="/assets/a.js", **told)


def told(replica: str, build: str, at: int):
    """A replica's answer, that of a page."""
    return alive((at, at), replica=replica, build=build)


ROLLOUT = [
    told("app-1", "a", 1), told("app-2", "a", 1), told("app-3", "a", 1),
    asset((2, 3)),
    told("app-1", "b", 10), asset((12, 13), 404), asset((12, 14)),
    told("app-2", "b", 20), asset((22, 23), 404),
    told("app-3", "b", 30), asset((32, 33)),
]  # fmt: skip


def test_each_stage_of_a_rollout_has_its_own_count():
    """A replica counts from its first answer with the new build on."""
    assert stages_of(Columns.of(ROLLOUT)) == (
        Stage(upgraded=0, replicas=3, asked=1, missing=0),
        Stage(upgraded=1, replicas=3, asked=2, missing=1),
        Stage(upgraded=2, replicas=3, asked=1, missing=1),
        Stage(upgraded=3, replicas=3, asked=1, missing=0),
    )


def test_the_order_of_the_lines_does_not_matter():
    """Time does."""
    assert stages_of(Columns.of(ROLLOUT[::-1])) == stages_of(Columns.of(ROLLOUT))


def test_what_is_asked_at_the_instant_of_the_first_new_answer_counts_as_after_it():
    """Two that touch are concurrent; one side had to be chosen."""
    (stage,) = stages_of(Columns.of([told("app-1", "a", 1), told("app-1", "b", 5), asset((5, 6))]))

    assert 1 == stage.upgraded


def test_a_replica_that_is_new_from_its_first_answer_on_is_an_upgraded_one():
    """As the canary beside the others."""
    stages = stages_of(Columns.of([told("app-1", "a", 1), asset((2, 3)), told("app-2", "b", 4), asset((5, 6), 404)]))

    assert [(0, 2, 1, 0), (1, 2, 1, 1)] == [(s.upgraded, s.replicas, s.asked, s.missing) for s in stages]


def test_where_a_replica_goes_back_nothing_can_be_filed():
    """A rollback within the recording."""
    back = [told("app-1", "a", 1), told("app-1", "b", 2), told("app-1", "a", 3), asset((4, 5), 404)]

    assert () == stages_of(Columns.of(back))


def test_without_two_builds_or_without_assets_there_is_no_rollout():
    """Three builds are more than one rollout."""
    three = [told("app-1", "a", 1), told("app-2", "b", 2), told("app-3", "c", 3), asset((4, 5))]

    assert () == stages_of(Columns.of([told("app-1", "a", 1), asset((2, 3))]))
    assert () == stages_of(Columns.of([told("app-1", "a", 1), told("app-1", "b", 2)]))
    assert () == stages_of(Columns.of(three))
    assert () == stages_of(Columns.of([]))


def test_what_is_asked_of_a_replica_directly_is_left_out():
    """No page of a user asks there."""
    (stage,) = stages_of(Columns.of([*ROLLOUT[:4], told("app-1", "b", 10), asset((2, 3), 404, via="replica:app-1")]))

    assert (1, 0) == (stage.asked, stage.missing)


def test_one_change_back_to_the_old_build_cannot_be_filed_either():
    """Another replica had told which build is the new one."""
    back = [told("app-1", "a", 1), told("app-2", "b", 2), told("app-2", "a", 3), asset((4, 5), 404)]

    assert () == stages_of(Columns.of(back))


def test_an_answer_that_tells_only_half_says_nothing_of_a_rollout():
    """A build of nobody, and a replica without a build."""
    half = [alive((6, 6), build="c"), alive((7, 7), replica="app-9")]

    assert stages_of(Columns.of([*ROLLOUT, *half])) == stages_of(Columns.of(ROLLOUT))
