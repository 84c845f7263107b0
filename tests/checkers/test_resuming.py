"""How streams fared: cut, on whom, taken up again, how soon."""

from __future__ import annotations

from tests.checkers.operations import alive, op

from outlast.checkers.resuming import OnReplica, stream_figures
from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History

MS = 1_000_000


def segment(number: int, at: tuple[int, int | None], heard: tuple[int, int] | None, replica="app-1", **told):
    first, reached = heard or (None, None)
    at = (at[0] * MS, None if at[1] is None else at[1] * MS)
    told = {"outcome": "unknown" if told.get("cut") else "ok", **told}
    return op("stream", at, path=f"stream {number}", from_offset=first, to_offset=reached, replica=replica, **told)


def figures(*operations, onset: int | None = 100):
    faults = (
        ()
        if onset is None
        else (
            FaultWindow(name="kill", nodes=("app-1",), start_ns=onset * MS, end_ns=900 * MS, proven=True, healed=True),
        )
    )
    return stream_figures(History(Header(faults=faults), Columns.of(operations)))


def test_a_stream_that_is_cut_and_taken_up_again():
    """From the cut to the first item that came then; tries that heard nothing do not count."""
    found = figures(
        segment(1, (0, 20), (0, 1)),
        segment(1, (20, 110), (1, 5), cut=True),
        segment(1, (115, 130), None, outcome="fail", replica=None),
        segment(1, (140, 160), (5, 6), replica="app-2"),
        segment(1, (160, 300), (6, 9), replica="app-2", cut=False),
    )

    assert (1, 1, 1, 50.0, 50.0) == (found.opened, found.cut, found.resumed, found.resume_ms_p50, found.resume_ms_p95)
    assert {"app-1": OnReplica(open=1, cut=1)} == found.at_onset


def test_a_stream_that_is_never_taken_up_again():
    """Cut is cut."""
    found = figures(segment(1, (0, 110), (0, 5), cut=True), segment(1, (120, 130), None, outcome="fail"))

    assert (1, 1, 0, None) == (found.opened, found.cut, found.resumed, found.resume_ms_p50)


def test_only_streams_that_were_open_at_the_onset_count_for_it():
    """Not those that had ended, nor those that began later; and each for the replica that sent it then."""
    found = figures(
        segment(1, (0, 90), (0, 5), cut=False),
        segment(2, (0, 90), (0, 5)),
        segment(2, (90, 200), (5, 9), cut=False),
        segment(3, (0, 90), (0, 1), replica="app-2"),
        segment(3, (90, 120), (1, 2), replica="app-2", cut=True),
        segment(4, (101, 130), (0, 5), cut=True),
    )

    assert {"app-1": OnReplica(open=1, cut=0), "app-2": OnReplica(open=1, cut=1)} == found.at_onset
    assert (4, 2) == (found.opened, found.cut)


def test_a_cut_after_the_resumption_is_not_the_first_replicas():
    """It is counted as a cut, and not for who sent the stream at the onset."""
    found = figures(
        segment(1, (0, 150), (0, 5)),
        segment(1, (150, 160), (5, 6), replica="app-2", cut=True),
        segment(1, (170, 180), (6, 7), replica="app-3", cut=False),
    )

    assert {"app-1": OnReplica(open=1, cut=0)} == found.at_onset
    assert (1, 1, 20.0) == (found.cut, found.resumed, found.resume_ms_p50)


def test_two_sessions_may_give_their_streams_the_same_number():
    """A stream is a session's."""
    one, other = segment(1, (0, 50), (0, 5), cut=True), segment(1, (60, 70), (5, 6), session="t", cut=False)

    assert (2, 1, 0) == ((found := figures(one, other)).opened, found.cut, found.resumed)


def test_without_streams_there_is_nothing_to_tell_and_without_a_fault_no_onset():
    """Most runs have no streams."""
    assert figures(alive((0, 1))) is None
    assert {} == figures(segment(1, (0, 50), (0, 5), cut=False), onset=None).at_onset


def test_what_a_replica_is_asked_directly_is_no_users_stream():
    """Evidence alone."""
    assert 0 == figures(segment(1, (0, 50), (0, 5), cut=True, via="replica:app-1")).cut


def test_a_stream_that_was_never_answered_is_taken_as_it_began():
    """Its segment had no end that could be told."""
    found = figures(segment(1, (0, None), (0, 5), cut=True), segment(1, (30, 45), (5, 6), cut=False))

    assert 45.0 == found.resume_ms_p50


def test_what_heard_nothing_new_took_up_nothing():
    """A segment that ends where it began; without a known beginning, any item is new."""
    cut = segment(1, (0, 50), (0, 5), cut=True)

    assert 0 == figures(cut, segment(1, (60, 70), (5, 5), cut=False)).resumed
    assert 1 == figures(cut, segment(1, (60, 70), (None, 6), cut=False)).resumed


def test_each_stream_counts_and_the_borders_of_the_onset():
    """Three of one replica, two of them cut; one that begins at the instant is under way, one that ends then is not."""
    found = figures(
        *(segment(number, (0, 150), (0, 5), cut=True) for number in (1, 2)),
        segment(3, (100, 150), (0, 5), cut=False),
        segment(4, (0, 100), (0, 5), cut=False),
    )

    assert {"app-1": OnReplica(open=3, cut=2)} == found.at_onset


def test_the_quantiles_of_a_hundred_waits():
    """The 50th and the 95th, as they were measured: nothing in between."""
    waits = range(1, 101)
    cuts = [segment(n, (0, 50), (0, 5), cut=True) for n in waits]
    found = figures(*cuts, *(segment(n, (50, 50 + n), (5, 6), cut=False) for n in waits))

    assert (100, 50.0, 95.0) == (found.resumed, found.resume_ms_p50, found.resume_ms_p95)
