"""The door to Jinja2: templates become one self-contained page that fetches nothing and runs only our own script."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from outlast.render import words
from outlast.render.plain import plain

_STYLE: Final = "style.css"
_SCRIPT: Final = "script.js"


def page(template: str, data: object, **context: Any) -> str:
    """Template and what it shows -> HTML. `data` is for the script, as JSON; all else is escaped by the template."""
    style, script = _asset(_STYLE), _asset(_SCRIPT)
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=policy(style, script),
            data=json_for_script(data),
            **context,
        )
    )


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: nothing from anywhere, this one style and this one script."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def json_for_script(data: object) -> Markup:
    """JSON that cannot end the script element it stands in, nor begin a comment there."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - no character of it means anything to HTML


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("outlast.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=words.count,
        share=words.share,
        seconds=words.seconds,
        ms=words.milliseconds,
        since=words.since,
        instant=words.instant,
        listed=words.listed,
        plain=plain,
    )
    environment.globals.update(several=words.several)
    return environment


@cache
def _asset(name: str) -> str:
    return (files("outlast.render") / "templates" / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
