"""Mutated outlast.yaml files, each read by `validate`: none may end in a traceback; a command.

python -m tests.cli.bad_configurations --files 20000 --seed 1
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from outlast.cli.main import main as outlast

EXAMPLE = Path(__file__).parents[2] / "compose" / "examples" / "django" / "outlast.yaml"
PIECES = (
    "\t", "{", "}", "[", "]", ":", "- ", "null", "~", "true", "1e999", "-1", "0x1F", "2026-99-99", '"', "'", "\x00",
    "!!python/name:os.system", "&a", "*a", "<<: *a", "\u202e", "é", "999999999999999999999999", "{token}", "{nobody}",
    "(", "$.[", "?", "|", ">", "#", "%", "@", "`", "---\n", "...\n", "  ", "\n",
)  # fmt: skip


def mutated(text: str, count: int, seed: int) -> Iterator[str]:
    """So many files with one to four things changed: pieces put in, cut out, doubled, exchanged; or words."""
    dice = random.Random(seed)
    for _ in range(count):
        changed = text
        for _ in range(dice.randint(1, 4)):
            at, width = dice.randrange(len(changed) + 1), dice.choice((1, 1, 3, 20, 200))
            kind = dice.randrange(5)
            if kind == 0:
                changed = changed[:at] + dice.choice(PIECES) + changed[at:]
            elif kind == 1:
                changed = changed[:at] + changed[at + width :]
            elif kind == 2:
                changed = changed[:at] + changed[at : at + width] * 2 + changed[at + width :]
            elif kind == 3:
                changed = changed[:at] + "".join(dice.choice(PIECES) for _ in range(3)) + changed[at + width :]
            else:
                words = re.findall(r"[A-Za-z_.-]{3,}", changed) or ["x"]
                changed = changed.replace(dice.choice(words), dice.choice((*words, *PIECES)), 1)
        yield changed


def refused(text: str, folder: Path) -> str:
    """What the first line of the refusal says; "" for a file that is well. Raises what `validate` must never raise."""
    (folder / "compose.yaml").write_bytes((EXAMPLE.parent / "compose.yaml").read_bytes())
    file = folder / "outlast.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    told, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(said):
        code = outlast(["validate", str(file)])
    assert (code, bool(told.getvalue())) in ((0, False), (2, True)), (code, told.getvalue())
    return told.getvalue().splitlines()[0] if told.getvalue() else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began, wrong, nowhere = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as name:
        for text in mutated(EXAMPLE.read_text(), chosen.files, chosen.seed):
            word = refused(text, Path(name))
            wrong += bool(word)
            nowhere += bool(word) and not re.search(r"outlast\.yaml:\d+", word)
    seconds = time.monotonic() - began
    print(f"{chosen.files:,} files, {wrong:,} refused, {nowhere} of them without a line, 0 tracebacks, {seconds:.0f} s")
    return 1 if nowhere else 0


if __name__ == "__main__":
    sys.exit(main())
