"""Rules of which few operations tell a session's story."""

from __future__ import annotations

from tests.render.made_history import MS, asked, history, kill

from outlast.history.history import History
from outlast.history.operation import Jar, Kind, Outcome, Seen
from outlast.render.affected import affected_of
from outlast.render.document import Found
from outlast.render.story import BEATS_MAX, Story, in_words, story_of


def story(told: History, proof: tuple[int, ...] = (), fault: str = "kill") -> Story:
    moments = tuple((at * MS, 0) for at in proof)
    (one,) = affected_of([Found(anomaly="lost-session", session="a", fault=fault, moments=moments)], told)
    return story_of(one, told, 0)


def long_history() -> History:
    before = [asked("a", 0, op=Kind.LOGIN)] + [asked("a", 10 * n, replica="app-2") for n in range(1, 60)]
    after = [asked("a", 10 * n, Seen.ANONYMOUS, replica="app-1") for n in range(60, 90)]
    return history(*before, *after, faults=(kill(595, 800),))


def test_a_short_session_is_told_whole() -> None:
    """Nothing is left out that fits."""
    told = story(history(asked("a", 0), asked("a", 5), asked("b", 6)))

    assert (2, 2) == (len(told.beats), told.operations)


def test_a_loss_in_words() -> None:
    """Where it lived, and how long before and after the fault it was seen alive and gone."""
    told = history(
        asked("a", 0, replica="app-2"), asked("a", 300, Seen.ANONYMOUS, replica="app-1"), faults=(kill(100, None),)
    )
    (one,) = affected_of([Found(anomaly="lost-session", session="a")], told)

    words = in_words(one, told)

    assert words.startswith("a lived on app-2 and was last seen alive 0.10 s before the kill; ")
    assert words.endswith("0.20 s after the kill it was gone, and it never came back.")


def test_what_is_no_loss_has_no_such_words() -> None:
    """A stale read is not told as a session that went."""
    told = history(asked("a", 0), asked("a", 300, Seen.ANONYMOUS), asked("a", 400))
    (one,) = affected_of([Found(anomaly="flickering-session", session="a")], told)

    assert "" == in_words(one, told)


def test_a_long_session_is_told_by_what_matters() -> None:
    """The login, the proof, the last time alive, the first time gone and the end are always there."""
    told = story(long_history(), proof=(20, 700))
    sent = [round(beat.at_s * 1000) for beat in told.beats]

    assert len(sent) <= BEATS_MAX
    assert {0, 20, 590, 600, 700, 890} <= set(sent)
    assert sorted(sent) == sent
    assert [20, 700] == [at for at, beat in zip(sent, told.beats, strict=True) if beat.proves]
    assert 90 == told.operations


def test_times_count_from_the_fault() -> None:
    """What came before it is negative."""
    told = story(long_history())

    assert [True, False] == [beat.after_s is not None and beat.after_s < 0 for beat in (told.beats[0], told.beats[-1])]


def test_the_fault_is_drawn_on_its_victim() -> None:
    """Between the last operation before it and the first after it."""
    told = story(long_history(), proof=(20, 700))
    (band,) = told.bands

    assert "app-2" == told.lanes[band.place]
    assert told.beats[band.start - 1].at_s < 0.595 < told.beats[band.start].at_s


def test_what_was_not_answered_has_a_lane_of_its_own() -> None:
    """A lost answer is neither alive nor gone, and no replica's."""
    told = story(history(asked("a", 0, replica="app-1"), asked("a", 5, None)))

    assert "no answer" == told.lanes[told.beats[1].place]
    assert ("none", "no answer") == (told.beats[1].mark, told.beats[1].saw)


def test_an_accepted_login_is_a_living_session() -> None:
    """Though its answer shows nothing else; a refused one is not."""
    accepted = asked("a", 0, op=Kind.LOGIN, seen=None, outcome=Outcome.OK, returned_ns=MS)
    refused = asked("a", 5, op=Kind.LOGIN, seen=None, outcome=Outcome.FAIL, returned_ns=6 * MS, status=403)

    told = story(history(accepted, refused))

    assert [("alive", "logged in"), ("other", "refused")] == [(beat.mark, beat.saw) for beat in told.beats]


def test_an_app_that_names_no_replica() -> None:
    """Its answers have a lane all the same."""
    assert ("the app",) == story(history(asked("a", 0))).lanes


def test_the_kept_cookie_and_the_direct_question_are_told() -> None:
    """A reader sees who was asked, and with which cookie."""
    told = story(
        history(asked("a", 0), asked("a", 5, jar=Jar.KEPT), asked("a", 9, via="replica:app-3", replica="app-3"))
    )

    assert ["balancer", "balancer, kept cookie", "app-3 itself"] == [beat.asked for beat in told.beats]


def test_the_fault_that_came_before_the_loss_is_the_one() -> None:
    """Of two faults of a name, times count from the last one before the session was gone."""
    told = history(asked("a", 0), asked("a", 100, Seen.ANONYMOUS), faults=(kill(10, 20), kill(50, 60), kill(150, 160)))

    assert [-0.05, 0.05] == [beat.after_s for beat in story(told).beats]
