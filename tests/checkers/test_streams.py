"""Streams: offsets are half-open, and a stream that was resumed goes on where it had ended."""

from tests.checkers.operations import found, judged, login, op


def stream(start, end, at, **told):
    """A piece of a stream; cut means that it ended early."""
    return op("stream", at, from_offset=start, to_offset=end, **told)


def test_a_stream_that_goes_on_where_it_ended_is_fine():
    """In the order of time, whatever the order in which it was recorded."""
    assert set() == found(login(), stream(0, 5, (2, 3)), stream(5, 9, (4, 5)))
    assert set() == found(login(), stream(5, 9, (4, 5)), stream(0, 5, (2, 3)))


def test_a_gap_lost_a_message_and_a_repetition_doubled_one():
    """Against the last piece, not against an earlier one."""
    assert {"lost-message"} == found(login(), stream(0, 5, (2, 3)), stream(6, 9, (4, 5)))
    assert {"duplicate-message"} == found(login(), stream(0, 5, (2, 3)), stream(4, 9, (4, 5)))
    assert {"duplicate-message"} == found(login(), stream(0, 5, (2, 3)), stream(5, 9, (4, 5)), stream(5, 12, (6, 7)))


def test_a_cut_stream_is_told_but_not_gated():
    """Each session once; the next piece goes on."""
    judgement = judged(login(), stream(0, 5, (2, 3), cut=True, seen="alive"), stream(5, 9, (4, 5), cut=True))

    assert "pass" == judgement.verdict
    assert [("cut-stream", (1,))] == [(f.anomaly, f.rows) for f in judgement.findings]
    assert set() == found(login(), stream(0, 5, (2, 3), cut=False))


def test_each_session_and_each_path_is_a_stream_of_its_own():
    """Another's offsets prove nothing."""
    assert set() == found(
        login(), login(session="t"), stream(0, 5, (2, 3), path="/a"), stream(0, 9, (4, 5), path="/b"),
        stream(0, 7, (4, 5), path="/a", session="t"), stream(5, 6, (6, 7), path="/a"),
    )  # fmt: skip


def test_a_piece_that_does_not_tell_its_offsets_proves_nothing():
    """Neither where it began, nor where it ended: then the one before it is the last that is known."""
    assert set() == found(login(), stream(0, 5, (2, 3)), stream(None, 9, (4, 5)), stream(9, 10, (6, 7)))
    assert set() == found(login(), stream(0, None, (2, 3)), stream(5, 9, (4, 5)))
    assert {"lost-message"} == found(login(), stream(0, 5, (2, 3)), stream(5, None, (4, 5)), stream(7, 9, (6, 7)))


def test_only_streams_through_the_balancer_are_judged():
    """And only streams."""
    assert set() == found(login(), stream(0, 5, (2, 3)), stream(7, 9, (4, 5), via="replica:app-1"))
    assert set() == found(
        login(), stream(0, 5, (2, 3)), op("read", (4, 5), from_offset=7, to_offset=9, cut=True, seen="alive")
    )
