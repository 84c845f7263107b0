"""`outlast VERB ...`: finds the verb, turns a user's mistake into one sentence and exit code 2."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from outlast.cli.say import complain
from outlast.errors import OutlastError

VERBS = (
    "run",
    "plan",
    "check",
    "report",
    "export",
    "lab",
    "matrix",
    "selftest",
    "doctor",
    "sweep",
    "bench",
    "init",
    "validate",
    "probe",
)

EXIT_CODES = "exit codes: 0 pass or promise kept, 1 fail or not kept, 2 error (it could not run), 3 inconclusive"


def main(arguments: Sequence[str] | None = None) -> int:
    """Arguments -> exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # A verb's own imports take up to a second: only the one that was asked for is loaded, all of them for the help.
    parser = _parser([words[0]] if words and words[0] in VERBS else VERBS)
    chosen, rest = parser.parse_known_args(words)
    if rest and not getattr(chosen, "takes_rest", False):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    chosen.rest = rest
    try:
        code: int = chosen.act(chosen)
        sys.stdout.flush()
    except OutlastError as error:
        complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        complain("stopped by the user.")
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader (head) has gone; nobody to tell
        return 2
    return code


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="outlast",
        description="When a server dies, restarts or is deployed, does the user's session outlast it?",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"outlast {version('outlast')}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for name in names:
        verb = importlib.import_module(f"outlast.cli.{name}")
        sub = verbs.add_parser(
            name, help=(verb.__doc__ or "").splitlines()[0], description=verb.__doc__, epilog=EXIT_CODES
        )
        verb.describe(sub)
        sub.set_defaults(act=verb.act)
    return parser
