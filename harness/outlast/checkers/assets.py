"""Assets: a page's own asset that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import JUDGED
from outlast.checkers.marks import Case, Marks
from outlast.checkers.sheet import Sheet
from outlast.history.columns import KINDS
from outlast.history.operation import Kind

NOT_FOUND = 404


def asset_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> every asset that answered 404. Cost: O(n)."""
    judged = sheet.where(JUDGED)
    rows = sheet.rows[judged]
    missing = judged[(sheet.columns.kind[rows] == KINDS.index(Kind.ASSET)) & (sheet.columns.status[rows] == NOT_FOUND)]
    names = sheet.names[sheet.session[missing]]
    yield Marks(anomaly=Anomaly.MISSING_ASSET, case=Case.NOT_FOUND, session=names, rows=sheet.rows[missing][:, None])
