"""The marker by which an experiment declares what each architecture must do in it, and the lab's own declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from outlast.archive.lab_table import read_table
from outlast.checkers.promise import Promise
from outlast.errors import UnknownName

MARKER: Final = "outlast_promises"


@dataclass(frozen=True, slots=True)
class Declaration:
    """Architecture -> what it promises; `shown`: those that run when the user names none."""

    promises: Mapping[str, Promise]
    shown: tuple[str, ...]


def promises(table: Mapping[str, Promise], shown: Sequence[str] = ()) -> pytest.MarkDecorator:
    """Declare, per architecture, what must happen. `shown` (default: all of the table) run when the user names none."""
    unknown = [name for name in shown if name not in table]
    if unknown:
        raise ValueError(f"shown names architectures without a promise: {', '.join(unknown)}")
    marker: pytest.MarkDecorator = getattr(pytest.mark, MARKER)
    return marker(Declaration(dict(table), tuple(shown) or tuple(table)))


def predicted(experiment: str) -> dict[str, Promise]:
    """Experiment -> what each architecture of the lab promises in it, as the table of record (lab.yaml) has it.

    Raises UnknownName for one that the table lacks, FormatError for a bad table.
    """
    table = read_table()
    if experiment not in table.columns:
        raise UnknownName("column of the lab's table", experiment, table.columns)
    return {
        architecture: cell.promise
        for architecture, column, cell in table.each()
        if column == experiment and cell.applies
    }
