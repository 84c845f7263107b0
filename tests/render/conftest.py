"""What tests of the render room need: made-up runs on disk, drawn once, and a browser to look at them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # importlib mode: what stands beside this file is tests.render.*

from tests.render.browser import CHROMIUM, Browser
from tests.render.made_folder import Made, made_run, new_invocation_at
from tests.render.made_run import Shape

from outlast.archive.invocation import Invocation
from outlast.checkers.promise import loses_exactly_the_victims, loses_nothing
from outlast.render.html import write_report


@pytest.fixture(scope="session")
def invocation(tmp_path_factory: pytest.TempPathFactory) -> Invocation:
    """Two runs: one that loses the victim's sessions as promised, one that loses nothing."""
    return new_invocation_at(tmp_path_factory.mktemp("reports") / "20251009T085320Z-replica_kill-7")


@pytest.fixture(scope="session")
def lossy(invocation: Invocation) -> Made:
    """A third of the sessions lost, as promised; its report drawn."""
    made = made_run(invocation, Shape(), loses_exactly_the_victims())
    write_report(made.folder)
    return made


@pytest.fixture(scope="session")
def clean(invocation: Invocation, lossy: Made) -> Made:
    """Nothing lost; its report drawn. After the lossy one, so that the invocation has both in this order."""
    made = made_run(invocation, Shape(lossy=False), loses_nothing())
    write_report(made.folder)
    return made


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests; each opens its page afresh."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH (Debian: apt-get install chromium)")
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser
