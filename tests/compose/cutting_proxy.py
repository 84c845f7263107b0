"""A TCP proxy that can swallow answers: what was asked is done, and who asked never hears of it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

from tests.compose.processes import Address


class CuttingProxy:
    """Forwards to a target. While `cutting`, the first answer on a connection is dropped, and the connection with it.

    `cut` counts the answers that were swallowed.
    """

    def __init__(self, target: Address) -> None:
        self.cutting = False
        self.cut = 0
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = Address(*self._listener.getsockname())
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> CuttingProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection((self._target.host, self._target.port))
            for pump in (self._forward, self._answer):
                self._threads.append(threading.Thread(target=pump, args=(client, server)))
                self._threads[-1].start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := client.recv(65536):
                server.sendall(data)
        except OSError:
            pass  # one side has hung up
        finally:
            _hang_up(client, server)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := server.recv(65536):
                if self.cutting:
                    self.cut += 1
                    return
                client.sendall(data)
        except OSError:
            pass  # one side has hung up
        finally:
            _hang_up(client, server)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):  # it is closed already
            end.shutdown(socket.SHUT_RDWR)
        end.close()
