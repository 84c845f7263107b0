"""What one valid history is like: drawn once for it, from its seed alone."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from outlast.history.history import FaultWindow, Guarantee, Header, Phase, PhaseName, Refresh

GAP_NS = 1_000_000
"""About so long a client thinks between two operations."""
MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Shares are of operations, but for `told` (answers that tell a thing) and `keyed` (sessions).

    quantum_ns: instants are multiples of it; a coarse one makes ties. late: of the unknown ones that take effect, those
    that do so after they were given up. stored_reply: a retry is told the first result again, else the value as it is.
    """

    header: Header
    operations: int
    length: int
    clients: int
    quantum_ns: int
    unknown: float
    failed: float
    late: float
    logouts: float
    blind: float
    told: float
    keyed: float
    retried: float
    pauses: float
    log_length: int
    writes_logged: bool
    stored_reply: bool
    duration_ns: int
    outage: tuple[int, int]


def setting_of(seed: int, operations: int) -> Setting:
    """Seed and size -> what the history is like. Deterministic."""
    dice = Random(f"valid:{seed}")
    length = dice.choice((6, 20, 60, 60, 200, 1000))
    clients = dice.choice((1, 1, 2, 3, 8))
    duration = round(length * GAP_NS * dice.choice((2, 4, 8)) + 40 * GAP_NS)
    outage = (round(duration * 0.4), round(duration * 0.5)) if dice.random() < 0.5 else (0, 0)
    guarantee = dice.choice((Guarantee.LINEARIZABLE, Guarantee.LINEARIZABLE, Guarantee.SESSION, Guarantee.EVENTUAL))
    return Setting(
        header=_header(dice, seed, guarantee, duration, outage),
        operations=operations,
        length=length,
        clients=clients,
        quantum_ns=dice.choice((1, 1, GAP_NS // 10, GAP_NS)),
        unknown=dice.choice((0.0, 0.02, 0.05, 0.2)),
        failed=dice.choice((0.0, 0.01, 0.05)),
        late=0.0 if guarantee is Guarantee.SESSION else 0.3,  # what lands late breaks the session's order
        logouts=dice.choice((0.0, 0.2, 2.0)) / length,
        blind=dice.choice((0.0, 0.0, 0.5, 1.0)),
        told=dice.choice((0.2, 0.8, 1.0)),
        keyed=dice.choice((0.0, 0.5, 1.0)),
        retried=dice.choice((0.0, 0.1, 0.5)),
        pauses=dice.choice((0.0, 0.01, 0.1)),
        log_length=dice.choice((4, 32, 200)),
        writes_logged=dice.random() < 0.3,
        stored_reply=dice.random() < 0.5,
        duration_ns=duration,
        outage=outage,
    )


def _header(dice: Random, seed: int, guarantee: Guarantee, duration: int, outage: tuple[int, int]) -> Header:
    phases, faults = [Phase(PhaseName.LOAD, 0, duration), Phase(PhaseName.AUDIT, duration * 4, duration * 5)], []
    if outage[1]:
        faults = [
            FaultWindow(name="kill", nodes=("app-0",), start_ns=outage[0], end_ns=outage[1], proven=True, healed=True)
        ]
    return Header(
        seed=seed,
        guarantee=guarantee,
        clock_error_ns=dice.choice((0, 0, GAP_NS // 3, 3 * GAP_NS)),
        ttl_s=dice.choice((None, None, 0.005, 0.02, 0.1)),
        granularity_s=dice.choice((0.0, 0.001)),
        ttl_refresh=dice.choice(tuple(Refresh)),
        max_sessions_per_user=dice.choice((None, None, 1, 2)),
        phases=tuple(phases),
        faults=tuple(faults),
    )
