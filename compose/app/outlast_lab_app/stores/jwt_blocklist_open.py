"""Sessions in signed cookies, and a list of the ended ones in Redis: without it all are let in (fail open)."""

from __future__ import annotations

import contextlib
from typing import Any

from outlast_lab_app.outage import Outage
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.jwt import key_of
from outlast_lab_app.stores.jwt_blocklist import JwtBlockListStore
from outlast_lab_app.stores.redis import client_of
from outlast_lab_app.stores.store import StoreUnavailable
from outlast_lab_app.token import Token


def make(settings: Settings) -> JwtOpenBlockListStore:
    """The key, and a pool of connections to the list."""
    return JwtOpenBlockListStore(key_of(settings), client_of(settings))


class JwtOpenBlockListStore(JwtBlockListStore):
    """No request depends on the list: who cannot be looked up is let in, and a logout that could not be listed is
    acknowledged all the same. The client forgets its cookie; whoever kept a copy of it, is let in for good."""

    def __init__(self, key: str, client: Any) -> None:
        super().__init__(key, client)
        self._outage = Outage()

    async def _is_listed(self, known: Token) -> bool:
        look_up = super()._is_listed
        try:
            return await self._outage.guard(lambda: look_up(known))
        except StoreUnavailable:
            return False

    async def _list(self, ended: Token, everywhere: bool) -> None:
        enter = super()._list
        with contextlib.suppress(StoreUnavailable):
            await self._outage.guard(lambda: enter(ended, everywhere))
