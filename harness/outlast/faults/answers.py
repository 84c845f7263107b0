"""What a client is told: an HTTP question to one address, and whether a text is in the answer."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

from outlast.stacks.stack import Address

ANSWER_S = 2.0
LOOK_S = 0.1


def told(address: Address | None, path: str) -> str:
    """The body of the answer, whatever its status; "" when nobody answers within 2 s."""
    if address is None:
        return ""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=ANSWER_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().read(65536).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def comes_to_tell(address: Callable[[], Address | None], path: str, text: str, within_s: float) -> bool:
    """Whether an answer comes to hold the text; asked again and again over a fresh connection, ten times a second."""
    deadline = time.monotonic() + within_s
    while text not in told(address(), path):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def all_tell(address: Callable[[], Address | None], path: str, text: str, in_a_row: int, within_s: float) -> bool:
    """Whether so many answers in a row come to hold the text, each over a fresh connection."""
    deadline = time.monotonic() + within_s
    seen = 0
    while seen < in_a_row:
        seen = seen + 1 if text in told(address(), path) else 0
        if seen == 0 and time.monotonic() > deadline:
            return False
    return True


def missing(address: Callable[[], Address | None], path: str, text: str, within_s: float) -> str:
    """What is wrong with the answers; "" when one comes to hold the text, or nothing is to be asked (`path` "")."""
    if not path or comes_to_tell(address, path, text, within_s):
        return ""
    return f"no answer to {path} holds {text} within {within_s:g} s"
