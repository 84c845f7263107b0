"""Sessions in the Redis that Sentinel says is the primary, each change acknowledged only once a replica has it."""

from __future__ import annotations

from typing import Any, Final

from redis.exceptions import RedisError

from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.redis import RedisStore
from outlast_lab_app.stores.sentinel import primary_of
from outlast_lab_app.stores.store import StoreUnavailable

COPIES: Final = 1
WAIT_MS: Final = 500
"""How long a replica may take; shorter than what a client waits for Redis itself."""


def make(settings: Settings) -> WaitingStore:
    """As the store `sentinel`, and patient."""
    return WaitingStore(primary_of(settings))


class WaitingStore(RedisStore):
    """WAIT after each change, over the same connection: it counts the replicas that have what this connection wrote.

    A change that no replica has in time may have happened all the same: it is refused, not taken back.
    """

    async def change(self, script: Any, keys: list[str], arguments: list[str]) -> Any:
        try:
            async with self.client.pipeline(transaction=False) as pipe:
                pipe.eval(script.script, len(keys), *keys, *arguments)
                pipe.execute_command("WAIT", COPIES, WAIT_MS)
                answer, copies = await pipe.execute()
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
        if answer is not None and copies < COPIES:
            raise StoreUnavailable(f"no replica had it within {WAIT_MS} ms")
        return answer
