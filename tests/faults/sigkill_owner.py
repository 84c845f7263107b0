"""A harness that harms and heals an attached project without end, says each step aloud, and waits to be killed.

python sigkill_owner.py OUTLAST_YAML FOLDER RUN_ID SEED FAULT [FAULT ...]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

from tests.faults.cast import cast

from outlast.faults.fault import prepare
from outlast.faults.guard import guarded
from outlast.faults.ledger import Ledger
from outlast.stacks.engine import open_own
from outlast.stacks.own import read_own


def main(description: Path, folder: Path, run_id: str, seed: int, names: list[str]) -> None:
    dice = random.Random(seed)
    with guarded(folder / "ledger.ndjson", run_id, "compose") as ledger:
        stack: Any = open_own("compose", read_own(description), run_id, folder)
        try:
            stack.start()
            say("attached")
            while True:
                harm_and_heal(stack, ledger, dice.choice(names), dice)
        finally:
            stack.remove()


def harm_and_heal(stack: Any, ledger: Ledger, name: str, dice: random.Random) -> None:
    """As a run does it: make ready, record, strike, heal, record."""
    fault, node = cast(name, stack, dice)
    prepare(fault, stack, node)
    before = stack.state(node)
    say(f"recording {name}")
    entry = ledger.begin(fault.undo(stack, node), before)
    say("recorded")
    onset = fault.strike(stack, node)
    say("struck" if onset.holds else f"not struck: {onset.evidence}")
    heal = fault.heal(stack, node, before)
    say("healed" if heal.holds else f"not healed: {heal.evidence}")
    if heal.holds:
        ledger.undone(entry)


def say(what: str) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:])
