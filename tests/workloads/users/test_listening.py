"""Streams of the lab's real app, heard by the real load: to their end, cut with their replica, and taken up again."""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import pairwise

import pytest
from tests.workloads.driving import journal, wait_for
from tests.workloads.servers import LabApp

from outlast.history.operation import Kind, Operation, Outcome, Seen
from outlast.workloads.workload import Load, Mix

pytestmark = pytest.mark.local

LENGTH = 30
LOAD = Load(
    sessions=10, users=5, rate=40, seconds=10, timeout_s=2, mix=Mix(read=1, write=0, increment=0, logout=0, stream=1)
)


def streams_in(tmp_path) -> dict[tuple[str, str], list[Operation]]:
    """The segments of each stream, in their order; those that were never answered are left out."""
    found = defaultdict(list)
    for operation in journal(tmp_path):
        if operation.op is Kind.STREAM and operation.path is not None:
            found[operation.session, operation.path].append(operation)
    return found


def run_until(process, enough) -> None:
    process.log_in()
    process.begin(time.monotonic_ns())
    wait_for(process, enough)


def test_a_stream_is_heard_to_its_end_segment_by_segment(start, lab_app, tmp_path):
    """Each segment goes on where the last one ended; only the first tells that the session lives."""
    process = start(lab_app.address, LOAD)
    run_until(process, lambda status: status.operations > 150)
    stopped = process.stop()
    process.close()
    streams = streams_in(tmp_path)

    assert 0 == stopped.unfinished
    assert len(streams) > 10
    for segments in streams.values():
        assert [Seen.ALIVE] + [None] * (len(segments) - 1) == [one.seen for one in segments]
        assert (0, 1, LENGTH) == (segments[0].from_offset, segments[0].to_offset, segments[-1].to_offset)
        assert all(
            one.to_offset == two.from_offset and one.returned_ns <= two.invoked_ns for one, two in pairwise(segments)
        )
        assert {(Outcome.OK, False, "app-1", 200)} == {(o.outcome, o.cut, o.replica, o.status) for o in segments}
        assert 1 == len({one.client for one in segments})
        assert len(segments) >= 3


def test_a_killed_replica_cuts_its_streams_and_they_find_no_session_in_a_new_memory(start, lab_app, tmp_path):
    """Each is cut once, tried again, and refused by name: that is what tells a loss from an outage."""
    process = start(lab_app.address, LOAD)
    run_until(process, lambda status: status.operations > 100)
    lab_app.kill()
    wait_for(process, lambda status: status.failed > 10)
    lab_app.start()
    wait_for(process, lambda status: status.sessions_gone == 10)
    process.stop()
    process.close()
    cut = [segments for segments in streams_in(tmp_path).values() if any(one.cut for one in segments)]

    assert cut
    for segments in cut:
        place = next(place for place, one in enumerate(segments) if one.cut)
        assert (1, Outcome.UNKNOWN, None) == (
            sum(bool(one.cut) for one in segments),
            segments[place].outcome,
            segments[place].seen,
        )
        assert all(one.outcome is not Outcome.OK and one.from_offset is None for one in segments[place + 1 :])
    last = {segments[-1].seen for segments in cut}
    assert Seen.ANONYMOUS in last
    assert last <= {Seen.ANONYMOUS, None}


def test_a_stream_is_taken_up_again_where_its_session_is_known(start, tmp_path):
    """The item after the last is the first that is heard: no gap, no repetition."""
    app = LabApp("app-1", OUTLAST_STORE="disk", OUTLAST_DATA=str(tmp_path / "data"))
    try:
        process = start(app.address, LOAD)
        run_until(process, lambda status: status.operations > 100)
        app.kill()
        wait_for(process, lambda status: status.failed > 10)
        app.start()
        heard = process.tick().operations
        wait_for(process, lambda status: status.operations > heard + 200)
        process.stop()
        process.close()
    finally:
        app.kill()
    cut = [segments for segments in streams_in(tmp_path).values() if any(one.cut for one in segments)]
    resumed = [segments for segments in cut if segments[-1].to_offset == LENGTH]

    assert len(resumed) > len(cut) / 2
    for segments in resumed:
        heard = [one for one in segments if one.to_offset is not None]
        assert all(one.to_offset == two.from_offset for one, two in pairwise(heard))
        assert len({one.boot for one in heard}) == len({one.client for one in heard}) == 2


def test_a_frozen_replica_cuts_its_streams_after_the_timeout(start, lab_app, tmp_path):
    """Silence is no end; what was heard before it was heard."""
    process = start(lab_app.address, LOAD)
    run_until(process, lambda status: status.operations > 100)
    lab_app.freeze()
    wait_for(process, lambda status: status.failed > 10)
    lab_app.thaw()
    process.stop()
    process.close()
    cut = [one for segments in streams_in(tmp_path).values() for one in segments if one.cut]

    assert cut
    assert all(one.returned_ns is not None and one.outcome is Outcome.UNKNOWN for one in cut)


def test_there_is_a_limit_to_open_streams(monkeypatch):
    """An app whose streams never end does not take all the files that this process may open."""
    from gevent.event import Event

    from outlast.drivers.lab import LabDriver
    from outlast.workloads.users import listening

    monkeypatch.setattr(listening, "OPEN_MOST", 2)
    begun = []
    listener = listening.Listener(None, LabDriver(), None, ("127.0.0.1", 1), 1.0, Event(), bool, int)
    monkeypatch.setattr(listening.Listener, "_hear_out", lambda self, *told: (begun.append(told), Event().wait(60)))
    for seat in range(5):
        listener.listen(seat, seat, 0)

    assert 2 == listener.finish(0.05)
    assert [(0, 0, "1", 0), (1, 1, "2", 0)] == begun
