"""The undo log: on disk before the harm, readable after any death."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from outlast.errors import FormatError, OutlastError
from outlast.faults.fault import Undo
from outlast.faults.ledger import Ledger, read, settle
from outlast.stacks.stack import NodeState, Status

BEFORE = NodeState(status=Status.RUNNING, identity="c0ffee", started="4711/99", pid=4711)
THAW = Undo(fault="pause", node="app-2", verb="resume")
START = Undo(fault="kill", node="app-1", verb="start")


def test_an_entry_is_on_disk_before_the_call_returns(tmp_path: Path) -> None:
    """The harm may begin only after its undo can be read by somebody else, with all that it takes."""
    book = Ledger(tmp_path / "ledger.ndjson", "r1", "local")
    book.begin(THAW, BEFORE)

    (harm,) = read(book.path).harms
    book.close(settled=False)

    assert ("pause", "app-2", "resume") == (harm.fault, harm.node, harm.verb)
    facts = dict(harm.facts)
    assert facts.pop("recorded_s").isdecimal()
    assert {"identity": "c0ffee", "started": "4711/99", "pid": "4711"} == facts


def test_harms_are_undone_in_reverse_order(tmp_path: Path) -> None:
    """The latest harm is taken back first; what was taken back already is not among them."""
    book = Ledger(tmp_path / "ledger.ndjson", "r1", "local")
    first = book.begin(START, BEFORE)
    book.begin(THAW, BEFORE)
    third = book.begin(START, BEFORE)
    book.undone(first)
    book.close(settled=False)

    record = read(book.path)

    assert ["app-1", "app-2"] == [harm.node for harm in record.harms]
    assert 3 == third
    assert not record.closed


def test_a_living_owner_is_never_swept(tmp_path: Path) -> None:
    """As long as its process lives and holds the lock, a run is its own business."""
    book = Ledger(tmp_path / "ledger.ndjson", "r1", "local")

    assert not read(book.path).abandoned()
    book.close(settled=True)
    assert not read(book.path).abandoned()


def test_two_runs_cannot_share_a_ledger(tmp_path: Path) -> None:
    """The second is told so before it begins anything."""
    book = Ledger(tmp_path / "ledger.ndjson", "r1", "local")
    with pytest.raises(OutlastError, match="held by another run"):
        Ledger(tmp_path / "ledger.ndjson", "r2", "local")
    book.close(settled=True)


@pytest.mark.parametrize("keep", range(1, 60, 7))
def test_a_torn_last_line_is_left_out(tmp_path: Path, keep: int) -> None:
    """Its owner died while it wrote: the harm had not begun yet."""
    book = Ledger(tmp_path / "ledger.ndjson", "r1", "local")
    book.begin(START, BEFORE)
    whole = book.path.read_bytes()
    book.begin(THAW, BEFORE)
    book.close(settled=False)
    book.path.write_bytes(book.path.read_bytes()[: len(whole) + keep])

    assert ["app-1"] == [harm.node for harm in read(book.path).harms]
    settle(book.path)
    assert read(book.path).closed


def test_damage_elsewhere_is_told_with_its_line(tmp_path: Path) -> None:
    """A ledger that cannot be trusted is an error, not an empty one."""
    book = Ledger(tmp_path / "ledger.ndjson", "r1", "local")
    for _ in range(3):
        book.begin(START, BEFORE)
    book.close(settled=False)
    lines = book.path.read_text().splitlines()
    lines[1] = "rubbish"
    book.path.write_text("\n".join(lines) + "\n")

    with pytest.raises(FormatError, match=":2: "):
        read(book.path)


def test_a_new_run_in_the_same_folder_begins_anew(tmp_path: Path) -> None:
    """What the earlier run left settled says nothing about the later one."""
    first = Ledger(tmp_path / "ledger.ndjson", "r1", "local")
    first.begin(START, BEFORE)
    first.close(settled=True)
    second = Ledger(tmp_path / "ledger.ndjson", "r2", "compose")

    record = read(second.path)
    second.close(settled=True)

    assert ("r2", "compose", (), False) == (record.run_id, record.engine, record.harms, record.closed)


def test_a_place_that_cannot_be_written_is_told_before_anything_begins(tmp_path: Path) -> None:
    """No undo log, no harm."""
    (tmp_path / "file").write_text("")

    with pytest.raises(OutlastError, match="cannot be written"):
        Ledger(tmp_path / "file" / "ledger.ndjson", "r1", "local")


def test_a_full_disk_spoils_nothing_that_was_written_before(tmp_path: Path) -> None:
    """The harm that cannot be written down is refused; the ones before it can still be undone."""
    code = (
        "import os, resource, sys; from pathlib import Path\n"
        "from outlast.errors import OutlastError\n"
        "from outlast.faults.fault import Undo; from outlast.faults.ledger import Ledger\n"
        "from outlast.stacks.stack import NodeState, Status\n"
        "book = Ledger(Path(sys.argv[1]), 'r1', 'local'); before = NodeState(status=Status.RUNNING)\n"
        "book.begin(Undo(fault='kill', node='app-1', verb='start'), before)\n"
        "full = book.path.stat().st_size + 20; hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (full, hard))\n"
        "try: book.begin(Undo(fault='kill', node='app-2', verb='start'), before)\n"
        "except OutlastError as error: print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "book.begin(Undo(fault='kill', node='app-3', verb='start'), before)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (book.path.stat().st_size, hard)); book.close(settled=True)"
    )
    path = tmp_path / "ledger.ndjson"
    printed = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout

    assert "cannot be written" in printed
    assert ["app-3", "app-1"] == [harm.node for harm in read(path).harms]
    assert not read(path).closed


def test_the_owner_of_a_dead_ledger_is_seen_to_be_dead(tmp_path: Path) -> None:
    """Even where a forked child still holds the lock that it inherited."""
    code = (
        "import os, sys, time; from pathlib import Path; from outlast.faults.ledger import Ledger\n"
        "book = Ledger(Path(sys.argv[1]), 'r1', 'local')\n"
        "child = os.fork()\n"
        "if child: print(child, flush=True); os._exit(0)\n"
        "os.close(1); os.close(2); time.sleep(30)"
    )
    path = tmp_path / "ledger.ndjson"
    printed = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    try:
        assert read(path).abandoned()
    finally:
        os.kill(int(printed), 9)
    assert "r1" == json.loads(path.read_text().splitlines()[0])["run"]
