"""The real load process against answers that are lost, late or hostile, and replicas asked one by one."""

from __future__ import annotations

import time

import numpy as np
import pytest
from tests.workloads.driving import UNKNOWN, journal, rows, wait_for
from tests.workloads.servers import LabApp, http

from outlast.history.columns import NEVER
from outlast.history.operation import Jar, Seen
from outlast.stacks.stack import Address
from outlast.workloads.workload import Load, Mix

pytestmark = pytest.mark.local


def test_after_an_unknown_outcome_the_client_is_another(start, scripted, tmp_path):
    """The operation may still be under way, and one client does one thing at a time."""
    body = b'{"user": "u0", "value": null, "counter": 1, "replica": "r", "boot": "b", "build": "a"}'
    ok = http(body, "Set-Cookie: sid=secret-cookie-value; Path=/")
    server = scripted(lambda number, request: ok if number % 3 else http(b"{}", status="502 Bad Gateway"))
    process = start(server.address, Load(sessions=1, users=1, rate=200, timeout_s=2, mix=Mix(logout=0)))
    process.log_in()
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 60)
    process.stop()
    process.close()
    columns = journal(tmp_path)

    unknown = columns.outcome == UNKNOWN
    assert unknown.sum() >= 20
    assert (np.diff(columns.client) == unknown[:-1]).all()
    for file in (tmp_path / "run-0").iterdir():
        assert b"secret-cookie-value" not in file.read_bytes(), f"{file.name} gives a cookie away"


def test_a_timeout_was_never_answered(start, lab_app, tmp_path):
    """It is unknown, without an end."""
    process = start(lab_app.address, Load(sessions=8, users=8, rate=100, timeout_s=0.3))
    process.log_in()
    lab_app.freeze()
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.failed >= 8)
    process.stop()
    lab_app.thaw()
    process.close()
    columns = journal(tmp_path)

    late = rows(columns, outcome=UNKNOWN)
    assert late.size >= 8
    assert (columns.returned_ns[late] == NEVER).all()


HOSTILE = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"[" * 100_000,
    http(b"\xff\xfe\x00"), http(b'{"user": 1e999}'), http(b"[" * 50_000), http(b"{}", "Set-Cookie: \x01bad"),
    http(b'{"user": "u0", "counter": ' + b"9" * 400 + b"}"), http(b"", status="204 No Content"),
    http(b'{"user": "someone else", "value": "\\ud800", "counter": 0, "replica": "' + b"r" * 5000 + b'"}'),
    http(b'{"user": "u0", "value": "secret-cookie-value", "counter": 0, "replica": "secret-cookie-value"}',
         "Set-Cookie: sid=secret-cookie-value; Path=/", *(f"Set-Cookie: c{n}={'x' * 4000}" for n in range(60))),
    http(b"moved", "Location: http://127.0.0.1:1/", status="302 Found"), b"\x00" * 300, b"HTTP/1.1 200 OK\r\n\r", None,
]  # fmt: skip


def test_a_hostile_app_harms_nobody(start, scripted, tmp_path):
    """Every answer of it is recorded as something, the load goes on, and no cookie it echoes is written down."""
    hello = http(b'{"user": "u0"}', "Set-Cookie: sid=secret-cookie-value; Path=/")
    server = scripted(
        lambda number, request: hello if b"/login" in request else HOSTILE[len(server.requests) % len(HOSTILE)]
    )
    process = start(server.address, Load(sessions=4, users=4, rate=300, timeout_s=0.3))
    assert process.log_in().complete
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 90)
    process.stop()
    audit = process.audit({"evil\r\nname": server.address}, seconds=5)
    process.close()
    columns = journal(tmp_path)

    assert audit.asked == 4
    assert len(columns) > 90
    assert "someone else" in {operation.user for operation in columns}
    assert any((operation.value or "").startswith("(a cookie, sha256") for operation in columns)
    for file in (tmp_path / "run-0").iterdir():
        assert b"secret-cookie-value" not in file.read_bytes(), f"{file.name} gives a cookie away"


def test_a_load_app_of_two_replicas(start, lab_app, tmp_path):
    """Evidence tells the replicas apart: a session lives on the one that it was logged in at, and not on the other."""
    other = LabApp("app-2")
    try:
        process = start(lab_app.address, Load(sessions=10, users=5, timeout_s=2))
        process.log_in()
        audit = process.audit({"app-1": lab_app.address, "app-2": other.address, "app-3": Address("127.0.0.1", 9)})
        process.close()
    finally:
        other.kill()
    direct = [operation for operation in journal(tmp_path) if operation.via != "balancer"]
    shown = {via: {o.seen for o in direct if o.via == f"replica:{via}"} for via in ("app-1", "app-2", "app-3")}

    assert {"app-1": {Seen.ALIVE}, "app-2": {Seen.ANONYMOUS}, "app-3": {None}} == shown
    assert 3 <= sum(o.via == "replica:app-3" for o in direct) < 10, "a replica that does not answer is given up"
    assert audit.direct_asked + audit.direct_not_asked == 30
    assert {o.jar for o in direct} == {Jar.KEPT}
