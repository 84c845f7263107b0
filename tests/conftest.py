"""What every test relies on, wherever the tests were started from."""

from __future__ import annotations

import functools
import signal

import pytest

from outlast.errors import EngineError
from outlast.stacks.engine import choose


def pytest_configure() -> None:
    """A job in the background of a script ignores Ctrl-C, and so would what the tests start; it is to hear it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test of the compose engine needs Docker; without it, it is skipped with the reason, which .ci/run reads."""
    if item.get_closest_marker("compose") and (lacking := _lacking()):
        pytest.skip(lacking)


@functools.cache
def _lacking() -> str:
    try:
        choose("compose")
    except EngineError as refusal:
        return f"needs Docker: {refusal}"
    return ""
