"""The probe on a real small shop: a recipe that fits is well, and of one that does not the cause is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.drivers.shops import API, PAGES, recipe, shop
from tests.workloads.secure import NAME, secured

from outlast.drivers.front import Front
from outlast.drivers.recipe_driver import RecipeDriver
from outlast.runner.probe import probe
from outlast.stacks.stack import Address


def probed(base, *habits, **changed):
    """(what is wrong, all that was told)."""
    told: list[str] = []
    with shop(*habits) as at:
        return probe(RecipeDriver(recipe(base, **changed), Path()), at, told.append), "\n".join(told)


@pytest.mark.parametrize(("base", "habit"), [(PAGES, "needs-csrf"), (PAGES, "rotates"), (API, "")])
def test_a_recipe_that_fits_is_well(base, habit):
    """Also where each answer gives the session another cookie."""
    wrong, told = probed(base, habit)

    assert wrong is None
    assert "u1 logs in:" in told


def test_no_secret_is_shown():
    """A token is hashed; of cookies the names are enough."""
    _, told = probed(API)

    assert "holds bearer (sha256 " in told
    assert "sets csrf" in probed(PAGES)[1]


WRONG = {
    "wrong cookie": (PAGES, "", {"session": {"cookie": "SESSION"}}, "there is no 'SESSION': the cookies are csrf, sid"),
    "login that answers 200 with an error page": (
        PAGES, "login-says-200", {"accounts": {"password": "wrong"}},
        "The login is not as expected (POST /login -> 200",
    ),
    "the same, with nothing expected of it": (
        PAGES,
        "login-says-200",
        {
            "accounts": {"password": "wrong"},
            "login": [PAGES["login"][0], {"post": "/login", "form": {"user": "{name}", "password": "{password}"}}],
        },
        "there is no 'sid': the cookies are csrf",
    ),
    "missing CSRF": (
        PAGES, "needs-csrf", {"login": [{"post": "/login", "form": {"user": "{name}", "password": "{password}"}}]},
        "The login is not as expected (POST /login -> 403",
    ),
    "cached read": (PAGES, "cached-read", {}, "probe-1 was written and None was read"),
    "redirect loop": (
        PAGES, "loops", {"read": {**PAGES["read"], "steps": [{"get": "/page", "follow": 5}]}}, "it sends one on and on",
    ),
    "nothing is kept": (PAGES, "forgets", {}, "Who has just logged in is a stranger"),
    "gone is not known": (PAGES, "", {"gone": [{"status": 401}]}, "say under `gone`"),
    "user is taken from elsewhere": (
        PAGES, "", {"read": {**PAGES["read"], "user": {"css": "h1"}}}, "u1 is answered as 'Shop'",
    ),
    "a write that nobody reads": (
        PAGES, "", {"read": {k: v for k, v in PAGES["read"].items() if k != "value"}}, "read takes no `value`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_the_cause_is_named(case):
    """The first thing that is wrong, with the request and what to look at."""
    base, habit, changed, told = WRONG[case]

    assert told in str(probed(base, habit, **changed)[0])


def test_an_app_that_is_not_there_is_told():
    """Not a traceback."""
    with shop() as at:
        pass

    assert "the app is not reached" in str(probe(RecipeDriver(recipe(PAGES), Path()), at, lambda text: None))


def probed_over_tls(folder, front_of):
    """What is wrong, asked through a real HAProxy that ends TLS; `front_of` takes the CA's file."""
    with shop() as at, secured(Address(at.host, at.port), folder, strict=False) as (door, ca):
        return probe(RecipeDriver(recipe(PAGES), Path()), door, lambda text: None, front_of(str(ca)))


def test_a_door_with_https(tmp_path):
    """By its name, with its CA or with none; Secure cookies are kept."""
    assert probed_over_tls(tmp_path, lambda ca: Front(host=NAME, tls=True, ca=ca)) is None
    assert probed_over_tls(tmp_path, lambda ca: Front(host=NAME, tls=True, verify=False)) is None


@pytest.mark.parametrize(
    ("front_of", "cause"),
    [
        (lambda ca: Front(host=NAME, tls=True), "unable to get local issuer certificate (give door.tls.ca"),
        (lambda ca: Front(host="other.example", tls=True, ca=ca), "not valid for 'other.example'"),
        (lambda ca: Front(host=NAME), "The answer to a stranger is not known as one"),
    ],
)
def test_a_door_with_https_that_is_knocked_at_wrongly(tmp_path, front_of, cause):
    """The cause is named."""
    assert cause in probed_over_tls(tmp_path, front_of)


def test_https_where_none_is_spoken():
    """Named too."""
    with shop() as at:
        wrong = probe(RecipeDriver(recipe(PAGES), Path()), at, lambda text: None, Front(tls=True))

    assert "no TLS is spoken there" in wrong
