"""The doctor looks at everything, changes nothing, and tells what each missing thing costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.errors import EngineError
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


@pytest.mark.compose
def test_a_kernels_abilities_are_tried_where_the_faults_will_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container, so that the tale is of Docker's kernel; it agrees with what an experiment will be told."""
    from outlast.stacks.compose import kernel
    from outlast.stacks.engine import choose, open_stack
    from outlast.stacks.stack import Power

    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    stack = open_stack("compose", "sticky-memory", "doctor-test", tmp_path)
    powers = {"nft": Power.NETWORK, "tbf": Power.BANDWIDTH, "netem": Power.DELAY}
    told = {name: stack.unsupported(power) for name, power in powers.items()}
    findings = {finding.name: finding for finding in examine(tmp_path)}

    assert kernel.lab_image() is not None
    for name, reason in told.items():
        assert findings[f"kernel {name}"].there == (reason is None)
        assert "container" in findings[f"kernel {name}"].says or "Docker's kernel" in findings[f"kernel {name}"].says
    monkeypatch.setattr(kernel, "lacks", lambda image: {"tbf": "no such thing"})
    without = {finding.name: finding for finding in examine(tmp_path)}["kernel tbf"]
    assert without.there is False
    assert "Docker's kernel refuses (no such thing)" in without.says


def test_without_docker_our_own_kernel_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the line says that it was not Docker's."""
    from outlast.stacks.compose import kernel

    monkeypatch.setattr(kernel, "lab_image", lambda: None)
    findings = {finding.name: finding for finding in examine(tmp_path)}

    assert all("Docker" not in findings[f"kernel {name}"].says for name in kernel.PROBES)
