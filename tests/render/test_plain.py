"""Rules of what may be shown of a string that an app had a hand in."""

import pytest

from outlast.render.plain import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("\x1b[2J\x1b[H\x1b(B", ""),
        ("a\x00b\x07c\x7f\x9b31m", "abc31m"),
        ("one\r\ntwo\ttabs", "one two tabs"),
        ("\u202egnirts\u202c \u2066x\u2069 \u200f", "gnirts x"),
        ("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"),
        ("\ud800 \ufffe", "\ufffd \ufffd"),
        ("", ""),
        (17, "17"),
    ],
)
def test_only_what_can_be_read_is_left(text: object, shown: str) -> None:
    """Escapes, controls and direction overrides go; letters of any script stay; what no encoding has is marked."""
    assert shown == plain(text)


def test_a_cut_is_shown() -> None:
    """A long text ends in an ellipsis within its limit, and costs no more than its limit."""
    assert "x" * 9 + "…" == plain("x" * 10**7, 10)
