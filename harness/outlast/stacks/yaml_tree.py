"""Compose files merged into one tree that is asked for typed values and says where a wrong one stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from outlast.errors import FormatError


@dataclass(frozen=True, slots=True)
class Tree:
    """A mapping of a YAML file, with the file's name and the way to it (`services.app-1`) for errors."""

    source: str
    where: str
    values: Mapping[str, object]

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def raw(self, key: str) -> object:
        """Whatever stands there, or None."""
        return self.values.get(key)

    def child(self, key: str) -> Tree:
        """The mapping under a key; an empty one when it is absent."""
        value = self.values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self._wrong(key, "a mapping", value)
        return Tree(self.source, self._at(key), value)

    def children(self) -> Iterator[tuple[str, Tree]]:
        """Every entry as a mapping; an entry without a body (`volumes: {data:}`) is an empty one."""
        for key in self.values:
            yield key, self.child(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; `FormatError` when it is absent and has no default."""
        value = self.values.get(key, default)
        if value is False:  # YAML reads an unquoted `no` as false, and Compose takes it as the word
            return "no"
        if not isinstance(value, str):
            raise self._wrong(key, "a text", value)
        return value

    def integer(self, key: str) -> int:
        """A whole number."""
        value = self.values.get(key)
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, "a whole number", value)
        return value

    def items(self, key: str) -> list[object]:
        """A list; empty when it is absent."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(key, "a list", value)
        return value

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A mapping of texts, such as an environment; a key without a value is left out."""
        return tuple((name, _scalar(value)) for name, value in self.child(key).values.items() if value is not None)

    def seconds(self, key: str, default: float) -> float:
        """A duration in Compose's notation: `5s`, `1m30s`, `500ms`."""
        if key not in self:
            return default
        text = str(self.values[key])
        parts = re.findall(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)", text)
        if not parts or "".join(number + unit for number, unit in parts) != text:
            raise self._wrong(key, "a duration such as 5s or 1m30s", text)
        units = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
        return sum(float(number) * units[unit] for number, unit in parts)

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def _wrong(self, key: str, wanted: str, value: object) -> FormatError:
        found = "it is absent" if value is None else f"it is {value!r}"
        return FormatError(self.source, None, f"{self._at(key)} must be {wanted}; {found}.")


def merged(files: Sequence[Path], variables: Mapping[str, str]) -> Tree:
    """Later files over earlier ones: mappings merge deeply, lists of volumes are appended, all else is replaced."""
    whole: dict[str, object] = {}
    for file in files:
        whole = _over(whole, _load(file, variables))
    return Tree(source=" + ".join(file.name for file in files), where="", values=whole)


def _load(file: Path, variables: Mapping[str, str]) -> dict[str, object]:
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(str(file), None, f"it cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        problem = getattr(error, "problem", error)
        raise FormatError(str(file), line, f"it is no YAML that we can read: {problem}.") from error
    if not isinstance(loaded, dict):
        raise FormatError(str(file), None, "it must be a mapping with services.")
    return _mapping(loaded, variables)


def _mapping(value: Mapping[object, object], variables: Mapping[str, str]) -> dict[str, object]:
    """The same tree with text keys, variables filled, and `environment: [A=1]` turned into a mapping."""
    return {str(name): _plain(child, variables, str(name)) for name, child in value.items()}


def _plain(value: object, variables: Mapping[str, str], key: str = "") -> object:
    if isinstance(value, dict):
        return _mapping(value, variables)
    if isinstance(value, list):
        if key == "environment":
            return dict(_pair(str(entry), variables) for entry in value)
        return [_plain(child, variables) for child in value]
    return _filled(value, variables) if isinstance(value, str) else value


def _pair(entry: str, variables: Mapping[str, str]) -> tuple[str, str | None]:
    name, equals, value = entry.partition("=")
    return name, _filled(value, variables) if equals else variables.get(name)


def _filled(text: str, variables: Mapping[str, str]) -> str:
    """`$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}` filled; `$$` is a dollar."""

    def one(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        name = match["braced"] or match["bare"]
        value = variables.get(name)
        if value is None or (match["mark"] == ":-" and not value):
            return match["default"] or ""
        return value

    return re.sub(
        r"\$(?:(?P<dollar>\$)|\{(?P<braced>\w+)(?:(?P<mark>:?-)(?P<default>[^}]*))?\}|(?P<bare>[A-Za-z_]\w*))",
        one,
        text,
    )


def _over(under: dict[str, object], upper: dict[str, object]) -> dict[str, object]:
    result = dict(under)
    for key, value in upper.items():
        below = result.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            result[key] = _over(below, value)
        elif key == "volumes" and isinstance(below, list) and isinstance(value, list):
            result[key] = [*below, *(entry for entry in value if entry not in below)]
        else:
            result[key] = value
    return result


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
