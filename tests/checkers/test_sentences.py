"""Sentences: what each way of proving a finding tells, and of which operations; every case once, word for word."""

import pytest
from tests.checkers.operations import (
    alive,
    counted,
    gone,
    incremented,
    judged,
    logged,
    login,
    logout,
    op,
    read,
    recreated,
    tried,
    wrote,
)  # fmt: skip

from outlast.checkers.telling import quoted

MS = 1_000_000
W_A, W_B = wrote("a", (2, 3)), wrote("b", (4, 5))
UNEXPLAINED = "no logout, expiry or eviction explains it, and nothing saw it alive again."


def test_operations_are_told_in_few_words():
    """The cases below, one by one."""
    assert "'a'" == quoted("a")
    assert "nothing" == quoted(None)
    assert quoted("x" * 40) == f"'{'x' * 40}'"
    assert quoted("x" * 41) == f"'{'x' * 40}...'"
    assert "'\\xe9\\n'" == quoted("é\n")


@pytest.mark.parametrize(
    ("operations", "anomaly", "rows", "because"),
    [
        pytest.param(
            (W_A, W_B, read("a", (6, 7))), "lost-write", (1, 2, 3),
            "The write of 'b' [4 ns, 5 ns] ok finished before the read [6 ns, 7 ns] -> 'a' began, yet that shows the "
            "value of the write of 'a' [2 ns, 3 ns] ok; no read begun after that returned it again.",
            id="a lost write",
        ),
        pytest.param(
            (W_A, read(None, (4, 5))), "lost-write", (1, 2),
            "The write of 'a' [2 ns, 3 ns] ok finished before the read [4 ns, 5 ns] -> nothing written yet began, yet "
            "that shows no value; no read begun after that returned it again.",
            id="a lost first write",
        ),
        pytest.param(
            (
                W_A, wrote("b", (4 * MS, 5 * MS)), read("a", (6 * MS, 7 * MS), replica="app-1"),
                read("b", (8 * MS, 9 * MS)),
            ),
            "stale-read", (1, 2, 4, 3),
            "The write of 'b' [0.004 s, 0.005 s] ok finished before the read [0.006 s, 0.007 s] -> 'a' by app-1 began, "
            "yet that shows the value of the write of 'a' [2 ns, 3 ns] ok; the newer value came back in the read "
            "[0.008 s, 0.009 s] -> 'b': stale by 1.0 ms.",
            id="a stale read",
        ),
        pytest.param(
            (W_A, wrote("b", (4, 20)), read("b", (6, 7)), read("a", (8, 9))), "non-monotonic-read", (2, 1, 3, 4),
            "The read [6 ns, 7 ns] -> 'b' finished before the read [8 ns, 9 ns] -> 'a' began, yet that shows the value "
            "of the write of 'a' [2 ns, 3 ns] ok.",
            id="a non-monotonic read",
        ),
        pytest.param(
            (wrote("a", (2, 3), outcome="unknown"), W_B, read("b", (6, 7)), read("a", (8, 9))),
            "late-write", (1, 2, 4),
            "The write of 'a' [2 ns, 3 ns] with unknown outcome was given up before the write of 'b' [4 ns, 5 ns] ok "
            "began, and the write of 'b' [4 ns, 5 ns] ok finished before the read [8 ns, 9 ns] -> 'a' began, yet that "
            "shows the older value: it overtook the newer one.",
            id="a late write",
        ),
        pytest.param(
            (read("x", (2, 3)),), "garbage-read", (1,),
            "The read [2 ns, 3 ns] -> 'x' shows a value that nobody wrote in the whole history.",
            id="a value nobody wrote",
        ),
        pytest.param(
            (wrote("a", (2, 3), outcome="fail", seen=None, status=503), read("a", (4, 5))), "aborted-read", (1, 2),
            "The write of 'a' [2 ns, 3 ns] failed with 503 surely did not take effect, yet the read [4 ns, 5 ns] -> "
            "'a' shows it.",
            id="a failed write that was seen",
        ),
        pytest.param(
            (read("a", (2, 3)), wrote("a", (4, 5))), "future-read", (2, 1),
            "The read [2 ns, 3 ns] -> 'a' finished before the write of 'a' [4 ns, 5 ns] ok began, yet it shows its "
            "value.",
            id="a value not yet written",
        ),
        pytest.param(
            (wrote("b", (0, 9), session="t"), read("b", (2, 3))), "session-leak", (1, 2),
            "The read [2 ns, 3 ns] -> 'b' shows what session 't' wrote in its write of 'b' [0.000 s, 9 ns] ok.",
            id="another session's value",
        ),
        pytest.param(
            (alive((2, 3)), gone((4, 5))), "lost-session", (0, 1, 2),
            "The read [2 ns, 3 ns] -> alive saw it alive, yet the read [4 ns, 5 ns] -> no session found it gone: "
            + UNEXPLAINED,
            id="a lost session",
        ),
        pytest.param(
            (alive((2, 3)), recreated((4, 5))), "recreated-session", (0, 1, 2),
            "The read [2 ns, 3 ns] -> alive saw it alive, yet the read [4 ns, 5 ns] -> a new empty session found a new "
            "empty session in its place: " + UNEXPLAINED,
            id="a recreated session",
        ),
        pytest.param(
            (gone((4, 5)),), "login-not-stored", (0, 1),
            "The login [0.000 s, 1 ns] ok finished before the read [4 ns, 5 ns] -> no session began, and nothing ever "
            "saw it alive.",
            id="a login that was not stored",
        ),
        pytest.param(
            (gone((2, 3)), alive((4, 5))), "flickering-session", (0, 1, 2),
            "The read [2 ns, 3 ns] -> no session finished before the read [4 ns, 5 ns] -> alive began, yet that saw "
            "the session alive again.",
            id="a flickering session",
        ),
        pytest.param(
            (alive((2, 3)), gone((4, 5), cookie="deleted"), alive((6, 7), jar="kept")), "client-evicted", (0, 2, 3),
            "The read [4 ns, 5 ns] -> no session took the cookie away, yet the read with the kept cookie [6 ns, 7 ns] "
            "-> alive shows that the session was still there.",
            id="a client that was evicted",
        ),
        pytest.param(
            (logout((2, 3)), alive((4, 5))), "resurrected-session", (0, 1, 2),
            "The logout [2 ns, 3 ns] ok finished before the read [4 ns, 5 ns] -> alive began, yet that saw the session "
            "alive.",
            id="alive after a logout",
        ),
        pytest.param(
            (login((1, 2), session="t"), logout((4, 5), session="t", scope="user"), alive((6, 7))),
            "resurrected-session", (0, 1, 2, 3),
            "The logout everywhere [4 ns, 5 ns] ok finished before the read [6 ns, 7 ns] -> alive began, yet that saw "
            "the session alive.",
            id="alive after a logout everywhere",
        ),
        pytest.param(
            (logout((2, 20)), gone((4, 5)), alive((6, 7))), "resurrected-session", (1, 0, 2, 3),
            "The logout [2 ns, 20 ns] ok had taken effect by the end of the read [4 ns, 5 ns] -> no session, and that "
            "finished before the read [6 ns, 7 ns] -> alive began, yet that saw the session alive.",
            id="alive after a logout that an answer showed",
        ),
        pytest.param(
            (alive((2, 3), user="v"),), "session-leak", (0, 1),
            "The session belongs to 'u', yet the read [2 ns, 3 ns] -> alive was answered as 'v'.",
            id="another user",
        ),
        pytest.param(
            (incremented(1, (2, 3)), incremented(1, (4, 5))), "lost-update", (1, 2),
            "The increment [2 ns, 3 ns] -> 1 and the increment [4 ns, 5 ns] -> 1 got one result: one of them is lost.",
            id="two increments with one result",
        ),
        pytest.param(
            (incremented(1, (2, 3)), counted(0, (4, 5))), "lost-update", (1, 2),
            "The increment [2 ns, 3 ns] -> 1 finished before the read [4 ns, 5 ns] -> counter 0 began, yet the counter "
            "fell.",
            id="a counter that fell",
        ),
        pytest.param(
            (incremented(1, (2, 3)), counted(3, (4, 5))), "duplicate-execution", (2,),
            "The read [4 ns, 5 ns] -> counter 3 shows 3, yet only 1 increments had begun.",
            id="a counter that is too high",
        ),
        pytest.param(
            (incremented(2, (2, 3)), incremented(None, (10, 11), outcome="unknown", seen=None)),
            "duplicate-execution", (1,),
            "No increment was told the result 1, yet the increment [2 ns, 3 ns] -> 2 was past it: that takes 1 "
            "increments of unknown outcome, and 0 had begun.",
            id="a result nobody was told",
        ),
        pytest.param(
            (incremented(None, (2, 3)), incremented(None, (4, 5)), counted(1, (6, 7))), "lost-update", (1, 2, 3),
            "The counter was 0, then 2 acknowledged increments finished before the read [6 ns, 7 ns] -> counter 1 "
            "began, yet they leave it at 1.",
            id="too few increments",
        ),
        pytest.param(
            (incremented(0, (2, 3)),), "lost-update", (1,),
            "The increment [2 ns, 3 ns] -> 0 does not even count itself.",
            id="an increment to nothing",
        ),
        pytest.param(
            (tried("a", (2, 3)), logged("a", (4, 5), effects_offset=1)), "duplicate-execution", (1, 2),
            "No order of these 2 operations explains what they were told.",
            id="a log longer than what was tried",
        ),
        pytest.param(
            (tried("a", (2, 3)), logged("aa", (4, 5))), "duplicate-execution", (1, 2),
            "The read [4 ns, 5 ns] -> 2 effects holds the attempt 'a' twice.",
            id="an attempt twice",
        ),
        pytest.param(
            (tried("a", (2, 3)), tried("b", (2, 3)), logged("ab", (4, 5)), logged("ba", (6, 7))), "split-brain", (3, 4),
            "The read [4 ns, 5 ns] -> 2 effects and the read [6 ns, 7 ns] -> 2 effects differ at position 0 of their "
            "logs.",
            id="two logs",
        ),
        pytest.param(
            (tried("a", (2, 3)), logged("", (4, 5))), "lost-update", (1, 2),
            "The increment [2 ns, 3 ns] ok finished before the read [4 ns, 5 ns] -> 0 effects began, yet what it "
            "showed or did was missing.",
            id="an effect that is missing",
        ),
        pytest.param(
            (tried("a", (2, 3)), logged("", (4, 5)), logged("a", (6, 7))), "stale-read", (3, 1, 2),
            "The increment [2 ns, 3 ns] ok finished before the read [4 ns, 5 ns] -> 0 effects began, yet what it "
            "showed or did was missing.",
            id="an effect that came back",
        ),
        pytest.param(
            (
                tried("a", (2, 3)), tried("b", (2, 20)), logged("ab", (4, 5)), logged("a", (6, 7)),
                logged("ab", (8, 9)),
            ),
            "non-monotonic-read", (5, 3, 4),
            "The read [4 ns, 5 ns] -> 2 effects finished before the read [6 ns, 7 ns] -> 1 effects began, yet what it "
            "showed or did was missing.",
            id="a log that shrank and came back",
        ),
        pytest.param(
            (tried("a", (2, 3), session="t"), logged("a", (4, 5))), "session-leak", (1, 2),
            "The read [4 ns, 5 ns] -> 1 effects holds the attempt 'a' of another session.",
            id="another session's attempt",
        ),
        pytest.param(
            (logged("a", (4, 5)),), "garbage-read", (1,),
            "The read [4 ns, 5 ns] -> 1 effects holds the attempt 'a', which nobody made.",
            id="an attempt nobody made",
        ),
        pytest.param(
            (tried("a", (2, 3), outcome="fail", seen=None), logged("a", (4, 5))), "aborted-read", (1, 2),
            "The read [4 ns, 5 ns] -> 1 effects holds the attempt 'a', which surely failed.",
            id="an attempt that failed",
        ),
        pytest.param(
            (logged("a", (2, 3)), tried("a", (4, 5))), "future-read", (1, 2),
            "The read [2 ns, 3 ns] -> 1 effects finished before the increment [4 ns, 5 ns] ok began, yet it shows what "
            "that did.",
            id="an effect before its attempt",
        ),
        pytest.param(
            (op("read", (2, None), outcome="unknown"),), "failed-request", (1,),
            "The read [2 ns, never] with unknown outcome.",
            id="a request that was never answered",
        ),
        pytest.param(
            (op("logout", (2, 3), outcome="fail"),), "failed-request", (1,), "The logout [2 ns, 3 ns] failed.",
            id="a request that was refused",
        ),
        pytest.param(
            (
                alive((2, 3), replica="app-1"), alive((4, 5), replica="app-2", counter=3),
                incremented(4, (6, 7), replica="app-1"),
            ),
            "affinity-flap", (1, 2),
            "Its server changed 2 times, here from the read [2 ns, 3 ns] -> alive by app-1 to the read [4 ns, 5 ns] -> "
            "counter 3 by app-2.",
            id="a server that changed",
        ),
        pytest.param(
            (op("asset", (2, 3), status=404, path="/a.css"),), "missing-asset", (1,),
            "The request for '/a.css' [2 ns, 3 ns] ok, though the page asked for it.",
            id="an asset that is missing",
        ),
        pytest.param(
            (op("stream", (2, 3), cut=True, from_offset=0, to_offset=5),), "cut-stream", (1,),
            "The stream [2 ns, 3 ns] ok was cut.",
            id="a stream that was cut",
        ),
        pytest.param(
            (op("stream", (2, 3), from_offset=0, to_offset=5), op("stream", (4, 5), from_offset=7, to_offset=9)),
            "lost-message", (1, 2),
            "The stream [2 ns, 3 ns] ok reached offset 5, yet the stream [4 ns, 5 ns] ok went on at 7.",
            id="a stream with a gap",
        ),
        pytest.param(
            (op("stream", (2, 3), from_offset=0, to_offset=5), op("stream", (4, 5), from_offset=4, to_offset=9)),
            "duplicate-message", (1, 2),
            "The stream [2 ns, 3 ns] ok reached offset 5, yet the stream [4 ns, 5 ns] ok went on at 4.",
            id="a stream with a repetition",
        ),
    ],
)  # fmt: skip
def test_a_finding_tells_what_proves_it(operations, anomaly, rows, because):
    """Its operations in the order of the telling, the one that gave it away last, and a sentence."""
    found = [f for f in judged(login(), *operations).findings if f.anomaly == anomaly]

    assert [(rows, because)] == [(f.rows, f.because) for f in found]


def test_a_long_staleness_is_told_to_a_tenth_of_a_millisecond():
    """However long it was."""
    stale = (W_A, wrote("b", (4, 4)), read("a", (60_000 * MS + 4, 60_001 * MS)), read("b", (70_000 * MS, 70_001 * MS)))
    finding = next(f for f in judged(login(), *stale).findings if f.anomaly == "stale-read")

    assert finding.because.endswith("stale by 60000.0 ms.")


def test_a_lost_session_is_told_by_what_saw_it_alive_last():
    """Not by what was acknowledged later and tells nothing of it."""
    finding = judged(login(), alive((2, 3)), op("write", (4, 5), value="v"), gone((6, 7))).findings[0]

    assert ("lost-session", (0, 2, 1, 3)) == (finding.anomaly, finding.rows)
    assert (
        "The read [2 ns, 3 ns] -> alive saw it alive, yet the read [6 ns, 7 ns] -> no session found it gone: "
        + UNEXPLAINED
    ) == finding.because


@pytest.mark.parametrize(
    ("seen", "how"),
    [("anonymous", "no session found it gone"), ("recreated", "a new empty session found it gone")],
)
def test_sessions_that_expired_early_tell_why_they_are_thought_to_have(seen, how):
    """Their age, and that there was no other reason."""
    both = [
        o
        for i, name in enumerate("st")
        for o in (login((0, 1), session=name), alive((2, 3), session=name),
                  op("read", (4 + i, 5 + i), session=name, seen=seen))
    ]  # fmt: skip
    found = [f for f in judged(*both, ttl_s=100).findings if f.anomaly == "premature-expiry"]

    assert 2 == len(found)
    assert (
        f"The read [2 ns, 3 ns] -> alive saw it alive, yet the read [4 ns, 5 ns] -> {how} before its time to live was "
        "over, with no fault near, and others at the same age: " + UNEXPLAINED
    ) == found[0].because


def test_a_session_that_outlived_its_time_tells_for_how_long():
    """In seconds, from what last refreshed it."""
    finding = judged(login(), alive((2, 3)), alive((9_000 * MS, 9_000 * MS)), ttl_s=5).findings[0]

    assert ("late-expiry", (1, 2)) == (finding.anomaly, finding.rows)
    assert "Nothing refreshed it for 9.000 s, yet the read [9.000 s, 9.000 s] -> alive saw it alive." == finding.because


def test_an_answer_that_shows_several_things_tells_them_all():
    """And by whom, made harmless."""
    several = op("read", (2, 3), seen="alive", user="v", value="a", counter=2, effects=("x",), effects_offset=3,
                 replica="app-1\n")  # fmt: skip
    leak = next(f for f in judged(login(), several).findings if f.anomaly == "session-leak")

    assert (
        "The session belongs to 'u', yet the read [2 ns, 3 ns] -> 'a', counter 2, 4 effects by app-1\\n was answered "
        "as 'v'."
    ) == leak.because
