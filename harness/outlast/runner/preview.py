"""What an experiment would do, in words, before anything is started: to whom, when, and how it is undone."""

from __future__ import annotations

import random
from collections.abc import Iterator

from outlast.errors import OutlastError
from outlast.faults.fault import Fault
from outlast.runner.experiment import Experiment
from outlast.runner.schedule import Schedule, Strike, schedule_of
from outlast.stacks.stack import Node, Stack

WHERE = {
    "compose": "containers of a Compose project of the run's own, outlast-RUN",
    "local": "processes on this machine's loopback addresses",
}
UNDONE = {
    "start": "the node is started again, and must be healthy",
    "resume": "its processes are thawed, and the node must be healthy",
    "nothing": "it is over by itself; the node must be healthy",
}
"""The verbs of undo records that need no explanation."""


def preview(experiment: Experiment, stack: Stack, engine_reason: str) -> str:
    """Experiment and a stack that is not started -> lines. Raises OutlastError when an aim can find nobody."""
    schedule = schedule_of(experiment.courses, experiment.load, stack.nodes(), experiment.seed)
    return "\n".join(_lines(experiment, stack, schedule, engine_reason))


def _lines(experiment: Experiment, stack: Stack, schedule: Schedule, engine_reason: str) -> Iterator[str]:
    load, nodes = experiment.load, stack.nodes()
    yield f"{experiment.name} on {experiment.architecture}: {experiment.hypothesis}"
    yield f"  seed {experiment.seed}, {engine_reason}"
    yield f"  nodes ({WHERE.get(stack.engine, stack.engine)}): {', '.join(node.name for node in nodes)}"
    yield (
        f"  load: {load.sessions} sessions, {load.rate:g} operations/s for {load.seconds:g} s; "
        f"nothing is harmed in the first {schedule.steady_s:.3g} s"
    )
    if not schedule.strikes:
        yield "  no fault"
    for strike in schedule.strikes:
        yield f"  {strike.number}. {_time(strike)}: {strike.fault.name} on {_victims(strike, nodes)}"
        yield f"     {_harm(strike.fault)}"
        yield f"     {_undone(strike, stack, nodes)}"
        yield from (f"     {told}" for told in _hindrances(strike.fault, experiment, stack))
    if experiment.abort is not None:
        yield f"  aborted, and healed at once: {_limits(experiment)}"
    if schedule.strikes:
        yield "  should Outlast die meanwhile, its guard undoes what is in force; `outlast sweep` does what is left"
    yield "  then every session is asked again, and the stack is taken down"


def _time(strike: Strike) -> str:
    lasting = "" if strike.fault.instant else f" for {strike.for_s:.3g} s"
    if strike.moment is not None:
        until = f"looked out for from {strike.at_s:.3g} s on, for at most {strike.patience_s:.3g} s"
        return f"as soon as {strike.moment.words} ({until}){lasting}"
    after = f", once {strike.after} is healed," if strike.after is not None else ""
    return f"at {strike.at_s:.3g} s{after}{lasting}"


def _victims(strike: Strike, nodes: tuple[Node, ...]) -> str:
    if strike.late is None:
        return ", ".join(node.name for node in strike.nodes) or "nobody"
    able = ", ".join(node.name for node in strike.late.choose(nodes, random.Random(0)))
    return f"{strike.late.how}, found when it is struck (now: one of {able})"


def _harm(fault: Fault) -> str:
    return (type(fault).__doc__ or fault.name).strip().splitlines()[0]


def _undone(strike: Strike, stack: Stack, nodes: tuple[Node, ...]) -> str:
    fault = strike.fault
    if fault.irreversible:
        return "cannot be undone: what the node was before is gone; it must be healthy in the end"
    some = strike.nodes or (strike.late.choose(nodes, random.Random(0)) if strike.late else ())
    try:
        verbs = dict.fromkeys(fault.undo(stack, node).verb for node in some)
    except OutlastError:  # it looks at the node first, which is not there yet
        return "undone by what is written down from a look at the node, just before it is struck"
    return f"undone: {'; '.join(UNDONE.get(verb, f'by the verb {verb} of its undo record') for verb in verbs)}"


def _hindrances(fault: Fault, experiment: Experiment, stack: Stack) -> Iterator[str]:
    """Why it would be refused or skipped."""
    if fault.irreversible and experiment.own is not None and fault.name not in experiment.own.allow:
        yield f"REFUSED until the outlast.yaml of {experiment.own.name} says `allow: [{fault.name}]`"
    for power in fault.needs:
        reason = stack.unsupported(power)
        if reason is not None:
            yield f"SKIPPED: {reason}"


def _limits(experiment: Experiment) -> str:
    abort, limits = experiment.abort, []
    if abort is not None and abort.failed_share is not None:
        limits.append(f"more than {abort.failed_share:.0%} of the operations of two seconds fail")
    if abort is not None and abort.lost_sessions is not None:
        limits.append(f"more than {abort.lost_sessions} sessions are lost")
    return ", or ".join(limits)
