"""The sweep of a clean machine finds nothing and says so."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Outlast


@pytest.mark.parametrize("host", ["", "unix:///nowhere/docker.sock"])
def test_nothing_left_behind_is_said(outlast: Outlast, host: str) -> None:
    """Works with and without Docker."""
    done = outlast("sweep", **({"DOCKER_HOST": host} if host else {}))

    assert 0 == done.returncode
    assert "Traceback" not in done.stderr
