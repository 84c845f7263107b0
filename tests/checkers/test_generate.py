"""What the random small sessions hold: a comparison with an oracle proves nothing about what is never generated."""

from itertools import pairwise

import pytest
from tests.checkers.fuzz import batch
from tests.checkers.models import MODELS

from outlast.history.operation import Jar, Kind, Outcome, Seen

SESSIONS = 2000
TIMED = ("register", "session-order", "eventual", "counter", "blind-counter", "mixed-counter", "effects", "life")


def share(sessions, holds):
    """Which share of the sessions hold something."""
    return sum(map(holds, sessions)) / len(sessions)


def made(name, seed=0):
    """The sessions of one batch."""
    return list(batch(name, seed, SESSIONS)[1].values())


def has_ties(session):
    """One operation ends, or another begins, at the very instant at which one begins."""
    begun = sorted(o.invoked_ns for o in session)
    ended = {o.returned_ns for o in session if o.returned_ns != o.invoked_ns}
    return any(a == b for a, b in pairwise(begun)) or bool(ended & set(begun))


@pytest.mark.parametrize("name", MODELS)
def test_every_model_meets_ties_unknown_outcomes_and_tiny_sessions(name):
    """Empty and one-operation sessions, too; answers past the balancer and to the kept cookie."""
    sessions = made(name)

    assert share(sessions, has_ties) > 0.2
    assert share(sessions, lambda s: any(o.outcome is Outcome.UNKNOWN for o in s)) > 0.2
    assert share(sessions, lambda s: any(o.outcome is Outcome.FAIL for o in s)) > 0.1
    assert share(sessions, lambda s: any(o.returned_ns is None for o in s)) > 0.1
    assert share(sessions, lambda s: any(o.via != "balancer" for o in s)) > 0.05
    assert share(sessions, lambda s: any(o.jar is Jar.KEPT for o in s)) > 0.05
    assert share(sessions, lambda s: not s) > 0.01
    assert share(sessions, lambda s: len(s) == 1) > 0.02
    assert share(sessions, lambda s: any(not later(a, b) and not later(b, a) for a, b in pairwise(s))) > 0.2


def later(a, b):
    """One began after the other was over."""
    return b.returned_ns is not None and b.returned_ns < a.invoked_ns


@pytest.mark.parametrize("name", TIMED)
def test_clocks_are_wrong_in_some_histories(name):
    """Else widened intervals are never judged."""
    assert {0, 1} == {header.clock_error_ns for header in MODELS[name].headers}


@pytest.mark.parametrize("name", ["register", "session-order", "eventual"])
def test_failed_writes_are_seen_and_some_sessions_are_never_read(name):
    """And so are values of writes whose outcome is unknown, and values that are not the session's."""
    sessions = made(name)

    assert share(sessions, lambda s: seen(s, written(s, Outcome.FAIL))) > 0.003
    assert share(sessions, lambda s: seen(s, written(s, Outcome.UNKNOWN))) > 0.03
    assert share(sessions, lambda s: seen(s, {"other", "nobody's"})) > 0.003
    assert share(sessions, lambda s: bool(s) and not any(o.op is Kind.READ for o in s)) > 0.03
    assert share(sessions, lambda s: any(o.seen is Seen.ANONYMOUS for o in s)) > 0.1


@pytest.mark.parametrize("name", ["counter", "blind-counter", "mixed-counter", "effects"])
def test_attempts_are_tried_again(name):
    """After every outcome of the first try."""
    sessions = made(name)

    for outcome in Outcome:
        assert share(sessions, lambda s, outcome=outcome: retried(s, outcome)) > 0.005


def test_logs_hold_what_is_not_theirs():
    """Another session's attempt, and one that nobody made; and some lost their beginning."""
    sessions = made("effects")

    for strange in ("another's", "nobody's"):
        assert share(sessions, lambda s, strange=strange: any(strange in (o.effects or ()) for o in s)) > 0.002
    assert share(sessions, lambda s: any(o.effects_offset for o in s)) > 0.05


def seen(session, values):
    """Some ok read shows one of these."""
    return any(o.op is Kind.READ and o.outcome is Outcome.OK and o.value in values for o in session)


def written(session, outcome):
    """Values of the writes that came to this."""
    return {o.value for o in session if o.op is Kind.WRITE and o.outcome is outcome}


def retried(session, outcome):
    """A key of an increment with this outcome is that of another one, too."""
    keys = [o.attempt for o in session if o.op is Kind.INCREMENT and o.attempt]
    first = [o.attempt for o in session if o.op is Kind.INCREMENT and o.attempt and o.outcome is outcome]
    return any(keys.count(key) > 1 for key in first)
