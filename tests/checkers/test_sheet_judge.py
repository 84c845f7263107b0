"""All models over one sheet: what they leave to each other."""

import pytest
from tests.checkers.operations import history, incremented, judged, login, read, wrote

from outlast.checkers.judge import judge
from outlast.history.history import Guarantee, Phase, PhaseName


@pytest.mark.parametrize(("when", "verdict"), [(6, "pass"), (29, "pass"), (30, "fail"), (33, "fail")])
@pytest.mark.parametrize("instant", [0, 10**9])
def test_an_eventual_store_must_be_right_from_the_audit_on(when, verdict, instant):
    """By when the read began; what was stale before is allowed and counted."""
    phases = (Phase(PhaseName.AUDIT, instant + 30, instant + 50),)
    operations = [
        login((instant, instant + 1)),
        wrote("a", (instant + 2, instant + 3)),
        wrote("b", (instant + 4, instant + 5)),
        read("a", (instant + when, instant + when + 1)),
        read("b", (instant + 44, instant + 45)),
    ]
    judgement = judge(history(*operations, guarantee=Guarantee.EVENTUAL, phases=phases))

    tally = judgement.tallies["stale-read"]

    assert (verdict, 1, int(verdict == "pass")) == (judgement.verdict, tally.count, tally.allowed)


def test_a_counter_of_both_sorts_is_judged_as_a_whole_where_no_other_rule_tells():
    """One that does not tell its result was over before the last one began, and so it cannot have made the third."""
    (finding,) = judged(
        login(), incremented(None, (2, 5)), incremented(1, (4, 9)), incremented(2, (9, 14))
    ).findings  # fmt: skip

    assert ("lost-update", (1, 2, 3)) == (finding.anomaly, finding.rows)
    assert "No order of these 3 operations explains what they were told." == finding.because
