"""Histories that are valid by construction, with everything in them that a judge might take for a fault."""

from __future__ import annotations

from random import Random

from tests.checkers.valid.plan import Plan, Planner
from tests.checkers.valid.setting import setting_of
from tests.checkers.valid.store import ValidStore

from outlast.history.columns import Columns
from outlast.history.history import History
from outlast.history.operation import VIA_BALANCER, Kind, Operation, Outcome


def valid_history(seed: int, operations: int) -> History:
    """Seed -> at least so many operations, users one after the other or all at once. Cost: some 10 us an operation."""
    setting = setting_of(seed, operations)
    dice = Random(seed)
    planner = Planner(dice, setting)
    recorded: list[Operation] = []
    user = 0
    while len(recorded) < operations:
        sessions = range(user * 3, user * 3 + dice.choice((1, 1, 2, 3)))
        plans = [plan for session in sessions for plan in planner.session(session)]
        ValidStore(dice, setting, f"u{user}").run(plans)
        recorded += (_recorded(plan, f"u{user}") for plan in plans)
        user += 1
    if seed % 2:  # as a run records them; else user by user, and client by client
        recorded.sort(key=lambda o: o.invoked_ns)
    return History(setting.header, Columns.of(recorded))


def _recorded(plan: Plan, user: str) -> Operation:
    told = plan.told if plan.outcome is not Outcome.UNKNOWN else {}
    if plan.kind is Kind.WRITE:
        told = {**told, "value": plan.token}
    if plan.kind is Kind.LOGIN:  # who asked is known whatever came of it
        told = {"user": user}
    return Operation(
        op=plan.kind,
        session=f"s{plan.session}",
        client=plan.client,
        invoked_ns=plan.inv + plan.skew_ns,
        returned_ns=None if plan.ret is None else plan.ret + plan.skew_ns,
        outcome=plan.outcome,
        attempt=plan.attempt,
        scope=plan.scope,
        jar=plan.jar,
        via=plan.via,
        replica=f"app-{plan.session % 3}" if told and plan.via == VIA_BALANCER else None,
        **told,  # type: ignore[arg-type]
    )
