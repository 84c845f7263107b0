"""One operation from its intent to its answer: journaled before it is sent, and once more when the answer is there."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from typing import Final

from outlast.drivers.driver import Act, Driver
from outlast.drivers.jar import Jar, fate
from outlast.history.columns import ABSENT, COOKIES, JARS, KINDS, NEVER, NONE_YET, OUTCOMES, SEEN, VIAS, Stream
from outlast.history.journal_layout import Table
from outlast.history.journal_names import NameWriter
from outlast.history.journal_writer import JournalWriter
from outlast.history.operation import VIA_BALANCER, VIA_REPLICA, Cookie, Kind, Outcome, Seen
from outlast.history.operation import Jar as JarKind
from outlast.workloads.users.connection import Connection
from outlast.workloads.users.conversation import UNKNOWN_ANSWER, Said, converse
from outlast.workloads.users.veil import secrets_of, veiled

_KIND: Final = {kind: KINDS.index(kind) for kind in KINDS}
_OUTCOME: Final = {outcome: OUTCOMES.index(outcome) for outcome in OUTCOMES}
_SEEN: Final = {seen: SEEN.index(seen) for seen in SEEN}
_COOKIE: Final = {cookie: COOKIES.index(cookie) for cookie in COOKIES}
_JAR: Final = {jar: JARS.index(jar) for jar in JARS}
_OF_NODES: Final = frozenset((Table.NODES, Table.BOOTS, Table.BUILDS))
_BALANCER: Final = VIAS.index(VIA_BALANCER)
_REPLICA: Final = VIAS.index(VIA_REPLICA)


@dataclass(slots=True)
class Question:
    """One operation to do. `session`: its number; `seat`: its account; `replica`: the one asked directly, if any."""

    kind: Kind
    session: int
    seat: int
    jar: Jar
    intended_ns: int | None = None
    presented: JarKind = JarKind.BROWSER
    replica: str | None = None
    with_effects: bool = False
    slow_s: float = 0.0
    as_page: bool = False
    path: str = ""
    cost_s: float = 0.0


@dataclass(slots=True)
class Reply:
    """What became of it. `replica`: the number of the one that answered, or ABSENT. `failed`: no usable answer."""

    outcome: Outcome
    seen: Seen | None
    jar: Jar
    replica: int
    failed: bool
    assets: tuple[str, ...] = ()
    assets_later: tuple[str, ...] = ()

    @property
    def acknowledged(self) -> bool:
        """The app says that it was done, and in the session that was meant."""
        return self.outcome is Outcome.OK and (self.seen is None or self.seen is Seen.ALIVE)


class Asker:
    """Asks one app on behalf of all virtual users of this process."""

    def __init__(self, journal: JournalWriter, driver: Driver, timeout_s: float) -> None:
        self._journal = journal
        self._driver = driver
        self._timeout_s = timeout_s
        self.replica_names: dict[int, str] = {}

    def ask(self, question: Question, connection: Connection, client: int) -> Reply:
        """Do it. Raises LoadError alone."""
        journal, kind = self._journal, question.kind
        token = journal.tokens.fresh() if kind is Kind.WRITE else ABSENT
        attempt = journal.attempts.fresh() if kind is Kind.INCREMENT else ABSENT
        act = Act(
            kind=kind,
            user=journal.users.string(question.seat),
            token=journal.tokens.string(token) if token >= 0 else None,
            attempt=journal.attempts.string(attempt) if attempt >= 0 else None,
            with_effects=question.with_effects,
            slow_s=question.slow_s,
            as_page=question.as_page,
            path=question.path,
            cost_s=question.cost_s,
        )
        slot = self.intend(question, client, token, attempt)
        said = converse(self._driver, act, connection, question.jar, connection.host, self._timeout_s)
        return self.record(slot, question, said, NEVER if said.timed_out else time.monotonic_ns(), token)

    def intend(self, question: Question, client: int, token: int = ABSENT, attempt: int = ABSENT) -> int:
        """Journal that it is about to be sent -> its slot."""
        journal = self._journal
        direct = question.replica is not None
        node = journal.nodes.number(question.replica) if question.replica is not None else ABSENT
        invoked_ns = time.monotonic_ns()
        # A timer may wake us a little early; nothing is sent before it was due.
        intended_ns = invoked_ns if question.intended_ns is None else min(question.intended_ns, invoked_ns)
        return journal.intend(
            _KIND[question.kind],
            question.session,
            client,
            intended_ns,
            invoked_ns,
            value=token,
            attempt=attempt,
            user=_account(question),
            jar=_JAR[question.presented],
            via=_REPLICA if direct else _BALANCER,
            via_node=node,
        )

    def record(
        self,
        slot: int,
        question: Question,
        said: Said,
        returned_ns: int,
        token: int = ABSENT,
        stream: Stream | None = None,
    ) -> Reply:
        """Journal what came of it."""
        try:
            return self._record(slot, question, said, returned_ns, token, stream)
        except (struct.error, TypeError, KeyError, AttributeError):  # a user's driver put something odd into its answer
            said.answer = UNKNOWN_ANSWER
            return self._record(slot, question, said, returned_ns, token, stream)

    def _record(
        self, slot: int, question: Question, said: Said, returned_ns: int, token: int, stream: Stream | None
    ) -> Reply:
        user = _account(question)
        journal, answer = self._journal, said.answer
        number = _Numbers(question.jar, said, self._driver.session_cookie)
        if question.kind is not Kind.WRITE:
            token = ABSENT
            if answer.has_value:
                token = NONE_YET if answer.value is None else number.of(journal.tokens, answer.value)
        if question.kind is not Kind.LOGIN:
            user = number.of(journal.users, answer.user)
        replica = number.of(journal.nodes, answer.replica)
        if replica >= 0 and replica not in self.replica_names:
            self.replica_names[replica] = number.told(answer.replica or "", of_node=True)
        effects = answer.effects
        journal.answer(
            slot,
            _OUTCOME[answer.outcome],
            returned_ns,
            seen=_SEEN[answer.seen],
            value=token,
            counter=ABSENT if answer.counter is None else answer.counter,
            user=user,
            cookie=_COOKIE[self._fate(question, said.jar)],
            replica=replica,
            boot=number.of(journal.boots, answer.boot),
            build=number.of(journal.builds, answer.build),
            path=number.of(journal.paths, question.path or None),
            status=said.status,
            effects=None if effects is None else [number.of(journal.attempts, effect) for effect in effects],
            effects_offset=answer.effects_offset,
            stream=stream,
        )
        failed = answer.outcome is Outcome.UNKNOWN or (answer.outcome is Outcome.FAIL and not said.status)
        assets, later = answer.assets, answer.assets_later
        return Reply(answer.outcome, answer.seen, said.jar, replica, failed, assets, later)

    def _fate(self, question: Question, after: Jar) -> Cookie:
        if question.kind is Kind.LOGIN or question.jar is after:
            return Cookie.KEPT
        return fate(self._driver.session_cookie, question.jar, after, time.time())


def _account(question: Question) -> int:
    """Who logs in; other operations intend no user."""
    return question.seat if question.kind is Kind.LOGIN else ABSENT


class _Numbers:
    """Strings of one answer -> their numbers in the journal, with the cookies of this conversation kept out of it."""

    __slots__ = ("_before", "_said", "_session_cookie")

    def __init__(self, before: Jar, said: Said, session_cookie: str) -> None:
        self._before = before
        self._said = said
        self._session_cookie = session_cookie

    def of(self, names: NameWriter, string: str | None) -> int:
        if string is None:
            return ABSENT
        number = names.known(string)
        if number is None:
            number = names.number(self.told(string, of_node=names.table in _OF_NODES))
        return number

    def told(self, string: str, *, of_node: bool) -> str:
        """What may be written of it. A balancer's cookie names a node: there only the session's own is a secret."""
        jars = (self._before, self._said.jar)
        return veiled(string, secrets_of(jars, self._said.lines, self._session_cookie if of_node else None))
