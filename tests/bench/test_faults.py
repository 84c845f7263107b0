"""The bench of faults: every fault is measured or says why not, figures follow from strikes, and nothing is left."""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.faults.fingerprint import differences, docker, fingerprint, ours

from outlast.bench import faults as bench
from outlast.bench import striking
from outlast.bench.contests import CONTESTS, WITHOUT, contests
from outlast.bench.faults import figures_of, measure
from outlast.bench.striking import Measured, Striking
from outlast.cli.main import main
from outlast.errors import EngineError, Unsupported
from outlast.faults.catalogue import CATALOGUE
from outlast.faults.fault import Proof
from outlast.stacks.stack import Power

QUICK = ("crash", "pause", "partition")


def test_each_fault_is_measured_or_it_is_said_why_not() -> None:
    """No fault of the catalogue is passed over, and none is in both lists."""
    measured = {contest.fault.name for contest in CONTESTS.values()}

    assert set(CATALOGUE) == measured | set(WITHOUT)
    assert set() == measured & set(WITHOUT)


def test_only_chooses_in_the_order_of_the_list() -> None:
    """Whatever order they are named in; nothing named is all."""
    assert ["kill", "pause"] == [contest.name for contest in contests(("pause", "kill"))]
    assert tuple(CONTESTS.values()) == contests()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("faults", "--only", "kil"), "Unknown measured fault 'kil'. Did you mean 'kill'?"),
        (("faults", "--only", "kill,out_of_memory"), "out_of_memory is not measured beside a plain tool"),
        (("judge", "--only", "kill"), "--only names faults"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_measured(
    words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and exit code 2; no stack was started for it."""
    monkeypatch.setattr(bench, "_standing", None)

    assert 2 == main(["bench", *words])
    assert told in capsys.readouterr().err


def test_figures_of_a_made_contest() -> None:
    """Ours less the plain tool's median is negative where we are the earlier ones; p95 is one that was measured."""
    measured = Measured(onset_ms=[10.0, 12.0, 11.0, 30.0], plain_ms=[20.0, 24.0, 22.0, 90.0], heal_ms=[5.0])
    found = {figure.name: figure for figure in figures_of(CONTESTS["pause"], measured)}

    assert 11.5 == found["pause.onset_ms_median"].value
    assert 30.0 == found["pause.onset_ms_p95"].value
    assert 23.0 == found["pause.plain_ms_median"].value
    assert "docker pause" == found["pause.plain_ms_median"].note
    assert (-11.5, -13.0, 7.0) == tuple(getattr(found["pause.over_plain_ms"], part) for part in ("value", "min", "max"))
    assert 5.0 == found["pause.heal_ms_median"].value


class Standing:
    """A stack that lacks a power, and strikes nobody."""

    def __init__(self, lacks: Power) -> None:
        self._lacks = lacks

    def unsupported(self, power: Power) -> str | None:
        return "no such thing here" if power is self._lacks else None

    def measure(self, contest: Any, strikes: int) -> Measured:
        return Measured([float(strikes)], [1.0], [1.0])

    def __enter__(self) -> tuple[Any, Any]:
        return self, self

    def __exit__(self, *_: object) -> None:
        pass


def test_what_the_host_cannot_do_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named alone it is an error; each architecture is started once; seldom ones are struck seldom."""
    started: list[str] = []

    def standing(architecture: str) -> Any:
        started.append(architecture)
        return Standing(Power.DELAY)

    monkeypatch.setattr(bench, "_standing", standing)
    monkeypatch.setattr(bench, "choose", lambda name: None)
    said: list[str] = []
    figures = {figure.name: figure.value for figure in measure(2, tell=said.append)}

    assert ["redis-aof", "redis-sentinel"] == started
    assert set(CONTESTS) - {"delay"} == {name.split(".")[0] for name in figures}
    assert "delay is not measured: no such thing here" in said
    assert (12.0, 2.0) == (figures["kill.onset_ms_median"], figures["failover.onset_ms_median"])
    with pytest.raises(Unsupported, match="no such thing here"):
        measure(1, only=("delay",))


@pytest.mark.slow
@pytest.mark.compose
def test_it_measures_on_the_lab_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three faults, really struck in turn with the plain tool: the stack is what it was, and then all of it is gone."""
    seen: dict[str, Any] = {}
    inner = Striking.measure

    def watched(self: Striking, contest: Any, strikes: int) -> Measured:
        project = f"outlast-{self.stack.run_id}"
        before = fingerprint(project)
        measured = inner(self, contest, 2)
        seen[self.stack.run_id] = seen.get(self.stack.run_id, []) + differences(before, fingerprint(project))
        return measured

    monkeypatch.setattr(Striking, "measure", watched)
    figures = {figure.name: figure for figure in measure(1, only=QUICK)}
    (run_id,) = seen

    assert [] == seen[run_id]
    assert [] == ours(run_id)
    assert run_id not in docker("ps", "-a", "--format", "{{.Names}}")
    for name in QUICK:
        told = [figures[f"{name}.{part}"] for part in ("onset_ms_median", "onset_ms_p95", "plain_ms_median")]
        assert all(figure.value > 0 and figure.unit == "ms" and figure.runs == 2 for figure in told)
        over = statistics.median([told[0].min, told[0].max]) - told[2].value
        assert over == pytest.approx(figures[f"{name}.over_plain_ms"].value)
        assert figures[f"{name}.heal_ms_median"].value > 0


@pytest.mark.slow
@pytest.mark.compose
def test_a_strike_that_is_not_proven_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the harm that may have been done all the same left in force."""
    project: list[str] = []
    before: list[Any] = []
    after: list[Any] = []
    inner, kind = Striking._ours, type(CONTESTS["pause"].fault)
    strike = kind.strike

    def watched(self: Striking, *arguments: Any) -> None:
        project.append(f"outlast-{self.stack.run_id}")
        before.append(fingerprint(project[0]))
        try:
            inner(self, *arguments)
        finally:
            after.append(fingerprint(project[0]))

    def unproven(self: Any, *arguments: Any) -> Proof:
        strike(self, *arguments)
        return Proof(holds=False, evidence="nobody saw it")

    monkeypatch.setattr(Striking, "_ours", watched)
    monkeypatch.setattr(kind, "strike", unproven)
    with pytest.raises(EngineError, match="nobody saw it"):
        measure(1, only=("pause",))

    assert [] == differences(before[0], after[0])
    assert [] == ours(project[0].removeprefix("outlast-"))


@pytest.mark.slow
@pytest.mark.compose
def test_a_plain_command_that_ends_nobody_is_no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for, but not for ever."""
    begun: list[str] = []
    inner = Striking._await_end

    def watched(self: Striking, *arguments: Any) -> None:
        begun.append(self.stack.run_id)
        inner(self, *arguments)

    monkeypatch.setattr(Striking, "_await_end", watched)
    monkeypatch.setattr(striking, "ENDS_NS", 100_000_000)
    monkeypatch.setattr(bench, "contests", lambda only: (replace(CONTESTS["kill"], plain=lambda hand: ["true"]),))
    with pytest.raises(EngineError, match="app-2 goes on after the plain command"):
        measure(1, only=("kill",))

    assert [] == ours(begun[0])


def test_the_guard_stands_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench that is killed leaves its undo log to a guard, as a run does."""
    guarded: list[str] = []
    inner = bench.guarded
    monkeypatch.setattr(bench, "guarded", lambda *told: guarded.append(told[2]) or inner(*told))

    def refuse(*_: object) -> Any:
        raise EngineError("no stack today")

    monkeypatch.setattr(bench, "open_stack", refuse)
    monkeypatch.setattr(bench, "choose", lambda name: None)
    with pytest.raises(EngineError, match="no stack today"):
        measure(1, only=("kill",))

    assert ["compose"] == guarded
