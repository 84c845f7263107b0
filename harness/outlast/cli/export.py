"""Write the history of a run as outlast-history/1, for others to judge."""

from __future__ import annotations

import argparse
from pathlib import Path

from outlast.archive.invocation import find_run
from outlast.archive.run import RunFolder
from outlast.cli.say import say
from outlast.errors import UsageError
from outlast.history.interchange import write_history


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="the folder of a run, or its name inside the reports folder (latest/redis-aof)")
    parser.add_argument(
        "-o", "--out", type=Path, help="plain, .gz or .zst by its name (default: history.ndjson in the run's folder)"
    )
    parser.add_argument("--reports", default="reports", type=Path, help="where runs are archived (default: reports)")


def act(chosen: argparse.Namespace) -> int:
    folder = find_run(chosen.run, chosen.reports)
    if not RunFolder.is_one(folder):
        runs = sorted(child.name for child in folder.iterdir() if RunFolder.is_one(child))
        raise UsageError(f"{folder} is not one run; name one in it: {', '.join(runs) or 'there is none'}.")
    out = chosen.out or folder / "history.ndjson"
    write_history(RunFolder(folder).history(), out)
    say(str(out))
    return 0
