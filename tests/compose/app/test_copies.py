"""Copies with versions in a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from outlast_lab_app.copies import ENDED, Copies, Copy, open_copies
from outlast_lab_app.session import Session
from outlast_lab_app.settings import from_environment
from tests.compose.processes import Programs

pytestmark = pytest.mark.local

ADA = Session("ada")


@pytest.fixture
def with_copies(programs: Programs) -> Callable[[Callable[[Copies], Awaitable[None]]], None]:
    """Runs a test's own steps on an empty store."""
    store = programs.valkey("--save", "").address
    settings = replace(
        from_environment({"OUTLAST_REPLICA": "app-1"}), store_host=store.host, store_port=store.port, store_timeout_s=10
    )

    def run(steps: Callable[[Copies], Awaitable[None]]) -> None:
        async def all_of_it() -> None:
            copies = open_copies(settings)
            await steps(copies)
            await copies.close()

        asyncio.run(all_of_it())

    return run


def test_older_copy_never_replaces_a_newer_one(with_copies: Callable[..., None]) -> None:
    """Who comes late is told what is there, also by another one of the same version; the same one may come twice."""

    async def steps(copies: Copies) -> None:
        second, other = ADA.written("second"), ADA.written("other")
        assert await copies.put("c", second, 2) is None
        assert await copies.put("c", second, 2) is None
        assert Copy(second, 2) == await copies.put("c", ADA.written("first"), 1) == await copies.put("c", other, 2)
        assert Copy(second, 2) == await copies.get("c", None)
        assert await copies.put("c", other, 1, always=True) is None
        assert Copy(other, 1) == await copies.get("c", None)

    with_copies(steps)


def test_copy_is_told_whole_only_when_it_is_another(with_copies: Callable[..., None]) -> None:
    """Who has that version gets back its own; nobody's session is None."""

    async def steps(copies: Copies) -> None:
        session = ADA.incremented("attempt-1")
        held = Copy(session, 1)
        await copies.put("c", session, 1)
        assert held is await copies.get("c", held)
        assert held == await copies.get("c", Copy(ADA, 0))
        assert await copies.get("nobody", None) is None

    with_copies(steps)


def test_ended_session_is_newer_than_any(with_copies: Callable[..., None]) -> None:
    """Nobody puts it back; of the same user's sessions only those end that were asked to."""

    async def steps(copies: Copies) -> None:
        for cookie in ("one", "two", "three"):
            await copies.put(cookie, ADA, 0)
        await copies.put("stranger", Session("bob"), 0)
        await copies.end("one", ADA, everywhere=False)
        assert Copy(None, ENDED) == await copies.put("one", ADA.written("late"), 7)
        assert Copy(ADA, 0) == await copies.get("two", None)
        await copies.end("two", ADA, everywhere=True)
        assert Copy(None, ENDED) == await copies.get("two", None) == await copies.get("three", None)
        assert Copy(Session("bob"), 0) == await copies.get("stranger", None)

    with_copies(steps)
