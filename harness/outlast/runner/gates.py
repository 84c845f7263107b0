"""How many failed requests a run allows where its experiment says nothing: a share, by how rude the fault is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from outlast.checkers.anomaly import Anomaly
from outlast.faults.fault import Fault

FAILED_SHARE: Final[Mapping[str, float]] = {
    "kill": 0.01,
    "crash": 0.01,
    "stop": 0.01,
    "recreate": 0.01,
    "restart": 0.001,
}
"""formats.md 2: 1 % on a crash, 0.1 % on a drained restart; others are not gated by themselves."""


def gates_of(faults: Sequence[Fault], gates: Mapping[str, float | None]) -> dict[str, float | None]:
    """Faults and the experiment's own gates -> the gates of the run; its own win."""
    shares = [FAILED_SHARE[fault.name] for fault in faults if fault.name in FAILED_SHARE]
    defaults: dict[str, float | None] = {Anomaly.FAILED_REQUEST.value: max(shares)} if shares else {}
    return defaults | dict(gates)
