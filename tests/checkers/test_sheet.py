"""The sheet: sessions end to end on one line of time, by the clock or by rank; and what must be known beforehand."""

import numpy as np
import pytest
from tests.checkers.fuzz import MODELS, batch
from tests.checkers.operations import alive, gone, history, login, logout, op, tried, wrote
from tests.checkers.runs import AUDIT, HEAL, SETTLE, S, header, killed

from outlast.checkers import blocks, sheet
from outlast.checkers.judge import judge
from outlast.checkers.judgement import Judgement
from outlast.checkers.sheet import sheet_of
from outlast.checkers.survey import INFINITY, heal_of, onset_of, survey_of
from outlast.checkers.told import told_of
from outlast.history.columns import Columns
from outlast.history.history import Header, History, Phase, PhaseName


def laid(*operations, rows=None, **told):
    """Operations -> their sheet."""
    survey = survey_of(history(*operations, **told))
    return sheet_of(survey, told_of(survey.columns, survey.has_logs, None if rows is None else np.array(rows)))


@pytest.fixture(params=["by the clock", "by rank"])
def line(request, monkeypatch):
    """Either way of counting instants."""
    if request.param == "by rank":
        monkeypatch.setattr(sheet, "LINE_END", 1)
    return request.param


def test_on_the_line_the_order_of_a_session_is_the_order_in_time(line):
    """Ties stay ties; an earlier session lies below a later one; no instant lies on a session's own base."""
    at = [(5, 7), (7, 9), (8, None), (0, 9), (0, 3)]
    some = laid(*(op("read", span, outcome="unknown" if span[1] is None else "ok", session=name)
                  for span, name in zip(at, "aaabb", strict=True)), clock_error_ns=1)  # fmt: skip
    inv, ret, base = some.inv.tolist(), some.ret.tolist(), some.base.tolist()

    assert (line == "by rank") == (some.instants is not None)
    assert base[0] < inv[0] < inv[1] < ret[0] < inv[2] + 2 * (line == "by rank") + 2
    assert inv[1] < inv[2] < ret[1] < ret[2] == some.end(np.array([0]))[0] < base[1] < inv[3] == inv[4]
    assert inv[4] < ret[4] < ret[3] < some.end(np.array([1]))[0]


def test_clock_error_widens_by_itself_on_both_sides(line):
    """What is two errors apart touches."""
    some = laid(op("read", (0, 2)), op("read", (4, 5)), op("read", (9, 9)), clock_error_ns=1)

    assert some.ret[0] == some.inv[1] < some.ret[1] < some.inv[2] < some.ret[2]


def test_an_answer_of_unknown_outcome_has_an_instant_all_the_same(line):
    """One that never came has none: plus infinity."""
    some = laid(op("read", (0, 2), outcome="unknown"), op("read", (2, None), outcome="unknown"), op("read", (3, 9)),
                op("read", (2, 3), session="t"))  # fmt: skip

    assert [some.inv[1], some.end(np.array([0]))[0]] == some.answered(np.array([0, 1])).tolist()
    assert some.ret[0] == some.ret[1] == some.end(np.array([0]))[0] > some.ret[2]
    assert some.ret[3] == some.answered(np.array([3]))[0]


def test_an_answer_that_came_stands_at_its_instant(line):
    """Widened like any other, the very last one too."""
    some = laid(op("read", (20, 22)), op("read", (30, 39)), op("read", (40, None), outcome="unknown"),
                clock_error_ns=3)  # fmt: skip

    assert some.ret.tolist() == some.answered(np.arange(3)).tolist()


@pytest.mark.parametrize("sessions", [1, 2, 5])
def test_instants_are_counted_by_the_clock_as_long_as_all_of_them_fit(sessions, monkeypatch):
    """Of all sessions together."""
    operations = [op("read", (3, 9), session=f"s{i}") for i in range(sessions)]
    length = laid(*operations).span * sessions

    monkeypatch.setattr(sheet, "LINE_END", length + 1)
    assert laid(*operations).instants is None
    monkeypatch.setattr(sheet, "LINE_END", length)
    assert [3, 9] == laid(*operations).instants.tolist()


def test_the_lowest_and_the_highest_of_each_session(line):
    """Infinite where there is none."""
    some = laid(op("read", (3, 4)), op("read", (1, 2)), op("read", (5, 6), session="t"))
    at = np.array([0, 1])

    assert [some.inv[1], some.end(np.array([1]))[0]] == some.lowest(at, some.inv[at]).tolist()
    assert [some.inv[0], some.base[1]] == some.highest(at, some.inv[at]).tolist()


def test_a_sheet_of_some_sessions_names_them_by_their_place_in_the_history():
    """Numbered from 0 on."""
    some = laid(alive((0, 1), session="a"), alive((0, 1), session="b"), alive((0, 1), session="c"), rows=[2, 0])

    assert ([0, 2], [1, 0], [2, 0]) == (some.names.tolist(), some.session.tolist(), some.rows.tolist())


@pytest.mark.parametrize("name", MODELS)
def test_by_rank_the_same_is_found_as_by_the_clock(name, monkeypatch):
    """Only the order of instants counts."""
    head, _, everything = batch(name, 3, 60)

    def told() -> Judgement:
        return judge(History(head, Columns.of(everything)))

    clock = told()
    monkeypatch.setattr(sheet, "LINE_END", 1)
    rank = told()

    assert clock.findings == rank.findings
    assert clock.tallies == rank.tallies
    assert list(clock.sessions) == list(rank.sessions)


def test_of_several_logins_of_a_session_the_first_acknowledged_one_is_its_own(monkeypatch):
    """Else the first that may have taken effect; a failed one is none."""
    monkeypatch.setattr(blocks, "BLOCK", 2)
    survey = survey_of(history(
        login((0, 1), session="a", outcome="fail", user="x"), login((2, 3), session="a", outcome="unknown", user="y"),
        login((4, 5), session="a", user="z"), login((6, 7), session="a", user="w"),
        login((8, 9), session="b", outcome="unknown", user="y"), login((9, None), session="b", outcome="unknown"),
        login((8, 9), session="c", outcome="fail"), alive((8, 9), session="d"), clock_error_ns=1,
    ))  # fmt: skip
    users = [survey.columns.users[u] if u >= 0 else None for u in survey.user.tolist()]

    assert ["z", "y", None, None] == users
    assert [2, 4, -1, -1] == survey.login_row.tolist()
    assert [3, 7, INFINITY, INFINITY] == survey.login_inv.tolist()
    assert [6, INFINITY, INFINITY, INFINITY] == survey.login_ret.tolist()
    assert (-0, 9) == (survey.earliest, survey.latest)


def test_only_logouts_of_all_sessions_cross_sessions():
    """And logins, where one can end another session; a failed one ends nothing."""
    operations = [
        login((0, 1)),
        logout((2, 3)),
        logout((4, 5), scope="user"),
        logout((6, 7), scope="user", outcome="fail"),
        logout((8, None), scope="user", outcome="unknown"),
        login((9, 10), outcome="fail"),
    ]
    plain, evicting = (survey_of(history(*operations, max_sessions_per_user=n, clock_error_ns=1)) for n in (None, 2))

    assert [2, 4] == plain.user_logouts.tolist() == evicting.user_logouts.tolist()
    assert [0] == plain.logins.tolist()
    assert [3, 5, 7, 6, 8] == plain.shared_instants.tolist()
    assert [3, 5, 7, -1, 8, 6, 8, 2, 11] == evicting.shared_instants.tolist()


def test_a_token_has_the_first_row_that_tried_to_write_it():
    """In any session, whatever became of it; what nobody wrote has none."""
    survey = survey_of(history(alive((0, 1)), wrote("a", (2, 3), outcome="fail"), wrote("a", (4, 5), session="t"),
                               wrote("b", (4, 5), session="t"), op("write", (6, 7))))  # fmt: skip

    assert [1, 3, -1] == [survey.writer_of(token) for token in (0, 1, 7)]
    assert -1 == survey_of(history(alive((0, 1)))).writer_of(0)


def test_logs_hold_writes_if_any_shows_one():
    """An app that logs increments alone owes no entry to a write."""
    write, log = wrote("v", (0, 1), attempt="w"), op("read", (2, 3), effects=("i",))

    assert (True, False) == _logs(write, log, tried("i", (0, 1)))
    assert (True, True) == _logs(write, op("read", (2, 3), effects=("i", "w")))
    assert (True, False) == _logs(wrote("v", (0, 1)), log)
    assert (True, False) == _logs(log)
    assert (True, False) == _logs(op("read", (2, 3), effects=()))
    assert (False, False) == _logs(write)


def _logs(*operations):
    survey = survey_of(history(*operations))
    return survey.has_logs, survey.writes_logged


def test_the_harm_was_over_when_the_last_fault_was():
    """Without a fault when heal or settling began; unknown while one lasts, and where nothing tells."""
    first, second = killed(), killed(start_ns=6 * S, end_ns=7 * S)

    assert 8 * S == heal_of(header(first, second)) == heal_of(header(second, first))
    assert heal_of(header(first, killed(end_ns=None))) is None
    assert HEAL * S == heal_of(header())
    assert SETTLE * S == heal_of(Header(phases=header().phases[3:]))
    assert heal_of(Header()) is None
    assert (second, first) == (onset_of(header(second, killed(start_ns=7 * S))), onset_of(header(second, first)))
    assert onset_of(header()) is None


@pytest.mark.parametrize(
    ("phases", "faults", "settled"),
    [
        ((Phase(PhaseName.SETTLE, 1, 4), Phase(PhaseName.AUDIT, 5, 9), Phase(PhaseName.AUDIT, 3, 4)), (), 3),
        ((Phase(PhaseName.SETTLE, 1, 4), Phase(PhaseName.SETTLE, 2, 3)), (), 4),
        ((Phase(PhaseName.HEAL, 2, 4),), (), 2),
        ((), (killed(end_ns=8),), 8),
        ((), (killed(end_ns=None),), None),
        ((), (), None),
    ],
)
def test_an_eventual_store_must_be_right_from_the_audit_on(phases, faults, settled):
    """Else from the end of settling, else from the end of the harm."""
    survey = survey_of(History(Header(phases=phases, faults=faults), Columns.of([gone((0, 1))])))

    assert settled == survey.settled_ns
    assert AUDIT > SETTLE
