"""`outlast init`: an outlast.yaml and an experiment for a Compose project that is not ours, which stays as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from outlast.cli.main import main
from outlast.errors import EngineError
from outlast.stacks.compose.command import find
from outlast.stacks.own import read_own

EXAMPLE = Path(__file__).parents[2] / "compose" / "examples" / "django" / "compose.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    try:
        find()
    except EngineError as lacking:
        pytest.skip(str(lacking))
    (tmp_path / "compose.yaml").write_bytes(EXAMPLE.read_bytes())
    return tmp_path


def test_what_is_written_is_well_and_the_project_stays_as_it_is(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Roles by program and order of start; the port that nothing tells is said by a flag."""
    before = (project / "compose.yaml").read_bytes()

    assert 0 == main(["init", "--compose", str(project / "compose.yaml"), "--door", "proxy:8080", "--name", "a shop"])
    assert 0 == main(["validate", str(project / "outlast.yaml")])
    own = read_own(project / "outlast.yaml")
    assert ("a-shop", {"service": "proxy", "port": 8080}) == (own.name, own.roles["x-outlast"]["door"])
    assert ["balancer", "replica", "store"] == [
        own.roles["services"][name]["x-outlast"]["role"] for name in ("proxy", "web-2", "redis")
    ]
    assert before == (project / "compose.yaml").read_bytes()
    assert "look: " not in capsys.readouterr().out
    ast.parse((project / "test_sessions_outlast.py").read_text())


def test_nothing_is_written_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is asked for."""
    asked = ["init", "--compose", str(project / "compose.yaml"), "--door", "proxy:8080"]
    (project / "outlast.yaml").write_text("mine\n")

    assert 2 == main(asked)
    assert "--force writes over it" in capsys.readouterr().err
    assert "mine\n" == (project / "outlast.yaml").read_text()
    assert 0 == main([*asked, "--force"])


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--role", "wbe-1=replica"], "Unknown service 'wbe-1'. Did you mean 'web-1'?"),
        (["--role", "web-1=replicant"], "Unknown role 'replicant'. Did you mean 'replica'?"),
        (["--door", "proxy"], "--door must be SERVICE:PORT"),
    ],
)
def test_a_mistake_is_one_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], flags: list[str], told: str
) -> None:
    """And nothing is left behind."""
    assert 2 == main(["init", "--compose", str(project / "compose.yaml"), *flags])
    assert told in capsys.readouterr().err
    assert not (project / "outlast.yaml").exists()


def test_what_compose_refuses_is_told_in_its_own_words(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the file's name."""
    (project / "compose.yaml").write_text("services: {web: {imge: x}}\n")

    assert 2 == main(["init", "--compose", str(project / "compose.yaml")])
    assert "compose.yaml: Compose refuses it: " in capsys.readouterr().err
