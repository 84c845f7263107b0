"""The front door: its list is what it opens, and opening it is light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import outlast


@pytest.mark.parametrize("name", outlast.__all__)
def test_every_name_on_the_list_opens(name: str) -> None:
    """What the door promises is there."""
    assert getattr(outlast, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A typing mistake is told at once."""
    with pytest.raises(AttributeError, match="outlast has no 'Klil'"):
        _ = outlast.Klil


@pytest.mark.parametrize("module", ["outlast", "outlast.pytest_plugin"])
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    """Locust patches the process and breaks where docker or requests came first; a test process must meet neither."""
    heavy = "{'docker', 'requests', 'locust', 'gevent', 'numpy', 'scipy'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "[]" == printed.strip()


def test_the_front_door_has_no_gevent_behind_it() -> None:
    """All of it opened, the test process has still not met locust or gevent."""
    opened = "import sys, outlast; [getattr(outlast, name) for name in outlast.__all__]"
    code = f"{opened}; print({{'locust', 'gevent'}} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "set()" == printed.strip()
