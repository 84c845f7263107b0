"""The doctor looks at everything, changes nothing, and tells what each missing thing costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.stacks.doctor import examine


def test_everything_is_looked_at(tmp_path: Path) -> None:
    """Engines, Compose, kernel abilities, disk, clock: each has a line."""
    names = {finding.name for finding in examine(tmp_path)}

    assert {
        "docker engine",
        "compose",
        "local engine",
        "kernel netem",
        "kernel tbf",
        "kernel nft",
        "disk",
        "clock",
    } <= names


def test_what_is_missing_says_its_cost_and_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Docker is told what that costs and what to do."""
    from outlast.stacks.compose import daemon

    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    daemon.endpoint.cache_clear()
    try:
        findings = {finding.name: finding for finding in examine(tmp_path)}
    finally:
        daemon.endpoint.cache_clear()

    assert findings["docker engine"].there is False
    assert all(finding.costs and finding.remedy for finding in findings.values() if finding.there is False)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Looking changes nothing."""
    examine(tmp_path / "reports")

    assert not (tmp_path / "reports").exists()
