"""A made-up run on disk, written through the same doors as a real one: plan, events, journal, verdict, logs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.render.made_run import HEALED_S, STRUCK_S, WALL_NS, ZERO_NS, S, Shape, made_history
from tests.render.made_verdict import made_verdict

from outlast.archive.event import FaultHealed, FaultStruck, PhaseBegan, RunBegan, RunEnded, StepTold
from outlast.archive.events import EVENTS_FILE, EventLog
from outlast.archive.invocation import Invocation
from outlast.archive.plan import PLAN_FILE, Plan, PlannedFault, write_plan
from outlast.archive.run import RunFolder
from outlast.checkers.promise import Promise, promise_document
from outlast.history.columns import ABSENT, COOKIES, JARS, KINDS, NONE_YET, OUTCOMES, SCOPES, SEEN, VIAS
from outlast.history.history import Header, History
from outlast.history.journal_writer import JournalWriter
from outlast.history.operation import VIA_REPLICA, Operation

HYPOTHESIS = "Killing any one replica loses no session and no acknowledged write."


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A run folder and what it was made from."""

    folder: RunFolder
    history: History
    verdict: dict[str, Any]


def made_run(invocation: Invocation, shape: Shape, promise: Promise | None = None) -> Made:
    """Write one run into an invocation."""
    history = made_history(shape)
    verdict = made_verdict(history, shape, promise)
    folder = invocation.new_run(verdict["architecture"])
    write_plan(folder.path / PLAN_FILE, _plan(shape, verdict, promise))
    _write_events(folder, history.header, verdict)
    _write_journal(folder, history, shape)
    folder.write_verdict(verdict)
    folder.write_environment({"docker": "28.2.2", "compose": "2.39.1", "haproxy": "2.6.12", "python": "3.11.7"})
    for node, lines in _logs(shape).items():
        folder.write_log(node, "".join(f"{_stamp(at)} {text}\n" for at, text in lines))
    return Made(folder=folder, history=history, verdict=verdict)


def _plan(shape: Shape, verdict: dict[str, Any], promise: Promise | None) -> Plan:
    return Plan(
        experiment=verdict["experiment"],
        hypothesis=HYPOTHESIS,
        architecture=verdict["architecture"],
        engine="compose",
        engine_reason="Docker 28.2.2 answers",
        seed=shape.seed,
        run_id="made",
        load={"sessions": shape.sessions, "users": 60, "seconds": 15.0, "rate": shape.rate, "timeout_s": 5.0},
        faults=(PlannedFault(name="kill", nodes=(shape.victim,), at_s=STRUCK_S, for_s=HEALED_S - STRUCK_S),),
        promise=promise_document(promise) if promise else None,
        ttl_s=1800,
        command=f"outlast run {verdict['experiment']} --architecture {verdict['architecture']} --seed {shape.seed}",
    )


def _write_events(folder: RunFolder, header: Header, verdict: dict[str, Any]) -> None:
    fault = header.faults[0]
    with EventLog(folder.path / EVENTS_FILE) as log:
        log.write(
            RunBegan(
                at_ns=ZERO_NS - 2 * S,
                wall_ns=WALL_NS - 2 * S,
                seed=header.seed or 0,
                experiment=verdict["experiment"],
                architecture=verdict["architecture"],
                engine="compose",
                engine_reason="Docker 28.2.2 answers",
                run_id="made",
                seconds_planned=20,
            )
        )
        log.write(StepTold(at_ns=ZERO_NS - S, text="logging in 300 sessions"))
        for phase in header.phases:
            log.write(PhaseBegan(at_ns=phase.start_ns, name=phase.name, seconds=(phase.end_ns - phase.start_ns) / S))
        log.write(
            FaultStruck(
                at_ns=fault.start_ns,
                fault=fault.name,
                nodes=fault.nodes,
                proven=fault.proven,
                evidence=fault.proof,
                scheduled_ns=fault.start_ns - 3_100_000,
                onset_ns=fault.start_ns,
                onset_error_ms=fault.onset_error_ms,
            )
        )
        assert fault.end_ns is not None
        log.write(
            FaultHealed(
                at_ns=fault.end_ns,
                fault=fault.name,
                nodes=fault.nodes,
                healed=fault.healed,
                evidence=fault.heal_proof,
                end_ns=fault.end_ns,
            )
        )
        log.write(
            RunEnded(
                at_ns=header.phases[-1].end_ns,
                verdict=verdict["verdict"],
                kept=verdict.get("expectation", {}).get("kept"),
                sentence="made up",
                report="report.html",
            )
        )


def _write_journal(folder: RunFolder, history: History, shape: Shape) -> None:
    writer = JournalWriter(folder.path, seed=shape.seed, tag="made", users=0)
    for operation in history.columns:
        _write(writer, operation)
    writer.close()


def _write(writer: JournalWriter, told: Operation) -> None:
    def number(table: Any, string: str | None) -> int:
        return ABSENT if string is None else table.number(string)

    value = NONE_YET if told.has_value and told.value is None else number(writer.tokens, told.value)
    replica = told.via.removeprefix(VIA_REPLICA) if told.via.startswith(VIA_REPLICA) else None
    slot = writer.intend(
        KINDS.index(told.op),
        int(told.session.removeprefix("s")),
        told.client,
        told.invoked_ns if told.intended_ns is None else told.intended_ns,
        told.invoked_ns,
        value=value,
        user=number(writer.users, told.user),
        scope=SCOPES.index(told.scope),
        jar=JARS.index(told.jar),
        via=1 if replica is not None else VIAS.index(told.via),
        via_node=number(writer.nodes, replica),
    )
    if told.returned_ns is not None:
        writer.answer(
            slot,
            OUTCOMES.index(told.outcome),
            told.returned_ns,
            seen=SEEN.index(told.seen),
            value=value,
            counter=ABSENT if told.counter is None else told.counter,
            user=number(writer.users, told.user),
            cookie=COOKIES.index(told.cookie),
            replica=number(writer.nodes, told.replica),
            boot=number(writer.boots, told.boot),
            status=told.status or 0,
        )


def _logs(shape: Shape) -> dict[str, list[tuple[float, str]]]:
    return {
        re.sub(r"[^\w-]+", "-", shape.victim)[:80]: [
            (1.0, "started"),
            (6.9, "POST /write 200 4.0 ms"),
            (7.49, "GET /whoami 200 2.9 ms"),
            (11.3, "boot b2 listening on 0.0.0.0:8000"),
            (11.4, "session store: memory, 0 sessions"),
        ],
        "balancer": [
            (8.4, f"Server app/{shape.victim} is DOWN, reason: Layer4 connection problem"),
            (11.9, f"Server app/{shape.victim} is UP, reason: Layer7 check passed"),
        ],
    }


def _stamp(at_s: float) -> str:
    at_ns = WALL_NS + int(at_s * S)
    return f"{datetime.fromtimestamp(at_ns // S, UTC):%Y-%m-%dT%H:%M:%S}.{at_ns % S:09d}Z"


def new_invocation_at(path: Path) -> Invocation:
    """An empty invocation folder."""
    path.mkdir(parents=True)
    return Invocation(path)
