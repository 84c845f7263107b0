"""Do experiments: a front to pytest, so that -k, markers and --junitxml work."""

from __future__ import annotations

import argparse

from outlast.checkers.verdict import Verdict
from outlast.cli.session import describe_experiments, experiments


def describe(parser: argparse.ArgumentParser) -> None:
    describe_experiments(parser)
    parser.add_argument("--reports", default="reports", help="where runs are archived (default: reports)")
    parser.add_argument(
        "--allow-target",
        action="append",
        default=[],
        metavar="HOST",
        help="let the load go to a host that is not loopback",
    )
    parser.add_argument("--dry-run", action="store_true", help="do all but the harm; exit 3, for it proves nothing")
    parser.add_argument("--quiet", action="store_true", help="no live view, only the result")
    parser.add_argument("--allow-inconclusive", action="store_true", help="exit 0 where a run could not tell")


def act(chosen: argparse.Namespace) -> int:
    ended = experiments(chosen, _options(chosen))
    if ended.broke_off:
        return Verdict.ERROR.exit_code
    if ended.came_to is Verdict.INCONCLUSIVE and chosen.allow_inconclusive:
        return Verdict.PASS.exit_code
    return ended.came_to.exit_code


def _options(chosen: argparse.Namespace) -> list[str]:
    options = [f"--outlast-reports={chosen.reports}"]
    options += [f"--outlast-allow-target={host}" for host in chosen.allow_target]
    if chosen.dry_run:
        options.append("--outlast-dry-run")
    if chosen.quiet:
        options.append("--outlast-quiet")
    if chosen.allow_inconclusive:
        options.append("--allow-inconclusive")
    return options
