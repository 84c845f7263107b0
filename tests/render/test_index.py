"""Rules of index.html."""

from __future__ import annotations

from pathlib import Path

from tests.render.made_folder import Made, new_invocation_at

from outlast.archive.invocation import Invocation
from outlast.render.index import write_index


def test_an_invocation_without_a_run(tmp_path: Path) -> None:
    """Nothing to show is no reason to fail."""
    assert "No run was made." in write_index(new_invocation_at(tmp_path / "made")).read_text()


def test_the_index_leads_to_each_report(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """Each run is shown with its curve, its verdict and the way to its report."""
    text = write_index(invocation).read_text()

    assert 2 == text.count('class="plot"')
    for made in (lossy, clean):
        assert f'href="{made.folder.path.name}/report.html"' in text
