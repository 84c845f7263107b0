"""Which engine is chosen, and why, is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.errors import EngineError, UnknownName, UsageError
from outlast.stacks import engine


def refuse(*_: object) -> str:
    raise EngineError("Docker does not answer.")


@pytest.mark.compose
def test_auto_takes_docker_where_it_answers() -> None:
    """And says which Docker."""
    name, why = engine.choose("auto")

    assert "compose" == name
    assert "because Docker" in why


@pytest.mark.local
@pytest.mark.parametrize("part", ["_compose_ready", "_image_ready"])
def test_auto_takes_local_where_docker_or_the_image_cannot_be_had(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """And says what kept it from Docker."""
    monkeypatch.setattr(engine, "_compose_ready", lambda: "20.10")
    monkeypatch.setattr(engine, part, refuse)
    name, why = engine.choose("auto")

    assert "local" == name
    assert "because compose cannot be used: Docker does not answer." in why


def test_where_neither_can_run_both_reasons_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user may mend either."""
    monkeypatch.setattr(engine, "_compose_ready", refuse)
    monkeypatch.setattr(engine, "_local_ready", refuse)

    with pytest.raises(EngineError, match=r"compose: Docker does not answer\. local: Docker"):
        engine.choose("auto")
    with pytest.raises(EngineError, match="Docker does not answer"):
        engine.choose("compose")


def test_an_unknown_engine_is_told_with_the_known_ones(tmp_path: Path) -> None:
    """By choose and by open_stack."""
    with pytest.raises(UnknownName, match=r"Did you mean 'compose'.*auto"):
        engine.choose("docker-compose")
    with pytest.raises(UnknownName, match="Known: compose, local"):
        engine.open_stack("swarm", "jwt", "r1", tmp_path)


@pytest.mark.parametrize("run_id", ["", "Run", "-r", "a b", "x" * 41, "../x"])
def test_a_run_id_that_cannot_be_a_projects_name_is_refused(run_id: str, tmp_path: Path) -> None:
    """It becomes part of container names, labels and addresses."""
    with pytest.raises(UsageError, match="run id"):
        engine.open_stack("local", "jwt", run_id, tmp_path)


def test_an_unknown_architecture_is_told(tmp_path: Path) -> None:
    """Before anything is started."""
    with pytest.raises(UnknownName, match="sticky-memory"):
        engine.open_stack("local", "sticky-memroy", "r1", tmp_path)
