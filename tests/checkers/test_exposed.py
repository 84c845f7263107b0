"""Who was exposed, against the same rules said session by session, on random runs with one to three faults."""

import random

import pytest
from tests.checkers import oracle_exposure
from tests.checkers.operations import op

from outlast.checkers import blocks, exposure
from outlast.checkers.survey import survey_of
from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History

NODES = ("app-1", "app-2", "app-3")
RUNS = 150
KINDS = ("login", "login", "logout", *("read",) * 8, "write", "increment")


@pytest.mark.parametrize("rows", [3, blocks.BLOCK])
def test_every_flag_of_every_session_is_the_rules(monkeypatch, rows):
    """Whatever the blocks in which the history is looked at; and every flag is there, and is not, in many sessions."""
    monkeypatch.setattr(blocks, "BLOCK", rows)
    seen = dict.fromkeys(oracle_exposure.FLAGS, 0)
    for seed in range(RUNS):
        made, faults = _run(random.Random(seed))
        everything = [o for session in made.values() for o in session]
        random.Random(seed).shuffle(everything)
        for session in made.values():
            session.sort(key=everything.index)
        columns = Columns.of(everything)
        exposed = exposure.exposed_of(survey_of(History(Header(faults=faults), columns)))
        names = list(columns.sessions)
        expected = oracle_exposure.exposure_of(made, faults)
        found = {name: {f for f in seen if getattr(exposed, f)[names.index(name)]} for name in names}

        assert expected == found, f"run {seed}"
        assert exposed.figures == type(exposed.figures)(
            faults=len(faults),
            sessions_on_victim=sum("on_victim" in flags for flags in expected.values()),
            sessions_excluded=sum("excluded" in flags for flags in expected.values()),
            writes_in_flight=oracle_exposure.writes_in_flight(made, faults),
        )
        for flags in expected.values():
            for flag in flags:
                seen[flag] += 1
    assert all(RUNS / 50 < count < RUNS * 5 for count in seen.values()), sorted(seen.items())


def _run(dice):
    """A few sessions of a few operations each, at so few instants that many are equal; and faults among them."""
    tells = dice.random() < 0.9
    made = {
        f"s{i}": [_operation(dice, f"s{i}", tells) for _ in range(dice.randint(1, 9))]
        for i in range(dice.randint(2, 6))
    }
    starts = sorted(dice.sample(range(2, 20), dice.choice((1, 2, 3, 3))))
    return made, tuple(_fault(dice, start) for start in starts)


def _operation(dice, session, tells):
    kind, start = dice.choice(KINDS), dice.randint(0, 20) * 500_000
    outcome = dice.choice(("ok", "ok", "ok", "fail", "unknown"))
    never = outcome != "ok" and dice.random() < 0.5
    told = {"value": "1"} if kind == "write" else {}
    return op(
        kind,
        (start, None if never else start + dice.choice((0, 500_000, 500_000, 4_000_000))),
        session=session,
        outcome=outcome,
        seen=None if kind in ("login", "logout") or never else dice.choice((*("alive",) * 8, "anonymous", None)),
        replica=dice.choice((*NODES, None)) if tells else None,
        via=dice.choice(("balancer",) * 6 + ("replica:app-1", "replica:app-4")),
        **told,
    )


def _fault(dice, start):
    ended = dice.random() < 0.8
    return FaultWindow(
        name=dice.choice(("kill", "kill", "scale_out", "deploy", "rolling_restart")),
        nodes=tuple(dice.sample((*NODES, "app-4", "redis"), dice.randint(1, 2))),
        start_ns=start * 500_000,
        end_ns=(start + dice.randint(0, 4)) * 500_000 if ended else None,
        proven=True,
        healed=ended,
        onset_error_ms=dice.choice((None, 0.0, 0.5, 1.0)),
    )
