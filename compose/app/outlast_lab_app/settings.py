"""What the environment tells the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SESSION_BYTES_MAX: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be set; `SettingsError` says which variable is wrong."""

    replica: str
    build: str
    host: str
    port: int
    drain_s: float
    """How long after SIGTERM the app still serves while its health says 503, so that a balancer can see it."""
    store: str
    """Name of the module in `stores/` that keeps the sessions."""
    store_host: str
    store_port: int
    store_timeout_s: float
    sentinels: tuple[tuple[str, int], ...]
    """Where the Sentinels are that know the store, if there are any."""
    data: Path
    session_bytes: int
    """How much an app keeps in a session besides, where the store carries it: memory, its copies, Redis."""
    assets: tuple[str, ...]
    """Builds whose assets this replica holds, its own among them."""
    assets_folder: Path | None
    """Where all replicas together keep their assets, if they do."""
    twin: tuple[str, int] | None
    """Another replica that makes each stream at the same time, if there is one."""
    stream_copies: tuple[str, int] | None
    """Where finished streams are copied to, if anywhere."""
    costly_per_s: int
    """How many requests with a cost a session may make each second; 0: as many as it likes."""
    limiter: str
    """Who counts them: `own`, each process for itself, or `shared`, all together in Redis."""
    limiter_closed: bool
    """Whether they are refused while the shared counter cannot be asked."""
    key: str
    """What a stateless session is signed with; the same on every replica, or none reads the other's."""


class SettingsError(Exception):
    """A variable of the environment is missing or no good."""


def from_environment(variables: Mapping[str, str]) -> Settings:
    """Read `OUTLAST_*`; all but the replica's name has a default."""
    replica = variables.get("OUTLAST_REPLICA", "")
    if not replica:
        raise SettingsError("OUTLAST_REPLICA must be this replica's name, such as app-1.")
    build = variables.get("OUTLAST_BUILD", "a")
    folder = variables.get("OUTLAST_ASSETS_FOLDER", "")
    return Settings(
        replica=replica,
        build=build,
        host=variables.get("OUTLAST_HOST", "127.0.0.1"),
        port=int(_number(variables, "OUTLAST_PORT", 8000)),
        drain_s=_number(variables, "OUTLAST_DRAIN_S", 0.0),
        store=variables.get("OUTLAST_STORE", "memory"),
        store_host=variables.get("OUTLAST_STORE_HOST", "store"),
        store_port=int(_number(variables, "OUTLAST_STORE_PORT", 6379)),
        store_timeout_s=_number(variables, "OUTLAST_STORE_TIMEOUT_S", 1.0),
        sentinels=_addresses(variables, "OUTLAST_SENTINELS"),
        data=Path(variables.get("OUTLAST_DATA", "/data")),
        session_bytes=int(_number(variables, "OUTLAST_SESSION_BYTES", 0, SESSION_BYTES_MAX)),
        assets=(build, *filter(None, variables.get("OUTLAST_ASSETS_OF", "").split(","))),
        assets_folder=Path(folder) if folder else None,
        twin=_address(variables, "OUTLAST_TWIN"),
        stream_copies=_address(variables, "OUTLAST_STREAM_COPIES"),
        costly_per_s=int(_number(variables, "OUTLAST_COSTLY_PER_S", 0)),
        limiter=_one_of(variables, "OUTLAST_LIMITER", "own", "shared"),
        limiter_closed=_one_of(variables, "OUTLAST_LIMITER_DOWN", "open", "closed") == "closed",
        key=variables.get("OUTLAST_KEY", ""),
    )


def _one_of(variables: Mapping[str, str], name: str, *known: str) -> str:
    """The first is the default."""
    text = variables.get(name, "") or known[0]
    if text not in known:
        raise SettingsError(f"{name} must be {' or '.join(known)}; it is {text!r}.")
    return text


def _address(variables: Mapping[str, str], name: str) -> tuple[str, int] | None:
    found = _addresses(variables, name)
    if len(found) > 1:
        raise SettingsError(f"{name} must be one HOST:PORT; it is {variables[name]!r}.")
    return found[0] if found else None


def _addresses(variables: Mapping[str, str], name: str) -> tuple[tuple[str, int], ...]:
    found = []
    for address in filter(None, variables.get(name, "").split(",")):
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise SettingsError(f"{name} must be HOST:PORT,HOST:PORT ...; it is {variables[name]!r}.")
        found.append((host, int(port)))
    return tuple(found)


def _number(variables: Mapping[str, str], name: str, default: float, most: float = 99_999) -> float:
    text = variables.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError:
        raise SettingsError(f"{name} must be a number; it is {text!r}.") from None
    if not 0 <= number <= most:
        raise SettingsError(f"{name} must be from 0 to {most:g}; it is {text!r}.")
    return number
