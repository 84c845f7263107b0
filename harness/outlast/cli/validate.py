"""Check an outlast.yaml: everything that is wrong in it at once, each with its line and column."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from outlast.cli.say import complain, say
from outlast.drivers.catalogue import complaints_about_recipe
from outlast.drivers.recipe import Recipe
from outlast.errors import nearest
from outlast.placed_yaml import Complaint, PlacedYaml, read_placed
from outlast.stacks import own


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default=Path("outlast.yaml"), type=Path, help="default: outlast.yaml")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument("--schema", action="store_true", help="print the file's JSON schema, for editors, and stop")


def act(chosen: argparse.Namespace) -> int:
    if chosen.schema:
        say(json.dumps(schema(), indent=1))
        return 0
    placed = read_placed(chosen.file)
    wrong = sorted({*own.complaints_about(placed), *complaints_about_recipe(placed), *_strangers(placed)})
    if chosen.json:
        say(json.dumps([{"file": placed.source, **asdict(one)} for one in wrong], indent=1))
    for one in [] if chosen.json else wrong:
        complain(f"{placed.source}:{one.line}:{one.column}: {one.what}.")
    if not wrong and not chosen.json:
        say(f"{placed.source} is well. What it says of the app, `outlast probe` tries.")
    return 2 if wrong else 0


def schema() -> dict[str, Any]:
    """The schema of the whole file, its recipe included."""
    whole, recipe = own.schema(), Recipe.model_json_schema(by_alias=True)
    whole["$defs"] = {**recipe.pop("$defs", {}), **whole.get("$defs", {})}
    whole["properties"]["recipe"] = {**recipe, "description": "How to speak to the app."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "title": "outlast.yaml"}


def _strangers(placed: PlacedYaml) -> list[Complaint]:
    """Services that no Compose file names. What Compose makes of includes and extensions is not known here, so it
    speaks only where every file is plain."""
    values = placed.values if isinstance(placed.values, dict) else {}
    files, services = values.get("compose"), values.get("services")
    if not isinstance(files, list) or not isinstance(services, dict):
        return []
    known: set[str] = set()
    for name in files:
        try:
            compose = yaml.safe_load((Path(placed.source).parent / str(name)).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError, UnicodeDecodeError, ValueError):
            return []
        if not isinstance(compose, dict) or "include" in compose or not isinstance(compose.get("services"), dict):
            return []
        known |= {str(service) for service in compose["services"]}
    return [
        Complaint(
            *placed.place_of(("services", str(name))),
            f"services.{name}: no Compose file has this service{nearest(str(name), known)}",
        )
        for name in services
        if str(name) not in known
    ]
