"""What can be wrong with a history file: its bytes, its lines, one value in it, its end, its packing."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import zstandard
from tests.checkers.valid.history import valid_history

from outlast.history.interchange import write_history

BASES = 30
OPERATIONS = 40
BOMB_BYTES = 600 * 2**20

_GOOD = b'{"op":"read","session":"s","client":1,"invoked_ns":1,"returned_ns":2,"outcome":"ok","seen":"alive"}\n'
_WORDS = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1", "0", "1.5", "null", "true", '""', '"x"', "[]", "{}", "[null]",
    '[""]', str(2**61), str(2**61 + 1), str(2**62), str(2**63 - 1), str(2**63), str(-(2**63)), str(2**64), str(10**30),
    "9" * 5000, '"' + "x" * 20_000 + '"', "[" * 5000 + "]" * 5000, r'"\ud800"', r'"\u0000"', r'"a\nb"',
    r'"\u001b[31mred"', '"ok"', '"write"', '"alive"', '"user"', '"replica:"', '"replica:app-1"', '"store"',
    '"linearizable"', "-0", "01", "1e3", '"\x01"', "'x'", "",
)  # fmt: skip
_HEADER = (
    "seed", "guarantee", "clock_error_ns", "ttl_s", "ttl_refresh", "granularity_s", "max_sessions_per_user", "phases",
    "faults", "format",
)  # fmt: skip
_LINE = (
    "op", "session", "client", "invoked_ns", "returned_ns", "intended_ns", "outcome", "seen", "value", "counter",
    "user", "scope", "cookie", "jar", "via", "replica", "boot", "build", "attempt", "effects", "effects_offset",
    "status", "path", "from", "to", "cut", "digest", "unheard-of",
)  # fmt: skip


@dataclass(frozen=True)
class Mutated:
    """A file. bad_line: if it is refused, then for this line; None: for any."""

    content: bytes
    mutation: str
    ending: str = ".ndjson"
    bad_line: int | None = None


def base_files() -> list[bytes]:
    """Good ones to begin with."""
    files = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "base.ndjson"
        for seed in range(BASES):
            write_history(valid_history(seed, OPERATIONS), path)
            files.append(b"".join(path.read_bytes().splitlines(keepends=True)[: 3 * OPERATIONS]))
    return files


def mutated(dice: Random, bases: list[bytes], bomb: bool = False) -> Mutated:
    """A mutated file: one mutation, sometimes several on top of each other."""
    base = dice.choice(bases)
    if bomb:
        return _bomb(dice)
    kind = dice.choices((_values, _one_value, _lines, _bytes, _cut, _packed), (4, 6, 4, 4, 2, 3))[0]
    return kind(dice, base)


def _one_value(dice: Random, base: bytes) -> Mutated:
    """One value of one line: refused for that line if at all."""
    lines = base.splitlines()
    at = dice.randrange(len(lines))
    lines[at], what = _changed(dice, lines[at], header=at == 0)
    return Mutated(b"\n".join(lines) + b"\n", f"line {at + 1}: {what}", bad_line=at + 1)


def _values(dice: Random, base: bytes) -> Mutated:
    lines = base.splitlines()
    for _ in range(dice.randint(2, 8)):
        at = dice.randrange(len(lines))
        lines[at], _ = _changed(dice, lines[at], header=at == 0)
    return Mutated(b"\n".join(lines), "several values")


def _changed(dice: Random, line: bytes, header: bool) -> tuple[bytes, str]:
    """One field replaced, taken away, doubled, or given the value that another has."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return line, "nothing"
    if not isinstance(fields, dict):
        return line, "nothing"
    name = dice.choice(_HEADER if header else _LINE)
    told = {key: json.dumps(value) for key, value in fields.items()}
    act = dice.choice(("replace", "replace", "replace", "remove", "borrow", "double", "shift"))
    what = f"{act} {name}"
    if act == "replace":
        told[name] = dice.choice(_WORDS)
        what += f" by {told[name][:20]}"
    elif act == "remove":
        told.pop(name, None)
    elif act == "borrow":
        told[name] = dice.choice(list(told.values()))
    elif act == "shift" and isinstance(fields.get(name), int):
        told[name] = str(fields[name] + dice.choice((-1, 1)) * 10 ** dice.randint(0, 18))
    text = ", ".join(f'"{key}": {value}' for key, value in told.items())
    if act == "double" and name in told:
        text += f', "{name}": {dice.choice(_WORDS)}'
    return ("{" + text + "}").encode("utf-8", "surrogatepass"), what


def _lines(dice: Random, base: bytes) -> Mutated:
    lines = base.splitlines()
    for _ in range(dice.randint(1, 4)):
        at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        act = dice.choice(("drop", "repeat", "swap", "join", "blank", "noise", "client"))
        if act == "drop" and len(lines) > 1:
            del lines[at]
        elif act == "repeat":  # the same write twice, and a client that does two things at once
            lines.insert(other, lines[at])
        elif act == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        elif act == "join" and at + 1 < len(lines):
            lines[at : at + 2] = [lines[at] + lines[at + 1]]
        elif act == "blank":
            lines.insert(at, dice.choice((b"", b"   ", b"\t", b"\r")))
        elif act == "noise":
            lines.insert(at, dice.choice((b"{}", b"[]", b"null", b"7", b'"x"', b"{", b"\xff\xfe", b"\xef\xbb\xbf{}")))
        elif act == "client":
            lines = [line.replace(b'"client":', b'"client":1,"was":') for line in lines]
    return Mutated(dice.choice((b"\n", b"\r\n")).join(lines), "lines")


def _bytes(dice: Random, base: bytes) -> Mutated:
    return Mutated(_bent(dice, base), "bytes")


def _bent(dice: Random, content: bytes) -> bytes:
    """Bytes changed, put in, taken out or repeated."""
    bent = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(bent) + 1)
        act = dice.choice(("set", "set", "insert", "delete", "repeat"))
        if act == "set" and at < len(bent):
            bent[at] = dice.choice((0, 10, 34, 92, 123, 125, 0x80, 0xC0, 0xED, 0xFF, dice.randrange(256)))
        elif act == "insert":
            bent[at:at] = dice.randbytes(dice.randint(1, 8))
        elif act == "delete":
            del bent[at : at + dice.randint(1, 30)]
        elif act == "repeat":
            bent[at:at] = bent[at : at + dice.randint(1, 300)]
    return bytes(bent)


def _cut(dice: Random, base: bytes) -> Mutated:
    return Mutated(base[: dice.randrange(len(base))], "cut")


_PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda content: gzip.compress(content, 1),
    ".zst": zstandard.ZstdCompressor(1).compress,
}


def _packed(dice: Random, base: bytes) -> Mutated:
    """Packed, and then cut, bent, doubled, packed twice, or under the other's name."""
    ending = dice.choice(tuple(_PACK))
    content = _PACK[ending](base)
    act = dice.choice(("cut", "bend", "bend", "twice", "double", "tail", "name", "inside"))
    if act == "cut":
        content = content[: dice.randrange(len(content))]
    elif act == "bend":
        content = _bent(dice, content)
    elif act == "twice":
        content = _PACK[ending](content)
    elif act == "double":
        content += content
    elif act == "tail":
        content += dice.randbytes(20)
    elif act == "name":
        ending = ".ndjson"
    elif act == "inside":
        content = _PACK[ending](_bent(dice, base))
    return Mutated(content, f"packed{ending}: {act}", ending)


def _bomb(dice: Random) -> Mutated:
    """A few kilobytes that unpack to more than any history of that size."""
    ending = dice.choice(tuple(_PACK))
    filling = dice.choice((b"\0", b"\n", b" ", b'{"op":"read","session":"s","client":1}\n', _GOOD))
    piece = filling * (2**20 // len(filling))
    head = b'{"format": "outlast-history/1"}\n'
    if ending == ".gz":
        packed = gzip.compress(head, 9) + gzip.compress(piece * 8, 9) * (BOMB_BYTES // len(piece) // 8)
    else:
        frame = zstandard.ZstdCompressor(3).compressobj()
        pieces = (frame.compress(piece) for _ in range(BOMB_BYTES // len(piece)))
        packed = frame.compress(head) + b"".join(pieces) + frame.flush()
    return Mutated(packed, f"bomb{ending} of {filling[:3]!r}", ending)
