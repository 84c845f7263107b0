"""Sessions in this process's memory, under a signed token that tells whoever reads it which replica that is."""

from __future__ import annotations

import secrets

import jwt

from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.jwt import key_of
from outlast_lab_app.stores.memory import MemoryStore
from outlast_lab_app.token import ALGORITHM


def make(settings: Settings) -> MemoryStore:
    """As the store `memory`; `SettingsError` without a key. Nothing but the name of the replica can be read from a
    token: a balancer sends its holder there, and that replica knows the token or does not."""
    key = key_of(settings)

    def signed() -> str:
        return jwt.encode({"at": settings.replica, "id": secrets.token_hex(16)}, key, algorithm=ALGORITHM)

    return MemoryStore("x" * settings.session_bytes, signed)
