"""The lab's driver: what it asks, and what it makes of the answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlast.drivers.driver import Act, Answer, Request, Response
from outlast.drivers.lab import LabDriver
from outlast.history.operation import Kind, Outcome, Scope, Seen

TOLD = {"user": "u1", "value": "t1", "counter": 3, "replica": "app-1", "boot": "0badc0de", "build": "a"}
NOBODY = {**TOLD, "user": None, "value": None, "counter": None}
WHO = {"replica": "app-1", "boot": "0badc0de", "build": "a"}


def asked(kind: Kind, **act) -> Request:
    return next(LabDriver().perform(Act(kind=kind, user="u1", **act)))


def answered(kind: Kind, status: int, body: object, **act) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    talk = LabDriver().perform(Act(kind=kind, user="u1", **act))
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send(Response(status, {}, raw))
    return end.value.value


def test_what_it_asks():
    """A request for each act, no more."""
    form = (("Content-Type", "application/x-www-form-urlencoded"),)

    assert Request("POST", "/login", form, b"user=u1") == asked(Kind.LOGIN)
    assert Request("GET", "/me") == asked(Kind.READ)
    assert Request("GET", "/me?log=1") == asked(Kind.READ, with_effects=True)
    assert Request("GET", "/me?cost_ms=30") == asked(Kind.READ, cost_s=0.03)
    assert Request("GET", "/page") == asked(Kind.READ, as_page=True)
    assert Request("GET", "/assets/a.js") == asked(Kind.ASSET, path="/assets/a.js")
    assert Request("PUT", "/value", (("Content-Type", "text/plain"),), b"t9") == asked(Kind.WRITE, token="t9")
    slow = asked(Kind.WRITE, token="t9", slow_s=0.8)
    assert Request("PUT", "/value?slow_ms=800", (("Content-Type", "text/plain"),), b"t9") == slow
    assert Request("POST", "/increment", (("Idempotency-Key", "k1"),)) == asked(Kind.INCREMENT, attempt="k1")
    late = asked(Kind.INCREMENT, attempt="k1", slow_s=0.5)
    assert Request("POST", "/increment?slow_ms=500", (("Idempotency-Key", "k1"),)) == late
    assert Request("POST", "/logout") == asked(Kind.LOGOUT)
    assert Request("POST", "/logout?scope=user") == asked(Kind.LOGOUT, scope=Scope.USER)


def test_a_name_cannot_leave_its_form_field():
    """Accounts of a user's own may hold any characters."""
    request = next(LabDriver().perform(Act(kind=Kind.LOGIN, user="a&admin=1 ü")))

    assert b"user=a%26admin%3D1%20%C3%BC" == request.body


def test_a_read_of_a_living_session():
    """Value, counter and log count."""
    answer = answered(Kind.READ, 200, {**TOLD, "log": ["k1", "k2"], "log_offset": 5})

    assert answer == Answer(
        outcome=Outcome.OK, seen=Seen.ALIVE, has_value=True, value="t1", counter=3, user="u1",
        effects=("k1", "k2"), effects_offset=5, **WHO,
    )  # fmt: skip


def test_a_read_with_nothing_written_yet():
    """Null is "none yet", and that is something that was read."""
    answer = answered(Kind.READ, 200, {**TOLD, "value": None, "counter": 0})

    assert (True, None, 0) == (answer.has_value, answer.value, answer.counter)


def test_an_increment_tells_the_counter_after_it():
    """Without one it proves nothing."""
    assert 3 == answered(Kind.INCREMENT, 200, TOLD).counter
    assert Outcome.UNKNOWN is answered(Kind.INCREMENT, 200, {**TOLD, "counter": None}).outcome


@pytest.mark.parametrize("kind", [Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT])
def test_a_401_that_says_who_it_is_shows_that_there_is_no_session(kind):
    """It surely did not take effect."""
    assert Answer(outcome=Outcome.FAIL, seen=Seen.ANONYMOUS, **WHO) == answered(kind, 401, NOBODY)


@pytest.mark.parametrize("body", [b"", b"Unauthorized", {"error": "who?"}, TOLD])
def test_a_401_of_somebody_else_proves_nothing(body):
    """A balancer in between may ask for a password of its own; the app never names a user in a 401."""
    answer = answered(Kind.READ, 401, body)

    assert Outcome.UNKNOWN is answer.outcome
    assert answer.seen is None


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_is_unknown_whatever_it_says(status):
    """But it still tells which replica said it."""
    assert Answer(outcome=Outcome.UNKNOWN, **WHO) == answered(Kind.WRITE, status, TOLD)


def test_a_new_session_in_the_place_of_the_old_one():
    """Its values are not the session's."""
    answer = answered(Kind.READ, 200, {**NOBODY, "recreated": True})

    assert Seen.RECREATED is answer.seen
    assert not answer.has_value


def test_a_200_for_nobody_is_anonymous():
    """Some apps serve a page for strangers."""
    answer = answered(Kind.READ, 200, NOBODY)

    assert (Outcome.OK, Seen.ANONYMOUS, False) == (answer.outcome, answer.seen, answer.has_value)


def test_a_login_does_not_show_that_the_session_was_stored():
    """Else a login that was never stored could not be told from one that was."""
    answer = answered(Kind.LOGIN, 200, TOLD)

    assert (Outcome.OK, None, "u1") == (answer.outcome, answer.seen, answer.user)


def test_a_logout_shows_that_there_was_a_session_to_end():
    """The app answers with what there is after it: nobody; without a session it answers 401."""
    ended, nothing = answered(Kind.LOGOUT, 200, NOBODY), answered(Kind.LOGOUT, 401, NOBODY)

    assert (Outcome.OK, Seen.ALIVE, None) == (ended.outcome, ended.seen, ended.user)
    assert (Outcome.FAIL, Seen.ANONYMOUS) == (nothing.outcome, nothing.seen)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"\xff\xfe", b"[]", b"null", b'"u1"', b"[" * 100_000, b"1" * 5000,
        b'{"user": "u1"' + b" " * 300_000 + b"}",
        b'{"user": "u1", "counter": ' + b"9" * 5000 + b"}",
        {**TOLD, "user": 1}, {**TOLD, "user": ["u1"]}, {**TOLD, "value": {}}, {**TOLD, "counter": "3"},
        {**TOLD, "counter": True}, {**TOLD, "counter": -1}, {**TOLD, "counter": 2**63}, {**TOLD, "counter": 1.5},
        {**TOLD, "counter": float("nan")}, {**TOLD, "replica": 7}, {**TOLD, "boot": []}, {**TOLD, "log": "k1"},
        {**TOLD, "log": [1]}, {**TOLD, "log": ["k"] * 5000}, {**TOLD, "log": [], "log_offset": -1},
        {"value": "t1"},
    ],
)  # fmt: skip
def test_garbage_is_unknown(body):
    """Never an exception, and nothing of it is believed."""
    answer = answered(Kind.READ, 200, body)

    assert (Outcome.UNKNOWN, None, False, None) == (answer.outcome, answer.seen, answer.has_value, answer.counter)


def test_long_and_strange_texts_are_tamed_but_stay_different():
    """Two long tokens that differ at their end are two."""
    texts = ["x" * 10_000, "x" * 9_999 + "y", "\ud800", "ü" * 150, "plain"]
    read = [answered(Kind.READ, 200, {**TOLD, "value": text}).value for text in texts]

    assert len(set(read)) == len(texts)
    assert all(text is not None and len(text.encode()) <= 400 for text in read)
    assert "plain" == read[-1]


CONVERSED = sorted(LabDriver.can - {Kind.STREAM})


@given(st.sampled_from(CONVERSED), st.integers(100, 599), st.one_of(st.binary(), st.text().map(str.encode)))
def test_no_answer_makes_it_raise(kind, status, body):
    """Whatever comes back."""
    assert isinstance(answered(kind, status, body, token="t", attempt="k"), Answer)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(
    st.sampled_from(CONVERSED),
    st.sampled_from([200, 204, 401, 404, 500]),
    st.dictionaries(st.sampled_from([*TOLD, "log", "log_offset", "recreated"]), JSON),
)
def test_no_object_makes_it_raise(kind, status, told):
    """Every field of every type; what is believed fits into a journal."""
    answer = answered(kind, status, told, token="t", attempt="k", with_effects=True)

    assert answer.counter is None or 0 <= answer.counter < 2**63
    assert answer.value is None or len(answer.value) <= 400


def test_a_page_tells_what_belongs_to_it():
    """At once, and later; and it is a read like any other."""
    told = {**TOLD, "assets": ["/assets/a.js", "/assets/b.css"], "assets_later": ["/assets/c.js"]}
    answer = answered(Kind.READ, 200, told, as_page=True)

    assert (("/assets/a.js", "/assets/b.css"), ("/assets/c.js",)) == (answer.assets, answer.assets_later)
    assert (Seen.ALIVE, "t1", 3) == (answer.seen, answer.value, answer.counter)


@pytest.mark.parametrize(
    "path", ["assets/a.js", "http://elsewhere/", "/a b", "/a\r\nHost: x", "/a\n", "/ü", "", 7, None, "/" + "a" * 300]
)
def test_what_is_no_path_on_this_server_is_never_asked_for(path):
    """The app names what is asked next: it must not write our requests, or send us elsewhere."""
    answer = answered(Kind.READ, 200, {**TOLD, "assets": [path]}, as_page=True)

    assert (Outcome.UNKNOWN, ()) == (answer.outcome, answer.assets)


def test_too_many_assets_are_garbage():
    """An app cannot make one page view a flood."""
    assert Outcome.UNKNOWN is answered(Kind.READ, 200, {**TOLD, "assets": ["/a"] * 33}).outcome
    assert Outcome.OK is answered(Kind.READ, 200, {**TOLD, "assets": ["/a"] * 32}).outcome


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, Outcome.OK), (404, Outcome.FAIL), (500, Outcome.UNKNOWN), (503, Outcome.UNKNOWN)]
)
def test_an_asset_is_there_or_it_is_not(status, outcome):
    """Who served it is told in headers; what is in it does not matter."""
    talk = LabDriver().perform(Act(kind=Kind.ASSET, user="u1", path="/assets/a.js"))
    next(talk)
    headers = {"x-outlast-replica": "app-1", "x-outlast-boot": "0badc0de", "x-outlast-build": "a" * 300}
    with pytest.raises(StopIteration) as end:
        talk.send(Response(status, headers, b"\xff"))
    answer = end.value.value

    assert (outcome, None, "app-1") == (answer.outcome, answer.seen, answer.replica)
    assert len(answer.build) < 300
