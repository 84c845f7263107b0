"""Draw the report of a run again, from disk alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from outlast.archive.invocation import Invocation, find_run
from outlast.archive.run import REPORT_FILE, RunFolder
from outlast.cli.say import say
from outlast.render.html import write_report
from outlast.render.index import write_index
from outlast.render.junit import write_junit
from outlast.render.summary import write_summary


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="the folder of a run or of an invocation, or its name inside the reports folder")
    parser.add_argument("--reports", default="reports", type=Path, help="where runs are archived (default: reports)")


def act(chosen: argparse.Namespace) -> int:
    folder = find_run(chosen.run, chosen.reports)
    if RunFolder.is_one(folder):
        write_report(RunFolder(folder))
        say(str(folder / REPORT_FILE))
        return 0
    invocation = Invocation(folder)
    for run in invocation.runs:
        write_report(run)
        say(str(run.path / REPORT_FILE))
    write_index(invocation)
    write_junit(invocation)
    write_summary(invocation)
    say(str(folder / "index.html"))
    return 0
