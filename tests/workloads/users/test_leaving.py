"""Who has logged out: what the audit asks with must be what was good before."""

from __future__ import annotations

import json
import time

import pytest
from tests.drivers.shops import PAGES, shop
from tests.workloads.driving import wait_for

from outlast.workloads.workload import Load, Mix

pytestmark = pytest.mark.local

LOAD = Load(sessions=6, users=3, rate=60, mix=Mix(read=50, write=0, increment=0, logout=50))


@pytest.mark.parametrize(("habit", "outlasts"), [("stateless", True), ("", False)])
def test_a_session_that_outlasts_its_logout_is_seen(start, tmp_path, habit, outlasts):
    """Also where the logout's answer puts an empty session's cookie in the place of the one that still works."""
    (tmp_path / "outlast.yaml").write_text(json.dumps({"recipe": PAGES}))
    with shop(*[habit] * bool(habit)) as at:
        process = start(at, LOAD, driver=f"recipe in {tmp_path / 'outlast.yaml'}")
        assert process.log_in().complete
        process.begin(time.monotonic_ns())
        wait_for(process, lambda status: status.operations > 60)
        process.stop()
        audit = process.audit({})

    assert audit.logged_out_asked > 3
    assert audit.logged_out_alive == (audit.logged_out_asked if outlasts else 0)
