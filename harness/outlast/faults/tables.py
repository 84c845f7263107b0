"""The tables of a MariaDB that hold what its users gave it, and its clock."""

from __future__ import annotations

from typing import Final

from outlast.errors import StackError
from outlast.stacks.powers import querying
from outlast.stacks.stack import Node, Stack

NOW_US: Final = "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS INT)"
"""Wall time in microseconds, when it is asked and not when the statement began."""
TABLES: Final = (
    "SELECT CONCAT('`', table_schema, '`.`', table_name, '`') FROM information_schema.tables "
    "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN "
    "('mysql', 'sys', 'information_schema', 'performance_schema')"
)


def tables(stack: Stack, node: Node) -> tuple[str, ...]:
    """All of them, quoted; `StackError` when there is none or the database does not answer."""
    found = tuple(querying(stack).query(node, TABLES).splitlines())
    if not found:
        raise StackError(f"{node.name} has no table, so nobody keeps anything in it.")
    return found


def locked(names: tuple[str, ...], *statements: str) -> str:
    """One connection's work while nobody else reads or writes these tables."""
    locks = ", ".join(f"{name} WRITE" for name in names)
    return "; ".join((f"LOCK TABLES {locks}", *statements, "UNLOCK TABLES"))


def counted(names: tuple[str, ...]) -> str:
    """The statement that counts the rows of all of them."""
    counts = (f"(SELECT COUNT(*) FROM {name})" for name in names)  # noqa: S608 - the database quoted its own names
    return f"SELECT {' + '.join(counts)}"
