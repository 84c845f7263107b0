"""Histories that are valid by construction, with everything in them that a judge might take for a fault."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from tests.checkers.valid.plan import Plan, Planner
from tests.checkers.valid.setting import setting_of
from tests.checkers.valid.store import ValidStore

from outlast.history.columns import (
    ABSENT,
    COOKIES,
    JARS,
    KINDS,
    NEVER,
    NONE_YET,
    OUTCOMES,
    SCOPES,
    SEEN,
    VIAS,
    Columns,
    Stream,
)
from outlast.history.history import History
from outlast.history.operation import VIA_BALANCER, VIA_STORE, Cookie, Kind, Outcome

_CODE = {word: code for words in (KINDS, OUTCOMES, SEEN, SCOPES, COOKIES, JARS) for code, word in enumerate(words)}
_VIA = {VIA_BALANCER: 0, "replica:app-0": 1, VIA_STORE: VIAS.index(VIA_STORE)}
_BYTES = ("kind", "outcome", "seen", "scope", "cookie", "jar", "via")
_SMALL = ("session", "user", "via_node", "replica", "path", "effects_count")
_LARGE = (
    "client",
    "invoked_ns",
    "returned_ns",
    "value",
    "counter",
    "attempt",
    "status",
    "effects_start",
    "effects_offset",
)
_NAMES = ("kind", "outcome", "seen", "scope", "cookie", "jar", "via", *_SMALL, *_LARGE)
_REPLICAS = 3


def valid_history(seed: int, operations: int) -> History:
    """Seed -> at least so many operations, user by user or in the order of invocation. Cost: some 8 us each."""
    setting = setting_of(seed, operations)
    dice = Random(seed)
    planner, rows, user = Planner(dice, setting), _Rows(), 0
    while len(rows) < operations:
        sessions = range(user * 3, user * 3 + dice.choice((1, 1, 2, 3)))
        plans = [plan for session in sessions for plan in planner.session(session)]
        ValidStore(dice, setting, user).run(plans)
        for plan in plans:
            rows.add(plan, user)
        user += 1
    return History(setting.header, rows.columns(in_order=bool(seed % 2)))


class _Rows:
    """Operations as lines of a table: a hundred thousand of them as objects would take most of the time."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, ...]] = []
        self._effects: list[int] = []
        self._streams: list[Stream | None] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, plan: Plan, user: int) -> None:
        """What was recorded of a plan. Who logs in, and what is written, is known whatever came of it."""
        told: dict[str, Any] = plan.told if plan.outcome is not Outcome.UNKNOWN else {}
        value = told.get("value", ABSENT) if plan.token is None else plan.token
        effects = told.get("effects")
        self._rows.append(
            (
                _CODE[plan.kind], _CODE[plan.outcome], _CODE[told.get("seen")], _CODE[plan.scope],
                _CODE[told.get("cookie", Cookie.KEPT)], _CODE[plan.jar], _VIA[plan.via],
                plan.session,
                user if plan.kind is Kind.LOGIN else told.get("user", ABSENT),
                0 if _VIA[plan.via] == 1 else ABSENT,
                plan.session % _REPLICAS if told and plan.via == VIA_BALANCER else ABSENT,
                0 if "path" in told else ABSENT,
                ABSENT if effects is None else len(effects),
                plan.client,
                plan.inv + plan.skew_ns,
                NEVER if plan.ret is None else plan.ret + plan.skew_ns,
                NONE_YET if value is None else value,
                told.get("counter", ABSENT),
                ABSENT if plan.attempt is None else plan.attempt,
                told.get("status", 0),
                len(self._effects),
                told.get("effects_offset", 0),
            )
        )  # fmt: skip
        self._effects += effects or ()
        stream = plan.kind is Kind.STREAM
        self._streams.append(Stream(told.get("from_offset"), told.get("to_offset"), None, None) if stream else None)

    def columns(self, in_order: bool) -> Columns:
        """All rows, as they were added or in the order of invocation."""
        table = dict(zip(_NAMES, zip(*self._rows, strict=True), strict=True))
        kinds = {**dict.fromkeys(_BYTES, np.uint8), **dict.fromkeys(_SMALL, np.int32), "status": np.int16}
        arrays: dict[str, Any] = {name: np.array(told, kinds.get(name, np.int64)) for name, told in table.items()}
        order = np.argsort(arrays["invoked_ns"], kind="stable") if in_order else np.arange(len(self))
        arrays = {name: array[order] for name, array in arrays.items()}
        streams = {row: self._streams[i] for row, i in enumerate(order.tolist()) if self._streams[i] is not None}
        numbers = int(max(arrays["value"].max(), arrays["attempt"].max())) + 1
        absent = np.full(len(self), ABSENT, np.int32)
        return Columns(
            **arrays,
            intended_ns=arrays["invoked_ns"],
            boot=absent,
            build=absent,
            effects=np.array(self._effects, np.int64),
            sessions=[f"s{i}" for i in range(int(arrays["session"].max()) + 1)],
            tokens=[f"t{i}" for i in range(numbers)],
            attempts=[f"a{i}" for i in range(numbers)],
            users=[f"u{i}" for i in range(int(arrays["session"].max()) + 1)],
            nodes=[f"app-{i}" for i in range(_REPLICAS)],
            boots=[],
            builds=[],
            paths=["/path"],
            streams=streams,
        )
