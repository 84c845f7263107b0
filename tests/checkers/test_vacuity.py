"""Unknown is never green: each way in which a history proves nothing is inconclusive, with its reason."""

import pytest
from tests.checkers.operations import alive, gone, history, judged, login, logout, op, wrote
from tests.checkers.runs import HEAL, ONSET, STEADY, S, at, killed, later, run, session

from outlast.checkers import blocks
from outlast.checkers.judge import judge
from outlast.checkers.verdict import Verdict
from outlast.history.history import Guarantee, Phase, PhaseName


def reason(judgement):
    """Its one reason for being inconclusive."""
    assert Verdict.INCONCLUSIVE == judgement.verdict, judgement.reasons
    return "; ".join(judgement.reasons)


def test_no_operation_is_no_evidence():
    """Also if all of them went past the balancer."""
    assert "no operation went through the balancer" == reason(judged())
    assert "no operation went through the balancer" == reason(judged(alive((0, 1), via="store")))


@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_a_kind_of_operation_of_which_none_succeeded(outcome):
    """Nothing is known of what it would have shown."""
    failed = op("increment", (4, 5), outcome=outcome, status=500)

    assert "not one increment was acknowledged" in reason(judged(login(), alive((2, 3)), failed))


def test_a_fault_that_was_not_proven():
    """It may not have happened."""
    seen = [*session("a"), later("a", "alive")]

    assert "kill of app-1: not proven from outside" == reason(run(*seen, faults=(killed(proven=False),)))
    assert "kill: not proven from outside" == reason(run(*seen, faults=(killed(nodes=(), proven=False),)))


def test_a_fault_nobody_was_exposed_to():
    """Nothing could be lost."""
    elsewhere = [*session("a"), later("a", "alive", 2, "app-2"), later("a", "alive")]

    assert "nothing lived on the victim" in reason(run(*elsewhere))


def test_nothing_was_answered_after_heal():
    """Then nobody knows what was lost; and no session was asked."""
    never = "no operation was answered after heal; 1 session undecided: it was never asked after heal"

    assert never == reason(run(*session("a"), op("read", at(HEAL + 1), session="a", outcome="unknown")))
    assert never == reason(run(*session("a"), later("a", "alive", HEAL)))
    assert "pass" == run(*session("a"), later("a", "alive", HEAL + 0.001)).verdict


def test_a_fault_without_an_end():
    """It was still in force."""
    assert "still in force" in reason(run(*session("a"), later("a", "alive"), faults=(killed(end_ns=None),)))


def test_a_session_that_was_never_asked():
    """Logged in, and that was all; one that logged out again has nothing to prove."""
    assert "never asked after its login" in reason(judged(login(), *[login(session="t"), alive((2, 3), session="t")]))
    assert "pass" == judged(login(), logout((2, 3)), alive((2, 3), session="t"), login(session="t")).verdict


def test_a_session_that_never_began_decides_nothing():
    """Its login was not acknowledged: its own line is inconclusive, the run is not."""
    judgement = judged(login(), alive((2, 3)), login((4, None), outcome="unknown", session="t"))

    assert "pass" == judgement.verdict
    assert {"s": "pass", "t": "inconclusive"} == {line.session: line.verdict for line in judgement.sessions}


def test_a_session_that_was_only_ever_seen_gone():
    """Without a login there is no proof that it existed."""
    judgement = judged(gone((2, 3)), login(session="t"), alive((2, 3), session="t"))

    assert {"s": "inconclusive", "t": "pass"} == {line.session: line.verdict for line in judgement.sessions}


def test_a_client_that_does_two_things_at_once():
    """What it recorded cannot be trusted; touching is fine."""
    busy = [op("read", (2, 5), seen="alive", client=1), op("read", (4, 6), seen="alive", client=1)]
    calm = [op("read", (2, 4), seen="alive", client=1), op("read", (4, 6), seen="alive", client=1)]

    assert "did two things at once" in reason(judged(login(), *busy))
    assert "pass" == judged(login(), *calm).verdict


def test_a_stack_that_was_not_healthy_before_the_fault():
    """More than one in a hundred failed."""
    failing = [op("read", at(2 + i / 100), session="a", outcome="unknown", status=503) for i in range(3)]

    assert (
        "the stack was not healthy before the fault: 3 of 5 requests failed"
        == reason(run(*session("a"), *failing, later("a", "alive")))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("failed", "told"),
    [((STEADY - 1,), ""), ((STEADY,), "1 of 4"), ((ONSET - 0.01,), "1 of 4"), ((ONSET,), ""), ((STEADY, 4), "2 of 5")],
)
@pytest.mark.parametrize("rows_at_once", [1, 100])
def test_the_steady_phase_is_counted_from_its_first_instant_up_to_the_next(failed, told, rows_at_once, monkeypatch):
    """However the rows are cut into blocks; what went past the balancer is nobody's request."""
    monkeypatch.setattr(blocks, "BLOCK", rows_at_once)
    failing = [op("read", at(when), session="a", outcome="unknown") for when in failed]
    failing.append(op("read", at(2), session="a", outcome="unknown", via="store"))
    reasons = run(*session("a"), *failing, alive(at(3), session="a"), later("a", "alive")).reasons

    assert (f"the stack was not healthy before the fault: {told} requests failed",) * bool(told) == reasons


@pytest.mark.parametrize("rows_at_once", [1, 100])
def test_one_acknowledged_operation_of_a_kind_is_enough(rows_at_once, monkeypatch):
    """Wherever it stands; of another kind none was."""
    monkeypatch.setattr(blocks, "BLOCK", rows_at_once)
    refused = [op(kind, (i, i + 1), outcome="fail", status=403) for kind in ("read", "logout") for i in (4, 6)]

    assert "not one logout was acknowledged" == reason(judged(login(), alive((2, 3)), *refused))


def test_too_little_load():
    """Below the run's own minimum nothing is proven."""
    assert (
        "the load reached 0 operations per second of at least 100"
        == reason(run(*session("a"), later("a", "alive"), minimum_rate=100))
    )  # fmt: skip
    assert "pass" == run(*session("a"), later("a", "alive"), minimum_rate=0.1).verdict


@pytest.mark.parametrize(
    ("seconds", "minimum", "reached"),
    [
        ((2, 2.5, 3, 3.5), 2, None),  # just enough
        ((2, 2.5, 3, 3.5), 2.000000001, 2),  # a hair too little
        ((2, 2.5, 3), 2, 2),
        ((2, 3, 3.999), 2, 2),
        ((1.999, 3, 3.5, 3.6), 2, 2),  # before the steady phase
        ((2, 3, 3.5, 4), 2, 2),  # settling has begun
    ],
)
@pytest.mark.parametrize("rows_at_once", [1, 100])
def test_the_load_is_what_comes_from_the_steady_phase_to_settling(seconds, minimum, reached, rows_at_once, monkeypatch):
    """Per second, through the balancer, however the rows are cut into blocks."""
    monkeypatch.setattr(blocks, "BLOCK", rows_at_once)
    phases = (Phase(PhaseName.STEADY, 2 * S, 3 * S), Phase(PhaseName.SETTLE, 4 * S, 5 * S))
    past = [alive(at(when), via="store") for when in (2.1, 2.2, 3)]
    load = [login(at(1)), *(alive(at(when)) for when in seconds), *past]
    judgement = judge(history(*load, phases=phases), minimum_rate=minimum)
    told = (f"the load reached {reached} operations per second of at least {minimum:.0f}",) * (reached is not None)

    assert told == judgement.reasons


@pytest.mark.parametrize(
    ("length", "minimum", "enough"), [(1, 3, True), (1, 4, False), (0.5, 6, True), (0.5, 7, False)]
)
def test_a_short_load_has_a_rate_as_well(length, minimum, enough):
    """One of no length has none."""
    phases = tuple(Phase(name, 2 * S, round((2 + length) * S)) for name in (PhaseName.STEADY,))
    phases += (Phase(PhaseName.SETTLE, phases[0].end_ns, 9 * S),)
    load = history(login(at(2)), alive(at(2.2)), alive(at(2.3)), phases=phases)

    assert enough == (judge(load, minimum_rate=minimum).reasons == ())
    assert "pass" == judge(history(login((0, 0)), alive((0, 0))), minimum_rate=99).verdict


def test_eventual_needs_to_know_from_when_on():
    """Without an audit, a settle phase or a healed fault every read may be early."""
    assert (
        "nothing tells from when on an eventual store must be right: no audit, no settle phase, no healed fault"
        == reason(judged(login(), alive((2, 3)), guarantee=Guarantee.EVENTUAL))
    )  # fmt: skip
    assert "pass" == judged(
        login(), alive((2, 3)), guarantee=Guarantee.EVENTUAL, phases=(Phase(PhaseName.AUDIT, 5, 9),)
    ).verdict  # fmt: skip


def test_a_failure_outranks_what_could_not_be_decided():
    """pass < inconclusive < fail < error."""
    lost = [*session("a"), later("a", "anonymous")]

    assert Verdict.FAIL == run(*lost, faults=(killed(proven=False),)).verdict
    assert Verdict.ERROR == run(*lost, faults=(killed(healed=False),)).verdict
    assert "its heal is not proven" in run(*lost, faults=(killed(healed=False),)).reasons[0]


def test_a_write_nobody_could_have_seen_is_told_by_session():
    """The line of the session says why."""
    judgement = judged(login(), alive((2, 3)), wrote("a", (4, 5)))

    assert [("no later read could have shown its last acknowledged write",)] == [x.reasons for x in judgement.sessions]
    assert ONSET * S == 5 * 10**9


def test_a_reservation_is_never_a_pass():
    """A fault that was not done, an abort, a dry run: the reasons say it, whatever else was found."""
    fine = run(*session("a"), later("a", "alive"))
    told = run(*session("a"), later("a", "alive"), reservations=("dry run: no fault was injected",))
    lost = run(*session("a"), later("a", "anonymous"), reservations=("the run was aborted: too much",))

    assert "pass" == fine.verdict
    assert ("inconclusive", ("dry run: no fault was injected",)) == (told.verdict, told.reasons)
    assert "fail" == lost.verdict
    assert "the run was aborted: too much" in lost.reasons
