"""The real load process against the lab's real app: what it does, and that its journal has all of it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from tests.workloads.driving import FAIL, OK, journal, rows, wait_for

from outlast.history.columns import JARS, KINDS, NEVER, SEEN, VIAS, Columns
from outlast.history.operation import Jar, Kind, Outcome, Seen
from outlast.workloads.launch import LOG_FILE
from outlast.workloads.schedule import arrivals
from outlast.workloads.workload import Load, Mix

pytestmark = pytest.mark.local


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
    assert all(o.replica == "app-1" and o.boot and o.build == "a" for o in alive)
    assert all(o.user == owner[o.session] for o in alive if o.op is not Kind.LOGOUT)
    assert all(o.effects is not None for o in alive if o.via.startswith("replica:"))
    written = [o.value for o in operations if o.op is Kind.WRITE]
    assert len(written) == len(set(written)) > 100
    assert len({o.attempt for o in operations if o.op is Kind.INCREMENT}) == sum(
        o.op is Kind.INCREMENT for o in operations
    )
    must_be_sequential(columns)
    must_be_what_was_acknowledged(operations)
    assert (tmp_path / "run-0" / LOG_FILE).read_text() == "", "no warnings"


def test_a_session_that_several_share(start, lab_app, tmp_path):
    """It is logged in once and asked by several at a time; who comes late does not put back an ended one's cookie."""
    load = Load(
        sessions=4,
        users=12,
        clients=3,
        rate=400,
        slow_s=0.3,
        mix=Mix(read=40, write=0, increment=40, logout=5, slow=15),
    )
    process = start(lab_app.address, load)
    logins = process.log_in()
    logged_in = len(rows(journal(tmp_path), kind=KINDS.index(Kind.LOGIN)))
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 500)
    process.stop()
    audit = process.audit({})
    process.close()
    columns = journal(tmp_path)

    assert (4, 4, 4) == (logins.wanted, logins.logged_in, logged_in)
    assert (4, 4, 0) == (audit.asked, audit.alive, audit.logged_out_alive)
    must_be_sequential(columns)
    together = [mine for session in range(4) if (mine := rows(columns, session=session)).size > 1]
    assert any((columns.returned_ns[mine][:-1] > columns.invoked_ns[mine][1:]).any() for mine in together)


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
    thawed_ns = time.monotonic_ns()  # before the thaw: the first answer may be quicker than our next look at the clock
    lab_app.thaw()
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


def test_a_glance_shows_the_slow_writes_under_way(start, lab_app, tmp_path):
    """Which sessions, since when, on which replica; they are in the journal as writes that took their time."""
    load = Load(sessions=40, users=20, rate=100, seconds=5, slow_s=1.5, mix=Mix(read=70, logout=0, slow=10))
    process = start(lab_app.address, load)
    process.log_in()
    assert () == process.glance().slow
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.slow_in_flight > 2)
    glance, now_ns = process.glance(["s3", "s39", "s40", "nobody"]), time.monotonic_ns()
    told = wait_for(process, lambda status: status.in_flight.get("app-1", 0) > 2)
    process.stop()
    process.close()
    operations = list(journal(tmp_path))

    assert {"app-1"} == {write.replica for write in glance.slow}
    assert {"app-1": 40} == glance.alive_on
    assert {"s3": "app-1", "s39": "app-1"} == glance.holders
    assert told.in_flight["app-1"] <= 20
    slow = {o.session for o in operations if o.op is Kind.WRITE and o.invoked_ns < now_ns < (o.returned_ns or 0)}
    assert {write.session for write in glance.slow} <= slow
    assert all(now_ns - 2e9 < write.since_ns < now_ns for write in glance.slow)
    took = [o.returned_ns - o.invoked_ns for o in operations if o.op is Kind.WRITE and o.returned_ns is not None]
    assert any(ns > 1.4e9 for ns in took)


def test_a_glance_counts_only_those_that_live(start, lab_app):
    """After a restart of an app that forgets, its sessions are answered by it and live nowhere."""
    process = start(lab_app.address)
    process.log_in()
    process.begin(time.monotonic_ns())
    lab_app.kill()
    lab_app.start()
    wait_for(process, lambda status: status.sessions_gone > 20)
    glance = process.glance([f"s{number}" for number in range(40)])

    assert glance.alive_on.get("app-1", 0) <= 40 - glance.status.sessions_gone
    assert glance.alive_on.get("app-1", 0) < glance.status.per_replica["app-1"]
    assert len(glance.holders) < 40


def test_pages_ask_for_their_assets_and_old_tabs_for_theirs(start, lab_app, tmp_path):
    """Two at once and a third later, each an operation of its own with its path; they say nothing of a session."""
    load = Load(
        sessions=10, users=5, rate=200, seconds=5, mix=Mix(read=10, write=0, increment=0, logout=0, page=5, asset=5)
    )
    process = start(lab_app.address, load)
    process.log_in()
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 200)
    process.stop()
    process.close()
    operations = list(journal(tmp_path))
    assets = [o for o in operations if o.op is Kind.ASSET]
    paths = {o.path for o in assets}

    assert {"app", "style", "chunk"} == {path.removeprefix("/assets/").split(".")[0] for path in paths}
    assert {(Outcome.OK, None, 200, "app-1", "a")} == {
        (o.outcome, o.seen, o.status, o.replica, o.build) for o in assets
    }
    assert all(o.path is None for o in operations if o.op is not Kind.ASSET)
    at_once = [o for o in assets if "chunk" not in o.path]
    opened = [
        o
        for o in operations
        if o.op is Kind.READ
        and any(a.client == o.client and a.session == o.session and a.invoked_ns >= o.returned_ns for a in at_once)
    ]
    assert opened


def test_one_session_asks_for_much_computing(start, lab_app, tmp_path):
    """Its requests are one user's, come at their own rate, do not wait for each other, and are told from others."""
    load = Load(sessions=20, users=4, rate=40, costly_rate=30, costly_s=0.02, mix=Mix(logout=0))
    process = start(lab_app.address, load)
    process.log_in()
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 250)
    stopped = process.stop()
    process.close()
    columns = journal(tmp_path)
    costly = [operation for operation in columns if operation.path == "costly"]

    assert len(costly) > 50
    assert stopped.unfinished == 0
    assert len({o.session for o in costly}) == 1
    assert {(Kind.READ, Outcome.OK, Seen.ALIVE)} == {(o.op, o.outcome, o.seen) for o in costly}
    assert len({o.client for o in costly}) == len(costly), "each has a connection of its own"
    must_be_sequential(columns)


def test_logins_at_a_rate_of_their_own(start, lab_app, tmp_path):
    """One after the other, however fast they are answered; the load that follows is not held back."""
    load = Load(sessions=12, users=6, rate=200, login_rate=20, mix=Mix(logout=0))
    process = start(lab_app.address, load)
    assert process.log_in().complete
    process.begin(time.monotonic_ns())
    wait_for(process, lambda status: status.operations > 100)
    process.stop()
    process.close()
    columns = journal(tmp_path)
    sent = np.sort(columns.invoked_ns[rows(columns, kind=KINDS.index(Kind.LOGIN))])

    assert len(sent) == 12
    assert sent[-1] - sent[0] >= 11 / 20 * 1e9 * 0.9


def test_who_has_no_turn_to_log_in_before_the_time_is_up(start, lab_app):
    """Is given up then, and not waited for."""
    process = start(lab_app.address, Load(sessions=6, users=6, login_rate=0.01))
    logins = process.log_in(1.0)

    assert (1, 6, False) == (logins.logged_in, logins.wanted, logins.complete)
