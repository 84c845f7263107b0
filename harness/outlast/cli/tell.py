"""A verdict document in words, for people at a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from outlast.cli.say import say


def tell_verdict(document: Mapping[str, Any], witnesses: int) -> None:
    """The verdict, its reasons, what was at risk, and the first witnesses."""
    counts, exposure = document["counts"], document["exposure"]
    say(document["verdict"].upper())
    for reason in document["reasons"]:
        say(f"  {plain(reason)}")
    say(
        f"{counts['operations']:,} operations, {counts['sessions']:,} sessions, "
        f"{counts['acknowledged_writes']:,} acknowledged writes, {counts['unknown']:,} of unknown outcome, "
        f"{counts['failed_requests']:,} failed requests"
    )
    say(
        f"{exposure['faults']} faults, {exposure['sessions_on_victim']:,} sessions on the victim "
        f"({exposure['sessions_excluded']:,} excluded), {exposure['writes_in_flight']:,} writes in flight"
    )
    for name, found in document["anomalies"].items():
        if found["count"]:
            allowed = f", {found['allowed']} of them allowed" if found["allowed"] else ""
            say(f"  {name}: {found['count']}{allowed}")
    shown = document["witnesses"][:witnesses]
    for witness in shown:
        say()
        say(f"{witness['anomaly']} in {plain(witness['session'])}: {plain(witness['because'])}")
        for operation in witness["operations"]:
            say(f"  {_operation(operation)}")
    if len(document["witnesses"]) > len(shown):
        say()
        say(f"Showing {len(shown)} of {len(document['witnesses'])} witnesses; --explain N shows more.")


def plain(text: str) -> str:
    """Without control characters: what an app answered must not steer a terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "?", text)


def _operation(operation: Mapping[str, Any]) -> str:
    told = " ".join(f"{name}={plain(str(value))}" for name, value in operation.items() if name not in ("op", "session"))
    return f"{operation['op']:<9} {told}"
