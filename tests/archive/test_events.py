"""Events survive their writer's death, and foreign lines are told apart from torn ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.archive.event import FaultStruck, PhaseBegan, StepTold
from outlast.archive.events import EventLog, read_events
from outlast.errors import FormatError
from outlast.history.history import PhaseName

STEP = StepTold(at_ns=1, text="starting")
PHASE = PhaseBegan(at_ns=2, name=PhaseName.STEADY, seconds=5.0)
STRUCK = FaultStruck(
    at_ns=3,
    fault="kill",
    nodes=("app-2",),
    proven=True,
    evidence="gone",
    scheduled_ns=2,
    onset_ns=3,
    onset_error_ms=1e-6,
)


def written(path: Path) -> Path:
    with EventLog(path) as log:
        for event in (STEP, PHASE, STRUCK):
            log.write(event)
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Events come back as they were, types and all."""
    assert (STEP, PHASE, STRUCK) == read_events(written(tmp_path / "events.ndjson"))


def test_each_event_is_on_disk_before_write_returns(tmp_path: Path) -> None:
    """A harness that is killed loses no event: nothing waits in a buffer."""
    log = EventLog(tmp_path / "events.ndjson")
    log.write(STEP)

    assert (STEP,) == read_events(tmp_path / "events.ndjson")
    log.close()


def test_watchers_see_each_event(tmp_path: Path) -> None:
    """A live view is shown what is recorded, in the same order."""
    seen: list[object] = []
    with EventLog(tmp_path / "events.ndjson", (seen.append,)) as log:
        log.write(STEP)
        log.write(PHASE)

    assert [STEP, PHASE] == seen


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_torn_last_line_is_left_out(tmp_path: Path, cut: int) -> None:
    """The writer was killed in the middle of a line: the lines before it count."""
    path = written(tmp_path / "events.ndjson")
    path.write_bytes(path.read_bytes()[:-cut])

    assert (STEP, PHASE) == read_events(path)[:2]
    assert 3 > len(read_events(path)) or 1 == cut


@pytest.mark.parametrize(
    "line", [b"nonsense", b"[]", b"{}", b'{"event": "PhaseBegan", "at_ns": 1, "name": "lunch"}', b"\xff"]
)
def test_a_bad_line_in_the_middle_is_told_with_its_number(tmp_path: Path, line: bytes) -> None:
    """A foreign file is an error with a line number, not a traceback."""
    path = written(tmp_path / "events.ndjson")
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(first + b"\n" + line + b"\n" + rest)

    with pytest.raises(FormatError, match=r"events\.ndjson:2: "):
        read_events(path)


def test_events_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    """An old reader meets a new kind of event and new fields without harm."""
    path = tmp_path / "events.ndjson"
    path.write_text(
        '{"event":"Teleported","at_ns":1}\n{"event":"StepTold","at_ns":1,"text":"starting","mood":"good"}\n'
    )

    assert (STEP,) == read_events(path)
