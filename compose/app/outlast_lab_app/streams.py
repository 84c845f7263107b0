"""Streams: something long that is sent while it is being made, comes out the same each time, and can be taken up again.

What a stream shows follows from its description alone: who it is for, and its number. To make it takes time (here the
replica waits, where another would compute), and it must be made from its beginning to be sent from its middle.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine
from typing import Final
from urllib.parse import quote

LENGTH: Final = 30
"""Items of a stream."""
SENT_PER_S: Final = 10.0
MADE_PER_S: Final = 40.0
KEPT_MOST: Final = 20_000
"""Streams whose making is remembered."""
SHORT_S: Final = 1.0
"""A twin or a store of copies that takes longer is done without."""
END: Final = "end"

Address = tuple[str, int]


class Streams:
    """The streams that this replica makes. `twin`: another replica, which makes each of them too, at the same time.
    `copies`: where a stream is put once it is made (`PUT`), and found by whoever has not made it (`GET`)."""

    def __init__(self, twin: Address | None = None, copies: Address | None = None) -> None:
        self._begun: OrderedDict[str, float] = OrderedDict()
        self._twin = twin
        self._copies = copies
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self, user: str, number: str, first: int) -> AsyncIterator[str]:
        """The lines from item `first` on, each when it is due: made, and not faster than anybody would look at it."""
        key = _key(user, number)
        begun = self._begun.get(key)
        if begun is None:
            begun = await self._find(key, user, number)
        sent = time.monotonic()
        for place, item in list(enumerate(items_of(user, number)))[first:]:
            due = max(begun + place / MADE_PER_S, sent + (place - first) / SENT_PER_S)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            yield f"{place} {item}\n"
        yield f"{END} {LENGTH}\n"

    def begin(self, user: str, number: str) -> None:
        """Make it, unless it is being made: what a twin is told to do."""
        self._begun.setdefault(_key(user, number), time.monotonic())
        while len(self._begun) > KEPT_MOST:
            self._begun.popitem(last=False)

    async def close(self) -> None:
        """Nothing more is told to others."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _find(self, key: str, user: str, number: str) -> float:
        """When the making of a stream that is new here began: now, or long ago where there is a copy of it."""
        if self._copies is not None and await _status(self._copies, "GET", f"/{key}") == 200:
            return self._begun.setdefault(key, float("-inf"))
        self.begin(user, number)
        if self._twin is not None:
            self._later(self._tell_twin(user, number))
        if self._copies is not None:
            self._later(self._copy(key, user, number))
        return self._begun.get(key, time.monotonic())

    async def _tell_twin(self, user: str, number: str) -> None:
        assert self._twin is not None
        await _status(self._twin, "POST", f"/stream/twin?user={quote(user, safe='')}&number={quote(number, safe='')}")

    async def _copy(self, key: str, user: str, number: str) -> None:
        """Once it is made; who asks before finds none."""
        assert self._copies is not None
        await asyncio.sleep(LENGTH / MADE_PER_S)
        await _status(self._copies, "PUT", f"/{key}", "\n".join(items_of(user, number)).encode())

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def items_of(user: str, number: str) -> list[str]:
    """A stream's items: each is the digest of the one before, so that each vouches for all before it."""
    items, last = [], _key(user, number)
    for _ in range(LENGTH):
        last = hashlib.sha256(last.encode()).hexdigest()[:16]
        items.append(last)
    return items


def _key(user: str, number: str) -> str:
    return hashlib.sha256(f"{user}\n{number}".encode()).hexdigest()[:32]


async def _status(address: Address, method: str, path: str, body: bytes = b"") -> int:
    """One request to another machine -> the status of its answer; 0 when there is none in time."""
    # In a task of its own: Debian's Redis client cancels the task that it is called from and takes that back by half,
    # after which the limits of asyncio.timeout end that task instead of a wait.
    with contextlib.suppress(OSError, TimeoutError, ValueError, IndexError):
        return await asyncio.wait_for(_ask(address, method, path, body), SHORT_S)
    return 0


async def _ask(address: Address, method: str, path: str, body: bytes) -> int:
    head = f"{method} {path} HTTP/1.1\r\nHost: {address[0]}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(head.encode() + body)
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
