"""`outlast-history/1`: what is written comes back, and what is bad gets one clear error with its line."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from dataclasses import replace

import pytest
import zstandard

from outlast.errors import FormatError, OutlastError
from outlast.history import interchange, interchange_block, spans, unpack
from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Guarantee, Header, History, Phase, PhaseName, Refresh
from outlast.history.interchange import read_history, write_history
from outlast.history.operation import Cookie, Jar, Kind, Operation, Outcome, Scope, Seen

HEADER = {"format": "outlast-history/1"}
LOGIN = {"op": "login", "session": "s", "client": 1, "invoked_ns": 0, "returned_ns": 1, "outcome": "ok", "user": "u"}
READ = {"op": "read", "session": "s", "client": 1, "invoked_ns": 2, "returned_ns": 3, "outcome": "ok", "seen": "alive"}


@pytest.fixture
def written(tmp_path):
    """Lines (objects, or bytes as they are) -> a file of them."""

    def write(*lines, name="h.ndjson"):
        path = tmp_path / name
        path.write_bytes(b"".join((x if isinstance(x, bytes) else json.dumps(x).encode()) + b"\n" for x in lines))
        return path

    return write


def some_operations():
    """One of everything that the format can say."""
    return (
        Operation(op=Kind.LOGIN, session="s", client=1, invoked_ns=0, returned_ns=1, outcome=Outcome.OK, user="u"),
        Operation(
            op=Kind.WRITE, session="s", client=2, invoked_ns=2, returned_ns=None, outcome=Outcome.UNKNOWN, value="v",
            intended_ns=1, attempt="a", status=504,
        ),
        Operation(
            op=Kind.READ, session="s\u2028\u00fc", client=-3, invoked_ns=-4, returned_ns=5, outcome=Outcome.OK,
            seen=Seen.ALIVE, has_value=True, counter=0, cookie=Cookie.REPLACED, jar=Jar.KEPT, via="replica:app-1",
            replica="app-1", boot="b", build="1", effects=("a", "x"), effects_offset=2, status=200,
        ),
        Operation(
            op=Kind.READ, session="t", client=1, invoked_ns=6, returned_ns=6, outcome=Outcome.FAIL, seen=Seen.RECREATED,
            via="store", effects=(),
        ),
        Operation(
            op=Kind.LOGOUT, session="s", client=1, invoked_ns=7, returned_ns=8, outcome=Outcome.OK, scope=Scope.USER
        ),
        Operation(
            op=Kind.ASSET, session="s", client=1, invoked_ns=7, returned_ns=8, outcome=Outcome.FAIL,
            path="/x.js", status=404,
        ),
        Operation(
            op=Kind.STREAM, session="s", client=1, invoked_ns=9, returned_ns=12, outcome=Outcome.OK, from_offset=0,
            to_offset=7, cut=True, digest="d", path="/film",
        ),
    )  # fmt: skip


def some_header():
    """A header in which nothing has its default."""
    return Header(
        seed=7,
        guarantee=Guarantee.SESSION,
        clock_error_ns=5,
        ttl_s=1800.5,
        ttl_refresh=Refresh.WRITE,
        granularity_s=0.5,
        max_sessions_per_user=2,
        phases=(Phase(PhaseName.STEADY, 0, 5), Phase(PhaseName.AUDIT, 5, 9)),
        faults=(
            FaultWindow(
                name="kill", nodes=("app-2",), start_ns=1, end_ns=2, proven=True, healed=True, onset_error_ms=3.5
            ),
            FaultWindow(name="pause", nodes=(), start_ns=1, end_ns=None, proven=False, healed=False, proof="p"),
        ),
        reservations=("the run was aborted: too much",),
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_what_is_written_comes_back(tmp_path, ending):
    """Whatever the format can say, plain or compressed."""
    history = History(some_header(), Columns.of(some_operations()))
    path = tmp_path / f"h.ndjson{ending}"

    write_history(history, path)
    again = read_history(path)

    assert history.header == again.header
    assert list(history.columns) == list(again.columns)


@pytest.fixture
def small_blocks(monkeypatch):
    """Even a small file is read by many, a few lines each."""
    monkeypatch.setattr(interchange, "PARALLEL_FROM_BYTES", 0)
    monkeypatch.setattr(interchange, "blocks", lambda path, most: unpack.blocks(path, most, 700))
    monkeypatch.setattr(interchange, "spans", lambda path, start, most: spans.spans(path, start, most, 700))


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("processes", [1, 2])
def test_blocks_share_their_strings(tmp_path, small_blocks, processes, ending):
    """A session whose lines lie in many blocks is one session, whoever parsed them."""
    operations = [o for _ in range(40) for o in some_operations()]
    path = tmp_path / f"h.ndjson{ending}"
    write_history(History(Header(), Columns.of(operations)), path)

    again = read_history(path, processes=processes).columns

    assert operations == [strip(o) for o in again]
    assert ["s", "s\u2028\u00fc", "t"] == list(again.sessions)


@pytest.mark.parametrize("name", ["h.ndjson", "h.ndjson.gz"])
def test_a_bad_line_that_another_process_found_keeps_its_number(tmp_path, small_blocks, name):
    """The 62nd of them; what each process is given begins at a line of which it does not know the number."""
    text = b"\n".join([*(json.dumps(line).encode() for line in [HEADER, LOGIN, *[READ] * 60]), b"", b"{]", b""])
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)

    with pytest.raises(FormatError, match="not an operation") as caught:
        read_history(path, processes=2)

    assert caught.value.line == 64


@pytest.mark.parametrize("begins", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ends", [b"", b"\n", b"\r\n\n"])
def test_the_first_line_may_have_a_mark_and_the_last_no_end(tmp_path, small_blocks, begins, ends):
    """Read by one process or by several, nothing of it is lost."""
    lines = [json.dumps(line).encode() for line in [HEADER, LOGIN, *[READ] * 60]]
    path = tmp_path / "h.ndjson"
    path.write_bytes(begins + b"\n".join(lines) + ends)

    assert [61, 61] == [len(read_history(path, processes=n).columns) for n in (1, 2)]


@pytest.fixture(params=[1, 150, 700])
def small_pieces(request, monkeypatch):
    """A block is read in many pieces, which are decoded a line or two at a time."""
    monkeypatch.setattr(interchange_block, "PIECE_BYTES", request.param)
    monkeypatch.setattr(interchange_block, "DECODED_BYTES", request.param // 2)


def test_pieces_may_tell_different_fields(tmp_path, small_pieces):
    """What one piece tells and the next does not is absent there; effect logs and streams stay with their own line."""
    operations = [
        replace(o, effects=tuple(f"{n}-{effect}" for effect in o.effects)) if o.effects else o
        for n in range(5)
        for o in some_operations()
    ]
    path = tmp_path / "h.ndjson"
    write_history(History(Header(), Columns.of(operations)), path)

    again = read_history(path).columns

    assert operations == [strip(o) for o in again]


def test_a_bad_line_in_a_later_piece_keeps_its_number(written, small_pieces):
    """Lines are counted over pieces, blank ones too."""
    path = written(HEADER, *[LOGIN] * 20, b"", b"  ", {**READ, "via": "the back door"}, LOGIN)

    with pytest.raises(FormatError) as told:
        read_history(path)

    assert 24 == told.value.line


def test_blank_lines_are_no_operations(written, small_pieces):
    """A history may have none at all."""
    assert 0 == len(read_history(written(HEADER, b"", b" ", b"")).columns)
    assert 1 == len(read_history(written(HEADER, b"", LOGIN, b"", b"", b"")).columns)


def strip(operation):
    """An operation without the intended instant that reading fills in."""
    if operation.intended_ns == operation.invoked_ns:
        object.__setattr__(operation, "intended_ns", None)
    return operation


def test_only_the_format_must_be_in_the_header(written):
    """Unknown fields are ignored, in header and lines; null stands for absent."""
    path = written(
        {**HEADER, "colour": "red", "ttl_s": None},
        {**LOGIN, "weather": [1, {"a": 2}], "seen": None, "counter": None, "via": None, "scope": None},
        b"",
    )

    history = read_history(path)

    assert Header() == history.header
    assert 1 == len(history.columns)


def test_value_null_is_not_value_absent(written):
    """None written yet, and not touched."""
    columns = read_history(written(HEADER, {**READ, "value": None}, READ)).columns

    assert [(True, None), (False, None)] == [(o.has_value, o.value) for o in columns]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({**READ, "op": "fly"}, "op"),
        ({**READ, "invoked_ns": "2"}, "invoked_ns"),
        ({**READ, "invoked_ns": 2.5}, "invoked_ns"),
        ({**READ, "invoked_ns": True}, "invoked_ns"),
        ({**READ, "invoked_ns": 2**64}, "not an operation"),
        ({**READ, "returned_ns": 2**62}, "returned_ns"),
        ({**READ, "returned_ns": 1}, "before invoked_ns"),
        ({**READ, "returned_ns": None}, "must have a returned_ns"),
        ({**READ, "client": 10**40}, "not an operation"),
        ({**READ, "counter": -1}, "counter"),
        ({**READ, "effects": "ab"}, "effects"),
        ({**READ, "effects": [1]}, "effects"),
        ({**READ, "effects_offset": -1}, "effects_offset"),
        ({**READ, "seen": "dead"}, "seen"),
        ({**READ, "via": "the back door"}, "via"),
        ({**READ, "value": 5}, "value"),
        ({**READ, "status": 10**6}, "status"),
        ({k: v for k, v in READ.items() if k != "client"}, "client"),
        ({**READ, "op": "write"}, "must tell its value"),
        ({**READ, "op": "write", "value": None}, "must tell its value"),
        (b'{"op": "read", "session": NaN}', "not an operation"),
        (b'{"op": "read", "session": "\xff\xfe"}', "not an operation"),
        (b'{"op": "read", "session": "\\ud800"}', "not an operation"),
        (b"[1, 2]", "not an operation"),
        (b"{", "not an operation"),
        (b"[" * 5000, "not an operation"),
        (b"\x00\x01", "not an operation"),
    ],
)
def test_a_bad_line_is_one_error_with_its_number(written, line, sentence):
    """Never a traceback, and the first bad line is the one that is told."""
    path = written(HEADER, LOGIN, line, b"worse")

    with pytest.raises(FormatError) as told:
        read_history(path)

    assert 3 == told.value.line
    assert sentence in str(told.value)
    assert len(str(told.value)) < 500


@pytest.mark.parametrize(
    "header",
    [
        b"", b"{}", b"nothing", b"[]", b'{"format": "outlast-history/2"}', b'{"format": 1}',
        {**HEADER, "guarantee": "perfect"}, {**HEADER, "ttl_s": -1}, {**HEADER, "ttl_s": 0},
        {**HEADER, "ttl_s": "long"},
        {**HEADER, "clock_error_ns": -1}, {**HEADER, "max_sessions_per_user": 0},
        {**HEADER, "phases": [{"name": "steady"}]},
        {**HEADER, "phases": [{"name": "dinner", "start_ns": 1, "end_ns": 2}]},
        {**HEADER, "phases": [{"name": "steady", "start_ns": 3, "end_ns": 2}]},
        {**HEADER, "faults": [{"name": "kill", "start_ns": 3, "end_ns": 2}]}, {**HEADER, "faults": [7]}, LOGIN,
    ],
)  # fmt: skip
def test_a_bad_header_is_one_error(written, header):
    """The first line must say what the file is."""
    with pytest.raises(FormatError):
        read_history(written(header, LOGIN))


def test_a_file_that_is_not_there_or_empty(tmp_path):
    """Told as such."""
    (tmp_path / "empty").touch()

    with pytest.raises(FormatError, match="cannot be read"):
        read_history(tmp_path / "nowhere")
    with pytest.raises(FormatError, match="cannot be read"):
        read_history(tmp_path)
    with pytest.raises(FormatError, match="empty"):
        read_history(tmp_path / "empty")


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_compressed_file_cut_short_is_an_error(tmp_path, pack):
    """Whatever it still held."""
    dice = random.Random(1)
    lines = [json.dumps({**READ, "session": str(dice.random())}).encode() for _ in range(2000)]
    packed = pack(b"\n".join([json.dumps(HEADER).encode(), *lines]))
    path = tmp_path / "h"
    for length in (len(packed) // 2, len(packed) - 1):
        path.write_bytes(packed[:length])
        with pytest.raises(FormatError, match="cannot be read"):
            read_history(path)
    path.write_bytes(packed + packed[:0])
    assert 2000 == len(read_history(path).columns)


def test_several_frames_are_one_file(tmp_path):
    """As `cat` makes them."""
    path = tmp_path / "h"
    for pack in (gzip.compress, zstandard.ZstdCompressor().compress):
        path.write_bytes(b"".join(pack(json.dumps(line).encode() + b"\n") for line in (HEADER, LOGIN, READ)))

        assert 2 == len(read_history(path).columns)


def test_a_zip_bomb_is_refused(tmp_path, monkeypatch):
    """By what it unpacks to, by how many times its own size, and by its longest line."""
    monkeypatch.setattr(unpack, "RATIO_FREE_BYTES", 2**20)
    monkeypatch.setattr(unpack, "RATIO_MAX", 50)
    monkeypatch.setattr(unpack, "LINE_BYTES_MAX", 2**22)
    header, line = json.dumps(HEADER).encode() + b"\n", json.dumps(READ).encode() + b"\n"
    path = tmp_path / "bomb"
    for pack in (gzip.compress, zstandard.ZstdCompressor().compress):
        path.write_bytes(pack(header + line * 200_000))
        with pytest.raises(FormatError, match=r"bomb|unpacks"):
            read_history(path)
        path.write_bytes(pack(header + b" " * 2**24))
        with pytest.raises(FormatError, match=r"bomb|MiB"):
            read_history(path)
    path.write_bytes(header + line * 1000)
    with pytest.raises(FormatError, match="more than 1,000 bytes"):
        read_history(path, bytes_max=1000)


def test_a_file_that_cannot_be_written_is_one_error(tmp_path):
    """Not a traceback."""
    with pytest.raises(OutlastError, match="cannot be written"):
        write_history(History(Header()), tmp_path / "nowhere" / "h.ndjson")


def test_mutated_files_are_read_or_refused(tmp_path):
    """Any flipped, dropped or repeated piece: a history, or one clear error; never anything else."""
    dice = random.Random(3)
    write_history(History(some_header(), Columns.of(some_operations())), tmp_path / "h.ndjson")
    plain = (tmp_path / "h.ndjson").read_bytes()
    originals = [plain, gzip.compress(plain), zstandard.ZstdCompressor().compress(plain), zlib.compress(plain)]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(2000):
        path = tmp_path / "mutated"
        path.write_bytes(mutated(dice, dice.choice(originals)))
        try:
            read_history(path)
        except FormatError as error:
            outcomes["refused" if len(str(error)) < 1000 else "told at too great length"] += 1
        else:
            outcomes["read"] += 1
    assert min(outcomes.values()) > 20


ODD = (b"null", b"NaN", b"1e999", b"-1", b'"', b"\\ud800", b"[", b"{}", b"9" * 30, b"\n")


def mutated(dice, data):
    """A few random changes to bytes."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(changed) + 1)
        act = dice.randrange(5)
        if act == 0 and at < len(changed):
            changed[at] = dice.randrange(256)
        elif act == 1:
            del changed[at : at + dice.randint(1, 40)]
        elif act == 2:
            changed[at:at] = changed[at : at + dice.randint(1, 40)]
        elif act == 3:
            changed[at:at] = dice.choice(
                [b"null", b"NaN", b"1e999", b"-1", b'"', b"\\ud800", b"[", b"{}", b"9" * 30, b"\n"]
            )
        elif at < len(changed):
            del changed[at:]
        changed = changed or bytearray(b"\n")
    return bytes(changed)
