"""Assets: a page's own asset that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import MISSING
from outlast.checkers.marks import Case, Marks
from outlast.checkers.sheet import Sheet


def asset_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> every asset that answered 404. Cost: O(n)."""
    missing = sheet.where(MISSING)
    names = sheet.names[sheet.session[missing]]
    yield Marks(anomaly=Anomaly.MISSING_ASSET, case=Case.NOT_FOUND, session=names, rows=sheet.rows[missing][:, None])
