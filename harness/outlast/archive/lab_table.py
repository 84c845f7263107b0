"""`experiments/lab.yaml`: the table of record of the lab, cell by cell what is predicted and what was measured."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.promise import Promise
from outlast.checkers.word import WORDS, Word, promise_of_word
from outlast.errors import FormatError, OutlastError
from outlast.stacks import lab

FILE: Final = "lab.yaml"
HEAD: Final = """\
# The lab's table of record: architecture x experiment. `outlast lab` measures its cells, `outlast matrix` draws it.
# predicted: one word of the closed list (docs/lab.md); measured: what the last recorded run came to.
"""


def _word(text: object) -> object:
    known = {word.value: word for word in WORDS}
    if text not in known:
        raise ValueError(f"{text!r} is no word of the lab; known: {', '.join(known)}")
    return known[str(text)]


OneWord = Annotated[Word | Anomaly, BeforeValidator(_word)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measurement(_Part):
    """What one run came to. sessions: all that were judged; exposed: of them on the victim; lost: of them broken."""

    word: OneWord
    shows: tuple[Anomaly, ...] = ()
    on: datetime.date
    engine: str
    seed: int
    run: str
    sessions: int
    exposed: int
    lost: int


class Cell(_Part):
    """One architecture in one experiment. also, unavailable, younger_than_s: as `Promise` has them. set: those whose
    word guards the harness itself. why: where the prediction comes from, or why it was changed."""

    predicted: OneWord
    also: tuple[Anomaly, ...] = ()
    unavailable: bool = False
    younger_than_s: float | None = None
    set: Literal["must-lose", "must-not-lose"] | None = None
    why: str = ""
    changed: datetime.date | None = None
    measured: Measurement | None = None

    @model_validator(mode="after")
    def _applies_or_not(self) -> Cell:
        if self.predicted is Word.NONE and (not self.why or self.measured or self.set):
            raise ValueError("a cell that does not apply says why, and is neither measured nor a guard")
        return self

    @property
    def applies(self) -> bool:
        """Whether there is anything to measure."""
        return self.predicted is not Word.NONE

    @property
    def promise(self) -> Promise:
        """What the architecture promises here. Raises ValueError where the cell does not apply."""
        return promise_of_word(self.predicted, self.also, self.unavailable, self.younger_than_s)

    @property
    def differs(self) -> bool:
        """Whether it was measured, and was not as predicted."""
        return self.measured is not None and self.measured.word is not self.predicted


class Claim(_Part):
    """What somebody says about sessions, and what the lab found. figure: the measured one, in a phrase; run: of it."""

    says: str
    result: Literal["confirmed", "refuted", "bounded", "not tested"] = "not tested"
    figure: str = ""
    run: str = ""


class Table(_Part):
    """columns: experiment -> its fault in words. rows: architecture -> its number in the literature's list."""

    columns: dict[str, str]
    rows: dict[str, int | None]
    cells: dict[str, dict[str, Cell]] = Field(default_factory=dict)
    claims: dict[str, Claim] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_of_its_rows_and_columns(self) -> Table:
        for architecture, cells in self.cells.items():
            if architecture not in self.rows:
                raise ValueError(f"cells.{architecture}: there is no such row")
            for experiment in cells:
                if experiment not in self.columns:
                    raise ValueError(f"cells.{architecture}.{experiment}: there is no such column")
        return self

    def each(self) -> Iterator[tuple[str, str, Cell]]:
        """Architecture, experiment, cell: row by row in the order of the columns."""
        for architecture in self.rows:
            for experiment in self.columns:
                cell = self.cells.get(architecture, {}).get(experiment)
                if cell is not None:
                    yield architecture, experiment, cell

    def with_measurement(self, architecture: str, experiment: str, measurement: Measurement) -> Table:
        """The same table with one cell measured anew."""
        cell = self.cells[architecture][experiment].model_copy(update={"measured": measurement})
        row = {**self.cells[architecture], experiment: cell}
        return self.model_copy(update={"cells": {**self.cells, architecture: row}})


def table_file() -> Path:
    """Where the table is: beside the experiments of the lab."""
    return lab.folder().parent / "experiments" / FILE


@cache
def read_table(path: Path | None = None) -> Table:
    """File -> Table. Raises FormatError with the place of what is wrong."""
    file = path or table_file()
    try:
        return Table.model_validate(yaml.load(file.read_text(), Loader=_LOADER))  # noqa: S506 - the safe one, in C
    except OSError as error:
        raise FormatError(str(file), None, f"cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        raise FormatError(str(file), None, f"is not YAML ({' '.join(str(error).split())}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the table"
        raise FormatError(str(file), None, f"{where}: {first['msg']}.") from error


def write_table(table: Table, path: Path | None = None) -> None:
    """Table -> file, replaced in one step; what has its default is left out. Raises OutlastError."""
    file = path or table_file()
    text = yaml.dump(
        table.model_dump(mode="json", exclude_defaults=True),
        Dumper=_Dumper,
        sort_keys=False,
        width=160,
        allow_unicode=True,
    )
    draft = file.with_name(f".{file.name}")
    try:
        draft.write_text(HEAD + text)
        draft.replace(file)
    except OSError as error:
        raise OutlastError(f"{file} cannot be written ({error.strerror}).") from error
    read_table.cache_clear()


_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """A cell is one line, whatever holds it is a block."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        leaf = "predicted" in mapping or "says" in mapping or "word" in mapping
        return super().represent_mapping(tag, mapping, flow_style=leaf)
