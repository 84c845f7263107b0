"""Draw the lab's table: what each architecture does under each fault, and what became of the claims."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from outlast.archive.lab_table import read_table
from outlast.cli.say import say
from outlast.render.matrix import claims_markdown, matrix_document, matrix_markdown, write_matrix


def describe(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print it as JSON (formats.md 5)")
    form.add_argument("--markdown", action="store_true", help="print it as Markdown")
    parser.add_argument(
        "--reports", default="reports", type=Path, help="where matrix.html is written (default: reports)"
    )


def act(chosen: argparse.Namespace) -> int:
    table = read_table()
    if chosen.json:
        say(json.dumps(matrix_document(table), indent=1))
    elif chosen.markdown:
        say(matrix_markdown(table))
        if table.claims:
            say(f"\n{claims_markdown(table)}")
    else:
        say(str(write_matrix(table, chosen.reports)))
    return 0
