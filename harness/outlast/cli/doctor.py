"""Look at this machine: what Outlast finds, what each missing thing costs, and how to get it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from outlast.cli.say import say
from outlast.stacks.doctor import Finding, examine

SIGNS = {True: "ok     ", False: "missing", None: "unknown"}


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reports", default="reports", type=Path, help="where runs are archived (default: reports)")
    parser.add_argument("--json", action="store_true", help="for scripts")


def act(chosen: argparse.Namespace) -> int:
    findings = examine(chosen.reports)
    if chosen.json:
        say(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            _tell(finding)
    usable = any(finding.there for finding in findings if finding.is_engine)
    if not chosen.json:
        say()
        say("An engine is usable: `outlast run` will work." if usable else "No engine is usable: see above.")
    return 0 if usable else 2


def _tell(finding: Finding) -> None:
    say(f"{SIGNS[finding.there]}  {finding.name:<18} {finding.says}")
    if finding.there is not True and finding.remedy:
        say(f"{'':9}{'':<18} costs: {finding.costs}")
        say(f"{'':9}{'':<18} to get it: {finding.remedy}")
