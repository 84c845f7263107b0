"""The assets of a page: files whose names hold a digest of what is in them, so that each build has names of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PREFIX: Final = "/assets/"
AT_ONCE: Final = ("app.js", "style.css")
"""What a browser asks for as soon as it has the page."""
LATER: Final = ("chunk.js",)
"""What it asks for when the user gets there, if ever: a tab that was opened before a deployment may do it after."""


class OwnAssets:
    """Those of the builds that this replica holds; of its own alone, where nothing else is said."""

    def __init__(self, builds: Iterable[str]) -> None:
        self._texts = dict(named for build in builds for named in files_of(build))

    def find(self, path: str) -> str | None:
        """Path -> what is there; None when nothing is."""
        return self._texts.get(path.removeprefix(PREFIX))


class SharedAssets:
    """All that any replica ever put into a folder that they share; nobody takes anything out."""

    def __init__(self, folder: Path, build: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files_of(build):
            draft = folder / f".{name}.{id(self)}"
            draft.write_text(text)
            draft.replace(folder / name)

    def find(self, path: str) -> str | None:
        name = path.removeprefix(PREFIX)
        file = self._folder / name
        return file.read_text() if name.isascii() and "/" not in name and name[:1] != "." and file.is_file() else None


def files_of(build: str) -> list[tuple[str, str]]:
    """A build -> the names of its assets, and what is in them."""
    texts = {name: f"/* {name} of build {build} */\n" for name in (*AT_ONCE, *LATER)}
    return [(_hashed(name, text), text) for name, text in texts.items()]


def paths_of(build: str) -> tuple[list[str], list[str]]:
    """A build -> what its page asks for at once, and later."""
    paths = [f"{PREFIX}{name}" for name, _ in files_of(build)]
    return paths[: len(AT_ONCE)], paths[len(AT_ONCE) :]


def _hashed(name: str, text: str) -> str:
    stem, _, kind = name.partition(".")
    return f"{stem}.{hashlib.sha256(text.encode()).hexdigest()[:8]}.{kind}"
