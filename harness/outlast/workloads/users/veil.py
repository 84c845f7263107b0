"""Keeps cookies out of what is written down, also when an app echoes them in its answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from outlast.drivers.jar import Jar

SECRET_LEAST: Final = 8
"""Shorter values are no secrets (flags, languages)."""
PART_LEAST: Final = 16
"""So much of a secret is as good as the secret; drivers cut long texts, so an echo may be a part."""


def veiled(string: str, secrets: Iterable[str]) -> str:
    """The string, or its digest in the place of it when it gives one of the secrets away."""
    part = string[:PART_LEAST] if len(string) >= PART_LEAST else None
    for secret in secrets:
        if len(secret) >= SECRET_LEAST and (secret in string or (part is not None and part in secret)):
            return f"(a cookie, sha256 {hashlib.sha256(string.encode(errors='replace')).hexdigest()[:16]})"
    return string


def secrets_of(jars: Iterable[Jar], lines: Iterable[str], name: str | None) -> set[str]:
    """Cookie values that were sent or received; only those under `name`, if one is given.

    The lines count beside the jars: a jar that was full may have dropped what they set.
    """
    values = {value for jar in jars for value in jar.values(name)}
    for line in lines:
        key, _, value = line.partition(";")[0].partition("=")
        if name is None or key.strip() == name:
            values.add(value.strip())
    return values
