"""The writing side of the journal: an operation's slot is there before its request is sent.

    slot = journal.intend(...)      before the first byte goes out
    journal.answer(slot, ...)       once, when it is known what came back

Both are stores into shared memory, about a microsecond each; there is nothing to flush, and a SIGKILL of the process at
any instruction loses nothing that was complete. One thread only.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from outlast.history.columns import ABSENT, NEVER, OUTCOMES, Stream
from outlast.history.journal_layout import (
    ANSWER,
    ANSWER_AT,
    ANSWERED,
    EFFECTS_FILE,
    FORMAT,
    HEADER_BYTES,
    INTENT,
    JOURNAL_FILE,
    SENT,
    SLOT_BYTES,
    STRINGS_FILE,
    USER_PREFIX,
    Table,
    attempt_prefix,
    token_prefix,
)
from outlast.history.journal_names import NameWriter, StringsFile, disk_error
from outlast.history.journal_streams import StreamsFile
from outlast.history.operation import Outcome

GROWTH_LEAST: Final = 1 << 20
GROWTH_MOST: Final = 1 << 24

_UNKNOWN: Final = OUTCOMES.index(Outcome.UNKNOWN)


class JournalWriter:
    """A new journal in `folder`; raises LoadError when it cannot be written.

    `users`: how many accounts have computed names. `tag`: a short word of this run alone, part of every token and
    idempotency key.
    """

    def __init__(self, folder: Path, *, seed: int, tag: str, users: int) -> None:
        self._slots = _GrowingFile(folder / JOURNAL_FILE)
        self._effects = _GrowingFile(folder / EFFECTS_FILE)
        self._strings = StringsFile(folder / STRINGS_FILE)
        self._streams = StreamsFile(folder)
        self.tokens = NameWriter(Table.TOKENS, token_prefix(tag), 0, self._strings)
        self.attempts = NameWriter(Table.ATTEMPTS, attempt_prefix(tag), 0, self._strings)
        self.users = NameWriter(Table.USERS, USER_PREFIX, users, self._strings)
        self.nodes, self.boots, self.builds, self.paths = (
            NameWriter(table, "", 0, self._strings) for table in (Table.NODES, Table.BOOTS, Table.BUILDS, Table.PATHS)
        )
        self._end = HEADER_BYTES
        self._effects_end = 0
        fields = {"format": FORMAT, "slot_bytes": SLOT_BYTES, "seed": seed, "tag": tag, "users": users}
        header = json.dumps(fields).encode()
        self._slots.hold(HEADER_BYTES)
        self._slots.map[:HEADER_BYTES] = header.ljust(HEADER_BYTES - 1) + b"\n"

    def intend(
        self,
        kind: int,
        session: int,
        client: int,
        intended_ns: int,
        invoked_ns: int,
        *,
        value: int = ABSENT,
        attempt: int = ABSENT,
        user: int = ABSENT,
        scope: int = 0,
        jar: int = 0,
        via: int = 0,
        via_node: int = ABSENT,
    ) -> int:
        """Record that a request is about to be sent; returns the slot. Until it is answered it reads as unknown."""
        at = self._end
        if at + SLOT_BYTES > self._slots.size:
            self._slots.hold(at + SLOT_BYTES)
        map_ = self._slots.map
        INTENT.pack_into(map_, at, kind, scope, jar, via, session, via_node, client, intended_ns, invoked_ns, attempt)
        ANSWER.pack_into(
            map_,
            at + ANSWER_AT,
            NEVER,
            value,
            ABSENT,
            0,
            0,
            ABSENT,
            user,
            ABSENT,
            ABSENT,
            ABSENT,
            ABSENT,
            0,
            _UNKNOWN,
            0,
            0,
        )
        map_[at] = SENT
        self._end = at + SLOT_BYTES
        return at

    def answer(
        self,
        slot: int,
        outcome: int,
        returned_ns: int,
        *,
        seen: int = 0,
        value: int = ABSENT,
        counter: int = ABSENT,
        user: int = ABSENT,
        cookie: int = 0,
        replica: int = ABSENT,
        boot: int = ABSENT,
        build: int = ABSENT,
        path: int = ABSENT,
        status: int = 0,
        effects: Sequence[int] | None = None,
        effects_offset: int = 0,
        stream: Stream | None = None,
    ) -> None:
        """Record what came back. `value` of a write and `user` of a login: the same as was intended."""
        if effects is None:
            start, count = 0, ABSENT
        else:
            start, count = self._effects_end, len(effects)
            self._append_effects(effects)
        if stream is not None:
            self._streams.add((slot - HEADER_BYTES) // SLOT_BYTES, stream)
        map_ = self._slots.map
        ANSWER.pack_into(
            map_,
            slot + ANSWER_AT,
            *(returned_ns, value, counter, start, effects_offset, count),
            *(user, replica, boot, build, path, status, outcome, seen, cookie),
        )
        map_[slot] = ANSWERED

    def close(self) -> None:
        """Cut the files to what was used; the writer must not be used again."""
        self._slots.close(self._end)
        self._effects.close(self._effects_end * 8)
        self._strings.close()
        self._streams.close()

    @property
    def operations(self) -> int:
        """Slots written so far."""
        return (self._end - HEADER_BYTES) // SLOT_BYTES

    def _append_effects(self, effects: Sequence[int]) -> None:
        start = self._effects_end * 8
        end = start + len(effects) * 8
        self._effects.hold(end)
        self._effects.map[start:end] = np.array(effects, "<i8").tobytes()
        self._effects_end += len(effects)


class _GrowingFile:
    """A memory-mapped file whose room is allocated before it is mapped: a full disk is an error, never a SIGBUS."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise disk_error(path, error) from error
        self.size = 0
        self._grow(GROWTH_LEAST)
        self.map = mmap.mmap(self._fd, self.size)

    def hold(self, size: int) -> None:
        """Make room for so many bytes. Addresses stay offsets, so that it may move."""
        if size > self.size:
            self._grow(max(size, self.size + min(max(self.size, GROWTH_LEAST), GROWTH_MOST)))
            self.map.resize(self.size)

    def close(self, size: int) -> None:
        self.map.close()
        os.ftruncate(self._fd, size)
        os.close(self._fd)

    def _grow(self, size: int) -> None:
        try:
            os.posix_fallocate(self._fd, 0, size)
        except OSError as error:
            raise disk_error(self._path, error) from error
        self.size = size
