"""Text that an app had a hand in, made fit to be shown: no control characters, no direction tricks, no endless line."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?")
"""ANSI: CSI ... final byte; OSC, DCS, SOS, PM and APC up to their end; two-byte escapes."""
_NONCHARACTERS: Final = frozenset({0xFFFE, 0xFFFF})


def plain(text: object, limit: int = 400) -> str:
    """Text -> one line without terminal escapes, control, direction-override and unpaired surrogate characters.

    An isolated right-to-left override would turn the rest of a line around, so such characters go; letters of
    right-to-left scripts stay. More than `limit` characters are cut and the cut is shown.
    """
    kept = _ESCAPES.sub("", str(text)[: 4 * limit + 64])
    line = " ".join("".join(_shown(character) for character in kept).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _shown(character: str) -> str:
    if character in "\t\n\r\v\f\x85\u2028\u2029":
        return " "
    category = unicodedata.category(character)
    if category == "Cs" or ord(character) & 0xFFFF in _NONCHARACTERS:
        return "\ufffd"
    return "" if category in {"Cc", "Cf"} else character
