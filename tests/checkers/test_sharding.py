"""Sharding: however sessions are shared out over sheets, shelves and processes, each is judged once and the same."""

import multiprocessing
import shutil
import tempfile
from types import SimpleNamespace

import pytest
from tests.checkers.operations import alive, gone, incremented, lines, login, read, wrote

from outlast.checkers import blocks, sharding
from outlast.checkers.judge import judge
from outlast.checkers.promise import loses_nothing
from outlast.checkers.sharding import SHELF_BYTES, judged_with
from outlast.checkers.survey import survey_of
from outlast.history.columns import Columns
from outlast.history.history import Header, History

SESSIONS = 7
OPERATIONS = [
    o
    for i in range(SESSIONS)
    for o in (
        login((i, i + 1), session=f"s{i}", user=f"u{i}"), wrote(f"v{i}", (20 + i, 30 + i), session=f"s{i}"),
        incremented(i % 3, (40 + i, 50), session=f"s{i}"), read(f"v{i % 5}", (60, 61), session=f"s{i}"),
        (gone if i % 2 else alive)((70, 71), session=f"s{i}"),
    )
]  # fmt: skip
OPERATIONS = [wrote("v5", (-1, 9), session="s5"), *sorted(OPERATIONS, key=lambda o: o.invoked_ns)]
HISTORY = History(Header(), Columns.of(OPERATIONS))
SIZE = len(OPERATIONS)


class Pool:
    """Does the tasks of further processes in this one, and remembers how many were asked for."""

    asked: list[int]
    late: list[object]

    def __init__(self, processes, **told):
        assert {"mp_context", "initializer"} == set(told)
        self.asked.append(processes)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def map(self, function, tasks):
        self.late.append(lambda: function(len))
        return map(function, tasks)


@pytest.fixture
def pool(monkeypatch):
    """A pool that is asked for from the first operation on."""
    monkeypatch.setattr(Pool, "asked", [], raising=False)
    monkeypatch.setattr(Pool, "late", [], raising=False)
    monkeypatch.setattr(sharding, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(sharding, "PARALLEL_FROM", 0)
    monkeypatch.setattr(sharding, "context", lambda: multiprocessing.get_context("fork"))
    return Pool


def share_out(monkeypatch, a_sheet, shelves_from=2**22, a_part=4):
    """So many operations to a sheet, a part; on shelves from so many on; three rows at a time."""
    monkeypatch.setattr(sharding, "SHEET_OPERATIONS", a_sheet)
    monkeypatch.setattr(sharding, "SHELVES_FROM", shelves_from)
    monkeypatch.setattr(sharding, "PART", a_part)
    monkeypatch.setattr(blocks, "BLOCK", 3)


def told(judgement):
    """All that a user reads of it, in an order of its own."""
    findings = sorted((f.anomaly, f.session, f.rows, f.because) for f in judgement.findings)
    return judgement.verdict, judgement.reasons, judgement.tallies, judgement.counts, findings, lines(judgement)


@pytest.mark.parametrize("shelves_from", [0, SIZE, SIZE + 1], ids=["on shelves", "just on shelves", "gathered"])
@pytest.mark.parametrize("a_part", [1, 4, SIZE, 1000])
@pytest.mark.parametrize("a_sheet", [1000, SIZE - 1, 9, 1])
def test_the_same_is_found_however_the_sessions_are_shared_out(a_sheet, a_part, shelves_from, monkeypatch):
    """In one sheet or many, more than there are sessions too; from where they lie, or by way of a disk."""
    whole = told(judge(HISTORY, processes=1))
    assert {"lost-session", "lost-update", "session-leak"} <= {line[0].value for line in whole[4]}
    share_out(monkeypatch, a_sheet, shelves_from, a_part)

    assert whole == told(judge(HISTORY, processes=1))


@pytest.mark.parametrize("processes", [None, 2])
@pytest.mark.parametrize("shelves_from", [0, 1000])
def test_the_same_is_found_by_several_processes(shelves_from, processes, monkeypatch):
    """Real ones."""
    whole = told(judge(HISTORY, processes=1))
    share_out(monkeypatch, 9, shelves_from)
    monkeypatch.setattr(sharding, "PARALLEL_FROM", 0)

    assert whole == told(judge(HISTORY, processes=processes))


@pytest.mark.parametrize("shelves_from", [0, 1000])
@pytest.mark.parametrize(
    ("a_sheet", "sheets"), [(SIZE + 1, [7]), (SIZE, [7]), (SIZE - 1, [4, 3]), (12, [3, 2, 2]), (1, [1] * 7)]
)
def test_a_sheet_holds_about_as_many_operations_as_it_may(a_sheet, sheets, shelves_from, monkeypatch):
    """Each session on one of them; sheets that would be empty are none."""
    share_out(monkeypatch, a_sheet, shelves_from)
    judged, others = judged_with(survey_of(HISTORY), (), processes=1)

    assert sheets == [len(sheet.names) for sheet in judged]
    assert list(range(SESSIONS)) == sorted(name for sheet in judged for name in sheet.names.tolist())
    assert [] == others


@pytest.mark.parametrize("shelves_from", [0, 1000])
def test_other_tasks_are_done_meanwhile(shelves_from, monkeypatch):
    """Each is told the survey; their results come in their order."""
    share_out(monkeypatch, 12, shelves_from)
    survey = survey_of(HISTORY)
    judged, others = judged_with(survey, (lambda s: s, lambda s: len(s.columns)), processes=1)

    assert [survey, SIZE] == others
    assert [3, 2, 2] == [len(sheet.names) for sheet in judged]


@pytest.mark.parametrize("shelves_from", [0, 1000])
def test_as_many_processes_as_were_asked_for_do_it(shelves_from, pool, monkeypatch):
    """One does it here."""
    share_out(monkeypatch, 12, shelves_from)
    survey = survey_of(HISTORY)
    judged, others = judged_with(survey, (lambda s: s,), processes=3)

    assert ([3], [survey]) == (pool.asked, others)
    assert [3, 2, 2] == [len(sheet.names) for sheet in judged]
    judged_with(survey, (), processes=1)
    assert [3] == pool.asked


def test_a_judgement_is_made_by_as_many_processes_as_were_asked_for(pool):
    """And so is the one without what is recent, which some promises need."""
    judge(HISTORY, processes=3)
    judge(HISTORY, processes=4, promise=loses_nothing(but_writes_younger_than_s=1.0))

    assert [3, 4, 4] == pool.asked


@pytest.mark.parametrize(("parallel_from", "method"), [(SIZE + 1, "fork"), (0, "spawn")])
def test_a_small_history_or_one_that_cannot_be_forked_is_judged_here(parallel_from, method, pool, monkeypatch):
    """Further processes would take longer, or would have to be sent all of it."""
    monkeypatch.setattr(sharding, "PARALLEL_FROM", parallel_from)
    monkeypatch.setattr(sharding, "context", lambda: multiprocessing.get_context(method))

    assert [7] == [len(sheet.names) for sheet in judged_with(survey_of(HISTORY), (), processes=3)[0]]
    assert [] == pool.asked


def test_a_task_that_comes_when_the_judgement_is_over_finds_nothing(pool):
    """The survey is not kept: it may hold gigabytes."""
    judged_with(survey_of(HISTORY), (), processes=2)

    with pytest.raises(RuntimeError, match=r"^this process was not forked from one that holds a survey$"):
        pool.late[0]()


@pytest.mark.parametrize(
    ("free", "where"), [(8 * SHELF_BYTES * SIZE + 1, "/dev/shm"), (8 * SHELF_BYTES * SIZE, None), (None, None)]
)
def test_the_shelves_stand_in_memory_where_there_is_plenty(free, where, monkeypatch, tmp_path):
    """Of a history that is just long enough; else where temporary files usually are. They are gone afterwards."""
    share_out(monkeypatch, 12, SIZE)
    made = []

    def usage(path):
        assert "/dev/shm" == path
        if free is None:
            raise FileNotFoundError(path)
        return SimpleNamespace(free=free)

    def folder(**told):
        made.append(told)
        return temporary(prefix="x", dir=tmp_path)

    temporary = tempfile.TemporaryDirectory
    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(tempfile, "TemporaryDirectory", folder)
    judged_with(survey_of(HISTORY), (), processes=1)

    assert [{"prefix": "outlast-judge-", "dir": where}] == made
    assert [] == list(tmp_path.iterdir())
