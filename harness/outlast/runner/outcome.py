"""What a run came to, for the test that asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outlast.checkers.verdict import Verdict

LOSSES = (
    "lost-session",
    "recreated-session",
    "flickering-session",
    "client-evicted",
    "login-not-stored",
    "lost-write",
    "lost-update",
)


class PromiseBroken(AssertionError):
    """The system did not do what the experiment says it does: a verdict, not an error."""


class NothingProven(AssertionError):
    """The run could not tell: no exposure, no proof of harm, too little load."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict document of one run (formats.md 3) and what a test may demand of it."""

    document: Mapping[str, Any]
    folder: Path

    @property
    def verdict(self) -> Verdict:
        """As judged by the gates."""
        return Verdict(self.document["verdict"])

    @property
    def came_to(self) -> Verdict:
        """What the exit code follows: the expectation where one is declared, else the verdict."""
        expectation = self.document.get("expectation")
        if self.verdict is Verdict.ERROR or not expectation:
            return self.verdict
        kept = expectation.get("kept")
        if kept is None:
            return Verdict.INCONCLUSIVE
        return Verdict.PASS if kept else Verdict.FAIL

    def count(self, anomaly: str) -> int:
        """How often an anomaly was found, allowed ones not counted."""
        found = self.document.get("anomalies", {}).get(anomaly, {})
        return int(found.get("count", 0)) - int(found.get("allowed", 0))

    def must_keep_its_promise(self) -> None:
        """The architecture did what the experiment declares for it. Raises PromiseBroken or NothingProven."""
        if self.came_to is Verdict.INCONCLUSIVE:
            raise NothingProven(self._sentence("inconclusive"))
        if self.came_to is not Verdict.PASS:
            declared = bool(self.document.get("expectation"))
            raise PromiseBroken(self._sentence("the promise was not kept" if declared else "its gates did not hold"))

    def must_lose_nothing(self) -> None:
        """Nothing was lost, and something was at risk. Raises PromiseBroken or NothingProven."""
        lost = {name: count for name in LOSSES if (count := self.count(name))}
        if lost:
            raise PromiseBroken(self._sentence(", ".join(f"{name}: {count}" for name, count in lost.items())))
        if self.verdict in (Verdict.INCONCLUSIVE, Verdict.ERROR):
            raise NothingProven(self._sentence("inconclusive"))

    def must_pass(self) -> None:
        """Every gate held. Raises PromiseBroken or NothingProven."""
        if self.verdict is Verdict.INCONCLUSIVE:
            raise NothingProven(self._sentence("inconclusive"))
        if self.verdict is not Verdict.PASS:
            raise PromiseBroken(self._sentence(self.verdict))

    def _sentence(self, what: str) -> str:
        reasons = "; ".join(self.document.get("reasons", ())) or "no reason was recorded"
        expectation = self.document.get("expectation") or {}
        promise = f" Promise: {expectation['promise']}." if expectation.get("promise") else ""
        why = f" {'; '.join(expectation['reasons'])}." if expectation.get("reasons") else ""
        where = f" Report: {self.folder / 'report.html'}"
        return f"{self.document.get('architecture')}: {what}.{promise}{why} Found: {reasons}.{where}"
