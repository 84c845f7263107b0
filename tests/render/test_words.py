"""Rules of how numbers are written."""

import pytest

from outlast.render import words

DASH = "\u2013"


@pytest.mark.parametrize(
    ("part", "written"),
    [
        (0, "0 %"),
        (0.0443, "4.4 %"),
        (0.5, "50 %"),
        (1, "100 %"),
        (0.00001, "< 0.1 %"),
        (0.99999, "> 99.9 %"),
        (None, DASH),
    ],
)
def test_a_share_never_reads_as_none_or_all_when_it_is_not(part: float | None, written: str) -> None:
    """What is above zero is not written 0 %, what is below one not 100 %."""
    assert written == words.share(part)


@pytest.mark.parametrize(
    ("number", "written"), [(12345, "12,345"), (12345.0, "12,345"), (0.25, "0.25"), (None, DASH), (float("nan"), DASH)]
)
def test_count(number: float | None, written: str) -> None:
    """Thousands are told apart; what is not known is a dash."""
    assert written == words.count(number)


@pytest.mark.parametrize(("value", "written"), [(0.8, "0.80 s"), (12.345, "12.3 s"), (150, "2 min 30 s"), (None, DASH)])
def test_seconds(value: float | None, written: str) -> None:
    """Three digits are enough for a person."""
    assert written == words.seconds(value)


def test_several() -> None:
    """One of a thing has no plural."""
    assert ["0 faults", "1 fault", "2 faults"] == [words.several(n, "fault") for n in range(3)]


def test_listed() -> None:
    """More than four names are counted."""
    assert "a, b and c" == words.listed(("a", "b", "c"))
    assert "a, b, c and 2 more" == words.listed(tuple("abcde"))
