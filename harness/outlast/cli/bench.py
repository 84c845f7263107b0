"""Measure what Outlast claims of itself, with medians of several runs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from outlast.bench.catalogue import NAMES, benchmark
from outlast.bench.figure import Figure
from outlast.bench.machine import commit, machine
from outlast.errors import UsageError


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)} (default: all of them)")
    parser.add_argument(
        "--only", metavar="FAULT[,FAULT]", default="", help="of the faults measure these alone (outlast bench faults)"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")


def act(chosen: argparse.Namespace) -> int:
    if chosen.runs < 1:
        raise UsageError(f"--runs {chosen.runs}: each must be measured at least once.")
    figures: list[Figure] = []
    console = Console()
    only = tuple(name for name in chosen.only.split(",") if name)
    names = chosen.names or (["faults"] if only else NAMES)
    measures = [(name, benchmark(name, only, console.print)) for name in names]
    for name, measure in measures:
        with console.status(f"measuring {name}"):
            figures += measure(chosen.runs)
    console.print(_table(figures))
    if chosen.json:
        document = {"machine": machine(), "commit": commit(), "figures": [asdict(figure) for figure in figures]}
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


def _table(figures: list[Figure]) -> Table:
    table = Table(Column("figure", overflow="fold"), "value", "unit", "min", "max", "runs")
    for figure in figures:
        table.add_row(
            figure.name,
            *(f"{x:,.4g}" if abs(x) < 1e6 else f"{x:,.0f}" for x in (figure.value,)),
            figure.unit,
            f"{figure.min:,.4g}",
            f"{figure.max:,.4g}",
            str(figure.runs),
        )
    return table
