"""The held sessions of a load: what each one's browser holds, what worked last, what its last answer showed.

A seat is a place for one session; its account is always the same one, and who logs out logs in again as a new session
in the same seat. Column by column, for there are a hundred thousand of them.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from outlast.drivers.jar import EMPTY_JAR, Jar
from outlast.history.columns import ABSENT

NO_SESSION: Final = -1
RETIRED_MOST: Final = 2000
"""Sessions that were logged out of which the cookie is remembered for the audit; an even sample of all of them."""

UNKNOWN: Final = 0
ALIVE: Final = 1
GONE: Final = 2


class Retired(NamedTuple):
    """A session that was logged out, and the cookie that it was last acknowledged under."""

    session: int
    seat: int
    kept: Jar


class Seats:
    """`count` seats, all empty at first."""

    def __init__(self, count: int, dice: random.Random, retired_most: int = RETIRED_MOST) -> None:
        self.session = array("i", [NO_SESSION]) * count
        self.browser: list[Jar] = [EMPTY_JAR] * count
        self.kept: list[Jar] = [EMPTY_JAR] * count
        self.shown = bytearray(count)
        self.replica = array("i", [ABSENT]) * count
        self.page: list[tuple[str, ...]] = [()] * count
        """What the page that was opened last may still ask for."""
        self.retired: list[Retired] = []
        self.retired_count = 0
        self._retired_most = retired_most
        self._dice = dice
        self._named = bytearray(count)
        self._next = count

    def __len__(self) -> int:
        return len(self.session)

    def next_session(self, seat: int) -> int:
        """A session number that was never used: the seat's own at first, so that first logins are named by the seed."""
        if not self._named[seat]:
            self._named[seat] = 1
            return seat
        self._next += 1
        return self._next - 1

    def hold(self, seat: int, session: int, jar: Jar) -> None:
        """A login was acknowledged."""
        self.session[seat] = session
        self.browser[seat] = self.kept[seat] = jar

    def leave(self, seat: int) -> None:
        """The session was logged out, or may have been; its seat is free."""
        self._remember(Retired(self.session[seat], seat, self.kept[seat]))
        self.session[seat] = NO_SESSION
        self.browser[seat] = self.kept[seat] = EMPTY_JAR
        self.shown[seat] = UNKNOWN
        self.page[seat] = ()

    def held(self) -> int:
        """How many seats have a session."""
        return len(self) - self.session.count(NO_SESSION)

    def seat_of(self, session: int) -> int | None:
        """The seat that holds a session, None when none does. Linear, so for the rare question only."""
        found = np.flatnonzero(np.frombuffer(self.session, np.int32) == session)
        return int(found[0]) if len(found) and session != NO_SESSION else None

    def per_replica(self, names: Mapping[int, str], *, alive: bool = False) -> dict[str, int]:
        """Replica name -> seats whose last answer came from it; only those that it showed alive, if asked."""
        replicas = np.frombuffer(self.replica, np.int32)
        if alive:
            replicas = replicas[np.frombuffer(self.shown, np.uint8) == ALIVE]
        counts = np.bincount(replicas[replicas >= 0], minlength=1)
        return {names[int(number)]: int(counts[number]) for number in np.flatnonzero(counts) if int(number) in names}

    def _remember(self, retired: Retired) -> None:
        """Reservoir sampling: early and late logouts are remembered alike."""
        self.retired_count += 1
        if len(self.retired) < self._retired_most:
            self.retired.append(retired)
            return
        place = self._dice.randrange(self.retired_count)
        if place < self._retired_most:
            self.retired[place] = retired
