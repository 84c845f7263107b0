"""Sessions in the cookie itself, signed with a key that this process makes when it starts: it alone can read them."""

from __future__ import annotations

import secrets

from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.jwt import JwtStore


def make(settings: Settings) -> JwtStore:
    """A key that nobody else has, and that dies with the process."""
    return JwtStore(secrets.token_urlsafe(48))
