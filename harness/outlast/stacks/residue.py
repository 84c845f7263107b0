"""What a run left behind on an engine, found, undone and removed by its marks alone, from any process."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from outlast.errors import EngineError
from outlast.stacks.local import residue as local


def left(engine: str, run_id: str) -> list[str]:
    """What still carries the run's mark; empty when it is all gone. `EngineError` when the engine does not answer."""
    found = [f"process {node} ({seen.pid})" for seen, node in local.processes(run_id)]
    if engine == "compose":
        from outlast.stacks.compose import residue
        from outlast.stacks.compose.daemon import connect
        from outlast.stacks.owner import RUN_LABEL

        with contextlib.closing(connect()) as client:
            found += [f"{thing.kind} {thing.name}" for thing in residue.things(client, f"{RUN_LABEL}={run_id}")]
    return found


def end_processes(engine: str, run_id: str) -> list[str]:
    """End the processes beside a run's stack: a Compose command that outlived its owner, a load. Not the nodes."""
    return local.remove_run(run_id) if engine == "compose" else []


def undo(engine: str, run_id: str, node: str, verb: str, facts: Mapping[str, str]) -> str:
    """Take back one harm by its record (a verb of the engine's undoing); says in a few words what was done."""
    if engine == "compose":
        from outlast.stacks.compose import residue
        from outlast.stacks.compose.daemon import connect

        with contextlib.closing(connect()) as client:
            return residue.undo(client, run_id, node, verb, facts)
    return local.undo(run_id, node, verb)


def stands(engine: str, facts: Mapping[str, str]) -> bool:
    """Whether the node of an undo record is still there, by its identity; a local node never outlives its run."""
    if engine != "compose" or not facts.get("identity"):
        return False
    from outlast.stacks.compose import residue
    from outlast.stacks.compose.daemon import connect

    with contextlib.closing(connect()) as client:
        return residue.stands(client, facts["identity"])


def remove_run(engine: str, run_id: str) -> list[str]:
    """End and remove everything of a run; says what, as `container outlast-x-app-1-1`. At most some seconds.

    Processes first, on either engine: a Compose command that outlived its owner would go on creating containers.
    """
    removed = local.remove_run(run_id)
    if engine == "compose":
        from outlast.stacks.compose import residue
        from outlast.stacks.compose.daemon import connect

        with contextlib.closing(connect()) as client:
            removed += residue.remove_run(client, run_id)
    return removed


def sweep() -> list[str]:
    """Remove everything of runs whose owner is dead, on every engine that answers."""
    removed = local.sweep()
    with contextlib.suppress(EngineError):  # a machine without Docker has nothing of ours in Docker
        from outlast.stacks.compose import residue

        removed += residue.sweep()
    return removed
