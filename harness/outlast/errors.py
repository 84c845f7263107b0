"""Every error a user can meet, each a sentence that says what to do.

    OutlastError                the experiment could not run; exit code 2, no traceback
    ├── UsageError              a name or value the user gave is wrong
    ├── FormatError             a file is not what it should be; tells file and line
    ├── EngineError             Docker, Compose or a wheel is missing or refuses
    │   └── Unsupported         this engine or host cannot do what was asked
    ├── StackError              the stack did not start or did not become healthy
    ├── LoadError               the load process died or could not start
    └── HealError               a fault could not be proven undone

A system under test that failed is a verdict, never one of these.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class OutlastError(Exception):
    """The experiment itself is broken; the message is one sentence that says what to do."""

    exit_code = 2

    def __reduce__(self) -> tuple[Any, ...]:
        """Survives the way from a worker process: those that write their sentence from facts take other arguments."""
        return _again, (type(self), self.args, dict(self.__dict__))


class UsageError(OutlastError):
    """A name or a value that the user gave is wrong."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The guess at what was meant, to be put behind a name: ` (did you mean 'user'?)`; nothing where none is near."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


class UnknownName(UsageError):
    """A name nobody knows, with the known ones and the nearest guess."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"Unknown {what} {name!r}.{guess} Known: {', '.join(names) or 'none'}.")


SHOWN_MAX = 300
"""So much of what stands in a bad file is shown at most."""


class FormatError(OutlastError):
    """A file is not what it should be. What it holds may be anything, so it is shown short and without its controls."""

    def __init__(self, source: str, line: int | None, what: str) -> None:
        what = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in what)
        if len(what) > SHOWN_MAX:
            what = f"{what[: SHOWN_MAX - 40]} ... {what[-35:]}"
        place = source if line is None else f"{source}:{line}"
        super().__init__(f"{place}: {what}")
        self.source = source
        self.line = line
        self.what = what


class EngineError(OutlastError):
    """Docker, Compose or a wheel is missing or refuses to work."""


class Unsupported(EngineError):
    """This engine or host cannot do what was asked; an experiment that needs it is skipped with this reason."""


class StackError(OutlastError):
    """The stack did not start or did not become healthy."""


class NodeNotFound(StackError):
    """A node that the stack does not have."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"The stack has no node {name!r}. It has: {', '.join(sorted(known)) or 'none'}.")


class LoadError(OutlastError):
    """The load process died or could not start."""


class HealError(OutlastError):
    """A fault could not be proven undone; says what is left and how to remove it."""


def _again(kind: type[OutlastError], arguments: tuple[Any, ...], facts: Mapping[str, Any]) -> OutlastError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(facts)
    return error
