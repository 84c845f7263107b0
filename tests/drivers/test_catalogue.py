"""Drivers by name."""

from __future__ import annotations

import pytest

from outlast.drivers.catalogue import DRIVERS, driver_named
from outlast.errors import UnknownName, UsageError


@pytest.fixture(autouse=True)
def _own_drivers_can_be_imported(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.path.parent))


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_every_driver_is_known_by_its_own_name(name):
    """The catalogue and the class agree."""
    assert name == driver_named(name).name


def test_a_users_own_driver():
    """module:Class, no registration."""
    assert "mine" == driver_named("own_driver:Mine").name


def test_an_unknown_name_is_told_with_a_guess():
    """And with what there is."""
    with pytest.raises(UnknownName, match=r"Did you mean 'lab'.*Known: lab"):
        driver_named("lba")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere:Driver", "nowhere"),
        ("own_driver:Nobody", "Nobody"),
        ("own_driver:Shapeless", "lacks name, session_cookie, can, perform"),
        ("own_driver:Blind", "cannot read"),
        ("own_driver:Broken", "no configuration"),
        (":", "cannot be loaded"),
    ],
)
def test_what_is_no_driver_is_a_users_mistake(name, why):
    """One sentence that says why."""
    with pytest.raises(UsageError, match=why):
        driver_named(name)
