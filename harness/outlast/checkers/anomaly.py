"""The closed list of anomalies, each with its meaning and its default gate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Anomaly(StrEnum):
    """A named kind of finding, as formats.md 2 names it."""

    LOST_SESSION = "lost-session"
    RECREATED_SESSION = "recreated-session"
    FLICKERING_SESSION = "flickering-session"
    CLIENT_EVICTED = "client-evicted"
    LOGIN_NOT_STORED = "login-not-stored"
    LOST_WRITE = "lost-write"
    LOST_UPDATE = "lost-update"
    STALE_READ = "stale-read"
    NON_MONOTONIC_READ = "non-monotonic-read"
    LATE_WRITE = "late-write"
    GARBAGE_READ = "garbage-read"
    ABORTED_READ = "aborted-read"
    FUTURE_READ = "future-read"
    SESSION_LEAK = "session-leak"
    RESURRECTED_SESSION = "resurrected-session"
    PREMATURE_EXPIRY = "premature-expiry"
    LATE_EXPIRY = "late-expiry"
    DUPLICATE_EXECUTION = "duplicate-execution"
    SPLIT_BRAIN = "split-brain"
    STUCK_USER = "stuck-user"
    FAILED_REQUEST = "failed-request"
    AFFINITY_FLAP = "affinity-flap"
    RELOGIN_STORM = "relogin-storm"
    MISSING_ASSET = "missing-asset"
    VERSION_SKEW = "version-skew"
    CUT_STREAM = "cut-stream"
    LOST_MESSAGE = "lost-message"
    DUPLICATE_MESSAGE = "duplicate-message"

    @property
    def meaning(self) -> str:
        """One line for tables and reports."""
        return RULES[self].meaning

    @property
    def default_limit(self) -> float | None:
        """How many `outlast check` allows; None: not gated unless asked."""
        return RULES[self].limit


@dataclass(frozen=True, slots=True)
class Rule:
    """What an anomaly means, and what its gate is when the user sets none."""

    meaning: str
    limit: float | None = 0
    waivable: bool = True


RULES: dict[Anomaly, Rule] = {
    Anomaly.LOST_SESSION: Rule("seen anonymous, nothing explains it, never seen alive again"),
    Anomaly.RECREATED_SESSION: Rule("lost, and a new empty session was put in its place"),
    Anomaly.FLICKERING_SESSION: Rule("seen gone unexplained, and alive later"),
    Anomaly.CLIENT_EVICTED: Rule("the answer that hid it took the cookie away, while the kept cookie still works"),
    Anomaly.LOGIN_NOT_STORED: Rule("login acknowledged, the session never seen alive"),
    Anomaly.LOST_WRITE: Rule("an acknowledged value, not legally overwritten, that no later read returns"),
    Anomaly.LOST_UPDATE: Rule("an acknowledged increment or effect missing later"),
    Anomaly.STALE_READ: Rule("an older value than acknowledged, and the newer one came back"),
    Anomaly.NON_MONOTONIC_READ: Rule("one session saw a newer value and then an older one"),
    Anomaly.LATE_WRITE: Rule("an older write of unknown outcome overtook a newer one"),
    Anomaly.GARBAGE_READ: Rule("a value that nobody wrote"),
    Anomaly.ABORTED_READ: Rule("the value of a write that surely failed"),
    Anomaly.FUTURE_READ: Rule("the value of a write that had not begun"),
    Anomaly.SESSION_LEAK: Rule("another user's or session's identity, value or effect", waivable=False),
    Anomaly.RESURRECTED_SESSION: Rule("alive after a logout had surely taken effect", waivable=False),
    Anomaly.PREMATURE_EXPIRY: Rule("gone before its time to live allows"),
    Anomaly.LATE_EXPIRY: Rule("alive after its time to live"),
    Anomaly.DUPLICATE_EXECUTION: Rule("one attempt took effect twice"),
    Anomaly.SPLIT_BRAIN: Rule("two histories of one session that cannot be one"),
    Anomaly.STUCK_USER: Rule("no request of the session succeeded after heal, while others' did"),
    Anomaly.FAILED_REQUEST: Rule("refused, cut, timed out or 5xx", limit=None),
    Anomaly.AFFINITY_FLAP: Rule("a user's server changed more than once per fault, or without one", limit=None),
    Anomaly.RELOGIN_STORM: Rule("logins per second above twice the steady rate after the fault", limit=None),
    Anomaly.MISSING_ASSET: Rule("a page's own asset answered 404"),
    Anomaly.VERSION_SKEW: Rule("a session or asset of one build refused or misread by another"),
    Anomaly.CUT_STREAM: Rule("an open stream ended early", limit=None),
    Anomaly.LOST_MESSAGE: Rule("a gap in a stream after resuming"),
    Anomaly.DUPLICATE_MESSAGE: Rule("a repetition in a stream after resuming"),
}
"""The default gates of `outlast check`; an experiment may set its own."""
