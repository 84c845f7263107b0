"""A small shop in one process: pages with a form, an API with a bearer token, and bad habits to choose from.

python -m tests.drivers.shop PORT [HABIT ...]
"""

from __future__ import annotations

import html
import json
import secrets
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HABITS = (
    "login-says-200",  # a wrong password is a page with status 200
    "needs-csrf",  # a post without the page's token is refused with 403
    "rotates",  # each answer gives the session another cookie
    "cached-read",  # who am I answers what it answered first
    "loops",  # who is not logged in is sent round in a circle
    "stateless",  # a logout gives the browser an empty session, and the one before lives on
    "forgets",  # nothing that is logged in is kept
    "chatty",  # a thousand cookies, ten megabytes, bytes that are no UTF-8
)


class Shop(ThreadingHTTPServer):
    """Its sessions, and its habits."""

    daemon_threads = True

    def __init__(self, port: int, habits: tuple[str, ...]) -> None:
        super().__init__(("127.0.0.1", port), Visitor)
        self.habits = habits
        self.sessions: dict[str, dict[str, Any]] = {}
        self.remembered: dict[str, bytes] = {}


class Visitor(BaseHTTPRequestHandler):
    """One request."""

    server: Shop
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/login":
            token = secrets.token_hex(8)
            page = f"<form method=post><input name=csrf value={token}><input name=user></form>"
            self._answer(200, page.encode(), ("Set-Cookie", f"csrf={token}; Path=/"))
        elif path == "/page":
            self._page()
        elif path == "/api/me":
            self._api(lambda session: dict(session))
        elif path.startswith("/round"):
            self._answer(302, b"", ("Location", "/round/2" if path == "/round" else "/round"))
        else:
            self._answer(404, b"no such page")

    def do_POST(self) -> None:
        path, body = urlsplit(self.path).path, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if path == "/login":
            self._log_in({key: values[0] for key, values in parse_qs(body.decode()).items()})
        elif path == "/api/login":
            told = json.loads(body)
            token = self._begun(str(told["user"]))
            self._answer(200, json.dumps({"auth": {"token": token}}).encode())
        elif path == "/value":
            form = parse_qs(body.decode())
            self._changed(lambda session: session.update(value=form["value"][0]))
        elif path == "/count":
            self._changed(lambda session: session.update(count=session["count"] + 1))
        elif path == "/api/value":
            told = json.loads(body)
            self._api(lambda session: session.update(value=told["value"]) or {"ok": True})
        elif path == "/api/count":
            self._api(lambda session: session.update(count=session["count"] + 1) or {"count": session["count"]})
        elif path == "/logout" and "stateless" in self.server.habits:
            self._answer(302, b"", ("Location", "/login"), ("Set-Cookie", f"sid={secrets.token_hex(12)}; Path=/"))
        elif path in ("/logout", "/api/logout"):
            self.server.sessions.pop(self._key(), None)
            self._answer(302, b"", ("Location", "/login"), ("Set-Cookie", "sid=; Max-Age=0; Path=/"))
        else:
            self._answer(404, b"no such page")

    def _log_in(self, form: dict[str, str]) -> None:
        csrf = form.get("csrf")
        if "needs-csrf" in self.server.habits and (not csrf or csrf != self._cookie("csrf")):
            self._answer(403, b"bad csrf token")
        elif form.get("password") != f"pw-{form.get('user')}":
            self._answer(200 if "login-says-200" in self.server.habits else 401, b"<p>Wrong name or password</p>")
        else:
            sid = self._begun(form["user"])
            self._answer(303, b"", ("Location", "/page"), ("Set-Cookie", f"sid={sid}; Path=/; HttpOnly"))

    def _begun(self, user: str) -> str:
        sid = secrets.token_hex(12)
        if "forgets" not in self.server.habits:
            self.server.sessions[sid] = {"user": user, "value": None, "count": 0}
        return sid

    def _page(self) -> None:
        session = self.server.sessions.get(self._key())
        if session is None:
            self._answer(302, b"", ("Location", "/round" if "loops" in self.server.habits else "/login"))
            return
        name, value = html.escape(session["user"]), html.escape(session["value"] or "")
        page = f"<h1>Shop</h1><b id=who>{name}</b><i id=value>{value}</i><u id=count>{session['count']}</u>".encode()
        if "cached-read" in self.server.habits:
            page = self.server.remembered.setdefault(session["user"], page)
        extra: list[tuple[str, str]] = []
        if "rotates" in self.server.habits:
            fresh = secrets.token_hex(12)
            self.server.sessions[fresh] = self.server.sessions.pop(self._key())
            extra = [("Set-Cookie", f"sid={fresh}; Path=/; HttpOnly")]
        if "chatty" in self.server.habits:
            extra = [("Set-Cookie", f"c{n}=1; Path=/") for n in range(90)]
            page += b"\xff\xfe" + b"x" * 10_000_000
        self._answer(200, page, *extra)

    def _changed(self, change: Any) -> None:
        session = self.server.sessions.get(self._key())
        if session is None:
            self._answer(302, b"", ("Location", "/login"))
        else:
            change(session)
            self._answer(303, b"", ("Location", "/page"))

    def _api(self, act: Any) -> None:
        session = self.server.sessions.get(self._key())
        if session is None:
            self._answer(401, b'{"error": "log in first"}')
        else:
            self._answer(200, json.dumps(act(session)).encode())

    def _key(self) -> str:
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return bearer or self._cookie("sid") or ""

    def _cookie(self, name: str) -> str | None:
        found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        return found.value if found else None

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until killed."""
    Shop(int(sys.argv[1]), tuple(sys.argv[2:])).serve_forever()


if __name__ == "__main__":
    main()
