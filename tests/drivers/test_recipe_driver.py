"""The driver that a recipe makes, on a real small shop: what it sends, and what it makes of the answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.drivers.shops import API, PAGES, recipe, shop

from outlast.drivers.driver import Act
from outlast.drivers.jar import EMPTY_JAR
from outlast.drivers.recipe_driver import RecipeDriver
from outlast.errors import FormatError
from outlast.history.operation import Kind, Outcome, Seen
from outlast.runner.entry import Entry
from outlast.runner.probe import attempt

ALL = frozenset({Kind.LOGIN, Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT})


def driver_of(base, **changed):
    return RecipeDriver(recipe(base, **changed), Path())


def test_a_user_of_pages_logs_in_writes_counts_and_leaves():
    """By form and cookie; every answer means what the page shows."""
    driver = driver_of(PAGES)
    with shop("needs-csrf") as at:
        jar = attempt(driver, Entry(at), Act(kind=Kind.LOGIN, user="u7"), EMPTY_JAR).jar
        before = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u7"), jar).answer
        wrote = attempt(driver, Entry(at), Act(kind=Kind.WRITE, user="u7", token="t-1"), jar).answer
        counted = attempt(driver, Entry(at), Act(kind=Kind.INCREMENT, user="u7", attempt="a-1"), jar).answer
        after = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u7"), jar).answer
        left = attempt(driver, Entry(at), Act(kind=Kind.LOGOUT, user="u7"), jar)
        gone = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u7"), jar).answer

    assert ALL == driver.can
    assert ("u7", Seen.ALIVE, True, None, 0) == (
        before.user, before.seen, before.has_value, before.value, before.counter,
    )  # fmt: skip
    assert [(Outcome.OK, None)] * 2 == [(wrote.outcome, wrote.seen), (counted.outcome, counted.seen)]
    assert 1 == counted.counter
    assert ("t-1", 1) == (after.value, after.counter)
    assert (Outcome.OK, []) == (left.answer.outcome, [name for name in left.jar.names if name == "sid"])
    assert (Outcome.FAIL, Seen.ANONYMOUS) == (gone.outcome, gone.seen)


def test_a_token_is_held_beside_the_cookies_and_sent_by_the_recipe():
    """And is what the session is; without it the app answers 401."""
    driver = driver_of(API)
    with shop() as at:
        jar = attempt(driver, Entry(at), Act(kind=Kind.LOGIN, user="u7"), EMPTY_JAR).jar
        known = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u7"), jar).answer
        forged = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u7"), jar.holding([("bearer", "forged")])).answer

    assert [driver.session_cookie] == jar.names
    assert "" == jar.header("/api/me", 0.0)
    assert ("u7", Seen.ALIVE) == (known.user, known.seen)
    assert (Outcome.FAIL, Seen.ANONYMOUS) == (forged.outcome, forged.seen)


def test_somebody_else_s_name_is_told_as_the_app_says_it():
    """The account's own name is the harness's user; any other may be a leak."""
    driver = driver_of(PAGES)
    with shop() as at:
        jar = attempt(driver, Entry(at), Act(kind=Kind.LOGIN, user="u7"), EMPTY_JAR).jar
        told = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u8"), jar).answer.user

    assert "shopper-7" == told


@pytest.mark.parametrize(
    ("habit", "changed", "kind"),
    [
        ("login-says-200", {"accounts": {"password": "wrong"}}, Kind.LOGIN),
        (
            "needs-csrf",
            {"login": [{"post": "/login", "form": {"user": "{name}", "password": "{password}"}}]},
            Kind.LOGIN,
        ),
        ("forgets", {"gone": [{"status": [401]}]}, Kind.READ),
    ],
)
def test_what_is_not_as_expected_is_unknown(habit, changed, kind):
    """Neither a success nor a lost session: an error page proves nothing."""
    driver = driver_of(PAGES, **changed)
    with shop(habit) as at:
        jar = attempt(driver, Entry(at), Act(kind=Kind.LOGIN, user="u7"), EMPTY_JAR)
        answer = (
            jar.answer if kind is Kind.LOGIN else attempt(driver, Entry(at), Act(kind=kind, user="u7"), jar.jar).answer
        )

    assert (Outcome.UNKNOWN, None) == (answer.outcome, answer.seen)


def test_an_answer_of_ten_megabytes_and_broken_bytes_is_read_as_far_as_it_goes():
    """Bounded, and what stands at its beginning is found."""
    driver = driver_of(PAGES)
    with shop("chatty") as at:
        jar = attempt(driver, Entry(at), Act(kind=Kind.LOGIN, user="u7"), EMPTY_JAR).jar
        tried = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u7"), jar)

    assert ("u7", Seen.ALIVE) == (tried.answer.user, tried.answer.seen)
    assert len(tried.jar.names) <= 50


def test_a_redirect_in_circles_ends():
    """After as many as the step follows."""
    driver = driver_of(PAGES, read={**PAGES["read"], "steps": [{"get": "/page", "follow": 5}]})
    with shop("loops") as at:
        tried = attempt(driver, Entry(at), Act(kind=Kind.READ, user="u7"), EMPTY_JAR)

    assert (6, Outcome.UNKNOWN) == (len(tried.exchanges), tried.answer.outcome)


def test_accounts_come_from_a_file_in_turn(tmp_path):
    """Its names and passwords; a file that has none is told in a sentence."""
    (tmp_path / "users.csv").write_text("name,password,mail\nann,pw-ann,a@x\nbob,pw-bob,b@x\n")
    driver = RecipeDriver(recipe(PAGES, accounts={"csv": "users.csv"}), tmp_path)
    with shop() as at:
        told = []
        for user in ("u0", "u1", "u2"):
            jar = attempt(driver, Entry(at), Act(kind=Kind.LOGIN, user=user), EMPTY_JAR).jar
            told.append(attempt(driver, Entry(at), Act(kind=Kind.READ, user="nobody"), jar).answer.user)
    (tmp_path / "users.csv").write_text("mail\n")

    assert ["ann", "bob", "ann"] == [name if name != "nobody" else "ann" for name in told]
    with pytest.raises(FormatError, match=r"users\.csv:1: must begin with a line that names"):
        RecipeDriver(recipe(PAGES, accounts={"csv": "users.csv"}), tmp_path)
