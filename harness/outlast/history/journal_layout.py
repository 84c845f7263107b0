"""What a journal looks like on disk: one header page, then fixed slots, one per operation.

    history.journal    header page, then slots: written by the load, each twice (intent, answer)
    history.effects    int64 numbers of attempts: the effect logs, one after another
    history.strings    one JSON line per foreign string: [table, number, string]
    history.streams    one record per stream operation, in runs that have any

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
STREAMS_FILE: Final = "history.streams"

FORMAT: Final = "outlast-journal/1"
HEADER_BYTES: Final = 4096
SLOT_BYTES: Final = 128

FREE: Final = 0
SENT: Final = 1
ANSWERED: Final = 2

_FIELDS: Final = (
    ("state", "u1", 0),
    ("kind", "u1", 1),
    ("scope", "u1", 2),
    ("jar", "u1", 3),
    ("via", "u1", 4),
    ("session", "<i4", 8),
    ("via_node", "<i4", 12),
    ("client", "<i8", 16),
    ("intended_ns", "<i8", 24),
    ("invoked_ns", "<i8", 32),
    ("attempt", "<i8", 40),
    ("returned_ns", "<i8", 48),
    ("value", "<i8", 56),
    ("counter", "<i8", 64),
    ("effects_start", "<i8", 72),
    ("effects_offset", "<i8", 80),
    ("effects_count", "<i4", 88),
    ("user", "<i4", 92),
    ("replica", "<i4", 96),
    ("boot", "<i4", 100),
    ("build", "<i4", 104),
    ("path", "<i4", 108),
    ("status", "<i2", 112),
    ("outcome", "u1", 114),
    ("seen", "u1", 115),
    ("cookie", "u1", 116),
)
"""Name, numpy's type and offset; those from `returned_ns` on come with the answer."""

SLOT: Final = np.dtype(
    {
        "names": [name for name, _, _ in _FIELDS],
        "formats": [kind for _, kind, _ in _FIELDS],
        "offsets": [offset for _, _, offset in _FIELDS],
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
