"""Rules of junit.xml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from junitparser import JUnitXml
from tests.render.made_folder import HYPOTHESIS, Made, new_invocation_at
from tests.render.test_side_by_side import one_run

from outlast.archive.invocation import Invocation
from outlast.render.junit import write_junit

TEXT, NUMBER = re.compile(r".*", re.DOTALL), re.compile(r"\d+")
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")
PROBLEM: tuple[dict[str, Any], set[str], set[str]] = ({"type": TEXT, "message": TEXT}, set(), set())
SCHEMA: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    "testsuites": (
        {"name": TEXT, "time": TIME, "tests": NUMBER, "failures": NUMBER, "errors": NUMBER},
        set(),
        {"testsuite"},
    ),
    "testsuite": (
        {
            **dict.fromkeys(("name", "group", "timestamp", "hostname", "id", "package", "file", "log", "url"), TEXT),
            **dict.fromkeys(("tests", "failures", "errors", "skipped"), NUMBER),
            "time": TIME,
        },
        {"name", "tests", "failures", "errors"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": ({}, set(), {"property"}),
    "property": ({"name": TEXT, "value": TEXT}, {"name", "value"}, set()),
    "testcase": (
        dict.fromkeys(("name", "time", "classname", "group"), TEXT),
        {"name"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    **dict.fromkeys(("failure", "error", "skipped"), PROBLEM),
    "system-out": ({}, set(), set()),
}
"""What Jenkins' xUnit plugin takes (junit-10): per element the attributes, the required ones, the children."""


def faults_of(element: ElementTree.Element) -> list[str]:
    attributes, required, children = SCHEMA[element.tag]
    wrong = [f"{element.tag}.{name}" for name in required - set(element.attrib)]
    for name, value in element.attrib.items():
        if name not in attributes or not attributes[name].fullmatch(value):
            wrong.append(f"{element.tag}.{name}={value!r}")
    for child in element:
        wrong += faults_of(child) if child.tag in children else [f"{child.tag} in {element.tag}"]
    return wrong


def test_one_case_per_hypothesis_and_architecture(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """Named by both, so that a CI can follow each over time."""
    suites = JUnitXml.fromfile(str(write_junit(invocation)))

    cases = [(case.classname, case.name) for suite in suites for case in suite]
    assert [
        ("outlast.replica_kill", f"sticky-memory: {HYPOTHESIS}"),
        ("outlast.replica_kill", f"redis-aof: {HYPOTHESIS}"),
    ] == cases
    assert (2, 0, 0) == (suites.tests, suites.failures, suites.errors)


def test_it_satisfies_the_schema(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """Only elements, attributes and values that Jenkins' schema has."""
    assert [] == faults_of(ElementTree.parse(write_junit(invocation)).getroot())


def test_the_counts_are_properties(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """A CI can draw them without reading our own files."""
    root = ElementTree.parse(write_junit(invocation)).getroot()

    told = {p.get("name"): p.get("value") for p in root[0].iter("property")}
    assert str(lossy.verdict["counts"]["operations"]) == told["counts.operations"]
    assert str(lossy.verdict["anomalies"]["lost-session"]["count"]) == told["anomalies.lost-session"]
    assert "7" == told["seed"]


@pytest.mark.parametrize(
    ("verdict", "kept", "element"),
    [
        ("pass", None, None),
        ("fail", True, None),
        ("pass", False, "failure"),
        ("fail", None, "failure"),
        ("inconclusive", None, "error"),
        ("error", True, "error"),
        (None, None, "error"),
    ],
)
def test_what_a_case_comes_to(tmp_path: Path, verdict: str | None, kept: bool | None, element: str | None) -> None:
    """A kept promise passes whatever was lost; what proves nothing is neither passed nor failed, but an error."""
    invocation = new_invocation_at(tmp_path / "made")
    one_run(invocation, "a", verdict, kept)

    root = ElementTree.parse(write_junit(invocation)).getroot()

    case = next(root.iter("testcase"))
    assert [element or "system-out"] == [child.tag for child in case]
    assert [] == faults_of(root)


def test_the_witness_is_in_the_failure(tmp_path: Path, lossy: Made) -> None:
    """Whoever reads the CI's page sees whose session was lost, and why we say so."""
    invocation = new_invocation_at(tmp_path / "made")
    one_run(invocation, "a", "fail")
    witness = lossy.verdict["witnesses"][0]
    (run,) = invocation.runs
    run.write_verdict({**lossy.verdict, "expectation": None})

    failure = next(ElementTree.parse(write_junit(invocation)).getroot().iter("failure"))

    assert failure.text is not None
    assert f"{witness['anomaly']}, {witness['session']}: {witness['because']}" in failure.text
    assert "were lost when app-2 was killed" in str(failure.get("message"))


def test_control_characters_do_not_break_the_xml(tmp_path: Path) -> None:
    """XML 1.0 has no way to write them; an app's strings may hold any."""
    invocation = new_invocation_at(tmp_path / "made")
    one_run(invocation, "a", "fail")
    nasty = "\x00\x1b[31m\x0b\ud800\ufffe ]]> <b>&"
    found = {"anomaly": nasty, "session": nasty, "because": nasty}
    invocation.runs[0].write_verdict(
        {"verdict": "fail", "reasons": [nasty], "architecture": nasty, "witnesses": [found], "counts": {nasty: 1}}
    )

    root = ElementTree.parse(write_junit(invocation)).getroot()

    assert [] == faults_of(root)
    assert "]]> <b>&" in str(next(root.iter("failure")).text)
