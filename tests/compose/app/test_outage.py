"""An outage that is remembered for a moment."""

from __future__ import annotations

import asyncio

import pytest
from outlast_lab_app.outage import Outage
from outlast_lab_app.stores.store import StoreUnavailable


class Store:
    """Fails as long as `fails`, and counts how often it was asked."""

    def __init__(self) -> None:
        self.fails = True
        self.asked = 0

    async def ask(self) -> str:
        self.asked += 1
        if self.fails:
            raise StoreUnavailable("it is down")
        return "answer"


def test_nobody_waits_for_what_has_just_failed() -> None:
    """After a failure it is not asked for so long, then it is, and from its first answer on always."""
    store, now_s = Store(), [100.0]
    outage = Outage(quiet_s=1.0, now_s=lambda: now_s[0])
    failed = []
    for at_s in (100.0, 100.5, 100.99, 101.0, 101.5):
        now_s[0] = at_s
        with pytest.raises(StoreUnavailable) as refused:
            asyncio.run(outage.guard(store.ask))
        failed.append(str(refused.value))
    store.fails = False
    now_s[0] = 102.0
    answers = [asyncio.run(outage.guard(store.ask)) for _ in range(2)]

    quick = "it failed a moment ago"
    assert ["it is down", quick, quick, "it is down", quick] == failed
    assert (["answer", "answer"], 4) == (answers, store.asked)
