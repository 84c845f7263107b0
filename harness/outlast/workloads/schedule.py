"""What happens when, to whom: the arrivals of one virtual user, all of which follow from the seed.

Arrivals are a Poisson process of fixed rate, decided beforehand: a server that stalls does not slow them down, so its
stall is seen in full (an arrival that is sent late still counts from its own time).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import astuple
from typing import Final, NamedTuple

import numpy as np

from outlast.errors import UsageError
from outlast.history.operation import Kind
from outlast.workloads.workload import Load, Mix

EFFECTS_SHARE: Final = 0.1
"""Share of the reads that ask for the app's log of executed attempts."""

_BLOCK: Final = 256
_KINDS: Final = (
    *(Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT),
    *(Kind.WRITE, Kind.READ, Kind.ASSET, Kind.STREAM, Kind.INCREMENT),
)
"""In the order of `Mix`: the second writes and increments are the slow ones, the second reads are pages."""
_SLOW: Final = (4, 8)
_PAGE: Final = 5


class Arrival(NamedTuple):
    """One operation to come. `after_ns` counts from the start of the load."""

    after_ns: int
    seat: int
    kind: Kind
    with_effects: bool
    slow: bool = False
    as_page: bool = False


def seats_of(user: int, load: Load) -> range:
    """The held sessions of one virtual user: every `users`-th, or, where several share each, of so many fewer."""
    apart = load.users // load.clients
    return range(user % apart, load.sessions, apart)


def arrivals(load: Load, seed: int, user: int, can: Collection[Kind], *, slows: bool = False) -> Iterator[Arrival]:
    """The endless arrivals of one user; `can`: what the driver can do (`slows`: writes too that take their time), the
    rest of the mix is left out.

    The same arguments give the same arrivals. Raises UsageError when nothing of the mix can be done.
    """
    seats = np.array(seats_of(user, load))
    if not seats.size:
        return
    shares = _shares(load.mix, can, slows)
    bounds, last = np.cumsum(shares), max(place for place, share in enumerate(shares) if share)
    gap_ns = 1e9 * load.sessions * load.clients / (load.rate * seats.size)
    dice = np.random.default_rng((seed & (2**64 - 1), user))
    at_ns = 0.0
    while True:
        times = at_ns + np.cumsum(dice.exponential(gap_ns, _BLOCK))
        chosen = seats[dice.integers(seats.size, size=_BLOCK)]
        kinds = np.searchsorted(bounds, dice.random(_BLOCK), side="right")
        asked = dice.random(_BLOCK) < EFFECTS_SHARE
        at_ns = float(times[-1])
        for after, seat, kind, ask in zip(times.tolist(), chosen.tolist(), kinds.tolist(), asked.tolist(), strict=True):
            place = min(kind, last)  # the sum of the shares may be a little less than one
            named = _KINDS[place]
            ask = ask and place == 0
            yield Arrival(int(after), seat, named, ask, place in _SLOW, place == _PAGE)


def _shares(mix: Mix, can: Collection[Kind], slows: bool) -> list[float]:
    possible = [weight if kind in can else 0.0 for kind, weight in zip(_KINDS, astuple(mix), strict=True)]
    for place in _SLOW:
        possible[place] *= slows
    possible[_PAGE] *= Kind.ASSET in can  # a page without its assets is a read
    total = sum(possible)
    if total <= 0:
        raise UsageError("Nothing of the mix can be done by this driver; give a weight to something that it can do.")
    return [weight / total for weight in possible]
