"""Take away whatever dead runs left behind: stopped nodes, containers, networks, processes."""

from __future__ import annotations

import argparse
from pathlib import Path

from outlast.cli.say import say
from outlast.faults.sweep import sweep


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reports", default="reports", type=Path, help="where the ledgers of runs are (default: reports)"
    )


def act(chosen: argparse.Namespace) -> int:
    removed = sweep(chosen.reports)
    for line in removed:
        say(line)
    say(
        f"{len(removed)} thing{'s' if len(removed) != 1 else ''} taken away." if removed else "Nothing was left behind."
    )
    return 0
