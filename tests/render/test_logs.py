"""Rules of which log lines are shown around a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.render.logs import LINES_MAX, Excerpt, excerpts

S = 1_000_000_000
ONSET_NS = 1_760_000_000 * S
"""2025-10-09T08:53:20Z."""


def excerpt(folder: Path, text: str, onset_ns: int | None = ONSET_NS, struck: tuple[str, ...] = ()) -> Excerpt:
    (folder / "app-1.log").write_text(text)
    (one,) = excerpts({"app-1": folder / "app-1.log"}, onset_ns, ONSET_NS + 2 * S, struck)
    return one


@pytest.mark.parametrize(
    "stamp",
    [
        "2025-10-09T08:53:20.250000000Z",
        "2025-10-09 08:53:20,250",
        "2025-10-09T08:53:20.25+00:00",
        "2025-10-09T10:53:20.250 +0200",
        "INFO:     [2025-10-09 08:53:20.250]",
        "172.18.0.1:41522 [09/Oct/2025:08:53:20.250]",
        '127.0.0.1 - - [09/Oct/2025:10:53:20.250 +0200] "GET /"',
    ],
)
def test_times_are_found_and_count_from_the_fault(tmp_path: Path, stamp: str) -> None:
    """Docker's, Python's and ISO stamps are read, with their fraction and their zone."""
    (line,) = excerpt(tmp_path, f"{stamp} listening\n").lines

    assert 0.25 == line.after_s
    assert line.text.endswith("listening")


def test_only_what_was_printed_around_the_fault(tmp_path: Path) -> None:
    """From shortly before it struck to shortly after it was healed."""
    text = "".join(f"2025-10-09T08:53:{second:02}Z line {second}\n" for second in range(10, 40))

    shown = excerpt(tmp_path, text)

    assert ["line 19", "line 25"] == [shown.lines[0].text, shown.lines[-1].text]
    assert 7 == shown.of


def test_a_log_without_times_shows_its_end(tmp_path: Path) -> None:
    """And says that it has none."""
    shown = excerpt(tmp_path, "".join(f"line {n}\n" for n in range(100)))

    assert (False, LINES_MAX, 100) == (shown.stamped, len(shown.lines), shown.of)
    assert "line 99" == shown.lines[-1].text


def test_a_flood_is_cut_and_said(tmp_path: Path) -> None:
    """The lines around the onset are kept, and how many there were is told."""
    text = "".join(f"2025-10-09T08:53:20.{n:03}Z line {n}\n" for n in range(900))

    shown = excerpt(tmp_path, text)

    assert (LINES_MAX, 900) == (len(shown.lines), shown.of)
    assert "line 0" == shown.lines[0].text


def test_the_rare_line_is_not_drowned(tmp_path: Path) -> None:
    """A server that goes down is told among a thousand requests, in its place, though it bears no time of its own."""
    requests = [f"10.0.0.1:4{n:04} [09/Oct/2025:08:53:20.{n:03}] GET /me {n}\n" for n in range(900)]
    requests.insert(800, "Server app/app-2 is DOWN\n")

    shown = excerpt(tmp_path, "".join(requests))

    assert "Server app/app-2 is DOWN" in [line.text for line in shown.lines]
    assert (LINES_MAX, 901) == (len(shown.lines), shown.of)


def test_what_a_node_prints_is_hostile(tmp_path: Path) -> None:
    """Escapes, nulls and broken UTF-8 are made harmless."""
    (tmp_path / "app-1.log").write_bytes(b"2025-10-09T08:53:20Z \x1b[31mred\x1b[0m \x00\xff\n")

    (one,) = excerpts({"app-1": tmp_path / "app-1.log"}, ONSET_NS, None, ())

    assert "red \ufffd" == one.lines[0].text


def test_the_struck_node_comes_first(tmp_path: Path) -> None:
    """Whoever reads wants the victim's last words."""
    for node in ("a", "z"):
        (tmp_path / f"{node}.log").write_text("2025-10-09T08:53:20Z here\n")

    shown = excerpts({node: tmp_path / f"{node}.log" for node in ("a", "z")}, ONSET_NS, None, ["z"])

    assert ["z", "a"] == [one.node for one in shown]


def test_a_log_that_is_gone_is_left_out(tmp_path: Path) -> None:
    """A missing file is no reason to draw no report."""
    assert () == excerpts({"a": tmp_path / "none.log"}, ONSET_NS, None, ())
