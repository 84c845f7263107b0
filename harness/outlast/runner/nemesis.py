"""Strikes and heals: the undo record first, then the harm, then the proof."""

from __future__ import annotations

from dataclasses import dataclass

from outlast.archive.event import FaultHealed, FaultMissed, FaultStruck
from outlast.archive.events import EventLog
from outlast.clock import Clock
from outlast.errors import HealError
from outlast.faults.fault import Proof
from outlast.faults.ledger import Ledger
from outlast.runner.interrupts import deferred_interrupts
from outlast.runner.schedule import Strike
from outlast.stacks.stack import Node, NodeState, Stack


@dataclass(slots=True)
class _Harm:
    """A harm that is in force on one node, and what its undo needs to know."""

    strike: Strike
    node: Node
    before: NodeState
    entry: int


class Nemesis:
    """Puts strikes into effect; every harm it began it takes back."""

    def __init__(self, stack: Stack, ledger: Ledger, log: EventLog, clock: Clock) -> None:
        self._stack = stack
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._harms: list[_Harm] = []
        self._left: list[str] = []

    def struck(self) -> frozenset[str]:
        """The names of the nodes that are under a fault now."""
        return frozenset(harm.node.name for harm in self._harms)

    def strike(self, strike: Strike, scheduled_ns: int, moment: str = "") -> None:
        """Strike all victims, and record the onset with its proof; `moment`: the event that it waited for.

        A harm that raises is still open in the ledger, so it is healed like any other.
        """
        proofs = []
        for node in strike.nodes:
            before = self._stack.state(node)
            # Half a strike cannot be healed: a node that is just dying still looks alive to whoever wants to start it.
            with deferred_interrupts():
                entry = self._ledger.begin(strike.fault.undo(self._stack, node), before)
                self._harms.append(_Harm(strike, node, before, entry))
                proofs.append(strike.fault.strike(self._stack, node))
        onset_ns = min((p.seen_ns for p in proofs if p.seen_ns is not None), default=self._clock.now_ns())
        proven = all(proof.holds for proof in proofs)
        self._log.write(
            FaultStruck(
                at_ns=self._clock.now_ns(),
                fault=strike.fault.name,
                nodes=_names(strike),
                proven=proven,
                evidence=_evidence(strike.nodes, proofs),
                scheduled_ns=scheduled_ns,
                onset_ns=onset_ns,
                onset_error_ms=(onset_ns - scheduled_ns) / 1e6 if proven else None,
                number=strike.number,
                moment=moment,
            )
        )

    def miss(self, strike: Strike, why: str) -> None:
        """Record that a fault was not done, and why."""
        self._log.write(
            FaultMissed(
                at_ns=self._clock.now_ns(),
                fault=strike.fault.name,
                nodes=_names(strike),
                why=why,
                number=strike.number,
            )
        )

    def heal(self, strike: Strike | None = None) -> None:
        """Take back what one strike did, or every harm in force, the latest first.

        Raises HealError, after trying them all, when one is not proven gone, or was not before.
        """
        with deferred_interrupts():
            if strike is not None:
                self._heal_strike(strike)
            else:
                while self._harms:
                    self._heal_strike(self._harms[-1].strike)
        if self._left:
            left = "; ".join(self._left)
            raise HealError(f"Not proven healed: {left}. Run `outlast sweep` to take away what is left.")

    def _heal_strike(self, strike: Strike) -> None:
        harms = [harm for harm in reversed(self._harms) if harm.strike is strike]
        self._harms = [harm for harm in self._harms if harm.strike is not strike]
        proofs = []
        for harm in harms:
            proof = self._heal_one(harm)
            proofs.append(proof)
            if proof.holds:
                self._ledger.undone(harm.entry)
            else:
                self._left.append(f"{strike.fault.name} on {harm.node.name} ({proof.evidence})")
        self._log.write(
            FaultHealed(
                at_ns=self._clock.now_ns(),
                fault=strike.fault.name,
                nodes=_names(strike),
                healed=all(proof.holds for proof in proofs),
                evidence=_evidence([harm.node for harm in harms], proofs),
                end_ns=max((p.seen_ns for p in proofs if p.seen_ns is not None), default=self._clock.now_ns()),
                number=strike.number,
            )
        )

    def _heal_one(self, harm: _Harm) -> Proof:
        try:
            return harm.strike.fault.heal(self._stack, harm.node, harm.before)
        except Exception as error:  # the other harms must still be healed, whatever broke this one
            return Proof(False, f"{type(error).__name__}: {error}")


class DryNemesis(Nemesis):
    """Harms nobody: what would be done is recorded as not done."""

    def strike(self, strike: Strike, scheduled_ns: int, moment: str = "") -> None:
        self.miss(strike, "this is a dry run")

    def heal(self, strike: Strike | None = None) -> None:
        """There is nothing to take back."""


def _names(strike: Strike) -> tuple[str, ...]:
    return tuple(node.name for node in strike.nodes)


def _evidence(nodes: list[Node] | tuple[Node, ...], proofs: list[Proof]) -> str:
    return "; ".join(f"{node.name}: {proof.evidence}" for node, proof in zip(nodes, proofs, strict=False))
