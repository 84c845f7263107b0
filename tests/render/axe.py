"""axe-core in the page that is open: what a reader with other eyes or hands would stumble over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import axe_core_python
from tests.render.browser import Browser

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()


def violations(browser: Browser) -> list[Any]:
    """Rule, help and the first places of each violation."""
    browser.evaluate(AXE + "; 0")
    found = browser.evaluate("axe.run(document).then((r) => JSON.stringify(r.violations))")
    return [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:4]]) for v in json.loads(found)]
