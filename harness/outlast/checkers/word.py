"""What an architecture comes to under a fault, in one word of a closed list, and what that word promises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judgement import Expectation
from outlast.checkers.promise import BROKEN, Loses, Promise

UNAVAILABLE_SHARE: Final = 0.01
"""An architecture that fails more of its requests is unavailable, whatever it keeps."""
WINDOW_S: Final = 2.0
"""How far back a loss inside a window may reach, where its cell says nothing else."""


class Word(StrEnum):
    """The verdicts of a cell of the lab; the name of an anomaly is a word too."""

    OK = "OK"
    OUT = "OUT"
    VICTIMS = "1/N"
    WINDOW = "WIN"
    ALL = "ALL"
    ALWAYS = "ALL+"
    NONE = "n/a"


MEANING: Final = {
    Word.OK: "0 lost, and it stayed available",
    Word.OUT: "0 lost, but unavailable while the fault lasted",
    Word.VICTIMS: "loses exactly the victim's sessions",
    Word.WINDOW: "loses acknowledged writes, and only those inside a window before or during the fault",
    Word.ALL: "loses every session that was alive at the onset",
    Word.ALWAYS: "loses every session, even without a fault",
    Word.NONE: "does not apply",
}
"""What each word means; that of an anomaly is: it shows just that."""
WORDS: Final = (*Word, *Anomaly)
_LOSES: Final = {
    Word.OK: Loses.NOTHING,
    Word.OUT: Loses.NOTHING,
    Word.VICTIMS: Loses.EXACTLY_THE_VICTIMS,
    Word.WINDOW: Loses.RECENT_WRITES,
    Word.ALL: Loses.ALL,
    Word.ALWAYS: Loses.ALL_EVEN_WITHOUT_FAULT,
}
_OF_SERVICE: Final = (Anomaly.STUCK_USER, Anomaly.FAILED_REQUEST, Anomaly.AFFINITY_FLAP, Anomaly.RELOGIN_STORM)
"""They tell how well users were served, not what became of their sessions."""
_BY_STRENGTH: Final = (Word.ALWAYS, Word.ALL, Word.VICTIMS, Word.WINDOW)
"""Of two words that both hold the one that says more; ALL+ is tried only where something was lost before any fault."""


def promise_of_word(
    word: Word | Anomaly, also: Iterable[Anomaly] = (), unavailable: bool = False, younger_than_s: float | None = None
) -> Promise:
    """Word, and what its cell says besides -> what the architecture promises. Raises ValueError for n/a."""
    if word is Word.NONE:
        raise ValueError("what does not apply promises nothing")
    if isinstance(word, Anomaly):
        return Promise(Loses.NOTHING, (word, *also), unavailable, younger_than_s)
    if word is Word.WINDOW and younger_than_s is None:
        younger_than_s = WINDOW_S
    return Promise(_LOSES[word], tuple(also), unavailable or word is Word.OUT, younger_than_s)


def word_of(
    found: Iterable[Anomaly],
    failed_share: float,
    lost_before: bool,
    holds: Callable[[Promise], Expectation],
    younger_than_s: float | None = None,
) -> Word | Anomaly | None:
    """What a history shows, and whether it keeps a promise -> its word; None where nothing was proven.

    found: anomalies that are not allowed, the most frequent first. failed_share: of all requests. lost_before: whether
    something was lost before any fault. younger_than_s: the window of the cell. The words are tried from the one that
    says most; where none holds it is the most frequent loss. Before all of them comes a session-leak: what was told of
    others then says little about what a session kept.
    """
    found = tuple(found)
    if Anomaly.SESSION_LEAK in found:
        return Anomaly.SESSION_LEAK
    beside = tuple(anomaly for anomaly in found if anomaly not in BROKEN)
    broken = [anomaly for anomaly in found if anomaly in BROKEN]
    if not broken:
        if holds(Promise(Loses.NOTHING, beside, True)).kept is None:
            return None
        wrong = [anomaly for anomaly in beside if anomaly not in _OF_SERVICE]
        available = failed_share <= UNAVAILABLE_SHARE and Anomaly.STUCK_USER not in found
        return wrong[0] if wrong else Word.OK if available else Word.OUT
    for word in _BY_STRENGTH:
        if word is not Word.ALWAYS or lost_before:
            window = (younger_than_s or WINDOW_S) if word is Word.WINDOW else None
            if holds(Promise(_LOSES[word], beside, True, window)).kept:
                return word
    return broken[0]
