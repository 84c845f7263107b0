"""The affected sessions as lanes: one thin row each, from the first answer to the last, on the run's time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from outlast.render.affected import Affected
from outlast.render.chart import WIDTH
from outlast.render.scale import Times

ROWS_MAX: Final = 240
_HEIGHT_PX: Final = 420
_ROW_PX: Final = (2.0, 12.0)
_STATES: Final = ("alive", "blind", "gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """`paths`: state -> path data on a field of WIDTH x height_px. `shown[row]`: which affected session it is."""

    paths: tuple[tuple[str, str], ...]
    shown: tuple[int, ...]
    height_px: float
    row_px: float
    stroke_px: float


def lanes_of(sessions: Sequence[Affected], times: Times) -> Lanes | None:
    """Affected sessions -> lanes; None when none was ever answered.

    More than ROWS_MAX are thinned out evenly, so that the shape of the loss stays.
    """
    drawn = [place for place, one in enumerate(sessions) if one.spans]
    if not drawn:
        return None
    if len(drawn) > ROWS_MAX:
        drawn = [drawn[row * len(drawn) // ROWS_MAX] for row in range(ROWS_MAX)]
    row_px = round(min(_ROW_PX[1], max(_ROW_PX[0], _HEIGHT_PX / len(drawn))), 2)
    parts: dict[str, list[str]] = {state: [] for state in _STATES}
    for row, place in enumerate(drawn):
        y = round((row + 0.5) * row_px, 2)
        for span in sessions[place].spans:
            start = round(times.percent(span.start_ns) * WIDTH / 100, 1)
            end = max(round(times.percent(span.end_ns) * WIDTH / 100, 1), start + 1.5)
            parts[span.state].append(f"M{start:g} {y:g}H{end:g}")
    return Lanes(
        paths=tuple((state, "".join(path)) for state, path in parts.items() if path),
        shown=tuple(drawn),
        height_px=round(row_px * len(drawn), 2),
        row_px=row_px,
        stroke_px=round(max(1.0, min(row_px * 0.66, 7)), 2),
    )
