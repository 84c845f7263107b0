"""Reading an app's JSON with mistrust: every field is what it should be, or the whole answer is garbage.

All raise `Garbage`, and nothing else, whatever the app sent.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

BODY_BYTES_MOST: Final = 256 * 1024
TEXT_MOST: Final = 200
EFFECTS_MOST: Final = 4096
INT_MOST: Final = 2**62
PATHS_MOST: Final = 32
_PATH: Final = re.compile(r"/[!-~]*")
"""Printable ASCII without a space: what follows the method in a request line."""


class Garbage(Exception):
    """An answer that is not what the app is known to say. Never leaves a driver."""


def parse_object(body: bytes) -> dict[str, Any]:
    """Body -> JSON object."""
    if len(body) > BODY_BYTES_MOST:
        raise Garbage(f"more than {BODY_BYTES_MOST} bytes")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError too
        raise Garbage("not JSON") from error
    if type(value) is not dict:
        raise Garbage("not a JSON object")
    return value


def text_of(told: dict[str, Any], name: str) -> str | None:
    """A string, null or absent. A long one is cut and ends in its digest, so that two different ones stay different."""
    value = told.get(name)
    if value is None:
        return None
    if type(value) is not str:
        raise Garbage(name)
    return tame(value)


def int_of(told: dict[str, Any], name: str) -> int | None:
    """A number that is not negative and fits into the journal, null or absent; true and false are no numbers."""
    value = told.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= INT_MOST:
        raise Garbage(name)
    return value


def texts_of(told: dict[str, Any], name: str) -> tuple[str, ...] | None:
    """A list of strings, null or absent."""
    value = told.get(name)
    if value is None:
        return None
    if type(value) is not list or len(value) > EFFECTS_MOST or not all(type(item) is str for item in value):
        raise Garbage(name)
    return tuple([tame(item) for item in value])


def paths_of(told: dict[str, Any], name: str) -> tuple[str, ...]:
    """A list of paths on this server, null or absent; what could be more than a path in a request is garbage."""
    value = told.get(name)
    if value is None:
        return ()
    if type(value) is not list or len(value) > PATHS_MOST or not all(_is_path(item) for item in value):
        raise Garbage(name)
    return tuple(value)


def _is_path(item: object) -> bool:
    return type(item) is str and len(item) <= TEXT_MOST and _PATH.fullmatch(item) is not None


def tame(text: str) -> str:
    """A foreign string, fit to be written down: of bounded length, and UTF-8 can hold it."""
    if len(text) <= TEXT_MOST and text.isascii():
        return text
    raw = text.encode("utf-8", "backslashreplace")
    if len(raw) <= TEXT_MOST:
        return raw.decode()
    return f"{raw[: TEXT_MOST // 2].decode('utf-8', 'ignore')}...{hashlib.sha256(raw).hexdigest()[:16]}"
