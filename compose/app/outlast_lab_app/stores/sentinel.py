"""Sessions in the Redis that Sentinel says is the primary: it is asked for at each new connection."""

from __future__ import annotations

from typing import Any, Final

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from outlast_lab_app.settings import Settings, SettingsError
from outlast_lab_app.stores.redis import PROTOCOL, RedisStore

GROUP: Final = "lab"
"""What the Sentinels call the primary and its replicas."""


def make(settings: Settings) -> RedisStore:
    """A pool of connections to whoever is the primary."""
    return RedisStore(primary_of(settings))


def primary_of(settings: Settings) -> redis.asyncio.Redis:
    """A client of whoever is the primary. A connection lasts until its Redis closes it or refuses a write.

    So does the client that most apps use: while Sentinel has promoted a replica and not yet demoted the old primary,
    it goes on writing to the old one.
    """
    if not settings.sentinels:
        raise SettingsError("OUTLAST_SENTINELS must name the Sentinels, such as sentinel-1:26379,sentinel-2:26379.")
    timeouts: dict[str, Any] = {
        "socket_timeout": settings.store_timeout_s,
        "socket_connect_timeout": settings.store_timeout_s,
        "retry": Retry(NoBackoff(), 0),
        **PROTOCOL,
    }
    watchers = Sentinel(settings.sentinels, sentinel_kwargs={**timeouts, "decode_responses": True}, **timeouts)
    return watchers.master_for(GROUP, decode_responses=True)
