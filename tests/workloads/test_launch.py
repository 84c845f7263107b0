"""The real load process against the lab's real app: what it does, records, survives and says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.workloads.conftest import LabApp, http

from outlast.errors import LoadError
from outlast.history.columns import JARS, KINDS, NEVER, OUTCOMES, SEEN, VIAS, Columns
from outlast.history.journal import JOURNAL_FILE, read_journal
from outlast.history.operation import Jar, Kind, Outcome, Seen
from outlast.stacks.stack import Address
from outlast.workloads.launch import LOG_FILE, LoadProcess
from outlast.workloads.schedule import arrivals
from outlast.workloads.status import LoadStatus
from outlast.workloads.workload import Load, Mix

pytestmark = pytest.mark.local

OK, FAIL, UNKNOWN = (OUTCOMES.index(outcome) for outcome in (Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN))
SMALL = Load(sessions=40, users=8, rate=400, seconds=2, timeout_s=2, mix=Mix(read=50, write=25, increment=20, logout=5))
Start = Callable[..., LoadProcess]


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Starts load processes, and closes them."""
    started: list[LoadProcess] = []

    def make(door: Address, load: Load = SMALL, *, driver: str = "lab", seed: int = 7) -> LoadProcess:
        folder = tmp_path / f"run-{len(started)}"
        folder.mkdir()
        process = LoadProcess(folder, load, door, driver, seed)
        started.append(process)
        process.start()
        return process

    yield make
    for process in started:
        process.close()


def journal(tmp_path, number: int = 0) -> Columns:
    return read_journal(tmp_path / f"run-{number}" / JOURNAL_FILE)


def wait_for(process: LoadProcess, enough: Callable[[LoadStatus], bool], seconds: float = 20) -> LoadStatus:
    """Ticks until a condition holds."""
    until = time.monotonic() + seconds
    while not enough(status := process.tick()):
        assert time.monotonic() < until, f"did not come about: {status}"
        time.sleep(0.02)
    return status


def rows(columns: Columns, **codes) -> np.ndarray:
    wanted = np.ones(len(columns), bool)
    for name, code in codes.items():
        wanted &= getattr(columns, name) == code
    return wanted.nonzero()[0]


def test_a_whole_run(start, lab_app, tmp_path):
    """Every session is logged in, used, and asked again; the journal holds every operation with all that was told."""
    process = start(lab_app.address)
    logins = process.log_in()
    process.begin(time.monotonic_ns())
    status = wait_for(process, lambda status: status.operations > 700)
    stopped = process.stop()
    audit = process.audit({"app-1": lab_app.address})
    process.close()
    columns = journal(tmp_path)
    operations = list(columns)

    assert (40, 40, True) == (logins.wanted, logins.logged_in, logins.complete)
    assert (40, 0, 0, {"app-1": 40}) == (
        status.sessions_alive, status.sessions_gone, status.sessions_unknown, dict(status.per_replica),
    )  # fmt: skip
    assert status.failed == 0
    assert status.per_second > 0
    assert stopped.unfinished == 0
    logouts = rows(columns, kind=KINDS.index(Kind.LOGOUT))
    assert (40, 40, 0, 0, 0) == (audit.asked, audit.alive, audit.gone, audit.unknown, audit.not_asked)
    assert (len(logouts), 0, 0) == (audit.logged_out_asked, audit.logged_out_alive, audit.logged_out_not_asked)
    assert (40, 0) == (audit.direct_asked, audit.direct_not_asked)
    assert len(columns) == stopped.operations + 40 + len(logouts) + 40

    assert {Outcome.OK} == {o.outcome for o in operations if not (o.jar is Jar.KEPT and o.via == "balancer")}
    dead = [o for o in operations if o.jar is Jar.KEPT and o.via == "balancer"]
    assert {(Outcome.FAIL, Seen.ANONYMOUS, 401)} == {(o.outcome, o.seen, o.status) for o in dead}
    assert {o.session for o in dead} == {operations[row].session for row in logouts}
    alive = [o for o in operations if o.seen is Seen.ALIVE]
    owner = {o.session: o.user for o in operations if o.op is Kind.LOGIN}
    assert len(owner) == 40 + len(logouts), "every login is a session of its own"
    assert all(o.user == owner[o.session] and o.replica == "app-1" and o.boot and o.build == "a" for o in alive)
    assert all(o.effects is not None for o in alive if o.via.startswith("replica:"))
    written = [o.value for o in operations if o.op is Kind.WRITE]
    assert len(written) == len(set(written)) > 100
    assert len({o.attempt for o in operations if o.op is Kind.INCREMENT}) == sum(
        o.op is Kind.INCREMENT for o in operations
    )
    must_be_sequential(columns)
    must_be_what_was_acknowledged(operations)
    assert (tmp_path / "run-0" / LOG_FILE).read_text() == "", "no warnings"


def must_be_sequential(columns: Columns) -> None:
    """One client does one thing at a time, and never sends early."""
    for client in np.unique(columns.client):
        mine = rows(columns, client=client)
        assert (columns.returned_ns[mine][:-1] <= columns.invoked_ns[mine][1:]).all()
    assert (columns.intended_ns <= columns.invoked_ns).all()


def must_be_what_was_acknowledged(operations) -> None:
    """Sequential sessions of a correct app: each read shows the last write, the counter counts, the log lists."""
    value: dict[str, str | None] = {}
    attempts: dict[str, list[str]] = {}
    for o in operations:
        if o.op is Kind.WRITE:
            value[o.session] = o.value
        elif o.op is Kind.INCREMENT:
            attempts.setdefault(o.session, []).append(o.attempt)
            assert len(attempts[o.session]) == o.counter
        elif o.op is Kind.READ and o.seen is Seen.ALIVE:
            assert (value.get(o.session), len(attempts.get(o.session, ()))) == (o.value, o.counter)
            if o.effects is not None:
                assert tuple(attempts.get(o.session, ())[o.effects_offset :]) == o.effects


def test_the_same_seed_does_the_same(start, lab_app, tmp_path):
    """Which session, which operation, when: in two processes, and as the schedule says."""
    seen = []
    load = Load(sessions=20, users=4, rate=200, seconds=1, mix=Mix(logout=0))
    for number in range(2):
        process = start(lab_app.address, load, seed=11)
        process.log_in()
        start_ns = time.monotonic_ns() + 50_000_000
        process.begin(start_ns)
        wait_for(process, lambda status: status.operations >= 220)
        process.stop()
        process.close()
        columns = journal(tmp_path, number)
        seen.append(
            {
                (int(columns.intended_ns[row]) - start_ns, int(columns.session[row]), KINDS[columns.kind[row]])
                for row in range(20, len(columns))
                # a timer that fires early is recorded at the instant of sending, so such rows are left out
                if columns.intended_ns[row] < columns.invoked_ns[row]
            }
        )

    planned = set()
    for user in range(4):
        for arrival in arrivals(load, 11, user, frozenset(Kind)):
            if arrival.after_ns > 10_000_000_000:
                break
            planned.add((arrival.after_ns, arrival.seat, arrival.kind))
    assert min(map(len, seen)) > 150
    assert seen[0] <= planned
    assert seen[1] <= planned


def test_a_frozen_server_cannot_hide_its_stall(start, lab_app, tmp_path):
    """Latency counts from when an operation was due: all that fell due during the freeze waited for its end."""
    process = start(lab_app.address, Load(sessions=40, users=8, rate=400, timeout_s=10, mix=Mix(logout=0)))
    process.log_in()
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 100)
    lab_app.freeze()
    frozen_ns = time.monotonic_ns()
    stuck = wait_for(process, lambda status: status.per_second == 0).operations
    time.sleep(max(0.0, 1.5 - (time.monotonic_ns() - frozen_ns) / 1e9))
    lab_app.thaw()
    thawed_ns = time.monotonic_ns()
    wait_for(process, lambda status: status.operations > stuck + 700)
    process.stop()
    process.close()
    columns = journal(tmp_path)

    due = (columns.intended_ns > frozen_ns + 50_000_000) & (columns.intended_ns < thawed_ns - 50_000_000)
    expected = 400 * (thawed_ns - frozen_ns - 100_000_000) / 1e9
    assert abs(due.sum() - expected) < 6 * expected**0.5, "arrivals go on while the server does not"
    answered_after = columns.returned_ns[due] >= thawed_ns
    assert answered_after.all()
    sent_late = columns.invoked_ns[due] >= thawed_ns
    assert sent_late.sum() > due.sum() / 2, "a closed loop would have sent eight and counted eight"


def test_a_server_killed_in_mid_load(start, lab_app, tmp_path):
    """Lost answers are unknown, refused connections fail, and sessions that are gone on return go on being asked."""
    process = start(lab_app.address)
    process.log_in()
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 150)
    lab_app.kill()
    wait_for(process, lambda status: status.failed > 50)
    lab_app.start()
    back = time.monotonic_ns()
    status = wait_for(process, lambda status: status.sessions_gone > 25)
    wait_for(process, lambda later: later.operations > status.operations + 200)
    process.stop()
    audit = process.audit({"app-1": lab_app.address})
    process.close()
    columns = journal(tmp_path)

    refused = rows(columns, outcome=FAIL, status=0)
    assert refused.size > 40
    assert (columns.returned_ns[refused] != NEVER).all()
    anonymous = SEEN.index(Seen.ANONYMOUS)
    assert (columns.outcome[rows(columns, seen=anonymous)] == FAIL).all()
    assert audit.asked == audit.alive + audit.gone == 40, "those logged out meanwhile have logged in again"
    assert audit.gone > 20
    # who was seen anonymous stays, and is asked again with reads and writes; nobody logs in anew because of that
    gone = columns.session[rows(columns, seen=anonymous, jar=JARS.index(Jar.BROWSER), via=VIAS.index("balancer"))]
    _, times = np.unique(gone, return_counts=True)
    assert times.mean() > 2
    logins = rows(columns, kind=KINDS.index(Kind.LOGIN))
    later_logins = logins[columns.invoked_ns[logins] > back]
    refused_logins = (columns.outcome[logins] != OK).sum()
    ended = rows(columns, kind=KINDS.index(Kind.LOGOUT))
    assert len(later_logins) <= (columns.outcome[ended] != FAIL).sum() + refused_logins
    # a browser that saw its session gone is asked once more with the kept cookie, in case only its own was taken away
    kept = rows(columns, kind=KINDS.index(Kind.READ), jar=JARS.index(Jar.KEPT), via=VIAS.index("balancer"))
    assert audit.gone + audit.logged_out_asked == len(kept)


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


def test_a_killed_load_is_an_error_that_keeps_the_journal(start, lab_app, tmp_path):
    """The next call says so in one sentence; nothing that was recorded is lost."""
    process = start(lab_app.address)
    process.log_in()
    process.begin(time.monotonic_ns())
    told = wait_for(process, lambda status: status.operations > 150).operations
    os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(LoadError, match=r"killed by signal 9; what it recorded so far is kept in .*run-0"):
        wait_for(process, lambda status: False)
    with pytest.raises(LoadError, match="signal 9"):
        process.stop()
    process.close()
    assert len(journal(tmp_path)) >= told


def test_sigterm_ends_it_with_the_journal_closed(start, lab_app, tmp_path):
    """Cut to what was used."""
    process = start(lab_app.address)
    process.log_in()
    os.kill(process.pid, signal.SIGTERM)

    with pytest.raises(LoadError, match="exited with 0"):
        wait_for(process, lambda status: False)
    assert 40 == len(journal(tmp_path))
    assert 4096 + 40 * 128 == (tmp_path / "run-0" / JOURNAL_FILE).stat().st_size


PARENT = """
import sys, time
from pathlib import Path
from outlast.stacks.stack import Address
from outlast.workloads.launch import LoadProcess
from outlast.workloads.workload import Load
process = LoadProcess(Path(sys.argv[1]), Load(sessions=10, users=5), Address("127.0.0.1", int(sys.argv[2])), "lab", 1)
process.start()
process.log_in()
process.begin(time.monotonic_ns())
print(process.pid, flush=True)
time.sleep(60)
"""


def test_it_does_not_outlive_the_harness(lab_app, tmp_path):
    """SIGKILL of the harness: the load is gone at once, and the journal can be read."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), str(lab_app.address.port)], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    until = time.monotonic() + 5
    while is_running(pid):
        assert time.monotonic() < until, "the load process outlived the harness"
        time.sleep(0.01)
    assert len(read_journal(tmp_path / JOURNAL_FILE)) >= 10


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nobody_home(start, tmp_path):
    """Log-in ends when its time is up and says how far it came; it does not hammer."""
    process = start(Address("127.0.0.1", 9), Load(sessions=20, users=4))
    report = process.log_in(seconds=1.0)
    process.close()

    assert (20, 0, False) == (report.wanted, report.logged_in, report.complete)
    assert 4 <= len(journal(tmp_path)) < 60


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"driver": "lba"}, "Did you mean 'lab'"),
        ({"driver": "nowhere:Driver"}, "nowhere:Driver"),
        ({"load": Load(sessions=10_000_000, users=10_000_000)}, "open files"),
    ],
)
def test_a_load_that_cannot_start_says_why(start, changes, why):
    """One sentence, from the process to the user."""
    with pytest.raises(LoadError, match=why):
        start(Address("127.0.0.1", 9), **changes)


def test_a_used_folder_is_refused(start, lab_app, tmp_path):
    """The journal of another load is never overwritten."""
    start(lab_app.address).close()

    with pytest.raises(LoadError, match="cannot be written"):
        LoadProcess(tmp_path / "run-0", SMALL, lab_app.address, "lab", 7).start()


def test_it_needs_a_start(tmp_path):
    """Calling out of order is told, and closing what never ran is fine."""
    process = LoadProcess(tmp_path, SMALL, Address("127.0.0.1", 9), "lab", 7)

    with pytest.raises(LoadError, match="not started"):
        process.log_in()
    process.close()


def test_neither_locust_nor_gevent_comes_into_the_harness():
    """Importing the launcher leaves the interpreter unpatched; and the load process never meets docker."""
    program = """
import sys
import outlast.workloads.launch
assert not {"locust", "gevent", "requests"} & set(sys.modules)
import locust
import outlast.workloads.users.process
assert "docker" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error::RuntimeWarning", "-c", program], check=True, timeout=60)


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
