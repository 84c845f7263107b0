"""The contract of a driver whose app has streams: something long that is heard bit by bit, and can be taken up again.

request = driver.stream("7", 0)
driver.begun(head) -> Answer   what the head of the answer means; only one that is ok is followed by a stream
ear = driver.ear(0, "")
ear.hear(bytes) ...            as they come
ear.reached, ear.ended         how far it got
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from outlast.drivers.driver import Answer, Request, Response


class Unlike(Exception):
    """What was heard is not what the stream goes on with. Never leaves whoever listens."""


class Ear(Protocol):
    """Hears one connection's share of a stream."""

    first: int | None
    """The item that the app began with; None before it is heard."""
    reached: int
    """The item after the last that was heard: where it would be taken up again."""
    last: str
    """What vouches for all items before `reached`; "" before the first."""
    ended: bool
    """Whether the stream's own end was heard: a connection that ends before it was cut."""

    def hear(self, part: bytes) -> None:
        """Some more bytes of the body. Raises Unlike."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """A further power of a driver. It must have no input or output of its own either."""

    def stream(self, number: str, first: int) -> Request:
        """What to ask for: stream `number` of the session, from item `first` on."""
        ...

    def begun(self, head: Response) -> Answer:
        """What an answer's head (its body is empty) means, before anything is heard."""
        ...

    def ear(self, due: int, after: str) -> Ear:
        """Who hears it; `after`: `last` of the ear before, when it is taken up again at item `due`."""
        ...
