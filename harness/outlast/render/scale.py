"""Axes: where a time or a number lies on a chart, and the round ticks beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from outlast.render.words import count

_STEPS_S: Final = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_TICKS_MAX: Final = 11


@dataclass(frozen=True, slots=True)
class Tick:
    """A label and its place: percent of the width from the left, or of the height from the top."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Times:
    """The time axis that all charts of a run share; `zero_ns` is labelled 0 s."""

    start_ns: int
    end_ns: int
    zero_ns: int

    def percent(self, at_ns: float) -> float:
        """Percent of the width, held inside the chart."""
        part = (at_ns - self.start_ns) / max(1, self.end_ns - self.start_ns)
        return round(100 * min(1.0, max(0.0, part)), 3)

    def seconds(self, at_ns: float) -> float:
        """Seconds after zero."""
        return (at_ns - self.zero_ns) / 1e9

    def ticks(self) -> tuple[Tick, ...]:
        """At most eleven round times."""
        span_s = (self.end_ns - self.start_ns) / 1e9
        step = next((s for s in _STEPS_S if span_s / s <= _TICKS_MAX), span_s / _TICKS_MAX)
        first = math.ceil(self.seconds(self.start_ns) / step)
        last = math.floor(self.seconds(self.end_ns) / step)
        return tuple(
            Tick(self.percent(self.zero_ns + n * step * 1e9), f"{n * step:g} s".replace("-", "\u2212"))
            for n in range(first, last + 1)
        )


@dataclass(frozen=True, slots=True)
class Linear:
    """From 0 at the bottom to `top`."""

    top: float

    @classmethod
    def over(cls, most: float) -> Linear:
        """A round top that is not below the greatest value."""
        if most <= 0 or not math.isfinite(most):
            return cls(1.0)
        size = 10 ** math.floor(math.log10(most))
        return cls(next(step * size for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * size >= most * 0.999))

    def percent(self, value: float) -> float:
        """Percent of the height from the top, held inside the chart."""
        return round(100 * (1 - min(1.0, max(0.0, value / self.top))), 2)

    def ticks(self) -> tuple[Tick, ...]:
        """The top and its half."""
        return tuple(Tick(self.percent(value), count(value)) for value in (self.top, self.top / 2))


@dataclass(frozen=True, slots=True)
class Logarithmic:
    """From 10**low at the bottom to 10**high."""

    low: int
    high: int

    @classmethod
    def over(cls, least: float, most: float) -> Logarithmic:
        """Whole decades around the values."""
        low = math.floor(math.log10(max(least, 0.01)))
        return cls(low, max(low + 1, math.ceil(math.log10(max(most, 0.011)))))

    def percent(self, value: float) -> float:
        """Percent of the height from the top, held inside the chart."""
        part = (math.log10(max(value, 1e-9)) - self.low) / (self.high - self.low)
        return round(100 * (1 - min(1.0, max(0.0, part))), 2)

    def ticks(self) -> tuple[Tick, ...]:
        """The decades, in milliseconds."""
        return tuple(Tick(self.percent(10**n), _milliseconds(n)) for n in range(self.low, self.high + 1))


def _milliseconds(decade: int) -> str:
    return f"{10.0 ** (decade - 3):g} s" if decade >= 3 else f"{10.0**decade:g} ms"
