"""What a journal looks like on disk: one header page, then fixed slots, one per operation.

    history.journal    header page, then slots: written by the load, each twice (intent, answer)
    history.effects    int64 numbers of attempts: the effect logs, one after another
    history.strings    one JSON line per foreign string: [table, number, string]

A slot's first byte is written last. SENT: the intent is complete, the answer is not. ANSWERED: both are. All are
memory-mapped or written with one `write`, so what was done before a SIGKILL is in the kernel's hands and stays.

Sessions, users, tokens and attempts are numbers; their strings are computed. A string that the app made up (a token
that nobody wrote, another user) gets the next free number of its table and a line in `history.strings`, before its
first use.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Final

import numpy as np

JOURNAL_FILE: Final = "history.journal"
EFFECTS_FILE: Final = "history.effects"
STRINGS_FILE: Final = "history.strings"

FORMAT: Final = "outlast-journal/1"
HEADER_BYTES: Final = 4096
SLOT_BYTES: Final = 128

FREE: Final = 0
SENT: Final = 1
ANSWERED: Final = 2

SLOT: Final = np.dtype(
    {
        "names": [
            *(
                "state",
                "kind",
                "scope",
                "jar",
                "via",
                "session",
                "via_node",
                "client",
                "intended_ns",
                "invoked_ns",
                "attempt",
            ),
            *("returned_ns", "value", "counter", "effects_start", "effects_offset", "effects_count"),
            *("user", "replica", "boot", "build", "path", "status", "outcome", "seen", "cookie"),
        ],
        "formats": [
            *("u1", "u1", "u1", "u1", "u1", "<i4", "<i4", "<i8", "<i8", "<i8", "<i8"),
            *("<i8", "<i8", "<i8", "<i8", "<i8", "<i4"),
            *("<i4", "<i4", "<i4", "<i4", "<i4", "<i2", "u1", "u1", "u1"),
        ],
        "offsets": [
            *(0, 1, 2, 3, 4, 8, 12, 16, 24, 32, 40),
            *(48, 56, 64, 72, 80, 88),
            *(92, 96, 100, 104, 108, 112, 114, 115, 116),
        ],
        "itemsize": SLOT_BYTES,
    }
)

INTENT: Final = struct.Struct("<xBBBBxxxiiqqqq")
"""Slot from 0: pad for the state, kind, scope, jar, via, session, via_node, client, intended, invoked, attempt."""
ANSWER: Final = struct.Struct("<qqqqqiiiiiihBBB")
"""Slot from 48: returned, value, counter, effects start, offset and count, user, replica, boot, build, path, status,
outcome, seen, cookie."""
ANSWER_AT: Final = 48

SESSION_PREFIX: Final = "s"
USER_PREFIX: Final = "u"


def token_prefix(tag: str) -> str:
    """The run's tag -> what its tokens begin with, so that a value left over from another run is seen as foreign."""
    return f"{tag}-w"


def attempt_prefix(tag: str) -> str:
    """The run's tag -> what its idempotency keys begin with."""
    return f"{tag}-a"


class Table(StrEnum):
    """What may hold foreign strings; sessions never do."""

    TOKENS = "tokens"
    ATTEMPTS = "attempts"
    USERS = "users"
    NODES = "nodes"
    BOOTS = "boots"
    BUILDS = "builds"
    PATHS = "paths"
