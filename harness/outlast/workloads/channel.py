"""The control channel between harness and load process: JSON lines over a socket, both ways.

The end of the stream means that the other side is gone. Works on plain sockets and, in the load process, on patched
ones.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import Any, Final

LINE_MOST: Final = 4 * 1024 * 1024

Message = dict[str, Any]


class Channel:
    """One end. Any thread (or greenlet) may send; one receives."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._pending = bytearray()
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Raises OSError when the other side is gone."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            self._socket.sendall(line)

    def receive(self) -> Message | None:
        """The next message; None when the other side is gone. Waits."""
        while (end := self._pending.find(b"\n")) < 0:
            try:
                data = self._socket.recv(65_536)
            except OSError:
                return None
            if not data or len(self._pending) > LINE_MOST:
                return None
            self._pending += data
        line = bytes(self._pending[:end])
        del self._pending[: end + 1]
        message: Message = json.loads(line)
        return message

    def close(self) -> None:
        """The other side's `receive` returns None."""
        self._socket.close()
