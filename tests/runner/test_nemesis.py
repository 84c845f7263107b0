"""Undo record before harm, every harm healed in reverse, and a heal without proof is an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from outlast.archive.event import FaultHealed, FaultStruck
from outlast.archive.events import EventLog, read_events
from outlast.clock import MonotonicClock
from outlast.errors import HealError, StackError
from outlast.faults.aim import every
from outlast.faults.fault import Proof, Undo
from outlast.faults.ledger import Ledger
from outlast.runner.nemesis import Nemesis
from outlast.runner.schedule import Strike
from outlast.stacks.stack import Node, NodeState, Power, Role, Stack, Status

A, B = (Node(name, Role.REPLICA, name) for name in ("app-1", "app-2"))


class StackOnPaper:
    """Answers for nodes that nobody runs: the nemesis only asks how they are."""

    engine = "paper"
    run_id = "x"

    def state(self, node: Node) -> NodeState:
        return NodeState(status=Status.RUNNING, identity=node.name)


@dataclass
class Harm:
    """A fault that writes down what is done to it, and what the ledger held at that moment."""

    ledger_path: Path
    heals: bool = True
    strikes: bool = True
    done: list[str] = field(default_factory=list)
    aim = every("replica")
    name = "harm"
    needs: tuple[Power, ...] = ()
    irreversible = False
    instant = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="start")

    def strike(self, stack: Stack, node: Node) -> Proof:
        entries = [json.loads(line) for line in self.ledger_path.read_text().splitlines()]
        assert node.name in [e.get("node") for e in entries], "the harm came before its undo record"
        self.done.append(f"strike {node.name}")
        if not self.strikes:
            raise StackError("the engine refused")
        return Proof(True, "gone", 100)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        assert before.identity == node.name
        self.done.append(f"heal {node.name}")
        return Proof(self.heals, "back" if self.heals else "still gone", 200)


@dataclass
class Scene:
    nemesis: Nemesis
    harm: Harm
    ledger: Ledger
    events: Path

    def strike(self) -> None:
        self.nemesis.strike(Strike(self.harm, (A, B), 1.0, 1.0), 50)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    ledger = Ledger(tmp_path / "ledger.ndjson", "x", "paper")
    with EventLog(tmp_path / "events.ndjson") as log:
        nemesis = Nemesis(cast(Stack, StackOnPaper()), ledger, log, MonotonicClock())
        yield Scene(nemesis, Harm(tmp_path / "ledger.ndjson"), ledger, tmp_path / "events.ndjson")
    ledger.close(settled=False)


def test_the_undo_record_is_on_disk_before_the_harm(scene: Scene) -> None:
    """design.md 7: write the undo record and sync it before the effect (asserted inside the harm)."""
    scene.strike()

    assert ["strike app-1", "strike app-2"] == scene.harm.done
    assert 2 == scene.ledger.harms_open


def test_every_harm_is_healed_and_closed_in_the_ledger(scene: Scene) -> None:
    """The last struck is healed first."""
    scene.strike()
    scene.nemesis.heal()

    assert ["heal app-2", "heal app-1"] == scene.harm.done[2:]
    assert 0 == scene.ledger.harms_open


def test_onset_and_end_are_recorded_with_their_proof(scene: Scene) -> None:
    """Times are those that were seen from outside, not those of our own calls."""
    scene.strike()
    scene.nemesis.heal()
    struck, healed = read_events(scene.events)

    assert isinstance(struck, FaultStruck)
    assert isinstance(healed, FaultHealed)
    assert (100, True, 5e-5) == (struck.onset_ns, struck.proven, struck.onset_error_ms)
    assert (200, True) == (healed.end_ns, healed.healed)
    assert ("app-1", "app-2") == struck.nodes == healed.nodes


def test_a_heal_without_proof_is_an_error_after_all_were_tried(scene: Scene) -> None:
    """One that cannot be healed must not keep the others from it."""
    scene.harm.heals = False
    scene.strike()

    with pytest.raises(HealError, match=r"app-2 \(still gone\); harm on app-1"):
        scene.nemesis.heal()
    assert 2 == scene.ledger.harms_open


def test_a_strike_that_raises_is_healed_like_any_other(scene: Scene) -> None:
    """Half a harm is a harm: what was begun is taken back."""
    scene.harm.strikes = False
    with pytest.raises(StackError):
        scene.strike()
    scene.nemesis.heal()

    assert ["strike app-1", "heal app-1"] == scene.harm.done
    assert 0 == scene.ledger.harms_open
