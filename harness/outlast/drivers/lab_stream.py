"""Hears a stream of the lab's app: a line per item, each the digest of the one before, and a line that says its end."""

from __future__ import annotations

import hashlib
from typing import Final

from outlast.drivers.streaming import Unlike

LINE_BYTES_MOST: Final = 200
ITEMS_MOST: Final = 1_000_000
END: Final = "end"


class LabEar:
    """One connection's share of a stream, `due` to begin with that item."""

    __slots__ = ("_due", "_rest", "ended", "first", "last", "reached")

    def __init__(self, due: int, after: str) -> None:
        self.first: int | None = None
        self.reached = due
        self.last = after
        self.ended = False
        self._due = due
        self._rest = b""

    def hear(self, part: bytes) -> None:
        """Some more bytes. Where the app begins is taken as it is; from there on each item must follow from the one
        before, else it is `Unlike`: so must the first, where it is the one that was due."""
        *lines, self._rest = (self._rest + part).split(b"\n")
        if len(self._rest) > LINE_BYTES_MOST:
            raise Unlike("a line without end")
        for line in lines:
            self._take(line.decode("latin-1"))

    def _take(self, line: str) -> None:
        number, _, item = line.partition(" ")
        if self.ended:
            raise Unlike("something after the end")
        if number == END and item == str(self.reached):
            self.ended = True
            return
        if not (number.isascii() and number.isdecimal()) or len(number) > len(str(ITEMS_MOST)) or len(item) > 64:
            raise Unlike("no item")
        place = int(number)
        if self.first is not None and place != self.reached:
            raise Unlike(f"item {place} after {self.reached - 1}")
        known = self.last and (self.first is not None or place == self._due)
        if known and item != hashlib.sha256(self.last.encode()).hexdigest()[:16]:
            raise Unlike(f"item {place} does not follow from the one before")
        self.first = place if self.first is None else self.first
        self.reached, self.last = place + 1, item
