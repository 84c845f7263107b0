"""Reading a journal: what was written comes back, and what is no journal is told apart."""

from __future__ import annotations

import json

import numpy as np
import pytest

from outlast.errors import FormatError, LoadError
from outlast.history.columns import ABSENT, COOKIES, JARS, KINDS, NEVER, NONE_YET, OUTCOMES, SEEN, VIAS
from outlast.history.journal import JOURNAL_FILE, read_journal
from outlast.history.journal_layout import ANSWER, ANSWER_AT, HEADER_BYTES, SLOT_BYTES
from outlast.history.journal_writer import JournalWriter
from outlast.history.operation import Cookie, Jar, Kind, Operation, Outcome, Seen

OK = OUTCOMES.index(Outcome.OK)
UNKNOWN = OUTCOMES.index(Outcome.UNKNOWN)
ALIVE = SEEN.index(Seen.ALIVE)


def code(kind: Kind) -> int:
    return KINDS.index(kind)


@pytest.fixture
def writer(tmp_path):
    return JournalWriter(tmp_path, seed=7, tag="ab12", users=3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / JOURNAL_FILE


def test_every_field_comes_back(writer, path):
    """An operation is read as it was written, strings and all."""
    token, attempt = writer.tokens.fresh(), writer.attempts.fresh()
    node, boot, build = writer.nodes.number("app-1"), writer.boots.number("deadbeef"), writer.builds.number("a")
    write = writer.intend(code(Kind.WRITE), 4, 9, 100, 110, value=token)
    writer.answer(write, OK, 120, seen=ALIVE, value=token, user=2, replica=node, boot=boot, build=build, status=200)
    bump = writer.intend(code(Kind.INCREMENT), 4, 9, 130, 131, attempt=attempt)
    writer.answer(bump, OK, 140, seen=ALIVE, counter=1, user=2, cookie=COOKIES.index(Cookie.REPLACED), status=200)
    read = writer.intend(
        code(Kind.READ), 4, 10, 150, 151, jar=JARS.index(Jar.KEPT), via=VIAS.index("replica:"), via_node=node
    )
    writer.answer(read, OK, 160, seen=ALIVE, value=token, counter=1, effects=[attempt], effects_offset=5, status=200)
    writer.close()

    operations = list(read_journal(path))

    assert [
        Operation(
            op=Kind.WRITE, session="s4", client=9, intended_ns=100, invoked_ns=110, returned_ns=120, outcome=Outcome.OK,
            seen=Seen.ALIVE, value="ab12-w0", user="u2", replica="app-1", boot="deadbeef", build="a", status=200,
        ),
        Operation(
            op=Kind.INCREMENT, session="s4", client=9, intended_ns=130, invoked_ns=131, returned_ns=140,
            outcome=Outcome.OK, seen=Seen.ALIVE, counter=1, user="u2", cookie=Cookie.REPLACED, attempt="ab12-a0",
            status=200,
        ),
        Operation(
            op=Kind.READ, session="s4", client=10, intended_ns=150, invoked_ns=151, returned_ns=160,
            outcome=Outcome.OK, seen=Seen.ALIVE, value="ab12-w0", counter=1, jar=Jar.KEPT, via="replica:app-1",
            effects=("ab12-a0",), effects_offset=5, status=200,
        ),
    ] == operations  # fmt: skip


def test_an_unanswered_intent_is_unknown_and_never_returned(writer, path):
    """The request may have been sent, so it may have taken effect; its token is known from the intent."""
    token = writer.tokens.fresh()
    writer.intend(code(Kind.WRITE), 0, 1, 10, 11, value=token)

    columns = read_journal(path)  # while the writer is still at work

    assert 1 == len(columns)
    assert [NEVER] == columns.returned_ns.tolist()
    assert Operation(
        op=Kind.WRITE, session="s0", client=1, intended_ns=10, invoked_ns=11, returned_ns=None,
        outcome=Outcome.UNKNOWN, value="ab12-w0",
    ) == columns.operation(0)  # fmt: skip


def test_half_an_answer_is_no_answer(writer, path):
    """Killed between the stores of an answer: the state byte still says SENT, so nothing of the answer counts."""
    for kind in (Kind.READ, Kind.WRITE):
        slot = writer.intend(code(kind), 0, 1, 10, 11, value=writer.tokens.fresh() if kind is Kind.WRITE else ABSENT)
        ANSWER.pack_into(writer._slots.map, slot + ANSWER_AT, 99, 0, 5, 0, 0, 3, 2, 0, 0, 0, 0, 200, OK, ALIVE, 1)

    columns = read_journal(path)

    assert [UNKNOWN, UNKNOWN] == columns.outcome.tolist()
    assert [NEVER, NEVER] == columns.returned_ns.tolist()
    assert [ABSENT, 0] == columns.value.tolist()
    for name in ("counter", "user", "replica", "boot", "build", "effects_count"):
        assert [ABSENT, ABSENT] == getattr(columns, name).tolist(), name
    assert [0, 0] == columns.seen.tolist() == columns.status.tolist() == columns.cookie.tolist()
    assert path.read_bytes()[HEADER_BYTES + ANSWER_AT] == 99, "what is put right is put right in memory alone"


def test_a_tail_cut_anywhere_keeps_all_that_is_whole(writer, path):
    """A copy that ends in the middle of a slot loses that slot alone."""
    for number in range(10):
        writer.answer(writer.intend(code(Kind.READ), number, 1, 10, 11), OK, 12, seen=ALIVE, value=NONE_YET)
    writer.close()
    whole = path.read_bytes()

    for lost in (1, SLOT_BYTES - 1, SLOT_BYTES, SLOT_BYTES + 1, 9 * SLOT_BYTES + 5):
        path.write_bytes(whole[:-lost])

        assert 10 - -(-lost // SLOT_BYTES) == len(read_journal(path)), lost


def test_an_empty_journal_has_no_operations(writer, path):
    """The load died before its first request."""
    assert [] == list(read_journal(path))
    writer.close()
    assert [] == list(read_journal(path))


def test_foreign_strings_are_kept_and_told_from_ours(writer, path):
    """A token nobody wrote is read back as it came; one that only looks like ours is not taken for ours."""
    mine = writer.tokens.fresh()
    strangers = ["garbage", "ab12-w00", "ab12-w999", "ab12-w-1", "ab12-w٣", "", "\ud800 lone", 'quo"te\n', "ab12-w1"]
    numbers = [writer.tokens.number(text) for text in strangers]
    own = writer.tokens.fresh()
    for number in [mine, *numbers, own]:
        writer.answer(writer.intend(code(Kind.READ), 0, 1, 1, 2), OK, 3, seen=ALIVE, value=number)

    values = [operation.value for operation in read_journal(path)]

    assert ["ab12-w0", *strangers, f"ab12-w{own}"] == values
    assert numbers == [writer.tokens.number(text) for text in strangers]
    assert mine == writer.tokens.number("ab12-w0")


def test_another_user_gets_a_number_after_our_accounts(writer, path):
    """`u7` is nobody of ours when there are three accounts."""
    stranger = writer.users.number("u7")
    for user in (0, 2, stranger):
        writer.answer(writer.intend(code(Kind.READ), 0, 1, 1, 2), OK, 3, seen=ALIVE, user=user)

    columns = read_journal(path)

    assert ["u0", "u2", "u7"] == [operation.user for operation in columns]
    assert len(columns.users) == 4
    assert writer.users.number("u1") == 1


def test_a_flood_of_made_up_names_is_bounded(writer, monkeypatch):
    """A hostile app that makes up a new boot id in every answer does not fill memory and disk."""
    monkeypatch.setattr("outlast.history.journal_names.FOREIGN_MOST", 5)

    numbers = {writer.boots.number(f"boot-{number}") for number in range(100)}

    assert 6 == len(numbers)


def test_reading_copies_nothing(writer, path):
    """Columns are views into one mapped file."""
    for _ in range(3):
        writer.answer(writer.intend(code(Kind.READ), 0, 1, 1, 2), OK, 3)

    columns = read_journal(path)

    assert np.may_share_memory(columns.kind, columns.returned_ns)
    assert not columns.returned_ns.flags.owndata


def test_it_grows_past_its_first_room(writer, path, tmp_path):
    """More operations than the first allocation holds, answered late: slots keep their place when the map moves."""
    slots = [writer.intend(code(Kind.READ), n, n, n, n) for n in range(20_000)]
    for number, slot in enumerate(slots):
        writer.answer(slot, OK, number + 1, counter=number, effects=[0] * 10 if number % 2 else None)
    writer.close()

    columns = read_journal(path)

    assert list(range(20_000)) == columns.counter.tolist() == columns.session.tolist()
    assert 100_000 == len(columns.effects)
    assert HEADER_BYTES + 20_000 * SLOT_BYTES == path.stat().st_size


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"not a journal", b"\x00" * 8192, json.dumps({"format": "outlast-journal/0"}).encode().ljust(4096),
     json.dumps({"format": "outlast-journal/1", "slot_bytes": 64, "tag": "", "users": 1}).encode().ljust(4096),
     json.dumps({"format": "outlast-journal/1", "slot_bytes": 128}).encode().ljust(4096), b"[" * 4096],
)  # fmt: skip
def test_a_foreign_file_is_a_format_error(path, content):
    """One clear sentence that names the file, no traceback from numpy."""
    path.write_bytes(content)

    with pytest.raises(FormatError, match=r"history\.journal"):
        read_journal(path)


def test_a_missing_file_is_a_format_error(path):
    """The path is in the message."""
    with pytest.raises(FormatError, match=r"history\.journal"):
        read_journal(path)


@pytest.mark.parametrize("field", ["kind", "outcome", "replica", "user", "session", "effects_start", "returned_ns"])
def test_a_damaged_slot_is_a_format_error(writer, path, field):
    """A number that names nothing is found on reading, not when a report is half drawn."""
    writer.answer(writer.intend(code(Kind.READ), 0, 1, 1, 2), OK, 3, effects=[0])
    writer.close()
    from outlast.history.journal_layout import SLOT

    raw = bytearray(path.read_bytes())
    slots = np.frombuffer(raw, SLOT, offset=HEADER_BYTES)
    slots[field] = {"session": -5, "returned_ns": 1}.get(field, 99)
    path.write_bytes(raw)

    with pytest.raises(FormatError, match="damaged"):
        read_journal(path)


def test_a_torn_last_string_is_left_out(writer, path, tmp_path):
    """Its number cannot have been used yet: a string is written down before that."""
    writer.answer(writer.intend(code(Kind.READ), 0, 1, 1, 2), OK, 3, replica=writer.nodes.number("app-1"))
    writer.close()
    strings = tmp_path / "history.strings"
    strings.write_bytes(strings.read_bytes() + b'["nodes",1,"ap')

    assert "app-1" == read_journal(path).operation(0).replica


def test_a_second_journal_does_not_overwrite_the_first(writer, tmp_path):
    """What was recorded is never lost to a second load in the same folder."""
    with pytest.raises(LoadError, match="cannot be written"):
        JournalWriter(tmp_path, seed=7, tag="ab12", users=3)
