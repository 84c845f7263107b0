"""A browser of few words: holds cookies, and knows the app's five requests."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any

from tests.compose.processes import WAIT_S, Address


@dataclass(frozen=True, slots=True)
class Told:
    """An answer. `cookies` are the Set-Cookie headers as they came."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes

    def __getitem__(self, name: str) -> Any:
        return json.loads(self.body)[name]


@dataclass(slots=True)
class Browser:
    """Holds cookies as a browser does, and asks one address."""

    address: Address
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> Told:
        """One request over a connection of its own."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection(self.address.host, self.address.port, timeout=WAIT_S)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        cookies = tuple(value for name, value in response.getheaders() if name.lower() == "set-cookie")
        for cookie in cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return Told(response.status, {k.lower(): v for k, v in response.getheaders()}, cookies, content)

    def log_in(self, user: str = "ada") -> Told:
        return self.ask("POST", "/login", f"user={user}")

    def me(self, query: str = "") -> Told:
        return self.ask("GET", f"/me{query}")

    def write(self, value: str) -> Told:
        return self.ask("PUT", "/value", value)

    def increment(self, attempt: str) -> Told:
        return self.ask("POST", "/increment", Idempotency_Key=attempt)

    def log_out(self, query: str = "") -> Told:
        return self.ask("POST", f"/logout{query}")
