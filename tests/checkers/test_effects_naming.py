"""The names of what logs contradict, said again from the operations of one session, in plain Python."""

from tests.checkers.fuzz import batch
from tests.checkers.operations import judged, logged, login, tried
from tests.checkers.oracle_effects import tells_log
from tests.checkers.oracle_register import counts

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.checkers.telling import Teller
from outlast.history.columns import Columns
from outlast.history.history import History
from outlast.history.operation import Kind, Outcome

A = Anomaly
ORDERED = (A.LOST_UPDATE, A.STALE_READ, A.NON_MONOTONIC_READ)
STRANGE = (A.ABORTED_READ, A.SESSION_LEAK, A.GARBAGE_READ)


def test_each_name_is_the_one_of_what_its_witness_shows():
    """Executed twice, told twice, told by nobody, missing: and whether what was missing came back."""
    name_by_name(2000, range(6), least=3)


def name_by_name(sessions, seeds, least):
    """So many sessions of each seed, in which each name comes up so often; raises AssertionError."""
    told = dict.fromkeys((*ORDERED, *STRANGE, A.DUPLICATE_EXECUTION, A.SPLIT_BRAIN, A.FUTURE_READ), 0)
    for seed in seeds:
        header, made, everything = batch("effects", seed, sessions)
        columns = Columns.of(everything)
        teller = Teller(columns, min(o.invoked_ns for o in everything))
        for finding in judge(History(header, columns), findings_max=20_000).findings:
            if finding.anomaly in told and "No order" not in finding.because:
                told[finding.anomaly] += 1
                _is_right(finding, made[finding.session], everything, teller, header.clock_error_ns)
    assert all(count >= least for count in told.values()), told


def _is_right(finding, session, everything, teller, error):
    shown = [everything[row] for row in finding.rows]
    last, attempt = shown[-1], _quoted(finding)
    names = [name for o in shown if o.effects is not None for name in o.effects]
    tries = [o for o in session if o.attempt == attempt and o.op is Kind.INCREMENT]
    happened = [o for o in tries if o.outcome is not Outcome.FAIL]
    if finding.anomaly is A.DUPLICATE_EXECUTION:
        assert "twice" in finding.because
        places = {
            (o.effects_offset + i) for o in shown if tells_log(o) for i, e in enumerate(o.effects) if e == attempt
        }
        assert len(places) > 1
        assert {o.session for o in shown} == {finding.session}
        if tries:
            assert shown[0].attempt == attempt
    elif finding.anomaly is A.SPLIT_BRAIN:
        assert len(shown) == 2
        place = int(finding.because.split("position ")[1].split()[0])
        one, two = (o.effects[place - o.effects_offset] for o in shown)
        assert one != two
    elif finding.anomaly in STRANGE:
        assert attempt in last.effects
        assert not happened
        if finding.anomaly is A.ABORTED_READ:
            assert shown[0].attempt == attempt
            assert shown[0].session == finding.session
            assert shown[0].outcome is Outcome.FAIL
        elif finding.anomaly is A.SESSION_LEAK:
            assert not tries
            assert shown[0].attempt == attempt
            assert shown[0].session != finding.session
        else:
            assert not any(o.attempt == attempt for o in everything)
            assert [last] == shown
    elif finding.anomaly is A.FUTURE_READ:
        said = [row for row in finding.rows if f"The {teller.operation(row)} finished before the" in finding.because]
        early, late = everything[said[0]], shown[-1]
        assert f"the {teller.operation(finding.rows[-1])} began, yet it shows" in finding.because
        assert early.returned_ns + error < late.invoked_ns - error
        assert late.attempt in early.effects
    else:
        _is_missing(finding, session, everything, teller, error, names)


def _is_missing(finding, session, everything, teller, error, names):
    """What was shown or done by `known` is missing from `later`, which began after it."""
    said = [row for row in finding.rows if f"The {teller.operation(row)} finished before" in finding.because]
    known, later = everything[said[0]], everything[finding.rows[-1]]
    reads = [o for o in session if o.op is Kind.READ and o.outcome is Outcome.OK and tells_log(o)]
    after = [o for o in reads if o.invoked_ns > later.invoked_ns]
    assert known.returned_ns + error < later.invoked_ns - error
    assert f"the {teller.operation(finding.rows[-1])} began" in finding.because
    if known.op is Kind.READ:
        came_back = any(o.effects_offset + len(o.effects) >= known.effects_offset + len(known.effects) for o in after)
        expected = A.NON_MONOTONIC_READ if came_back else A.LOST_UPDATE
    else:
        assert known.outcome is Outcome.OK
        assert counts(known)
        # an attempt whose later try is executed late is no return of it
        expected = A.STALE_READ if any(known.attempt in o.effects for o in after) else A.LOST_UPDATE
    assert expected == finding.anomaly
    if expected is not A.LOST_UPDATE:
        assert any(o in after for o in (everything[row] for row in finding.rows))


def _quoted(finding):
    """The attempt that the sentence names."""
    parts = finding.because.split("the attempt '")
    return (
        parts[1].split("'")[0]
        if len(parts) > 1 and '"' not in finding.because
        else (finding.because.split('"')[1] if '"' in finding.because else None)
    )


def test_what_was_read_and_then_missed_is_named_by_whether_all_of_it_came_back():
    """A beginning of it is not it."""
    unknown = [tried(c, (2, None), outcome="unknown", seen=None) for c in "xyz"]
    shown = [login(), *unknown, logged("xyz", (4, 5)), logged("", (6, 7))]

    for later, name in (("xyz", "non-monotonic-read"), ("xy", "lost-update")):
        found = {f.anomaly for f in judged(*shown, logged(later, (8, 9))).findings}
        assert {name} == found - {"failed-request"}
