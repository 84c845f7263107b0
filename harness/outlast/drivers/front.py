"""How an app is asked for at its door: under which name, and over TLS or not."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Final

from outlast.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """host: the name for the Host header, SNI and cookies, "" for the address itself. tls: HTTPS. ca: a file of
    certificates (PEM) to trust, None for those this machine trusts. verify: False takes any certificate."""

    host: str = ""
    tls: bool = False
    ca: str | None = None
    verify: bool = True

    @property
    def scheme(self) -> str:
        """Of its addresses."""
        return "https" if self.tls else "http"

    def host_header(self, host: str, port: int) -> str:
        """What the Host header says when it is asked for at an address: a name of its own has no port of ours."""
        if self.host:
            return self.host
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def context(self) -> ssl.SSLContext | None:
        """How to speak TLS; None without it. Raises UsageError for a bad file of certificates."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except OSError as error:  # an SSLError is one
            raise UsageError(f"door.tls.ca: {self.ca} is no file of PEM certificates ({error}).") from error
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


PLAIN: Final = Front()
