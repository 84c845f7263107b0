"""Rules of summary.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from tests.render.made_folder import Made, new_invocation_at
from tests.render.test_side_by_side import one_run

from outlast.archive.invocation import Invocation
from outlast.render.summary import BYTES_MAX, escaped, write_summary

ATTACKS = (
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://tracker/x.png)",
    "`code` **bold** _it_ ~~no~~",
    "a | b\n| c |\n# heading\n---",
    "@everyone #123 https://evil.example",
    "</details><script>alert(1)</script>",
    "&lt;b&gt; &amp; \\| \\",
    "1. one\n- two\n> three",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_string_stays_a_string(attack: str) -> None:
    """Rendered as Markdown it is one paragraph that shows the text and nothing else."""
    rendered = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(escaped(attack))

    assert {"p"} == {part.split(">")[0].strip("/") for part in rendered.split("<")[1:]}
    shown = rendered.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert f"<p>{' '.join(attack.split())}</p>" == shown.strip()


def test_the_table_of_the_terminal(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """One row per figure, one column per run, as everywhere."""
    text = write_summary(invocation).read_text()
    html = MarkdownIt("gfm-like", {"linkify": False}).render(text)

    assert html.count("<tr>") == 10
    assert "Both runs did what was declared" in html
    assert "<td>Sessions lost</td>" in html
    assert "Witnesses, showing 8 of" in html


def test_it_is_never_larger_than_github_takes(tmp_path: Path) -> None:
    """What does not fit is left out, and that is said."""
    invocation = new_invocation_at(tmp_path / "made")
    one_run(invocation, "a", "fail")
    witness = {"anomaly": "lost-session", "session": "s1", "because": "*" * 600}
    gates = [{"name": f"{'*' * 70}{n}", "limit": 0, "value": 1, "ok": False} for n in range(9000)]
    invocation.runs[0].write_verdict({"verdict": "fail", "gates": gates, "witnesses": [witness] * 30})

    text = write_summary(invocation).read_bytes()

    assert len(text) <= BYTES_MAX
    assert b"did not fit" in text
