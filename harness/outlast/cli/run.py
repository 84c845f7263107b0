"""Do experiments: a front to pytest, so that -k, markers and --junitxml work."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from outlast.checkers.verdict import Verdict
from outlast.cli.say import complain
from outlast.errors import UnknownName, UsageError
from outlast.pytest_plugin import CAMPAIGN
from outlast.runner.interrupts import sigterm_as_interrupt
from outlast.stacks import lab

FILE_PREFIX = "test_"


def describe(parser: argparse.ArgumentParser) -> None:
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
    parser.set_defaults(takes_rest=True)


def act(chosen: argparse.Namespace) -> int:
    targets = [_target(name) for name in chosen.experiment or ["replica_kill"]]
    exit_keeper = _ExitKeeper()
    with sigterm_as_interrupt():
        code = pytest.main([*_pytest_options(chosen), *chosen.rest, *targets], plugins=[exit_keeper])
    if exit_keeper.interrupted:
        raise KeyboardInterrupt
    if exit_keeper.mistakes:
        raise UsageError("; ".join(dict.fromkeys(exit_keeper.mistakes)))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError("No experiment was found; name one of: " + ", ".join(sorted(known_experiments())) + ".")
    if code in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        return Verdict.ERROR.exit_code
    came_to = exit_keeper.came_to
    if came_to is Verdict.INCONCLUSIVE and chosen.allow_inconclusive:
        return Verdict.PASS.exit_code
    return came_to.exit_code


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


def _pytest_options(chosen: argparse.Namespace) -> list[str]:
    options = ["-s", "-p", "no:cacheprovider", "--import-mode=importlib", "-o", "addopts=", "-o", "timeout=0"]
    # A project whose tests make warnings errors must not turn what Ctrl-C leaves half-made into another exit code.
    options += ["-o", "filterwarnings="]
    options += [f"--rootdir={Path.cwd()}", f"--outlast-engine={chosen.engine}", f"--outlast-reports={chosen.reports}"]
    options += [f"--outlast-architecture={name}" for name in chosen.architecture]
    options += [f"--outlast-allow-target={host}" for host in chosen.allow_target]
    for name in ("seed", "sessions", "seconds", "stack"):
        value = getattr(chosen, name)
        if value is not None:
            options.append(f"--outlast-{name}={value}")
    if chosen.dry_run:
        options.append("--outlast-dry-run")
    if chosen.quiet:
        options.append("--outlast-quiet")
    if chosen.allow_inconclusive:
        options.append("--allow-inconclusive")
    return options


class _ExitKeeper:
    """Listens to the pytest session for what the runs came to, and for mistakes at collection."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self.came_to = Verdict.INCONCLUSIVE
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
            complain(f"{report.nodeid.rpartition('::')[2]}: {report.longrepr[2]}")
        elif report.failed:
            complain(str(report.longrepr))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        campaign = session.config.stash.get(CAMPAIGN, None)
        if campaign is not None:
            self.came_to = campaign.came_to
