"""Judge a history: a file of the form outlast-history/1, or the folder of a run."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from outlast.archive.invocation import find_run
from outlast.archive.run import RunFolder
from outlast.checkers.verdict import Verdict
from outlast.cli.say import say
from outlast.history.history import Guarantee
from outlast.runner.judging import judge_file, judge_run, session_lines


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("history", help="a file (plain, .gz or .zst), or a run's folder")
    parser.add_argument(
        "--guarantee",
        choices=[g.value for g in Guarantee],
        help="what the deployment promises (default: as the file says)",
    )
    parser.add_argument(
        "--ttl", type=float, metavar="SECONDS", help="sessions expire after so long (default: as the file says)"
    )
    parser.add_argument(
        "--gate",
        action="append",
        default=[],
        metavar="NAME=LIMIT",
        help="gate on an anomaly; NAME=off takes its gate away",
    )
    parser.add_argument("--json", action="store_true", help="print the verdict document")
    parser.add_argument("--explain", type=int, default=3, metavar="N", help="show so many witnesses (default: 3)")
    parser.add_argument("--sessions", type=Path, metavar="OUT", help="write one line per session")
    parser.add_argument("--reports", default="reports", type=Path, help="where runs are archived (default: reports)")


def act(chosen: argparse.Namespace) -> int:
    raise NotImplementedError(find_run, RunFolder, Verdict, say, json, judge_file, judge_run, session_lines)
