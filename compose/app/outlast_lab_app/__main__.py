"""Start the app as the environment says, and stop it without cutting anyone off."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from types import FrameType

import uvicorn

from outlast_lab_app.app import App, Identity
from outlast_lab_app.assets import OwnAssets, SharedAssets
from outlast_lab_app.limiter import limiter_of
from outlast_lab_app.settings import Settings, SettingsError, from_environment
from outlast_lab_app.stores.store import open_store
from outlast_lab_app.streams import Streams


class Server(uvicorn.Server):
    """uvicorn, but a first SIGTERM only begins the drain: health says 503, everybody is still served for `drain_s`.

    Then it stops to listen, finishes what is in flight, and ends. A second signal ends it at once.
    """

    def __init__(self, config: uvicorn.Config, app: App, drain_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_s = drain_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop is None or self._app.draining or sig == signal.SIGINT:
            self.should_exit = self.force_exit = True
            return
        self._app.draining = True
        self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        assert self._loop is not None
        self._loop.call_later(self._drain_s, self._stop)
        self._draining = self._loop.create_task(self._app.drain())

    def _stop(self) -> None:
        self.should_exit = True


def main() -> None:
    """Serve until told to stop; exit code 2 and one sentence when a setting is no good."""
    try:
        settings = from_environment(os.environ)
        store, assets = open_store(settings), _assets(settings)
    except (SettingsError, OSError) as error:  # OSError: a folder cannot be used
        print(f"outlast_lab_app: {error}", file=sys.stderr)  # noqa: T201  # a command's own words
        sys.exit(2)
    identity = Identity(settings.replica, secrets.token_hex(4), settings.build)
    print(f"{identity.replica}: boot {identity.boot}, build {identity.build}, store {settings.store}", file=sys.stderr)  # noqa: T201  # the log's first line
    streams = Streams(settings.twin, settings.stream_copies)
    app = App(store, identity, assets, streams, limiter_of(settings))
    server = Server(_config(app, settings), app, settings.drain_s)
    server.run()
    if not server.started:
        sys.exit(3)


def _assets(settings: Settings) -> OwnAssets | SharedAssets:
    if settings.assets_folder is not None:
        return SharedAssets(settings.assets_folder, settings.build)
    return OwnAssets(settings.assets)


def _config(app: App, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        # A connection that lies idle is the balancer's to close. Were it the app's, it would close one now and then
        # just as a request comes down it, and that would fail with no fault at all.
        timeout_keep_alive=3600,
    )


if __name__ == "__main__":
    main()
