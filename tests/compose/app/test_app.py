"""The app's HTTP interface, the same whichever way sessions are kept."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.compose.browser import Browser, Told
from tests.compose.processes import Process, Programs, eventually

IN_COOKIE = ("jwt", "jwt_allowlist", "jwt_blocklist", "jwt_blocklist_open")
"""Stores that keep a session's state in its cookie. All but the first know nevertheless which sessions have ended."""
BACK_FROM_THE_DEAD = ("redis_blob", "redis_blob_lock")
"""Stores whose slow write may write a session that has ended meanwhile."""


def test_session_remembers_what_it_was_told(browser: Browser) -> None:
    """What login, write and increment acknowledged is what the next read tells."""
    assert browser.log_in("ada").status == 200
    assert browser.write("token-1").status == 200
    assert browser.increment("attempt-1").status == 200
    told = browser.me("?log=1")

    assert ("ada", "token-1", 1) == (told["user"], told["value"], told["counter"])
    assert (["attempt-1"], 0) == (told["log"], told["log_offset"])


def test_every_answer_tells_the_session_as_it_is_now(browser: Browser) -> None:
    """Login shows a fresh session, write the new value, increment the new count."""
    fresh, written, counted = browser.log_in("ada"), browser.write("token-1"), browser.increment("attempt-1")

    assert ("ada", None, 0) == (fresh["user"], fresh["value"], fresh["counter"])
    assert ("ada", "token-1", 0) == (written["user"], written["value"], written["counter"])
    assert ("ada", "token-1", 1) == (counted["user"], counted["value"], counted["counter"])


def test_answer_names_replica_boot_and_build(browser: Browser) -> None:
    """Who answered can be told from any answer, with or without a session."""
    anonymous, known = browser.me(), browser.log_in()

    assert "app-1" == anonymous["replica"] == known["replica"]
    assert "a" == anonymous["build"] == known["build"]
    assert 8 == len(anonymous["boot"])
    assert anonymous["boot"] == known["boot"]


def test_a_slow_increment_is_executed_at_once_and_answered_late(programs: Programs) -> None:
    """Whoever looks meanwhile sees it: a replica that dies before it answers has done it."""
    browser = Browser(programs.app("memory").address)
    browser.log_in()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(browser.ask, "POST", "/increment?slow_ms=60000", b"", Idempotency_Key="k1")
        eventually(lambda: browser.me()["counter"] == 1, "it was executed")
        assert not slow.done()
        programs.end()
        with pytest.raises((http.client.HTTPException, OSError)):
            slow.result()


def test_answers_are_never_cached(browser: Browser) -> None:
    """A cache in between would show one user's session to another."""
    assert "no-store" == browser.log_in().headers["cache-control"]
    assert "no-store" == browser.me().headers["cache-control"]


def test_session_cookie_is_out_of_a_script_s_reach(browser: Browser) -> None:
    """The cookie is HttpOnly and stays on the site."""
    (cookie,) = browser.log_in().cookies

    assert cookie.startswith("sid=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")


@pytest.mark.parametrize("cookie", ["", "sid=", "sid=unknown", "sid=../../etc/passwd", "sid=a.b.c", "sid=%00", "x=y"])
def test_unknown_cookie_is_nobody(browser: Browser, cookie: str) -> None:
    """Without a session every request is refused, and nothing is put in its place."""
    for told in (
        browser.ask("GET", "/me", Cookie=cookie),
        browser.ask("PUT", "/value", "token", Cookie=cookie),
        browser.ask("POST", "/increment", Cookie=cookie, Idempotency_Key="attempt"),
        browser.ask("POST", "/logout", Cookie=cookie),
    ):
        assert 401 == told.status
        assert (None, None, None) == (told["user"], told["value"], told["counter"])
        assert () == told.cookies


def test_login_always_makes_a_new_session(browser: Browser) -> None:
    """A second login has another cookie and an empty session, and leaves the first as it was."""
    browser.log_in("ada")
    browser.write("token-1")
    first = dict(browser.cookies)
    browser.log_in("ada")

    assert first != browser.cookies
    assert browser.me()["value"] is None
    assert "token-1" == Browser(browser.address, first).me()["value"]


def test_logout_takes_the_cookie_away(browser: Browser) -> None:
    """After a logout a browser holds no session, and a second logout finds none."""
    browser.log_in()
    (cookie,) = browser.log_out().cookies

    assert cookie.startswith("sid=; ")
    assert "Max-Age=0" in cookie
    assert 401 == browser.me().status
    assert 401 == browser.log_out().status


def test_logout_ends_the_session_where_a_server_keeps_it(browser: Browser, store: str) -> None:
    """The old cookie is dead after a logout, unless the cookie is all there is: then it still works."""
    browser.log_in()
    kept = dict(browser.cookies)
    browser.log_out()

    assert (200 if store == "jwt" else 401) == Browser(browser.address, kept).me().status


def test_logout_everywhere_ends_all_sessions_of_the_user(browser: Browser, store: str) -> None:
    """All of the user's sessions end, and nobody else's."""
    other, stranger = Browser(browser.address), Browser(browser.address)
    browser.log_in("ada")
    other.log_in("ada")
    stranger.log_in("bob")
    assert 200 == browser.log_out("?scope=user").status

    assert (200 if store == "jwt" else 401) == other.me().status
    assert "bob" == stranger.me()["user"]


def test_logout_of_one_session_leaves_the_user_s_others(browser: Browser) -> None:
    """Only the session whose cookie is presented ends."""
    other = Browser(browser.address)
    browser.log_in("ada")
    other.log_in("ada")
    browser.log_out()

    assert "ada" == other.me()["user"]


def test_retried_attempt_is_executed_and_logged_again(browser: Browser) -> None:
    """No attempt is refused for having been executed: whoever retries an increment shows up in the log."""
    browser.log_in()
    browser.increment("attempt-1")
    told = browser.increment("attempt-1")

    assert 2 == told["counter"]
    assert ["attempt-1", "attempt-1"] == browser.me("?log=1")["log"]


def test_log_holds_the_last_attempts_and_tells_how_many_came_before(browser: Browser, store: str) -> None:
    """A full log forgets the oldest attempts and says how many they are."""
    length = 16 if store in IN_COOKIE else 64
    browser.log_in()
    for number in range(length + 3):
        browser.increment(f"attempt-{number}")
    told = browser.me("?log=1")

    assert [f"attempt-{number}" for number in range(3, length + 3)] == told["log"]
    assert 3 == told["log_offset"]


def test_log_is_told_only_when_asked_for(browser: Browser) -> None:
    """A plain read does not carry it."""
    browser.log_in()

    assert b"log" not in browser.me().body


def test_concurrent_increments_are_all_counted(app: Process, browser: Browser, store: str) -> None:
    """Where the server keeps the session an increment is atomic; where the cookie does, the last cookie wins."""
    if store == "redis_blob":
        pytest.skip("it loses some by chance here; stores/test_redis_blob.py forces it")
    browser.log_in()

    def increment(number: int) -> int:
        counted: int = Browser(app.address, dict(browser.cookies)).increment(f"attempt-{number}")["counter"]
        return counted

    with ThreadPoolExecutor(8) as pool:
        counters = sorted(pool.map(increment, range(40)))

    assert ([1] * 40 if store in IN_COOKIE else list(range(1, 41))) == counters


@pytest.mark.parametrize("value", ["", "ü € 🦀", "a;b=c", '"quoted"\n', "x" * 1000])
def test_value_comes_back_as_it_was_written(browser: Browser, value: str) -> None:
    """Any text is kept as it is."""
    browser.log_in()
    browser.write(value.encode())

    assert value == browser.me()["value"]


@pytest.mark.parametrize("user", ["u:1", "user with spaces", "ä", "x" * 128, "*", "../up"])
def test_any_name_can_log_in(browser: Browser, user: str) -> None:
    """A user's name means nothing to a store: no pattern, no path, no separator."""
    browser.ask("POST", "/login", f"user={user}".encode())

    assert user == browser.me()["user"]
    assert 200 == browser.log_out("?scope=user").status


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/login", b"", {}, 400),
        ("POST", "/login", b"user=", {}, 400),
        ("POST", "/login", b"user=" + b"x" * 129, {}, 400),
        ("POST", "/login", b"user=a%0Ab", {}, 400),
        ("POST", "/login", b"\xff", {}, 400),
        ("POST", "/login", b"&".join([b"user=a"] * 9), {}, 400),
        ("GET", "/me?" + "&".join(["log=1"] * 9), b"", {}, 400),
        ("PUT", "/value", b"\xff", {}, 400),
        ("PUT", "/value", b"x" * 4097, {}, 413),
        ("POST", "/increment", b"", {}, 400),
        ("GET", "/login", b"", {}, 405),
        ("GET", "/nowhere", b"", {}, 404),
    ],
)
def test_bad_request_is_refused_with_a_reason(
    browser: Browser, app: Process, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    """What makes no sense is refused in JSON, leaves the session alone, and prints no traceback."""
    browser.log_in()
    told = browser.ask(method, path, body, **headers)

    assert status == told.status
    assert told["error"]
    assert b"Traceback" not in told.body
    assert "Traceback" not in app.log.read_text()
    assert "ada" == browser.me()["user"]


def test_cookies_in_several_headers_are_all_seen(app: Process, browser: Browser) -> None:
    """A balancer that comes from HTTP/2 may split the Cookie header; the session is found wherever it stands."""
    browser.log_in()
    connection = http.client.HTTPConnection(app.address.host, app.address.port, timeout=10)
    connection.putrequest("GET", "/me")
    for cookie in ("a=1", f"sid={browser.cookies['sid']}", "b=2"):
        connection.putheader("Cookie", cookie)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()

    assert 200 == status


def test_health_needs_no_session(browser: Browser) -> None:
    """Whoever asks is told whether this replica wants requests."""
    assert 200 == browser.ask("GET", "/health").status


def test_a_slow_write_lets_others_in_between(browser: Browser) -> None:
    """It reads the session, sleeps, and writes: who looks meanwhile sees it unwritten."""
    browser.log_in("ada")
    other = Browser(browser.address, dict(browser.cookies))
    with ThreadPoolExecutor(max_workers=1) as pool:
        slow = pool.submit(browser.ask, "PUT", "/value?slow_ms=600", "slow")
        before = [told["value"] for told in iter_until(slow.done, other.me)]
        assert 200 == slow.result().status
        assert "slow" == slow.result()["value"]

    assert before[0] is None
    assert 1 < before.count(None)


def test_a_slow_write_finds_the_session_logged_out(browser: Browser, store: str) -> None:
    """What was logged out meanwhile is not written to any more (a stateless session cannot know)."""
    if store in BACK_FROM_THE_DEAD:
        pytest.skip("it may bring the session back; stores/test_redis_blob.py forces it")
    if store == "memory_lock":
        pytest.skip("the logout waits for the slow write; stores/test_memory.py has both")
    browser.log_in("ada")
    other = Browser(browser.address, dict(browser.cookies))
    with ThreadPoolExecutor(max_workers=1) as pool:
        late = pool.submit(browser.ask, "PUT", "/value?slow_ms=600", "late")
        assert not late.done()
        assert 200 == other.log_out().status
        assert (200 if store == "jwt" else 401) == late.result().status


def iter_until(over: Callable[[], bool], ask: Callable[[], Told]) -> Iterator[Told]:
    while not over():
        yield ask()


@pytest.mark.parametrize("asked", ["-1", "1.5", "60001", "forever", "999999999999999999999"])
def test_a_sleep_that_makes_no_sense_is_refused(browser: Browser, asked: str) -> None:
    """What is wrong is said, and nothing is written."""
    browser.log_in("ada")
    refused = browser.ask("PUT", f"/value?slow_ms={asked}", "token")

    assert 400 == refused.status
    assert "slow_ms" in refused["error"]
    assert browser.me()["value"] is None


@pytest.mark.parametrize("asked", ["-1", "1.5", "10001", "forever", "999999999999999999999"])
def test_a_computation_that_makes_no_sense_is_refused(browser: Browser, asked: str) -> None:
    """What is wrong is said, and nobody waits."""
    browser.log_in("ada")
    refused = browser.ask("GET", f"/me?cost_ms={asked}")

    assert 400 == refused.status
    assert "cost_ms" in refused["error"]


def test_a_costly_read_uses_computing_time_and_answers_as_any_other(browser: Browser) -> None:
    """A process cannot compute for so long in less time."""
    browser.log_in("ada")
    begun_s = time.monotonic()
    told = browser.ask("GET", "/me?cost_ms=300")

    assert 200 == told.status
    assert "ada" == told["user"]
    assert time.monotonic() - begun_s >= 0.3
