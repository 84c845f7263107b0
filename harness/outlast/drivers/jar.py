"""The cookies that a browser would hold for one session, as an immutable value.

Immutable, so that "the last jar that worked" is a second reference and not a copy: a hundred thousand sessions hold two
jars each. Simple on purpose, and where it is simpler than RFC 6265:

- one host is asked, so a cookie's domain is checked once (a foreign one is refused) and then forgotten;
- `Secure` cookies are sent over plain HTTP, as browsers do to loopback;
- `HttpOnly`, `SameSite` and name prefixes (`__Host-`) change nothing, for there are no scripts and no other sites.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from email.utils import mktime_tz, parsedate_tz
from ipaddress import ip_address
from typing import Final

from outlast.history.operation import Cookie

COOKIES_MOST: Final = 50
"""Per jar; beyond that the oldest goes, as in browsers."""
COOKIE_BYTES_MOST: Final = 4096
"""Name and value together; a larger cookie is refused, as in browsers."""
LINE_BYTES_MOST: Final = 8192
"""A longer Set-Cookie line is not even parsed."""

HELD: Final = "held "
"""Before the name of what is kept beside the cookies: no cookie's name holds a space."""
_NOWHERE: Final = "\0"
"""No path begins so, and so what is held is never sent as a cookie."""

_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f]")
_MAX_AGE: Final = re.compile(r"-?[0-9]+", re.ASCII)
_SECONDS_MOST: Final = 400 * 86_400

_Cookie = tuple[str, str, str, float | None]
"""Name, value, path, wall-clock second at which it ends (None: never)."""


class Jar:
    """Cookies of one session. Times are wall-clock seconds, for that is what `Expires` speaks of."""

    __slots__ = ("_cookies",)

    def __init__(self, cookies: tuple[_Cookie, ...] = ()) -> None:
        self._cookies = cookies

    def header(self, path: str, now_s: float) -> str:
        """The Cookie header for a request to `path`; empty when there is nothing to send."""
        path = path.partition("?")[0]
        fit = [c for c in self._cookies if _matches(c[2], path) and (c[3] is None or c[3] > now_s)]
        if len(fit) > 1:
            fit.sort(key=_longest_path_first)
        return "; ".join([f"{name}={value}" for name, value, _, _ in fit])

    def after(self, lines: Iterable[str], *, host: str, path: str, now_s: float) -> Jar:
        """This jar after an answer with these Set-Cookie lines; itself when nothing changed."""
        cookies = list(self._cookies)
        for line in lines:
            cookie = _parse(line, host, path, now_s)
            if cookie is None:
                continue
            place = next((i for i, old in enumerate(cookies) if old[0] == cookie[0] and old[2] == cookie[2]), None)
            ended = cookie[3] is not None and cookie[3] <= now_s
            if place is not None and ended:
                del cookies[place]
            elif place is not None:
                cookies[place] = cookie
            elif not ended:
                cookies.append(cookie)
        kept = tuple(cookies[-COOKIES_MOST:])
        return self if kept == self._cookies else Jar(kept)

    def holding(self, held: Iterable[tuple[str, str]]) -> Jar:
        """This jar, and these names and values held beside the cookies."""
        added = tuple((f"{HELD}{name}", value, _NOWHERE, None) for name, value in held)
        names = {cookie[0] for cookie in added}
        return Jar((*(cookie for cookie in self._cookies if cookie[0] not in names), *added)) if added else self

    @property
    def held(self) -> tuple[tuple[str, str], ...]:
        """What it holds beside the cookies, by name."""
        return tuple((cookie[0].removeprefix(HELD), cookie[1]) for cookie in self._cookies if cookie[2] == _NOWHERE)

    def value(self, name: str, now_s: float) -> str | None:
        """What the jar holds under a name, on whichever path."""
        for cookie in self._cookies:
            if cookie[0] == name and (cookie[3] is None or cookie[3] > now_s):
                return cookie[1]
        return None

    def values(self, name: str | None = None) -> list[str]:
        """All values that it holds, or those under a name: what must never be written down."""
        return [cookie[1] for cookie in self._cookies if name is None or cookie[0] == name]

    @property
    def names(self) -> list[str]:
        """What it holds, by name."""
        return [cookie[0] for cookie in self._cookies]

    def __len__(self) -> int:
        return len(self._cookies)

    def __repr__(self) -> str:
        return f"Jar({len(self)} cookies)"  # never their values: they would end up in logs


EMPTY_JAR: Final = Jar()


def fate(name: str, before: Jar, after: Jar, now_s: float) -> Cookie:
    """What an answer did to the cookie of that name."""
    if before is after:
        return Cookie.KEPT
    old, new = before.value(name, now_s), after.value(name, now_s)
    if old == new:
        return Cookie.KEPT
    return Cookie.DELETED if new is None else Cookie.REPLACED


def _parse(line: str, host: str, request_path: str, now_s: float) -> _Cookie | None:
    if len(line) > LINE_BYTES_MOST:
        return None
    pair, *attributes = line.split(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not name or len(name) + len(value) > COOKIE_BYTES_MOST or _UNSENDABLE.search(name + value):
        return None
    path = _default_path(request_path)
    expires: float | None = None
    age: float | None = None
    for attribute in attributes:
        key, _, told = attribute.partition("=")
        key, told = key.strip().lower(), told.strip()
        if key == "max-age" and _MAX_AGE.fullmatch(told):
            age = now_s + min(int(told[:18]), _SECONDS_MOST)
        elif key == "expires":
            expires = _expires(told, expires)
        elif key == "path":
            path = told if told.startswith("/") else _default_path(request_path)
        elif key == "domain" and told and not _domain_is_ours(told.lower().lstrip("."), host.lower()):
            return None
    ends = age if age is not None else expires
    return sys.intern(name), value, sys.intern(path), ends


def _expires(told: str, before: float | None) -> float | None:
    try:
        date = parsedate_tz(told)
        return before if date is None else float(mktime_tz(date))
    except (ValueError, OverflowError, TypeError, IndexError):
        return before


def _domain_is_ours(domain: str, host: str) -> bool:
    if domain == host:
        return True
    try:
        ip_address(host)
    except ValueError:
        return host.endswith("." + domain)
    return False


def _default_path(request_path: str) -> str:
    folder = request_path.partition("?")[0].rpartition("/")[0]
    return folder if folder.startswith("/") else "/"


def _matches(cookie_path: str, path: str) -> bool:
    if cookie_path in ("/", path):
        return True
    return path.startswith(cookie_path if cookie_path.endswith("/") else cookie_path + "/")


def _longest_path_first(cookie: _Cookie) -> int:
    return -len(cookie[2])
