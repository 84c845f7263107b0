"""Whether a process answers where it should, asked as its health check says."""

from __future__ import annotations

import http.client
import socket

from outlast.stacks.stack import Address
from outlast.stacks.topology import Health

ANSWER_S = 1.0


def ready(address: Address, health: Health) -> bool:
    """One question: HTTP 200 on the path, or an accepted connection. At most a second."""
    if health.path is None:
        try:
            socket.create_connection((address.host, address.port), timeout=ANSWER_S).close()
        except OSError:
            return False
        return True
    connection = http.client.HTTPConnection(address.host, address.port, timeout=ANSWER_S)
    try:
        connection.request("GET", health.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
