"""What is taken out of an answer: by JSON path, CSS selector, regular expression, or from a header."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Annotated, Final, Self

from jsonpath_ng import JSONPath
from jsonpath_ng.parser import parse as parse_json_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from selectolax.lexbor import LexborHTMLParser

from outlast.drivers.driver import Response

BODY_BYTES_MOST: Final = 1024 * 1024
TAKEN_MOST: Final = 4096
"""A longer text is no token and no name; it is not taken."""


def _is_path(text: str) -> str:
    try:
        parse_json_path(text)
    except Exception as error:  # the library raises whatever its lexer and parser raise
        raise ValueError(f"{text!r} is no JSON path such as $.user.name") from error
    return text


def _is_pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression ({error})") from error
    if groups != 1:
        raise ValueError(f"{text!r} must have one group, which is what is taken; it has {groups}")
    return text


def _is_selector(text: str) -> str:
    try:
        LexborHTMLParser("<p></p>").css_first(text)
    except Exception as error:  # whatever the parser in C raises
        raise ValueError(f"{text!r} is no CSS selector such as input[name=csrf]") from error
    return text


class Taking(BaseModel):
    """One of json, css, regex, header. attribute: of a CSS selector, else the element's text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    json_path: Annotated[str, AfterValidator(_is_path)] | None = Field(default=None, alias="json")
    css: Annotated[str, AfterValidator(_is_selector)] | None = None
    attribute: str | None = None
    regex: Annotated[str, AfterValidator(_is_pattern)] | None = None
    header: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in ("json_path", "css", "regex", "header") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("say one of json, css, regex and header")
        if self.attribute is not None and self.css is None:
            raise ValueError("an attribute is of a css selector")
        return self

    def taken(self, response: Response) -> str | None:
        """What is there, as a text; None where there is nothing, or nothing that fits."""
        found = self._found(response)
        return None if found is None or len(found) > TAKEN_MOST else found

    def _found(self, response: Response) -> str | None:
        if self.header is not None:
            return response.headers.get(self.header.lower())
        body = response.body[:BODY_BYTES_MOST]
        if self.json_path is not None:
            return _in_json(_path(self.json_path), body)
        text = body.decode("utf-8", "replace")
        if self.regex is not None:
            match = re.search(self.regex, text)
            return match[1] if match else None
        element = LexborHTMLParser(text).css_first(self.css or "")
        if element is None:
            return None
        return element.attributes.get(self.attribute) if self.attribute else str(element.text(strip=True))


@cache
def _path(text: str) -> JSONPath:
    return parse_json_path(text)


def _in_json(path: JSONPath, body: bytes) -> str | None:
    try:
        found = path.find(json.loads(body))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError, IndexError):
        return None
    if not found or found[0].value is None:
        return None
    value = found[0].value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
