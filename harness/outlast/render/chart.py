"""The timeline as shapes: panels of SVG paths over one time axis, on a field of WIDTH x 100 that stretches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from outlast.history.history import PhaseName
from outlast.render.plain import plain
from outlast.render.reading import Reading
from outlast.render.scale import Linear, Logarithmic, Tick, Times
from outlast.render.timeline import Timeline
from outlast.render.words import listed, seconds

WIDTH: Final = 1000
_PHASES: Final = {
    PhaseName.STEADY: "steady state",
    PhaseName.LOAD: "load",
    PhaseName.FAULT: "fault",
    PhaseName.HEAL: "heal",
    PhaseName.SETTLE: "settle",
    PhaseName.AUDIT: "audit",
}

_LANES_MAX: Final = 6
_VISIBLE: Final = 0.04
"""Of the height: a failure is drawn at least so high, one among ten thousand would else be a hair."""

Numbers = NDArray[np.int64] | NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Layer:
    """One shape: `look` is its CSS class, `label` its legend."""

    look: str
    label: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One chart of the stack; `says` is its content in a sentence, for those who do not see it."""

    key: str
    title: str
    says: str
    layers: tuple[Layer, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the time axis with a name, in percent of the width."""

    look: str
    label: str
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All panels, the phases and the fault and recovery lanes above them, and the ticks of the time axis."""

    panels: tuple[Panel, ...]
    phases: tuple[Stretch, ...]
    lanes: tuple[Stretch, ...]
    shades: tuple[Stretch, ...]
    """Where a fault was in force."""
    ticks: tuple[Tick, ...]
    slice_s: float


def times_of(reading: Reading, timeline: Timeline) -> Times:
    """The time axis of a run."""
    return Times(timeline.start_ns, timeline.end_ns, reading.zero_ns)


def chart_of(reading: Reading, timeline: Timeline) -> Chart:
    """Reading and its timeline -> shapes. Cost: linear in the slices."""
    times = times_of(reading, timeline)
    return Chart(
        panels=(_requests(timeline), _latency(timeline), _sessions(timeline), *_shares(timeline)),
        phases=_phases(reading, times),
        lanes=_lanes(reading, times),
        shades=tuple(_stretch("fault", "", fault.start_ns, fault.end_ns, times) for fault in reading.faults),
        ticks=times.ticks(),
        slice_s=timeline.width_ns / 1e9,
    )


def _requests(timeline: Timeline) -> Panel:
    per_second = 1e9 / timeline.width_ns
    failed, done = timeline.failed * per_second, (timeline.answered + timeline.failed) * per_second
    steady = done[~timeline.fleeting]
    scale = Linear.over(float(max(done if not len(steady) else steady, default=1)) * 1.05)
    visible = np.where(failed > 0, np.maximum(failed, scale.top * _VISIBLE), 0.0)
    note = "" if float(done.max()) <= scale.top else f"; the audit's burst reaches {done.max():,.0f} and is cut off"
    return Panel(
        key="requests",
        title=f"Requests per second{note}",
        says=f"At most {done.max():,.0f} requests per second; {int(timeline.failed.sum()):,} failed in all.",
        layers=(
            Layer("done", "answered", _area(done, scale.percent)),
            Layer("failed", "failed", _area(visible, scale.percent) if failed.any() else ""),
        ),
        ticks=scale.ticks(),
    )


def _latency(timeline: Timeline) -> Panel:
    known = timeline.max_ms[np.isfinite(timeline.max_ms)]
    p50 = timeline.p50_ms[np.isfinite(timeline.p50_ms)]
    scale = Logarithmic.over(float(p50.min()) if len(p50) else 1, float(known.max()) if len(known) else 10)
    return Panel(
        key="latency",
        title="Latency, from the moment each request was due",
        says=f"Median of the medians {np.median(p50):.1f} ms, longest {known.max():,.0f} ms." if len(known) else "",
        layers=(
            Layer("most", "max", _line(timeline.max_ms, scale.percent)),
            Layer("p99", "p99", _line(timeline.p99_ms, scale.percent)),
            Layer("p50", "p50", _line(timeline.p50_ms, scale.percent)),
        ),
        ticks=scale.ticks(),
    )


def _sessions(timeline: Timeline) -> Panel:
    scale = Linear.over(float((timeline.alive + timeline.gone).max()) * 1.02)
    alive, gone = int(timeline.alive[-1]), int(timeline.gone[-1])
    return Panel(
        key="sessions",
        title="Sessions, by what their last answer showed",
        says=f"At the end {alive:,} were alive and {gone:,} gone.",
        layers=(
            Layer("gone", "gone", _area(timeline.alive + timeline.gone, scale.percent) if timeline.gone.any() else ""),
            Layer("alive", "alive", _area(timeline.alive, scale.percent)),
        ),
        ticks=scale.ticks(),
    )


def _shares(timeline: Timeline) -> tuple[Panel, ...]:
    if not timeline.replicas:
        return ()
    total = timeline.answers.sum(axis=0)
    tops = np.cumsum(timeline.answers, axis=0) / np.maximum(1, total)
    scale = Linear(1.0)
    layers = [
        Layer(f"r{place % 6}", name, _area(np.where(total > 0, tops[place], 0.0), scale.percent))
        for place, name in reversed(list(enumerate(timeline.replicas)))
    ]
    shares = timeline.answers.sum(axis=1) / max(1, int(total.sum()))
    told = listed(tuple(f"{name} {part:.0%}" for name, part in zip(timeline.replicas, shares, strict=True)))
    return (
        Panel(
            key="shares",
            title="Who answered, share per replica",
            says=f"Over the whole run: {told}.",
            layers=tuple(layers),
            ticks=(Tick(0, "100 %"), Tick(50, "50 %")),
        ),
    )


def _phases(reading: Reading, times: Times) -> tuple[Stretch, ...]:
    shown = [_stretch(p.name.value, _PHASES[p.name], p.start_ns, p.end_ns, times) for p in reading.phases]
    if reading.phases and times.start_ns < reading.phases[0].start_ns:
        shown.insert(0, _stretch("login", "log in", times.start_ns, reading.phases[0].start_ns, times))
    return tuple(stretch for stretch in shown if stretch.width > 0)


def _lanes(reading: Reading, times: Times) -> tuple[Stretch, ...]:
    lanes = []
    for fault in reading.faults[:_LANES_MAX]:
        label = f"{plain(fault.name, 40)} {listed(tuple(plain(node, 40) for node in fault.nodes))}"
        lanes.append(_stretch("fault", label, fault.start_ns, fault.end_ns, times))
    recovery_s = reading.document.recovery_s
    if reading.faults and recovery_s is not None:
        onset_ns = reading.faults[0].start_ns
        label = f"recovered after {seconds(recovery_s)}"
        lanes.append(_stretch("recovery", label, onset_ns, onset_ns + int(recovery_s * 1e9), times))
    return tuple(lanes)


def _stretch(look: str, label: str, start_ns: int, end_ns: int | None, times: Times) -> Stretch:
    start = times.percent(start_ns)
    end = 100.0 if end_ns is None else times.percent(end_ns)
    return Stretch(look, label, start, round(end - start, 3))


def _area(values: Numbers, percent: Callable[[float], float]) -> str:
    """Steps from slice to slice, closed along the bottom; equal neighbours become one step."""
    width = WIDTH / len(values)
    heights = [percent(float(value)) for value in values]
    turns = [n for n in range(len(heights)) if n == 0 or heights[n] != heights[n - 1]]
    path = "".join(f"H{_number(n * width)}V{_number(heights[n])}" for n in turns)
    return f"M0 100{path}H{WIDTH}V100Z"


def _line(values: Numbers, percent: Callable[[float], float]) -> str:
    """From the middle of a slice to the middle of the next; interrupted where nothing is known; a lone one is a dot."""
    width = WIDTH / len(values)
    parts, pen = [], "M"
    for n, value in enumerate(values):
        if not np.isfinite(value):
            pen = "M"
            continue
        dot = "h0" if pen == "M" else ""
        parts.append(f"{pen}{_number((n + 0.5) * width)} {_number(percent(float(value)))}{dot}")
        pen = "L"
    return "".join(parts)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
