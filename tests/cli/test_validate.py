"""`outlast validate`: all that is wrong at once, with line and column, and never a traceback."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.cli.bad_configurations import mutated, refused
from tests.drivers.shops import API, PAGES

from outlast.cli.main import main
from outlast.drivers.recipe import Recipe

WRONG = """\
name: shop
compose: [compose.yaml]
door: {service: proxy, port: 80}
services:
  proxy: {role: balancr}
  web-1: {role: replica, prt: 3000}
recipe:
  session: {cookie: sid}
  login:
    - get: /login
      take: {csrf: {css: "input[name=csrf]", attribute: value}}
    - post: /login
      expct: {status: 302}
  read:
    steps: [{get: me}]
    user: {json: $.user, css: b}
waivers:
  - {gate: lost-session, reason: because, until: someday}
"""
GOOD = Path(__file__).parents[2] / "compose" / "examples" / "django" / "outlast.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text("services: {proxy: {image: a}, web: {image: b}}\n")
    (tmp_path / "outlast.yaml").write_text(WRONG)
    return tmp_path / "outlast.yaml"


def test_all_that_is_wrong_is_told_at_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its place, and what was meant."""
    code = main(["validate", str(project)])
    told = [line.partition("outlast.yaml:")[2] for line in capsys.readouterr().err.splitlines()]

    assert 2 == code
    assert [
        "5:11: services.proxy.role: 'balancr' is none of balancer, replica, store, spare, other "
        "(did you mean 'balancer'?).",
        "6:3: services.web-1: no Compose file has this service (did you mean 'web'?).",
        "6:26: services.web-1.prt: nobody knows this name (did you mean 'port'?).",
        "13:7: recipe.login.1.expct: nobody knows this name (did you mean 'expect'?).",
        "15:14: recipe.read.steps.0.get: 'me' is no path on the server, such as /login.",
        "16:5: recipe.read.user: say one of json, css, regex and header.",
    ] == told[:6]
    assert told[6].startswith("18:43: waivers.0.until: ")


def test_a_name_that_nobody_knows_is_found_in_texts_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A place to fill that no step before it takes."""
    text = WRONG.replace("expct: {status: 302}", 'form: {csrf: "{csfr}"}').replace("get: me", "get: /me")
    project.write_text(text.replace("$.user, css: b", "$.user"))
    main(["validate", str(project)])

    assert "login, step 2: nobody knows {csfr} (did you mean 'csrf'?)" in capsys.readouterr().err


def test_what_is_well_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    """The example's."""
    assert 0 == main(["validate", str(GOOD)])
    assert "is well" in capsys.readouterr().out


def test_the_schema_for_editors_knows_what_the_models_know(capsys: pytest.CaptureFixture[str]) -> None:
    """Every name of the example is in it, the recipe's too, and it allows no others."""
    assert 0 == main(["validate", "--schema"])
    schema = json.loads(capsys.readouterr().out)

    assert {"name", "compose", "door", "services", "recipe", "gates", "waivers", "load"} <= set(schema["properties"])
    assert {"login", "read", "session", "gone"} <= set(schema["properties"]["recipe"]["properties"])
    assert "json" in schema["$defs"]["Taking"]["properties"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["recipe"]["additionalProperties"] is False


@pytest.mark.parametrize("base", [PAGES, API])
def test_the_recipes_of_the_tests_are_recipes(base: dict[str, object]) -> None:
    """So that what is changed in them is what is wrong."""
    assert Recipe.model_validate(base)


def test_no_mutated_file_brings_a_traceback(tmp_path: Path) -> None:
    """Each is well, or refused with a line."""
    words = [refused(text, tmp_path) for text in mutated(GOOD.read_text(), count=400, seed=3)]

    assert 200 < len([word for word in words if word])
    assert [] == [word for word in words if word and not re.match(r".*outlast\.yaml:\d+(:\d+)?: ", word)]
