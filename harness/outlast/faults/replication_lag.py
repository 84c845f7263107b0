"""Replication lag: how far the stores that copy a primary are behind it, in milliseconds and seen from outside."""

from __future__ import annotations

import socket
from collections import deque
from dataclasses import dataclass, field

from outlast.errors import OutlastError, StackError, UsageError
from outlast.faults.moment import Lookout
from outlast.faults.scene import Scene
from outlast.stacks.powers import executing
from outlast.stacks.stack import Node, Role, Stack

ASK_S = 0.5
SAMPLES_MAX = 4096


@dataclass(frozen=True, slots=True)
class ReplicationLag:
    """Some copy of a Redis or Valkey primary lacks what was written more than so many milliseconds ago; above 0 means
    that a write may be acknowledged and not replicated."""

    above_ms: float

    def __post_init__(self) -> None:
        if not 0 <= self.above_ms < 3_600_000:
            raise UsageError(f"replication_lag_ms({self.above_ms:g}): give milliseconds from 0 to an hour.")

    @property
    def words(self) -> str:
        return f"replication lags by more than {self.above_ms:g} ms"

    def lookout(self) -> Lookout:
        return LagLookout(self.above_ms)


@dataclass(slots=True)
class LagLookout:
    """A copy at offset r is as old as the latest look at which the primary was not yet past r.

    The primary's own note of its copies is not used: they report once a second, so it would be up to a second behind
    with no lag at all. A copy that does not answer stays where it was last seen.
    """

    above_ms: float
    _primary: str = ""
    _past: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=SAMPLES_MAX))
    """Instants and the primary's offset then."""
    _copies: dict[str, int] = field(default_factory=dict)

    def come(self, scene: Scene, victims: tuple[Node, ...]) -> str | None:
        if not self._look(scene) or not self._copies:
            return None
        offset = self._past[-1][1]
        behind, lag_ms = max((offset - at, self._lag_ms(at)) for at in self._copies.values())
        if lag_ms <= self.above_ms:
            return None
        return f"replication of {self._primary} lags by {lag_ms:.0f} ms, {behind} bytes"

    def _look(self, scene: Scene) -> bool:
        """The primary first: what a copy that is asked later still lacks is lacking indeed. The first look, and one
        after the primary changed, only learns who it is."""
        stores = [node for node in scene.nodes if node.role is Role.STORE]
        stores.sort(key=lambda node: node.name != self._primary)
        said = {node.name: _told(scene.stack, node) for node in stores}
        primary = _primary(said)
        if not primary:
            return False
        if primary != self._primary:
            self._primary = primary
            self._past.clear()
            self._copies.clear()
            return False
        self._past.append((scene.now_ns, int(said[primary]["master_repl_offset"])))
        self._copies |= {name: int(told["slave_repl_offset"]) for name, told in said.items() if _is_copy(told)}
        return True

    def _lag_ms(self, offset: int) -> float:
        now_ns = self._past[-1][0]
        known = [at_ns for at_ns, primary in self._past if primary <= offset]
        return (now_ns - (known[-1] if known else self._past[0][0])) / 1e6


def replication_lag_ms(above: float) -> ReplicationLag:
    """A copy of the primary is so far behind: `when(replication_lag_ms(100), Kill(primary()))`."""
    return ReplicationLag(above)


def _primary(said: dict[str, dict[str, str]]) -> str:
    """The master that has copies: an old one that nobody has demoted yet says master too, but its copies have left."""
    saying = [name for name, told in said.items() if told.get("role") == "master"]
    followed = [name for name in saying if said[name].get("connected_slaves", "0") != "0"]
    return next(iter(followed or saying), "")


def _is_copy(told: dict[str, str]) -> bool:
    return told.get("role") == "slave" and told.get("slave_repl_offset", "").isdecimal()


def _told(stack: Stack, node: Node) -> dict[str, str]:
    """What the store says of its replication; nothing where it does not answer."""
    try:
        text = _asked(stack, node)
    except (OutlastError, OSError):
        return {}
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name: value for name, _, value in pairs}


def _asked(stack: Stack, node: Node) -> str:
    address = stack.address(node)
    if address is None:
        ran = executing(stack).execute(node, ["redis-cli", "info", "replication"], within_s=ASK_S)
        if ran.code:
            raise StackError(f"{node.name} does not tell its replication: {ran.output.strip()}")
        return ran.output
    with socket.create_connection((address.host, address.port), timeout=ASK_S) as store:
        store.sendall(b"INFO replication\r\n")
        answer = b""
        while not _whole(answer):
            part = store.recv(65_536)
            if not part:
                raise StackError(f"{node.name} hung up.")
            answer += part
    return answer.decode(errors="replace")


def _whole(answer: bytes) -> bool:
    """A bulk string: `$`, its length, a line's end, so many bytes, a line's end."""
    head, end, body = answer.partition(b"\r\n")
    if not end:
        return False
    if not head.startswith(b"$"):
        raise StackError(f"not what a Redis says: {head[:40]!r}")
    return len(body) >= int(head[1:]) + 2
