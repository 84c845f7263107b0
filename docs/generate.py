"""Writes the reference tables of the README from the code's own registries: `python docs/generate.py [--check]`."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from pathlib import Path

import yaml

from outlast.archive.lab_table import read_table
from outlast.checkers.anomaly import RULES
from outlast.checkers.figures import FIGURES
from outlast.checkers.word import MEANING
from outlast.faults.catalogue import entries
from outlast.render.matrix import matrix_markdown
from outlast.stacks import lab

README = Path(__file__).resolve().parent.parent / "README.md"


def architectures() -> str:
    """Name and one sentence of each architecture, from its overlay's own first comment."""
    rows = ["| architecture | how it keeps sessions |", "|---|---|"]
    for name in lab.architectures():
        overlay = lab.files(name)[-1]
        rows.append(f"| `{name}` | {_first_comment(overlay)} |")
    return "\n".join(rows)


def faults() -> str:
    """Name, one sentence and the powers each fault needs."""
    rows = ["| fault | what it does | needs | can be undone |", "|---|---|---|---|"]
    for entry in entries():
        needs = ", ".join(power.value for power in entry.needs) or "nothing"
        rows.append(f"| `{entry.name}` | {entry.description} | {needs} | {'yes' if entry.reversible else 'no'} |")
    return "\n".join(rows)


def anomalies() -> str:
    """Name, meaning and default gate of each anomaly."""
    rows = ["| anomaly | meaning | default gate |", "|---|---|---|"]
    for anomaly, rule in RULES.items():
        gate = "off" if rule.limit is None else f"{rule.limit:g}" + ("" if rule.waivable else ", never waivable")
        rows.append(f"| `{anomaly.value}` | {rule.meaning} | {gate} |")
    return "\n".join(rows)


def figures() -> str:
    """Name and meaning of what can be gated besides anomalies."""
    rows = ["| gate | limit of |", "|---|---|"]
    return "\n".join([*rows, *(f"| `{name}` | {meaning} |" for name, meaning in FIGURES.items())])


def experiments() -> str:
    """Name and question of each experiment, from the first line of its own file."""
    rows = ["| experiment | question |", "|---|---|"]
    for file in sorted((README.parent / "experiments").glob("test_*.py")):
        first = (ast.get_docstring(ast.parse(file.read_text())) or "").splitlines()[0]
        rows.append(f"| `{file.stem.removeprefix('test_')}` | {first} |")
    return "\n".join(rows)


SHORT = (
    "no_fault", "replica_kill", "replica_restart", "rolling_restart", "scale_out", "store_kill", "store_restart",
    "lose_primary", "balancer_restart",
)  # fmt: skip
"""The columns of the lab's table that the README shows."""


def matrix() -> str:
    """The short form of the lab's table; what was predicted and not yet measured is in brackets."""
    return matrix_markdown(read_table(), SHORT)


def words() -> str:
    """The closed list of words of the lab's table."""
    rows = ["| word | means |", "|---|---|", *(f"| {word.value} | {meaning} |" for word, meaning in MEANING.items())]
    return "\n".join([*rows, "| *an anomaly* | shows just that |"])


TABLES = {
    "experiments": experiments,
    "matrix": matrix,
    "words": words,
    "architectures": architectures,
    "faults": faults,
    "anomalies": anomalies,
    "figures": figures,
}


def filled(text: str) -> str:
    """Every `<!-- table: NAME -->...<!-- end -->` of a page, filled anew."""

    def fill(found: re.Match[str]) -> str:
        return f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->.*?<!-- end -->", fill, text, flags=re.DOTALL)


def _first_comment(overlay: Path) -> str:
    text = overlay.read_text()
    yaml.safe_load(text)
    first = next(line for line in text.splitlines() if line.startswith("#"))
    return first.lstrip("# ").strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a table is out of date")
    chosen = parser.parse_args()
    now = README.read_text()
    then = filled(now)
    if chosen.check:
        return int(now != then)
    README.write_text(then)
    return 0


if __name__ == "__main__":
    sys.exit(main())
