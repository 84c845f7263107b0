"""Say what an experiment would do to which nodes, when, and how it is undone; nothing is started and nobody harmed."""

from __future__ import annotations

import argparse

from outlast.checkers.verdict import Verdict
from outlast.cli.say import say
from outlast.cli.session import describe_experiments, experiments


def describe(parser: argparse.ArgumentParser) -> None:
    describe_experiments(parser)


def act(chosen: argparse.Namespace) -> int:
    ended = experiments(chosen, ["--outlast-plan"])
    say("\n\n".join(ended.plans))
    if ended.broke_off or ended.came_to in (Verdict.ERROR, Verdict.FAIL):
        return Verdict.ERROR.exit_code
    return Verdict.PASS.exit_code if ended.plans else Verdict.INCONCLUSIVE.exit_code
