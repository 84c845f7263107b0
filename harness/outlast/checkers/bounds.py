"""The exact binomial upper bound: what a count of so few among so many still allows."""

from __future__ import annotations

CONFIDENCE = 0.95


def upper_bound(found: int, trials: int, confidence: float = CONFIDENCE) -> float | None:
    """Clopper and Pearson 1934, one-sided: found of trials -> the probability that is not exceeded with 95 %
    confidence.

    0 of n gives 1 - 0.05^(1/n), about 3/n; of no trials there is no bound. Cost: constant.
    """
    if trials <= 0:
        return None
    if found >= trials:
        return 1.0
    if found == 0:
        return float(1 - (1 - confidence) ** (1 / trials))
    from scipy.special import betaincinv  # a tenth of a second that a judgement without a finding does not need

    return float(betaincinv(found + 1, trials - found, confidence))
