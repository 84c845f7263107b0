"""One operation: a request and its answer, as a closed time interval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was asked for. A read also stands for "who am I"."""

    LOGIN = "login"
    READ = "read"
    WRITE = "write"
    INCREMENT = "increment"
    LOGOUT = "logout"
    ASSET = "asset"
    STREAM = "stream"


class Outcome(StrEnum):
    """Whether it took effect: ok, surely not (fail), or nobody knows."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Seen(StrEnum):
    """What the answer showed: the session, no session, or a new empty one in its place."""

    ALIVE = "alive"
    ANONYMOUS = "anonymous"
    RECREATED = "recreated"


class Scope(StrEnum):
    """What a logout ends: this session, or every session of the user."""

    SESSION = "session"
    USER = "user"


class Cookie(StrEnum):
    """What the answer did to the session cookie."""

    KEPT = "kept"
    REPLACED = "replaced"
    DELETED = "deleted"


class Jar(StrEnum):
    """Which cookie was presented: a browser's, or the last one under which an operation was acknowledged."""

    BROWSER = "browser"
    KEPT = "kept"


VIA_BALANCER = "balancer"
VIA_STORE = "store"
VIA_REPLICA = "replica:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One line of `outlast-history/1`; field for field as that format names them.

    Times are nanoseconds of one monotonic clock; `returned_ns` None means never answered. `value` None means absent
    when `has_value` is False and "none written yet" when it is True. `session` is the harness's name, never the cookie.
    """

    op: Kind
    session: str
    client: int
    invoked_ns: int
    returned_ns: int | None
    outcome: Outcome
    intended_ns: int | None = None
    seen: Seen | None = None
    value: str | None = None
    has_value: bool = False
    counter: int | None = None
    user: str | None = None
    scope: Scope = Scope.SESSION
    cookie: Cookie = Cookie.KEPT
    jar: Jar = Jar.BROWSER
    via: str = VIA_BALANCER
    replica: str | None = None
    boot: str | None = None
    build: str | None = None
    attempt: str | None = None
    effects: tuple[str, ...] | None = None
    effects_offset: int = 0
    status: int | None = None
    path: str | None = None
    from_offset: int | None = None
    to_offset: int | None = None
    cut: bool | None = None
    digest: str | None = None

    def __post_init__(self) -> None:
        if self.returned_ns is not None and self.returned_ns < self.invoked_ns:
            raise ValueError(f"returned_ns {self.returned_ns} is before invoked_ns {self.invoked_ns}")
        if self.outcome is Outcome.OK and self.returned_ns is None:
            raise ValueError("an ok operation has no returned_ns")
        if self.value is not None and not self.has_value:
            object.__setattr__(self, "has_value", True)
