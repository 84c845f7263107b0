"""Rules of turning slices into shapes."""

from __future__ import annotations

import re
from pathlib import Path

from tests.render.made_history import asked, history, kill, phase

from outlast.history.history import FaultWindow, History, PhaseName
from outlast.history.operation import Operation, Seen
from outlast.render.chart import Chart, Panel, chart_of
from outlast.render.document import document_of
from outlast.render.reading import Reading
from outlast.render.timeline import timeline_of


def chart(told: History, recovery_s: float | None = None) -> Chart:
    timeline = timeline_of(told)
    assert timeline is not None
    document = document_of({"verdict": "pass", "recovery_s": recovery_s})
    return chart_of(Reading(path=Path("made"), document=document, history=told), timeline)


def panel(told: History, key: str) -> Panel:
    return next(panel for panel in chart(told).panels if panel.key == key)


def heights(path: str) -> list[float]:
    return [float(y) for y in re.findall(r"V([\d.]+)", path)]


def burst(count: int, at_ms: float, seen: Seen | None = Seen.ALIVE) -> list[Operation]:
    return [asked(f"s{n}", at_ms, seen) for n in range(count)]


def test_one_failure_among_thousands_can_be_seen() -> None:
    """It is drawn high enough to be seen, though its share is a hair's breadth."""
    told = history(*burst(3000, 10), asked("a", 20, None))

    failed = next(layer for layer in panel(told, "requests").layers if layer.look == "failed")

    assert min(heights(failed.path)) <= 96


def test_nothing_failed_nothing_drawn() -> None:
    """No empty shape, and so no entry in the legend."""
    failed = next(layer for layer in panel(history(*burst(3, 10)), "requests").layers if layer.look == "failed")

    assert "" == failed.path


def test_the_audits_burst_does_not_flatten_the_load() -> None:
    """It is cut off, and the title says how high it was."""
    phases = (phase(PhaseName.LOAD, 0, 900), phase(PhaseName.AUDIT, 900, 1000))
    told = history(*(asked("a", n) for n in range(0, 900, 10)), *burst(500, 950), phases=phases)

    shown = panel(told, "requests")

    assert "5,000 and is cut off" in shown.title
    assert min(heights(shown.layers[0].path)[:5]) < 60


def test_a_lone_slice_is_a_dot() -> None:
    """A latency between two gaps is drawn, not lost."""
    told = history(asked("a", 0), asked("a", 5000))

    p50 = next(layer for layer in panel(told, "latency").layers if layer.look == "p50")

    assert 2 == p50.path.count("h0")
    assert "L" not in p50.path


def test_the_fault_is_shaded_to_the_end_if_it_never_ended() -> None:
    """A harm that was not taken back lasts as long as the picture."""
    (shade,) = chart(history(asked("a", 0), asked("a", 1000), faults=(kill(500, None),))).shades

    assert 100 == round(shade.start + shade.width)


def test_fault_and_recovery_lanes() -> None:
    """Recovery counts from the onset."""
    told = history(asked("a", 0), asked("a", 2000), faults=(kill(500, 1500),))

    fault, recovery = chart(told, recovery_s=0.5).lanes

    assert ("kill app-2", "recovered after 0.50 s") == (fault.label, recovery.label)
    assert fault.start == recovery.start
    assert abs(fault.width - 2 * recovery.width) < 0.01


def test_many_faults_do_not_fill_the_page() -> None:
    """A few lanes; each is shaded all the same."""
    faults: tuple[FaultWindow, ...] = tuple(kill(n * 10, n * 10 + 5) for n in range(40))

    drawn = chart(history(asked("a", 0), asked("a", 1000), faults=faults))

    assert len(drawn.lanes) <= 6
    assert 40 == len(drawn.shades)


def test_who_answered_adds_up_to_all() -> None:
    """The topmost replica's shape reaches the top wherever anybody answered."""
    told = history(*(asked("a", 10 * n, replica=f"app-{n % 3}") for n in range(30)))

    top = panel(told, "shares").layers[0]

    assert 0 == min(heights(top.path))
    assert "app-0 33%" in panel(told, "shares").says
