"""Whatever is in a history file, `outlast check` gives a verdict or one clear error with the line it is about."""

from collections import Counter

import pytest
from tests.cli.bad_files import checked
from tests.cli.mutations import base_files

from outlast.errors import FormatError


@pytest.fixture(scope="module")
def bases():
    """Good files to begin with."""
    return base_files()


@pytest.mark.parametrize("first", [0, pytest.param(10_000, marks=pytest.mark.slow)])
def test_a_mutated_file_is_judged_or_refused(first, bases, tmp_path):
    """500 of them, of which some are still good."""
    count = 500 if first == 0 else 5_000
    results = [checked(seed, tmp_path, bases) for seed in range(first, first + count)]
    codes = Counter(result.exit_code for result in results)

    assert [] == [result for result in results if result.broken]
    assert codes[2] > count / 4
    assert codes[0] + codes[1] + codes[3] > count / 10


def test_what_a_bad_file_holds_is_shown_short_and_without_its_controls():
    """A token of a megabyte, a line feed, a terminal's escape."""
    shown = str(FormatError("h.ndjson", 7, "not an operation (Invalid enum value 'a\n\x1b[31m" + "x" * 10**6 + "')."))

    assert shown.startswith("h.ndjson:7: not an operation (Invalid enum value 'a\ufffd\ufffd[31mxxx")
    assert shown.endswith("xxx').")
    assert len(shown) < 400
    assert shown.isprintable()
