"""How an answer looks: its status, where it sends one, what its text holds."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from outlast.drivers.driver import Response
from outlast.drivers.taking import BODY_BYTES_MOST

Status = Annotated[int, Field(ge=100, le=599)]


def _some(value: Any) -> Any:
    """One status is a list of one."""
    return [value] if isinstance(value, int) and not isinstance(value, bool) else value


class Match(BaseModel):
    """All that is said must hold. redirect: a pattern of the path that it sends to (`/login*`). holds, lacks: texts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Annotated[list[Status], BeforeValidator(_some)] | None = None
    redirect: str | None = None
    holds: str | None = None
    lacks: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.status is None and self.redirect is None and self.holds is None and self.lacks is None:
            raise ValueError("say at least one of status, redirect, holds and lacks")
        return self

    def fits(self, response: Response) -> bool:
        """Whether the answer looks so."""
        if self.status is not None and response.status not in self.status:
            return False
        if self.redirect is not None:
            sent = response.headers.get("location", "") if 300 <= response.status < 400 else ""
            if not sent or not fnmatchcase(urlsplit(sent).path, self.redirect):
                return False
        if self.holds is None and self.lacks is None:
            return True
        text = response.body[:BODY_BYTES_MOST].decode("utf-8", "replace")
        return (self.holds is None or self.holds in text) and (self.lacks is None or self.lacks not in text)
