"""The journal against real deaths: SIGKILL of its writer, and a disk without room."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from outlast.history.columns import OUTCOMES
from outlast.history.journal import JOURNAL_FILE, read_journal
from outlast.history.operation import Outcome

pytestmark = pytest.mark.local

OK = OUTCOMES.index(Outcome.OK)

# Writes as fast as it can, several operations in flight, and says on its pipe what is done: "i" after each intent, "a"
# after each answer, one byte each, unbuffered, so that whatever was said had been done.
WRITER = """
import os, sys
from pathlib import Path
from outlast.history.journal_writer import JournalWriter
journal = JournalWriter(Path(sys.argv[1]), seed=1, tag="t", users=1)
print("ready", flush=True)
flying = []
number = 0
while True:
    flying.append(journal.intend(1 + number % 3, number, number, number, number))
    os.write(1, b"i")
    if len(flying) == 4:
        answered = number - 3
        boot = journal.boots.number(f"boot-{answered // 1000}")
        journal.answer(flying.pop(0), 0, 2 * answered, counter=answered, boot=boot, effects=[answered] * 3, status=200)
        os.write(1, b"a")
    number += 1
"""


@pytest.mark.parametrize("said_bytes", [1, 2_000, 30_001, 80_003])
def test_a_sigkill_loses_nothing_that_was_complete(tmp_path, said_bytes):
    """Every intent and every answer that was made before the kill is read back, and nothing is made up."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert b"ready\n" == writer.stdout.readline()
    said = writer.stdout.read(said_bytes)
    os.kill(writer.pid, signal.SIGKILL)
    said += writer.stdout.read()
    writer.wait()
    writer.stdout.close()
    intents, answers = said.count(b"i"), said.count(b"a")

    columns = read_journal(tmp_path / JOURNAL_FILE)

    assert intents <= len(columns) <= intents + 1
    answered = columns.outcome == OK
    assert answers <= answered.sum() <= answers + 1
    rows = answered.nonzero()[0]
    assert list(range(len(rows))) == rows.tolist() == columns.counter[rows].tolist()
    assert (2 * rows).tolist() == columns.returned_ns[rows].tolist()
    assert list(range(len(columns))) == columns.session.tolist() == columns.invoked_ns.tolist()
    for row in rows[-5:].tolist():
        operation = columns.operation(row)
        assert f"boot-{row // 1000}" == operation.boot
        assert (f"t-a{row}",) * 3 == operation.effects


SMALL_DISK = """
import resource, sys
from pathlib import Path
from outlast.errors import LoadError
from outlast.history.journal_writer import JournalWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))
journal = JournalWriter(Path(sys.argv[1]), seed=1, tag="t", users=1)
written = 0
try:
    while True:
        journal.answer(journal.intend(1, 0, 1, 1, 1), 0, 2)
        written += 1
except LoadError as error:
    print(written, error)
"""


def test_a_full_disk_is_one_clear_error(tmp_path):
    """No SIGBUS, and all that found room is there."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert 0 == done.returncode, done.stderr
    written, sentence = done.stdout.split(" ", 1)
    assert "history.journal cannot be written" in sentence
    assert "--reports" in sentence
    assert int(written) == (read_journal(tmp_path / JOURNAL_FILE).outcome == OK).sum() > 10_000
