"""The steps of docs/lab.md, "Adding an architecture", done as they are written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("harness", "compose", "experiments", "docs", "README.md", "pyproject.toml")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of this project to write into."""
    for name in COPIED:
        source, copy = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    return tmp_path


@pytest.mark.slow
@pytest.mark.local
def test_an_architecture_is_added_by_the_pages_steps(clone: Path) -> None:
    """The overlay is written, the row is added, its cell is measured and recorded, and the README knows it."""
    page = (clone / "docs" / "lab.md").read_text()
    overlay, row = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (clone / "compose" / "architectures" / "mine.yaml").write_text(overlay)
    file = clone / "experiments" / "lab.yaml"
    table, added = yaml.safe_load(file.read_text()), yaml.safe_load(row.replace("NAME", "mine"))
    for part in ("rows", "cells"):
        table[part] |= added[part]
    file.write_text(yaml.safe_dump(table, sort_keys=False))

    measured = _run(clone, "-m", "outlast", "lab", "--architecture", "mine", "--engine", "local", "--record")
    generated = _run(clone, "docs/generate.py")

    assert 0 == measured.returncode, measured.stdout + measured.stderr
    assert "1 of 1 cells as predicted" in measured.stdout
    cell = yaml.safe_load(file.read_text())["cells"]["mine"]["no_fault"]
    assert ("ALL+", "ALL+") == (cell["predicted"], cell["measured"]["word"])
    assert 0 == generated.returncode, generated.stderr
    assert "| `mine` | ALL+ |" in (clone / "README.md").read_text()


def _run(clone: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=clone,
        env=os.environ | {"PYTHONPATH": str(clone / "harness")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
