"""The score of a mutation run, per file and in total; a command.

    python -m tests.checkers.mutation_score mutants/mutants/src/outlast/checkers [--survivors]

Score = killed / (killed + survived + untested); a mutant that ran out of time counts as killed, and one that was not
run yet counts for nothing and is told.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SURVIVED, UNTESTED, NOT_RUN = (0,), (5, 33), (None, 2)
"""Exit codes of pytest and of mutmut. All others are kills: a red test, a crash, or no end."""


FUZZ_FILE = "fuzz.json"
"""What `mutation_fuzz` found: mutant -> what killed it."""


def outcomes(folder: Path) -> Iterator[tuple[str, dict[str, int | None]]]:
    """A folder of mutmut's -> each file's name, and its mutants' exit codes by mutant."""
    for meta in sorted(folder.glob("*.py.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        if codes:
            yield meta.name.removesuffix(".meta"), codes


def tally(codes: dict[str, int | None]) -> Counter[str]:
    """Exit codes -> how many were killed, survived, are untested, were not run."""
    words = {code: word for word, several in _WORDS.items() for code in several}
    return Counter(words.get(code, "killed") for code in codes.values())


_WORDS: dict[str, tuple[int | None, ...]] = {"survived": SURVIVED, "untested": UNTESTED, "not run": NOT_RUN}


def _fuzzed(folder: Path) -> dict[str, str]:
    """Mutants that the fuzz met -> what killed them, "" for nothing."""
    file = folder / FUZZ_FILE
    return json.loads(file.read_text()) if file.exists() else {}


def score(counts: Counter[str]) -> float:
    """Counts -> per cent; of nothing, not a number."""
    judged = counts["killed"] + counts["survived"] + counts["untested"]
    return 100 * counts["killed"] / judged if judged else float("nan")


def main() -> int:
    """The command: a Markdown table, and on request the names of the survivors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--survivors", action="store_true", help="name them: `mutmut show NAME` tells what was changed")
    chosen = parser.parse_args()
    fuzzed = _fuzzed(chosen.folder)
    total: Counter[str] = Counter()
    print("| file | killed | survived | untested | not run | score |\n|---|---|---|---|---|---|")
    for name, codes in outcomes(chosen.folder):
        counts = tally(codes | {mutant: 1 for mutant in codes if fuzzed.get(mutant)})
        total += counts
        _print_row(name, counts)
    _print_row("all", total)
    if chosen.survivors:
        for _, codes in outcomes(chosen.folder):
            living = [m for m, code in codes.items() if code in SURVIVED + UNTESTED and not fuzzed.get(m)]
            print(*living, sep="\n", end="\n" * bool(living))
    return 0


def _print_row(name: str, counts: Counter[str]) -> None:
    figures = (counts[word] for word in ("killed", "survived", "untested", "not run"))
    print(f"| {name} | " + " | ".join(str(figure) for figure in figures) + f" | {score(counts):.1f} % |")


if __name__ == "__main__":
    raise SystemExit(main())
