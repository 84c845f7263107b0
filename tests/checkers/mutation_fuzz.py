"""The mutants that the table tests let live meet the fuzz and its witnesses, each in a process of its own; a command.

    cd mutants/mutants && PYTHONPATH=src:. python -m tests.checkers.mutation_fuzz src/outlast/checkers

Reads the outcomes of a mutation run and writes `fuzz.json` beside them: mutant -> what killed it, "" for nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.checkers import fuzz_recovery, test_effects_naming, test_register_naming
from tests.checkers.fuzz import compare
from tests.checkers.models import MODELS
from tests.checkers.mutation_score import FUZZ_FILE, SURVIVED, UNTESTED, outcomes
from tests.checkers.witness import WHOLE, witnesses

SECONDS_MAX = 60
"""A mutant that makes the fuzz so slow is dead: it ends within two seconds else."""
BATCH = 500
OF_FILE = {
    "register": ("register", "same-tokens", "session-order", "eventual"),
    "session_order": ("session-order", "eventual"),
    "counter": ("counter", "mixed-counter"),
    "counter_blind": ("blind-counter", "mixed-counter"),
    "counter_mixed": ("mixed-counter",),
    "effects": ("effects", "mixed-counter"),
    "slots": ("counter", "mixed-counter", "effects"),
    "retries": ("counter", "blind-counter", "mixed-counter", "effects"),
    "lifecycle": ("life", "lifecycle"),
    "endings": ("lifecycle", "life"),
    "expiry": ("lifecycle",),
    "premature": ("lifecycle",),
    "told": ("lifecycle", "register"),
    "identity": ("identity",),
    "requests": ("requests",),
    "affinity": ("affinity",),
    "streams": ("streams",),
}
"""A file (or what its name begins with, up to an underscore) -> the models that meet it; all others meet all models."""


def _holds(test: Callable[[], None]) -> bool:
    try:
        test()
    except AssertionError:
        return False
    return True


NAMING: dict[str, Callable[[], bool]] = {
    "register": lambda: _holds(lambda: test_register_naming.name_by_name(800, range(2))),
    "effects": lambda: _holds(lambda: test_effects_naming.name_by_name(2000, range(2), least=0)),
}
"""Models whose findings are named again from their operations; `make mutants` leaves these tests out, as they are
long."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sessions", type=int, default=2000, help="of each model that meets the mutant's file")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    file = chosen.folder / FUZZ_FILE
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    left = [
        (mutant, models_of(name.removesuffix(".py")))
        for name, codes in outcomes(chosen.folder)
        for mutant, code in codes.items()
        if code in SURVIVED + UNTESTED and mutant not in known
    ]
    with ProcessPoolExecutor(chosen.processes) as pool:
        waiting = {pool.submit(killer_of, mutant, models, chosen.sessions): mutant for mutant, models in left}
        for done in as_completed(waiting):
            mutant = waiting[done]
            known[mutant] = done.result()
            file.write_text(json.dumps(known, indent=0))
            print(mutant, known[mutant] or "lives", flush=True)
    return 0


def models_of(file: str) -> Sequence[str]:
    """A file of the checkers -> the models whose fuzz meets it."""
    return OF_FILE.get(file) or OF_FILE.get(file.partition("_")[0]) or tuple(MODELS)


def killer_of(mutant: str, models: Sequence[str], sessions: int) -> str:
    """Which model disagreed with its oracle, or that it crashed or hung; "" if none did."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.environ["MUTANT_UNDER_TEST"] = mutant
        signal.alarm(SECONDS_MAX)
        with os.fdopen(os.open(os.devnull, os.O_WRONLY), "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
            os.dup2(nowhere.fileno(), sys.stderr.fileno())
        os.write(writer, _killer(mutant, models, sessions).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        killer = told.read()
    _, status = os.waitpid(child, 0)
    return killer if os.waitstatus_to_exitcode(status) == 0 else "hung or died"


def _killer(mutant: str, models: Sequence[str], sessions: int) -> str:
    try:
        if ".recovery." in mutant and any(_differs(seed) for seed in range(3000)):
            return "recovery"
        batches = 1 if len(models) == len(MODELS) else sessions // BATCH
        for seed in range(batches):
            for model in models:
                if compare(model, seed, BATCH).differing:
                    return model
                if seed == 0 and model in NAMING and not NAMING[model]():
                    return f"{model}, names"
                if model not in WHOLE and not all(one.proves and one.small for one in witnesses(model, seed, BATCH)):
                    return f"{model}, witness"
    except Exception as error:
        return type(error).__name__
    return ""


def _differs(seed: int) -> bool:
    one = fuzz_recovery.compare(seed)
    return one.judge_s != one.oracle_s


if __name__ == "__main__":
    sys.exit(main())
