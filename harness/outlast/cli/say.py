"""Printing for people: the one place where a verb writes to the terminal."""

from __future__ import annotations

import sys


def say(text: str = "") -> None:
    """One line to the standard output."""
    print(text)  # noqa: T201 - the command line's own voice


def complain(text: str) -> None:
    """One line to the standard error."""
    print(f"outlast: {text}", file=sys.stderr)  # noqa: T201 - as above
