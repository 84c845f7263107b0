"""The harness may be killed at any moment: what it harmed on a project that is not its own is as it was, soon after."""

from __future__ import annotations

from random import Random

import pytest
from tests.faults.cast import CAST
from tests.faults.sigkill_sweep import die, standing_project

MOMENTS, SEED = 20, 11


@pytest.mark.slow
@pytest.mark.compose
@pytest.mark.timeout(900)
def test_a_killed_harness_leaves_no_residue() -> None:
    """At seeded random moments, in every kind of fault; counted from outside, 10 s later at most."""
    dice = Random(SEED)
    with standing_project("redis-aof") as (project, description):
        moments = [die(project, description, list(CAST), dice) for _ in range(MOMENTS)]

    assert [] == [moment for moment in moments if moment.left]
