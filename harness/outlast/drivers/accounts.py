"""Who logs in: the account that stands for each of the harness's users."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from outlast.drivers.template import filled
from outlast.errors import FormatError

ACCOUNTS_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the app's."""

    name: str
    password: str


def accounts_in(path: Path) -> Sequence[Account]:
    """A CSV file with the columns name and password (and any others). Raises FormatError with the line."""
    found: list[Account] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or not {"name", "password"} <= set(rows.fieldnames):
                raise FormatError(str(path), 1, "must begin with a line that names the columns name and password.")
            for row in rows:
                if not row["name"] or row["password"] is None:
                    raise FormatError(str(path), rows.line_num, "has no name or no password.")
                found.append(Account(row["name"], row["password"]))
                if len(found) > ACCOUNTS_MOST:
                    raise FormatError(str(path), rows.line_num, f"holds more than {ACCOUNTS_MOST} accounts.")
    except OSError as error:
        raise FormatError(str(path), None, f"cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(str(path), None, f"is no CSV file in UTF-8 ({error}).") from error
    if not found:
        raise FormatError(str(path), 1, "holds no account.")
    return found


@dataclass(frozen=True, slots=True)
class AccountBook:
    """The harness's user -> account: from the file in turn, or made from the texts."""

    name: str
    password: str
    listed: Sequence[Account] = ()

    def account_of(self, user: str) -> Account:
        """One account per user; users beyond the file's length share its accounts from the first on."""
        given = given_of(user)
        if self.listed:
            return self.listed[int(given["number"]) % len(self.listed)]
        name = filled(self.name, given)
        return Account(name, filled(self.password, {**given, "name": name}))


def given_of(user: str) -> Mapping[str, str]:
    """What can be said of a user of the harness's before it is known which account that is."""
    match = re.search(r"[0-9]+$", user)
    return {"user": user, "number": match[0] if match else "0"}
