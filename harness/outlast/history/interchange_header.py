"""The first line of `outlast-history/1`: JSON <-> Header."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from outlast.errors import FormatError
from outlast.history.history import FaultWindow, Guarantee, Header, Phase, PhaseName, Refresh

FORMAT: Final = "outlast-history/1"
TIME_MAX: Final = 2**61
"""Instants lie between -TIME_MAX and TIME_MAX, so that adding a TTL or a clock error never overflows."""

Instant = Annotated[int, msgspec.Meta(ge=-TIME_MAX, le=TIME_MAX)]
Length = Annotated[int, msgspec.Meta(ge=0, le=TIME_MAX)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class _Phase(msgspec.Struct):
    name: PhaseName
    start_ns: Instant
    end_ns: Instant


class _Fault(msgspec.Struct):
    name: str
    start_ns: Instant
    nodes: list[str] = []
    end_ns: Instant | None = None
    proven: bool = False
    healed: bool | None = None
    onset_error_ms: float | None = None
    proof: str = ""
    heal_proof: str = ""


class _Header(msgspec.Struct):
    format: str
    seed: int | None = None
    guarantee: Guarantee = Guarantee.LINEARIZABLE
    clock_error_ns: Length | None = 0
    ttl_s: Seconds | None = None
    ttl_refresh: Refresh | None = Refresh.ACCESS
    granularity_s: Seconds | None = 1.0
    max_sessions_per_user: Annotated[int, msgspec.Meta(ge=1, le=TIME_MAX)] | None = None
    phases: list[_Phase] | None = None
    faults: list[_Fault] | None = None
    reservations: list[str] | None = None


_DECODER: Final = msgspec.json.Decoder(_Header)


def header_of(line: bytes, source: str) -> Header:
    """First line -> Header. Raises FormatError; `source` is the file's name for the message."""
    try:
        read = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(source, 1, f"not the header of an {FORMAT} file ({error}).") from error
    if read.format != FORMAT:
        raise FormatError(source, 1, f"its format is {read.format[:80]!r}; this version reads {FORMAT}.")
    for part in (*(read.phases or ()), *(read.faults or ())):
        if part.end_ns is not None and part.end_ns < part.start_ns:
            raise FormatError(source, 1, f"{str(part.name)[:80]!r} ends before it starts.")
    if read.ttl_s == 0:
        raise FormatError(source, 1, "ttl_s is 0; leave it out for sessions that do not expire.")
    return Header(
        seed=read.seed,
        guarantee=read.guarantee,
        clock_error_ns=read.clock_error_ns or 0,
        ttl_s=read.ttl_s,
        ttl_refresh=read.ttl_refresh or Refresh.ACCESS,
        granularity_s=1.0 if read.granularity_s is None else read.granularity_s,
        max_sessions_per_user=read.max_sessions_per_user,
        phases=tuple(Phase(phase.name, phase.start_ns, phase.end_ns) for phase in read.phases or ()),
        faults=tuple(_window(fault) for fault in read.faults or ()),
        reservations=tuple(read.reservations or ()),
    )


def line_of(header: Header) -> bytes:
    """Header -> first line, without its line feed."""
    fields: dict[str, Any] = {
        "format": FORMAT,
        "seed": header.seed,
        "guarantee": header.guarantee,
        "clock_error_ns": header.clock_error_ns,
        "ttl_s": header.ttl_s,
        "ttl_refresh": header.ttl_refresh,
        "granularity_s": header.granularity_s,
        "max_sessions_per_user": header.max_sessions_per_user,
        "phases": header.phases,
        "faults": header.faults,
    }
    if header.reservations:
        fields["reservations"] = header.reservations
    return msgspec.json.encode(fields)


def _window(fault: _Fault) -> FaultWindow:
    return FaultWindow(
        name=fault.name,
        nodes=tuple(fault.nodes),
        start_ns=fault.start_ns,
        end_ns=fault.end_ns,
        proven=fault.proven,
        healed=fault.end_ns is not None if fault.healed is None else fault.healed,
        onset_error_ms=fault.onset_error_ms,
        proof=fault.proof,
        heal_proof=fault.heal_proof,
    )
