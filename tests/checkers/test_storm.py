"""Relogin storm: after the onset, a second with more than twice the steady logins."""

import pytest
from tests.checkers.operations import login, op
from tests.checkers.runs import ONSET, S, at, header, killed

from outlast.checkers.judge import judge
from outlast.history.columns import Columns
from outlast.history.history import Header, History, Phase, PhaseName

STEADY = [login(at(0.5 + i * 0.5), session=f"steady {i}") for i in range(5)]
"""One a second, in five seconds."""


def storm(*instants, before=STEADY, head=None):
    """Instants of logins after the onset -> (rows, sentence) of the storm, None without one."""
    operations = [*before, *(login(at(when), session=f"s{i}") for i, when in enumerate(instants))]
    judgement = judge(History(head or header(killed()), Columns.of(operations)))
    found = [(f.session, f.rows, f.because) for f in judgement.findings if f.anomaly == "relogin-storm"]
    assert len(found) == judgement.tallies["relogin-storm"].count <= 1
    return found[0] if found else None


def test_more_than_twice_the_steady_logins_in_a_second_are_a_storm():
    """Told of the first login of the fullest second; exactly twice is none."""
    assert storm(6, 6.5) is None
    session, rows, because = storm(5.5, 8, 8.2, 8.9, 9.5)

    assert ("s1", (6,)) == (session, rows)
    assert "3 logins in a second from the login [7.500 s, 7.600 s] ok on, 1.0 before." == because


def test_a_second_is_a_second():
    """What comes a full second later is in the next one."""
    assert storm(6, 6.5, 7) is None
    assert storm(6, 6.5, 6.99) is not None


def test_the_order_in_which_they_were_recorded_does_not_matter():
    """By when they were invoked."""
    assert ("s2", (7,)) == storm(8.9, 8.2, 8)[:2]


def test_only_what_comes_after_the_onset_counts():
    """From the very instant on; before it, it is the steady rate if it is in the steady phase."""
    assert ("s0", (5,)) == storm(ONSET, ONSET + 0.2, ONSET + 0.4)[:2]
    assert "5 logins" in storm(*(ONSET + i / 10 for i in range(5)))[2]
    assert storm(*(ONSET + i / 10 for i in range(5)))[2].endswith("1.0 before.")
    assert storm(*(ONSET + i / 10 for i in range(3)), before=[*STEADY, *STEADY]) is None
    assert storm(before=[login(at(1 + i / 10), session=f"b{i}") for i in range(9)]) is None


def test_other_requests_are_no_logins():
    """However many."""
    others = [op("read", at(6 + i / 10), session="steady 0", seen="alive") for i in range(9)]

    assert storm(before=[*STEADY, *others]) is None


@pytest.mark.parametrize("head", [header(), Header(faults=(killed(),)), header(killed(start_ns=30 * S, end_ns=31 * S))])
def test_without_a_fault_or_a_steady_phase_there_is_nothing_to_compare(head):
    """No fault, no phases, nobody after the onset."""
    assert storm(6, 6.1, 6.2, 6.3, head=head) is None


def test_without_a_steady_login_there_is_no_rate():
    """Zero before is no rate to be exceeded."""
    assert storm(6, 6.1, 6.2, 6.3, before=[]) is None


def steady(start_ns, end_ns):
    """A header with a fault and just this steady phase."""
    return Header(faults=(killed(),), phases=(Phase(PhaseName.STEADY, start_ns, end_ns),))


@pytest.mark.parametrize(
    ("head", "logins", "is_storm"),
    [
        (steady(0, 5 * S), (0, 1, 2, 3, 4), False),  # from the first instant of the phase on
        (steady(1, 5 * S), (0, 1, 2, 3, 4), True),  # a nanosecond later: four in five seconds
        (steady(3 * S, 5 * S), (3.5, 4.5), False),  # a phase need not begin at zero
        (steady(0, 5 * S + 1), (0, 1, 2, 3, 4), True),  # a nanosecond longer: just less than one a second
    ],
)
def test_the_steady_rate_is_that_of_the_steady_phase(head, logins, is_storm):
    """Two logins in a second are a storm if they are more than twice the rate."""
    assert is_storm == (storm(6, 6.5, before=[login(at(t), session=f"b{t}") for t in logins], head=head) is not None)


def test_the_steady_rate_is_told_as_it_was():
    """To a tenth."""
    before = [login(at(1), session=f"b{i}") for i in range(60)]
    found = storm(*(6 + i / 1000 for i in range(121)), before=before, head=steady(S, 2 * S))

    assert found[2].endswith("121 logins in a second from the login [5.000 s, 5.100 s] ok on, 60.0 before.")
