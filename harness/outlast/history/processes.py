"""How further processes are started: forked where that is safe, else spawned."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from multiprocessing.context import BaseContext


def context() -> BaseContext:
    """A fork shares memory at no cost, but a forked child of a process with threads can hang on their locks."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
