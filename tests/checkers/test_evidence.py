"""Evidence: what each kind of operation proves, by its outcome, by what it showed, and by where it was asked."""

import numpy as np
import pytest
from tests.checkers.operations import op

from outlast.checkers import evidence
from outlast.checkers.evidence import evidence_of, failed_of, roles_of, roles_of_case
from outlast.history.columns import Columns
from outlast.history.operation import Jar, Kind, Outcome, Seen

WORDS = (
    "READ", "WRITE", "WRITE_MAYBE", "WRITE_FAILED", "INCREMENT", "INCREMENT_MAYBE", "INCREMENT_FAILED", "ALIVE", "GONE",
    "RECREATED", "LOGIN_OK", "LOGIN", "LOGOUT_OK", "LOGOUT", "KEPT_JAR", "JUDGED", "OK", "USED", "STORED", "MAY_USE",
    "MAY_STORE", "SHOWN", "UNKNOWN", "A_LOGIN", "STREAM", "ASSET", "TOOK_COOKIE", "FAILED", "MISSING",
)  # fmt: skip


def words(roles: int) -> str:
    """Bits -> their names."""
    return " ".join(word for word in WORDS if int(roles) & getattr(evidence, word))


def told(**fields):
    """What one read that saw the session alive is evidence of, over its kind's own; with these fields besides."""
    kind = fields.pop("kind", "read")
    at = fields.pop("at", (0, 1))
    columns = Columns.of([op(kind, at, **{"seen": "alive", **fields})])
    return set(words(evidence_of(columns)[0]).split())


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("login ok alive", "LOGIN_OK LOGIN JUDGED OK USED STORED MAY_USE MAY_STORE SHOWN A_LOGIN"),
        ("login ok", "LOGIN_OK LOGIN JUDGED OK USED STORED MAY_USE MAY_STORE A_LOGIN"),
        ("login ok anonymous", "LOGIN_OK LOGIN JUDGED OK MAY_USE MAY_STORE SHOWN A_LOGIN"),
        ("login ok recreated", "LOGIN_OK LOGIN JUDGED OK MAY_USE MAY_STORE SHOWN A_LOGIN"),
        ("login fail", "JUDGED A_LOGIN"),
        ("login fail alive", "JUDGED MAY_USE SHOWN A_LOGIN"),
        ("login fail anonymous", "JUDGED SHOWN A_LOGIN"),
        ("login unknown", "LOGIN JUDGED MAY_USE MAY_STORE UNKNOWN A_LOGIN"),
        ("login ok alive kept", "LOGIN_OK LOGIN KEPT_JAR JUDGED OK USED STORED MAY_USE MAY_STORE SHOWN A_LOGIN"),
        ("login ok anonymous kept", "LOGIN_OK LOGIN KEPT_JAR JUDGED OK MAY_USE MAY_STORE SHOWN A_LOGIN"),
        ("login ok alive store", "LOGIN MAY_USE MAY_STORE A_LOGIN"),
        ("login ok anonymous replica", "LOGIN MAY_USE MAY_STORE A_LOGIN"),
        ("login ok recreated store", "LOGIN MAY_USE MAY_STORE A_LOGIN"),
        ("login ok store", "LOGIN MAY_USE MAY_STORE A_LOGIN"),
        ("login unknown store", "LOGIN MAY_USE MAY_STORE UNKNOWN A_LOGIN"),
        ("login fail store", "A_LOGIN"),
        ("read ok alive", "READ ALIVE JUDGED OK USED MAY_USE SHOWN"),
        ("read ok", "READ JUDGED OK MAY_USE"),
        ("read ok anonymous", "GONE JUDGED OK MAY_USE SHOWN"),
        ("read ok recreated", "GONE RECREATED JUDGED OK MAY_USE SHOWN"),
        ("read fail", "JUDGED"),
        ("read fail alive", "ALIVE JUDGED MAY_USE SHOWN"),
        ("read fail anonymous", "GONE JUDGED SHOWN"),
        ("read unknown", "JUDGED MAY_USE UNKNOWN"),
        ("read unknown alive", "JUDGED MAY_USE UNKNOWN"),
        ("read ok alive kept", "ALIVE KEPT_JAR JUDGED OK USED MAY_USE SHOWN"),
        ("read ok anonymous kept", "GONE KEPT_JAR JUDGED OK MAY_USE SHOWN"),
        ("read ok alive store", "MAY_USE"),
        ("read ok anonymous replica", "MAY_USE"),
        ("read ok recreated store", "MAY_USE"),
        ("read ok store", "MAY_USE"),
        ("read unknown store", "MAY_USE UNKNOWN"),
        ("read fail store", ""),
        ("write ok alive", "WRITE ALIVE JUDGED OK USED STORED MAY_USE MAY_STORE SHOWN"),
        ("write ok", "WRITE JUDGED OK USED STORED MAY_USE MAY_STORE"),
        ("write ok anonymous", "WRITE_MAYBE GONE JUDGED OK MAY_USE MAY_STORE SHOWN"),
        ("write ok recreated", "WRITE_MAYBE GONE RECREATED JUDGED OK MAY_USE MAY_STORE SHOWN"),
        ("write fail", "WRITE_FAILED JUDGED"),
        ("write fail alive", "WRITE_FAILED ALIVE JUDGED MAY_USE SHOWN"),
        ("write fail anonymous", "WRITE_FAILED GONE JUDGED SHOWN"),
        ("write unknown", "WRITE_MAYBE JUDGED MAY_USE MAY_STORE UNKNOWN"),
        ("write ok alive kept", "WRITE_MAYBE ALIVE KEPT_JAR JUDGED OK USED STORED MAY_USE MAY_STORE SHOWN"),
        ("write ok anonymous kept", "WRITE_MAYBE GONE KEPT_JAR JUDGED OK MAY_USE MAY_STORE SHOWN"),
        ("write ok alive store", "WRITE_MAYBE MAY_USE MAY_STORE"),
        ("write ok anonymous replica", "WRITE_MAYBE MAY_USE MAY_STORE"),
        ("write ok recreated store", "WRITE_MAYBE MAY_USE MAY_STORE"),
        ("write ok store", "WRITE_MAYBE MAY_USE MAY_STORE"),
        ("write unknown store", "WRITE_MAYBE MAY_USE MAY_STORE UNKNOWN"),
        ("write fail store", "WRITE_FAILED"),
        ("increment ok alive", "INCREMENT ALIVE JUDGED OK USED STORED MAY_USE MAY_STORE SHOWN"),
        ("increment ok anonymous", "INCREMENT_MAYBE GONE JUDGED OK MAY_USE MAY_STORE SHOWN"),
        ("increment fail", "INCREMENT_FAILED JUDGED"),
        ("increment unknown", "INCREMENT_MAYBE JUDGED MAY_USE MAY_STORE UNKNOWN"),
        ("increment ok alive kept", "INCREMENT_MAYBE ALIVE KEPT_JAR JUDGED OK USED STORED MAY_USE MAY_STORE SHOWN"),
        ("increment ok store", "INCREMENT_MAYBE MAY_USE MAY_STORE"),
        ("logout ok alive", "ALIVE LOGOUT_OK LOGOUT JUDGED OK MAY_USE SHOWN"),
        ("logout ok", "LOGOUT_OK LOGOUT JUDGED OK MAY_USE"),
        ("logout ok anonymous", "GONE LOGOUT_OK LOGOUT JUDGED OK MAY_USE SHOWN"),
        ("logout ok recreated", "GONE RECREATED LOGOUT_OK LOGOUT JUDGED OK MAY_USE SHOWN"),
        ("logout fail", "JUDGED"),
        ("logout fail alive", "ALIVE JUDGED MAY_USE SHOWN"),
        ("logout fail anonymous", "GONE JUDGED SHOWN"),
        ("logout unknown", "LOGOUT JUDGED MAY_USE UNKNOWN"),
        ("logout ok alive kept", "ALIVE LOGOUT_OK LOGOUT KEPT_JAR JUDGED OK MAY_USE SHOWN"),
        ("logout ok anonymous kept", "GONE LOGOUT_OK LOGOUT KEPT_JAR JUDGED OK MAY_USE SHOWN"),
        ("logout ok alive store", "LOGOUT MAY_USE"),
        ("logout ok anonymous replica", "LOGOUT MAY_USE"),
        ("logout ok recreated store", "LOGOUT MAY_USE"),
        ("logout ok store", "LOGOUT MAY_USE"),
        ("logout unknown store", "LOGOUT MAY_USE UNKNOWN"),
        ("logout fail store", ""),
        ("asset ok alive", "ALIVE JUDGED OK USED MAY_USE SHOWN ASSET"),
        ("asset ok", "JUDGED OK MAY_USE ASSET"),
        ("asset ok anonymous", "GONE JUDGED OK MAY_USE SHOWN ASSET"),
        ("asset fail", "JUDGED ASSET"),
        ("asset unknown", "JUDGED MAY_USE UNKNOWN ASSET"),
        ("asset ok alive store", "MAY_USE ASSET"),
        ("stream ok alive", "ALIVE JUDGED OK USED MAY_USE SHOWN STREAM"),
        ("stream ok", "JUDGED OK MAY_USE STREAM"),
        ("stream ok anonymous", "GONE JUDGED OK MAY_USE SHOWN STREAM"),
        ("stream fail", "JUDGED STREAM"),
        ("stream unknown", "JUDGED MAY_USE UNKNOWN STREAM"),
        ("stream ok alive store", "MAY_USE STREAM"),
    ],
)  # fmt: skip
def test_what_an_operation_proves(case, expected):
    """Of a logout, a write or a login "may" is wherever it was sent; what it surely did is known at the balancer."""
    kind, outcome, *rest = case.split()
    seen = next((Seen(word) for word in rest if word in tuple(Seen)), None)
    via = next((word for word in rest if word in ("store", "replica")), "balancer").replace("replica", "replica:")

    assert expected == words(roles_of_case(Kind(kind), Outcome(outcome), seen, Jar(rest[-1]) if rest[-1:] == ["kept"]
                                           else Jar.BROWSER, via))  # fmt: skip


def test_each_bit_is_its_own():
    """No two words share one."""
    assert [1 << i for i in range(len(WORDS))] == sorted(getattr(evidence, word) for word in WORDS)


def test_operations_are_looked_up_one_by_one():
    """All of them, or some rows."""
    operations = [
        op("read", (0, 1), seen="anonymous", jar="kept"), op("write", (1, 2), via="store"), op("logout", (2, 3)),
        op("asset", (3, 4), via="replica:app-1", outcome="fail"), op("stream", (4, None), outcome="unknown"),
    ]  # fmt: skip
    columns = Columns.of(operations)
    expected = ["GONE KEPT_JAR JUDGED OK MAY_USE SHOWN", "WRITE_MAYBE MAY_USE MAY_STORE",
                "LOGOUT_OK LOGOUT JUDGED OK MAY_USE", "ASSET", "JUDGED MAY_USE UNKNOWN STREAM"]  # fmt: skip

    assert expected == [words(roles) for roles in roles_of(columns)]
    assert expected[1:3] == [words(roles) for roles in roles_of(columns, slice(1, 3))]
    assert [expected[4], expected[0]] == [words(roles) for roles in roles_of(columns, np.array([4, 0]))]


@pytest.mark.parametrize("cookie", ["deleted", "replaced", "kept"])
def test_an_answer_that_deleted_or_replaced_the_cookie_took_it(cookie):
    """One that left it alone did not."""
    assert (cookie != "kept") == ("TOOK_COOKIE" in told(cookie=cookie))


@pytest.mark.parametrize(
    ("fields", "failed"),
    [
        ({"outcome": "unknown"}, True),
        ({"outcome": "fail", "seen": None}, True),
        ({"outcome": "fail"}, False),
        ({"outcome": "fail", "seen": None, "status": 499}, False),
        ({"outcome": "fail", "seen": None, "status": 500}, True),
        ({"status": 499}, False),
        ({"status": 500}, True),
        ({}, False),
        ({"seen": None}, False),
    ],
)
def test_refused_cut_timed_out_and_5xx_failed(fields, failed):
    """An app's "no" is an answer."""
    columns = Columns.of([op("read", (0, 1), **{"seen": "alive", **fields})])

    assert failed == ("FAILED" in told(**fields)) == failed_of(columns).tolist()[0]


def test_an_asset_that_the_balancer_answered_with_404_is_missing():
    """Not anything else, nor any other answer."""
    assert "MISSING" in told(kind="asset", status=404)
    assert "MISSING" not in told(kind="asset", status=403)
    assert "MISSING" not in told(kind="read", status=404)
    assert "MISSING" not in told(kind="asset", status=404, via="replica:app-1")
    assert "MISSING" not in told(kind="stream", status=404, via="store")


def test_what_was_never_answered_showed_nothing():
    """Whatever it claims; one that surely failed did not even use the session."""
    never = {"at": (0, None), "outcome": "fail"}

    assert {"JUDGED"} == told(**never)
    assert {"JUDGED"} == told(**never, seen="recreated")
    assert {"JUDGED", "MAY_USE", "UNKNOWN", "FAILED"} == told(at=(0, None), outcome="unknown")
    assert {"JUDGED", "MAY_USE", "ALIVE", "SHOWN"} == told(outcome="fail")


def test_one_that_was_never_answered_takes_nothing_from_the_others():
    """Row by row."""
    columns = Columns.of(
        [
            op("read", (0, None), outcome="unknown"),
            op("read", (1, 2), seen="alive"),
            op("read", (1, None), outcome="fail"),
            op("read", (1, 2), outcome="fail", seen="alive"),
        ]
    )

    assert [False, True, False, True] == [bool(roles & evidence.ALIVE) for roles in evidence_of(columns).tolist()]
    assert [True, True, False, True] == [bool(roles & evidence.MAY_USE) for roles in evidence_of(columns).tolist()]
