"""How further processes are started: forked where that is safe, else spawned."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import sys
import threading
from multiprocessing.context import BaseContext
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
"""Of mallopt(3)."""
_KEPT_BYTES: Final = 2**30


def keep_freed_memory() -> None:
    """Let this process keep what it frees for what it needs next, instead of giving it back to the system each time.

    For processes that do one thing with many large arrays: half of their time would go into fetching pages anew. Only
    the C library of Linux can be told; elsewhere nothing is changed.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)


def context() -> BaseContext:
    """A fork shares memory at no cost, but a forked child of a process with threads can hang on their locks."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
