"""What a browser would hold."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlast.drivers.jar import COOKIE_BYTES_MOST, COOKIES_MOST, EMPTY_JAR, Jar, fate
from outlast.history.operation import Cookie

NOW = 1_700_000_000.0


def after(jar: Jar, *lines: str, path: str = "/login", host: str = "127.0.0.1", now: float = NOW) -> Jar:
    return jar.after(lines, host=host, path=path, now_s=now)


def holding(*lines: str) -> Jar:
    return after(EMPTY_JAR, *lines)


SESSION = holding("sid=abc123; Path=/; HttpOnly; SameSite=Lax")


def test_a_cookie_is_sent_back():
    """With whatever else the jar holds."""
    jar = after(SESSION, "SRV=app-1; path=/")

    assert jar.header("/me", NOW) in ("sid=abc123; SRV=app-1", "SRV=app-1; sid=abc123")


def test_an_answer_that_changes_nothing_gives_the_same_jar():
    """So that thousands of sessions share what they hold with what they kept."""
    assert after(SESSION, "sid=abc123; Path=/; HttpOnly") is SESSION
    assert after(SESSION) is SESSION


def test_a_jar_never_changes():
    """The kept jar is a reference to an older one."""
    after(SESSION, "sid=other; Path=/", "x=1")

    assert SESSION.header("/", NOW) == "sid=abc123"


@pytest.mark.parametrize(
    "line",
    [
        "sid=; Path=/; Max-Age=0",
        "sid=abc123; Path=/; Max-Age=-1",
        "sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        'sid=""; Path=/; expires=Thu, 01-Jan-1970 00:00:00 GMT; Max-Age=0',
        "sid=x; Path=/; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        "sid=; Max-Age=0; path=/; secure",
    ],
)
def test_deletion(line):
    """Max-Age goes before Expires; either in the past deletes."""
    jar = after(SESSION, line)

    assert jar.header("/", NOW) == ""
    assert Cookie.DELETED == fate("sid", SESSION, jar, NOW)


def test_replacement():
    """A new value under the name of the session's cookie."""
    jar = after(SESSION, "sid=new; Path=/; Max-Age=0", "sid=newer; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT")

    assert jar.header("/", NOW) == "sid=newer"
    assert Cookie.REPLACED == fate("sid", SESSION, jar, NOW)


def test_another_cookie_leaves_the_session_alone():
    """The balancer's cookie may move with the session's kept."""
    assert Cookie.KEPT == fate("sid", SESSION, after(SESSION, "SRV=app-2; Path=/"), NOW)
    assert Cookie.KEPT == fate("sid", SESSION, after(SESSION, "sid=abc123; Path=/; Max-Age=60"), NOW)


def test_a_cookie_ends_when_its_time_is_up():
    """Max-Age counts from when it came."""
    jar = holding("sid=a; Path=/; Max-Age=60")

    assert jar.header("/", NOW + 59) == "sid=a"
    assert jar.header("/", NOW + 61) == ""
    assert jar.value("sid", NOW + 61) is None


@pytest.mark.parametrize("line", ["sid=z; Expires=someday; Path=/", "sid=z; Max-Age=soon; Path=/", "sid=z; path=/;;=;"])
def test_attributes_that_make_no_sense_are_ignored(line):
    """As RFC 6265 has it: the cookie stays, without them."""
    assert after(SESSION, line).header("/", NOW) == "sid=z"


@pytest.mark.parametrize(
    ("cookie_path", "asked", "sent"),
    [("/", "/me", True), ("/app", "/app", True), ("/app", "/app/me?x=1", True), ("/app", "/apple", False),
     ("/app/", "/app/me", True), ("/app", "/", False)],
)  # fmt: skip
def test_paths(cookie_path, asked, sent):
    """A cookie goes to its path and what lies below it."""
    assert sent == (holding(f"sid=a; Path={cookie_path}").header(asked, NOW) != "")


def test_without_a_path_it_is_the_folder_of_the_request():
    """RFC 6265 5.1.4."""
    jar = after(EMPTY_JAR, "sid=a", path="/account/login?next=/")

    assert jar.header("/account/me", NOW) == "sid=a"
    assert jar.header("/me", NOW) == ""


def test_the_longer_path_comes_first():
    """RFC 6265 5.4, and some apps rely on it."""
    jar = after(EMPTY_JAR, "sid=root; Path=/", "sid=deep; Path=/app")

    assert jar.header("/app/me", NOW) == "sid=deep; sid=root"


@pytest.mark.parametrize(
    ("domain", "host", "taken"),
    [("127.0.0.1", "127.0.0.1", True), ("0.0.1", "127.0.0.1", False), ("example.com", "127.0.0.1", False),
     ("example.com", "www.example.com", True), (".example.com", "example.com", True),
     ("evil.com", "example.com", False), ("www.example.com", "example.com", False)],
)  # fmt: skip
def test_domains(domain, host, taken):
    """A cookie for somebody else is refused."""
    assert taken == (len(after(EMPTY_JAR, f"sid=a; Domain={domain}", host=host)) == 1)


def test_number_and_size_are_bounded():
    """A hostile app cannot fill our memory with cookies."""
    flood = after(SESSION, *(f"c{n}=1; Path=/" for n in range(1000)))
    large = after(SESSION, f"sid={'x' * (COOKIE_BYTES_MOST + 1)}; Path=/", f"sid=y; Path=/{'x' * 10_000}")

    assert COOKIES_MOST == len(flood)
    assert large is SESSION


@pytest.mark.parametrize("line", ["", ";", "=", "=value", "novalue", "a\x00b=1", "sid=a\rb", "  =  "])
def test_no_cookies(line):
    """Lines that name nothing, or that could not be sent back."""
    assert after(EMPTY_JAR, line) is EMPTY_JAR


@given(st.lists(st.text(max_size=200), max_size=5))
def test_no_line_makes_it_raise_or_splits_a_header(lines):
    """Whatever an app sends, the request that follows is still one request."""
    jar = after(EMPTY_JAR, *lines, *(f"a=1; {line}" for line in lines))

    header = jar.header("/", NOW)
    assert "\r" not in header
    assert "\n" not in header


def test_values_are_not_shown():
    """A jar that ends up in a log gives nothing away; who must keep them secret can ask for them."""
    jar = after(SESSION, "SRV=app-1; Path=/")

    assert "abc123" not in repr(jar)
    assert ["abc123", "app-1"] == jar.values()
    assert ["abc123"] == jar.values("sid")


def test_a_held_session_is_small():
    """Both jars of a session behind a sticky balancer: the bench has the whole figure."""
    jar = after(SESSION, "SRV=app-1; path=/")
    size = sys.getsizeof(jar) + sys.getsizeof(jar._cookies)
    size += sum(sys.getsizeof(cookie) + sys.getsizeof(cookie[1]) for cookie in jar._cookies)

    assert size < 600
