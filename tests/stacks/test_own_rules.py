"""What outlast.yaml says of its runs: gates for one experiment or all, and what is excused until when."""

import datetime

import pytest
from pydantic import ValidationError

from outlast.stacks.own_rules import ExperimentRules, Rules, Waiver

DAY = datetime.date(2026, 11, 27)


def rules(*waivers, **gates):
    own = {"replica_kill": ExperimentRules(gates={"failed-request": 0.05})}
    return Rules({}, gates, own, tuple(Waiver.model_validate(w) for w in waivers))


def test_an_experiment_s_own_gate_lies_over_that_for_all():
    """And only there."""
    said = rules(**{"failed-request": 0.01, "recovery_s": 5.0})

    assert {"failed-request": 0.05, "recovery_s": 5.0} == said.gates_of("replica_kill", DAY).gates
    assert {"failed-request": 0.01, "recovery_s": 5.0} == said.gates_of("deploy", DAY).gates


def test_a_waiver_takes_the_gate_away_until_its_day_is_over():
    """The last day counts; afterwards it excuses nothing and says so."""
    waiver = {"gate": "lost-session", "experiment": "deploy", "reason": "ticket 12", "until": "2026-11-27"}
    said = rules(waiver, **{"lost-session": 0})
    on_the_day, after = said.gates_of("deploy", DAY), said.gates_of("deploy", DAY + datetime.timedelta(1))

    assert {"lost-session": None} == on_the_day.gates
    assert ("lost-session: waived until 2026-11-27 (ticket 12)",) == on_the_day.notes
    assert {"lost-session": 0} == after.gates
    assert ("the waiver of lost-session ended on 2026-11-27: it excuses nothing any more",) == after.notes
    assert ({"lost-session": 0, "failed-request": 0.05}, ()) == (
        said.gates_of("replica_kill", DAY).gates, said.gates_of("replica_kill", DAY).notes,
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["gate", "reason", "until"])
def test_a_waiver_without_reason_or_end_is_none(missing):
    """Nobody excuses anything for good."""
    whole = {"gate": "lost-session", "reason": "ticket 12", "until": "2026-11-27"}

    with pytest.raises(ValidationError):
        Waiver.model_validate({name: part for name, part in whole.items() if name != missing})
