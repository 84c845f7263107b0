"""What every test relies on, wherever the tests were started from."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """A job in the background of a script ignores Ctrl-C, and so would what the tests start; it is to hear it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
