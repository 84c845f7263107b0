"""The guarantee `session`: each session reads its own writes and never goes back."""

from tests.checkers.operations import found, judged, login, names, read, wrote

from outlast.history.history import Guarantee


def counted(*operations, guarantee):
    """Anomaly -> (how often, how many of these the guarantee permits)."""
    judgement = judged(*operations, guarantee=guarantee)
    return {a.value: (t.count, t.allowed) for a, t in judgement.tallies.items() if a in names(judgement)}


def test_overlapping_writes_have_no_order():
    """So W1 [0,10], W2 [1,2], read of 1 at [11,12] is fine, even after a read of 2."""
    overlapping = [login((-2, -1)), wrote("1", (0, 10)), wrote("2", (1, 2))]

    assert set() == found(*overlapping, read("1", (11, 12)), guarantee=Guarantee.SESSION)
    both = [*overlapping, read("2", (11, 12)), read("1", (13, 14))]
    assert {"lost-write": (1, 1)} == counted(*both, guarantee=Guarantee.SESSION)
    assert {"lost-write": (1, 0)} == counted(*both, guarantee=Guarantee.LINEARIZABLE)


def test_read_your_writes():
    """A read must not return a write that is entirely before another acknowledged one entirely before the read."""
    broken = [login(), wrote("a", (2, 3)), wrote("b", (4, 5)), read("a", (6, 7))]

    assert {"lost-write": (1, 0)} == counted(*broken, guarantee=Guarantee.SESSION)


def test_monotonic_reads():
    """The same with a write that a finished read returned."""
    broken = [
        login(), wrote("a", (2, 3)), wrote("b", (4, None), outcome="unknown"), read("b", (6, 7)), read("a", (8, 9)),
    ]  # fmt: skip

    assert {"non-monotonic-read": (1, 0)} == counted(*broken, guarantee=Guarantee.SESSION)


def test_a_late_write_breaks_the_sessions_order_alone():
    """An unknown older write that lands late: fails under `session`, passes under `linearizable`."""
    late = [
        login(), wrote("a", (2, 3), outcome="unknown"), wrote("b", (4, 5)), read("b", (6, 7)), read("a", (8, 9)),
    ]  # fmt: skip

    assert {"late-write": (1, 0)} == counted(*late, guarantee=Guarantee.SESSION)
    assert "fail" == judged(*late, guarantee=Guarantee.SESSION).verdict
    assert {"late-write": (1, 1)} == counted(*late, guarantee=Guarantee.LINEARIZABLE)
    assert "pass" == judged(*late, guarantee=Guarantee.LINEARIZABLE).verdict


def test_a_write_that_was_never_answered_overlaps_all_that_follows():
    """Nobody gave it up, so it has no order: not late."""
    assert set() == found(
        login(), wrote("a", (2, None), outcome="unknown"), wrote("b", (4, 5)), read("b", (6, 7)), read("a", (8, 9)),
        guarantee=Guarantee.SESSION,
    )  # fmt: skip


def test_a_late_write_that_nobody_knew_a_newer_one_of_is_not_late():
    """Whatever is written after the last read of it."""
    assert set() == found(
        login(), wrote("a", (2, 5), outcome="unknown"), read("a", (3, 6)), wrote("b", (10, 11)), read("b", (12, 13)),
        guarantee=Guarantee.SESSION,
    )  # fmt: skip


def test_an_unknown_write_that_was_seen_can_be_the_newer_one():
    """It surely happened."""
    both = [wrote("a", (2, 3), outcome="unknown"), wrote("b", (4, 5), outcome="unknown")]

    assert {"late-write": (1, 0)} == counted(
        login(), *both, read("b", (6, 7)), read("a", (8, 9)), guarantee=Guarantee.SESSION
    )


def test_what_overtook_is_told_of_the_newest():
    """Not of the one that was acknowledged last, which the older may follow."""
    late = [wrote("a", (1, 3), outcome="unknown"), wrote("c", (4, 5)), wrote("d", (2, 6)), read("a", (8, 9))]
    finding = next(f for f in judged(*late, guarantee=Guarantee.SESSION).findings if f.anomaly == "late-write")

    assert (0, 1, 3) == finding.rows


def test_a_write_is_over_for_the_session_when_it_was_answered_and_not_before():
    """Of unknown outcome, too: until then it overlaps what follows; touching it is overlapping."""

    def late(until, at):
        return found(
            login(), wrote("a", (2, until), outcome="unknown"), wrote("b", at), read("b", (10, 11)),
            read("a", (12, 13)), guarantee=Guarantee.SESSION,
        )  # fmt: skip

    assert set() == late(4, (4, 5))
    assert {"late-write"} == late(4, (5, 6))
