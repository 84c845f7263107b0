"""Look at a Compose project and write an outlast.yaml and a first experiment for it; nothing of it is changed."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from outlast.cli.say import say
from outlast.errors import FormatError, StackError, UnknownName, UsageError
from outlast.stacks.compose.command import find
from outlast.stacks.proposing import Proposal, Proposed, propose
from outlast.stacks.stack import Role

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
EXPERIMENT = "test_sessions_outlast.py"
WAIT_S = 60


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--compose", action="append", type=Path, metavar="FILE", help=f"default: {', '.join(NAMES)}")
    parser.add_argument("--door", metavar="SERVICE:PORT", help="where users knock")
    parser.add_argument(
        "--role", action="append", default=[], metavar="SERVICE=ROLE", help="balancer, replica, store or other"
    )
    parser.add_argument("--name", help="of the stack (default: the project's)")
    parser.add_argument("--force", action="store_true", help="write over files that are there")


def act(chosen: argparse.Namespace) -> int:
    files = chosen.compose or _found()
    config = _resolved(files)
    proposal = _chosen(propose(config), chosen)
    name = _name(chosen.name or str(config.get("name") or files[0].resolve().parent.name))
    folder = files[0].parent
    written = {folder / "outlast.yaml": _yaml(name, files, folder, proposal), folder / EXPERIMENT: _EXPERIMENT}
    for file in written:
        if file.exists() and not chosen.force:
            raise UsageError(f"{file} is there already; --force writes over it.")
    for service, one in proposal.services.items():
        say(f"{service:<20} {one.role.value:<9} {one.why}")
    for file, text in written.items():
        file.write_text(text, encoding="utf-8")
        say(f"wrote {file}")
    for doubt in proposal.doubts:
        say(f"look: {doubt}")
    say("Next: say under `recipe` how to log in and who one is, then `outlast validate`, `outlast probe`, and")
    say(f"`outlast run {folder / EXPERIMENT} --stack {folder / 'outlast.yaml'}`.")
    return 0


def _found() -> list[Path]:
    for name in NAMES:
        if Path(name).is_file():
            return [Path(name)]
    raise UsageError("There is no Compose file here: say --compose FILE.")


def _resolved(files: list[Path]) -> dict[str, Any]:
    """What Compose itself makes of the files."""
    for file in files:
        if not file.is_file():
            raise FormatError(str(file), None, "is no file.")
    named = [part for file in files for part in ("-f", str(file))]
    try:
        printed = find().run([*named, "config", "--format", "json"], environment={}, timeout_s=WAIT_S)
    except StackError as error:
        raise FormatError(str(files[0]), None, f"Compose refuses it: {str(error).splitlines()[-1]}") from error
    config: dict[str, Any] = json.loads(printed)
    return config


def _chosen(proposal: Proposal, chosen: argparse.Namespace) -> Proposal:
    """What the user says, over what was guessed."""
    services = dict(proposal.services)
    for text in chosen.role:
        service, _, word = text.partition("=")
        if service not in services:
            raise UnknownName("service", service, services)
        if word not in {role.value for role in Role}:
            raise UnknownName("role", word, [role.value for role in Role])
        services[service] = Proposed(Role(word), "you said so", services[service].kind, services[service].port)
    door = proposal.door
    if chosen.door:
        door, _, port = chosen.door.partition(":")
        if door not in services or not port.isdecimal():
            raise UsageError(f"--door must be SERVICE:PORT, of {', '.join(services)}; it is {chosen.door!r}.")
        services[door] = replace(services[door], port=int(port))
    doubts = tuple(doubt for doubt in proposal.doubts if not (chosen.door and "--door" in doubt))
    return Proposal(services, door, doubts)


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._") or "stack"


def _yaml(name: str, files: list[Path], folder: Path, proposal: Proposal) -> str:
    compose = ", ".join(json.dumps(_from(file, folder)) for file in files)
    door = proposal.door or "SERVICE"
    port = proposal.services[door].port if proposal.door else None
    lines = [
        "# How Outlast drives this project; nothing of it is edited. `outlast validate` says what is wrong here.",
        f"name: {json.dumps(name)}",
        f"compose: [{compose}]",
        f"door: {{service: {json.dumps(door)}, port: {port or 80}}}" + ("" if port else "   # a guess"),
        "services:",
    ]
    for service, one in proposal.services.items():
        parts = [f"role: {one.role.value}"]
        parts += [f"kind: {one.kind.value}"] if one.kind else []
        parts += [f"port: {one.port}"] if one.port and one.role is not Role.BALANCER else []
        lines.append(f"  {json.dumps(service)}: {{{', '.join(parts)}}}   # {one.why}")
    return "\n".join(lines) + _RECIPE


def _from(file: Path, folder: Path) -> str:
    try:
        return str(file.resolve().relative_to(folder.resolve()))
    except ValueError:
        return str(file.resolve())


_RECIPE = """
# How to speak to the app: `outlast probe` tries it, one user by hand. docs/own-stack.md has all that can be said.
recipe:
  session: {cookie: session}               # the cookie that is the session
  accounts: {name: "user{number}", password: "password{number}"}   # or {csv: users.csv}
  gone: [{status: 401}, {redirect: "/login*"}]   # how the app answers who is not logged in
  login:
    - post: /login
      form: {username: "{name}", password: "{password}"}
  read:
    steps: [{get: /me}]
    user: {json: $.username}
"""

_EXPERIMENT = '''"""A replica dies: do the sessions outlast it?"""

from outlast import Kill, Load, one


def test_sessions_outlast_a_killed_replica(conduct):
    """Killing any one replica loses no session and no acknowledged write."""
    outcome = conduct(faults=[Kill(one("replica"))], load=Load(sessions=100, seconds=15))

    outcome.must_lose_nothing()
'''
