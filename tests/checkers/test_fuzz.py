"""The judge against exhaustive search on random small sessions; and each witness proves its point alone."""

import os

import pytest
from tests.checkers import fuzz_recovery
from tests.checkers.fuzz import compare
from tests.checkers.models import MODELS
from tests.checkers.witness import WHOLE, witnesses

BATCHES = 10
SESSIONS = int(os.environ.get("OUTLAST_FUZZ_SESSIONS", "2000"))
"""Of each batch; a test of a mutant looks at fewer, because it is run some thousand times (`make mutants`)."""
FEW = SESSIONS < 2000


@pytest.mark.parametrize("name", MODELS)
def test_the_judge_agrees_with_exhaustive_search(name):
    """On 20,000 sessions of each model, of which many are legal and many are not."""
    compared = [compare(name, seed, SESSIONS) for seed in range(BATCHES)]
    wrong = sum(one.wrong for one in compared)

    assert [] == [disagreement for one in compared for disagreement in one.differing]
    assert FEW or 0.005 < wrong / (BATCHES * SESSIONS) < 0.995


@pytest.mark.parametrize("name", [name for name in MODELS if name not in WHOLE])
@pytest.mark.parametrize("seed", [0] if FEW else [0, 1, 2, 7])
def test_a_witness_judged_alone_gives_the_same_anomaly(name, seed):
    """At most six operations for the register and the lifecycle."""
    shown = witnesses(name, seed, min(600, SESSIONS * 4))

    assert len(shown) > (2 if FEW else 20)
    assert [] == [one for one in shown if not (one.proves and one.small)]


def test_recovery_agrees_with_trying_every_instant():
    """On 20,000 runs, of which some never recover, some at once, and some later."""
    compared = [fuzz_recovery.compare(seed) for seed in range(10 * SESSIONS)]
    told = [one.judge_s for one in compared]

    assert [] == [one for one in compared if one.judge_s != one.oracle_s]
    for kind in (told.count(None), told.count(0.0), len([s for s in told if s])):
        assert kind > len(told) / 20
