"""The load's bench runs and yields its figures."""

from __future__ import annotations

import pytest

from outlast.bench.load import measure

pytestmark = [pytest.mark.local, pytest.mark.slow]


def test_figures():
    """Names that formats.md gives; a ratio is that of its two rates."""
    figures = {figure.name: figure.value for figure in measure(1)}

    assert {"load.ratio_to_fasthttpuser", "load.bytes_per_session"} <= set(figures)
    assert all(value > 0 for value in figures.values())
    ratio = figures["load.ops_per_s"] / figures["load.fasthttpuser_ops_per_s"]
    assert ratio == pytest.approx(figures["load.ratio_to_fasthttpuser"])
