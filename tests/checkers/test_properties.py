"""What must hold of the judge whatever the history: weaker knowledge, other orders and other names add no finding."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.checkers import generate, generate_answers
from tests.checkers.models import LIFECYCLE, REGISTER

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.history.columns import Columns
from outlast.history.history import Guarantee, Header, History
from outlast.history.operation import Kind, Outcome

A = Anomaly
MAKERS = (
    generate.register, generate.counter, generate.blind_counter, generate.mixed_counter, generate.effects,
    generate.lifecycle, generate_answers.identity,
)  # fmt: skip
EXAMPLES = settings(max_examples=120, deadline=None)
TIMELY = set(A) - {A.FAILED_REQUEST, A.AFFINITY_FLAP, A.STUCK_USER}
"""What is proven by the order of instants."""


@st.composite
def sessions(draw, makers=MAKERS, most=3):
    """A few small sessions, one after the other, as lists of operations by their names."""
    dice = draw(st.randoms(use_true_random=False))
    count = draw(st.integers(1, most))
    return {f"s{i}": draw(st.sampled_from(makers))(dice, f"s{i}") for i in range(count)}


def together(made):
    """All operations of some sessions."""
    return [operation for session in made.values() for operation in session]


def found(operations, **header):
    """Operations -> (session, anomaly) of everything that the guarantee does not allow."""
    judgement = judge(History(Header(**header), Columns.of(operations)), processes=1)
    verdicts = judgement.sessions
    return {
        (verdict.session, anomaly)
        for place in range(len(verdicts.names))
        if verdicts.present[place]
        for verdict in [verdicts.of(place)]
        for bit, anomaly in enumerate(A)
        if anomaly in TIMELY and anomaly in verdict.anomalies and not int(verdicts.allowed[place]) >> bit & 1
    }


def wrong(operations, family=TIMELY, **header):
    """Which sessions have any of these."""
    return {session for session, anomaly in found(operations, **header) if anomaly in family}


@EXAMPLES
@given(sessions(), st.integers(1, 5))
def test_wider_intervals_never_add_a_finding(made, error):
    """A clock error only takes knowledge away."""
    operations = together(made)

    assert wrong(operations, clock_error_ns=error) <= wrong(operations)


@EXAMPLES
@given(sessions(), st.randoms(use_true_random=False))
def test_a_later_answer_never_adds_a_finding(made, dice):
    """Nor does an earlier question: what is concurrent with more proves less."""
    operations = together(made)
    wider = [
        replace(
            o,
            invoked_ns=o.invoked_ns - dice.choice((0, 0, 1, 3)),
            returned_ns=o.returned_ns and o.returned_ns + dice.choice((0, 0, 1, 3)),
        )
        for o in operations
    ]

    assert wrong(wider) <= wrong(operations)


@EXAMPLES
@given(sessions(), st.randoms(use_true_random=False))
def test_what_the_lines_are_sorted_by_changes_nothing(made, dice):
    """Neither the order of the lines nor the names of sessions, tokens and attempts."""
    operations = together(made)
    shuffled = dice.sample(operations, len(operations))
    renamed = [
        replace(
            o,
            session=f"z{9 - int(o.session[1:])}",
            value=o.value and f"!{o.value}",
            attempt=o.attempt and f"!{o.attempt}",
            effects=o.effects and tuple(f"!{effect}" for effect in o.effects),
        )
        for o in operations
    ]
    expected = found(operations)

    assert expected == found(shuffled)
    assert expected == {(f"s{9 - int(session[1:])}", anomaly) for session, anomaly in found(renamed)}


@EXAMPLES
@given(sessions(), st.integers(-(10**15), 10**15), st.sampled_from((1, 7, 10**9)))
def test_when_it_all_was_changes_nothing(made, shift, scale):
    """Shifted, and with a slower clock."""
    moved = [
        replace(
            o,
            invoked_ns=o.invoked_ns * scale + shift,
            returned_ns=None if o.returned_ns is None else o.returned_ns * scale + shift,
        )
        for o in together(made)
    ]

    assert found(together(made)) == found(moved)


@EXAMPLES
@given(sessions(makers=MAKERS[:5]), sessions())
def test_sessions_that_have_nothing_in_common_are_judged_as_if_alone(made, others):
    """Whatever others there are."""
    apart = [
        replace(
            o,
            session=f"other {o.session}",
            user=o.user and f"other {o.user}",
            value=o.value and f"other {o.value}",
            attempt=o.attempt and f"other {o.attempt}",
            effects=o.effects and tuple(f"other {effect}" for effect in o.effects),
        )
        for o in together(others)
    ]
    mine = {(session, anomaly) for session, anomaly in found(together(made) + apart) if session in made}

    assert found(together(made)) == mine


@EXAMPLES
@given(sessions(makers=(generate.register,)))
def test_what_the_stronger_promise_allows_the_weaker_allows(made):
    """But for a late write, which only breaks the session's order."""
    operations = together(made)
    ordered = {A.LATE_WRITE, *REGISTER}
    session = wrong(operations, REGISTER, guarantee=Guarantee.SESSION)

    assert session <= wrong(operations, REGISTER)
    assert wrong(operations, ordered, guarantee=Guarantee.EVENTUAL) <= session


@EXAMPLES
@given(sessions(makers=(generate.register, generate.counter, generate.effects)), st.randoms(use_true_random=False))
def test_a_read_that_was_not_made_proves_nothing(made, dice):
    """Without some of its reads a session that is fine stays fine."""
    operations = together(made)
    fewer = [o for o in operations if o.op is not Kind.READ or dice.random() < 0.6]

    assert wrong(fewer) <= wrong(operations)


@EXAMPLES
@given(sessions(makers=(generate.register, generate.counter, generate.lifecycle)))
def test_an_answer_that_was_lost_proves_less(made):
    """A write, an increment or a logout of unknown outcome may have happened, as one that was acknowledged did."""
    operations = together(made)
    changing = (Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT)
    lost = [
        replace(o, outcome=Outcome.UNKNOWN, seen=None, counter=None)
        if o.op in changing and o.outcome is Outcome.OK
        else o
        for o in operations
    ]

    assert wrong(lost, REGISTER | LIFECYCLE) <= wrong(operations)


@EXAMPLES
@given(sessions(makers=(generate.register, generate.lifecycle), most=2))
def test_a_witness_is_small_and_proves_it_alone(made):
    """At most six operations, and judged again they give the same anomaly."""
    operations = together(made)
    for finding in judge(History(Header(), Columns.of(operations)), processes=1).findings:
        if finding.anomaly in (REGISTER | LIFECYCLE) - {A.PREMATURE_EXPIRY}:
            witness = [operations[row] for row in finding.rows]

            assert len(witness) <= 6
            assert (finding.session, finding.anomaly) in found(witness)
