"""Streams, piece by piece: where each one goes on, and where it should."""

from __future__ import annotations

from collections.abc import Sequence

from outlast.history.operation import VIA_BALANCER, Kind, Operation


def stream_names(session: Sequence[Operation]) -> set[str]:
    """One session's operations, in the order of the file -> what is wrong with its streams."""
    names: set[str] = set()
    reached: dict[str | None, int] = {}
    pieces = [o for o in session if o.op is Kind.STREAM and o.via == VIA_BALANCER]
    for piece in sorted(pieces, key=lambda o: o.invoked_ns):
        if piece.cut:
            names.add("cut-stream")
        if piece.from_offset is not None and piece.path in reached:
            if piece.from_offset > reached[piece.path]:
                names.add("lost-message")
            if piece.from_offset < reached[piece.path]:
                names.add("duplicate-message")
        if piece.to_offset is not None:
            reached[piece.path] = piece.to_offset
    return names
