"""A pytest session of experiments: what names them, the options they take, and how they ended."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pytest

from outlast.checkers.verdict import Verdict
from outlast.cli.say import complain
from outlast.errors import UnknownName, UsageError
from outlast.pytest_plugin import CAMPAIGN, PLANNED
from outlast.runner.interrupts import sigterm_as_interrupt
from outlast.stacks import lab

FILE_PREFIX = "test_"


def describe_experiments(parser: argparse.ArgumentParser) -> None:
    """What is to be done: which experiments, on what, with which seed."""
    parser.add_argument(
        "experiment", nargs="*", help="a name (replica_kill), a file or a pytest node id; default: replica_kill"
    )
    parser.add_argument(
        "--architecture", action="append", default=[], metavar="NAME", help="repeat, separate by commas, or 'all'"
    )
    parser.add_argument("--engine", default="auto", help="auto, compose or local (default: auto)")
    parser.add_argument("--stack", metavar="FILE", help="outlast.yaml of your own stack")
    parser.add_argument("--seed", type=int, help="the same seed gives the same schedule (default: a new one)")
    parser.add_argument("--sessions", type=int, help="sessions held at all times")
    parser.add_argument("--seconds", type=float, help="seconds under load, the fault in the middle")
    parser.set_defaults(takes_rest=True)


def experiments(chosen: argparse.Namespace, options: Sequence[str]) -> ExitKeeper:
    """Let pytest do the experiments that were chosen -> how they ended. Raises UsageError for a user's mistakes."""
    targets = [_target(name) for name in chosen.experiment or ["replica_kill"]]
    keeper = ExitKeeper()
    with sigterm_as_interrupt():
        keeper.code = pytest.main([*_options(chosen), *options, *chosen.rest, *targets], plugins=[keeper])
    if keeper.interrupted:
        raise KeyboardInterrupt
    if keeper.mistakes:
        raise UsageError("; ".join(dict.fromkeys(keeper.mistakes)))
    if keeper.code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError("No experiment was found; name one of: " + ", ".join(sorted(known_experiments())) + ".")
    return keeper


def known_experiments() -> dict[str, Path]:
    """Name -> file: those of the folder `experiments` here, and those that the lab carries."""
    folders = [folder for folder in (lab.folder().parent / "experiments", Path("experiments")) if folder.is_dir()]
    return {
        f.stem.removeprefix(FILE_PREFIX): f for folder in folders for f in sorted(folder.glob(f"{FILE_PREFIX}*.py"))
    }


def _target(name: str) -> str:
    known = known_experiments()
    if name in known:
        return str(known[name])
    path = Path(name.partition("::")[0])
    if path.exists():
        return name
    raise UnknownName("experiment", name, known)


def _options(chosen: argparse.Namespace) -> list[str]:
    options = ["-s", "-p", "no:cacheprovider", "--import-mode=importlib", "-o", "addopts=", "-o", "timeout=0"]
    # A project whose tests make warnings errors must not turn what Ctrl-C leaves half-made into another exit code.
    options += ["-o", "filterwarnings="]
    options += [f"--rootdir={Path.cwd()}", f"--outlast-engine={chosen.engine}"]
    options += [f"--outlast-architecture={name}" for name in chosen.architecture]
    for name in ("seed", "sessions", "seconds", "stack"):
        value = getattr(chosen, name)
        if value is not None:
            options.append(f"--outlast-{name}={value}")
    return options


class ExitKeeper:
    """Listens to the pytest session for what the runs came to, and for mistakes at collection."""

    def __init__(self) -> None:
        self.code: int | pytest.ExitCode = pytest.ExitCode.OK
        self.mistakes: list[str] = []
        self.came_to = Verdict.INCONCLUSIVE
        self.plans: tuple[str, ...] = ()
        self.interrupted = False

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """pytest's own reporter would write over the live view; with -v the user asked for it."""
        if not config.option.verbose:
            reporter = config.pluginmanager.get_plugin("terminalreporter")
            config.pluginmanager.unregister(reporter)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.mistakes.append(str(report.longrepr))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """The user's own, not the one by which pytest ends a session that could not be collected."""
        self.interrupted = excinfo.type is KeyboardInterrupt

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """pytest's own terminal is off, so so skips and failures are told here."""
        if report.skipped and isinstance(report.longrepr, tuple):
            if report.longrepr[2] != PLANNED:
                complain(f"{report.nodeid.rpartition('::')[2]}: {report.longrepr[2]}")
        elif report.failed:
            complain(str(report.longrepr))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        campaign = session.config.stash.get(CAMPAIGN, None)
        if campaign is not None:
            self.came_to = campaign.came_to
            self.plans = tuple(campaign.plans)

    @property
    def broke_off(self) -> bool:
        """pytest itself could not go through with it."""
        return self.code in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
