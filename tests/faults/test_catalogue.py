"""The catalogue knows every fault and can describe each in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

import outlast.faults
from outlast.errors import UnknownName
from outlast.faults.aim import named
from outlast.faults.catalogue import CATALOGUE, entries, fault


def test_every_fault_of_the_room_is_in_it() -> None:
    """A file of this room that defines a fault is a fault that users can name."""
    (folder,) = outlast.faults.__path__
    files = {path.stem for path in Path(folder).glob("*.py") if "def strike(self, stack" in path.read_text()}

    assert files - {"fault"} == set(CATALOGUE)


def test_each_says_in_one_line_what_it_does() -> None:
    """The tables of the documentation are made of these."""
    rows = entries()

    assert all(row.description.endswith(".") and len(row.description) < 120 for row in rows)
    lasting = {
        "deploy", "failover", "fill_disk", "fill_memory", "flush", "lose_primary", "move", "out_of_memory", "recreate",
        "scale_in",
    }  # fmt: skip
    assert lasting == {row.name for row in rows if not row.reversible}


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_can_be_had_by_name(name: str) -> None:
    """With any aim."""
    assert name == fault(name, named("app-1")).name


def test_an_unknown_one_is_told_with_the_nearest() -> None:
    """A typing mistake names the cure."""
    with pytest.raises(UnknownName, match="Did you mean 'crash'"):
        fault("crahs", named("app-1"))
