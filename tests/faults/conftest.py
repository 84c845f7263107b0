"""What tests of faults need: a standing stack, a client, harness processes to kill, and a look at what is left."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from outlast.errors import EngineError
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.stack import Address, Node, Role, Stack

OWNER = Path(__file__).with_name("owner_process.py")
PATIENCE_S = 10.0
ENGINES = [pytest.param("local", marks=pytest.mark.local), pytest.param("compose", marks=pytest.mark.compose)]


@dataclass(frozen=True, slots=True)
class Client:
    """Asks a node over HTTP, at the address it had when the client was made."""

    address: Address

    def boot(self) -> str | None:
        """The name of the node's start, as its own answer tells it; None when nobody answers within half a second."""
        connection = http.client.HTTPConnection(self.address.host, self.address.port, timeout=0.5)
        try:
            connection.request("GET", "/me")
            return str(json.loads(connection.getresponse().read())["boot"])
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()


class Owner:
    """A harness process of its own, in a process group of its own as a terminal would give it."""

    def __init__(self, engine: str, folder: Path, run_id: str, faults: tuple[str, ...]) -> None:
        self.run_id = run_id
        self.process = subprocess.Popen(
            [sys.executable, str(OWNER), engine, str(folder), run_id, *faults],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def comes_to(self, moment: str) -> None:
        """Wait until it says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == moment:
                return
        assert self.process.stderr is not None
        raise AssertionError(f"it never came to {moment}: {self.process.stderr.read()}")

    def guard(self) -> int:
        """The pid of its guard."""
        (pid,) = [
            pid for pid in _pids() if "outlast.faults.guard" in _command(pid) and self.process.pid == _parent(pid)
        ]
        return pid

    def end(self) -> None:
        """Whatever the test did, it is gone afterwards."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()


class Aftermath:
    """What there still is of a run, seen with the system's own tools and not with ours."""

    def left(self, engine: str, run_id: str) -> list[str]:
        """Processes with its mark, and containers, networks and volumes with its name, labelled or not."""
        mark = f"OUTLAST_RUN={run_id}".encode()
        found = []
        for pid in _pids():
            with contextlib.suppress(OSError):
                if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    found.append(f"process {pid} {_command(pid)}")
        if engine == "compose":
            for kind in (["ps", "-aq"], ["network", "ls", "-q"], ["volume", "ls", "-q"]):
                found += self.docker(*kind, "--filter", f"name=outlast-{run_id}")
        return found

    def first_node(self, engine: str, run_id: str) -> bool:
        """Whether at least one node of it exists already."""
        if engine == "compose":
            return bool(self.docker("ps", "-aq", "--filter", f"label=outlast.run={run_id}"))
        return bool(self.left(engine, run_id))

    def vanishes(self, engine: str, run_id: str) -> list[str]:
        """What is still there after the patience; empty as soon as all is gone."""
        self.wait_for(lambda: not self.left(engine, run_id))
        return self.left(engine, run_id)

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Whether it came true within the patience."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def command_of(self, pid: int) -> str:
        """The command line of a process; empty when it is gone."""
        return _command(pid)

    def docker(self, *words: str) -> list[str]:
        """What the docker command prints, word by word."""
        return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.split()


RECEIVE = """
import select, socket, sys
door = socket.socket(type=socket.SOCK_DGRAM)
door.bind(('0.0.0.0', 9999))
print('ready', flush=True)
received, sending = 0, True
while True:
    ready, _, _ = select.select([door, sys.stdin] if sending else [door], [], [], None if sending else 0.5)
    if door in ready:
        door.recv(9999)
        received += 1
    elif ready:
        sending = False
    else:
        break
print(received)
"""
SEND = """
import socket, sys
door = socket.socket(type=socket.SOCK_DGRAM)
address = socket.gethostbyname(sys.argv[1])
for _ in range(int(sys.argv[2])):
    try:
        door.sendto(b'x' * int(sys.argv[3]), (address, 9999))
    except PermissionError:
        pass
"""
ASK = """
import http.client, sys, time
began = time.monotonic()
door = http.client.HTTPConnection(sys.argv[1], 8000, timeout=15)
door.request('GET', '/health')
door.getresponse().read()
print(time.monotonic() - began)
"""


@dataclass(frozen=True, slots=True)
class Inside:
    """What a node's own programs see of the network: python3 in its own container, not our helper."""

    stack: Stack

    def run(self, name: str, code: str, *words: str) -> str:
        """What a Python program prints there, or the last line of its failure."""
        argv = self._argv(name, code, *words)
        ran = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30)
        return (ran.stdout.strip() or ran.stderr.strip()).splitlines()[-1]

    def connects(self, origin: str, target: str, port: int) -> str:
        """`connected`, or the name of the exception, to a host by its name."""
        return self.run(
            origin,
            "import socket, sys\n"
            "try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 0.7).close()\n"
            "except OSError as error: print(type(error).__name__)\n"
            "else: print('connected')",
            target,
            str(port),
        )

    def datagram_arrives(self, origin: str, target: str) -> bool:
        """Whether one that the origin sends is received by the target, by its name."""
        return self.datagrams_arrived(origin, target, 1) == 1

    def datagrams_arrived(self, origin: str, target: str, sent: int, size: int = 5) -> int:
        """How many of those that the origin sends at once, of so many bytes, the target receives."""
        listening = subprocess.Popen(
            self._argv(target, RECEIVE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert listening.stdout is not None
        assert "ready\n" == listening.stdout.readline()
        subprocess.run(self._argv(origin, SEND, target, str(sent), str(size)), stdin=subprocess.DEVNULL, check=True)
        # It goes on until it hears, by the end of its input, that all were sent.
        return int(listening.communicate(timeout=30)[0])

    def seconds_to_ask(self, origin: str, target: str) -> float:
        """How long the target's answer to a request of the origin takes."""
        return float(self.run(origin, ASK, target))

    def shape(self, name: str, act: str, *words: str) -> None:
        """Set up a queue at the node's eth0 as a stranger would, or delete it."""
        self._apart(name, "tc", "qdisc", act, "dev", "eth0", "root", *words)

    def node(self, name: str) -> Node:
        """The node of that name."""
        return next(node for node in self.stack.nodes() if name == node.name)

    def status(self, name: str) -> int | None:
        """What a login at that replica's own port is answered; None when nothing comes in 3 s, or it has no port."""
        address = self.stack.address(self.node(name))
        if address is None:
            return None
        connection = http.client.HTTPConnection(address.host, address.port, timeout=3)
        try:
            connection.request("POST", "/login", "user=ada")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def rules(self, name: str) -> str:
        """All packet rules in the node's network, as a container of the tester's own sees them."""
        return self._apart(name, "nft", "list", "ruleset")

    def queues(self, name: str) -> str:
        """All queues of its interfaces, seen likewise."""
        return self._apart(name, "tc", "qdisc", "show")

    def _apart(self, name: str, *words: str) -> str:
        # Docker's own rules for its name server are there too, in tables of the older kind that nft cannot show.
        container = self.stack.state(self.node(name)).identity
        image = self.stack.environment()["image"]
        argv = ["docker", "run", "--rm", "--network", f"container:{container}", "--user", "0", "--cap-add", "NET_ADMIN"]
        return subprocess.run([*argv, image, *words], capture_output=True, text=True, check=True).stdout

    def _argv(self, name: str, code: str, *words: str) -> list[str]:
        return ["docker", "exec", "-i", self.stack.state(self.node(name)).identity, "python3", "-c", code, *words]


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return ""


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def new_run_id() -> str:
    """A run id that no other test has."""
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture(scope="session", params=ENGINES)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack of the lab; whoever harms it heals it."""
    try:
        engine, _ = choose(request.param)
    except EngineError as lacking:
        pytest.skip(str(lacking))
    folder = tmp_path_factory.mktemp("standing")
    stack = open_stack(engine, "sticky-memory", new_run_id(), folder)
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def victim(standing: Stack) -> Node:
    """A replica that is well."""
    return next(node for node in standing.nodes() if node.role is Role.REPLICA)


@pytest.fixture
def client(standing: Stack, victim: Node) -> Client:
    """Who asks the victim directly, at the address it has before it is harmed."""
    address = standing.address(victim)
    assert address is not None
    return Client(address)


@pytest.fixture
def aftermath() -> Aftermath:
    """Looks for what is left of a run."""
    return Aftermath()


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Callable[..., Owner]]:
    """Makes harness processes, and ends them."""
    made: list[Owner] = []

    def make(engine: str, *faults: str) -> Owner:
        run_id = new_run_id()
        made.append(Owner(engine, tmp_path / run_id, run_id, faults))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run's own folder."""
    return tmp_path / "run"


NETWORKED = """
x-outlast: {door: {service: app-2, port: 8000}}
x-node: &node
  image: "${OUTLAST_LAB_IMAGE:-outlast-lab:latest}"
  stop_grace_period: 1s
  dns_opt: ["ndots:1"]
  dns_search: ["."]
x-app: &app
  <<: *node
  command: [python3, -m, outlast_lab_app]
  ports: ["127.0.0.1::8000"]
  environment: &settings {OUTLAST_HOST: 0.0.0.0, OUTLAST_PORT: "8000", OUTLAST_STORE: redis, OUTLAST_STORE_HOST: store}
  healthcheck: {test: [CMD, http-ok, "8000", /health], interval: 1s, timeout: 5s, retries: 5}
  x-outlast: {role: replica, port: 8000}
services:
  app-1: {<<: *app, environment: {<<: *settings, OUTLAST_REPLICA: app-1}}
  app-2: {<<: *app, environment: {<<: *settings, OUTLAST_REPLICA: app-2}}
  store:
    <<: *node
    command: [redis-server, --bind, 0.0.0.0, --protected-mode, "no", --save, ""]
    x-outlast: {role: store, port: 6379}
"""


@pytest.fixture(scope="session")
def networked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two replicas and their store in containers, as few as show a cut; whoever harms it heals it."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    from outlast.stacks import lab, topology
    from outlast.stacks.compose.command import find
    from outlast.stacks.compose.stack import ComposeStack

    folder = tmp_path_factory.mktemp("networked")
    (folder / "networked.yaml").write_text(NETWORKED, encoding="utf-8")
    described = topology.read([folder / "networked.yaml"], os.environ)
    stack = ComposeStack(described, new_run_id(), folder, compose=find(), lab=lab.folder(), tell=print)
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def inside(networked: Stack) -> Inside:
    """Programs of the nodes themselves."""
    return Inside(networked)
