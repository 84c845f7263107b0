"""Makes an experiment a pytest test: the fixture `conduct`, its options, its markers.

Nothing heavy is imported here: the plugin is loaded by every pytest run of an environment that has Outlast installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from outlast.conduct import Campaign, Conduct

CAMPAIGN = pytest.StashKey["Campaign"]()
ARCHITECTURE = "outlast_architecture"
MARKER = "outlast_promises"
PLANNED = "Skipped: only its plan was wanted"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("outlast", "Outlast: does the session outlast it?")
    group.addoption("--outlast-engine", default="auto", help="auto, compose or local (default: auto)")
    group.addoption(
        "--outlast-architecture",
        action="append",
        default=[],
        help="an architecture of the lab, or 'all'; repeat or separate by commas",
    )
    group.addoption("--outlast-seed", type=int, default=None, help="the same seed gives the same schedule")
    group.addoption("--outlast-sessions", type=int, default=None, help="sessions held at all times")
    group.addoption("--outlast-seconds", type=float, default=None, help="seconds under load, the fault in the middle")
    group.addoption("--outlast-stack", default=None, help="outlast.yaml of your own stack")
    group.addoption("--outlast-reports", default="reports", help="where runs are archived (default: reports)")
    group.addoption(
        "--outlast-allow-target", action="append", default=[], help="a host that is not loopback and may get the load"
    )
    group.addoption("--outlast-dry-run", action="store_true", help="do all but the harm; the run proves nothing")
    group.addoption("--outlast-plan", action="store_true", help="start nothing; `outlast plan` says what would be done")
    group.addoption("--outlast-quiet", action="store_true", help="no live view")
    group.addoption("--allow-inconclusive", action="store_true", help="an inconclusive run does not fail the test")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}(declaration): what each architecture must do in this experiment")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per architecture: those that the user named, else those that the experiment shows."""
    if "conduct" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker(MARKER)
    asked = _split(metafunc.config.getoption("--outlast-architecture"))
    if metafunc.config.getoption("--outlast-stack"):
        names: Sequence[str] = [""]
    elif marker is None:
        names = asked or ["sticky-memory"]
    elif asked == ["all"]:
        names = list(marker.args[0].promises)
    else:
        names = asked or marker.args[0].shown
    metafunc.parametrize(ARCHITECTURE, names, indirect=True, ids=[name or "own-stack" for name in names])


@pytest.fixture
def outlast_architecture(request: pytest.FixtureRequest) -> str:
    """The architecture that this test runs on."""
    name: str = request.param
    return name


@pytest.fixture
def conduct(request: pytest.FixtureRequest, outlast_architecture: str) -> Conduct:
    """`conduct(faults=[...], load=Load(...)) -> Outcome`: does one run of this experiment on one architecture."""
    from outlast.conduct import Conduct

    marker = request.node.get_closest_marker(MARKER)
    return Conduct(
        campaign=_campaign(request.config),
        name=_experiment_name(request.node),
        hypothesis=(request.function.__doc__ or request.function.__name__).strip().splitlines()[0],
        architecture=outlast_architecture,
        declaration=marker.args[0] if marker else None,
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A verdict or a user's mistake is told in its one sentence; only a bug gets a traceback."""
    report = yield
    if call.excinfo is None:
        return report
    from outlast.conduct import Planned
    from outlast.errors import OutlastError, Unsupported
    from outlast.runner.outcome import NothingProven, PromiseBroken

    error = call.excinfo.value
    if isinstance(error, Planned):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, PLANNED)
    elif isinstance(error, Unsupported):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"Skipped: {error}")
    elif isinstance(error, NothingProven) and item.config.getoption("--allow-inconclusive"):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"Skipped: inconclusive: {error}")
    elif isinstance(error, OutlastError | PromiseBroken | NothingProven):
        report.longrepr = str(error)
    campaign = item.config.stash.get(CAMPAIGN, None)
    if campaign is not None:
        campaign.note(error)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    campaign = session.config.stash.get(CAMPAIGN, None)
    if campaign is not None:
        campaign.finish()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Under pytest itself the plans are told at the end; `outlast plan` tells them without its reporter."""
    campaign = config.stash.get(CAMPAIGN, None)
    for plan in campaign.plans if campaign is not None else ():
        terminalreporter.write_line(plan)


def _campaign(config: pytest.Config) -> Campaign:
    campaign = config.stash.get(CAMPAIGN, None)
    if campaign is None:
        from outlast.conduct import Campaign, Options

        campaign = config.stash[CAMPAIGN] = Campaign(
            Options(
                engine=config.getoption("--outlast-engine"),
                seed=config.getoption("--outlast-seed"),
                sessions=config.getoption("--outlast-sessions"),
                seconds=config.getoption("--outlast-seconds"),
                stack=config.getoption("--outlast-stack"),
                reports=config.rootpath / config.getoption("--outlast-reports"),
                allowed=tuple(config.getoption("--outlast-allow-target")),
                dry=config.getoption("--outlast-dry-run"),
                plan=config.getoption("--outlast-plan"),
                quiet=config.getoption("--outlast-quiet"),
            )
        )
    return campaign


def _experiment_name(node: pytest.Item) -> str:
    return node.path.stem.removeprefix("test_")


def _split(values: Sequence[str]) -> list[str]:
    return [name for value in values for name in value.split(",") if name]
