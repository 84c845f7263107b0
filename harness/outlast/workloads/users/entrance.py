"""Where connections lead: an address, the name that is asked for there, and TLS over it where the front has it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from gevent import socket as gsocket

from outlast.drivers.front import PLAIN, Front
from outlast.errors import LoadError


@dataclass(slots=True)
class Entrance:
    """Where connections lead, and how the app is asked for there. `forwarded`: behind the front's TLS, as its balancer
    asks."""

    host: str
    port: int
    front: Front = PLAIN
    forwarded: bool = False
    trusted: bool = False
    """Whether a TLS handshake ever succeeded."""
    context: ssl.SSLContext | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if not self.forwarded:
            self.context = self.front.context()

    @property
    def name(self) -> str:
        """What cookies, SNI and certificates call it."""
        return self.front.host or self.host

    @property
    def head(self) -> str:
        """The header lines that every request begins with."""
        lines = f"Host: {self.front.host_header(self.host, self.port)}\r\nUser-Agent: outlast\r\nAccept: */*"
        return lines + (f"\r\nX-Forwarded-Proto: {self.front.scheme}" if self.forwarded and self.front.tls else "")

    def shaken(self, sock: gsocket.socket) -> gsocket.socket:
        """The socket with TLS over it, or as it is where there is none. Raises OSError, and LoadError for a certificate
        that was never trusted: that is no failure of the app's but a setting of ours."""
        if self.context is None:
            return sock
        try:
            safe = self.context.wrap_socket(sock, server_hostname=self.name)
        except ssl.SSLCertVerificationError as error:
            if self.trusted:
                raise
            raise LoadError(
                f"The certificate at the door is not trusted ({error.verify_message}): give its CA as door.tls.ca, "
                "the name that it is made for as door.host, or say door.tls.verify: false."
            ) from error
        self.trusted = True
        return safe
