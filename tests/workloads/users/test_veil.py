"""An echo of a cookie is not written down; everything else is."""

from __future__ import annotations

import pytest

from outlast.drivers.jar import EMPTY_JAR
from outlast.workloads.users.veil import secrets_of, veiled

SECRET = "eyJhbGciOiJIUzI1NiJ9.eyJ1IjoidTEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "echo", [SECRET, f"your cookie is {SECRET}!", SECRET[:16], SECRET[4:40], SECRET[:30] + "...9f2a"]
)
def test_an_echo_is_replaced_by_its_digest(echo):
    """Whole, inside something, or the part that is left of a text that was cut."""
    told = veiled(echo, [SECRET])

    assert told.startswith("(a cookie, sha256 ")
    assert SECRET[4:16] not in told


@pytest.mark.parametrize("text", ["t1", "garbage", "eyJhbGciOiJ", "another-value-of-some-length", ""])
def test_other_strings_stay(text):
    """They are evidence."""
    assert text == veiled(text, [SECRET, "dark", ""])


def test_two_echoes_stay_different():
    """Two sessions' cookies are two values, also in a report."""
    assert veiled(SECRET, [SECRET]) != veiled(SECRET[::-1], [SECRET[::-1]])


def test_what_was_sent_and_what_was_received_are_secrets():
    """Also what the jar was too full to take; by name where only one cookie is meant."""
    jar = EMPTY_JAR.after(["sid=old-secret", "SRV=replica-01"], host="h", path="/", now_s=0)
    lines = ["sid = new-secret ; Path=/", "other=thing"]

    assert {"old-secret", "replica-01", "new-secret", "thing"} == secrets_of([jar], lines, None)
    assert {"old-secret", "new-secret"} == secrets_of([jar], lines, "sid")
