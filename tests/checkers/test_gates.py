"""Gates: what fails a run, and what nobody can waive."""

import pytest
from tests.checkers.operations import alive, gone, history, login, op

from outlast.checkers.figures import FIGURES
from outlast.checkers.judge import judge
from outlast.errors import UnknownName, UsageError

LOST = history(login(), alive((2, 3)), gone((4, 5)))
FAILING = history(
    login(), op("read", (1, 2), outcome="unknown"), *(op("read", (i, i + 1), seen="alive") for i in range(2, 18, 2))
)


def test_the_defaults_gate_on_every_loss():
    """One is too many."""
    judgement = judge(LOST)

    assert ("lost-session: 1 > 0",) == judgement.reasons
    assert [("lost-session", 0, 1.0)] == [(g.name, g.limit, g.value) for g in judgement.gates if not g.ok]


def test_a_gate_can_be_raised_or_taken_away():
    """The count stays."""
    assert "pass" == judge(LOST, gates={"lost-session": 1}).verdict
    assert "pass" == judge(LOST, gates={"lost-session": None}).verdict
    assert 1 == judge(LOST, gates={"lost-session": None}).tallies["lost-session"].count


@pytest.mark.parametrize("limit", [None, 1, 0.5])
@pytest.mark.parametrize("name", ["session-leak", "resurrected-session"])
def test_a_leak_and_a_resurrection_cannot_be_waived(name, limit):
    """Whatever else was lost."""
    with pytest.raises(UsageError, match="cannot be waived"):
        judge(LOST, gates={name: limit})


def test_a_limit_of_failed_requests_below_one_is_a_share():
    """Of all operations; from one on it is a number."""
    assert "fail" == judge(FAILING, gates={"failed-request": 0.09}).verdict
    assert "pass" == judge(FAILING, gates={"failed-request": 0.1}).verdict
    assert "pass" == judge(FAILING, gates={"failed-request": 1}).verdict
    assert "fail" == judge(FAILING, gates={"failed-request": 0}).verdict


def test_figures_can_be_gated_too():
    """What was not measured does not pass."""
    assert "pass" == judge(FAILING, gates={"longest_stall_ms": 1}).verdict
    assert "fail" == judge(FAILING, gates={"longest_stall_ms": 0}).verdict
    assert "fail" == judge(FAILING, gates={"recovery_s": 9}).verdict


def test_a_bad_gate_is_one_clear_error():
    """With the nearest known name."""
    with pytest.raises(UnknownName, match=r"^Unknown gate 'lost-sesion'\. Did you mean 'lost-session'\?"):
        judge(LOST, gates={"lost-sesion": 0})
    for limit in (-1, float("nan")):
        with pytest.raises(UsageError, match="no limit"):
            judge(LOST, gates={"lost-session": limit})


@pytest.mark.parametrize(("limit", "value"), [(0, 1.0), (0.05, 0.1), (0.99, 0.1), (1, 1.0), (1.5, 1.0)])
def test_a_result_tells_the_share_or_the_number_that_was_measured(limit, value):
    """One request of ten failed."""
    judgement = judge(FAILING, gates={"failed-request": limit})

    assert [(limit, value, value <= limit)] == [
        (g.limit, g.value, g.ok) for g in judgement.gates if g.name == "failed-request"
    ]


def test_of_no_requests_none_failed():
    """Nor is any other anomaly a share: half a loss is none."""
    empty, lost = judge(history(), gates={"failed-request": 0.5}), judge(LOST, gates={"lost-session": 0.5})

    assert [(0.0, True)] == [(g.value, g.ok) for g in empty.gates if g.name == "failed-request"]
    assert ("lost-session: 1 > 0.5",) == lost.reasons


def test_each_figure_tells_what_was_measured():
    """All of them, whatever came before; just at its limit it holds."""
    stall = judge(FAILING).longest_stall_ms
    both = judge(FAILING, gates={"recovery_s": 9, "longest_stall_ms": stall}).gates

    assert stall > 0
    assert [("recovery_s", None, False), ("longest_stall_ms", stall, True)] == [
        (g.name, g.value, g.ok) for g in both if g.name in FIGURES
    ]
