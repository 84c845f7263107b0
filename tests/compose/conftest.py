"""What tests of the lab need: the app and its store as real processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# In importlib mode what stands beside this file is tests.compose.*; the app is found by PYTHONPATH in the lab, too.
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "compose" / "app")]

from tests.compose.processes import LAB, Programs  # noqa: E402  # only now it can be found


@pytest.fixture(scope="session")
def lab() -> Path:
    """The lab's folder."""
    return LAB


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Starts real programs that end with the test."""
    programs = Programs(tmp_path)
    try:
        yield programs
    finally:
        programs.end()
