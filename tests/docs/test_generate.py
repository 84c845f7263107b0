"""The README's reference tables are what the code's own registries say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_tables_of_the_readme_are_up_to_date() -> None:
    """A fault, an architecture or an anomaly that is added shows up in the README: run `python docs/generate.py`."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    readme = (ROOT / "README.md").read_text()

    assert generate.filled(readme) == readme
    assert all(f"<!-- table: {name} -->" in readme for name in generate.TABLES)
