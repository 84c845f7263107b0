"""Toxiproxy's HTTP API: what it takes to add a toxic to a proxy and to take it back without cutting connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from outlast.errors import StackError
from outlast.stacks.stack import Address

API_PORT = 8474
WITHIN_S = 5.0
DOWN = "down"
CUTS_WHEN_REMOVED = frozenset({"timeout"})
"""Toxiproxy closes every connection that such a toxic has held when it is removed, though it let them pass by then."""


@dataclass(frozen=True, slots=True)
class Toxiproxy:
    """One server, at the address where it can be reached. `StackError` when it refuses or does not answer."""

    address: Address

    def proxies(self) -> Mapping[str, Mapping[str, Any]]:
        """All proxies by name, as the server shows them."""
        found: Mapping[str, Mapping[str, Any]] = self._ask("GET", "/proxies")
        return found

    def toxic(self, proxy: str, name: str) -> Mapping[str, Any] | None:
        """A toxic as the server shows it; None when there is none of that name."""
        return next((one for one in self._ask("GET", f"/proxies/{proxy}/toxics") if one["name"] == name), None)

    def put(self, proxy: str, toxic: Mapping[str, Any]) -> None:
        """Add it; `toxic` has the server's fields: name, type, stream, toxicity, attributes.

        One of that name that was made harmless and left there gets its effect back; one in force is refused.
        """
        known = self.toxic(proxy, str(toxic["name"]))
        left = known is not None and float(known["toxicity"]) == 0
        self._ask("POST", f"/proxies/{proxy}/toxics" + (f"/{toxic['name']}" if left else ""), toxic)

    def enable(self, proxy: str, *, enabled: bool) -> None:
        """Let a proxy listen, or not: then its connections are cut and new ones are refused."""
        self._ask("POST", f"/proxies/{proxy}", {"enabled": enabled})

    def take_back(self, proxy: str, name: str) -> None:
        """Make a toxic harmless for connections old and new, then remove it if that cuts none of them; idempotent."""
        toxic = self.toxic(proxy, name)
        if toxic is None:
            return
        harmless = {"toxicity": 0, "attributes": toxic["attributes"]}
        self._ask("POST", f"/proxies/{proxy}/toxics/{name}", harmless)
        if toxic["type"] not in CUTS_WHEN_REMOVED:
            self._ask("DELETE", f"/proxies/{proxy}/toxics/{name}")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            answer = requests.request(method, f"http://{self.address}{path}", json=body, timeout=WITHIN_S)
        except requests.RequestException as error:
            raise StackError(f"Toxiproxy does not answer at {self.address}: {type(error).__name__}.") from error
        if not answer.ok:
            raise StackError(f"Toxiproxy refused {method} {path}: {answer.status_code} {answer.text.strip()[:200]}")
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise StackError(
                f"What answers at {self.address} is not Toxiproxy; its API is on port {API_PORT}."
            ) from error


def undo(server: Toxiproxy, facts: Mapping[str, str]) -> None:
    """Take back what a record tells: `proxy`, and `toxic` by name, or `down`. A proxy that is gone needs nothing."""
    if facts["proxy"] not in server.proxies():
        return
    if facts["toxic"] == DOWN:
        server.enable(facts["proxy"], enabled=True)
    else:
        server.take_back(facts["proxy"], facts["toxic"])
