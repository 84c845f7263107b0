"""A plain HTTP object server: PUT keeps a file under a name, GET gives it back. It stands where an S3 bucket would."""

from __future__ import annotations

import os
import re
import secrets
import sys
from pathlib import Path
from typing import Final

import uvicorn

from outlast_lab_app import http

_NAME: Final = re.compile(r"/[0-9a-zA-Z][0-9a-zA-Z._-]{0,127}")


class Objects:
    """The ASGI application; every object is a file in one folder, replaced in one step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        if scope["type"] != "http":
            return
        try:
            status, body = self._answer(await http.read(scope, receive))
        except http.Refused as refused:
            status, body = refused.status, refused.why.encode()
        except http.Gone:
            return
        await http.answer(send, status, body, [(b"content-type", b"application/octet-stream")])

    def _answer(self, request: http.Request) -> tuple[int, bytes]:
        if request.path == "/health":
            return 200, b""
        if _NAME.fullmatch(request.path) is None:
            return 404, b"no such object"
        file = self._folder / request.path[1:]
        if request.method == "PUT":
            draft = file.with_name(f".{secrets.token_hex(8)}")
            draft.write_bytes(request.body)
            draft.replace(file)
            return 201, b""
        if request.method == "GET":
            return (200, file.read_bytes()) if file.is_file() else (404, b"no such object")
        return 405, b"GET or PUT"


def main() -> None:
    """Serve until told to stop."""
    folder = Path(os.environ.get("OUTLAST_DATA", "/data"))
    folder.mkdir(parents=True, exist_ok=True)
    host, port = os.environ.get("OUTLAST_HOST", "127.0.0.1"), int(os.environ.get("OUTLAST_PORT", "9000"))
    uvicorn.run(
        Objects(folder),
        host=host,
        port=port,
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    sys.exit(0)


if __name__ == "__main__":
    main()
