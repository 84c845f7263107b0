"""The names of the register's findings, said again from the operations of each value, in plain Python."""

from tests.checkers.fuzz import batch
from tests.checkers.operations import found, judged, login, read, wrote
from tests.checkers.oracle_register import counts

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.checkers.telling import Teller
from outlast.history.columns import Columns
from outlast.history.history import History
from outlast.history.operation import Kind, Outcome

NAMED = (Anomaly.NON_MONOTONIC_READ, Anomaly.STALE_READ, Anomaly.LOST_WRITE)
NEVER = 10**12


def test_each_name_and_sentence_is_the_one_of_its_two_values():
    """What told the newer value first, what last asked for the older one, and whether the newer came back."""
    name_by_name(1500, range(4))


def name_by_name(sessions, seeds):
    """So many sessions of each seed; raises AssertionError."""
    told = set()
    for seed in seeds:
        header, made, everything = batch("register", seed, sessions)
        columns = Columns.of(everything)
        teller = Teller(columns, min(o.invoked_ns for o in everything))
        for finding in judge(History(header, columns), findings_max=20_000).findings:
            if finding.anomaly in NAMED:
                told.add(finding.anomaly)
                _is_right(finding, made[finding.session], everything, teller, header.clock_error_ns)
    assert told == set(NAMED)


def _is_right(finding, session, everything, teller, error):
    shown = [everything[row] for row in finding.rows]
    d, tokens = shown[-1], {_token(o) for o in shown}
    (newer,), older = tokens - {_token(d)}, _token(d)
    c, b = _first(session, newer), _last(session, newer)
    expected = Anomaly.LOST_WRITE if b.invoked_ns <= d.invoked_ns else Anomaly.STALE_READ
    expected = Anomaly.NON_MONOTONIC_READ if c.op is Kind.READ else expected

    assert expected == finding.anomaly
    assert d.invoked_ns == _last(session, older).invoked_ns
    assert _end(c) + error < d.invoked_ns - error
    # the four that prove it (of equal instants any will do; the initial value began by itself), and the writes
    for o in _writes(session, tokens):
        assert any(o is one for one in shown)
    roles = [lambda o, t=token: _token(o) == t and _end(o) == _end(_first(session, t)) for token in tokens if token]
    roles += [lambda o, t=token: _token(o) == t and o.invoked_ns == _last(session, t).invoked_ns for token in tokens]
    for role in roles:
        assert any(role(o) for o in shown) or not any(_takes_part(o) and role(o) for o in session)
    for o in shown:
        assert any(role(o) for role in roles) or o.op is Kind.WRITE
    old = "no value" if older is None else f"the value of the {_said(teller, everything, session, older)}"
    ends = " began, yet that shows " + old
    assert f"finished before the {teller.operation(finding.rows[-1])}{ends}" in finding.because
    assert finding.because.endswith("returned it again.") == (expected is Anomaly.LOST_WRITE)
    if expected is Anomaly.STALE_READ:
        late_ms = (d.invoked_ns - c.returned_ns) / 1e6
        assert finding.because.endswith(f": stale by {late_ms:.1f} ms.")


def _token(o):
    return o.value


def _takes_part(o):
    if o.op is Kind.WRITE:
        return o.outcome is not Outcome.FAIL
    return o.op is Kind.READ and o.outcome is Outcome.OK and o.has_value and counts(o)


def _members(session, token):
    return [o for o in session if _takes_part(o) and _token(o) == token]


def _writes(session, tokens):
    return [o for o in session if o.op is Kind.WRITE and _takes_part(o) and o.value in tokens]


def _end(o):
    """Of a write whose outcome or effect is not sure there is no end."""
    if o.op is Kind.WRITE and not (o.outcome is Outcome.OK and counts(o)):
        return NEVER
    return o.returned_ns


def _first(session, token):
    """Of equal ends the write."""
    return min(_members(session, token), key=lambda o: (_end(o), o.op is Kind.READ))


def _last(session, token):
    return max(_members(session, token), key=lambda o: o.invoked_ns)


def _said(teller, everything, session, token):
    (write,) = _writes(session, {token})
    return teller.operation(next(row for row, o in enumerate(everything) if o is write))


def test_of_all_that_an_old_value_overtook_the_newest_should_have_been_read():
    """The others were overwritten legally."""
    writes = [wrote("a", (2, 3)), wrote("b", (4, 5)), wrote("c", (6, 7)), wrote("d", (8, 9))]
    findings = judged(login(), *writes, read("a", (10, 11))).findings

    assert [(1, 4, 5)] == [f.rows for f in findings if f.anomaly == "lost-write"]


def test_a_strange_value_is_told_with_what_makes_it_strange():
    """The failed write, another session's, or nothing; and the write that came too late."""
    failed = judged(login(), wrote("f", (2, 3), outcome="fail"), read("f", (4, 5))).findings
    other = judged(wrote("o", (0, 9), session="t"), login(), read("o", (4, 5))).findings
    nobody = judged(login(), read("n", (4, 5))).findings
    future = judged(login(), read("w", (4, 5)), wrote("w", (6, 7))).findings

    for findings, name, rows in (
        (failed, "aborted-read", (1, 2)),
        (other, "session-leak", (0, 2)),
        (nobody, "garbage-read", (1,)),
        (future, "future-read", (2, 1)),
    ):
        assert [(name, "s", rows)] == [(f.anomaly, f.session, f.rows) for f in findings]


def test_a_failed_write_of_another_session_is_a_leak_all_the_same():
    """Of its own session only it is an aborted one."""
    assert {"session-leak"} == found(
        wrote("f", (2, 3), outcome="fail", session="t"), login(session="t"), login(), read("f", (4, 5))
    )


def test_several_strange_values_are_told_apart():
    """Each with its own session and its own write."""
    own = [login(session="a"), wrote("f", (2, 3), outcome="fail", session="a"), read("f", (4, 5), session="a")]
    leak = [login(session="b"), wrote("o", (2, 3), session="b"), login(session="c"), read("o", (4, 5), session="c")]
    garbage = [login(session="d"), read("n", (4, 5), session="d")]
    findings = judged(*own, *leak, *garbage).findings

    assert {("aborted-read", "a", (1, 2)), ("session-leak", "c", (4, 6)), ("garbage-read", "d", (8,))} == {
        (f.anomaly, f.session, f.rows) for f in findings
    }
