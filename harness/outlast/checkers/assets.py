"""Assets: a page's own asset that is not there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import JUDGED
from outlast.checkers.marks import Case, Marks
from outlast.checkers.sheet import Sheet
from outlast.history.columns import KINDS
from outlast.history.operation import Kind

NOT_FOUND = 404


def asset_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> every asset that answered 404. Cost: O(n)."""
    assets = np.flatnonzero(sheet.told.kind == KINDS.index(Kind.ASSET))
    assets = assets[(sheet.roles[assets] & JUDGED) > 0]
    missing = assets[sheet.told.status[assets] == NOT_FOUND]
    names = sheet.names[sheet.session[missing]]
    yield Marks(anomaly=Anomaly.MISSING_ASSET, case=Case.NOT_FOUND, session=names, rows=sheet.rows[missing][:, None])
