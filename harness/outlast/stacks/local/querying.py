"""Speaking to a Redis on its loopback address; the only door to the redis package."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

from outlast.errors import StackError, Unsupported
from outlast.stacks.stack import Address, Node, StoreKind


def say(node: Node, address: Address, words: Sequence[str], within_s: float) -> str:
    """One command over a connection of its own: its answer, one line per element. Under a millisecond.

    `Unsupported` for a store of another kind, `StackError` when it refuses or does not answer in time.
    """
    # Here: only this verb needs it, and without the extra "local" it is not there. It is not typed.
    redis: Any = importlib.import_module("redis")

    if node.kind not in (StoreKind.REDIS, StoreKind.SENTINEL):
        raise Unsupported(f"The local engine speaks to Redis alone, and {node.name} is none; use --engine compose.")
    connection = redis.Connection(
        host=address.host,
        port=address.port,
        socket_timeout=within_s,
        socket_connect_timeout=within_s,
        decode_responses=True,
        protocol=2,  # a newer one answers with maps where redis-cli prints names and values in turn
    )
    try:
        connection.connect()
        connection.send_command(*words)
        return "\n".join(_lines(connection.read_response()))
    except (redis.RedisError, OSError) as error:
        raise StackError(f"{node.name} refuses: {error}") from error
    finally:
        connection.disconnect()


def _lines(answer: Any) -> Iterator[str]:
    if isinstance(answer, list):
        for element in answer:
            yield from _lines(element)
    else:
        yield "" if answer is None else str(answer).strip("\n")
