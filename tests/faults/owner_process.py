"""A small harness that opens a stack, harms it as told, says how far it came, and waits to be killed.

python owner_process.py ENGINE FOLDER RUN_ID [FAULT ...]

ENGINE may be the path of an outlast.yaml whose project runs already.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from outlast.faults.aim import named
from outlast.faults.catalogue import fault
from outlast.faults.guard import guarded
from outlast.stacks.engine import open_own, open_stack
from outlast.stacks.own import read_own


def main(engine: str, folder: Path, run_id: str, faults: list[str]) -> None:
    kind = "compose" if engine.endswith(".yaml") else engine
    with guarded(folder / "ledger.ndjson", run_id, kind) as ledger:
        if engine.endswith(".yaml"):
            stack = open_own("compose", read_own(Path(engine)), run_id, folder)
        else:
            stack = open_stack(engine, "sticky-disk", run_id, folder)
        try:
            print("starting", flush=True)
            stack.start()
            print("standing", flush=True)
            for name, node in zip(faults, stack.nodes()[1:], strict=False):
                harm = fault(name, named(node.name))
                ledger.begin(harm.undo(stack, node), stack.state(node))
                assert harm.strike(stack, node).holds
                print(name, flush=True)
            time.sleep(60)
        finally:
            stack.remove()
            print("removed", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
