"""Who does which operations, how many and how fast."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, field
from typing import Final

from outlast.errors import UsageError

LOGIN_S_LEAST: Final = 60.0
"""For so long it is at least tried to log everybody in."""
LOGIN_SPARE: Final = 2.0
"""Times what the rate asks for: some logins fail and are tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Relative weights of what users do. `slow`: writes during which the app sleeps for `Load.slow_s`.
    `slow_increment`: increments that are executed at once and answered after so long. `page`: open a
    page, with its assets. `asset`: something that a page opened earlier asks for only now, as an old tab does.
    `stream`: open a stream, hear it to its end, and take it up again where it is cut."""

    read: float = 50
    write: float = 25
    increment: float = 24
    logout: float = 1
    slow: float = 0
    page: float = 0
    asset: float = 0
    stream: float = 0
    slow_increment: float = 0

    def __post_init__(self) -> None:
        weights = astuple(self)
        if min(weights) < 0 or sum(weights) <= 0:
            raise UsageError("The weights of a mix must not be negative, and one of them must be above zero.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load of one run.

    `sessions` are held at all times (who logs out logs in again as a new session) by `users` virtual users in one
    process. `rate` is the target in operations per second over all users, sent at times that are fixed beforehand;
    below `minimum_rate` (default: half of it) the run is inconclusive. `seconds` is the time under load, the fault in
    its middle. `timeout_s`: after so long an operation's outcome is unknown. `slow_s`: how long the app sleeps in a
    slow write, of which there are as many as the mix says; its user waits for it, as a person would. `clients`:
    how many virtual users share each session, as the open tabs of one browser do; `users` is a multiple of it.
    `login_rate`: so many logins per second before the load begins (None: as fast as they are answered), for an app that
    hashes passwords slowly or limits logins; what they take is no part of the load.
    `costly_rate`: so many requests per second that one session sends besides, each of which makes the app compute for
    `costly_s`.
    """

    sessions: int = 300
    users: int = 60
    seconds: float = 15.0
    rate: float = 300.0
    minimum_rate: float | None = None
    timeout_s: float = 5.0
    settle_s_max: float = 30.0
    slow_s: float = 1.0
    clients: int = 1
    login_rate: float | None = None
    costly_rate: float = 0.0
    costly_s: float = 0.05
    mix: Mix = field(default_factory=Mix)

    def __post_init__(self) -> None:
        for name in ("sessions", "users", "seconds", "rate", "timeout_s", "slow_s", "costly_s"):
            if not 0 < getattr(self, name) < math.inf:
                raise UsageError(f"Load({name}={getattr(self, name)!r}): it must be above zero and finite.")
        if (self.mix.slow or self.mix.slow_increment) and self.slow_s >= self.timeout_s:
            raise UsageError(f"A slow write of {self.slow_s:g} s would never be answered within {self.timeout_s:g} s.")
        if self.login_rate is not None and not 0 < self.login_rate < math.inf:
            raise UsageError(f"Load(login_rate={self.login_rate!r}): it must be above zero and finite.")
        if not 0 <= self.costly_rate < math.inf:
            raise UsageError(f"Load(costly_rate={self.costly_rate!r}): it must not be negative, and finite.")
        if self.clients < 1 or self.users % self.clients:
            raise UsageError(f"Load(users={self.users}, clients={self.clients}): users must be a multiple of clients.")

    @property
    def rate_floor(self) -> float:
        """Operations per second under which the run is inconclusive."""
        return self.rate / 2 if self.minimum_rate is None else self.minimum_rate

    @property
    def login_s_most(self) -> float:
        """After so many seconds whoever is not logged in yet is given up."""
        return max(LOGIN_S_LEAST, LOGIN_SPARE * self.sessions / self.login_rate if self.login_rate else 0.0)
