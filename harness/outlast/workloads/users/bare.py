"""The same scenario as plain Locust has it, for the bench to compare with: FastHttpUser, closed loop, nothing recorded.

Run as `python -c "import locust; from outlast.workloads.users.bare import main; main(host, users, seconds)"`; prints
the operations per second after a warm-up of one second. Only answers of status 200 count.
"""

from __future__ import annotations

import time
from typing import Final

import gevent
import locust
from locust.env import Environment

WARM_UP_S: Final = 1.0


def main(host_url: str, users: int, seconds: float) -> None:
    """Drive the lab's API at that address as fast as it goes."""
    done = 0

    class Bare(locust.FastHttpUser):
        host = host_url
        wait_time = locust.constant(0)

        def on_start(self) -> None:
            self.client.post("/login", data={"user": f"u{id(self)}"})

        @locust.task(50)
        def read(self) -> None:
            count(self.client.get("/me"))

        @locust.task(25)
        def write(self) -> None:
            count(self.client.put("/value", data=f"t{time.monotonic_ns()}", headers={"Content-Type": "text/plain"}))

        @locust.task(24)
        def increment(self) -> None:
            count(self.client.post("/increment", headers={"Idempotency-Key": f"k{time.monotonic_ns()}"}))

    def count(response: locust.contrib.fasthttp.FastResponse) -> None:
        nonlocal done
        done += response.status_code == 200

    runner = Environment(user_classes=[Bare], host=host_url).create_local_runner()
    runner.start(users, spawn_rate=users)
    gevent.sleep(WARM_UP_S)
    before, began = done, time.monotonic()
    gevent.sleep(seconds)
    print((done - before) / (time.monotonic() - began), flush=True)  # noqa: T201 - this is the result
    runner.quit()
