"""The lab is found, in a clone and in an installed wheel, and its architectures are known by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.errors import EngineError, UnknownName
from outlast.stacks import lab

NAMES = {"roundrobin-memory", "sticky-memory", "sticky-disk", "redis-default", "redis-none", "redis-aof", "jwt"}


def test_the_architectures_are_there() -> None:
    """Each is one overlay on the shared base."""
    assert set(lab.architectures()) >= NAMES
    assert ["base.yaml", "jwt.yaml"] == [file.name for file in lab.files("jwt")]


def test_an_unknown_one_is_told_with_the_nearest() -> None:
    """A typing mistake names the cure."""
    with pytest.raises(UnknownName, match="Did you mean 'redis-aof'"):
        lab.files("redis-aoff")


def test_options_lie_over_an_architecture() -> None:
    """They are no architectures themselves, and a typing mistake in one is told as such."""
    files = [file.name for file in lab.files("redis-aof+small-disk")]

    assert ["base.yaml", "redis-aof.yaml", "small-disk.yaml"] == files
    assert not set(lab.options()) & set(lab.architectures())
    with pytest.raises(UnknownName, match=r"option of an architecture 'small-disc'.*Did you mean 'small-disk'"):
        lab.files("redis-aof+small-disc")


def test_an_architecture_may_lie_over_another() -> None:
    """It says over which: what is alike is written once."""
    files = [file.name for file in lab.files("redis-sentinel-none+resolve-once")]

    assert ["base.yaml", "redis-sentinel.yaml", "redis-sentinel-none.yaml", "resolve-once.yaml"] == files


def test_package_data_goes_before_a_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed wheel carries the lab in the package itself."""
    monkeypatch.setattr(lab, "PACKAGE", tmp_path / "harness" / "outlast")
    with pytest.raises(EngineError, match="The lab is missing"):
        lab.folder()
    cloned = tmp_path / "compose"
    carried = tmp_path / "harness" / "outlast" / "lab" / "compose"
    for folder in (cloned, carried):
        folder.mkdir(parents=True)
        (folder / "base.yaml").write_text("")
        found = lab.folder()
        assert folder == found
