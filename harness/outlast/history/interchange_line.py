"""One line of `outlast-history/1` after the header: JSON <-> one operation."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from outlast.history.interchange_header import Instant, Length
from outlast.history.operation import VIA_BALANCER, Cookie, Jar, Operation, Scope

Kinds = Literal["login", "read", "write", "increment", "logout", "asset", "stream"]
Outcomes = Literal["ok", "fail", "unknown"]
Seens = Literal["alive", "anonymous", "recreated"]
Status = Annotated[int, msgspec.Meta(ge=0, le=32767)]
Whole = Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)]


class Line(msgspec.Struct, gc=False, rename={"from_offset": "from", "to_offset": "to"}):
    """The fields of formats.md 1, decoded and type-checked in C; null stands for absent but where it has a meaning."""

    op: Kinds
    session: str
    client: Whole
    invoked_ns: Instant
    outcome: Outcomes
    returned_ns: Instant | None = None
    intended_ns: Instant | None = None
    seen: Seens | None = None
    value: str | msgspec.UnsetType | None = msgspec.UNSET
    counter: Length | None = None
    user: str | None = None
    scope: Literal["session", "user"] | None = None
    cookie: Literal["kept", "replaced", "deleted"] | None = None
    jar: Literal["browser", "kept"] | None = None
    via: str | None = None
    replica: str | None = None
    boot: str | None = None
    build: str | None = None
    attempt: str | None = None
    effects: list[str] | None = None
    effects_offset: Length | None = None
    status: Status | None = None
    path: str | None = None
    from_offset: Length | None = None
    to_offset: Length | None = None
    cut: bool | None = None
    digest: str | None = None


class Usual(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The fields that most lines make do with: fewer fields to take from a line are so much less time."""

    op: Kinds
    session: str
    client: Whole
    invoked_ns: Instant
    outcome: Outcomes
    returned_ns: Instant | None = None
    intended_ns: Instant | None = None
    seen: Seens | None = None
    value: str | msgspec.UnsetType | None = msgspec.UNSET
    counter: Length | None = None
    user: str | None = None
    replica: str | None = None
    boot: str | None = None
    attempt: str | None = None
    status: Status | None = None


FIELDS: Final = Line.__struct_fields__
DECODER: Final = msgspec.json.Decoder(Line)
USUAL_FIELDS: Final = Usual.__struct_fields__
USUAL_DECODER: Final = msgspec.json.Decoder(Usual)


def fields_of(operation: Operation) -> dict[str, Any]:
    """Operation -> its JSON object; what is absent or the default is left out, the outcome's two times never."""
    fields: dict[str, Any] = {
        "op": operation.op.value,
        "session": operation.session,
        "client": operation.client,
        "invoked_ns": operation.invoked_ns,
        "returned_ns": operation.returned_ns,
        "outcome": operation.outcome.value,
    }
    if operation.intended_ns is not None and operation.intended_ns != operation.invoked_ns:
        fields["intended_ns"] = operation.intended_ns
    if operation.seen is not None:
        fields["seen"] = operation.seen.value
    if operation.has_value:
        fields["value"] = operation.value
    for name in ("counter", "user", "replica", "boot", "build", "attempt", "status", "path", "cut", "digest"):
        if (told := getattr(operation, name)) is not None:
            fields[name] = told
    if operation.scope is not Scope.SESSION:
        fields["scope"] = operation.scope.value
    if operation.cookie is not Cookie.KEPT:
        fields["cookie"] = operation.cookie.value
    if operation.jar is not Jar.BROWSER:
        fields["jar"] = operation.jar.value
    if operation.via != VIA_BALANCER:
        fields["via"] = operation.via
    if operation.effects is not None:
        fields["effects"] = list(operation.effects)
        if operation.effects_offset:
            fields["effects_offset"] = operation.effects_offset
    for name, told in (("from", operation.from_offset), ("to", operation.to_offset)):
        if told is not None:
            fields[name] = told
    return fields
