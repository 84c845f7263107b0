"""junit.xml: one case per hypothesis and architecture, for a CI's own test view."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from outlast.archive.event import RunBegan
from outlast.archive.invocation import Invocation
from outlast.archive.plan import Plan
from outlast.archive.run import RunFolder
from outlast.checkers.verdict import Verdict
from outlast.errors import OutlastError
from outlast.render.document import Document
from outlast.render.figures import figures
from outlast.render.headline import headline
from outlast.render.plain import plain
from outlast.render.reading import document_at

JUNIT_FILE: Final = "junit.xml"
_WITNESSES_MAX: Final = 20
_ELEMENTS: Final = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "error", Verdict.ERROR: "error"}
"""A run that proves nothing is no failure of the system, and no pass either."""

Element = ElementTree.Element


def write_junit(invocation: Invocation) -> Path:
    """Invocation -> its junit.xml, one suite of one case per run; it follows the promise where one is declared."""
    root = Element("testsuites", name="outlast")
    came_to = [_suite(root, run) for run in invocation.runs]
    root.set("tests", str(len(came_to)))
    root.set("failures", str(sum(_ELEMENTS.get(verdict) == "failure" for verdict in came_to)))
    root.set("errors", str(sum(_ELEMENTS.get(verdict) == "error" for verdict in came_to)))
    ElementTree.indent(root)
    path = invocation.path / JUNIT_FILE
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _suite(root: Element, run: RunFolder) -> Verdict:
    document, plan = document_at(run), _plan(run)
    came_to = document.come_to
    experiment = document.experiment or "outlast"
    took_s, began = _times(run)
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=f"{experiment} on {document.architecture or plain(run.path.name, 80)}",
        tests="1",
        failures=str(int(_ELEMENTS.get(came_to) == "failure")),
        errors=str(int(_ELEMENTS.get(came_to) == "error")),
        skipped="0",
        time=f"{took_s % 1_000_000:.3f}",
        id=plain(run.path.name, 120),
    )
    if began:
        suite.set("timestamp", began)
    _properties(suite, document)
    hypothesis = plain(plan.hypothesis, 300) if plan and plan.hypothesis else experiment
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"outlast.{experiment}",
        name=f"{document.architecture or plain(run.path.name, 80)}: {hypothesis}",
        time=f"{took_s % 1_000_000:.3f}",
    )
    head = headline(document)
    if came_to in _ELEMENTS:
        said = head.promise if came_to is Verdict.FAIL and head.promise else head.sentence
        problem = ElementTree.SubElement(case, _ELEMENTS[came_to], type=came_to.value, message=said)
        problem.text = _evidence(document, run)
    else:
        ElementTree.SubElement(case, "system-out").text = "\n".join(filter(None, (head.sentence, head.promise)))
    return came_to


def _properties(suite: Element, document: Document) -> None:
    """The schema of Jenkins knows properties of suites alone, so each case has a suite of its own."""
    properties = ElementTree.SubElement(suite, "properties")
    facts: dict[str, object] = {
        "verdict": document.verdict.value,
        "seed": document.seed,
        "engine": document.engine,
        "architecture": document.architecture,
    }
    facts |= {f"counts.{name}": number for name, number in document.counts.items()}
    facts |= {f"exposure.{name}": number for name, number in document.exposure.items()}
    facts |= {f"anomalies.{name}": item.found for name, item in document.anomalies.items()}
    facts |= {f"figures.{figure.key}": figure.value for figure in figures(document)}
    for name, value in facts.items():
        if value is not None:
            ElementTree.SubElement(properties, "property", name=plain(name, 120), value=plain(value))


def _evidence(document: Document, run: RunFolder) -> str:
    head = headline(document)
    lines = [head.sentence, head.promise, *document.reasons]
    shown = document.telling_witnesses[:_WITNESSES_MAX]
    if shown:
        lines.append(f"Witnesses, showing {len(shown)} of {max(len(shown), document.session_findings)} findings:")
        lines += [f"  {found.anomaly}, {plain(found.session, 60)}: {found.because}" for found in shown]
    lines.append(f"Report: {plain(run.path.name, 120)}/report.html")
    return "\n".join(line for line in lines if line)


def _plan(run: RunFolder) -> Plan | None:
    try:
        return run.plan()
    except OutlastError:
        return None


def _times(run: RunFolder) -> tuple[float, str]:
    """How many seconds the run took, and when it began."""
    try:
        events = run.events()
    except OutlastError:
        events = ()
    if not events:
        return 0.0, ""
    took_s = max(0.0, (events[-1].at_ns - events[0].at_ns) / 1e9)
    if not isinstance(events[0], RunBegan):
        return took_s, ""
    began = datetime.fromtimestamp(events[0].wall_ns // 1_000_000_000, UTC)
    return took_s, began.strftime("%Y-%m-%dT%H:%M:%S")
