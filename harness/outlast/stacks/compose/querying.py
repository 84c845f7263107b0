"""Speaking to a store in its container, through the client that its own image brings along."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import docker

from outlast.errors import StackError, Unsupported
from outlast.stacks.compose import executing
from outlast.stacks.powers import Ran
from outlast.stacks.stack import Node, StoreKind

PORTS = {StoreKind.REDIS: 6379, StoreKind.SENTINEL: 26379}
# The password, if there is one, is the one that the image itself was given: it never leaves the container.
SQL = (
    'export MYSQL_PWD="${MARIADB_ROOT_PASSWORD:-${MYSQL_ROOT_PASSWORD:-}}"; '
    'exec "$(command -v mariadb || command -v mysql)" --user=root --batch --skip-column-names --execute="$1"'
)


def command(node: Node, port: int | None, words: Sequence[str]) -> tuple[list[str], str]:
    """The command that says these words in the node's container, and as whom it is run.

    `redis-cli` finds a password in REDISCLI_AUTH of the container's environment, by itself.
    """
    if node.kind is None:
        known = ", ".join(StoreKind)
        raise Unsupported(f"Nobody said what kind of store {node.name} is; give it one ({known}).")
    if node.kind is StoreKind.MARIADB:
        return ["sh", "-c", SQL, "sh", *words], user_of(node)
    return ["redis-cli", "-e", "-p", str(port or PORTS[node.kind]), *words], user_of(node)


def say(
    client: docker.DockerClient, container: str, name: str, command: Sequence[str], user: str, within_s: float = 10.0
) -> str:
    """Run it and return the answer; `StackError` with the store's own words when it refuses."""
    return answer(executing.execute(client, container, command, user=user, within_s=within_s), name)


def answer(ran: Ran, name: str) -> str:
    """What the client printed; `StackError` with the store's own words when it was refused."""
    if ran.code != 0:
        raise StackError(f"{name} refuses: {ran.output.strip()[-300:] or f'code {ran.code}'}")
    return ran.output.strip("\n")


def user_of(node: Node) -> str:
    """As whom one speaks to it in its container; "" is the image's own user."""
    return "root" if node.kind is StoreKind.MARIADB else ""


def sayings(said: Iterable[tuple[Node, int | None, Sequence[str]]]) -> Mapping[str, str]:
    """Node, port, words -> the facts of an undo record from which another process can say them."""
    return {"say": json.dumps([[node.name, *command(node, port, words)] for node, port, words in said])}
