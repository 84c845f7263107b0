"""The judge's bench runs, however small the histories, and yields its figures."""

from __future__ import annotations

import pytest

from outlast.bench import judge as bench
from outlast.bench.big_history import big_history
from outlast.bench.judge import Sizes, measure
from outlast.bench.mapped_history import make_mapped, open_mapped
from outlast.errors import OutlastError

pytestmark = pytest.mark.local


def test_figures():
    """Names that formats.md gives, and a row of each size; the figure without a size is the largest's."""
    figures = {
        figure.name: figure for figure in measure(1, Sizes(growth=(5_000, 20_000), compared=10_000, ndjson=5_000))
    }

    assert {
        "judge.ops_per_s",
        "judge.ndjson_ops_per_s",
        "judge.peak_mb_per_process",
        "judge.slowdown_clients_64",
        "judge.slowdown_unknown_20",
        "judge.seconds.0.005m",
        "judge.seconds.0.02m",
    } <= set(figures)
    assert all(figure.value > 0 for figure in figures.values())
    assert figures["judge.ops_per_s.0.02m"].value == figures["judge.ops_per_s"].value


def test_a_history_that_is_not_a_pass_is_not_measured(tmp_path, monkeypatch):
    """A figure of something else than was meant would be worse than none."""
    make_mapped(tmp_path, 5_000, unknown=1.0)

    with pytest.raises(OutlastError):
        bench._judged(str(tmp_path))


def test_a_mapped_history_is_the_one_in_memory(tmp_path):
    """One group of it, so that the dice fall alike: the same operations in the same order."""
    make_mapped(tmp_path, 5_000)

    assert list(big_history(5_000)) == list(open_mapped(tmp_path))
