"""Rules of which sessions are told of, in which order, and what is told of them."""

from __future__ import annotations

from tests.render.made_history import MS, asked, history

from outlast.history.history import History
from outlast.history.operation import Jar, Seen
from outlast.render.affected import LANES_MAX, Affected, affected_of
from outlast.render.document import Found


def found(anomaly: str, session: str) -> Found:
    return Found(anomaly=anomaly, session=session, because="so it was")


def affected(*findings: Found, of: History | None = None) -> tuple[Affected, ...]:
    return affected_of(findings, of)


def test_gravest_first_then_by_when_it_was_gone() -> None:
    """Lost sessions come before lost writes, and who was gone first comes first."""
    told = history(
        asked("a", 0), asked("a", 50, Seen.ANONYMOUS), asked("b", 0), asked("b", 20, Seen.ANONYMOUS), asked("c", 0)
    )

    sessions = affected(found("lost-write", "c"), found("lost-session", "a"), found("lost-session", "b"), of=told)

    assert ["b", "a", "c"] == [one.session for one in sessions]


def test_a_session_is_told_once() -> None:
    """Several findings of one session are one story, the gravest first."""
    (one,) = affected(found("lost-write", "a"), found("lost-session", "a"), found("lost-write", "a"))

    assert ("lost-session", "lost-write") == one.anomalies


def test_spans_follow_the_browsers_answers() -> None:
    """Alive until the last answer that saw it, gone from the first that did not, and nobody knows in between."""
    told = history(
        asked("a", 0, replica="app-2"),
        asked("a", 10, replica="app-2"),
        asked("a", 30, Seen.ANONYMOUS, replica="app-1"),
        asked("a", 40, jar=Jar.KEPT),
        asked("a", 41, via="replica:app-1"),
        asked("a", 50, Seen.ANONYMOUS, replica="app-1"),
    )

    (one,) = affected(found("lost-session", "a"), of=told)

    assert ["alive", "blind", "gone"] == [span.state for span in one.spans]
    assert (11 * MS, 31 * MS) == (one.alive_ns, one.gone_ns)
    assert "app-2" == one.home


def test_a_session_that_flickers_has_more_spans() -> None:
    """Gone and back is drawn as such."""
    told = history(asked("a", 0), asked("a", 10, Seen.ANONYMOUS), asked("a", 20))

    (one,) = affected(found("flickering-session", "a"), of=told)

    assert ["alive", "blind", "gone", "blind", "alive"] == [span.state for span in one.spans]


def test_an_unknown_session_is_still_told() -> None:
    """A finding whose session the history does not have is told without operations."""
    (one,) = affected(found("lost-session", "nobody"), of=history(asked("a", 0)))

    assert 0 == len(one.rows)
    assert one.gone_ns is None


def test_many_are_cut() -> None:
    """However many sessions, no more are looked up than a page can use."""
    assert LANES_MAX == len(affected(*(found("lost-session", f"s{n}") for n in range(LANES_MAX + 5))))
