"""Judge a history: a file of the form outlast-history/1, or the folder of a run."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from outlast.archive.invocation import find_run
from outlast.archive.run import RunFolder
from outlast.checkers.document import session_lines
from outlast.checkers.verdict import Verdict
from outlast.cli.say import say
from outlast.cli.tell import tell_verdict
from outlast.errors import OutlastError, UsageError
from outlast.history.history import Guarantee
from outlast.runner.judging import Judged, Terms, judge_file, judge_run


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("history", help="a file (plain, .gz or .zst), or a run's folder")
    parser.add_argument("--guarantee", choices=[g.value for g in Guarantee], help="what the deployment promises")
    parser.add_argument("--ttl", type=float, metavar="SECONDS", help="sessions expire after so long")
    parser.add_argument("--gate", action="append", default=[], metavar="NAME=LIMIT", help="NAME=off takes a gate away")
    parser.add_argument("--json", action="store_true", help="print the verdict document")
    parser.add_argument("--explain", type=int, default=3, metavar="N", help="show so many witnesses (default: 3)")
    parser.add_argument("--sessions", type=Path, metavar="OUT", help="write one line per session")
    parser.add_argument("--reports", default="reports", type=Path, help="where runs are archived (default: reports)")


def act(chosen: argparse.Namespace) -> int:
    judged = _judged(chosen)
    if chosen.sessions:
        _write_sessions(chosen.sessions, judged)
    if chosen.json:
        say(json.dumps(judged.document))
    else:
        tell_verdict(judged.document, chosen.explain)
    return Verdict(judged.document["verdict"]).exit_code


def _judged(chosen: argparse.Namespace) -> Judged:
    if chosen.ttl is not None and not chosen.ttl > 0:
        raise UsageError(f"--ttl {chosen.ttl:g}: a time to live must be above zero.")
    if chosen.explain < 0:
        raise UsageError(f"--explain {chosen.explain}: it takes a number of witnesses, from 0 on.")
    terms = Terms(
        guarantee=Guarantee(chosen.guarantee) if chosen.guarantee else None,
        ttl_s=chosen.ttl,
        gates=dict(_gate(text) for text in chosen.gate),
    )
    path = Path(chosen.history)
    if path.is_file():
        return judge_file(path, terms)
    if not path.is_dir() and not (chosen.reports / chosen.history).is_dir():
        raise UsageError(f"There is no file and no run {chosen.history!r}.")
    folder = find_run(chosen.history, chosen.reports)
    if not RunFolder.is_one(folder):
        runs = sorted(child.name for child in folder.iterdir() if RunFolder.is_one(child))
        raise UsageError(f"{folder} is not one run; name one in it: {', '.join(runs) or 'there is none'}.")
    return judge_run(RunFolder(folder), terms)


def _gate(text: str) -> tuple[str, float | None]:
    name, equals, limit = text.partition("=")
    if equals and limit == "off":
        return name, None
    try:
        return name, float(limit)
    except ValueError:
        raise UsageError(f"--gate {text}: write NAME=LIMIT with a number, or NAME=off.") from None


def _write_sessions(path: Path, judged: Judged) -> None:
    try:
        with path.open("w") as file:
            for line in session_lines(judged.judgement):
                file.write(_compact(line) + "\n")
    except OSError as error:
        raise OutlastError(f"{path} cannot be written ({error.strerror}).") from error


def _compact(line: dict[str, Any]) -> str:
    return json.dumps(line, separators=(",", ":"))
