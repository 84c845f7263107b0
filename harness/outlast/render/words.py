"""Numbers as people read them: thousands, shares, times and bounds."""

from __future__ import annotations

import math
from typing import Final

_DASH: Final = "\u2013"
_MS_PER_S: Final = 1000


def count(number: float | None) -> str:
    """12345 -> 12,345; whole numbers lose their point; None is a dash."""
    if number is None or not math.isfinite(number):
        return _DASH
    return f"{int(number):,}" if float(number).is_integer() else f"{number:,.3g}"


def share(part: float | None, digits: int = 1) -> str:
    """0.0443 -> 4.4 %; what is above zero never reads as zero, what is below one never as all."""
    if part is None or not math.isfinite(part):
        return _DASH
    least = 10.0**-digits
    percent = part * 100
    if 0 < percent < least:
        return f"< {least:.{digits}f} %"
    if 100 - least < percent < 100:
        return f"> {100 - least:.{digits}f} %"
    return f"{percent:.{digits}f}".rstrip("0").rstrip(".") + " %" if digits else f"{percent:.0f} %"


def seconds(value: float | None) -> str:
    """0.8 -> 0.80 s, 12.345 -> 12.3 s, 90 -> 1 min 30 s."""
    if value is None or not math.isfinite(value):
        return _DASH
    if abs(value) >= 120:
        return f"{int(value // 60)} min {value % 60:.0f} s"
    return f"{value:.2f} s" if abs(value) < 10 else f"{value:.1f} s"


def milliseconds(value: float | None) -> str:
    """3.14159 -> 3.1 ms, 1250 -> 1.25 s."""
    if value is None or not math.isfinite(value):
        return _DASH
    if abs(value) >= _MS_PER_S:
        return seconds(value / _MS_PER_S)
    return f"{value:.1f} ms" if abs(value) < 100 else f"{value:.0f} ms"


def instant(value: float) -> str:
    """12.3456 -> 12.346 s: a point in time, to the millisecond."""
    return f"{value:.3f} s".replace("-", "\u2212")


def since(value: float | None) -> str:
    """Seconds after something, with their sign: +0.35 s, or a minus."""
    if value is None or not math.isfinite(value):
        return _DASH
    return ("+" if value >= 0 else "\u2212") + seconds(abs(value))


def several(number: float, one: str, many: str | None = None) -> str:
    """3, session -> 3 sessions."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def listed(names: tuple[str, ...]) -> str:
    """a, b -> a and b; more than four are counted."""
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)
