"""Loopback addresses for the nodes of one run: 127.x.y.10 and on, found free, apart from those of other runs."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping, Sequence

from outlast.errors import StackError
from outlast.stacks.stack import Address
from outlast.stacks.topology import Service

FIRST_HOST = 10
TRIES = 16


def addresses(run_id: str, services: Sequence[Service]) -> Mapping[str, Address]:
    """One address per service, each with the port it declares; derived from the run, so that runs do not meet.

    A service without a port gets port 0, which nobody may ask for. `StackError` when no block is free.
    """
    for attempt in range(TRIES):
        digest = hashlib.sha256(f"{run_id}/{attempt}".encode()).digest()
        block = f"127.{64 + digest[0] % 128}.{digest[1]}"
        found = {
            service.name: Address(f"{block}.{FIRST_HOST + index}", service.port or 0)
            for index, service in enumerate(services)
        }
        busy = [address for address in found.values() if address.port and not _free(address)]
        if not busy:
            return found
    raise StackError(
        f"The ports of the stack are in use on every loopback address tried, such as {busy[0]}: something listens on "
        f"port {busy[0].port} of all addresses; stop it, or choose --engine compose."
    )


def _free(address: Address) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except PermissionError as error:
            raise StackError(f"Only root may listen on port {address.port}; choose --engine compose.") from error
        except OSError:
            return False
    return True
