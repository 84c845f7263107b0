"""The harness's side: starting, dying, ending, and what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.workloads.driving import SMALL, journal, wait_for

from outlast.errors import LoadError, UsageError
from outlast.history.journal import JOURNAL_FILE, read_journal
from outlast.stacks.stack import Address
from outlast.workloads.launch import LoadProcess
from outlast.workloads.workload import Load

pytestmark = pytest.mark.local


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


GUARDED = """
import os, sys, time
from pathlib import Path
from outlast.faults.guard import guarded
from outlast.stacks.stack import Address
from outlast.workloads.launch import LoadProcess
from outlast.workloads.workload import Load
folder = Path(sys.argv[1])
with guarded(folder / "ledger.ndjson", sys.argv[3], "local"):
    load, door = Load(sessions=10, users=5), Address("127.0.0.1", int(sys.argv[2]))
    process = LoadProcess(folder, load, door, "lab", 1, run_id=sys.argv[3])
    process.start()
    child = os.fork()
    if child:
        print(process.pid, child, flush=True)
    time.sleep(60)
"""


def test_the_guard_ends_a_load_that_does_not_notice(lab_app, tmp_path):
    """A forked child holds the harness's end of the channel open, so the load does not hear that the harness is gone;
    the guard finds it by the marks of its run."""
    run_id = f"test-{os.getpid()}-load"
    arguments = [str(tmp_path), str(lab_app.address.port), run_id]
    parent = subprocess.Popen([sys.executable, "-c", GUARDED, *arguments], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    load, child = map(int, parent.stdout.readline().split())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    try:
        until = time.monotonic() + 10
        while is_running(load):
            assert time.monotonic() < until, "the load process outlived harness and guard"
            time.sleep(0.01)
    finally:
        for pid in (child, load):
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)


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


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "0.0.0.0", "::"])
def test_load_is_for_this_machine_alone(tmp_path, host):
    """Unless the user allows the host by name."""
    with pytest.raises(UsageError, match=f"--allow-target {host}"):
        LoadProcess(tmp_path, SMALL, Address(host, 80), "lab", 7)

    LoadProcess(tmp_path, SMALL, Address(host, 80), "lab", 7, allowed=(host,))


def test_the_audit_asks_this_machine_alone_too(start, lab_app):
    """A stack that names a replica elsewhere is not believed."""
    process = start(lab_app.address)

    with pytest.raises(UsageError, match="--allow-target"):
        process.audit({"app-1": Address("192.0.2.1", 80)})


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
