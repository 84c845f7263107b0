"""Where a probe asks an app: an address, and the name and the TLS that it is asked with."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InsecureRequestWarning

from outlast.drivers.front import PLAIN, Front


class Door(Protocol):
    """Where the app is asked."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A door, and how the app is asked for there."""

    door: Door
    front: Front = PLAIN

    @property
    def name(self) -> str:
        """What its cookies call it."""
        return self.front.host or self.door.host

    @property
    def host_header(self) -> str:
        """What the Host header says."""
        return self.front.host_header(self.door.host, self.door.port)

    def url(self, path: str) -> str:
        """Where a path is asked."""
        return f"{self.front.scheme}://{self.door.host}:{self.door.port}{path}"

    def session(self) -> requests.Session:
        """Of requests, that speaks TLS as the front says."""
        session = requests.Session()
        session.trust_env = False  # a proxy of the user's would stand between
        session.verify = self.front.verify
        session.mount("https://", _Named(self.front, self.name))
        return session


class _Named(HTTPAdapter):
    """Asks for a name at an address that is not the name's."""

    def __init__(self, front: Front, name: str) -> None:
        self._front, self._name = front, name
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(
            *args,
            ssl_context=self._front.context(),
            server_hostname=self._name,
            assert_hostname=None if self._front.verify else False,
            **kwargs,
        )

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As it is, without a word on certificates that nobody wants to have verified."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)
            return super().send(*args, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context says what is trusted."""


def why_no_tls(error: requests.exceptions.SSLError) -> str:
    """In words that name what to change."""
    found = re.search(r"certificate verify failed: ([^(]+)", str(error))
    if found is None:
        return "no TLS is spoken there, or another kind (leave door.tls out for plain HTTP)"
    return f"the certificate is not trusted, {found[1].strip()} (give door.tls.ca, and door.host for its name)"
