"""The whole judgement: tallies and their trials, reasons, sessions, and what is asked of all sheets together."""

import pytest
from tests.checkers.operations import alive, gone, history, judged, lines, login, op, read, recreated, wrote
from tests.checkers.runs import AUDIT, END, HEAL, ONSET, S, at, header, killed, later, run, session

from outlast.checkers.bounds import upper_bound
from outlast.checkers.judge import FINDINGS_MAX, judge
from outlast.checkers.promise import loses_nothing
from outlast.history.columns import Columns
from outlast.history.history import Guarantee, History, Phase, PhaseName
from outlast.history.operation import Scope

LOST_EARLY = [*session("a"), later("a", "anonymous", when=3)]


def test_an_anomaly_of_the_steady_phase_is_not_the_faults():
    """It fails all the same, and says so; where it is not gated there is nothing to say."""
    reasons = run(*LOST_EARLY, *session("b"), later("b", "alive")).reasons

    assert ("lost-session: 1 > 0", "lost-session: 1 already in the steady phase, not caused by the fault") == reasons
    assert () == run(*LOST_EARLY, *session("b"), later("b", "alive"), gates={"lost-session": None}).reasons


@pytest.mark.parametrize(("when", "steady"), [(0, True), (ONSET - 0.01, True), (ONSET, False), (AUDIT, False)])
def test_the_steady_phase_ends_where_the_next_begins(when, steady):
    """By when the answer that gave it away was asked; several sessions are counted together."""
    lost = [
        o
        for n in "ab"
        for o in (
            login(at(-1), session=n),
            op("read", at(-0.5), session=n, seen="alive", jar="kept"),
            later(n, "anonymous", when),
        )
    ]
    judgement = run(*lost, *session("c"), later("c", "alive"))
    told = "lost-session: 2 already in the steady phase, not caused by the fault"

    assert steady == (told in judgement.reasons)


def test_a_heal_that_was_not_proven_comes_first():
    """Then the gates, then what proves nothing."""
    reasons = run(
        *session("a"), later("a", "anonymous"), faults=(killed("x", "y", healed=False, proven=False),)
    ).reasons

    assert (
        "kill of x, y: its heal is not proven", "lost-session: 1 > 0", "kill of x, y: not proven from outside",
    ) == reasons  # fmt: skip


def test_a_gate_tells_its_numbers():
    """As short as they are; a figure that was not measured is unknown."""
    failing = [op("read", (i, i + 1), outcome="unknown") for i in range(2, 10, 2)]
    reasons = judged(login(), *failing, alive((20, 21))).reasons
    gated = judge(history(login(), *failing, alive((20, 21))), gates={"failed-request": 0.5, "recovery_s": 2.5}).reasons

    assert () == reasons
    assert ("failed-request: 0.666667 > 0.5", "recovery_s: unknown > 2.5") == gated


def test_sessions_in_doubt_are_counted_in_the_reasons():
    """One or several; of one that may never have been nobody speaks."""
    one = judged(login(), alive((2, 3)), login(session="t"))
    two = judged(login(), login(session="t"), login((0, None), outcome="unknown", session="u"))

    assert ("1 session undecided: it was never asked after its login",) == one.reasons
    assert ("2 sessions undecided: it was never asked after its login",) == two.reasons


def test_the_trials_are_the_sessions_on_the_victim_or_all_where_nothing_was_harmed():
    """The bound counts sessions, not findings, and only what is not allowed."""
    operations = [*session("a"), *session("b"), *session("c", "app-2"), later("a", "anonymous"), later("b", "alive"),
                  later("c", "alive")]  # fmt: skip
    harmed, calm = (run(*operations, faults=faults).tallies["lost-session"] for faults in (None, ()))

    assert (1, 0) == (harmed.count, harmed.allowed)
    assert (upper_bound(1, 2), 1.0) == (harmed.per_session, harmed.per_fault)
    assert (upper_bound(1, 3), None) == (calm.per_session, calm.per_fault)
    failed = [op("read", at(16 + i), session="b", outcome="unknown") for i in range(2)]
    assert upper_bound(1, 2) == run(*operations, *failed).tallies["failed-request"].per_session


def test_what_is_allowed_is_counted_and_bounds_nothing():
    """A late write is linearizable."""
    late = [login(), wrote("a", (2, 3), outcome="unknown"), wrote("b", (4, 5)), read("b", (6, 7)), read("a", (8, 9))]
    tally = judged(*late).tallies["late-write"]

    assert (1, 1, upper_bound(0, 1)) == (tally.count, tally.allowed, tally.per_session)


@pytest.mark.parametrize(
    ("instants", "struck"),
    [((4,), 0), ((5,), 1), ((9,), 1), ((10,), 1), ((5, 9.9), 1), ((5, 10), 2), ((10, 18), 1), ((4.8,), 0)],
)
def test_a_fault_struck_if_a_loss_was_seen_before_the_next_one_began(instants, struck):
    """From its own beginning on; the fault is the independent trial."""
    twice = (killed(), killed("app-2", start_ns=10 * S, end_ns=11 * S))
    lost = [o for i, when in enumerate(instants) for o in (*session(f"s{i}"), later(f"s{i}", "anonymous", when))]
    tally = run(*lost, *session("z"), later("z", "alive"), faults=twice).tallies["lost-session"]

    assert upper_bound(struck, 2) == tally.per_fault


def test_the_harm_strikes_from_when_it_can_have_begun():
    """Seen from outside a little later."""
    lost = [*session("a"), later("a", "anonymous", 4.8), *session("z"), later("z", "alive")]

    assert upper_bound(0, 1) == run(*lost).tallies["lost-session"].per_fault
    assert 1.0 == run(*lost, faults=(killed(onset_error_ms=300.0),)).tallies["lost-session"].per_fault


def test_each_tally_tells_its_anomaly():
    """All of the list, found or not."""
    assert all(name is tally.anomaly for name, tally in judged(login(), alive((2, 3))).tallies.items())


def test_what_is_allowed_fails_no_session():
    """Be it of several sorts; it hides no doubt either."""
    several = [
        wrote("a", (2, 3)), wrote("b", (4, 20)), read("b", (6, 7)), read("a", (8, 9)), read("b", (10, 11)),
        wrote("c", (22, 23)), read("b", (24, 25)), read("c", (26, 27)),
    ]  # fmt: skip
    settled = (Phase(PhaseName.AUDIT, 26, 30),)
    judgement = judged(login(), *several, guarantee=Guarantee.EVENTUAL, phases=settled)
    doubtful = judged(login(), *several, wrote("d", (28, 29)), guarantee=Guarantee.EVENTUAL, phases=settled)

    assert {"s": ("pass", ("stale-read", "non-monotonic-read"))} == {
        name: (line.verdict, line.anomalies) for name, line in lines(judgement).items()
    }
    assert ("pass", ()) == (judgement.verdict, judgement.reasons)
    assert ("1 session undecided: no later read could have shown its last acknowledged write",) == doubtful.reasons


def test_a_session_that_fails_is_not_undecided_as_well():
    """Its line tells both."""
    judgement = judged(login(), alive((2, 3), user="x"), wrote("a", (4, 5)))

    assert ("session-leak: 1 > 0",) == judgement.reasons
    assert ("no later read could have shown its last acknowledged write",) == lines(judgement)["s"].reasons


def test_a_session_tells_every_reason_for_which_it_is_undecided():
    """In the order of the list."""
    busy = [op("write", (2, 5), value="v", seen="alive", client=1), op("write", (4, 6), value="v", seen="alive",
            client=1)]  # fmt: skip
    never = run(login(at(0.5), session="b"), *session("a"), later("a", "alive"))
    twice = judged(login(), *busy)

    assert ("two of its writes carry one token", "one client did two things at once") == lines(twice)["s"].reasons
    assert ("it was never asked after its login", "it was never asked after heal") == lines(never)["b"].reasons


def test_of_many_findings_some_are_written_out_and_all_are_counted():
    """Of each anomaly by itself."""
    many = [o for i in range(5) for o in (login(session=f"s{i}"), alive((2, 3), session=f"s{i}", user="x"),
                                          gone((4, 5), session=f"s{i}"))]  # fmt: skip
    judgement = judge(history(*many), findings_max=3)

    assert ["lost-session"] * 3 + ["session-leak"] * 3 == [f.anomaly for f in judgement.findings]
    assert (5, 5) == tuple(judgement.tallies[name].count for name in ("lost-session", "session-leak"))
    assert 10 == len(judge(history(*many)).findings) < FINDINGS_MAX


def test_findings_of_one_sort_are_counted_together_whichever_way_they_were_proven():
    """Three of four leaks, two of a user and two of a value."""
    leaks = [o for i in range(2) for o in (login(session=f"u{i}"), alive((2, 3), session=f"u{i}", user="x"),
                                           login(session=f"v{i}"), read("a", (4, 5), session=f"v{i}"))]  # fmt: skip
    judgement = judge(history(login(), wrote("a", (2, 3)), read("a", (4, 5)), *leaks), findings_max=3)

    assert ["u0", "u1", "v0"] == [f.session for f in judgement.findings if f.anomaly == "session-leak"]
    assert 4 == judgement.tallies["session-leak"].count


def test_each_session_tells_what_was_found_in_it():
    """And in no other; what is not gated does not fail it."""
    judgement = judged(
        login(), alive((2, 3)), gone((4, 5)), login(session="t"), recreated((4, 5), session="t"),
        login(session="v"), alive((2, 3), session="v"), op("read", (4, 5), outcome="unknown", session="v"),
    )  # fmt: skip
    verdicts = lines(judgement)

    assert {
        "s": ("fail", ("lost-session",)),
        "t": ("fail", ("login-not-stored",)),
        "v": ("pass", ("failed-request",)),
    } == {name: (line.verdict, line.anomalies) for name, line in verdicts.items()}
    assert (8, 3, 0, 1, 1) == tuple(
        getattr(judgement.counts, n)
        for n in ("operations", "sessions", "acknowledged_writes", "unknown", "failed_requests")
    )


def test_the_same_is_found_by_several_processes(monkeypatch):
    """Whatever is judged together: sessions of one user, one stuck while others were helped."""
    operations = [
        *(o for i in range(40) for o in (*session(f"s{i}", user=f"u{i % 3}"), later(f"s{i}", "alive" if i % 3 else None,
          outcome="ok" if i % 3 else "unknown", user=f"u{i % 3}"))),
        op("logout", at(6), session="s1", scope=Scope.USER), later("s4", "anonymous", 17),
    ]  # fmt: skip
    one, two = (judge(History(header(killed()), Columns.of(operations)), processes=n) for n in (1, 2))

    def told(judgement):
        return (
            judgement.verdict,
            judgement.reasons,
            judgement.tallies,
            judgement.counts,
            judgement.exposure,
            sorted((f.anomaly, f.session, f.rows, f.because) for f in judgement.findings),
            lines(judgement),
        )

    assert told(one) == told(two)
    assert 14 == one.tallies["stuck-user"].count


def test_a_user_is_stuck_only_if_another_was_answered_through_the_balancer_after_heal():
    """Neither before it, nor past the balancer."""
    stuck = [*session("a"), op("read", at(HEAL + 1), session="a", outcome="unknown"), *session("b")]

    assert 0 == run(*stuck).tallies["stuck-user"].count
    assert 0 == run(*stuck, later("b", "alive", via="replica:app-2")).tallies["stuck-user"].count
    assert 0 == run(*stuck, later("b", "alive", HEAL)).tallies["stuck-user"].count
    assert 1 == run(*stuck, later("b", "alive", HEAL + 0.001)).tallies["stuck-user"].count


def test_a_user_who_was_only_refused_is_stuck_no_more_than_all_others():
    """A refusal is an answer, so no request failed."""
    refused = [*session("a"), op("read", at(HEAL + 1), session="a", outcome="fail", status=403), *session("b")]

    assert 0 == run(*refused).tallies["stuck-user"].count
    assert 1 == run(*refused, later("b", "alive")).tallies["stuck-user"].count


def test_a_session_that_was_never_answered_can_be_promised_too():
    """The last one of its sheet."""
    never = [op("login", at(ONSET + 1), session="z", outcome="unknown")]

    others = [o for name in "ab" for o in (*session(name), later(name, "alive"))]

    assert run(*others, *never, promise=loses_nothing()).expectation.kept is True


def test_a_kept_promise_is_not_put_to_the_test_by_a_fault_that_never_healed():
    """A broken one stays broken."""
    fine = [*session("a"), later("a", "alive")]
    lost = [*session("a"), later("a", "anonymous")]
    unhealed = (killed(healed=False),)

    assert run(*fine, promise=loses_nothing()).expectation.kept is True
    assert run(*fine, promise=loses_nothing(), faults=unhealed).expectation.kept is None
    assert run(*lost, promise=loses_nothing(), faults=unhealed).expectation.kept is False
    assert run(*fine).expectation is None


def test_the_judgement_carries_what_the_header_told():
    """The seed, the faults; and what was measured."""
    judgement = judge(History(header(killed(), seed=42), Columns.of([*session("a"), later("a", "alive", END - 1)])))

    assert (42, (killed(),), ()) == (judgement.seed, judgement.faults, judgement.not_tested)
    assert 100.0 == pytest.approx(judgement.longest_stall_ms)
    assert judgement.recovery_s is None


def test_the_judgement_tells_how_long_recovery_took():
    """From the onset until for five seconds no request failed."""
    failed = op("read", at(ONSET + 1, ONSET + 2), session="a", outcome="unknown")
    calm = [later("a", "alive", ONSET + 2.5 + i / 4) for i in range(25)]

    assert pytest.approx(2.0) == run(*session("a"), failed, *calm).recovery_s
