"""Every finding of a run, judged anew from its history: verdict.json names but a few witnesses of each anomaly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from outlast.checkers.checker import Finding
from outlast.checkers.judge import judge
from outlast.checkers.judgement import ANOMALIES, Judgement, bits_of
from outlast.errors import OutlastError
from outlast.history.columns import Columns
from outlast.render.document import OF_REQUESTS, Document, Found
from outlast.render.plain import plain
from outlast.render.reading import Reading


@dataclass(frozen=True, slots=True)
class Finds:
    """Findings about sessions, about how many sessions in all, and how that differs from the verdict."""

    findings: tuple[Found, ...]
    sessions: int
    differs: str = ""


def finds_of(reading: Reading) -> Finds:
    """Reading -> all findings that the judge writes out; the verdict's witnesses where there is no history to judge.

    The verdict stays as it was judged: where this version of the judge finds another number, that is said. Where the
    verdict names every finding it is believed. Cost: of a judgement, 1 s for 1 M operations.
    """
    document = reading.document
    told = document.telling_witnesses
    complete = bool(document.anomalies) and len(told) == document.session_findings
    if complete or reading.history is None or not len(reading.history.columns):
        return Finds(told, len({found.session for found in told}))
    try:
        judgement = judge(reading.history)
    except (OutlastError, ValueError, IndexError) as error:
        return Finds(
            told, len({found.session for found in told}), plain(f"The history cannot be judged again: {error}")
        )
    columns = reading.history.columns
    found = tuple(_found(f, columns) for f in judgement.findings if f.anomaly not in OF_REQUESTS)
    bits = np.uint64(bits_of([anomaly for anomaly in ANOMALIES if anomaly not in OF_REQUESTS]))
    return Finds(found, int(((judgement.sessions.anomalies & bits) > 0).sum()), _difference(document, judgement))


def _found(finding: Finding, columns: Columns) -> Found:
    return Found(
        anomaly=finding.anomaly.value,
        session=finding.session,
        because=plain(finding.because, 600),
        phase=finding.phase.value if finding.phase else "",
        fault=plain(finding.fault or "", 80),
        layer=plain(finding.layer or "", 40),
        allowed=finding.allowed,
        moments=tuple((int(columns.invoked_ns[row]), int(columns.client[row])) for row in finding.rows),
    )


def _difference(document: Document, judgement: Judgement) -> str:
    return "; ".join(_differences(document, judgement))


def _differences(document: Document, judgement: Judgement) -> Iterable[str]:
    for anomaly, tally in judgement.tallies.items():
        known = document.anomalies.get(anomaly.value)
        if known is not None and known.found != tally.count:
            yield f"{anomaly.value}: the verdict counts {known.found}, judged again there are {tally.count}"
